"""An address for the calendar of one person: it tells the day of the next review, and only that.

Whoever has the address reads it, so it is a secret: looked up by its hash, encrypted for the person
to see again, renewed or turned off by them at any time. It tells of the home it was made in while
the same two live there. Once one of them has moved out it is empty for good: whoever was given it
then learns nothing about what comes after.
"""

import secrets
from datetime import date
from typing import Self
from urllib.parse import urljoin
from uuid import UUID, uuid4

from django.conf import settings
from django.db import models, transaction
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone

from couples.crypto.fields import EncryptedTextField
from couples.models import Partner, User
from couples.models.invitation import digest
from principles.reviews.models.review import Review


class CalendarFeedQuerySet(models.QuerySet["CalendarFeed"]):
    def of(self, person: User) -> Self:
        return self.filter(person=person)

    def by_token(self, token: str) -> Self:
        return self.filter(token_hash=digest(token)).select_related("person")


class CalendarFeed(models.Model):
    # It names the entry in the calendar; the time in a uuid7 is nobody's business there.
    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    person = models.OneToOneField(User, on_delete=models.CASCADE, related_name="calendar_feed")
    token_hash = models.CharField(max_length=64, unique=True)
    token = EncryptedTextField()
    made_at = models.DateTimeField(default=timezone.now, editable=False)
    # What the calendar was told last. The time is that of its own question, never that at which
    # somebody moved the day; the number counts what it was told, not what the two of them did.
    told_on = models.DateField(null=True, blank=True)
    told_at = models.DateTimeField(default=timezone.now, editable=False)
    told = models.PositiveIntegerField(default=0)

    objects = CalendarFeedQuerySet.as_manager()

    def __str__(self) -> str:
        return f"calendar feed {self.id}"

    @property
    def key_owner_id(self) -> UUID:
        return self.person_id

    # -- For the person --------------------------------------------------------------------------

    @classmethod
    def make(cls, person: User) -> "CalendarFeed":
        """A new address; one that was there before stops working."""
        with transaction.atomic():
            # Two clicks race for the person's row, not for the constraint.
            person.lock()
            cls.objects.of(person).delete()
            token = secrets.token_urlsafe(24)
            return cls.objects.create(person=person, token=token, token_hash=digest(token))

    @property
    def address(self) -> str:
        path = reverse("principles:calendar_feed", args=[self.token])
        return urljoin(settings.BASE_URL, path)

    @property
    def subscription(self) -> str:
        """The same address, as calendars on a device like to open it."""
        return f"webcal:{self.address.partition(':')[2]}"

    @property
    def is_over(self) -> bool:
        """Whether one of the two who lived together when it was made has moved out since."""
        lived_here_then = Q(workspace__partners__left_at=None) | Q(
            workspace__partners__left_at__gte=self.made_at
        )
        seats = Partner.objects.filter(lived_here_then, workspace__partners__user=self.person_id)
        return seats.filter(left_at__gte=self.made_at).exists()

    # -- For the calendar ------------------------------------------------------------------------

    @property
    def next_on(self) -> date | None:
        """The day of the next review, where two people have set one."""
        partner = self.person.partner
        if partner is None or self.is_over:
            return None
        last = Review.objects.visible_to(partner).closed().newest_first().first()
        return last.next_on if last else None

    def tell(self) -> date | None:
        """The day to show now. Another one than the last is told as a change, so that calendars
        take it over."""
        day = self.next_on
        if day is not None and day != self.told_on:
            before, now = self.told, timezone.now()
            # Of two questions at the same moment one counts, and both hear the same.
            CalendarFeed.objects.filter(pk=self.pk, told=before).update(
                told_on=day, told_at=now, told=F("told") + 1
            )
            self.told_on, self.told_at, self.told = day, now, before + 1
        return day
