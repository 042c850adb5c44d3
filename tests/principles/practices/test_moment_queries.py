"""How often the pages of the practices ask the database, with years of moments."""

from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest
from django.test import Client

from principles.catalog import practices
from principles.catalog.kinds import Shape
from principles.models import Kept
from principles.practices import dashboard
from principles.practices.dashboard import waiting
from principles.practices.models.area import Shares
from principles.practices.models.call import open_for
from tests.people import Household, Resident, anew, make_household
from tests.principles.practices.steps import again, call_out, give, ready, tell

MOST = 12


def live_for_years(ana: Resident, ben: Resident) -> dict[str, Any]:
    newest: dict[str, Any] = {}
    for _ in range(25):
        for kind in practices.SLUGS:
            if kind != "emergency":
                newest[kind] = give(ben, kind)
    for kind in practices.of_shape(Shape.BLIND):
        for person in (ana, ben):
            ready(newest[kind], person, "not-yet", "Sleep.")
    for text in ("A tent.", "A boat.", "A train."):
        idea = again(newest["ws"]).add_idea(ana.partner, text)
        newest["ws"].mark(ben.partner, idea, True)
    for person in (ana, ben):
        tell(newest["repair"], person)
        newest["share-power"].propose(person.partner, Shares("one", "two"), "x")
        Kept.objects.create(person=person, kind="backs", text="{}")
    newest["backs"].respond(ana.partner, "with", "Yes.")
    return newest


@pytest.fixture(scope="module")
def all_years(make_once: Callable[..., Any]) -> tuple[Household, dict[str, Any]]:
    def make() -> tuple[Household, dict[str, Any]]:
        household = make_household()
        return household, live_for_years(household.ana, household.ben)

    made: tuple[Household, dict[str, Any]] = make_once(make)
    return made


@pytest.fixture
def lived(
    db: None, all_years: tuple[Household, dict[str, Any]]
) -> tuple[Household, dict[str, Any]]:
    return deepcopy(all_years)


@pytest.fixture
def household(lived: tuple[Household, dict[str, Any]]) -> Household:
    return lived[0]


@pytest.fixture
def years(lived: tuple[Household, dict[str, Any]]) -> dict[str, Any]:
    return lived[1]


@pytest.mark.parametrize("page", ["", "history/", "kept/"])
@pytest.mark.parametrize("kind", practices.SLUGS)
def test_a_practice_asks_at_most_twelve_times(
    as_ana: Client,
    years: dict[str, Any],
    kind: str,
    page: str,
    django_assert_max_num_queries: Callable[..., Any],
) -> None:
    with django_assert_max_num_queries(MOST):
        assert as_ana.get(f"/practices/{kind}/{page}").status_code == 200


def test_a_moment_asks_at_most_twelve_times(
    as_ana: Client, years: dict[str, Any], django_assert_max_num_queries: Callable[..., Any]
) -> None:
    for moment in years.values():
        with django_assert_max_num_queries(MOST):
            assert as_ana.get(f"/moments/{moment.pk}/").status_code == 200


def test_home_asks_twice_for_the_practices(
    ana: Resident, years: dict[str, Any], django_assert_num_queries: Callable[..., Any]
) -> None:
    partner = anew(ana).partner
    # What waits, and whether they have calls switched on.
    with django_assert_num_queries(2):
        assert waiting(partner)
        dashboard.here(partner)
        dashboard.aside(partner)


def test_the_layer_asks_nothing_where_nobody_calls(
    ana: Resident, years: dict[str, Any], django_assert_num_queries: Callable[..., Any]
) -> None:
    partner = anew(ana).partner
    with django_assert_num_queries(0):
        assert open_for(partner) == []
    call_out(ana)
    partner = anew(ana).partner
    with django_assert_num_queries(1):
        assert len(open_for(partner)) == 1


@pytest.mark.parametrize("page", ["/principles/emergency/", "/practices/", "/practices/decisions/"])
def test_the_pages_around_ask_a_bounded_number_of_times(
    as_ana: Client,
    years: dict[str, Any],
    page: str,
    django_assert_max_num_queries: Callable[..., Any],
) -> None:
    with django_assert_max_num_queries(MOST if page == "/home/" else 8):
        assert as_ana.get(page).status_code == 200


def test_a_history_has_pages(as_ana: Client, years: dict[str, Any]) -> None:
    first = as_ana.get("/practices/tell-first/history/").text
    assert first.count('href="/moments/') == 20
    second = as_ana.get("/practices/tell-first/history/?page=2").text
    assert second.count('href="/moments/') == 5
