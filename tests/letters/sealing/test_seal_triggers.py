"""What keeps a sealed letter as it is in the database itself: it must all be there."""

import pytest
from django.db import connection

from letters.sealing import triggers

pytestmark = pytest.mark.django_db


def test_every_trigger_is_there_after_all_migrations() -> None:
    """On SQLite, a later migration that makes a table anew would take its triggers away."""
    postgres = connection.vendor == "postgresql"
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgrelid::regclass::text, tgname FROM pg_trigger"
            " WHERE NOT tgisinternal AND tgenabled <> 'D'"
            if postgres
            else "SELECT tbl_name, name FROM sqlite_master WHERE type = 'trigger'"
        )
        found = set(cursor.fetchall())
    wanted = {(table, triggers.name(table, event)) for table, event, *_ in triggers.TRIGGERS}
    assert len(wanted) == len(triggers.TRIGGERS)
    assert wanted <= found
