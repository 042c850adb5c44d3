"""The next review in one's own calendar: who makes an address, and how little it tells."""

import logging
import re
from datetime import UTC, date, datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from icalendar import Calendar, Event

from couples.models import Invitation, User
from couples.web.log_filters import WithoutSecrets
from principles.models import CalendarFeed, Review
from principles.reviews import calendar as ics
from tests.conftest import signed_in
from tests.people import Resident, anew
from tests.principles.reviews.steps import again, begin, close, reveal
from tests.races import while_another

PAGE = reverse("principles:calendar")
MAKE = reverse("principles:calendar_make")
OFF = reverse("principles:calendar_turn_off")

TODAY = timezone.localdate()
DAY = TODAY + timedelta(days=14)


@pytest.fixture
def review(ana: Resident, ben: Resident) -> Review:
    """Closed, with a day for the next one."""
    return close(begin(ana, ben), ana, ben, DAY)


@pytest.fixture
def feed(ana: Resident) -> CalendarFeed:
    return CalendarFeed.make(ana)


def at(feed: CalendarFeed) -> str:
    return feed.address.removeprefix("http://testserver")


def look(feed: CalendarFeed) -> bytes:
    """What a calendar finds at the address; it knows nothing else of us."""
    response = Client().get(at(feed))
    assert response.status_code == 200
    return response.content


def event(feed: CalendarFeed) -> Event:
    (found,) = Calendar.from_ical(look(feed)).walk("VEVENT")
    assert isinstance(found, Event)
    return found


def shows(feed: CalendarFeed) -> list[date]:
    """The days in the calendar, which is a proper one also without any."""
    calendar = Calendar.from_ical(look(feed))
    assert calendar["version"] == "2.0"
    assert calendar["prodid"]
    # RFC 5545, 3.6: at least one component.
    assert calendar.subcomponents
    return [found.decoded("dtstart") for found in calendar.walk("VEVENT")]


# -- What it tells -------------------------------------------------------------------------------


def test_it_shows_the_day_and_nothing_that_anybody_could_read_into_it(
    review: Review, feed: CalendarFeed
) -> None:
    found = event(feed)
    assert found.decoded("dtstart") == DAY
    assert not isinstance(found.decoded("dtstart"), datetime)
    assert found["summary"] == "A quiet hour"
    assert found["transp"] == "TRANSPARENT"
    said = {"UID", "SEQUENCE", "DTSTAMP", "LAST-MODIFIED", "DTSTART", "SUMMARY", "TRANSP"}
    assert set(found) == said
    assert found.subcomponents == []


def test_its_bytes_name_nobody_and_no_place(
    review: Review, feed: CalendarFeed, ana: Resident, ben: Resident
) -> None:
    body = look(feed).decode().lower()
    ids = [review.pk, review.couple.workspace_id, ana.pk, ben.pk, ana.partner.pk, ben.partner.pk]
    secrets = [feed.token, feed.token_hash, *map(str, ids), *(each.hex for each in ids)]
    words = ["review", "relationship", "dear", "look", "principle", "partner", "couple", "letter"]
    places = ["testserver", "http", "mailto", "home.example", "//dear"]
    people = [ana.name, ben.name, ana.email, ben.email]
    signed = [item.wording.text for item in review.items.with_words()]
    for canary in [*secrets, *words, *places, *signed]:
        assert canary.lower() not in body, canary
    for name in people:
        assert name.lower() not in body.replace("calendar", ""), name


def test_its_lines_are_those_of_a_calendar_in_any_language(
    review: Review, feed: CalendarFeed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ics, "_", lambda words: f"{words}, тихий час; " * 9)
    body = look(feed)
    assert body.startswith(b"BEGIN:VCALENDAR\r\n")
    assert body.endswith(b"END:VCALENDAR\r\n")
    lines = body.removesuffix(b"\r\n").split(b"\r\n")
    assert not [line for line in lines if len(line) > 75 or b"\n" in line or b"\r" in line]
    for rhythm in (b"REFRESH-INTERVAL;VALUE=DURATION:PT4H", b"X-PUBLISHED-TTL:PT4H"):
        assert rhythm in lines
    assert [line for line in lines if re.fullmatch(rb"DTSTAMP:\d{8}T\d{6}Z", line)]
    assert f"DTSTART;VALUE=DATE:{DAY:%Y%m%d}".encode() in lines
    assert event(feed)["summary"] == "A quiet hour, тихий час; " * 9
    # The name that calendars show for it, or else they would show the address.
    for name in ("name", "x-wr-calname"):
        assert Calendar.from_ical(body)[name] == "Quiet hours, тихий час; " * 9


def test_it_is_kept_by_nobody_and_found_by_no_search(review: Review, feed: CalendarFeed) -> None:
    response = Client().get(at(feed))
    assert response["Content-Type"] == "text/calendar; charset=utf-8"
    assert response["Cache-Control"] == "private, no-store"
    assert response["X-Robots-Tag"] == "noindex"
    assert response["Referrer-Policy"] == "same-origin"
    assert response["Content-Disposition"] == 'attachment; filename="calendar.ics"'
    assert "Accept-Language" in response["Vary"]
    assert not response.cookies
    assert Client().head(at(feed)).status_code == 200


def test_it_asks_the_database_little(
    review: Review, feed: CalendarFeed, django_assert_max_num_queries: Any
) -> None:
    look(feed)
    with django_assert_max_num_queries(4):
        look(feed)


def test_without_a_day_it_holds_what_every_calendar_must_and_nothing_more(
    feed: CalendarFeed,
) -> None:
    calendar = Calendar.from_ical(look(feed))
    (zone,) = calendar.subcomponents
    assert zone.name == "VTIMEZONE"
    assert zone["tzid"] == "UTC"
    (standard,) = zone.subcomponents
    assert standard.name == "STANDARD"
    assert set(standard) == {"DTSTART", "TZOFFSETFROM", "TZOFFSETTO"}
    lines = look(feed).split(b"\r\n")
    assert b"DTSTART:19700101T000000" in lines
    assert b"TZOFFSETTO:+0000" in lines


# -- When the day changes ------------------------------------------------------------------------


def test_a_moved_day_is_told_at_once_as_a_change_of_the_same_entry(
    review: Review, feed: CalendarFeed
) -> None:
    before = event(feed)
    again(review).move(DAY - timedelta(days=3))
    moved = datetime.now(UTC)
    after = event(feed)
    assert after.decoded("dtstart") == DAY - timedelta(days=3)
    assert after["uid"] == before["uid"]
    assert after.decoded("sequence") > before.decoded("sequence")
    assert after.decoded("dtstamp") >= before.decoded("dtstamp")
    assert after.decoded("last-modified") == after.decoded("dtstamp")
    # When the other moved it is not told, only when this calendar looked.
    assert CalendarFeed.objects.get().told_at > moved


def test_nothing_changes_while_the_day_stays(review: Review, feed: CalendarFeed) -> None:
    body = look(feed)
    assert look(feed) == body
    again(review).move(DAY + timedelta(days=1))
    again(review).move(DAY)
    assert look(feed) == body


def test_two_calendars_that_look_at_once_are_told_the_same(
    review: Review, feed: CalendarFeed
) -> None:
    look(feed)
    again(review).move(DAY + timedelta(days=1))
    one, two = (CalendarFeed.objects.get() for _ in range(2))
    assert one.tell() == two.tell() == DAY + timedelta(days=1)
    assert one.told == two.told == CalendarFeed.objects.get().told


def test_a_day_that_was_taken_away_and_comes_back(review: Review, feed: CalendarFeed) -> None:
    before = event(feed)
    again(review).move(None)
    assert shows(feed) == []
    again(review).move(DAY + timedelta(days=5))
    after = event(feed)
    assert after["uid"] == before["uid"]
    assert after.decoded("sequence") > before.decoded("sequence")


def test_the_last_day_there_is_makes_a_calendar_too(review: Review, feed: CalendarFeed) -> None:
    again(review).move(date.max)
    assert shows(feed) == [date.max]


def test_no_review_and_a_review_without_a_day_are_empty(
    ana: Resident, ben: Resident, feed: CalendarFeed
) -> None:
    assert shows(feed) == []
    running = begin(ana, ben)
    assert shows(feed) == []
    reveal(running, ana, ben).close(DAY)
    assert shows(feed) == [DAY]
    reveal(begin(ana, ben), ana, ben).close(None)
    # The day of the one before does not come back.
    assert shows(feed) == []


def test_the_day_stays_while_a_review_runs_and_when_it_is_stopped(
    review: Review, ana: Resident, ben: Resident, feed: CalendarFeed
) -> None:
    body = look(feed)
    running = begin(ana, ben)
    assert look(feed) == body
    again(running).stop()
    assert look(feed) == body


# -- When somebody moves out ---------------------------------------------------------------------


@pytest.mark.parametrize("who", ["ana", "ben"])
def test_it_is_empty_for_both_as_soon_as_one_has_left(
    review: Review, ana: Resident, ben: Resident, who: str
) -> None:
    feeds = [CalendarFeed.make(ana), CalendarFeed.make(ben)]
    assert [shows(feed) for feed in feeds] == [[DAY], [DAY]]
    {"ana": ana, "ben": ben}[who].partner.leave()
    assert [shows(feed) for feed in feeds] == [[], []]


def live_together(one: User, two: User) -> tuple[Resident, Resident]:
    """Both, as if just loaded, with a day for their next review."""
    Invitation.make(anew(one).partner).accept(anew(two)).confirm()
    both = (anew(one), anew(two))
    close(begin(*both), *both, DAY + timedelta(days=30))
    return both


@pytest.mark.parametrize("stays", [True, False])
def test_an_address_from_before_somebody_moved_out_tells_nothing_of_the_next_home(
    review: Review, ana: Resident, ben: Resident, cleo: Resident, feed: CalendarFeed, stays: bool
) -> None:
    """Whoever was given it in the old home may be whoever one left."""
    (ben if stays else ana).partner.leave()
    if stays:
        live_together(ana, cleo)
    else:
        live_together(cleo, ana)
    assert shows(feed) == []
    page = signed_in(User.objects.get(pk=ana.pk)).get(PAGE).text
    assert "made before one of you moved out" in page
    assert feed.token not in page
    assert shows(CalendarFeed.make(ana)) == [DAY + timedelta(days=30)]


def test_what_happens_in_an_earlier_home_is_not_heard_here(
    ana: Resident, ben: Resident, eve: User, sol: Resident
) -> None:
    newcomer, sol = live_together(sol, eve)[::-1]
    feed = CalendarFeed.make(newcomer)
    ben.partner.leave()
    assert shows(feed) == [DAY + timedelta(days=30)]


# -- Its address ---------------------------------------------------------------------------------


def test_a_person_makes_an_address_sees_it_and_renews_it(
    review: Review, ana: Resident, as_ana: Client
) -> None:
    page = as_ana.get(PAGE).text
    assert "Make an address" in page
    assert "readonly" not in page
    page = as_ana.post(MAKE, follow=True).text
    first = CalendarFeed.objects.get(person=ana)
    assert f'value="{first.address}" readonly' in page
    assert f'href="webcal://testserver{at(first)}"' in page
    assert shows(first) == [DAY]
    as_ana.post(MAKE)
    second = CalendarFeed.objects.get(person=ana)
    assert second.token != first.token
    assert Client().get(at(first)).status_code == 404
    assert shows(second) == [DAY]


def test_turning_it_off_ends_it(review: Review, feed: CalendarFeed, as_ana: Client) -> None:
    assert shows(feed) == [DAY]
    assert "Make an address" in as_ana.post(OFF, follow=True).text
    assert Client().get(at(feed)).status_code == 404
    assert not CalendarFeed.objects.exists()
    assert as_ana.post(OFF).status_code == 302


def test_revoked_and_unknown_are_the_same(feed: CalendarFeed) -> None:
    address = at(feed)
    feed.delete()
    answers = [
        Client().get(path)
        for path in (
            address,
            *(f"/calendar/{it}.ics" for it in ("x", "a guess", "%00", "x" * 2000)),
        )
    ]
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.content for answer in answers}) == 1
    assert not any(answer.cookies for answer in answers)


def test_the_other_one_neither_sees_it_nor_ends_it(
    review: Review, feed: CalendarFeed, as_ben: Client, as_cleo: Client
) -> None:
    for client in (as_ben, as_cleo):
        for page in (PAGE, reverse("principles:reviews"), reverse("couples:home")):
            assert feed.token not in client.get(page).text
        assert "Make an address" in client.get(PAGE).text or client is as_cleo
        client.post(OFF)
        client.post(MAKE)
    assert shows(feed) == [DAY]


def test_visitors_are_asked_to_sign_in(feed: CalendarFeed, as_anonymous: Client) -> None:
    for response in (as_anonymous.get(PAGE), as_anonymous.post(MAKE), as_anonymous.post(OFF)):
        assert response.status_code == 302
        assert response["Location"].startswith(reverse("account_login"))
    assert CalendarFeed.objects.get() == feed


def test_other_methods_are_refused(review: Review, feed: CalendarFeed, as_ana: Client) -> None:
    for method in ("post", "put", "patch", "delete"):
        strict = Client(enforce_csrf_checks=True)
        assert getattr(strict, method)(at(feed)).status_code == 405
    assert as_ana.post(PAGE).status_code == 405
    assert as_ana.get(MAKE).status_code == 405
    assert as_ana.get(OFF).status_code == 405
    assert shows(feed) == [DAY]


def test_alone_there_is_nothing_to_make(sol: Resident, as_sol: Client) -> None:
    assert "Nothing to put there yet" in as_sol.get(PAGE).text
    as_sol.post(MAKE)
    assert not CalendarFeed.objects.exists()


def test_whoever_has_left_still_turns_theirs_off(ben: Resident, as_ben: Client) -> None:
    feed = CalendarFeed.make(ben)
    ben.partner.leave()
    page = as_ben.get(PAGE).text
    assert "made before one of you moved out" in page
    assert MAKE not in page
    assert as_ben.post(MAKE)["Location"] == reverse("couples:begin")
    as_ben.post(OFF)
    assert Client().get(at(feed)).status_code == 404


def test_the_page_of_reviews_shows_the_way(as_ana: Client, as_sol: Client) -> None:
    assert PAGE in as_ana.get(reverse("principles:reviews")).text
    assert PAGE not in as_sol.get(reverse("principles:reviews")).text


@pytest.mark.django_db(transaction=True)
def test_two_clicks_at_once_make_one_address(ana: Resident) -> None:
    made = while_another(lambda: CalendarFeed.make(ana), lambda: CalendarFeed.make(ana))
    assert [type(each) for each in made] == [CalendarFeed, CalendarFeed]
    assert CalendarFeed.objects.get() == made[1]


# -- Where the secret lies -----------------------------------------------------------------------


def test_the_address_is_not_in_the_database(feed: CalendarFeed) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM principles_calendarfeed")
        (row,) = cursor.fetchall()
    values = [bytes(each) if isinstance(each, memoryview) else each for each in row]
    assert feed.token not in str(values)
    assert CalendarFeed.objects.get().token == feed.token


def test_the_address_is_not_in_the_log(feed: CalendarFeed) -> None:
    (handler,) = [
        each
        for each in logging.getLogger().handlers
        if isinstance(each, logging.StreamHandler)
        and any(isinstance(one, WithoutSecrets) for one in each.filters)
    ]
    lines = StringIO()
    before = handler.setStream(lines)
    try:
        strict = Client(enforce_csrf_checks=True)
        strict.post(at(feed))
        strict.get(f"{at(feed)}/")
        strict.get(at(feed).removesuffix(".ics"))
        strict.post(f"/i/{feed.token}/accept/")
        strict.get(f"/letters/{feed.pk}/nothing/")
    finally:
        handler.setStream(before)
    log = lines.getvalue()
    assert log.count("/calendar/…") == 3
    assert "/i/…/accept/" in log
    assert feed.token not in log
    assert f"/letters/{feed.pk}/nothing/" in log
