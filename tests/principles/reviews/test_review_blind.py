"""Blind means blind: what one says reaches the other in no way before both are done.

Ben marks with words that occur nowhere else. They are looked for in everything that Ana's browser,
mailbox and socket can get, and in what the server logs; and her pages are the same, byte for byte,
whatever Ben has marked.
"""

import logging
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from couples.nudges import hub
from principles.models import Review
from principles.reviews.models.mark import Said
from tests.people import Resident
from tests.principles.reviews.steps import again, begin, close, said, sent

CANARY = "kanarienvogel-7141"
# One that stands nowhere on a page by itself, so that finding it means that a mark was shown.
MARKS = (Said("reword", f"{CANARY} one"), Said("wobbling", f"{CANARY} two"))
THANKS = f"{CANARY} three"
HTMX = {"HX-Request": "true"}
PARTS = (
    *("", "?part=body", "?part=status", "?part=where", "?part=now", "?part=changed"),
    *("?step=thanks", "?step=said", "?step=talk", "?part=body&step=thanks"),
)


@pytest.fixture
def review(ana: Resident, ben: Resident) -> Review:
    return begin(ana, ben)


def his(review: Review) -> dict[str, str]:
    """Everything that Ben says, as his page sends it."""
    return sent(review, *MARKS) | {"thanks-text": THANKS}


@pytest.fixture
def nudges(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every word that went to the open pages of a home."""
    heard: list[str] = []
    monkeypatch.setattr(hub, "send", lambda home, topic: heard.append(topic))
    return heard


def at(review: Review, name: str = "review") -> str:
    return reverse(f"principles:{name}", args=[review.pk])


def everything_she_can_get(client: Client, review: Review) -> Iterator[tuple[str, str]]:
    """All pages and partials where a review shows, by address."""
    for where in [*(at(review) + part for part in PARTS), "/reviews/", "/home/", "/principles/"]:
        for headers in ({}, HTMX):
            response = client.get(where, headers=headers)
            yield f"{where} {headers}", f"{response.headers} {response.cookies} {response.text}"


def without_tokens(page: str) -> str:
    """A page without what is new in every response: the masked CSRF token, the tab's name,
    and the time of day in headers and cookies."""
    page = re.sub(r"\d\d:\d\d:\d\d GMT", "", page)
    page = re.sub(r'(csrfmiddlewaretoken" value="|X-CSRFToken": ")\w{64}', r"\1", page)
    page = re.sub(r'(name="once" value=")[\w-]{22}', r"\1", page)
    return re.sub(r'(name="tab_id" value=")\w+', r"\1", page)


@pytest.fixture
def mail_dir() -> Iterator[None]:
    yield
    letters = settings.MAIL_DIR.glob("*") if settings.MAIL_DIR.exists() else ()
    assert not [letter for letter in letters if CANARY in letter.read_text()]


@pytest.mark.usefixtures("mail_dir")
def test_what_is_not_revealed_is_in_nothing_that_the_other_can_get(
    review: Review,
    as_ana: Client,
    as_ben: Client,
    nudges: list[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    as_ben.post(at(review, "review_mark"), his(review), headers=HTMX)
    # What is refused may be logged, and shown again only to the one who typed it.
    as_ben.post(at(review, "review_mark"), sent(review, Said("failing", CANARY * 200)))
    as_ben.post(at(review, "review_done"), his(review))
    seen = dict(everything_she_can_get(as_ana, review))
    # And when she is done herself, while he thinks again.
    as_ben.post(at(review, "review_take_back"))
    as_ana.post(at(review, "review_done"), sent(review))
    seen |= {f"done {where}": text for where, text in everything_she_can_get(as_ana, review)}
    as_ana.post(at(review, "review_take_back"))
    seen |= {
        "saving": as_ana.post(at(review, "review_mark"), sent(review), headers=HTMX).text,
        "too early": as_ana.post(at(review, "review_close"), {"when": "week"}).text,
        "stopping": as_ana.post(at(review, "review_stop"), follow=True).text,
    }
    assert [where for where, text in seen.items() if CANARY in text] == []
    assert CANARY not in caplog.text
    assert CANARY not in str(nudges)


def test_ben_himself_sees_his_marks(review: Review, as_ben: Client) -> None:
    """The canaries would be found where they may be."""
    as_ben.post(at(review, "review_mark"), his(review))
    assert [where for where, text in everything_she_can_get(as_ben, review) if CANARY in text]


def test_both_see_them_once_both_are_done(review: Review, as_ana: Client, as_ben: Client) -> None:
    as_ben.post(at(review, "review_done"), his(review))
    as_ana.post(at(review, "review_done"), sent(review))
    assert THANKS in as_ana.get(at(review)).text
    assert MARKS[0].note in as_ana.get(f"{at(review)}?step=said").text


@pytest.mark.parametrize("she_is_done", [False, True])
def test_her_pages_are_the_same_whatever_he_marks(
    review: Review, ana: Resident, ben: Resident, as_ana: Client, she_is_done: bool
) -> None:
    if she_is_done:
        again(review).done(ana.partner, said(review, Said("holding", "")))

    def all_of_it() -> dict[str, str]:
        return {
            where: without_tokens(text) for where, text in everything_she_can_get(as_ana, review)
        }

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            as_ana.get(at(review))
        return len(captured)

    before, effort = all_of_it(), queries()
    again(review).mark(ben.partner, said(review, *MARKS), thanks=THANKS)
    assert all_of_it() == before
    assert queries() == effort
    again(review).mark(ben.partner, said(review, Said("", ""), Said("", "")))
    assert all_of_it() == before


def test_her_pages_when_he_is_done_are_the_same_whatever_he_marked(
    review: Review, ana: Resident, ben: Resident, as_ana: Client
) -> None:
    again(review).done(ben.partner, {})
    nothing = {where: without_tokens(t) for where, t in everything_she_can_get(as_ana, review)}
    again(review).take_back(ben.partner)
    again(review).done(ben.partner, said(review, *MARKS), thanks=THANKS)
    everything = {where: without_tokens(t) for where, t in everything_she_can_get(as_ana, review)}
    assert everything == nothing


def test_the_length_of_a_response_does_not_tell(
    review: Review, ben: Resident, as_ana: Client
) -> None:
    before = len(as_ana.get(at(review)).content)
    again(review).mark(ben.partner, said(review, *MARKS), thanks=THANKS)
    assert len(as_ana.get(at(review)).content) == before


def test_a_mark_nudges_nobody(
    review: Review,
    as_ana: Client,
    as_ben: Client,
    nudges: list[str],
    django_capture_on_commit_callbacks: Any,
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        as_ben.post(at(review, "review_mark"), his(review), headers=HTMX)
        as_ben.post(at(review, "review_mark"), his(review))
    assert nudges == []
    with django_capture_on_commit_callbacks(execute=True):
        as_ben.post(at(review, "review_done"), his(review))
    assert nudges == ["review", "home"]
    with django_capture_on_commit_callbacks(execute=True):
        as_ben.post(at(review, "review_take_back"))
    assert nudges == ["review", "home"] * 2


def test_moving_the_date_is_silent(
    review: Review,
    ana: Resident,
    ben: Resident,
    as_ana: Client,
    nudges: list[str],
    django_capture_on_commit_callbacks: Any,
) -> None:
    close(review, ana, ben)
    with django_capture_on_commit_callbacks(execute=True):
        as_ana.post(at(review, "review_move"), {"when": "quarter"})
    assert nudges == []


def test_what_was_stopped_can_be_found_nowhere_afterwards(
    review: Review, ben: Resident, as_ana: Client, as_ben: Client
) -> None:
    as_ben.post(at(review, "review_mark"), his(review))
    as_ana.post(at(review, "review_stop"))
    for client in (as_ana, as_ben):
        found = [where for where, text in everything_she_can_get(client, review) if CANARY in text]
        assert found == []


def test_who_is_done_is_told_and_nothing_else(
    review: Review, ben: Resident, as_ana: Client
) -> None:
    assert "Not both of you are done." in as_ana.get(at(review)).text
    again(review).done(ben.partner, said(review, *MARKS), thanks=THANKS)
    page = as_ana.get(at(review)).text
    assert "Ben is done." in page
    assert not re.search(r"\d\d:\d\d|ago|<time", page)
