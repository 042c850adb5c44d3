"""The calendar behind somebody's address, as RFC 5545 has it.

It stands on a telephone that colleagues and children look at. So nothing in it says whose it is,
where it comes from or what the day is for: no name, no site, no description, nobody invited, and
no alarm. The day counts as free, because nobody else is to plan around it.
"""

from datetime import date, datetime, timedelta

from django.utils.translation import gettext as _
from icalendar import Calendar, Event, Timezone, TimezoneStandard, vDuration

from principles.reviews.models.feed import CalendarFeed

# How often calendars are asked to look again. Many keep to a rhythm of their own.
LOOK_AGAIN = timedelta(hours=4)


def of(feed: CalendarFeed) -> bytes:
    """The next review of this person, or an empty calendar."""
    calendar = Calendar()
    calendar.add("prodid", "-//Calendar//EN")
    calendar.add("version", "2.0")
    # Without a name of its own, some show the address, which is a secret.
    for name in ("name", "x-wr-calname"):
        calendar.add(name, _("Quiet hours"))
    calendar.add("refresh-interval", LOOK_AGAIN, parameters={"value": "DURATION"})
    calendar.add("x-published-ttl", vDuration(LOOK_AGAIN))
    day = feed.tell()
    calendar.add_component(_event(feed, day) if day else _nothing())
    body: bytes = calendar.to_ical()
    return body


def _nothing() -> Timezone:
    """RFC 5545 wants something in every calendar. What a zone is called and that it never changes
    its clocks is shown nowhere and tells nothing."""
    standard = TimezoneStandard()
    standard.add("dtstart", datetime(1970, 1, 1))  # noqa: DTZ001 # as it is written in a zone
    standard.add("tzoffsetfrom", timedelta(0))
    standard.add("tzoffsetto", timedelta(0))
    zone = Timezone()
    zone.add("tzid", "UTC")
    zone.add_component(standard)
    return zone


def _event(feed: CalendarFeed, day: date) -> Event:
    event = Event()
    # The same name for ever, and a higher number whenever it has moved: RFC 5546 goes by these.
    event.add("uid", str(feed.pk))
    event.add("sequence", feed.told)
    event.add("dtstamp", feed.told_at)
    event.add("last-modified", feed.told_at)
    # A date without an end is one whole day.
    event.add("dtstart", day)
    event.add("summary", _("A quiet hour"))
    event.add("transp", "TRANSPARENT")
    return event
