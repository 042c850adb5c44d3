"""What is prepared is what Django would have asked and made, whatever it is asked with."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet, Value
from django.db.models.functions import TruncDate
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django.utils.translation import override
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from couples.models import Couple, Partner, User
from couples.prepared import Prepared, now, plainly, prepared
from principles.catalog import PRINCIPLES
from principles.models import Agreement, Day, Pledge, Review, SharedPledge, Signature, Wording
from tests.people import Household, make_household

pytestmark = [pytest.mark.django_db, pytest.mark.each_database]


@pytest.fixture(scope="module")
def lived_in(make_once: Callable[..., Any]) -> Household:
    def make() -> Household:
        home = make_household()
        for person in (home.ana, home.ben):
            for principle in PRINCIPLES[:4]:
                Pledge.of(person, principle.slug).write(f"I do {principle.slug}.", 0)
            Day.of(person, date(2026, 3, 1), "repair", "a small way")
        for number, principle in enumerate(PRINCIPLES[:3]):
            agreement = Agreement.of(home.ana.partner, principle.slug)
            wording = agreement.propose(home.ana.partner, f"We do {principle.slug}.")
            wording.sign(home.ana.partner)
            if number:
                wording.sign(home.ben.partner)
        Review.begin(home.ana.partner)
        return home

    made: Household = make_once(make)
    return made


@pytest.fixture
def home(db: None, lived_in: Household) -> Household:
    return lived_in


# -- What is asked in these tests ----------------------------------------------------------------


@prepared
def wordings_of(couple: Couple | None) -> QuerySet[Wording]:
    return Wording.objects.of(couple).newest().with_signatures()


@prepared
def unsigned(couple: Couple | None, partner: Partner) -> QuerySet[Wording]:
    mine = Signature.objects.filter(wording=OuterRef("pk"), partner=partner)
    rows = Wording.objects.of(couple).filter(~Exists(mine)).order_by("proposed_at")
    return rows.annotate(signed=Exists(mine), said=Value("it", output_field=None))


@prepared
def pledges(person: User | UUID | None, principle: str, since: datetime | None) -> QuerySet[Pledge]:
    rows = Pledge.objects.order_by("principle")
    if since is not None:
        rows = rows.filter(user__created_at__gt=since)
    return (
        rows.filter(user=person, principle=principle)
        if person
        else rows.exclude(principle=principle)
    )


@prepared
def either(pk: UUID, slug: str, other: str) -> QuerySet[Pledge, tuple[Any, ...]]:
    rows = Pledge.objects.filter(Q(user=pk) | Q(principle=slug) | Q(principle=other))
    return rows.order_by("pk").values_list("pk", "principle", "user__name")


@prepared
def days(partner: Partner, on: date | None, with_ways: bool) -> QuerySet[Day]:
    rows = Day.objects.visible_to(partner)
    rows = rows.filter(on=on) if on else rows
    return rows.select_related("person") if with_ways else rows.defer("way")


@prepared
def both(partner: Partner, slug: str) -> QuerySet[Any, tuple[Any, ...]]:
    mine = Pledge.objects.visible_to(partner).filter(principle=slug)
    theirs = SharedPledge.objects.visible_to(partner)
    one = mine.annotate(kind=Value("pledge")).values_list("kind", "pk", "principle")
    return one.union(theirs.annotate(kind=Value(slug)).values_list("kind", "pk", "principle"))


@prepared
def couples(partner: Partner) -> QuerySet[Couple]:
    return Couple.objects.visible_to(partner).with_people()


def looks(rows: list[Any], depth: int = 4) -> list[Any]:
    """All that a row has, and what it brought along."""
    if not depth:
        return rows
    return [
        (
            type(row),
            {name: value for name, value in vars(row).items() if not name.startswith("_")},
            {name: looks([each], depth - 1) for name, each in row._state.fields_cache.items()},
            {
                name: looks(list(rows), depth - 1)
                for name, rows in vars(row).get("_prefetched_objects_cache", {}).items()
            },
            row.get_deferred_fields(),
        )
        if hasattr(row, "_state")
        else row
        for row in rows
    ]


def same(query: Prepared[..., Any], *values: Any) -> list[Any]:
    """What comes, which is the same both ways: with the same SQL, for as many questions."""
    query(*values)
    with CaptureQueriesContext(connection) as ours:
        found = query(*values)
    with plainly(), CaptureQueriesContext(connection) as djangos:
        expected = query(*values)
    assert [each["sql"] for each in ours] == [each["sql"] for each in djangos]
    assert looks(found) == looks(expected)
    assert looks([query.first(*values)]) == looks([next(iter(_first(query, *values)), None)])
    return found


def _first(query: Prepared[..., Any], *values: Any) -> list[Any]:
    return [query.build(*values).first()]


# -- As Django does it ---------------------------------------------------------------------------


def test_rows_come_with_all_that_django_gives_them(home: Household) -> None:
    couple, partner = home.ana.partner.couple, home.ben.partner
    assert len(same(wordings_of, couple)) == 3
    (wording, *_) = same(unsigned, couple, partner)
    assert wording.signed is False
    assert len(same(both, partner, "repair")) >= 0
    (found,) = same(couples, partner)
    with CaptureQueriesContext(connection) as asked:
        assert {each.user.name for each in found.people} == {"Ana", "Ben"}
    assert not asked


SLUGS = [principle.slug for principle in PRINCIPLES[:5]]
slugs = st.sampled_from(["", "%s", "'", *SLUGS]) | st.text(
    st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=8
)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_whatever_it_is_asked_with(home: Household, data: st.DataObject) -> None:
    people = [home.ana, home.ben, home.eve]
    ids = st.sampled_from([person.pk for person in people]) | st.builds(uuid4)
    moments = st.datetimes(timezones=st.just(UTC))
    partner = data.draw(st.sampled_from([*Partner.objects.all()]))
    couple = data.draw(st.sampled_from([None, *Couple.objects.all()]))
    same(pledges, data.draw(st.none() | ids | st.sampled_from(people)), data.draw(slugs), None)
    same(pledges, data.draw(ids), data.draw(slugs), data.draw(moments))
    same(either, data.draw(ids), data.draw(slugs), data.draw(slugs))
    day = data.draw(st.none() | st.just(date(2026, 3, 1)) | st.dates())
    same(days, partner, day, data.draw(st.booleans()))
    same(unsigned, couple, partner)
    same(both, partner, data.draw(slugs))
    same(wordings_of, couple)
    same(couples, partner)


def test_it_is_built_once_for_a_shape_and_anew_for_another(home: Household) -> None:
    built: list[Any] = []

    @prepared
    def mine(person: User | None, slug: str) -> QuerySet[Pledge]:
        built.append((person, slug))
        return Pledge.objects.filter(user=person, principle=slug)

    def times(*values: Any) -> int:
        before = len(built)
        same_rows = mine(*values)
        with plainly():
            expected = mine(*values)
            built.pop()
        assert same_rows == expected
        return len(built) - before

    assert times(home.ana, SLUGS[0]) == 2
    assert times(home.ben, SLUGS[1]) == 0
    assert times(home.eve, "' OR 1=1 --%s") == 0
    # Nobody, and no principle: those ask otherwise.
    assert times(home.ana, "") == 2
    assert times(None, SLUGS[0]) >= 1
    assert times(home.ana, SLUGS[0]) == 0
    with override("de"):
        assert times(home.ana, SLUGS[0]) == 2
    # The placeholders were nobody's ids, and are nobody's rows.
    assert all(person is not home.ana for person, _slug in built)


def test_who_has_left_does_not_see_with_the_words_of_who_lives_here(home: Household) -> None:
    left = Partner.objects.get(user=home.eve)
    assert left.left_at is not None
    assert couples(home.ana.partner)
    assert couples(left) == []
    assert couples(home.ana.partner)
    # Also where somebody leaves who had been asked for just now.
    home.ben.partner.left_at = timezone.now()
    assert couples(home.ben.partner) == []
    home.ben.partner.left_at = None


def test_what_is_found_by_way_of_a_row_knows_that_row(home: Household) -> None:
    @prepared
    def items(review: Review) -> QuerySet[Any]:
        return review.items.all()

    review = Review.objects.get()
    for _ in range(2):
        assert len(items(review)) == 2
        assert all(item.review is review for item in items(review))
    again = Review.objects.get()
    assert items(again)[0].review is again


def test_now_is_when_it_is_asked(home: Household) -> None:
    @prepared
    def before() -> QuerySet[Pledge]:
        return Pledge.objects.filter(user__created_at__lt=now())

    assert len(before()) == 8
    User.objects.update(created_at=timezone.now() + timedelta(hours=1))
    assert before() == []
    User.objects.filter(pk=home.ana.pk).update(created_at=timezone.now())
    assert len(before()) == 4
    assert abs(now() - timezone.now()) < timedelta(seconds=10)


only_postgresql = pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite plans anew")


def planned_once() -> int:
    """How often PostgreSQL answered a question about pledges by a plan that it had."""
    asked = "SELECT sum(generic_plans) FROM pg_prepared_statements WHERE statement LIKE %s"
    with connection.cursor() as cursor:
        cursor.execute(asked, ["%principles_pledge%"])
        return int(cursor.fetchone()[0] or 0)


@only_postgresql
def test_postgresql_plans_it_once(home: Household) -> None:
    for person in (home.ana, home.ben) * 10:
        same_slug = pledges(person, SLUGS[0], None)
        assert [each.user_id for each in same_slug] == [person.pk]
    assert planned_once() > 5


# -- What is refused -----------------------------------------------------------------------------


def refused(build: Callable[..., QuerySet[Any, Any]], *values: Any) -> None:
    """It says so, and is asked as Django would ask it."""
    query = prepared(build)
    with pytest.warns(UserWarning, match="cannot be prepared"):
        found = query(*values)
    assert looks(found) == looks(list(build(*values)))
    assert looks(query(*values)) == looks(found)


def test_what_looks_at_a_value_is_refused(home: Household) -> None:
    ana, partner = home.ana, home.ana.partner
    all_ = Pledge.objects.order_by("pk")

    def compares_texts(slug: str) -> QuerySet[Pledge]:
        return all_.filter(principle=slug) if slug == "repair" else all_.none()

    def looks_a_text_up(slug: str) -> QuerySet[Pledge]:
        return all_.filter(principle={"repair": "kindness"}.get(slug, slug))

    def asks_how_a_text_begins(slug: str) -> QuerySet[Pledge]:
        return all_.filter(principle=slug) if slug.startswith("own-") else all_

    def asks_how_long_a_text_is(slug: str) -> QuerySet[Pledge]:
        return all_.filter(principle=slug) if len(slug) > 3 else all_

    def asks_for_the_day_of_the_week(on: date) -> QuerySet[Day]:
        return Day.objects.filter(on=on) if on.weekday() == 6 else Day.objects.all()

    def compares_days(on: date) -> QuerySet[Day]:
        return Day.objects.filter(on=on) if on < date(2026, 3, 2) else Day.objects.all()

    def compares_ids(pk: UUID, mine: UUID) -> QuerySet[Pledge]:
        return all_.filter(user=pk) if pk == mine else all_

    def compares_rows(one: User, two: User) -> QuerySet[Pledge]:
        return all_.filter(user=one) if one == two else all_.filter(user=two)

    def reads_a_name(person: User) -> QuerySet[Pledge]:
        return all_.filter(user__name=person.name)

    def goes_to_another_row(partner: Partner) -> QuerySet[Pledge]:
        return all_.filter(user=partner.user.pk)

    def asks(person: User) -> QuerySet[Pledge]:
        return all_.filter(user=person) if all_.filter(user=person).exists() else all_

    refused(compares_texts, "repair")
    refused(compares_days, date(2026, 3, 1))
    refused(compares_ids, ana.pk, home.ben.pk)
    refused(compares_rows, ana, home.ben)
    refused(reads_a_name, ana)
    refused(goes_to_another_row, partner)
    refused(asks, ana)
    refused(looks_a_text_up, "repair")
    refused(asks_how_a_text_begins, "repair")
    refused(asks_how_long_a_text_is, "repair")
    refused(asks_for_the_day_of_the_week, date(2026, 3, 1))


def test_what_computes_with_a_value_is_refused(home: Household) -> None:
    def the_day_before(on: date) -> QuerySet[Day]:
        return Day.objects.filter(on=on - timedelta(days=1))

    def two_days(on: date, other: date) -> QuerySet[Day]:
        return Day.objects.filter(on__in=(on, other + timedelta(days=7)))

    def of_a_year(on: date) -> QuerySet[Day]:
        return Day.objects.filter(on__year=on.year)

    def a_part(slug: str) -> QuerySet[Pledge]:
        return Pledge.objects.filter(principle__contains=slug)

    def small(slug: str) -> QuerySet[Pledge]:
        return Pledge.objects.filter(principle=slug.lower())

    def unused(slug: str, person: User) -> QuerySet[Pledge]:
        return Pledge.objects.filter(user=person)

    refused(the_day_before, date(2026, 3, 2))
    refused(two_days, date(2026, 3, 1), date(2026, 3, 9))
    refused(of_a_year, date(2026, 3, 1))
    refused(a_part, "rep")
    refused(small, "Repair")
    refused(unused, "repair", home.ana)


def test_what_depends_on_the_time_is_refused(home: Household) -> None:
    def until_now() -> QuerySet[Pledge]:
        return Pledge.objects.filter(user__created_at__lt=timezone.now())

    def today() -> QuerySet[Day]:
        return Day.objects.filter(on__lte=timezone.localdate())

    def written_on_days() -> QuerySet[Any, date]:
        return Pledge.objects.values_list(TruncDate("user__created_at"), flat=True).order_by("pk")

    refused(until_now)
    refused(today)
    refused(written_on_days)


def test_what_is_not_only_read_is_refused(home: Household) -> None:
    def locked(person: User) -> QuerySet[User]:
        return User.objects.filter(pk=person.pk).select_for_update()

    def with_a_query_of_its_own(person: User) -> QuerySet[User]:
        mine = Pledge.objects.filter(user=person)
        return User.objects.filter(pk=person.pk).prefetch_related(Prefetch("pledges", mine))

    def a_page(number: int) -> QuerySet[Pledge]:
        return Pledge.objects.order_by("pk")[number:]

    refused(locked, home.ana)
    refused(with_a_query_of_its_own, home.ana)
    refused(a_page, 2)


def test_what_can_be_long_or_empty_is_refused(home: Household) -> None:
    def among(slugs: list[str]) -> QuerySet[Pledge]:
        return Pledge.objects.filter(principle__in=slugs).order_by("pk")

    refused(among, ["repair"])
    refused(among, [])


def test_one_does_not_run_inside_another(home: Household) -> None:
    def nested(person: User) -> QuerySet[Pledge]:
        return Pledge.objects.filter(pk__in=[each.pk for each in pledges(person, "repair", None)])

    refused(nested, home.ana)


def test_what_came_is_a_list_that_nobody_filters_further(home: Household) -> None:
    assert type(pledges(home.ana, "repair", None)) is list
    with pytest.raises(TypeError, match="in order"):
        pledges(person=home.ana, principle="repair", since=None)


def test_a_row_that_lacks_a_field_is_asked_for_it_as_ever(home: Household) -> None:
    ana = home.ana
    bare = User.objects.only("name").get(pk=ana.pk)
    assert pledges(bare, "repair", None) == pledges(ana, "repair", None)
    seat = Partner.objects.only("user").get(pk=ana.partner.pk)
    with pytest.warns(UserWarning, match="cannot be prepared"):
        assert couples(seat) == couples(ana.partner)
