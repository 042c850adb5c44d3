"""The pages of a reveal. Until both are ready, what one chose reaches the other in no way."""

import logging
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from letters.giving.models.reveal import Stage
from letters.models import Choice, Reveal, Share
from tests.letters.giving.steps import again, digest_of, letter_of, ready
from tests.letters.writing import write
from tests.people import Resident
from tests.responses import HTMX, everything

CANARY = "kanarienvogel-7141"
PROPOSE = reverse("letters:reveal_propose")


@pytest.fixture
def reveal(ana: Resident, ben: Resident) -> Reveal:
    return Reveal.propose(ana.partner)


def at(reveal: Reveal, name: str = "reveal", *args: object) -> str:
    return reverse(f"letters:{name}", args=[reveal.pk, *args])


def all_she_gets(client: Client, reveal: Reveal) -> dict[str, str]:
    pages = [at(reveal), PROPOSE, "/letters/", "/home/", "/principles/", "/reviews/"]
    return everything(client, *pages)


# -- The way there -------------------------------------------------------------------------------


def test_it_is_explained_before_it_is_proposed(as_ana: Client, ben: Resident) -> None:
    page = as_ana.get(PROPOSE).text
    assert "Propose it to Ben" in page
    assert not Reveal.objects.exists()
    address = as_ana.post(PROPOSE)["Location"]
    assert address == at(Reveal.objects.get())
    assert as_ana.get(PROPOSE)["Location"] == address


def test_alone_there_is_nobody_to_propose_it_to(as_sol: Client) -> None:
    assert "nobody here to give it to" in as_sol.get(PROPOSE).text
    assert "nobody here to give it to" in as_sol.post(PROPOSE).text
    assert not Reveal.objects.exists()


def test_a_letter_is_looked_at_before_one_is_ready_with_it(
    as_ana: Client, ana: Resident, reveal: Reveal
) -> None:
    assert "You have no letter of your own yet." in as_ana.get(at(reveal)).text
    letter = letter_of(ana, "I want to stay.")
    preview = at(reveal, "reveal_ready", letter.pk)
    assert preview in as_ana.get(at(reveal)).text
    assert "I want to stay." in as_ana.get(preview).text
    digest = digest_of(letter)
    assert f'value="{digest}"' in as_ana.get(preview).text
    assert as_ana.post(preview, {"digest": digest})["Location"] == at(reveal)
    page = as_ana.get(at(reveal)).text
    assert "You are ready" in page
    assert "I want to stay." in page
    as_ana.post(at(reveal, "reveal_unready"))
    assert "Which letter do you bring?" in as_ana.get(at(reveal)).text


def test_words_written_after_the_preview_are_not_chosen(
    as_ana: Client, ana: Resident, reveal: Reveal
) -> None:
    letter = letter_of(ana, "I want to stay.")
    digest = digest_of(letter)
    write(letter, ana, "Written later.")
    response = as_ana.post(at(reveal, "reveal_ready", letter.pk), {"digest": digest})
    assert response.status_code == 409
    assert "you are not ready with them yet" in response.text
    assert not Choice.objects.exists()


def test_a_letter_of_somebody_else_cannot_be_brought(
    as_ana: Client, as_ben: Client, ana: Resident, reveal: Reveal
) -> None:
    letter = letter_of(ana, CANARY)
    for method in (as_ben.get, as_ben.post):
        response = method(at(reveal, "reveal_ready", letter.pk), {"digest": digest_of(letter)})
        assert response.status_code == 404
        assert CANARY not in response.text


def test_both_read_both_once_both_are_ready(
    as_ana: Client, as_ben: Client, ana: Resident, ben: Resident, reveal: Reveal
) -> None:
    ready(reveal, ana, "I want to stay.")
    ready(reveal, ben, "I want to ask.")
    for client in (as_ana, as_ben):
        page = client.get(at(reveal)).text
        assert "Both letters are open" in page
        assert "I want to stay." in page
        assert "I want to ask." in page
        for share in Share.objects.all():
            assert client.get(reverse("letters:share", args=[share.pk])).status_code == 200


def test_what_was_taken_back_later_is_gone_from_here_too(
    as_ana: Client, as_ben: Client, ana: Resident, ben: Resident, reveal: Reveal
) -> None:
    letter = ready(reveal, ana, "I want to stay.")
    ready(reveal, ben, "I want to ask.")
    Share.objects.get(letter=letter).take_back()
    page = as_ben.get(at(reveal)).text
    assert "I want to stay." not in page
    assert "This letter was taken back" in page


def test_withdrawing_is_not_explained(
    as_ana: Client, as_ben: Client, ben: Resident, reveal: Reveal
) -> None:
    ready(reveal, ben, CANARY)
    assert as_ana.post(at(reveal, "reveal_withdraw"))["Location"] == at(reveal)
    pages = [client.get(at(reveal)).text for client in (as_ana, as_ben)]
    for page in pages:
        assert "Nothing of it was shown" in page
        assert CANARY not in page
    late = as_ben.post(at(reveal, "reveal_unready"))
    assert late.status_code == 409
    assert "This was withdrawn before." in late.text


def test_a_page_that_was_left_open_says_what_has_become_of_it(
    as_ana: Client, ana: Resident, ben: Resident, reveal: Reveal
) -> None:
    ready(reveal, ana, "I want to stay.")
    ready(reveal, ben, "I want to ask.")
    for name in ("reveal_withdraw", "reveal_unready"):
        late = as_ana.post(at(reveal, name))
        assert late.status_code == 409
        assert "both letters are open" in late.text
    letter = letter_of(ana, "Others.")
    assert as_ana.get(at(reveal, "reveal_ready", letter.pk))["Location"] == at(reveal)
    assert again(reveal).stage is Stage.OPENED


def test_after_leaving_nothing_opens(
    as_ana: Client, as_ben: Client, ben: Resident, reveal: Reveal
) -> None:
    ready(reveal, ben, CANARY)
    ben.partner.leave()
    for client in (as_ana, as_ben):
        page = client.get(at(reveal))
        assert page.status_code in (302, 404)
        assert CANARY not in page.text


def test_it_is_for_these_two(
    as_cleo: Client, client: Client, ana: Resident, reveal: Reveal
) -> None:
    letter = letter_of(ana, "I want to stay.")
    for name, *args in (
        ["reveal"],
        ["reveal_ready", letter.pk],
        ["reveal_unready"],
        ["reveal_withdraw"],
    ):
        address = at(reveal, str(name), *args)
        assert as_cleo.post(address).status_code in (404, 405)
        assert as_cleo.get(address).status_code in (404, 405)
        assert client.get(address).status_code in (302, 405)
    for name in ("reveal_unready", "reveal_withdraw"):
        assert as_cleo.get(at(reveal, name)).status_code == 405
    assert again(reveal).stage is Stage.CHOOSING


# -- Blind ---------------------------------------------------------------------------------------


def test_what_is_chosen_is_in_nothing_that_the_other_can_get(
    reveal: Reveal,
    as_ana: Client,
    as_ben: Client,
    ben: Resident,
    nudges: list[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    letter = letter_of(ben, CANARY)
    seen = all_she_gets(as_ana, reveal)
    as_ben.post(at(reveal, "reveal_ready", letter.pk), {"digest": "of other words"})
    as_ben.post(at(reveal, "reveal_ready", letter.pk), {"digest": digest_of(letter)})
    assert "Ben is ready." in as_ana.get(at(reveal)).text
    seen |= {f"ready {where}": text for where, text in all_she_gets(as_ana, reveal).items()}
    seen["withdrawing"] = as_ana.post(at(reveal, "reveal_withdraw"), follow=True).text
    assert [where for where, text in seen.items() if CANARY in text] == []
    assert CANARY not in caplog.text
    assert CANARY not in str(nudges)
    # And the canary sings where it may.
    as_ben.post(PROPOSE)
    renewed = Reveal.objects.get(withdrawn_at=None)
    ready(renewed, ben, letter=letter)
    assert CANARY in as_ben.get(at(renewed)).text


@pytest.mark.parametrize("she_is_ready", [False, True])
def test_her_pages_are_the_same_whatever_he_brings(
    reveal: Reveal, ana: Resident, ben: Resident, as_ana: Client, she_is_ready: bool
) -> None:
    """To the byte, and with as many questions to the database."""
    if she_is_ready:
        ready(reveal, ana, "I want to stay.")
        letter_of(ben, CANARY * 100)
        before = all_she_gets(as_ana, reveal)
        write(letter_of(ben, "Another one."), ben, CANARY)
        assert all_she_gets(as_ana, reveal) == before
        return
    pages, sizes, queries = [], set(), set()
    for words in ("I want to ask.", CANARY * 500, "Briefly."):
        ready(reveal, ben, words)
        pages.append(all_she_gets(as_ana, reveal))
        with CaptureQueriesContext(connection) as captured:
            sizes.add(len(as_ana.get(at(reveal)).content))
        queries.add(len(captured))
    assert pages[0] == pages[1] == pages[2]
    assert len(sizes) == len(queries) == 1


def test_ready_or_not_yet_is_all_there_is(reveal: Reveal, ben: Resident, as_ana: Client) -> None:
    page = as_ana.get(at(reveal)).text
    assert "Not both of you are ready." in page
    ready(reveal, ben, CANARY)
    assert as_ana.get(at(reveal)).text.count("Ben is ready.") == 1
    page = as_ana.get(at(reveal), headers=HTMX).text
    assert "<time" not in page
    assert page.strip().startswith('<div id="reveal"')


def test_choosing_other_words_nudges_nobody(
    reveal: Reveal,
    ana: Resident,
    ben: Resident,
    nudges: list[str],
    django_capture_on_commit_callbacks: Any,
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        ready(reveal, ben, "I want to ask.")
    assert nudges == ["reveal", "home"]
    with django_capture_on_commit_callbacks(execute=True):
        ready(reveal, ben, "Others.")
    assert nudges == ["reveal", "home"]
    with django_capture_on_commit_callbacks(execute=True):
        ready(reveal, ana, "I want to stay.")
    assert nudges[2:] == ["letters", "reveal", "home"]


def test_home_says_what_waits_and_not_to_whom_is_ready(
    reveal: Reveal, ana: Resident, as_ana: Client, as_ben: Client
) -> None:
    for client in (as_ana, as_ben):
        assert at(reveal) in client.get("/home/").text
    ready(reveal, ana, "I want to stay.")
    assert at(reveal) not in as_ana.get("/home/").text
    assert at(reveal) in as_ben.get("/home/").text
