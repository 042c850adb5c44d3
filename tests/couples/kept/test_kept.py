"""When somebody leaves, both keep everything that both could read, and the same of it."""

import json
import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from couples.kept.book import Book
from couples.models import Couple, Invitation, User, Workspace
from couples.refusals import NotTogether
from letters.models import (
    Document,
    Letter,
    Note,
    Opening,
    Passage,
    Seal,
    Share,
    SharedValues,
    Value,
    Version,
)
from letters.text import document
from letters.values.models import digest as digest_of_values
from principles.models import (
    Agreement,
    Day,
    Moment,
    OwnPrinciple,
    Pledge,
    Review,
    SharedPledge,
    Way,
)
from principles.practices import packed
from principles.practices.models.area import Shares
from principles.reviews.models.mark import Said
from principles.reviews.models.part import ReviewPart
from tests.letters.giving.steps import digest_of, letter_of
from tests.letters.writing import write
from tests.people import PASSWORD, Resident, anew, at_home
from tests.principles.practices.steps import (
    again,
    answer,
    call_out,
    call_unheard,
    give,
    ready,
    switch_on,
    tell,
)

pytestmark = pytest.mark.django_db

KEPT = reverse("couples:kept")
# Every text that both could read begins with this, those that one could read with the others.
BOTH, ANAS, BENS = "both-", "anas-", "bens-"


def give_values(person: Resident, other: Resident, text: str) -> None:
    value, _new = Value.name(person, text)
    every = list(Value.objects.filter(person=person).in_order())
    chosen = [str(value.pk)]
    SharedValues.give(person.partner, str(other.partner.pk), digest_of_values(every), chosen)


def share_day(person: Resident, other: Resident, text: str) -> None:
    day = Day.of(person, timezone.localdate(), "repair", "a small way")
    day.keep(text, 0, "")
    day.share(person.partner, other.partner, 1)


def live_together(ana: Resident, ben: Resident) -> None:
    """One of each, by both."""
    here, there = ana.partner, ben.partner
    _write_letters(ana, ben)
    for person, other in ((ana, ben), (ben, ana)):
        give_values(person, other, f"both-values of {person.name}")
        Pledge.of(person, "repair").write(f"both-pledge of {person.name}", 0)
        Pledge.of(person, "repair").share(person.partner, other.partner, 1)
        share_day(person, other, f"both-day of {person.name}")
    Way.add(here, "repair", "both-way")
    OwnPrinciple.propose(here, "both-own proposed", "both-essence")
    held = Agreement.of(here, "repair").propose(here, "both-agreement", mine="both-line")
    for seat in (here, there):
        held.sign(seat)
    Agreement.of(there, "kindness").propose(there, "both-wording unsigned")
    _review(ana, ben)
    _practise(ana, ben)


def _write_letters(ana: Resident, ben: Resident) -> None:
    here = ana.partner
    sealed = Letter.begin_joint(here)
    write(sealed, ana, "both-sealed letter")
    for seat in (here, ben.partner):
        Seal.sign(sealed, seat, digest_of(sealed))
    joint = Letter.begin_joint(here)
    write(joint, ana, "both-joint letter by Ana")
    Version.take(joint, Version.Kind.NAMED, by=ana, name="both-version")
    write(joint, ben, "both-joint letter by Ben")
    Note.leave(joint, here, uuid4(), "comment", "both-quote", "both-note")
    Passage.keep(joint, ana, "anas-passage", 0, "")
    for person in (ana, ben):
        given = letter_of(person, f"both-given by {person.name}")
        Share.give(given, person.partner, digest_of(given))
        write(given, person, f"{person.name.lower()}s-later words")
        put_away(person, f"both-hard day of {person.name}", None)
        put_away(person, f"both-due of {person.name}", -1)
        put_away(person, f"{person.name.lower()}s-not due", 5)


def put_away(person: Resident, words: str, days: int | None) -> None:
    letter = letter_of(person, words)
    day = None if days is None else timezone.localdate() + timedelta(days=days)
    Opening.put_away(letter, person.partner, digest_of(letter), Opening.Audience.OTHER, day)


def _review(ana: Resident, ben: Resident) -> None:
    review = Review.begin(ana.partner)
    item = review.items.get()
    for person in (ana, ben):
        said = {item.pk: Said("wobbling", f"both-mark of {person.name}")}
        review.done(person.partner, said, thanks=f"both-thanks of {person.name}")
    ReviewPart.say(item, ben.partner, "both-part of Ben", 0)
    Review.objects.get(pk=review.pk).close(None)
    blind = Review.begin(ana.partner)
    item = blind.items.get()
    blind.mark(ana.partner, {item.pk: Said("reword", "anas-mark")}, thanks="anas-thanks")


def _practise(ana: Resident, ben: Resident) -> None:
    offer = give(ana, "backs", "both-offer")
    offer.respond(ben.partner, "with", "both-answer")
    again(offer).follow(ana.partner, "both-afterwards")
    give(ana, "kindness", "anas-taken back").withdraw(ana.partner)
    repair = give(ana, "repair", "both-repair")
    tell(repair, ben, "both-side of Ben", "both-part of Ben")
    again(repair).write(ana.partner, packed.pack({"story": "anas-side"}), 0)
    unseen = give(ben, "joint-decisions", "both-question")
    unseen.write(ana.partner, answer("yes", "anas-answer"), 0)
    asked = give(ana, "joint-decisions", "both-decision")
    for person in (ana, ben):
        ready(asked, person, "yes", f"both-yes of {person.name}")
    needs = give(ben, "ws", "both-needs")
    for person in (ana, ben):
        ready(needs, person, "", f"both-need of {person.name}")
    again(needs).add_idea(ana.partner, "both-idea")
    area = give(ana, "share-power", "both-area")
    again(area).propose(ben.partner, Shares("one", "both"), "both-proposal")
    call = call_out(ana)
    call.say(ana.partner, "both-call")
    again(call).end(ana.partner)


@pytest.fixture
def couple(ana: Resident, ben: Resident) -> Couple:
    assert ana.partner.couple is not None
    return ana.partner.couple


@pytest.fixture
def lived(ana: Resident, ben: Resident, couple: Couple) -> Couple:
    live_together(ana, ben)
    return couple


@pytest.fixture
def parted(lived: Couple, ben: Resident) -> Couple:
    ben.partner.leave()
    return lived


def words(text: str, begin: str) -> set[str]:
    main = text.split("<main")[1].split("</main>")[0] if "<main" in text else text
    return set(re.findall(rf"\b{begin}[A-Za-z ]+[A-Za-z]", main))


def address(couple: Couple, *more: str) -> str:
    name = {0: "kept_book", 1: "kept_chapter"}[len(more)]
    return reverse(f"couples:{name}", args=[couple.pk, *more])


def chapters(client: Client, couple: Couple) -> dict[str, str]:
    """Every page of every chapter, by its slug, without what is of the request alone."""
    book = client.get(address(couple)).text
    slugs = re.findall(rf"/kept/{couple.pk}/([a-z-]+)/", book)
    told = {}
    for slug in slugs:
        pages = [client.get(address(couple, slug) + f"?page={n}").text for n in (1, 2)]
        told[slug] = "".join(page.split("<main")[1].split("</main>")[0] for page in pages)
    return told


def expected() -> set[str]:
    source = Path(__file__).read_text()  # every word that both could read
    found = set(re.findall(r'"(both-[A-Za-z ]+[A-Za-z])"', source))
    for of in re.findall(r'f"(both-[A-Za-z ]+) \{person\.name\}"', source):
        found |= {f"{of} Ana", f"{of} Ben"}
    return found


def test_both_keep_everything_that_both_could_read_and_the_same_of_it(
    parted: Couple, as_ana: Client, as_ben: Client
) -> None:
    """Who stayed has nothing more than who left."""
    hers, his = chapters(as_ana, parted), chapters(as_ben, parted)
    for told in (hers, his):
        assert expected() == words("".join(told.values()), BOTH)
    shared = [slug for slug in hers if not slug.startswith("own-")]
    assert shared == [slug for slug in his if not slug.startswith("own-")]
    for slug in shared:
        swapped = his[slug].replace("With Ana", "With Ben")
        assert swapped == hers[slug], slug


def test_what_only_one_could_read_stays_with_that_one(
    parted: Couple, as_ana: Client, as_ben: Client
) -> None:
    hers = "".join(chapters(as_ana, parted).values())
    his = "".join(chapters(as_ben, parted).values())
    assert words(hers, ANAS) == {
        "anas-passage", "anas-mark", "anas-thanks", "anas-side", "anas-answer",
    }  # fmt: skip
    assert words(his, ANAS) == words(hers, BENS) == set()


def test_a_book_says_which_of_its_chapters_the_other_has_as_well(
    ana: Resident, ben: Resident, couple: Couple, as_ana: Client
) -> None:
    switch_on(ana, ben)
    call_out(ana)
    give(ana, "ws", "The summer.")
    ben.partner.leave()
    for_both, hers = as_ana.get(address(couple)).text.split("What only you have")
    assert "has the same" in for_both
    assert "/practices/" in for_both
    assert "/calls/" not in for_both
    assert "/calls/" in hers
    assert "has the same" not in hers


@pytest.mark.parametrize("his", ["on", "off"])
def test_of_calls_each_keeps_what_they_could_read_and_the_caller_learns_nothing_of_switches(
    his: str, ana: Resident, ben: Resident, couple: Couple, as_ana: Client, as_ben: Client
) -> None:
    if his == "on":
        switch_on(ben)
    call = call_unheard(ana)
    call.say(ana.partner, "Please come.")
    ben.partner.leave()
    hers, his_own = chapters(as_ana, couple), chapters(as_ben, couple)
    assert list(hers) == ["calls"]
    assert "Please come." in hers["calls"]
    assert list(his_own) == (["calls"] if his == "on" else [])
    if his == "on":
        assert his_own["calls"].replace("With Ana", "With Ben") == hers["calls"]
    Moment.objects.filter(pk=call.pk).update(reached_at=None if his == "on" else timezone.now())
    assert chapters(as_ana, couple) == hers


@pytest.mark.parametrize("form", ["txt", "md", "json"])
def test_each_takes_all_of_it_along_after_a_fresh_sign_in(
    form: str, parted: Couple, as_ana: Client, as_ben: Client
) -> None:
    file = reverse("couples:kept_file", args=[parted.pk, form])
    for client in (as_ana, as_ben):
        again = client.get(file)["Location"]
        assert again.startswith(reverse("account_reauthenticate"))
        client.post(again, {"password": PASSWORD})
        answer = client.get(file)
        text = answer.text.replace("\\-", "-").replace("\\n", "\n")
        assert words(text, BOTH) == expected()
        assert answer["Content-Disposition"] == f'attachment; filename="kept.{form}"'
    if form == "json":
        assert json.loads(answer.text)["people"] == ["Ana", "Ben"]
    assert as_ana.get(reverse("couples:kept_file", args=[parted.pk, "exe"])).status_code == 404


def test_nobody_else_finds_any_of_it(
    parted: Couple,
    ana: Resident,
    cleo: Resident,
    as_cleo: Client,
    as_eve: Client,
    client: Client,
) -> None:
    """An outsider, somebody who had left before, whoever moves in next, and a visitor."""
    Invitation.make(anew(ana).partner).accept(cleo).confirm()
    pages = [
        address(parted),
        address(parted, "our-letter"),
        reverse("couples:kept_file", args=[parted.pk, "txt"]),
    ]
    for page in pages:
        for visitor in (as_cleo, as_eve):
            answer = visitor.get(page, follow=True)
            assert answer.status_code == 404 or b"reauthenticate" in answer.content
            assert not words(answer.text, BOTH)
        assert client.get(page)["Location"].startswith(reverse("account_login"))
    for visitor in (as_cleo, as_eve):
        assert str(parted.pk) not in visitor.get(KEPT).text


def test_the_next_partner_is_not_shown_that_there_was_something(
    parted: Couple, ana: Resident, cleo: Resident, as_cleo: Client
) -> None:
    Invitation.make(anew(ana).partner).accept(cleo).confirm()
    for page in ("couples:home", "couples:us", "letters:letters", "principles:reviews"):
        text = as_cleo.get(reverse(page)).text
        assert KEPT not in text.split("<main")[1]
        assert not words(text, BOTH)


def test_who_stays_has_none_of_it_on_other_pages(parted: Couple, as_ana: Client) -> None:
    for name in ("letters:letters", "letters:our_values", "principles:ours"):
        assert not words(as_ana.get(reverse(name)).text, BOTH), name
    for name, slug in (("wordings", "repair"), ("principle", "repair"), ("history", "backs")):
        text = as_ana.get(reverse(f"principles:{name}", args=[slug])).text
        assert words(text, BOTH) <= {"both-pledge of Ana"}, name


def test_an_address_from_then_leads_to_what_is_kept(
    lived: Couple, ben: Resident, as_ana: Client, as_ben: Client, as_eve: Client
) -> None:
    joint = lived.letters.get(closed_at=None)
    rows = {
        reverse("letters:letter", args=[joint.pk]): "our-letter",
        reverse("letters:letter_read", args=[joint.pk]): "our-letter",
        reverse("letters:share", args=[Share.objects.first().pk]): "given",  # type: ignore[union-attr]
        reverse("principles:review", args=[Review.objects.first().pk]): "reviews",  # type: ignore[union-attr]
        reverse("principles:moment", args=[lived.moments.first().pk]): "practices",  # type: ignore[union-attr]
    }
    ben.partner.leave()
    for page, slug in rows.items():
        for client in (as_ana, as_ben):
            assert client.get(page)["Location"] == address(lived, slug), page
            assert client.post(page).status_code in (302, 404, 405)
            assert client.get(page, headers={"HX-Request": "true"}).status_code in (302, 404)
        assert as_eve.get(page)["Location"] == reverse("couples:begin")


def test_it_is_only_read(parted: Couple, as_ana: Client) -> None:
    for page in (KEPT, address(parted), address(parted, "our-letter")):
        assert as_ana.post(page).status_code == 405


def test_nobody_takes_anything_back_from_the_other(
    lived: Couple, ana: Resident, ben: Resident, as_ana: Client
) -> None:
    mine: dict[str, dict[str, str]] = {
        reverse("letters:share_take_back", args=[Share.objects.get(giver=ana.partner).pk]): {},
        reverse("letters:values_take_back"): {},
        reverse("principles:pledge_take_back", args=["repair"]): {},
        reverse("principles:day_take_back", args=[Day.objects.get(person=ana).pk]): {},
    }
    ben.partner.leave()
    before = chapters(as_ana, lived)
    for page in mine:
        as_ana.post(page)
    assert chapters(as_ana, lived) == before
    for row in (
        Share.objects.get(giver=ana.partner),
        Opening.objects.filter(giver=ana.partner).first(),
        SharedValues.objects.get(giver=ana.partner),
        SharedPledge.objects.get(partner=ana.partner),
        Day.objects.get(person=ana).shares.get(),
    ):
        with pytest.raises(NotTogether):
            row.take_back()  # type: ignore[union-attr]


def test_an_edit_that_is_on_its_way_comes_too_late(lived: Couple, ana: Resident) -> None:
    """A page that has the letter open while the other leaves is told within a second or two."""
    joint = lived.letters.get(closed_at=None)
    before = digest_of(joint)
    seq = Document.objects.get(pk=joint.pk).seq
    ana.partner.leave()
    write(joint, ana, "anas-late words")
    assert digest_of(joint) == before
    assert Document.objects.get(pk=joint.pk).seq == seq


def test_what_is_done_with_the_next_one_changes_nothing_in_it(
    parted: Couple, ana: Resident, cleo: Resident, as_ben: Client
) -> None:
    before = chapters(as_ben, parted)
    Invitation.make(anew(ana).partner).accept(cleo).confirm()
    live_together(anew(ana), anew(cleo))
    assert chapters(as_ben, parted) == before


def test_a_later_name_is_not_told(
    parted: Couple, ben: Resident, as_ana: Client, as_ben: Client
) -> None:
    before = chapters(as_ana, parted)
    ben.rename("Benedict")
    assert chapters(as_ana, parted) == before
    for client in (as_ana, as_ben):
        assert "Benedict" not in client.get(KEPT).text.split("<main")[1]


def test_who_left_finds_the_way_without_a_home(parted: Couple, as_ben: Client) -> None:
    for page in ("couples:begin", "couples:us"):
        assert f'href="{KEPT}"' in as_ben.get(reverse(page)).text
    assert f'href="{address(parted)}"' in as_ben.get(KEPT).text


def test_who_stayed_finds_it_on_their_home(parted: Couple, as_ana: Client) -> None:
    assert f'href="{KEPT}"' in as_ana.get(reverse("couples:home")).text


def test_while_two_live_together_nothing_is_kept(
    lived: Couple, as_ana: Client, as_ben: Client
) -> None:
    for client in (as_ana, as_ben):
        assert client.get(address(lived)).status_code == 404
        assert str(lived.pk) not in client.get(KEPT).text


def test_the_page_of_leaving_says_what_both_keep(as_ben: Client) -> None:
    again = as_ben.get(reverse("couples:leave"))["Location"]
    as_ben.post(again, {"password": PASSWORD})
    page = " ".join(as_ben.get(reverse("couples:leave")).text.split())
    assert "What both of you can read today, you both keep" in page
    assert "What nobody but you has read stays yours alone" in page


# -- Coming back ---------------------------------------------------------------------------------


@pytest.fixture
def back(parted: Couple, ana: Resident, ben: Resident) -> Couple:
    """Ben invites Ana to a home of his; the seats are the other way round."""
    Workspace.begin(User.objects.get(pk=ben.pk))
    Invitation.make(anew(ben).partner).accept(User.objects.get(pk=ana.pk)).confirm()
    return parted


def test_coming_back_both_have_it_still(back: Couple, as_ana: Client, as_ben: Client) -> None:
    for client in (as_ana, as_ben):
        told = chapters(client, back)
        assert words("".join(told.values()), BOTH) == expected()
        assert "Take it up again" in told["our-letter"]
        assert "Take it up again" in told["agreements"]


def test_the_letter_is_taken_up_again_with_its_authors(
    back: Couple, ana: Resident, ben: Resident, as_ana: Client
) -> None:
    before = back.letters.get(closed_at=None)
    again = reverse("letters:letter_again", args=[before.pk])
    page = as_ana.post(again)["Location"]
    letter = Letter.objects.get(pk=page.split("/")[2])
    assert letter.couple == anew(ben).partner.couple
    assert document.digest(document.blocks(letter.load())) == digest_of(before)
    told = as_ana.get(reverse("letters:letter_authors", args=[letter.pk])).text
    assert "Ben wrote:" in told
    assert as_ana.post(again)["Location"] == page


def test_an_agreement_is_proposed_again_and_needs_both(
    back: Couple, ana: Resident, ben: Resident, as_ana: Client
) -> None:
    held = Agreement.objects.get(couple=back, principle="repair").wordings.get()
    as_ana.post(reverse("principles:wording_again", args=[held.pk]))
    new = Agreement.of(anew(ana).partner, "repair").newest()
    assert new is not None
    assert new.text == "both-agreement"
    assert new.own_line(anew(ana).partner) == "both-line"
    assert not new.is_signed_by_anybody


@pytest.mark.parametrize("name", ["letter_again", "wording_again"])
def test_nobody_else_takes_it_up(
    name: str, parted: Couple, ana: Resident, cleo: Resident, as_ana: Client, as_cleo: Client
) -> None:
    Invitation.make(anew(ana).partner).accept(cleo).confirm()
    if name == "letter_again":
        page = reverse(f"letters:{name}", args=[parted.letters.get(closed_at=None).pk])
    else:
        held = Agreement.objects.get(couple=parted, principle="repair").wordings.get()
        page = reverse(f"principles:{name}", args=[held.pk])
    for client in (as_ana, as_cleo):
        assert client.post(page).status_code == 404
    assert "Take it up again" not in "".join(chapters(as_ana, parted).values())


# -- How it is made ------------------------------------------------------------------------------


def test_a_page_of_it_asks_little(
    ana: Resident,
    ben: Resident,
    couple: Couple,
    as_ana: Client,
    django_assert_max_num_queries: Callable[..., Any],
) -> None:
    for number in range(12):
        needs = give(ben, "ws", "The summer.")
        for person in (ana, ben):
            ready(needs, person, "", f"The sea, {number}.")
        again(needs).add_idea(ana.partner, "A tent.")
        tell(give(ana, "repair"), ana)
        again(give(ana, "share-power")).propose(ana.partner, Shares("one", "two"), "x")
    ben.partner.leave()
    with django_assert_max_num_queries(40):
        assert "The sea" in as_ana.get(address(couple, "practices")).text


def test_the_functions_for_both_are_not_told_who_looks(parted: Couple, ana: Resident) -> None:
    book = Book.of(at_home(ana), parted.pk)
    assert {each.slug for each in book.of_both()}.isdisjoint(each.slug for each in book.of_one())
