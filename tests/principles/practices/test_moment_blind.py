"""What is not given, not revealed or not told reaches the other in no way.

Ben writes with words that occur nowhere else. They are looked for in every page, partial, frame,
mail and log line that Ana can get; and her pages are the same, byte for byte, whatever he wrote.
"""

import logging
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from couples.nudges import hub
from principles.catalog import practices
from principles.catalog.kinds import Shape
from principles.models import Answer, Draft, Moment
from principles.practices import packed
from tests.conftest import Mailbox
from tests.people import Resident
from tests.principles.practices.steps import OFFERS, again, answer, give, ready, words

CANARY = "kanarienvogel-9216"
HTMX = {"HX-Request": "true"}
BLIND = list(practices.of_shape(Shape.BLIND))


@pytest.fixture
def nudges(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every word that went to the open pages of a home."""
    heard: list[str] = []
    monkeypatch.setattr(hub, "send", lambda home, topic: heard.append(topic))
    return heard


def at(moment: Moment, name: str = "moment") -> str:
    return reverse(f"principles:{name}", args=[moment.pk])


def everything_she_can_get(
    client: Client, kind: str, moment: Moment | None = None
) -> Iterator[tuple[str, str]]:
    pages = [f"/practices/{kind}/", f"/practices/{kind}/history/", f"/practices/{kind}/kept/"]
    pages += ["/practices/", "/practices/decisions/", "/home/", f"/principles/{kind}/"]
    pages += ["/practices/now/layer/", "/kept/"]
    pages += ["/practices/now/", "/days/", "/reviews/", reverse("principles:ours_text")]
    if moment is not None:
        pages += [at(moment), f"{at(moment)}?part=now", f"{at(moment)}?part=act"]
    for where in pages:
        for headers in ({}, HTMX):
            response = client.get(where, headers=headers)
            said = f"{response.headers} {response.cookies} {response.text}"
            yield f"{where} {headers}", without_tokens(said)


def without_tokens(page: str) -> str:
    page = re.sub(r"\d\d:\d\d:\d\d GMT", "", page)
    page = re.sub(r'(csrfmiddlewaretoken" value="|X-CSRFToken": ")\w{64}', r"\1", page)
    page = re.sub(r'(name="once" value=")[\w-]{22}', r"\1", page)
    return re.sub(r'(name="tab_id" value=")\w+', r"\1", page)


def written(kind: str, text: str, revision: int = 0) -> dict[str, Any]:
    return words(kind, text) | {"revision": revision, "tab_id": "his"}


@pytest.mark.parametrize("kind", practices.SLUGS)
def test_a_draft_is_in_nothing_that_the_other_can_get(
    kind: str,
    as_ana: Client,
    as_ben: Client,
    nudges: list[str],
    mailbox: Mailbox,
    caplog: pytest.LogCaptureFixture,
    django_capture_on_commit_callbacks: Any,
) -> None:
    caplog.set_level(logging.DEBUG)
    before = dict(everything_she_can_get(as_ana, kind))
    with django_capture_on_commit_callbacks(execute=True):
        write = reverse("principles:draft_write", args=[kind])
        assert as_ben.post(write, written(kind, CANARY), headers=HTMX).status_code == 200
        if kind != "emergency":
            keep = reverse("principles:draft_keep", args=[kind])
            as_ben.post(keep, written(kind, f"{CANARY} kept", 1))
            as_ben.post(write, written(kind, CANARY, 3), headers=HTMX)
    assert dict(everything_she_can_get(as_ana, kind)) == before
    assert nudges == []
    assert mailbox() == []
    assert CANARY not in caplog.text


@pytest.mark.parametrize("kind", practices.SLUGS)
def test_ben_himself_sees_his_draft(kind: str, as_ben: Client) -> None:
    """The canary would be found where it may be."""
    as_ben.post(reverse("principles:draft_write", args=[kind]), written(kind, CANARY), headers=HTMX)
    assert CANARY in as_ben.get(f"/practices/{kind}/").text


@pytest.mark.parametrize("kind", BLIND)
@pytest.mark.parametrize("she_is_ready", [False, True])
def test_an_answer_is_in_nothing_before_the_reveal(
    kind: str,
    she_is_ready: bool,
    ana: Resident,
    as_ana: Client,
    as_ben: Client,
    nudges: list[str],
    mailbox: Mailbox,
    caplog: pytest.LogCaptureFixture,
    django_capture_on_commit_callbacks: Any,
) -> None:
    caplog.set_level(logging.DEBUG)
    decision = give(ana, kind)
    if she_is_ready:
        ready(decision, ana)

    def effort() -> int:
        with CaptureQueriesContext(connection) as captured:
            as_ana.get(at(decision))
        return len(captured)

    before, queries = dict(everything_she_can_get(as_ana, kind, decision)), effort()
    nudges.clear()
    said = {"choice": "not-yet", "text": CANARY, "revision": 0, "tab_id": "his"}
    with django_capture_on_commit_callbacks(execute=True):
        saved = as_ben.post(at(decision, "decision_write"), said, headers=HTMX)
    assert saved.status_code == 200
    assert nudges == []
    assert dict(everything_she_can_get(as_ana, kind, decision)) == before
    assert effort() == queries
    # And what is refused is shown again only to the one who typed it.
    as_ben.post(at(decision, "decision_write"), said | {"text": CANARY * 400}, headers=HTMX)
    assert dict(everything_she_can_get(as_ana, kind, decision)) == before
    assert CANARY not in caplog.text
    assert mailbox() == []


@pytest.mark.parametrize("kind", BLIND)
def test_that_he_is_ready_says_nothing_about_what_he_answered(
    kind: str, ana: Resident, ben: Resident, as_ana: Client
) -> None:
    decision = give(ana, kind)
    ready(decision, ben, "yes", "x")
    short = dict(everything_she_can_get(as_ana, kind, decision))
    again(decision).unready(ben.partner)
    ready(decision, ben, "not-yet", CANARY * 20)
    long = dict(everything_she_can_get(as_ana, kind, decision))
    assert short == long
    # Nor when he wrote it, nor how often.
    days_ago = timezone.now() - timedelta(days=3)
    Answer.objects.update(ready_at=days_ago, revision=41)
    assert dict(everything_she_can_get(as_ana, kind, decision)) == long
    page = as_ana.get(at(decision)).text
    assert "Ben is ready." in page
    assert not re.search(r"\d\d:\d\d|<time", page.split("<main")[1].split("</main")[0])


@pytest.mark.parametrize("kind", BLIND)
def test_both_see_both_once_both_are_ready(
    kind: str, ana: Resident, ben: Resident, as_ana: Client, as_ben: Client
) -> None:
    decision = give(ana, kind)
    ready(decision, ben, "not-yet", CANARY)
    assert CANARY not in as_ana.get(at(decision)).text
    ready(decision, ana, "yes", "My own words.")
    assert CANARY in as_ana.get(at(decision)).text
    assert "My own words." in as_ben.get(at(decision)).text


@pytest.mark.parametrize("kind", BLIND)
def test_what_was_stopped_is_found_nowhere(
    kind: str, ana: Resident, ben: Resident, as_ana: Client, as_ben: Client
) -> None:
    decision = give(ana, kind)
    ready(decision, ben, "yes", CANARY)
    as_ana.post(at(decision, "decision_stop"))
    for client in (as_ana, as_ben):
        pages = dict(everything_she_can_get(client, kind, decision))
        assert [where for where, text in pages.items() if CANARY in text] == []


def test_a_side_that_is_being_written_reaches_nobody(
    ana: Resident,
    as_ana: Client,
    as_ben: Client,
    nudges: list[str],
    caplog: pytest.LogCaptureFixture,
    django_capture_on_commit_callbacks: Any,
) -> None:
    caplog.set_level(logging.DEBUG)
    repair = give(ana, "repair")
    before = dict(everything_she_can_get(as_ana, "repair", repair))
    nudges.clear()
    said = {"story": CANARY, "part": CANARY, "revision": 0, "tab_id": "his"}
    with django_capture_on_commit_callbacks(execute=True):
        assert as_ben.post(at(repair, "side_write"), said, headers=HTMX).status_code == 200
    assert nudges == []
    assert dict(everything_she_can_get(as_ana, "repair", repair)) == before
    assert CANARY not in caplog.text
    assert CANARY in as_ben.get(at(repair)).text


@pytest.mark.parametrize("kind", OFFERS)
def test_what_was_taken_back_is_gone_from_her_pages(
    kind: str, ben: Resident, as_ana: Client
) -> None:
    offer = give(ben, kind, CANARY)
    assert CANARY in as_ana.get(at(offer)).text
    offer.withdraw(ben.partner)
    pages = dict(everything_she_can_get(as_ana, kind, offer))
    assert [where for where, text in pages.items() if CANARY in text] == []


@pytest.mark.slow
@pytest.mark.parametrize("kind", OFFERS)
def test_reading_what_was_given_changes_nothing_for_the_giver(
    kind: str, ben: Resident, as_ana: Client, as_ben: Client
) -> None:
    """There is no read receipt."""
    offer = give(ben, kind)
    before = dict(everything_she_can_get(as_ben, kind, offer))
    list(everything_she_can_get(as_ana, kind, offer))
    assert dict(everything_she_can_get(as_ben, kind, offer)) == before


def test_drawing_from_the_jar_tells_nobody(
    ben: Resident,
    as_ana: Client,
    as_ben: Client,
    nudges: list[str],
    django_capture_on_commit_callbacks: Any,
) -> None:
    give(ben, "supporters", "The soup.")
    before = dict(everything_she_can_get(as_ben, "supporters"))
    with django_capture_on_commit_callbacks(execute=True):
        assert "The soup." in as_ana.post(reverse("principles:jar_draw"), follow=True).text
    assert nudges == []
    assert dict(everything_she_can_get(as_ben, "supporters")) == before


def test_the_rows_lie_under_the_key_of_their_writer(ben: Resident) -> None:
    Draft.write(ben, "transparent", packed.pack({"text": CANARY}), 0)
    assert Draft.objects.get().key_owner_id == ben.pk
    with connection.cursor() as cursor:
        cursor.execute("SELECT text FROM principles_draft")
        assert CANARY.encode() not in bytes(cursor.fetchone()[0])


def test_an_answer_may_be_sent_by_no_other_way(
    ana: Resident, as_cleo: Client, as_eve: Client
) -> None:
    decision = give(ana, "ws")
    for client in (as_cleo, as_eve):
        said = {"text": "x", "revision": 0, "tab_id": "w"}
        assert client.post(at(decision, "decision_write"), said).status_code in (302, 404)
    assert again(decision).round.answers.count() == 0
    assert answer("", "") == ""
