"""The pages of letters that wait. Until one may be opened its content is on none of them."""

import logging
import re
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from couples.models import User
from letters.models import OpenedBy, Opening
from tests.answers import Answer
from tests.letters.giving.steps import digest_of, letter_of
from tests.letters.writing import write
from tests.people import Resident
from tests.responses import everything

CANARY = "kanarienvogel-7141"
LATER = {"audience": "other", "when": "day", "day": "2050-05-03"}
HARD = {"audience": "other", "when": "hard"}


def at(opening: Opening, name: str = "opening") -> str:
    return reverse(f"letters:{name}", args=[opening.pk])


def put_away(client: Client, person: Resident, words: str = CANARY, **choice: str) -> Answer:
    """As the page sends it."""
    letter = letter_of(person, words)
    page = reverse("letters:letter_put_away", args=[letter.pk])
    assert f'value="{digest_of(letter)}"' in client.get(page).text
    other = person.partner.other()
    sent = {"digest": digest_of(letter), "reader": str(other.pk) if other else "", **choice}
    return client.post(page, sent)


def waiting(client: Client, person: Resident, words: str = CANARY, **choice: str) -> Opening:
    address = put_away(client, person, words, **(choice or LATER))["Location"]
    opening = Opening.objects.order_by("pk").last()
    assert opening
    assert address == at(opening)
    return opening


def due(opening: Opening) -> Opening:
    """Its day has come: it was for yesterday."""
    opening.opens_on = timezone.localdate() - timedelta(days=1)
    opening.save(update_fields=["opens_on"])
    return opening


def all_he_gets(client: Client, opening: Opening) -> dict[str, str]:
    pages = [at(opening), "/letters/", "/home/", "/letters/questions/", "/letters/reveal/"]
    return everything(client, *pages)


# -- Putting it away -----------------------------------------------------------------------------


def test_exactly_what_was_looked_at_is_put_away(
    as_ana: Client, ana: Resident, ben: Resident
) -> None:
    opening = waiting(as_ana, ana)
    assert (opening.opens_on, opening.audience) == (date(2050, 5, 3), "other")
    page = as_ana.get(at(opening)).text
    assert "Your letter for Ben waits for 3 May 2050" in page
    assert CANARY in page
    assert opening.letter is not None
    write(opening.letter, ana, "Written later.")
    assert "Written later." not in as_ana.get(at(opening)).text


def test_words_written_after_the_preview_are_not_put_away(
    as_ana: Client, ana: Resident, ben: Resident
) -> None:
    letter = letter_of(ana, "I want to stay.")
    sent = LATER | {"digest": digest_of(letter), "reader": str(ben.partner.pk)}
    write(letter, ana, "Written later.")
    page = reverse("letters:letter_put_away", args=[letter.pk])
    response = as_ana.post(page, sent)
    assert response.status_code == 409
    assert "nothing has been put away yet" in response.text
    assert "Written later." in response.text
    stranger = sent | {"digest": digest_of(letter), "reader": str(ana.partner.pk)}
    assert as_ana.post(page, stranger).status_code == 409
    assert not Opening.objects.exists()


@pytest.mark.parametrize(
    ("day", "says"),
    [
        ("", "Choose a day."),
        ("3 May", "Write the day like this"),
        ("2020-05-03", "Choose a day from tomorrow on."),
        (str(timezone.localdate()), "Choose a day from tomorrow on."),
        ("9999-12-31", "within the next 50 years"),
    ],
)
def test_a_day_that_is_none_is_refused_beside_the_field(
    as_ana: Client, ana: Resident, ben: Resident, day: str, says: str
) -> None:
    response = put_away(as_ana, ana, **(LATER | {"day": day}))
    assert response.status_code == 422
    assert says in response.text
    assert f'value="{day}"' in response.text or not day
    assert re.search(r"<input[^>]* autofocus", response.text)
    assert not Opening.objects.exists()


@pytest.mark.parametrize("missing", ["audience", "when"])
def test_for_whom_and_for_when_is_asked(
    as_ana: Client, ana: Resident, ben: Resident, missing: str
) -> None:
    response = put_away(as_ana, ana, **(LATER | {missing: ""}))
    assert response.status_code == 422
    assert "Choose one of these." in response.text
    assert not Opening.objects.exists()


def test_what_is_refused_tells_nothing_of_where_the_other_lives(
    as_ana: Client, ana: Resident, ben: Resident
) -> None:
    """The day of the form is measured where its author lives, wherever the reader does."""
    tomorrow = str(timezone.localdate() + timedelta(days=1))
    answers = set()
    for zone in ("Pacific/Pago_Pago", "Europe/Lisbon", "Pacific/Kiritimati"):
        ben.live_in(zone)
        answers.add(put_away(as_ana, ana, **(LATER | {"day": tomorrow})).status_code)
    assert answers == {302}


def test_alone_there_is_nobody_for_whom_it_could_wait(as_sol: Client, sol: Resident) -> None:
    letter = letter_of(sol, "I want to stay.")
    page = reverse("letters:letter_put_away", args=[letter.pk])
    assert "nobody here to give it to" in as_sol.get(page).text
    as_sol.post(page, LATER | {"digest": digest_of(letter)})
    assert not Opening.objects.exists()


# -- Until then ----------------------------------------------------------------------------------


@pytest.mark.parametrize("choice", [LATER, HARD])
def test_until_then_its_content_is_in_nothing_that_the_reader_can_get(
    as_ana: Client,
    as_ben: Client,
    ana: Resident,
    ben: Resident,
    nudges: list[str],
    choice: dict[str, str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    opening = waiting(as_ana, ana, **choice)
    seen = all_he_gets(as_ben, opening)
    if choice is LATER:
        seen["opening"] = as_ben.post(at(opening, "opening_open"), follow=True).text
    assert [where for where, text in seen.items() if CANARY in text] == []
    assert CANARY not in caplog.text + str(nudges)
    page = as_ben.get(at(opening)).text
    listed = as_ben.get("/letters/").text
    if choice is LATER:
        assert "A letter from Ana waits for 3 May 2050" in page
        assert "Waits for 3 May 2050" in listed
        assert "Open the letter" not in page
    else:
        assert "A letter from Ana waits for a hard day" in page
        assert "Waits for a hard day" in listed
    assert at(opening) not in as_ben.get("/home/").text
    assert not OpenedBy.objects.exists()


def test_the_page_is_the_same_however_long_the_letter_is(
    as_ana: Client, as_ben: Client, ana: Resident, ben: Resident
) -> None:
    pages, queries = [], set()
    for words in ("Briefly.", CANARY * 500):
        opening = waiting(as_ana, ana, words)
        with CaptureQueriesContext(connection) as captured:
            response = as_ben.get(at(opening))
        queries.add(len(captured))
        pages.append(response.content.replace(str(opening.pk).encode(), b""))
    assert len(pages[0]) == len(pages[1])
    assert len(queries) == 1


def test_a_letter_to_us_is_closed_to_its_author_as_well(
    as_ana: Client, as_ben: Client, ana: Resident, ben: Resident
) -> None:
    opening = waiting(as_ana, ana, **(LATER | {"audience": "both"}))
    for client in (as_ana, as_ben):
        page = client.get(at(opening)).text
        assert "A letter to both of you waits for 3 May 2050" in page
        assert CANARY not in page
    due(opening)
    for client in (as_ana, as_ben):
        client.post(at(opening, "opening_open"))
        assert CANARY in client.get(at(opening)).text


# -- When it may be opened -----------------------------------------------------------------------


def test_on_its_day_it_waits_on_the_home_page_until_it_is_opened(
    as_ana: Client, as_ben: Client, ana: Resident, ben: Resident
) -> None:
    opening = due(waiting(as_ana, ana))
    home = as_ben.get("/home/").text
    assert at(opening) in home
    assert "The day it waited for is here." in home
    assert at(opening) not in as_ana.get("/home/").text
    page = as_ben.get(at(opening)).text
    assert "Open the letter" in page
    assert CANARY not in page
    assert as_ben.post(at(opening, "opening_open"))["Location"] == at(opening)
    assert CANARY in as_ben.get(at(opening)).text
    assert at(opening) not in as_ben.get("/home/").text
    assert "You opened it." in as_ben.get("/letters/").text


def test_the_home_page_asks_the_calendar_of_whoever_looks(
    as_ana: Client, as_ben: Client, ana: Resident, ben: Resident
) -> None:
    opening = waiting(as_ana, ana)
    far_west, far_east = ("Pacific/Pago_Pago", "Pacific/Kiritimati")
    # It is always one day later there than there.
    ben.live_in(far_east)
    opening.opens_on = timezone.localdate(timezone=User.objects.get(pk=ben.pk).zone)
    opening.save(update_fields=["opens_on"])
    assert at(opening) in as_ben.get("/home/").text
    ben.live_in(far_west)
    assert at(opening) not in as_ben.get("/home/").text
    assert "Open the letter" not in as_ben.get(at(opening)).text


def test_nobody_is_told_that_it_was_opened(
    as_ana: Client,
    as_ben: Client,
    ana: Resident,
    ben: Resident,
    nudges: list[str],
    django_capture_on_commit_callbacks: Any,
) -> None:
    opening = waiting(as_ana, ana, **HARD)
    before = everything(as_ana, at(opening), "/letters/", "/home/")
    with django_capture_on_commit_callbacks(execute=True):
        as_ben.post(at(opening, "opening_open"))
    assert CANARY in as_ben.get(at(opening)).text
    assert everything(as_ana, at(opening), "/letters/", "/home/") == before
    assert nudges == []


# -- Taking back, leaving, and others ------------------------------------------------------------


@pytest.mark.parametrize("was_opened", [False, True])
def test_taken_back_it_is_read_nowhere_any_more(
    as_ana: Client, as_ben: Client, ana: Resident, ben: Resident, was_opened: bool
) -> None:
    opening = waiting(as_ana, ana, **HARD)
    if was_opened:
        as_ben.post(at(opening, "opening_open"))
        assert "letter.pdf" in as_ben.get(at(opening), headers={"HX-Request": "true"}).text
    as_ana.post(at(opening, "opening_take_back"))
    assert "Ana took this letter back" in as_ben.get(at(opening)).text
    assert "letter.pdf" not in as_ben.get(at(opening)).text
    as_ben.post(at(opening, "opening_open"))
    assert [where for where, text in all_he_gets(as_ben, opening).items() if CANARY in text] == []
    assert at(opening) not in as_ben.get("/letters/").text
    hers = as_ana.get(at(opening)).text
    assert "If it had been opened by then, it was read" in hers


def test_the_page_of_what_was_taken_back_does_not_tell_whether_it_was_opened(
    as_ana: Client, as_ben: Client, ana: Resident, ben: Resident
) -> None:
    pages = []
    for was_opened in (False, True):
        opening = waiting(as_ana, ana, **HARD)
        if was_opened:
            as_ben.post(at(opening, "opening_open"))
        as_ana.post(at(opening, "opening_take_back"))
        (whole, part) = everything(as_ana, at(opening)).values()
        pages.append((whole + part).replace(str(opening.pk), ""))
    assert pages[0] == pages[1]


def test_if_the_author_leaves_before_its_day_it_stays_closed(
    as_ana: Client, as_ben: Client, ana: Resident, ben: Resident
) -> None:
    """What could be opened is kept by both: see tests/couples/kept/."""
    opening = waiting(as_ana, ana)
    ana.partner.leave()
    as_ben.post(at(opening, "opening_open"))
    for client in (as_ana, as_ben):
        page = client.get(at(opening))
        assert page.status_code in (302, 404)
        assert CANARY not in page.text
    assert at(opening) not in as_ben.get("/letters/").text


def test_a_letter_for_a_hard_day_is_kept_by_both_when_one_leaves(
    as_ana: Client, as_ben: Client, ana: Resident
) -> None:
    opening = waiting(as_ana, ana, **HARD)
    ana.partner.leave()
    for client in (as_ana, as_ben):
        assert CANARY in client.get(at(opening), follow=True).text


def test_it_is_for_these_two(
    as_ana: Client, as_ben: Client, as_cleo: Client, client: Client, ana: Resident, ben: Resident
) -> None:
    opening = waiting(as_ana, ana, **HARD)
    put_away_page = reverse("letters:letter_put_away", args=[opening.letter_id])
    for name in ("opening", "opening_open", "opening_take_back"):
        for method in (as_cleo.get, as_cleo.post):
            assert method(at(opening, name)).status_code in (404, 405)
        assert client.get(at(opening, name)).status_code in (302, 405)
    for name in ("opening_open", "opening_take_back"):
        assert as_ben.get(at(opening, name)).status_code == 405
    for visitor in (as_ben, as_cleo):
        for method in (visitor.get, visitor.post):
            assert method(put_away_page).status_code == 404
    assert as_ben.post(at(opening, "opening_take_back")).status_code == 404
    assert as_ana.post(at(opening, "opening_open"))["Location"] == at(opening)
    assert not OpenedBy.objects.exists()
    opening.refresh_from_db()
    assert opening.taken_back_at is None


def test_however_much_waits_the_pages_ask_as_often(
    as_ana: Client, as_ben: Client, ana: Resident, ben: Resident
) -> None:
    def queries() -> dict[str, int]:
        counts = {}
        for page in ("/letters/", "/home/", at(opening)):
            with CaptureQueriesContext(connection) as captured:
                assert as_ben.get(page).status_code == 200
            counts[page] = len(captured)
        return counts

    opening = due(waiting(as_ana, ana))
    once = queries()
    for choice in (LATER, HARD, LATER | {"audience": "both"}):
        due(waiting(as_ana, ana, **LATER))
        waiting(as_ana, ana, **choice)
        waiting(as_ben, ben, **choice)
    assert queries() == once
    assert max(once["/letters/"], once[at(opening)]) <= 8
