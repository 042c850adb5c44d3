"""PostgreSQL's own pg_dump and pg_restore, which have to be on the PATH, in the server's version or
a later one."""

import os
import subprocess
from pathlib import Path

from django.db import connections

from couples.backup.errors import BackupError


def save(database: str, place: Path) -> None:
    """Raises BackupError."""
    how = ["--format=custom", "--no-owner", "--no-privileges", f"--file={place}"]
    _run("pg_dump", database, *how)


def load(database: str, place: Path) -> None:
    """Into a database that has no tables: all of it, or nothing. Raises BackupError."""
    how = ["--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges"]
    _run("pg_restore", database, *how, str(place))


def clear(database: str) -> None:
    with connections[database].cursor() as cursor:
        cursor.execute("DROP SCHEMA public CASCADE")
        cursor.execute("CREATE SCHEMA public")


def _run(program: str, database: str, *arguments: str) -> None:
    connection = connections[database]
    # As `manage.py dbshell` reaches it, with a password that no list of processes shows.
    (_psql, *words), env = connection.client.settings_to_cmd_args_env(connection.settings_dict, [])
    *words, name = words
    command = [program, *words, f"--dbname={name}", *arguments]
    try:
        done = subprocess.run(  # noqa: S603  # the words are settings and folders
            command, env=os.environ | (env or {}), capture_output=True, text=True, check=False
        )
    except OSError as error:
        raise BackupError(f"{program} cannot be run ({error.strerror}).") from error
    if done.returncode:
        raise BackupError(f"{program} did not do it: {done.stderr.strip()}")
