"""Both databases into two folders, and back."""

from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from types import ModuleType

from django.db import connections
from django.utils import timezone

from couples.backup import postgresql, sqlite
from couples.backup.errors import BackupError
from couples.backup.manifest import COPY, Manifest, digest, samples
from couples.models import Session

VENDORS: dict[str, ModuleType] = {"sqlite": sqlite, "postgresql": postgresql}


def save(writing: Path, keys: Path) -> None:
    """The writing first: whatever it holds can be opened with the keys as they are after it.

    Raises OSError where a folder cannot be made or is there already, and BackupError.
    """
    for folder in (writing, keys):
        folder.mkdir(mode=0o700, parents=True)
    _save("default", writing, list)
    _save("keys", keys, samples)


def _save(database: str, folder: Path, of_keys: Callable[[], list[dict[str, str]]]) -> None:
    began = timezone.now()
    vendor = connections[database].vendor
    VENDORS[vendor].save(database, folder / COPY)
    (folder / COPY).chmod(0o600)
    sha256 = digest(folder / COPY)
    Manifest(database, vendor, began.isoformat(), sha256, of_keys()).write(folder)


def restore(writing: Path, keys: Path) -> None:
    """Into two databases that are empty, and before any server has them open. Everything is looked
    at before anything is changed, and what fails half-way is taken out again. Nobody is signed in
    afterwards: who signed out after the copy was made stays so.

    Raises BackupError, and ImproperlyConfigured where MASTER_KEYS will not do.
    """
    folders = {"default": writing, "keys": keys}
    found = {
        database: Manifest.read(folder, database, connections[database].vendor)
        for database, folder in folders.items()
    }
    if found["keys"].moment < found["default"].moment:
        raise BackupError(f"{keys} is older than {writing}: some keys to it may be missing.")
    found["keys"].check_masters()
    for database in folders:
        if connections[database].introspection.table_names():
            raise BackupError(f"The database “{database}” is not empty.")
    with ExitStack() as undo:
        for database in ("keys", "default"):
            vendor = VENDORS[connections[database].vendor]
            undo.callback(vendor.clear, database)
            vendor.load(database, folders[database] / COPY)
        Session.objects.all().delete()
        undo.pop_all()
