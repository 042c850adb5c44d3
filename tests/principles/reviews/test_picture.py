"""The picture over time: what past reviews said, drawn and as a table; nothing of any other."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.dateformat import format as date_format

from couples.models import Invitation, User
from principles.models import Agreement, OwnPrinciple, Review, ReviewPart
from principles.reviews import picture as pictures
from principles.reviews.models.mark import Said
from tests.conftest import signed_in
from tests.people import Resident, anew
from tests.principles.reviews.steps import again, begin, close, reveal, said

WHERE = "/reviews/picture/"
HTMX = {"HX-Request": "true"}
SIGNS = {
    "holding": '<circle class="full" r="6" />',
    "wobbling": '<path class="line" d="M-8 0q4-9 8 0t8 0" />',
    "reword": '<path class="line" d="M-5.5-5.5h11v11h-11zM-5.5 5.5l11-11" />',
    "open": '<circle class="faint" r="1.8" />',
}


def look_back(
    ana: Resident, ben: Resident, hers: str = "", his: str = "", days_ago: int = 0, wish: str = ""
) -> Review:
    """A closed review of one agreement, so many days ago."""
    review = begin(ana, ben, 1)
    again(review).done(ana.partner, said(review, Said(hers, "")))
    again(review).done(ben.partner, said(review, Said(his, "not-to-be-drawn")))
    if wish:
        item = again(review).items.get()
        for person in (ana, ben):
            ReviewPart.wish_for(item, person.partner, wish)
        suspension = item.wording.agreement.suspension
        if suspension:  # so that it is looked at the next time, too
            suspension.end()
    again(review).close(None)
    when = timezone.now() - timedelta(days=days_ago)
    Review.objects.filter(pk=review.pk).update(began_at=when, revealed_at=when, closed_at=when)
    return again(review)


def day(review: Review, how: str = "j F") -> str:
    """On which both saw it."""
    assert review.revealed_at
    return date_format(review.revealed_at, how)


def strip(page: str) -> str:
    found = re.search(r'<svg class="strip".*?</svg>', page, re.S)
    assert found
    return found[0]


def rows(page: str) -> list[list[str]]:
    """The table as it is read out."""
    body = re.search(r"<tbody>.*?</tbody>", page, re.S)
    assert body
    cells = [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.S) for row in body[0].split("</tr>")]
    return [[re.sub(r"<[^>]+>", "", cell).strip() for cell in row] for row in cells if row]


def test_each_mark_is_a_shape_of_its_own(ana: Resident, ben: Resident, as_ana: Client) -> None:
    assert len(set(SIGNS.values())) == 4
    look_back(ana, ben, "holding", "wobbling", 20)
    look_back(ana, ben, "reword", "", 10)
    drawn = strip(as_ana.get(WHERE).text)
    in_order = [SIGNS["holding"], SIGNS["wobbling"], SIGNS["reword"], SIGNS["open"]]
    places = [drawn.index(sign) for sign in in_order]
    assert places == sorted(places)
    upper = re.findall(r'class="one" transform="translate\((\d+) 13\)', drawn)
    lower = re.findall(r'class="two" transform="translate\((\d+) 39\)', drawn)
    assert upper == lower == ["14", "42"]


def test_the_table_says_the_same_newest_first(ana: Resident, ben: Resident, as_ana: Client) -> None:
    first = look_back(ana, ben, "holding", "wobbling", 20, "pause")
    last = look_back(ana, ben, "reword", "", 10, "reword")
    page = as_ana.get(WHERE).text
    assert rows(page) == [
        [day(last), "Reword", "Left open", "Find other words"],
        [day(first), "Holding", "Wobbling", "Pause it for a while"],
    ]
    for review in (first, last):
        assert f'href="{reverse("principles:review", args=[review.pk])}#item-0"' in page


@pytest.mark.parametrize("wish", ["keep", "reword", "pause", "retire"])
def test_what_both_decided_has_a_sign(
    ana: Resident, ben: Resident, as_ana: Client, wish: str
) -> None:
    look_back(ana, ben, "holding", "holding", 3, wish)
    drawn = strip(as_ana.get(WHERE).text)
    signs = re.findall(r'<g class="both"[^>]*>(.*?)</g>', drawn, re.S)
    assert [bool(sign.strip()) for sign in signs] == [wish != "keep"]


def test_who_wrote_which_line_is_said(ana: Resident, ben: Resident, as_ben: Client) -> None:
    look_back(ana, ben, "holding", "wobbling")
    page = as_ben.get(WHERE).text
    assert page.index("<bdi>Ana</bdi>") < page.index("<bdi>Ben</bdi>")


def test_nothing_is_counted(ana: Resident, ben: Resident, as_ana: Client) -> None:
    for ago in range(5):
        look_back(ana, ben, "holding", "holding", ago * 7)
    text = re.sub(r"<[^>]+>", " ", as_ana.get(WHERE).text.split("<h1>")[1])
    days = {day(each) for each in Review.objects.all()}
    days |= {day(each, "j F Y") for each in Review.objects.all()}
    for each in sorted(days, key=len, reverse=True):
        text = text.replace(each, "")
    assert not re.search(r"\d|%|streak|score|total", text)


def test_notes_and_parts_are_not_in_the_picture(
    ana: Resident, ben: Resident, as_ana: Client
) -> None:
    look_back(ana, ben, "holding", "wobbling")
    assert "not-to-be-drawn" not in as_ana.get(WHERE).text


@pytest.mark.parametrize("stage", ["marking", "done", "revealed", "stopped"])
def test_a_review_that_is_not_past_leaves_no_trace(
    ana: Resident, ben: Resident, as_ana: Client, stage: str
) -> None:
    look_back(ana, ben, "holding", "wobbling", 5)

    def seen() -> list[str]:
        return [as_ana.get(WHERE).text, as_ana.get(f"{WHERE}?of=backs", headers=HTMX).text]

    def drawn() -> list[str]:
        return [re.sub(r"X-CSRFToken[^}]*", "", page) for page in seen()]

    before = drawn()
    review = begin(ana, ben, 1)
    review.mark(ben.partner, said(review, Said("reword", "")))
    if stage == "done":
        again(review).done(ben.partner, {})
    elif stage == "revealed":
        reveal(review, ana, ben)
    elif stage == "stopped":
        again(review).stop()
    assert drawn() == before


def test_older_ones_are_on_another_page(ana: Resident, ben: Resident, as_ana: Client) -> None:
    reviews = [look_back(ana, ben, "holding", "", 100 - number) for number in range(14)]
    newest, oldest = as_ana.get(WHERE).text, as_ana.get(f"{WHERE}?page=2").text
    for review in reviews[:2]:
        assert str(review.pk) in oldest
        assert str(review.pk) not in newest
    for review in reviews[2:]:
        assert str(review.pk) in newest
        assert str(review.pk) not in oldest
    assert len(rows(newest)) == pictures.PAGE
    assert as_ana.get(f"{WHERE}?page=nonsense").status_code == 200


def test_a_single_older_one_is_not_called_the_only_one(
    ana: Resident, ben: Resident, as_ana: Client
) -> None:
    oldest = look_back(ana, ben, "holding", "", 100)
    only = f"One review so far, of {day(oldest)}."
    assert only in as_ana.get(WHERE).text
    for number in range(pictures.PAGE):
        look_back(ana, ben, "holding", "", 50 - number)
    page = as_ana.get(f"{WHERE}?page=2").text
    assert str(oldest.pk) in page
    assert "One review so far" not in page
    assert f"Of {day(oldest)}." in page


def test_every_strip_has_the_same_places(ana: Resident, ben: Resident, as_ana: Client) -> None:
    look_back(ana, ben, "holding", "holding", 9)
    close(begin(ana, ben, 2), ana, ben)
    page = as_ana.get(WHERE).text
    backs, emergency = re.findall(r'<svg class="strip".*?</svg>', page, re.S)
    assert re.findall(r'class="one" transform="translate\((\d+)', backs) == ["14", "42"]
    # It was not there the first time: its place is empty.
    assert re.findall(r'class="one" transform="translate\((\d+)', emergency) == ["42"]


def test_a_principle_of_our_own_comes_after_the_ten(
    ana: Resident, ben: Resident, as_ana: Client
) -> None:
    own = OwnPrinciple.propose(ana.partner, "We walk before we talk")
    own.agree(ben.partner)
    wording = Agreement.of(ana.partner, own.principle).propose(ana.partner, "We do.")
    for person in (ana, ben):
        wording.sign(person.partner)
    close(begin(ana, ben, 1), ana, ben)
    page = as_ana.get(WHERE).text
    assert page.index("We have each other’s backs") < page.index("We walk before we talk")


def test_those_of_our_own_stand_in_the_order_we_gave_them(
    ana: Resident, ben: Resident, as_ana: Client
) -> None:
    for name in ("We walk before we talk", "We answer the door together"):
        own = OwnPrinciple.propose(ana.partner, name)
        own.agree(ben.partner)
        wording = Agreement.of(ana.partner, own.principle).propose(ana.partner, "We do.")
        for person in (ana, ben):
            wording.sign(person.partner)
    close(begin(ana, ben, 1), ana, ben)
    page = as_ana.get(WHERE).text
    assert page.index("We walk before we talk") < page.index("We answer the door together")


def test_one_principle_has_its_own_strip_on_its_page(
    ana: Resident, ben: Resident, as_ana: Client
) -> None:
    part = f"{WHERE}?of=backs"
    assert as_ana.get(part, headers=HTMX).text.strip() == ""
    close(begin(ana, ben, 2), ana, ben)
    shown = as_ana.get(part, headers=HTMX).text
    assert shown.count("<svg") == 1
    assert "<html" not in shown
    assert as_ana.get(f"{WHERE}?of=repair", headers=HTMX).text.strip() == ""
    assert part in as_ana.get(reverse("principles:principle", args=["backs"])).text


def test_before_the_first_review_it_says_so(as_ana: Client, as_sol: Client) -> None:
    for client in (as_ana, as_sol):
        page = client.get(WHERE)
        assert page.status_code == 200
        assert "Nothing to see yet." in page.text


def test_it_is_of_the_two_and_of_nobody_else(
    ana: Resident, ben: Resident, as_cleo: Client, as_eve: Client, as_anonymous: Client
) -> None:
    review = close(begin(ana, ben, 1), ana, ben)
    for url in (WHERE, f"{WHERE}?of=backs"):
        for headers in ({}, HTMX):
            page = as_cleo.get(url, headers=headers)
            assert str(review.pk) not in page.text
            assert "<svg class" not in page.text
            assert as_eve.get(url, headers=headers)["Location"] == reverse("couples:begin")
            assert as_anonymous.get(url, headers=headers)["Location"].startswith("/account/login/")
    assert as_cleo.post(WHERE).status_code == 405


def test_after_one_has_left_it_is_of_nobody_here_any_more(
    ana: Resident, ben: Resident, cleo: Resident, as_ana: Client, as_ben: Client
) -> None:
    review = close(begin(ana, ben, 1), ana, ben)
    ben.partner.leave()
    assert str(review.pk) not in as_ana.get(WHERE).text
    assert as_ben.get(WHERE)["Location"] == reverse("couples:begin")
    newcomer = anew(cleo)
    newcomer.partner.leave()
    Invitation.make(anew(ana).partner).accept(newcomer).confirm()
    for client in (signed_in(User.objects.get(pk=cleo.pk)), signed_in(ana)):
        page = client.get(WHERE).text
        assert str(review.pk) not in page
        assert "Nothing to see yet." in page
