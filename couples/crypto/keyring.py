"""Data keys: everything a person writes is encrypted before it reaches a database.

Each person (private writing) and each workspace (shared writing) has a data key of their own,
kept in the separate `keys` database and wrapped there by a master key from the environment.
An encrypted value is AES-256-GCM and carries the name of its data key:

    version (1 byte) | data key id (16) | nonce (12) | ciphertext and tag

The binding it belongs to (table, row, field) is authenticated with it, so a value that was moved to
another row, another field or another table does not open.
"""

import os
from threading import Lock
from typing import Any, NamedTuple
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import IntegrityError, models, transaction

from couples.ids import uuid7

VERSION = b"\x01"
NONCE = 12
HEADER = 1 + 16
REWRAPPED_AT_ONCE = 500


class Binding(NamedTuple):
    """Where an encrypted value lies; part of what is authenticated."""

    table: str
    row: str
    field: str

    def aad(self, key_id: UUID) -> bytes:
        # Lengths keep ("ab", "c") apart from ("a", "bc").
        parts = [VERSION, key_id.bytes, *(part.encode() for part in self)]
        return b"".join(len(part).to_bytes(4) + part for part in parts)


class DecryptionError(Exception):
    """An encrypted value was changed, moved, cut, or encrypted with a key that is not here."""


class DataKey(models.Model):
    """One wrapped data key, in the `keys` database. Destroying it destroys what it opens."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    owner = models.UUIDField(unique=True)
    master = models.CharField(max_length=64)
    wrapped = models.BinaryField()

    class Meta:
        app_label = "couples"
        db_table = "couples_datakey"

    def __str__(self) -> str:
        return f"data key of {self.owner}"


class KeyStoreRouter:
    """Data keys live in the `keys` database, everything else in `default`."""

    def db_for_read(self, model: type[models.Model], **hints: Any) -> str:
        return "keys" if model is DataKey else "default"

    db_for_write = db_for_read

    def allow_relation(self, one: models.Model, two: models.Model, **hints: Any) -> bool:
        return isinstance(one, DataKey) == isinstance(two, DataKey)

    def allow_migrate(
        self, db: str, app_label: str, model_name: str | None = None, **hints: Any
    ) -> bool:
        return (db == "keys") == (app_label == "couples" and model_name == "datakey")


class KeyRing:
    """Wraps data keys with the master keys, and keeps opened ones in memory."""

    def __init__(self, masters: dict[str, bytes]) -> None:
        if not masters:
            raise ImproperlyConfigured("MASTER_KEYS must hold at least one key.")
        self.masters = {name: AESGCM(key) for name, key in masters.items()}
        self.current = next(iter(masters))
        self._opened: dict[UUID, AESGCM] = {}
        self._by_owner: dict[UUID, UUID] = {}
        self._lock = Lock()

    def for_owner(self, owner: UUID) -> tuple[UUID, AESGCM]:
        """The owner's data key; made at first use, once, however many ask at the same moment."""
        key_id = self._by_owner.get(owner)
        if key_id is None:
            row = DataKey.objects.filter(owner=owner).first() or self._make(owner)
            key_id = self._remember(row)
        return key_id, self._opened[key_id]

    def by_id(self, key_id: UUID) -> AESGCM:
        opened = self._opened.get(key_id)
        if opened is None:
            row = DataKey.objects.filter(id=key_id).first()
            if row is None:
                raise DecryptionError(f"The data key {key_id} is not in the key store.")
            self._remember(row)
            opened = self._opened[key_id]
        return opened

    def destroy(self, owner: UUID) -> None:
        """Nothing opens any more what the owner's key has encrypted, in whichever backup of the
        writing it lies."""
        DataKey.objects.filter(owner=owner).delete()
        with self._lock:
            key_id = self._by_owner.pop(owner, None)
            if key_id is not None:
                self._opened.pop(key_id, None)

    def check(self) -> None:
        """Raise ImproperlyConfigured when stored keys were wrapped by masters that are not here."""
        for master in DataKey.objects.values_list("master", flat=True).distinct():
            for row in DataKey.objects.filter(master=master)[:1]:
                self.check_row(row)

    def check_row(self, row: DataKey) -> None:
        """The same, of this row."""
        self._unwrap(row)

    def rewrap(self) -> int:
        """Wrap every data key with the current master key, and say how many were not; the data keys
        stay what they are. Whoever is stopped begins where they were. Raises ImproperlyConfigured,
        before anything is changed, when a master key is missing."""
        self.check()
        count = 0
        others = DataKey.objects.exclude(master=self.current).order_by("id")
        while rows := list(others[:REWRAPPED_AT_ONCE]):
            with transaction.atomic(using="keys"):
                count += sum(self._rewrap(row) for row in rows)
        return count

    def _rewrap(self, row: DataKey) -> int:
        key, before = self._unwrap(row), row.wrapped
        self._wrap(row, key)
        # Unless it was destroyed meanwhile, or another process has done it.
        unchanged = DataKey.objects.filter(id=row.id, wrapped=before)
        return unchanged.update(master=row.master, wrapped=row.wrapped)

    def _make(self, owner: UUID) -> DataKey:
        row = DataKey(owner=owner)
        self._wrap(row, os.urandom(32))
        try:
            with transaction.atomic(using="keys"):
                row.save(force_insert=True)
        except IntegrityError:
            return DataKey.objects.get(owner=owner)
        return row

    def _wrap(self, row: DataKey, key: bytes) -> None:
        row.master = self.current
        nonce = os.urandom(NONCE)
        row.wrapped = nonce + self.masters[row.master].encrypt(nonce, key, self._binding(row))

    def _unwrap(self, row: DataKey) -> bytes:
        master = self.masters.get(row.master)
        if master is None:
            raise ImproperlyConfigured(
                f"MASTER_KEYS does not hold the key “{row.master}” that the stored data keys"
                " were wrapped with. Put it back; nothing can be read without it."
            )
        wrapped = bytes(row.wrapped)
        try:
            return master.decrypt(wrapped[:NONCE], wrapped[NONCE:], self._binding(row))
        except InvalidTag as error:
            raise ImproperlyConfigured(
                f"MASTER_KEYS holds a key “{row.master}”, but not the one that the stored data"
                " keys were wrapped with. Nothing can be read without the right one."
            ) from error

    def _remember(self, row: DataKey) -> UUID:
        key = AESGCM(self._unwrap(row))
        with self._lock:
            self._opened[row.id] = key
            self._by_owner[row.owner] = row.id
        return row.id

    @staticmethod
    def _binding(row: DataKey) -> bytes:
        return b"data key" + row.id.bytes + row.owner.bytes + row.master.encode()


_ring: KeyRing | None = None


def ring() -> KeyRing:
    global _ring
    if _ring is None:
        _ring = KeyRing(settings.MASTER_KEYS)
    return _ring


def encrypt(owner: UUID, binding: Binding, data: bytes) -> bytes:
    """`data`, encrypted for `binding` with the data key of `owner`, a person or workspace."""
    key_id, key = ring().for_owner(owner)
    nonce = os.urandom(NONCE)
    return VERSION + key_id.bytes + nonce + key.encrypt(nonce, data, binding.aad(key_id))


def decrypt(binding: Binding, encrypted: bytes) -> bytes:
    """What was encrypted for `binding`. Raises DecryptionError for anything else."""
    if encrypted[:1] != VERSION or len(encrypted) < HEADER + NONCE + 16:
        raise DecryptionError("This is not an encrypted value.")
    key_id = UUID(bytes=encrypted[1:HEADER])
    key = ring().by_id(key_id)
    nonce, body = encrypted[HEADER : HEADER + NONCE], encrypted[HEADER + NONCE :]
    try:
        return key.decrypt(nonce, body, binding.aad(key_id))
    except InvalidTag as error:
        raise DecryptionError(
            f"The encrypted value does not belong to {binding.table}.{binding.field}."
        ) from error
