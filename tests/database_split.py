"""Which tests run on which database, where bin/test runs them on several at the same time.

Whatever writes rows runs on each. What asks no database, and what lies in the browser alone and is
marked `one_database`, would say the same twice: it runs on one of them, half on the one and half
on the other. `each_database` says of one test among such that it stores what it is about. Who
starts pytest by hand runs everything on the database they chose.
"""

import os
from collections.abc import Sequence
from zlib import crc32

import pytest

# bin/test names all databases it runs the tests on; otherwise there is only the chosen one.
TOGETHER = tuple(os.environ.get("TEST_DATABASES", "").split())
HERE = os.environ.get("TEST_DATABASE", "sqlite")
# Every way to a database begins with one of these fixtures.
WAYS = {"db", "transactional_db", "new_databases"}

collected = pytest.StashKey[list[pytest.Item]]()


def says_the_same_on_each(item: pytest.Item) -> bool:
    """Whether one database is enough for a test."""
    if item.get_closest_marker("each_database"):
        return False
    if item.get_closest_marker("one_database"):
        return True
    asks = WAYS & set(getattr(item, "fixturenames", ()))
    return not asks and not item.get_closest_marker("django_db")


def the_one_for(name: str, databases: Sequence[str]) -> str:
    """Where to do what is done on one database."""
    return databases[crc32(name.encode()) % len(databases)]


def is_the_one_for(name: str) -> bool:
    """Whether it is this one, or there is no other."""
    return not TOGETHER or the_one_for(name, TOGETHER) == HERE


def homes_of(item: pytest.Item, databases: Sequence[str]) -> Sequence[str]:
    """The databases that a test runs on."""
    if not says_the_same_on_each(item):
        return databases
    return [the_one_for(item.nodeid, databases)]


def deal(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave only what runs on this database."""
    config.stash[collected] = list(items)
    if TOGETHER:
        here = [HERE in homes_of(item, TOGETHER) for item in items]
        config.hook.pytest_deselected(
            items=[item for item, runs in zip(items, here, strict=True) if not runs]
        )
        items[:] = [item for item, runs in zip(items, here, strict=True) if runs]
