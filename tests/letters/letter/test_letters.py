"""The list of letters: calm with none, with a few, and after years."""

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from couples.models import Invitation, User
from letters.models import Letter, Share
from letters.pages import letters as pages
from letters.pages.letters import FEW
from letters.text import document
from tests.people import Resident, anew

pytestmark = pytest.mark.django_db

LETTERS = reverse("letters:letters")
MANY = 60


def give(letter: Letter, person: Resident) -> Share:
    digest = document.digest(document.blocks(letter.load()))
    return Share.give(letter, person.partner, digest)


@pytest.fixture
def many(ana: Resident, ben: Resident) -> None:
    for person in (ana, ben):
        for _ in range(MANY):
            give(Letter.begin_personal(person), person)
    Letter.begin_joint(ana.partner)


def rows(page: str) -> int:
    return page.count("Given on ") + page.count("Your letter</b>")


def test_alone_the_page_offers_what_one_can_do_alone(as_sol: Client) -> None:
    page = as_sol.get(LETTERS).text
    assert "Nothing here yet." in page
    assert "takes two" in page
    assert "Begin our letter" not in page
    assert reverse("letters:grow") not in page


def names(page: str) -> list[str]:
    """What the links of the list are called, by what they name themselves after."""
    texts = {
        match[1]: re.sub("<[^>]+>", "", match[2])
        for match in re.finditer(r'<(?:a|b|span)\b[^>]*?\bid="([\w-]+)"[^>]*>(.*?)</', page, re.S)
    }
    named = re.findall(r'aria-labelledby="([\w -]+)" href', page)
    return [" ".join(texts[each] for each in ids.split()) for ids in named]


def test_every_link_of_the_list_has_a_name_of_its_own(as_sol: Client, sol: Resident) -> None:
    """For somebody who hears the links one after the other."""
    for began in ("2026-05-03 09:05", "2026-05-03 21:30", "2026-05-04 09:05"):
        letter = Letter.begin_personal(sol)
        letter.created_at = datetime.fromisoformat(f"{began}:00+00:00")
        letter.save(update_fields=["created_at"])
    assert names(as_sol.get(LETTERS).text) == [
        f"{verb} Your letter Begun on {when}."
        for when in ("4 May 2026", "3 May 2026, 21:30", "3 May 2026, 09:05")
        for verb in ("Write", "Read")
    ]


def test_both_find_their_letter_and_what_they_gave_each_other(
    as_ana: Client, as_ben: Client, ana: Resident
) -> None:
    assert "Begin our letter" in as_ana.get(LETTERS).text
    assert reverse("letters:grow") not in as_ana.get(LETTERS).text
    share = give(Letter.begin_personal(ana), ana)
    for client in (as_ana, as_ben):
        page = client.get(LETTERS).text
        assert reverse("letters:share", args=[share.pk]) in page
        assert "Begin it from what you gave each other" in page
    joint = Letter.begin_joint(ana.partner)
    for client in (as_ana, as_ben):
        page = client.get(LETTERS).text
        assert reverse("letters:letter", args=[joint.pk]) in page
        assert "Take lines over from what you gave each other" in page


def test_a_letter_with_somebody_who_left_is_not_here_and_a_new_one_can_begin(
    as_ana: Client, ana: Resident, ben: Resident, eve: User
) -> None:
    old = Letter.begin_joint(ana.partner)
    ben.partner.leave()
    Invitation.make(anew(ana).partner).accept(eve).confirm()
    page = as_ana.get(LETTERS).text
    assert "With Ben" not in page
    assert str(old.pk) not in page
    assert "Begin our letter" in page


def test_a_letter_that_somebody_left_is_nowhere_to_write_in(
    as_ana: Client, ana: Resident, ben: Resident
) -> None:
    joint = Letter.begin_joint(ana.partner)
    pages = [
        *(reverse("couples:home"), reverse("letters:letters")),
        *(reverse("letters:grow"), reverse("letters:questions")),
        *(
            reverse(f"letters:{page}", args=[joint.pk])
            for page in ("letter_read", "notes", "versions", "letter_authors", "passage")
        ),
    ]
    write = f'href="{reverse("letters:letter", args=[joint.pk])}"'
    assert write in as_ana.get(pages[0]).text
    ben.partner.leave()
    for page in pages:
        assert write not in as_ana.get(page, follow=True).text, page
    home = as_ana.get(pages[0]).text
    assert reverse("couples:kept") in home
    assert "Both of you can write at once." not in home


def test_a_letter_of_somebody_who_left_is_not_beside_those_of_whoever_moves_in(
    as_ana: Client, ana: Resident, ben: Resident, eve: User
) -> None:
    give(Letter.begin_personal(ben), ben)
    ben.partner.leave()
    Invitation.make(anew(ana).partner).accept(eve).confirm()
    page = as_ana.get(LETTERS).text
    assert "A letter from Ben" not in page
    assert "From Eve" not in page


def test_after_years_the_newest_lie_on_top(as_ana: Client, many: None) -> None:
    page = as_ana.get(LETTERS).text
    assert rows(page) == 2 * FEW
    assert page.count(f'<a href="?all">{MANY - FEW} earlier letters</a>') == 2
    newest = Letter.objects.personal().filter(person__name="Ana").order_by("-created_at").first()
    assert newest
    assert reverse("letters:letter", args=[newest.pk]) in page


def test_all_of_them_are_one_page_further(as_ana: Client, many: None) -> None:
    page = as_ana.get(LETTERS, {"all": ""}).text
    assert rows(page) == 2 * MANY
    assert "earlier letters" not in page
    # A nudge brings the same page again.
    found = re.search(r'hx-get="([^"]+)"', page)
    assert found
    assert found[1] == f"{LETTERS}?all="
    assert rows(as_ana.get(found[1], headers={"HX-Request": "true"}).text) == 2 * MANY


@pytest.mark.parametrize("which", [{}, {"all": ""}])
def test_years_of_letters_take_no_more_questions(
    as_ana: Client,
    many: None,
    which: dict[str, str],
    django_assert_max_num_queries: Callable[..., Any],
) -> None:
    with django_assert_max_num_queries(8):
        as_ana.get(LETTERS, which)


def test_it_is_only_looked_at(as_ana: Client, client: Client) -> None:
    assert as_ana.post(LETTERS).status_code == 405
    assert client.get(LETTERS)["Location"].startswith(reverse("account_login"))


def test_growing_asks_at_most_twelve_times(
    as_ana: Client, many: None, django_assert_max_num_queries: Callable[..., Any]
) -> None:
    with django_assert_max_num_queries(12):
        as_ana.get(reverse("letters:grow"))


def test_a_list_is_no_longer_than_a_page(
    as_ana: Client, many: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "PAGE", 50)
    first = as_ana.get(LETTERS, {"all": ""}).text
    assert first.count("Your letter</b>") == 50
    assert '<a href="?all=2">10 earlier letters</a>' in first
    second = as_ana.get(LETTERS, {"all": "2"}).text
    assert second.count("Your letter</b>") == 10
    assert "earlier letters" not in second
    # Beyond the last there are none, and nobody is told that there never were.
    for nothing in ("3", "999999999", "x", "-1", "²"):
        page = as_ana.get(LETTERS, {"all": nothing})
        assert page.status_code == 200
        assert "Nothing here yet" not in page.text
        assert "Begin another letter" in page.text


def test_the_list_reads_no_word_of_what_was_given(as_ana: Client, many: None) -> None:
    with CaptureQueriesContext(connection) as asked:
        assert as_ana.get(LETTERS, {"all": ""}).status_code == 200
    assert [each for each in asked if '"letters_share"."shared_at"' in each["sql"]]
    words = re.compile(r'"letters_\w+"\."(words|snapshot|data|packed)"[, ]')
    assert not [each for each in asked if words.search(each["sql"].partition(" FROM ")[0])]
