"""A browser that somebody is signed in with, and one that is on its way there.

A copy of this table signs nobody in: the key in the cookie is found by its hash, and what a session
holds (a code that was mailed, what a browser calls itself) lies encrypted.
"""

from datetime import datetime, timedelta
from typing import Self
from uuid import UUID

from django.db import models
from django.utils import timezone

from couples.crypto.fields import EncryptedTextField
from couples.models.invitation import digest
from couples.models.user import User

# How long a session lasts unused, and how long at all: while the browser is open, or where the
# person chose to stay signed in.
PASSING = timedelta(hours=4), timedelta(days=1)
STAYING = timedelta(days=30), timedelta(days=90)
# Of nobody yet: as long as the link works that confirms an address.
ANONYMOUS = timedelta(days=3)
# It is written down that a session was used when so much of its time has passed.
USED = 20

# Sessions begin before anybody is known whose key could encrypt them.
KEY_OWNER = UUID("73657373-696f-4e00-8000-000000000000")


class SessionQuerySet(models.QuerySet["Session"]):
    def of(self, person: User) -> Self:
        return self.filter(person=person)

    def open(self) -> Self:
        return self.filter(expires_at__gt=timezone.now())

    def over(self) -> Self:
        return self.filter(expires_at__lte=timezone.now())

    def by_key(self, key: str) -> Self:
        return self.filter(key_hash=digest(key))


class Session(models.Model):
    # SHA-256 of a key of 165 bits by chance, which nobody finds by guessing.
    key_hash = models.CharField(max_length=64, primary_key=True, editable=False)
    person = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.CASCADE, related_name="sessions"
    )
    # Chosen at signing in, and not given.
    stays = models.BooleanField(default=False)
    began_at = models.DateTimeField(default=timezone.now, editable=False)
    used_at = models.DateTimeField(default=timezone.now, editable=False)
    expires_at = models.DateTimeField(db_index=True)
    # JSON; see couples/account/sessions.py.
    data = EncryptedTextField()

    objects = SessionQuerySet.as_manager()

    def __str__(self) -> str:
        return f"session {self.key_hash[:8]}"

    @property
    def key_owner_id(self) -> UUID:
        return KEY_OWNER

    def ends_at(self, used_at: datetime) -> datetime:
        if self.person_id is None:
            return used_at + ANONYMOUS
        idle, longest = STAYING if self.stays else PASSING
        return min(used_at + idle, self.began_at + longest)

    def use(self) -> None:
        """Somebody did something: it lasts from now on, never beyond its longest."""
        now = timezone.now()
        idle, _longest = STAYING if self.stays else PASSING
        if now - self.used_at > idle / USED:
            self.used_at, self.expires_at = now, self.ends_at(now)
            rows = Session.objects.filter(pk=self.pk)
            rows.update(used_at=self.used_at, expires_at=self.expires_at)
