"""Written quietly: nobody else's until it is placed, placed once, and never lost on the way."""

from typing import Any
from uuid import UUID, uuid4

import pycrdt
import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from couples.models import Workspace
from letters.models import Entry, Letter, Passage, Seal, Update
from letters.text import document
from letters.text.model import PLACED
from tests.letters.sheets import Written
from tests.people import Resident
from tests.races import while_another
from tests.responses import without_tokens

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}
CANARY = "a canary that sings quietly"


def address(name: str, letter: Letter) -> str:
    return reverse(f"letters:{name}", args=[letter.pk])


def write(client: Client, letter: Letter, text: str, revision: int = 0, tab_id: str = "") -> Any:
    what = {"text": text, "revision": revision, "tab_id": tab_id}
    return client.post(address("passage", letter), what, headers=HTMX)


def take(client: Client, letter: Letter, revision: int = 1, again: str = "") -> Any:
    what = {"revision": revision, "again": again}
    return client.post(address("passage_take", letter), what, headers=HTMX)


def arrive(letter: Letter, person: Resident, placing: str) -> None:
    """What the page does: the words and the marker, in one update."""
    page = Written(letter, person)
    with page.at_once():
        page.split()
        page.write(CANARY)
        page.doc.get(PLACED, type=pycrdt.Map)[page.seat] = placing


def placed(client: Client, letter: Letter, placing: str) -> Any:
    return client.post(address("passage_placed", letter), {"placing": placing}, headers=HTMX)


def test_it_is_kept_as_it_is_typed(as_ana: Client, letter: Letter, ana: Resident) -> None:
    assert write(as_ana, letter, CANARY)["X-Revision"] == "1"
    assert CANARY in as_ana.get(address("passage", letter)).text
    assert CANARY in as_ana.get(address("passage", letter), headers=HTMX).text
    assert as_ana.post(address("passage", letter), {"text": "x", "revision": 1}).status_code == 302


def test_two_windows_lose_nothing(as_ana: Client, letter: Letter) -> None:
    write(as_ana, letter, "from the phone")
    response = write(as_ana, letter, "from the desk")
    assert response.status_code == 409
    assert "from the phone" in response.text
    assert "from the desk" in response.text
    assert Passage.objects.get().text == "from the phone"


def test_too_long_is_said_and_kept_on_the_page(as_ana: Client, letter: Letter) -> None:
    response = write(as_ana, letter, "kettle " * 3000)
    assert response.status_code == 422
    assert "kettle kettle" in response.text


def test_it_lies_sealed_with_the_persons_key(letter: Letter, ana: Resident) -> None:
    passage = Passage.keep(letter, ana, CANARY, 0, "")
    assert passage.key_owner_id == ana.pk
    with connection.cursor() as cursor:
        cursor.execute("SELECT text FROM letters_passage")
        assert CANARY.encode() not in bytes(cursor.fetchone()[0])


@pytest.mark.parametrize("who", ["as_ben", "as_cleo", "as_eve", "as_anonymous"])
def test_nobody_else_finds_it_changes_it_or_places_it(
    who: str, as_ana: Client, letter: Letter, request: Any
) -> None:
    write(as_ana, letter, CANARY)
    placing = take(as_ana, letter).json()["placing"]
    client = request.getfixturevalue(who)
    for name in ("passage", "passage_take", "passage_placed", "passage_discard"):
        for headers in ({}, HTMX):
            got = client.get(address(name, letter), headers=headers)
            what = {"text": "x", "revision": 1, "placing": placing, "again": placing}
            posted = client.post(address(name, letter), what, headers=headers)
            assert CANARY not in got.text + posted.text
    kept = Passage.objects.get(person__name="Ana")
    assert (kept.text, str(kept.placing)) == (CANARY, placing)


def test_the_partner_gets_the_same_pages_whether_it_exists_or_not(
    as_ana: Client, as_ben: Client, letter: Letter
) -> None:
    """Neither the words nor that there are any."""

    def pages() -> list[str]:
        names = ("letter", "letter_read", "notes")
        shown = [as_ben.get(address(name, letter)).text for name in names]
        shown += [as_ben.get(reverse(name)).text for name in ("letters:letters", "couples:home")]
        return [without_tokens(page) for page in shown]

    before = pages()
    write(as_ana, letter, CANARY)
    assert pages() == before


def test_a_personal_letter_needs_no_quiet(as_ana: Client, ana: Resident) -> None:
    own = Letter.begin_personal(ana)
    assert as_ana.get(address("passage", own)).status_code == 404
    assert write(as_ana, own, "x").status_code == 404


def test_what_begins_like_a_line_is_one(letter: Letter, ana: Resident) -> None:
    text = "First,\r\nand on.\n\n\nI want to be slower.\ni want to Ask.\nI want tomatoes.\n \n"
    passage = Passage.keep(letter, ana, text, 0, "")
    assert [(block.kind.value, block.text) for block in passage.blocks] == [
        ("paragraph", "First,\nand on."),
        ("line", "I want to be slower."),
        ("line", "i want to Ask."),
        ("paragraph", "I want tomatoes."),
    ]


# -- Placing -------------------------------------------------------------------------------------


def test_placing_hands_out_the_words_and_keeps_them_until_they_have_arrived(
    as_ana: Client, letter: Letter, ana: Resident
) -> None:
    write(as_ana, letter, CANARY)
    taken = take(as_ana, letter).json()
    assert taken["blocks"] == [["paragraph", CANARY]]
    # The page may say what it likes: the stored letter is asked.
    placed(as_ana, letter, taken["placing"])
    assert Passage.objects.get().text == CANARY
    arrive(letter, ana, taken["placing"])
    response = placed(as_ana, letter, taken["placing"])
    assert CANARY not in response.text
    assert 'name="revision" value="2"' in response.text
    kept = Passage.objects.get()
    assert (kept.text, kept.placing) == ("", None)


def test_a_second_page_is_refused_before_it_inserts_anything(
    as_ana: Client, letter: Letter
) -> None:
    write(as_ana, letter, CANARY)
    take(as_ana, letter)
    second = take(as_ana, letter)
    assert second.status_code == 409
    assert "data-again" in second.text
    assert CANARY in second.text


def test_words_that_have_arrived_are_not_handed_out_again(
    as_ana: Client, letter: Letter, ana: Resident
) -> None:
    """The page died after the letter was saved, before it could say so."""
    write(as_ana, letter, CANARY)
    arrive(letter, ana, take(as_ana, letter).json()["placing"])
    again = take(as_ana, letter)
    assert again.status_code == 409
    assert CANARY not in again.text
    assert CANARY not in as_ana.get(address("passage", letter)).text


def test_a_page_that_died_with_the_words_has_lost_none(
    as_ana: Client, letter: Letter, ana: Resident
) -> None:
    write(as_ana, letter, CANARY)
    first = take(as_ana, letter).json()["placing"]
    shown = as_ana.get(address("passage", letter), headers=HTMX).text
    assert CANARY in shown
    assert f'data-again="{first}"' in shown
    second = take(as_ana, letter, again=first).json()["placing"]
    # The name of the first placing has no power any more.
    arrive(letter, ana, first)
    placed(as_ana, letter, first)
    assert Passage.objects.get().text == CANARY
    assert take(as_ana, letter, again=first).status_code == 409
    arrive(letter, ana, second)
    placed(as_ana, letter, second)
    assert Passage.objects.get().text == ""


def test_words_written_after_they_were_taken_stay(
    as_ana: Client, letter: Letter, ana: Resident
) -> None:
    write(as_ana, letter, CANARY)
    placing = take(as_ana, letter).json()["placing"]
    write(as_ana, letter, f"{CANARY} and on", 1)
    arrive(letter, ana, placing)
    placed(as_ana, letter, placing)
    kept = Passage.objects.get()
    assert (kept.text, kept.placing) == (f"{CANARY} and on", None)


def test_older_or_no_words_are_not_handed_out(as_ana: Client, letter: Letter) -> None:
    assert take(as_ana, letter, 0).status_code == 409
    write(as_ana, letter, "one")
    write(as_ana, letter, "two", 1)
    stale = take(as_ana, letter, 1)
    assert stale.status_code == 409
    assert "two" in stale.text
    write(as_ana, letter, " \n", 2)
    assert take(as_ana, letter, 3).status_code == 409


def test_what_the_letter_had_no_room_for_is_let_go(as_ana: Client, letter: Letter) -> None:
    write(as_ana, letter, CANARY)
    placing = take(as_ana, letter).json()["placing"]
    as_ana.post(address("passage_discard", letter), {"placing": placing}, headers=HTMX)
    assert take(as_ana, letter).status_code == 200


def test_the_partner_cannot_empty_it_with_a_marker(
    as_ana: Client, as_ben: Client, letter: Letter, ana: Resident, ben: Resident
) -> None:
    write(as_ana, letter, CANARY)
    take(as_ana, letter)
    doc = letter.load()
    before = doc.get_state()
    markers = doc.get(PLACED, type=pycrdt.Map)
    for n, value in enumerate([str(uuid4()), None, 3.5, True, ["x"], {"x": "y"}]):
        markers[str(n)] = value
    Update.objects.append([Entry(letter.pk, letter.key_owner_id, [doc.get_update(before)])])
    assert CANARY in as_ana.get(address("passage", letter)).text


@pytest.mark.parametrize("nonsense", ["", "x", "1.5"])
def test_nonsense_breaks_nothing(as_ana: Client, letter: Letter, nonsense: str) -> None:
    write(as_ana, letter, CANARY)
    for name in ("passage_take", "passage_placed", "passage_discard"):
        what = {"revision": nonsense, "placing": nonsense, "again": nonsense}
        assert as_ana.post(address(name, letter), what).status_code in (200, 404, 409)
    assert Passage.objects.get().text == CANARY


def test_it_comes_along_to_another_home(as_ben: Client, letter: Letter, ben: Resident) -> None:
    write(as_ben, letter, CANARY)
    ben.partner.leave()
    Workspace.begin(ben)
    page = as_ben.get(address("passage", letter))
    assert CANARY in page.text
    assert "textarea" not in page.text
    assert write(as_ben, letter, "x", 1).status_code == 404
    kept = as_ben.get(address("letter_read", letter))["Location"]
    assert kept == reverse("couples:kept_chapter", args=[letter.couple_id, "our-letter"])


@pytest.mark.parametrize("over", ["sealed", "left"])
def test_what_was_never_placed_is_found_when_the_letter_is_not_written_on_any_more(
    as_ana: Client, as_ben: Client, letter: Letter, ana: Resident, ben: Resident, over: str
) -> None:
    letters, there = reverse("letters:letters"), address("passage", letter)
    Passage.keep(letter, ana, CANARY, 0, "")
    Passage.keep(letter, ben, "", 0, "")
    assert there not in as_ana.get(letters).text
    if over == "sealed":
        words = document.digest(document.blocks(letter.load()))
        Seal.sign(letter, ana.partner, words)
        Seal.sign(letter, ben.partner, words)
    else:
        ben.partner.leave()
        Workspace.begin(ben)
    assert there in as_ana.get(letters).text
    assert CANARY in as_ana.get(there).text
    # Who wrote none has none.
    assert there not in as_ben.get(letters).text


@pytest.mark.django_db(transaction=True)
def test_two_clicks_at_once_take_it_once(ana: Resident, letter: Letter) -> None:
    Passage.keep(letter, ana, CANARY, 0, "")
    results = while_another(
        lambda: Passage.take(letter, ana, 1), lambda: Passage.take(letter, ana, 1)
    )
    taken = [result for result in results if isinstance(result, Passage)]
    assert len(taken) == 1, results
    assert isinstance(taken[0].placing, UUID)
