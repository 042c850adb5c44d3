"""No test falls between the two databases."""

from typing import Any

import _test
import pytest

from tests import database_split


def test_every_test_runs_on_each_database_or_needs_only_one(request: pytest.FixtureRequest) -> None:
    databases = tuple(_test.DATABASES)
    homes = {
        item: tuple(database_split.homes_of(item, databases))
        for item in request.config.stash[database_split.collected]
    }
    for item, its in homes.items():
        assert its
        assert set(its) <= set(databases)
        assert its == databases or database_split.says_the_same_on_each(item)


@pytest.mark.parametrize("fixture", sorted(database_split.WAYS))
def test_whoever_asks_a_database_asks_each(fixture: str) -> None:
    class Test:
        nodeid = "tests/test_it.py::test_it"
        fixturenames = ("request", fixture)

        @staticmethod
        def get_closest_marker(name: str) -> None:
            return None

    test: Any = Test()
    assert database_split.homes_of(test, ("sqlite", "postgres")) == ("sqlite", "postgres")


def test_what_a_test_says_of_itself_goes_before_what_its_module_says() -> None:
    class Test:
        nodeid = "tests/test_it.py::test_it"
        fixturenames = ("page",)
        marked: tuple[str, ...] = ("one_database",)

        @classmethod
        def get_closest_marker(cls, name: str) -> bool:
            return name in cls.marked

    databases = ("sqlite", "postgres")
    test: Any = Test()
    assert len(database_split.homes_of(test, databases)) == 1
    Test.marked = ("one_database", "each_database")
    assert database_split.homes_of(test, databases) == databases


def test_both_databases_see_a_browser(request: pytest.FixtureRequest) -> None:
    browsers = [
        item
        for item in request.config.stash[database_split.collected]
        if item.get_closest_marker("browser") and database_split.says_the_same_on_each(item)
    ]
    for database in _test.DATABASES:
        there = [
            item
            for item in browsers
            if database in database_split.homes_of(item, [*_test.DATABASES])
        ]
        assert there or len(browsers) < 20  # only a few tests were asked for
