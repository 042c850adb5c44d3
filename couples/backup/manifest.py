"""What a folder with a copy says of itself, and whether it can be believed."""

import hashlib
import json
import os
from base64 import b64decode, b64encode
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Self
from uuid import UUID

from couples.backup.errors import BackupError
from couples.crypto import keyring
from couples.crypto.keyring import DataKey

FORMAT = 1
COPY, MANIFEST = "copy", "backup.json"


@dataclass
class Manifest:
    """`database` is the alias, `vendor` what Django calls the kind of database. Of the data keys
    `samples` has one for each master key, still wrapped: whether the masters at hand will do can be
    told before anything is restored."""

    database: str
    vendor: str
    made_at: str
    sha256: str
    samples: list[dict[str, str]] = field(default_factory=list)
    format: int = FORMAT

    def write(self, folder: Path) -> None:
        """Last, and whole or not at all: without it a folder is no copy."""
        draft = folder / f"{MANIFEST}.new"
        with draft.open("w") as file:
            json.dump(asdict(self), file, indent=2)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(folder / MANIFEST)

    @classmethod
    def read(cls, folder: Path, database: str, vendor: str) -> Self:
        """Raises BackupError."""
        try:
            found = cls(**json.loads((folder / MANIFEST).read_text()))
        except (OSError, ValueError, TypeError) as error:
            raise BackupError(f"{folder} holds no whole copy ({error}).") from error
        for what, is_so, wanted in (
            ("is of format", found.format, FORMAT),
            ("holds the database", found.database, database),
            ("was made of", found.vendor, vendor),
        ):
            if is_so != wanted:
                raise BackupError(f"{folder} {what} “{is_so}”, not “{wanted}”.")
        if digest(folder / COPY) != found.sha256:
            raise BackupError(f"{folder / COPY} is not as it was written.")
        return found

    @property
    def moment(self) -> datetime:
        return datetime.fromisoformat(self.made_at)

    def check_masters(self) -> None:
        """Raises ImproperlyConfigured when MASTER_KEYS cannot open these data keys."""
        for sample in self.samples:
            keyring.ring().check_row(_row(sample))


def samples() -> list[dict[str, str]]:
    masters = DataKey.objects.values_list("master", flat=True).distinct().order_by()
    return [_sample(DataKey.objects.filter(master=master)[0]) for master in masters]


def _sample(row: DataKey) -> dict[str, str]:
    wrapped = b64encode(bytes(row.wrapped)).decode()
    return {"id": str(row.id), "owner": str(row.owner), "master": row.master, "wrapped": wrapped}


def _row(sample: dict[str, Any]) -> DataKey:
    return DataKey(
        id=UUID(sample["id"]),
        owner=UUID(sample["owner"]),
        master=sample["master"],
        wrapped=b64decode(sample["wrapped"]),
    )


def digest(file: Path) -> str:
    """Raises BackupError when it is not there."""
    try:
        with file.open("rb") as opened:
            return hashlib.file_digest(opened, "sha256").hexdigest()
    except OSError as error:
        raise BackupError(f"{file} cannot be read ({error.strerror}).") from error
