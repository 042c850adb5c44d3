"""Django's store of sessions, over our own table; see couples/models/session.py."""

import logging
from collections.abc import Callable
from typing import Any

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.base import CreateError, SessionBase, UpdateError
from django.db import DatabaseError, IntegrityError, transaction
from django.utils import timezone

from couples.crypto.keyring import DecryptionError
from couples.models import Session
from couples.models.invitation import digest

logger = logging.getLogger(__name__)

# Django's own name for how long the cookie stays; nothing, or 0: as long as the browser is open.
STAYS = "_session_expiry"
# What the browser called itself when it signed in, and from where.
DEVICE = "device"


class SessionStore(SessionBase):
    row: Session | None = None
    # Django's stubs leave these out.
    _get_new_session_key: Callable[[], str]
    _get_session: Callable[..., dict[str, Any]]

    def encode(self, session_dict: dict[str, Any]) -> str:
        text: str = self.serializer().dumps(session_dict).decode("latin-1")
        return text

    def decode(self, session_data: bytes | str) -> dict[str, Any]:
        data = session_data.encode("latin-1") if isinstance(session_data, str) else session_data
        found: dict[str, Any] = self.serializer().loads(data)
        return found

    def load(self) -> dict[str, Any]:
        self.row = Session.objects.open().by_key(self.session_key or "").first()
        try:
            if self.row is not None:
                return self.decode(self.row.data)
        except DecryptionError:
            logger.warning("A session could not be opened; whoever had it signs in again.")
        self._session_key = None
        return {}

    def exists(self, session_key: str) -> bool:
        return Session.objects.by_key(session_key).exists()

    def create(self) -> None:
        while True:
            self._session_key = self._get_new_session_key()
            try:
                self.save(must_create=True)
            except CreateError:
                continue
            self.modified = True
            return

    def save(self, must_create: bool = False) -> None:
        """Raises CreateError for a key that is there already, UpdateError for a session that was
        ended meanwhile."""
        data = self._get_session(no_load=must_create)
        if self.session_key is None:
            self.create()
            return
        key_hash, now = digest(self.session_key), timezone.now()
        row = None if must_create else self.row
        if row is None or row.pk != key_hash:
            row = Session(key_hash=key_hash, began_at=now)
        row.person_id, row.stays = data.get(SESSION_KEY), bool(data.get(STAYS))
        row.data, row.used_at, row.expires_at = self.encode(data), now, row.ends_at(now)
        try:
            with transaction.atomic():
                row.save(force_insert=must_create, force_update=not must_create)
        except IntegrityError as error:
            if must_create and self.exists(self.session_key):
                raise CreateError from error
            raise UpdateError from error
        except DatabaseError as error:
            if must_create:
                raise
            raise UpdateError from error
        self.row = row

    def delete(self, session_key: str | None = None) -> None:
        key = session_key or self.session_key
        if key is not None:
            Session.objects.by_key(key).delete()

    def use(self) -> None:
        if self.row is not None:
            self.row.use()

    @classmethod
    def clear_expired(cls) -> None:
        Session.objects.over().delete()
