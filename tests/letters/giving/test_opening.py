"""Letters that wait for a day or for a hard day, as their rows and the clock tell it."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo, available_timezones

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from couples.crypto import keyring
from couples.models import Invitation, User
from couples.refusals import NotTogether
from letters.giving.models.opening import NotYet, Stage, begins
from letters.giving.models.share import Changed
from letters.models import OpenedBy, Opening
from tests.letters.giving.steps import digest_of, letter_of, words_of
from tests.people import Resident, anew
from tests.races import while_another

DAY = date(2027, 5, 3)
BEFORE, AFTER = datetime(2027, 5, 2, 23, 59, tzinfo=UTC), datetime(2027, 5, 3, 0, 0, tzinfo=UTC)
WORDS = "I want to stay."


def put_away(
    person: Resident, on: date | None = DAY, audience: str = "other", words: str = WORDS
) -> Opening:
    letter = letter_of(person, words)
    return Opening.put_away(
        letter, person.partner, digest_of(letter), Opening.Audience(audience), on
    )


def stage(opening: Opening, person: Resident, now: datetime = AFTER) -> Stage:
    """As a request finds it: nothing remembered."""
    partner = anew(person).partner
    return Opening.objects.with_people(partner).get(pk=opening.pk).stage_for(partner, now)


def open_it(opening: Opening, person: Resident, now: datetime = AFTER) -> None:
    partner = anew(person).partner
    Opening.objects.get(pk=opening.pk).open(partner, now)


# -- When a day begins ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("zone", "day", "moment"),
    [
        ("UTC", "2027-05-03", "2027-05-03T00:00"),
        ("Europe/Lisbon", "2027-05-03", "2027-05-02T23:00"),
        ("Pacific/Kiritimati", "2027-05-03", "2027-05-02T10:00"),
        ("Asia/Kathmandu", "2027-05-03", "2027-05-02T18:15"),
        # Into summer time in the night, and out of it: midnight is where it always was.
        ("Europe/Lisbon", "2027-03-28", "2027-03-28T00:00"),
        ("Europe/Lisbon", "2027-03-29", "2027-03-28T23:00"),
        ("Europe/Lisbon", "2027-10-31", "2027-10-30T23:00"),
        ("Europe/Lisbon", "2027-11-01", "2027-11-01T00:00"),
        # The clocks went from 24:00 to 1:00: the day began at one.
        ("America/Sao_Paulo", "2018-11-04", "2018-11-04T03:00"),
        ("Africa/Cairo", "2027-04-30", "2027-04-29T22:00"),
        ("Asia/Beirut", "2027-03-28", "2027-03-27T22:00"),
        # From 24:00 back to 23:00: the day before had an hour more.
        ("America/Sao_Paulo", "2018-02-18", "2018-02-18T03:00"),
        ("Africa/Cairo", "2027-10-29", "2027-10-28T22:00"),
        ("Asia/Beirut", "2027-10-31", "2027-10-30T22:00"),
        # There was no 30 December 2011 in Samoa. A letter for it opens when the calendar is past.
        ("Pacific/Apia", "2011-12-30", "2011-12-30T10:00"),
        ("Pacific/Apia", "2011-12-31", "2011-12-30T10:00"),
    ],
)
def test_a_day_begins(zone: str, day: str, moment: str) -> None:
    expected = datetime.fromisoformat(moment).replace(tzinfo=UTC)
    assert begins(date.fromisoformat(day), ZoneInfo(zone)) == expected


def test_a_day_begins_in_every_zone_when_the_calendar_there_turns() -> None:
    """A second before it is the day before; and no day begins before the one that precedes it."""
    days = [date(2026, 1, 1) + timedelta(n) for n in range(0, 731)]
    second = timedelta(seconds=1)
    for name in available_timezones():
        zone = ZoneInfo(name)
        moments = [begins(day, zone) for day in days]
        for day, moment in zip(days, moments, strict=True):
            assert moment.astimezone(zone).date() == day, (name, day)
            assert (moment - second).astimezone(zone).date() < day, (name, day)
        assert all(one < two for one, two in pairwise(moments)), name


# -- Waiting for a day ---------------------------------------------------------------------------


def test_it_opens_when_the_day_begins_where_the_reader_is(ana: Resident, ben: Resident) -> None:
    opening = put_away(ana)
    assert stage(opening, ben, BEFORE) is Stage.WAITING
    assert stage(opening, ben, AFTER) is Stage.DUE
    ben.live_in("America/Sao_Paulo")
    assert stage(opening, ben, AFTER) is Stage.WAITING
    assert stage(opening, ben, AFTER + timedelta(hours=3)) is Stage.DUE
    # Where the author lives plays no part.
    ana.live_in("Pacific/Kiritimati")
    assert stage(opening, ben, AFTER + timedelta(hours=2, minutes=59)) is Stage.WAITING


def test_who_moves_before_the_day_has_it_where_they_live_then(ana: Resident, ben: Resident) -> None:
    opening = put_away(ana)
    ben.live_in("Pacific/Kiritimati")
    assert stage(opening, ben, AFTER - timedelta(hours=14)) is Stage.DUE
    ben.live_in("Pacific/Pago_Pago")
    assert stage(opening, ben, AFTER + timedelta(hours=10, minutes=59)) is Stage.WAITING
    assert stage(opening, ben, AFTER + timedelta(hours=11)) is Stage.DUE


def test_what_was_opened_stays_open_wherever_one_moves(ana: Resident, ben: Resident) -> None:
    opening = put_away(ana)
    open_it(opening, ben)
    ben.live_in("Pacific/Pago_Pago")
    assert stage(opening, ben) is Stage.OPENED


def test_nobody_opens_it_before(ana: Resident, ben: Resident) -> None:
    opening = put_away(ana)
    for person, now in ((ben, BEFORE), (ana, BEFORE), (ana, AFTER)):
        with pytest.raises(NotYet):
            open_it(opening, person, now)
    assert not OpenedBy.objects.exists()
    open_it(opening, ben)
    open_it(opening, ben)
    assert stage(opening, ben) is Stage.OPENED
    assert OpenedBy.objects.count() == 1


def test_its_author_never_sees_whether_it_was_opened(ana: Resident, ben: Resident) -> None:
    for opening in (put_away(ana), put_away(ana, None)):
        before = stage(opening, ana, BEFORE)
        open_it(opening, ben)
        assert before is stage(opening, ana) is Stage.PUT_AWAY


# -- A hard day ----------------------------------------------------------------------------------


def test_on_a_hard_day_its_reader_opens_it_whenever_they_choose(
    ana: Resident, ben: Resident
) -> None:
    opening = put_away(ana, None)
    now = timezone.now()
    assert stage(opening, ben, now) is Stage.DUE
    open_it(opening, ben, now)
    assert stage(opening, ben, now) is Stage.OPENED


def test_when_it_was_opened_is_written_down_nowhere(ana: Resident, ben: Resident) -> None:
    opening = put_away(ana, None)
    open_it(opening, ben)
    assert {field.name for field in OpenedBy._meta.get_fields()} == {"pk", "opening", "partner"}


# -- To us ---------------------------------------------------------------------------------------


def test_a_letter_to_us_is_closed_to_its_author_too(ana: Resident, ben: Resident) -> None:
    opening = put_away(ana, audience="both")
    ana.live_in("America/Sao_Paulo")
    for person in (ana, ben):
        assert stage(opening, person, BEFORE) is Stage.WAITING
    # For each when the day begins where they are, and by their own act.
    assert stage(opening, ben) is Stage.DUE
    assert stage(opening, ana) is Stage.WAITING
    open_it(opening, ben)
    assert stage(opening, ana, AFTER + timedelta(hours=3)) is Stage.DUE


# -- What lies where -----------------------------------------------------------------------------


def raw(opening: Opening) -> bytes:
    """As it lies in the database."""
    with connection.cursor() as cursor:
        column = Opening._meta.pk.get_db_prep_value(opening.pk, connection)
        cursor.execute("SELECT words FROM letters_opening WHERE id = %s", [column])
        return bytes(cursor.fetchone()[0])


def test_until_it_is_opened_it_lies_under_its_authors_key_and_then_under_the_homes(
    ana: Resident, ben: Resident
) -> None:
    opening = put_away(ana)
    assert WORDS.encode() not in raw(opening)
    key_of = {
        owner: keyring.ring().for_owner(owner)[0].bytes for owner in (ana.pk, opening.workspace_id)
    }
    assert raw(opening)[1:17] == key_of[ana.pk]
    open_it(opening, ben)
    assert raw(opening)[1:17] == key_of[opening.workspace_id]
    assert words_of(Opening.objects.get()) == ["Dear Relationship,", WORDS]


def test_the_words_are_those_that_were_previewed(ana: Resident, ben: Resident) -> None:
    letter = letter_of(ana, WORDS)
    with pytest.raises(Changed):
        Opening.put_away(letter, ana.partner, "others", Opening.Audience.OTHER, DAY)
    with pytest.raises(Changed):
        Opening.put_away(
            letter, ana.partner, digest_of(letter), Opening.Audience.OTHER, DAY, to="somebody else"
        )
    assert not Opening.objects.exists()


def test_it_takes_two(sol: Resident) -> None:
    with pytest.raises(NotTogether):
        put_away(sol)


# -- Taking back, and leaving --------------------------------------------------------------------


def test_taken_back_it_says_nothing_any_more(ana: Resident, ben: Resident) -> None:
    opening = put_away(ana)
    Opening.objects.get().take_back()
    Opening.objects.get().take_back()
    for person in (ana, ben):
        assert stage(opening, person) is Stage.TAKEN_BACK
    with pytest.raises(NotYet):
        open_it(opening, ben)
    assert Opening.objects.get().words is None
    with pytest.raises(IntegrityError), transaction.atomic():
        Opening.objects.update(taken_back_at=None)


def test_taking_back_does_not_tell_whether_it_was_opened(ana: Resident, ben: Resident) -> None:
    opened, closed = put_away(ana, None), put_away(ana, None)
    open_it(opened, ben)
    for opening in (opened, closed):
        Opening.objects.get(pk=opening.pk).take_back()
        assert stage(opening, ana) is stage(opening, ben) is Stage.TAKEN_BACK
    assert not OpenedBy.objects.exists()


def test_what_could_be_opened_when_somebody_left_is_kept_by_both_and_nothing_tells_what_was(
    ana: Resident, ben: Resident
) -> None:
    couple = ana.partner.couple
    assert couple is not None
    yesterday = timezone.localdate() - timedelta(days=1)
    opened, hard, due = put_away(ana, None), put_away(ana, None), put_away(ben, yesterday)
    open_it(opened, ben)
    later, regretted = put_away(ana, DAY), put_away(ana, None)
    regretted.take_back()
    ana.partner.leave()
    kept = Opening.objects.kept_of(couple)
    assert {each.pk for each in kept} == {opened.pk, hard.pk, due.pk}
    ours = keyring.ring().for_owner(couple.workspace_id)[0].bytes
    for each in kept:
        assert words_of(each) == ["Dear Relationship,", WORDS]
        assert bytes(raw(each))[1:17] == ours
    mine = keyring.ring().for_owner(ana.pk)[0].bytes
    assert bytes(raw(later))[1:17] == mine
    for person in (ana, ben):
        assert not Opening.objects.visible_to(person.partner).exists()


def test_whoever_moves_in_later_finds_nothing_of_it(
    ana: Resident, ben: Resident, eve: User
) -> None:
    put_away(ana)
    ben.partner.leave()
    Invitation.make(anew(ana).partner).accept(eve).confirm()
    assert not Opening.objects.visible_to(anew(eve).partner).exists()


# -- At the same moment --------------------------------------------------------------------------


def test_opening_while_it_is_taken_back(
    transactional_db: None, ana: Resident, ben: Resident
) -> None:
    opening = put_away(ana)
    _, refused = while_another(
        lambda: Opening.objects.get().take_back(), lambda: open_it(opening, ben)
    )
    assert isinstance(refused, NotYet)
    assert Opening.objects.get().words is None
    assert not OpenedBy.objects.exists()


def test_taking_back_while_it_is_opened(
    transactional_db: None, ana: Resident, ben: Resident
) -> None:
    opening = put_away(ana)
    while_another(lambda: open_it(opening, ben), lambda: Opening.objects.get().take_back())
    assert Opening.objects.get().words is None
    assert stage(opening, ben) is Stage.TAKEN_BACK


def test_opening_while_the_author_leaves(
    transactional_db: None, ana: Resident, ben: Resident
) -> None:
    opening = put_away(ana, None)
    _, refused = while_another(lambda: ana.partner.leave(), lambda: open_it(opening, ben))
    assert isinstance(refused, NotTogether)
    assert not OpenedBy.objects.exists()


def test_both_open_a_letter_to_us_at_the_same_moment(
    transactional_db: None, ana: Resident, ben: Resident
) -> None:
    opening = put_away(ana, audience="both")
    assert while_another(lambda: open_it(opening, ana), lambda: open_it(opening, ben)) == [
        None,
        None,
    ]
    assert OpenedBy.objects.count() == 2
    assert words_of(Opening.objects.get()) == ["Dear Relationship,", WORDS]
