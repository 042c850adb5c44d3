"""What writes a commit of many letters down, in the words of each database.

This is the way of every keystroke, and so the only place that speaks SQL. On PostgreSQL a statement
is the same however many letters there are: it takes arrays, so that it is planned once for each
connection, and bytes go as they are. On one core that is a third of what a row costs otherwise, in
Python and in the database.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection, models


class NewRow(NamedTuple):
    letter_id: UUID
    seq: int
    data: bytes
    by: UUID | None
    hidden_until: datetime | None


def next_seqs(letter_ids: Sequence[UUID], now: datetime, *, wait: bool) -> dict[UUID, int]:
    """Takes the next number of each letter, and holds its row until the transaction ends. Letters
    that are gone or closed are missing; without `wait`, on PostgreSQL, those that somebody holds
    as well."""
    if connection.vendor == "postgresql":
        found = _prepared(_LOCKED.format(skip="" if wait else " SKIP LOCKED"), [now, [*letter_ids]])
        return dict(found)
    with connection.cursor() as cursor:
        by_id = {
            _ID.get_db_prep_value(letter_id, connection): letter_id for letter_id in letter_ids
        }
        marks = ", ".join(["%s"] * len(by_id))
        cursor.execute(_NEXT.format(ids=marks), [_AT.get_db_prep_value(now, connection), *by_id])
        return {by_id[letter_id]: seq for letter_id, seq in cursor.fetchall()}


def insert(rows: Sequence[NewRow], now: datetime) -> None:
    if connection.vendor == "postgresql":
        _prepared(_INSERT_ARRAYS, [now, *(list(column) for column in zip(*rows, strict=True))])
        return
    at = _AT.get_db_prep_value(now, connection)
    with connection.cursor() as cursor:
        cursor.executemany(
            _INSERT,
            [
                (
                    at,
                    _ID.get_db_prep_value(letter_id, connection),
                    seq,
                    data,
                    by and _ID.get_db_prep_value(by, connection),
                    until and _AT.get_db_prep_value(until, connection),
                )
                for letter_id, seq, data, by, until in rows
            ],
        )


def _prepared(statement: str, parameters: list[Any]) -> list[tuple[Any, ...]]:
    """In a transaction. Django's own cursor would write the parameters into the text."""
    import psycopg  # half a second, which a server on SQLite has no use for

    with connection.wrap_database_errors, psycopg.Cursor(connection.connection) as cursor:
        cursor.execute(statement, parameters, prepare=True)
        return cursor.fetchall() if cursor.description else []


_ID = models.UUIDField()
_AT = models.DateTimeField()

_NEXT = (
    "UPDATE letters_document SET seq = seq + 1, written_at = %s WHERE letter_id IN ({ids})"
    " AND closed_at IS NULL RETURNING letter_id, seq"
)
# Two processes that write to the same letters take their locks in one order.
_LOCKED = _NEXT.replace(
    "{ids}",
    "SELECT letter_id FROM letters_document WHERE letter_id = ANY(%s) AND closed_at IS NULL"
    " ORDER BY letter_id FOR UPDATE{skip}",
)
_INTO = "INSERT INTO letters_update (at, letter_id, seq, data, by, hidden_until)"
_INSERT = f"{_INTO} VALUES (%s, %s, %s, %s, %s, %s)"
_INSERT_ARRAYS = (
    f"{_INTO} SELECT %b, * FROM"  # noqa: S608
    " unnest(%b::uuid[], %b::bigint[], %b::bytea[], %b::uuid[], %b::timestamptz[])"
)
