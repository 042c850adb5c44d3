"""The outbox: every mail is a row before it is sent, and no row once it is sent or given up.

A page writes the row, in the transaction of what the mail tells of, and never speaks to the mail
server. The worker does (see `couples.mail.delivery`). Whoever sends a mail has a lease on it: its
next try is moved ahead before the mail server is spoken to, so that of a worker that dies in the
middle another one takes over. Then a mail may go out twice, under one Message-ID.
"""

import json
from datetime import datetime, timedelta
from email.utils import format_datetime
from typing import Self
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import models
from django.utils import timezone

from couples.crypto.fields import EncryptedTextField
from couples.ids import uuid7

# A worker that takes longer over one try is taken for dead.
LEASE = timedelta(minutes=1)
LONGEST_PAUSE = timedelta(minutes=30)
# An address may be anybody's, so there is no person or home whose key could encrypt it.
KEY_OWNER = UUID("6f757462-6f78-4000-8000-000000000000")


class Kind(models.TextChoices):
    CODE = "code"
    CALL = "call"
    REMINDER = "reminder"
    ACCOUNT = "account"
    INVITATION = "invitation"


# How long each is worth sending: later it would be of no use, or come at the wrong hour.
AGES = {
    Kind.CODE: timedelta(seconds=settings.ACCOUNT_LOGIN_BY_CODE_TIMEOUT),
    Kind.CALL: timedelta(minutes=30),
    Kind.REMINDER: timedelta(hours=1),
    Kind.ACCOUNT: timedelta(days=1),
    Kind.INVITATION: timedelta(days=3),
}


class OutgoingMailQuerySet(models.QuerySet["OutgoingMail"]):
    def due(self, now: datetime) -> Self:
        return self.filter(next_try_at__lte=now)

    def take(self, now: datetime, lease: timedelta) -> "OutgoingMail | None":
        """The one that is due and too old soonest, leased to whoever asks."""
        for mail in self.due(now).order_by("expires_at", "pk")[:20]:
            # Of several workers that ask for it at once, one changes the row.
            if mail._as_known().update(next_try_at=now + lease, tries=mail.tries + 1):
                mail.tries += 1
                return mail
        return None


class OutgoingMail(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    kind = models.CharField(max_length=16, choices=Kind)
    # Where it comes from: whoever leaves there sends nothing more.
    home = models.ForeignKey(
        "couples.Workspace",
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="outgoing_mails",
    )
    # The id of what it tells of: where that ends, the mail is not sent any more.
    about = models.UUIDField(null=True, blank=True, db_index=True)
    # JSON: to whom, subject, body and headers. The address and the links are secrets.
    message = EncryptedTextField()
    written_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    # Also the end of the lease of whoever is sending it.
    next_try_at = models.DateTimeField(db_index=True)
    tries = models.PositiveSmallIntegerField(default=0)

    objects = OutgoingMailQuerySet.as_manager()

    def __str__(self) -> str:
        return f"mail {self.id} ({self.kind})"

    @property
    def key_owner_id(self) -> UUID:
        return KEY_OWNER

    @classmethod
    def put(
        cls,
        kind: Kind,
        to: str,
        subject: str,
        body: str,
        *,
        headers: dict[str, str] | None = None,
        home: UUID | None = None,
        about: UUID | None = None,
        since: datetime | None = None,
    ) -> "OutgoingMail":
        """Have it sent. Its age counts from `since`, when what it tells of was."""
        written_at = since or timezone.now()
        return cls.objects.create(
            kind=kind,
            home_id=home,
            about=about,
            message=json.dumps([to, subject, body, headers or {}]),
            written_at=written_at,
            expires_at=written_at + AGES[kind],
            next_try_at=written_at,
        )

    def as_email(self) -> EmailMessage:
        to, subject, body, headers = json.loads(self.message)
        host = urlsplit(settings.BASE_URL).hostname
        headers |= {
            # The same each time it is tried: mail systems keep one of two with one name.
            "Message-ID": f"<{self.pk.hex}@{host}>",
            "Date": format_datetime(self.written_at),
        }
        return EmailMessage(subject=subject, body=body, to=[to], headers=headers)

    def try_later(self, now: datetime) -> timedelta:
        """In a pause that doubles each time, up to a small part of the mail's age."""
        longest = min((self.expires_at - self.written_at) / 20, LONGEST_PAUSE)
        pause = min(timedelta(seconds=2 ** min(self.tries, 16)), longest)
        self._as_known().update(next_try_at=now + pause)
        return pause

    def _as_known(self) -> OutgoingMailQuerySet:
        """The row, unless somebody else has taken it since: each who takes it counts a try."""
        return OutgoingMail.objects.filter(pk=self.pk, tries=self.tries)
