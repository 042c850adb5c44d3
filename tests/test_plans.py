"""No page looks through a table that grows with the number of couples.

The database itself is asked how it would answer each question of each page. SQLite knows no sizes
here and goes by its indexes alone. PostgreSQL would rightly read these few rows from end to end, so
it is told to go by an index wherever one would do.
"""

import json
import re
from collections.abc import Callable, Iterator
from copy import deepcopy
from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from couples.models import User
from principles.models import Day
from tests.people import make_household
from tests.test_routes import ROUTES, World

pytestmark = [pytest.mark.django_db, pytest.mark.each_database]

OURS = {
    model._meta.db_table
    for model in apps.get_models()
    if model._meta.app_label in ("couples", "principles", "letters")
}


@pytest.fixture(scope="module")
def everything(make_once: Callable[..., Any]) -> World:
    def make() -> World:
        household = make_household()
        return World(household.ana, household.ben)

    made: World = make_once(make)
    return made


@pytest.fixture
def world(db: None, everything: World) -> World:
    return deepcopy(everything)


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def looked_through(sql: str) -> set[str]:
    """The tables that the database would go through from end to end."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute(f"EXPLAIN QUERY PLAN {sql}")
            # A name that is given to a table in the question stands there instead of it.
            said = [re.match(r"SCAN (\w+)", detail) for *_ids, detail in cursor.fetchall()]
            named = dict(re.findall(r'"(\w+)" "?(\w+)"?', sql))
            called: dict[str, str] = {short: table for table, short in named.items()}
            found = {called.get(each[1], each[1]) for each in said if each}
        else:
            cursor.execute("SET LOCAL enable_seqscan = off")
            cursor.execute(f"EXPLAIN (FORMAT JSON) {sql}")
            (plans,) = cursor.fetchone()
            plans = json.loads(plans) if isinstance(plans, str) else plans
            found = {
                node["Relation Name"]
                for node in nodes(plans[0]["Plan"])
                if node["Node Type"] == "Seq Scan"
            }
    return found & OURS


def nodes(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield node
    for each in node.get("Plans", ()):
        yield from nodes(each)


# Ids, keys and moments: what the same question has in it when it is asked about something else.
VALUES = re.compile(
    r"'(?:[0-9a-z]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|\d{4}-\d\d-\d\d[^']*)'"
)


def asked_by(client: Client, address: str, headers: dict[str, str]) -> set[str]:
    with CaptureQueriesContext(connection) as queries:
        client.get(address, headers=headers)
    # What is asked again differs by its values alone.
    return {each["sql"] for each in queries if each["sql"].lstrip("( ").startswith("SELECT")}


def found_on(client: Client, world: World, names: Any = ROUTES) -> dict[str, set[str]]:
    """By table, the pages that ask for all of it."""
    found: dict[str, set[str]] = {}
    known: dict[str, set[str]] = {}
    for name in names:
        address = reverse(name, args=world.args(name))
        for headers in ({}, {"HX-Request": "true"}):
            for sql in asked_by(client, address, headers):
                question = VALUES.sub("?", sql)
                if question not in known:
                    known[question] = looked_through(sql)
                for table in known[question]:
                    found.setdefault(table, set()).add(name)
    return found


@pytest.mark.slow
def test_no_page_of_two_looks_through_a_whole_table(world: World) -> None:
    assert found_on(client_of(world.ana), world) == {}


def test_no_home_before_anything_is_said_of_the_day_does(world: World) -> None:
    """Then the small ways of the two are read."""
    Day.objects.all().delete()
    home = ["couples:home", "principles:today", "principles:ways"]
    for user in (world.ana, world.ben):
        assert found_on(client_of(user), world, home) == {}


@pytest.mark.slow
def test_no_page_of_somebody_who_was_left_does(world: World) -> None:
    world.ben.partner.leave()
    for user in (world.ana, world.ben):
        assert found_on(client_of(user), world) == {}


def test_a_table_that_is_looked_through_is_seen(db: None) -> None:
    """Or else this would prove nothing."""
    sql = 'SELECT T1."id" FROM "couples_partner" T1 WHERE T1."seat" = 1'
    assert looked_through(sql) == {"couples_partner"}
    assert looked_through('SELECT "id" FROM "couples_user" WHERE "name" = \'Ana\'') == {
        "couples_user"
    }
