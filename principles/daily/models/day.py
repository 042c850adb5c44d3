"""Every day: one principle, one small way, and whatever a person says of it.

A day belongs to the person and is seen by nobody else. What they share of it is the exact words, to
one reader. Nothing is counted: a day without a row is a day without a row.
"""

from datetime import date
from typing import Self
from uuid import UUID

from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from couples import nudges
from couples.autosave import AutosavedText
from couples.crypto.fields import EncryptedTextField
from couples.ids import uuid7
from couples.models import Couple, Partner, User, Workspace
from couples.refusals import NotTogether, Refusal

LONGEST = 1000
MOST_WAYS = 100


class NotAsSeen(Refusal):
    """What the page showed is another by now: the principle, the line, or who would read it."""


class TooMany(Refusal):
    """More small ways than a year has weeks."""


class DayQuerySet(models.QuerySet["Day"]):
    def visible_to(self, partner: Partner) -> Self:
        return self.filter(person=partner.user_id)

    def readable(self) -> Self:
        """Those of which there is something to read."""
        return self.exclude(outcome="", revision=0)


class Day(AutosavedText):
    class Outcome(models.TextChoices):
        DONE = "done", _("done")
        NOT_TODAY = "not_today", _("not today")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    person = models.ForeignKey(User, on_delete=models.CASCADE, related_name="days")
    on = models.DateField()
    principle = models.CharField(max_length=40)
    way = EncryptedTextField()
    outcome = models.CharField(max_length=9, choices=Outcome, blank=True)

    objects = DayQuerySet.as_manager()

    class Meta:
        ordering = ("-on",)
        constraints = [
            models.UniqueConstraint(fields=["person", "on"], name="one_day_a_day"),
        ]

    def __str__(self) -> str:
        return f"day {self.on}"

    @property
    def key_owner_id(self) -> UUID:
        return self.person_id

    @property
    def is_said(self) -> bool:
        return bool(self.outcome or self.text)

    @classmethod
    def of(cls, person: User, on: date, principle: str, way: str) -> "Day":
        """The person's day, made now if there is none; with this way where it is new."""
        day, _created = cls.objects.get_or_create(
            person=person, on=on, defaults={"principle": principle, "way": way}
        )
        return day

    def turn_to(self, principle: str, way: str) -> None:
        """Another one for today, for oneself. What was said of the first is not said of this."""
        with transaction.atomic():
            self._hold()
            if self.principle != principle:
                self.principle, self.way, self.outcome = principle, way, ""
                self.save(update_fields=["principle", "way", "outcome"])

    def say(self, outcome: str, principle: str = "") -> None:
        """Done, not today, or neither after all; all of them are fine. Of the principle that the
        page shows: raises NotAsSeen where the day was turned to another one meanwhile."""
        with transaction.atomic():
            self._hold()
            if principle not in ("", self.principle):
                raise NotAsSeen
            self.outcome = outcome
            self.save(update_fields=["outcome"])

    def keep(self, text: str, base: int, tab_id: str) -> None:
        """The private line, as it is typed. Raises Changed (couples.autosave)."""
        with transaction.atomic():
            self._hold()
            self.save_revision(text, base, tab_id)

    def share(self, partner: Partner, reader: Partner | None, revision: int) -> "SharedDay":
        """Give the line as it was previewed, to whom it was previewed for. Raises NotAsSeen."""
        with transaction.atomic():
            partner.workspace.lock()
            self._hold()
            here = Partner.objects.active().filter(workspace=partner.workspace_id)
            if reader is None or reader not in here or partner not in here:
                raise NotAsSeen
            if self.revision != revision or not self.text:
                raise NotAsSeen
            shared, _created = SharedDay.objects.get_or_create(
                day=self,
                giver=partner,
                reader=reader,
                defaults={"workspace": partner.workspace, "on": self.on},
            )
            shared.principle, shared.words = self.principle, self.text
            shared.save()
            nudges.nudge(partner.workspace_id, "today")
        return shared

    def _hold(self) -> None:
        rows = Day.objects.select_for_update()
        self.refresh_from_db(from_queryset=rows)


class SharedDayQuerySet(models.QuerySet["SharedDay"]):
    def visible_to(self, partner: Partner) -> Self:
        """What one gave and was given, while both live here."""
        if partner.left_at is not None:
            return self.none()
        together = self.filter(giver__left_at=None, reader__left_at=None)
        return together.filter(Q(giver=partner) | Q(reader=partner))


class SharedDay(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    # None once its writer's account is gone: what was given stays.
    day = models.ForeignKey(Day, null=True, on_delete=models.SET_NULL, related_name="shares")
    giver = models.ForeignKey(Partner, on_delete=models.RESTRICT, related_name="+")
    reader = models.ForeignKey(Partner, on_delete=models.RESTRICT, related_name="+")
    on = models.DateField()
    principle = models.CharField(max_length=40)
    words = EncryptedTextField()

    objects = SharedDayQuerySet.as_manager()

    class Meta:
        ordering = ("-on",)
        constraints = [
            models.UniqueConstraint(fields=["day", "giver", "reader"], name="a_line_shared_once"),
        ]

    def __str__(self) -> str:
        return f"shared day {self.id}"

    @property
    def key_owner_id(self) -> UUID:
        return self.workspace_id

    def take_back(self) -> None:
        """From now on only its writer reads it. What was read was read. Raises
        NotTogether once one of the two has left."""
        with transaction.atomic():
            Couple.objects.of(self.giver).lock()
            nudges.nudge(self.workspace_id, "today")
            self.delete()


class WayQuerySet(models.QuerySet["Way"]):
    def visible_to(self, partner: Partner) -> Self:
        """Those of the two who live here, and one's own from being alone."""
        own = self.filter(person=partner.user_id).values("pk")
        ours = self.filter(couple=Couple.objects.now_of(partner)).values("pk")
        # Each of the two by an index of its own: every home page asks.
        return self.filter(pk__in=own.order_by().union(ours.order_by()))


class Way(models.Model):
    """A small way to show up, of people's own. Written alone it is private, and stays so."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    principle = models.CharField(max_length=40)
    person = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    couple = models.ForeignKey(
        Couple, null=True, blank=True, on_delete=models.CASCADE, related_name="ways"
    )
    text = EncryptedTextField()
    added_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = WayQuerySet.as_manager()

    class Meta:
        ordering = ("added_at",)
        constraints = [
            models.CheckConstraint(
                condition=Q(person__isnull=False, couple=None)
                | Q(person=None, couple__isnull=False),
                name="a_way_belongs_to_a_person_or_to_two",
            ),
        ]

    def __str__(self) -> str:
        return f"way {self.id}"

    @property
    def key_owner_id(self) -> UUID:
        if self.couple is not None:
            return self.couple.workspace_id
        assert self.person_id is not None, "there is no way without an owner"  # noqa: S101
        return self.person_id

    @classmethod
    def add(cls, partner: Partner, principle: str, text: str) -> "Way":
        """For the two who live here, or for somebody alone. Raises TooMany, and NotTogether where
        they were two when the page was opened, or are by now: one would not have meant it so."""
        with transaction.atomic():
            couple = partner.couple
            if couple is not None:
                couple.lock()
            else:
                home = partner.workspace.lock()
                if list(Partner.objects.active().filter(workspace=home)) != [partner]:
                    raise NotTogether
            if cls.objects.visible_to(partner).count() >= MOST_WAYS:
                raise TooMany
            if couple is None:
                return cls.objects.create(principle=principle, person=partner.user, text=text)
            way = cls.objects.create(principle=principle, couple=couple, text=text)
            nudges.nudge(partner.workspace_id, "today")
        return way
