"""What is prepared, on several connections and while tables change: in real transactions."""

import threading

import pytest
from django.db import connection

from principles.models import Pledge
from tests.couples.test_prepared import planned_once, pledges
from tests.people import Household

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.each_database]


def test_each_thread_asks_its_own_connection(household: Household) -> None:
    person = household.ana
    Pledge.of(person, "repair").write("I do.", 0)
    found = [pledges(person, "repair", None)]

    def ask() -> None:
        try:
            found.append(pledges(person, "repair", None))
        finally:
            connection.close()

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 5
    assert all(rows == found[0] for rows in found)


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite plans anew")
def test_what_was_planned_follows_its_table(household: Household) -> None:
    Pledge.of(household.ana, "repair").write("I do.", 0)
    for _ in range(20):
        assert len(pledges(household.ana, "repair", None)) == 1
    assert planned_once() > 5
    for change in ("ADD COLUMN later integer DEFAULT 1", "DROP COLUMN later"):
        with connection.cursor() as cursor:
            cursor.execute(f"ALTER TABLE principles_pledge {change}")
        assert len(pledges(household.ana, "repair", None)) == 1
