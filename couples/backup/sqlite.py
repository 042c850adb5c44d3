"""SQLite's online backup: a whole copy of one moment, while others write."""

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from django.db import connections

from couples.backup.errors import BackupError


def save(database: str, place: Path) -> None:
    with closing(sqlite3.connect(_file(database))) as ours, closing(sqlite3.connect(place)) as copy:
        # All pages in one step: otherwise it begins anew after each commit of somebody else.
        ours.backup(copy, pages=-1)
        copy.execute("PRAGMA journal_mode = DELETE")  # one file, with nothing beside it
    _sync(place)


def load(database: str, place: Path) -> None:
    """Into a database that has no tables. Nobody else may have it open. Raises BackupError."""
    target = _file(database)
    connections[database].close()
    draft = target.with_name(f"{target.name}.restored")
    draft.unlink(missing_ok=True)
    try:
        with closing(sqlite3.connect(place)) as copy, closing(sqlite3.connect(draft)) as ours:
            copy.backup(ours, pages=-1)
            [(found,)] = ours.execute("PRAGMA integrity_check(1)")
            if found != "ok":
                raise BackupError(f"{place} is damaged: {found}.")
        _sync(draft)
        clear(database)
        draft.replace(target)
    except sqlite3.DatabaseError as error:
        raise BackupError(f"{place} is damaged: {error}.") from error
    finally:
        draft.unlink(missing_ok=True)


def clear(database: str) -> None:
    connections[database].close()
    target = _file(database)
    for beside in ("", "-wal", "-shm"):
        target.with_name(f"{target.name}{beside}").unlink(missing_ok=True)


def _file(database: str) -> Path:
    return Path(connections[database].settings_dict["NAME"])


def _sync(place: Path) -> None:
    with place.open("rb") as file:
        os.fsync(file.fileno())
