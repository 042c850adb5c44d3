"""A letter that waits: for a day, or for a hard day that only its reader knows.

Nothing opens by itself. When the day has begun where the reader is, the reader may open it; that is
a comparison with the clock, made when somebody asks. Whoever opens one leaves a row for it without
a time, and nobody but themselves is shown that it is there.
"""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, tzinfo
from enum import StrEnum
from typing import Self
from uuid import UUID

from django.db import models, transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from couples import nudges
from couples.crypto.fields import EncryptedTextField
from couples.ids import uuid7
from couples.models import Couple, Partner, Workspace
from couples.models.submission import free
from couples.prepared import prepared
from couples.refusals import Full, Refusal
from letters.giving.models.share import Changed, previewed, read
from letters.letter.models.letter import Letter
from letters.text import document


def begins(day: date, zone: tzinfo) -> datetime:
    """When the day begins there, in UTC. Where the clocks skip midnight, or the calendar the whole
    day, it is the moment at which they do."""
    # The offset before a gap puts its first wall time at the moment of the change itself.
    return datetime.combine(day, time.min, tzinfo=zone).astimezone(UTC)


class Stage(StrEnum):
    """What a letter that waits is to one person."""

    PUT_AWAY = "put-away"  # to its author, for whom nothing changes until they take it back
    WAITING = "waiting"
    DUE = "due"
    OPENED = "opened"
    TAKEN_BACK = "taken-back"


MOST = 200
TOO_MANY = _("%(most)d letters of yours are waiting. Take one back before you put away another.")


class NotYet(Refusal):
    """It cannot be opened, or not by this person."""


class OpeningQuerySet(models.QuerySet["Opening"]):
    def visible_to(self, partner: Partner) -> Self:
        """What this person put away from their seat, or what waits for them in it, while the two
        live here."""
        together = self.filter(giver__left_at=None, recipient__left_at=None)
        return together.filter(Q(giver=partner) | Q(recipient=partner))

    def between(self, couple: Couple) -> Self:
        return self.filter(couple.either_way("giver", "recipient"), taken_back_at=None)

    def kept_of(self, couple: Couple) -> Self:
        """Those that could be opened on the day that it ended. Whether they were is not told."""
        return self.between(couple).filter(is_kept=True)

    def for_reader(self, partner: Partner) -> Self:
        """Those that this person is to open."""
        to_us = Q(giver=partner, audience=Opening.Audience.BOTH)
        return self.visible_to(partner).filter(Q(recipient=partner) | to_us)

    def still_closed_to(self, partner: Partner) -> Self:
        opened = OpenedBy.objects.filter(opening=OuterRef("pk"), partner=partner)
        return self.filter(~Exists(opened), taken_back_at=None)

    def with_people(self, partner: Partner) -> Self:
        """With whether this person has opened it; the words come when they are asked for."""
        opened = OpenedBy.objects.filter(opening=OuterRef("pk"), partner=partner)
        return (
            self.select_related("workspace", "giver__user", "recipient__user")
            .annotate(is_opened=Exists(opened))
            .defer("words")
        )

    def by_day(self) -> Self:
        """The next one first, those for a hard day last."""
        return self.order_by(F("opens_on").asc(nulls_last=True), "pk")


class Opening(models.Model):
    class Audience(models.TextChoices):
        OTHER = "other", _("For the other")
        BOTH = "both", _("For both of us")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    # None once its author has deleted it: what was given stays.
    letter = models.ForeignKey(
        Letter, null=True, on_delete=models.SET_NULL, related_name="openings"
    )
    giver = models.ForeignKey(Partner, on_delete=models.RESTRICT, related_name="+")
    recipient = models.ForeignKey(Partner, on_delete=models.RESTRICT, related_name="+")
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="openings")
    audience = models.CharField(max_length=5, choices=Audience)
    # None: on a hard day.
    opens_on = models.DateField(null=True, blank=True)
    words = EncryptedTextField(null=True)
    put_away_at = models.DateTimeField(default=timezone.now)
    taken_back_at = models.DateTimeField(null=True, blank=True)
    # Its reader could open it when one of the two left, so both keep it.
    is_kept = models.BooleanField(default=False)

    objects = OpeningQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(giver=F("recipient")), name="a_letter_waits_for_somebody_else"
            ),
            models.CheckConstraint(
                condition=Q(taken_back_at=None, words__isnull=False)
                | Q(taken_back_at__isnull=False, words__isnull=True),
                name="a_letter_that_was_taken_back_says_nothing",
            ),
        ]

    def __str__(self) -> str:
        return f"letter that waits {self.id}"

    @property
    def key_owner_id(self) -> UUID:
        """The author, for as long as nobody has opened it and both do not keep it; then both."""
        if self.is_kept or self.opened_by.exists():
            return self.workspace_id
        return self.giver.user_id

    @classmethod
    def listed_for(cls, partner: Partner, now: datetime) -> list[tuple["Opening", str]]:
        """Those that this person put away or that wait for them, each with its stage."""
        return [(row, row.stage_for(partner, now).value) for row in _listed(partner)]

    @property
    def html(self) -> SafeString:
        return document.to_html(read(self.words))

    @property
    def is_for_both(self) -> bool:
        return self.audience == self.Audience.BOTH

    def is_read_by(self, partner: Partner) -> bool:
        return partner.pk == self.recipient_id or (self.is_for_both and partner.pk == self.giver_id)

    def stage_for(self, partner: Partner, now: datetime) -> Stage:
        """What it is to this person at that moment, in the zone where they live now."""
        if self.taken_back_at is not None:
            return Stage.TAKEN_BACK
        if not self.is_read_by(partner):
            return Stage.PUT_AWAY
        if self._is_opened_by(partner):
            return Stage.OPENED
        return Stage.DUE if self._is_due_for(partner, now) else Stage.WAITING

    def _is_due_for(self, partner: Partner, now: datetime) -> bool:
        """On a hard day it may be opened whenever its reader says so."""
        return self.opens_on is None or begins(self.opens_on, partner.user.zone) <= now

    def _is_opened_by(self, partner: Partner) -> bool:
        known: bool | None = vars(self).get("is_opened")
        return self.opened_by.filter(partner=partner).exists() if known is None else known

    # -- What two people do ----------------------------------------------------------------------

    @classmethod
    def put_away(
        cls,
        letter: Letter,
        partner: Partner,
        digest: str,
        audience: "Opening.Audience",
        opens_on: date | None,
        *,
        to: str | None = None,
        pk: UUID | None = None,
        claim: Callable[[], object] = free,
    ) -> "Opening":
        """Keep the words whose digest was previewed until that day, or for a hard one. Raises
        Changed, NotTogether and Full as Share.give does, and whatever `claim` does."""
        words = previewed(letter, digest)
        with transaction.atomic():
            claim()
            recipient = Couple.objects.of(partner).lock().other_than(partner)
            if to is not None and to != str(recipient.pk):
                raise Changed
            if cls.objects.filter(giver=partner, taken_back_at=None).count() >= MOST:
                raise Full(TOO_MANY, MOST)
            opening = cls.objects.create(
                id=pk or uuid7(),
                letter=letter,
                giver=partner,
                recipient=recipient,
                workspace=partner.workspace,
                audience=audience,
                opens_on=opens_on,
                words=words,
            )
            opening._nudge()
        return opening

    def open(self, partner: Partner, now: datetime) -> None:
        """Open it for this person. The other is not told, not even by a nudge. Raises NotYet, and
        NotTogether once one of the two has left."""
        with transaction.atomic():
            Couple.objects.of(self.giver).lock()
            self._hold(partner)
            stage = self.stage_for(partner, now)
            if stage is Stage.OPENED:
                return
            if stage is not Stage.DUE:
                raise NotYet
            words = self.words
            OpenedBy.objects.create(opening=self, partner=partner)
            self.words = words  # encrypted again, with the key of those it belongs to now
            self.save(update_fields=["words"])

    def take_back(self) -> None:
        """Nobody opens it any more, and the copy goes. The author is not told whether it was
        opened before; what was read was read. Raises NotTogether once one of the two has left."""
        with transaction.atomic():
            Couple.objects.of(self.giver).lock()
            self._hold(self.giver)
            if self.taken_back_at is None:
                self.words = None
                self.taken_back_at = timezone.now()
                self.save(update_fields=["words", "taken_back_at"])
                self.opened_by.all().delete()
                self._nudge()

    @classmethod
    def keep(cls, leaver: Partner) -> None:
        """Give to both what can be opened now; see Partner.leave(), which holds the home. What
        waits for a later day stays closed, and its author's."""
        now = timezone.now()
        mine = Q(giver=leaver) | Q(recipient=leaver)
        rows = cls.objects.filter(mine, taken_back_at=None, is_kept=False)
        for row in rows.select_related("workspace", "giver__user", "recipient__user"):
            if row._is_due_for(row.recipient, now):
                words = row.words
                row.is_kept, row.words = True, words  # encrypted again, with the key of both
                row.save(update_fields=["is_kept", "words"])

    def _hold(self, partner: Partner) -> None:
        """Lock this row until the transaction ends, and look at it anew."""
        rows = Opening.objects.select_for_update(of=("self",))
        self.__dict__.pop("is_opened", None)
        self.refresh_from_db(
            from_queryset=rows.select_related("workspace", "giver__user", "recipient__user")
        )

    def _nudge(self) -> None:
        nudges.nudge(self.workspace_id, "letters")
        nudges.nudge(self.workspace_id, "home")


@prepared
def _listed(partner: Partner) -> QuerySet[Opening]:
    ours = Opening.objects.visible_to(partner).filter(taken_back_at=None)
    return ours.with_people(partner).by_day()


class OpenedBy(models.Model):
    """This person has opened it. When is not written down."""

    pk = models.CompositePrimaryKey("opening_id", "partner_id")
    opening = models.ForeignKey(Opening, on_delete=models.CASCADE, related_name="opened_by")
    partner = models.ForeignKey(Partner, on_delete=models.CASCADE, related_name="+")

    def __str__(self) -> str:
        return f"{self.opening_id} opened"
