"""A mail at the time and on the weekdays that one person chose, and no other.

When it is due is worked out ahead, in the person's own time zone, one local day after the other:
so a clock that goes back brings no second mail, and one that goes forward swallows none. Each day
that has had its mail is a row. The mail itself is in the outbox, until it is sent or too old.
"""

import secrets
from datetime import UTC, date, datetime, time, timedelta
from typing import Self
from uuid import UUID

from django.db import models, transaction
from django.db.models import F

from couples.crypto.fields import EncryptedTextField
from couples.ids import uuid7
from couples.mail.outbox import AGES, Kind, OutgoingMail
from couples.models import User
from couples.models.invitation import digest
from principles.daily import mail

EVERY_DAY = 0b1111111


def next_after(moment: datetime, user: User, at: time, weekdays: int) -> datetime:
    """The first time after a moment at which it is `at` on one of the weekdays (bit 0 is Monday),
    where this person lives."""
    day = moment.astimezone(user.zone).date()
    while True:
        due = _at(day, at, user)
        if weekdays >> day.weekday() & 1 and due > moment:
            return due
        day += timedelta(days=1)


def _at(day: date, at: time, user: User) -> datetime:
    """In UTC. A time that the clock jumps over is as much later as it jumps, or as much earlier
    where later would be the next day. Of one that comes twice it is the first."""
    local = datetime.combine(day, at, tzinfo=user.zone)
    due = local.astimezone(UTC)
    if due.astimezone(user.zone).date() != day:
        return local.replace(fold=1).astimezone(UTC)
    return due


class ReminderQuerySet(models.QuerySet["Reminder"]):
    def on(self) -> Self:
        return self.filter(next_at__isnull=False)

    def by_token(self, token: str) -> Self:
        return self.filter(token_hash=digest(token))

    def due(self, now: datetime) -> Self:
        return self.filter(next_at__lte=now)

    def moved(self) -> Self:
        """Those whose person lives in another time zone than when it was worked out."""
        return self.on().exclude(time_zone=F("person__time_zone"))


class Reminder(models.Model):
    person = models.OneToOneField(
        User, primary_key=True, on_delete=models.CASCADE, related_name="reminder"
    )
    at = models.TimeField(default=time(8))
    weekdays = models.PositiveSmallIntegerField(default=EVERY_DAY)
    # None: it is off, as it is until somebody turns it on.
    next_at = models.DateTimeField(null=True, blank=True, db_index=True)
    time_zone = models.CharField(max_length=64, blank=True)
    # It stands in each mail and ends them: found by its hash, encrypted for the next mail.
    token_hash = models.CharField(max_length=64, unique=True)
    token = EncryptedTextField()

    objects = ReminderQuerySet.as_manager()

    def __str__(self) -> str:
        return f"reminder of {self.person_id}"

    @property
    def key_owner_id(self) -> UUID:
        return self.person_id

    @property
    def is_on(self) -> bool:
        return self.next_at is not None

    @classmethod
    def set(cls, user: User, at: time, weekdays: int, now: datetime) -> "Reminder":
        """Turn it on, or change it; `weekdays` is a bit each, 0 for Monday. What the old time had
        brought into the outbox and was not sent is gone."""
        token = secrets.token_urlsafe(24)
        new = {"token": token, "token_hash": digest(token)}
        with transaction.atomic():
            reminder, _created = cls.objects.select_for_update().get_or_create(
                person=user, defaults=new
            )
            reminder._take_back_unsent()
            reminder.at, reminder.weekdays = at, weekdays & EVERY_DAY
            reminder._plan(now)
        return reminder

    def turn_off(self) -> None:
        """At once: what is due and not sent stays unsent."""
        with transaction.atomic():
            Reminder.objects.filter(pk=self.pk).update(next_at=None)
            self._take_back_unsent()
        self.next_at = None

    def _plan(self, after: datetime) -> None:
        # What this day has had already, it has had, whatever time is chosen now.
        last = self.mails.order_by("-on").first()
        while True:
            due = next_after(after, self.person, self.at, self.weekdays) if self.weekdays else None
            if due is None or last is None or self._day(due) > last.on:
                break
            after = due
        self.next_at, self.time_zone = due, self.person.time_zone
        self.save()

    def _day(self, moment: datetime) -> date:
        return moment.astimezone(self.person.zone).date()

    @classmethod
    def write_mails(cls, now: datetime) -> None:
        """Make a mail of everything that is due, and work out when the next one is."""
        for pk in [*cls.objects.moved().values_list("pk", flat=True)]:
            with transaction.atomic():
                reminder = cls._held(pk)
                if reminder is not None and reminder.next_at is not None:
                    reminder._plan(now)
        for pk in [*cls.objects.due(now).values_list("pk", flat=True)]:
            with transaction.atomic():
                reminder = cls._held(pk)
                if reminder is None or reminder.next_at is None or reminder.next_at > now:
                    continue
                # A worker that was away over night wakes nobody.
                if now - reminder.next_at < AGES[Kind.REMINDER]:
                    reminder._write_mail(reminder.next_at)
                reminder._plan(max(now, reminder.next_at))

    def _write_mail(self, due: datetime) -> None:
        day, is_new = ReminderMail.objects.get_or_create(reminder=self, on=self._day(due))
        if is_new:
            mail.send_reminder(self.person, self.token, about=day.pk, since=due)

    def _take_back_unsent(self) -> None:
        """Not at the hour that was chosen before. A day whose mail nobody tried to send has had
        none."""
        unsent = OutgoingMail.objects.filter(about__in=self.mails.values("pk"))
        untried = [each.about for each in unsent.filter(tries=0) if each.about]
        unsent.delete()
        self.mails.filter(pk__in=untried).delete()

    @classmethod
    def _held(cls, pk: UUID) -> "Reminder | None":
        rows = cls.objects.select_for_update(of=("self",)).select_related("person")
        return rows.filter(pk=pk).first()


class ReminderMail(models.Model):
    """That a day has had its mail."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    reminder = models.ForeignKey(Reminder, on_delete=models.CASCADE, related_name="mails")
    # The person's own day.
    on = models.DateField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["reminder", "on"], name="one_reminder_a_day"),
        ]

    def __str__(self) -> str:
        return f"reminder mail {self.id}"
