"""Reminders: when they are due, that each comes once, and how they end."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from couples.mail.delivery import deliver_all
from couples.mail.outbox import LEASE, OutgoingMail
from couples.models import User
from principles.daily.models.reminder import EVERY_DAY, next_after
from principles.models import Reminder, ReminderMail
from tests.people import Resident
from tests.races import while_another

URL = reverse("principles:reminder")


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def living_in(zone: str) -> User:
    return User(time_zone=zone)


def dues(zone: str, at: time, start: datetime, days: int) -> list[str]:
    """The local times of some reminders in a row."""
    user, moment, found = living_in(zone), start, []
    for _ in range(days):
        moment = next_after(moment, user, at, EVERY_DAY)
        found.append(moment.astimezone(ZoneInfo(zone)).strftime("%d %H:%M"))
    return found


# -- When ----------------------------------------------------------------------------------------


def test_the_same_local_time_when_the_clock_goes_forward() -> None:
    start = utc("2027-03-26T12:00")
    assert dues("Europe/Berlin", time(8), start, 3) == ["27 08:00", "28 08:00", "29 08:00"]
    # Half past two does not exist on the 28th: an hour later, that day only.
    assert dues("Europe/Berlin", time(2, 30), start, 3) == ["27 02:30", "28 03:30", "29 02:30"]


def test_once_when_the_clock_goes_back() -> None:
    start = utc("2027-10-29T12:00")
    found = dues("Europe/Berlin", time(2, 30), start, 3)
    assert found == ["30 02:30", "31 02:30", "01 02:30"]
    first = next_after(utc("2027-10-30T12:00"), living_in("Europe/Berlin"), time(2, 30), EVERY_DAY)
    assert first == utc("2027-10-31T00:30")  # the first of the two, and no second one
    assert next_after(first, living_in("Europe/Berlin"), time(2, 30), EVERY_DAY) > utc(
        "2027-10-31T12:00"
    )


def test_where_midnight_does_not_exist_and_where_a_day_was_left_out() -> None:
    assert dues("Africa/Cairo", time(0), utc("2027-04-28T12:00"), 3) == [
        "29 00:00",
        "30 01:00",
        "01 00:00",
    ]
    # Samoa had no 30 December 2011.
    assert dues("Pacific/Apia", time(8), utc("2011-12-29T00:00"), 3)[0] == "29 08:00"


def test_where_the_clock_jumps_over_the_end_of_a_day() -> None:
    # On a Saturday in March, Nuuk goes from eleven in the evening to midnight ...
    assert dues("America/Nuuk", time(23, 45), utc("2027-03-26T12:00"), 4) == [
        "26 23:45",
        "27 22:45",
        "28 23:45",
        "29 23:45",
    ]
    # ... and on one in October, its last hour comes twice.
    start = utc("2027-10-29T12:00")
    assert dues("America/Nuuk", time(23, 45), start, 3) == ["29 23:45", "30 23:45", "31 23:45"]


def test_on_the_chosen_weekdays_only() -> None:
    monday_and_friday = 0b0010001
    moment, user = utc("2026-11-22T12:00"), living_in("UTC")  # a Sunday
    found = []
    for _ in range(4):
        moment = next_after(moment, user, time(8), monday_and_friday)
        found.append(moment.strftime("%a"))
    assert found == ["Mon", "Fri", "Mon", "Fri"]


# -- Each once -----------------------------------------------------------------------------------

EIGHT = utc("2026-11-23T08:00")


@pytest.fixture
def reminder(ana: Resident) -> Reminder:
    """Ana's, every day at eight, from the day before."""
    return Reminder.set(ana, time(8), EVERY_DAY, EIGHT - timedelta(hours=20))


def work(now: datetime) -> int:
    Reminder.write_mails(now)
    return deliver_all(now)


def test_it_comes_once_a_day_and_says_nothing(reminder: Reminder, ana: Resident) -> None:
    assert work(EIGHT - timedelta(seconds=1)) == 0
    assert work(EIGHT) == 1
    assert work(EIGHT + timedelta(minutes=1)) == 0
    assert work(EIGHT + timedelta(days=1)) == 1
    sent = mail.outbox[0]
    assert sent.to == [ana.email]
    assert sent.subject == "A small thing for today"
    for word in ("Ana", "Ben", "repair", "relationship"):
        assert word not in sent.subject
        assert word not in sent.body.split("http")[0]
    assert sent.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def test_off_until_somebody_turns_it_on(ana: Resident, ben: Resident) -> None:
    assert work(EIGHT) == 0
    assert mail.outbox == []


def test_a_worker_that_was_away_sends_one_and_not_all(reminder: Reminder) -> None:
    assert work(EIGHT + timedelta(days=3, minutes=5)) == 0  # the one of three days ago is stale
    assert work(EIGHT + timedelta(days=4)) == 1
    assert len(mail.outbox) == 1


def test_none_comes_at_another_hour_than_the_chosen_one(reminder: Reminder) -> None:
    # Written at eight; and then the mail server, or the worker, is away.
    Reminder.write_mails(EIGHT)
    assert deliver_all(EIGHT + timedelta(hours=1)) == 0
    assert not OutgoingMail.objects.exists()
    # Nobody wrote it at eight.
    assert work(EIGHT + timedelta(days=1, hours=1)) == 0
    # The next one comes, a little late.
    assert work(EIGHT + timedelta(days=2, minutes=59)) == 1


def test_after_an_outage_of_days_no_old_one_comes(reminder: Reminder) -> None:
    for day in range(3):
        Reminder.write_mails(EIGHT + timedelta(days=day))
    assert OutgoingMail.objects.count() == 3
    assert deliver_all(EIGHT + timedelta(days=2, minutes=1)) == 1
    assert mail.outbox[0].extra_headers["Date"].startswith("Wed, 25 Nov 2026 08:00:00")
    assert not OutgoingMail.objects.exists()


def test_a_time_that_is_changed_before_it_was_sent_counts_for_that_day(
    reminder: Reminder, ana: Resident
) -> None:
    Reminder.write_mails(EIGHT)
    Reminder.set(ana, time(21), EVERY_DAY, EIGHT + timedelta(minutes=10))
    assert work(EIGHT + timedelta(minutes=11)) == 0
    assert work(EIGHT + timedelta(hours=13)) == 1


def test_what_may_have_arrived_is_not_written_a_second_time(
    reminder: Reminder, ana: Resident
) -> None:
    Reminder.write_mails(EIGHT)
    assert OutgoingMail.objects.take(EIGHT, LEASE)
    Reminder.set(ana, time(21), EVERY_DAY, EIGHT + timedelta(minutes=10))
    assert work(EIGHT + timedelta(hours=13)) == 0
    assert work(EIGHT + timedelta(hours=37)) == 1


def test_a_worker_that_died_in_the_middle_is_followed_by_another(reminder: Reminder) -> None:
    Reminder.write_mails(EIGHT)
    taken = OutgoingMail.objects.take(EIGHT, LEASE)
    assert taken is not None
    assert deliver_all(EIGHT) == 0  # it may still be at it
    assert deliver_all(EIGHT + LEASE) == 1
    assert deliver_all(EIGHT + LEASE) == 0
    name = mail.outbox[0].extra_headers["Message-ID"]
    assert taken.pk.hex in name


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_send_one(reminder: Reminder) -> None:
    while_another(lambda: Reminder.write_mails(EIGHT), lambda: Reminder.write_mails(EIGHT))
    assert ReminderMail.objects.count() == 1


@pytest.mark.parametrize("start", ["2027-03-25T12:00", "2027-10-28T12:00"])
def test_a_late_one_comes_once_on_each_day_around_a_change_of_the_clock(
    start: str, ana: Resident
) -> None:
    moment = utc(start)
    ana.live_in("America/Nuuk")
    Reminder.set(ana, time(23, 45), EVERY_DAY, moment)
    came = []
    for _quarter in range(5 * 24 * 4):
        moment += timedelta(minutes=15)
        came += [moment.astimezone(ana.zone).date()] * work(moment)
    assert came == [utc(start).date() + timedelta(days=day) for day in range(5)]


def test_a_time_that_is_changed_on_the_day_brings_no_second_mail(
    reminder: Reminder, ana: Resident
) -> None:
    work(EIGHT)
    Reminder.set(ana, time(9), EVERY_DAY, EIGHT + timedelta(minutes=5))
    assert work(EIGHT + timedelta(hours=1, minutes=1)) == 0
    assert work(EIGHT + timedelta(days=1, hours=1)) == 1


def test_moving_to_another_time_zone_moves_it(reminder: Reminder, ana: Resident) -> None:
    ana.live_in("Asia/Tokyo")
    assert work(EIGHT - timedelta(hours=10)) == 0  # seven in Tokyo
    assert work(EIGHT - timedelta(hours=9)) == 1
    assert work(EIGHT) == 0
    assert ReminderMail.objects.get().on == date(2026, 11, 23)


# -- On and off ----------------------------------------------------------------------------------


def test_turned_on_changed_and_off(as_ana: Client, ana: Resident, ben: Resident) -> None:
    assert "It is off." in as_ana.get(URL).text
    as_ana.post(URL, {"at": "07:30", "days": ["0", "4"]})
    mine = Reminder.objects.get()
    assert (mine.person, mine.at, mine.weekdays) == (ana, time(7, 30), 0b0010001)
    assert "It is on." in as_ana.get(URL).text
    as_ana.post(URL, {"turn": "off"})
    assert not Reminder.objects.on().exists()


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ({"at": "later", "days": ["0"]}, "That is not a time."),
        ({"at": "", "days": ["0"]}, "Choose a time of day."),
        ({"at": "07:30"}, "Choose a day, or turn the reminder off."),
        ({"at": "07:30", "days": ["9"]}, "9"),
    ],
)
def test_what_makes_no_sense_is_said(
    as_ana: Client, data: dict[str, object], sentence: str
) -> None:
    response = as_ana.post(URL, data)
    assert response.status_code == 422
    assert sentence in response.text
    assert not Reminder.objects.exists()


def test_off_from_the_mail_itself_without_signing_in(
    reminder: Reminder, as_anonymous: Client
) -> None:
    work(EIGHT)
    link = mail.outbox[0].extra_headers["List-Unsubscribe"].strip("<>").split("testserver")[1]
    assert as_anonymous.get(link).status_code == 200
    assert Reminder.objects.on().exists()  # whoever only follows links changes nothing
    Reminder.write_mails(EIGHT + timedelta(days=1))  # due already, and not sent yet
    client = Client(enforce_csrf_checks=True)
    assert client.post(link, {"List-Unsubscribe": "One-Click"}).status_code == 200
    assert not Reminder.objects.on().exists()
    assert deliver_all(EIGHT + timedelta(days=1)) == 0
    assert as_anonymous.post("/reminder/off/guessed/").status_code == 404
