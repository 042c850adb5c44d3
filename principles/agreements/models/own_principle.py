"""A principle of two people's own, beside the ten.

Adding one is an agreement, too: one of them names it, and it is there once the other says yes.
Either may put it away, as either may withdraw a signature; to have it back takes both again.
"""

from typing import Self
from uuid import UUID

from django.db import models, transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from couples import nudges
from couples.crypto.fields import EncryptedTextField
from couples.ids import uuid7
from couples.models import Couple, Partner
from couples.refusals import Full, Refusal
from principles.catalog import Principle

LONGEST_NAME, LONGEST_ESSENCE = 120, 1000
MOST = 20
# Those that were put away again stay with their words.
MOST_EVER = 200
TOO_MANY_EVER = _("You have named %(most)d of your own. Take one up again that you put away.")


class TooMany(Refusal):
    """More than anybody can live by."""


class NotOpen(Refusal):
    """It was agreed to, or taken back, meanwhile."""


class OwnQuerySet(models.QuerySet["OwnPrinciple"]):
    def visible_to(self, partner: Partner) -> Self:
        return self.filter(couple__in=Couple.objects.visible_to(partner))

    def agreed(self) -> Self:
        return self.filter(agreed_at__isnull=False, retired_at=None)

    def proposed(self) -> Self:
        return self.filter(agreed_at=None)

    def retired(self) -> Self:
        return self.filter(retired_at__isnull=False, agreed_at__isnull=False)


class OwnPrinciple(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    couple = models.ForeignKey(Couple, on_delete=models.CASCADE, related_name="own_principles")
    # Who waits for the other's yes.
    proposer = models.ForeignKey(Partner, on_delete=models.RESTRICT, related_name="+")
    name = EncryptedTextField()
    essence = EncryptedTextField(blank=True)
    position = models.PositiveSmallIntegerField()
    proposed_at = models.DateTimeField(default=timezone.now, editable=False)
    agreed_at = models.DateTimeField(null=True, blank=True)
    retired_at = models.DateTimeField(null=True, blank=True)

    objects = OwnQuerySet.as_manager()

    class Meta:
        ordering = ("position", "proposed_at")

    def __str__(self) -> str:
        return f"own principle {self.id}"

    @property
    def key_owner_id(self) -> UUID:
        return self.couple.workspace_id

    @property
    def slug(self) -> str:
        return f"own-{self.pk.hex}"

    @property
    def principle(self) -> Principle:
        """The same shape as one of the ten, with what two people wrote of it."""
        return Principle.of_ones_own(self.pk, self.slug, self.name, self.essence)

    # -- What two people do ----------------------------------------------------------------------

    @classmethod
    def propose(cls, partner: Partner, name: str, essence: str = "") -> "OwnPrinciple":
        """Name one. Raises NotTogether, TooMany and Full."""
        with transaction.atomic():
            couple = Couple.objects.of(partner).lock()
            ours = cls.objects.filter(couple=couple)
            if ours.filter(retired_at=None).count() >= MOST:
                raise TooMany
            if ours.count() >= MOST_EVER:
                raise Full(TOO_MANY_EVER, MOST_EVER)
            last = ours.aggregate(last=Max("position"))["last"] or 0
            own = cls.objects.create(
                couple=couple,
                proposer=partner,
                name=name,
                essence=essence,
                position=last + 1,
            )
            own._nudge()
        return own

    def agree(self, partner: Partner) -> None:
        """The other's yes to exactly this name and essence. Raises NotOpen, NotTogether."""
        with transaction.atomic():
            self._hold()
            if partner.pk == self.proposer_id or self.agreed_at is not None:
                raise NotOpen
            self.agreed_at, self.retired_at = timezone.now(), None
            self.save(update_fields=["agreed_at", "retired_at"])
            self._nudge()

    def decline(self) -> None:
        """Not this one: by the other, or by the proposer who takes it back. Nothing is explained.
        What was agreed once only stays put away. Raises NotOpen."""
        with transaction.atomic():
            self._hold()
            if self.agreed_at is not None:
                raise NotOpen
            if self.agreements.exists():
                self.agreed_at = self.retired_at = self.retired_at or timezone.now()
                self.save(update_fields=["agreed_at", "retired_at"])
            else:
                self.delete()
            self._nudge()

    def retire(self) -> None:
        """Put it away. Its agreement keeps its words, and rests with it."""
        with transaction.atomic():
            self._hold()
            if self.agreed_at is not None and self.retired_at is None:
                self.retired_at = timezone.now()
                self.save(update_fields=["retired_at"])
                self._nudge()

    def propose_again(self, partner: Partner) -> None:
        """Ask for the other's yes once more. Raises NotOpen unless it was put away."""
        with transaction.atomic():
            self._hold()
            if self.retired_at is None or self.agreed_at is None:
                raise NotOpen
            self.agreed_at, self.proposer = None, partner
            self.save(update_fields=["agreed_at", "proposer"])
            self._nudge()

    def move(self, up: bool) -> None:
        """One place up or down among those agreed. Either moves them, and nobody is told."""
        with transaction.atomic():
            self._hold()
            ours = list(OwnPrinciple.objects.filter(couple=self.couple_id).agreed())
            if self not in ours:
                return
            here = ours.index(self)
            there = here - 1 if up else here + 1
            if 0 <= there < len(ours):
                ours[here], ours[there] = ours[there], ours[here]
                for place, own in enumerate(ours, 1):
                    own.position = place
                    own.save(update_fields=["position"])

    def _hold(self) -> None:
        self.couple.lock()
        self.refresh_from_db(fields=["agreed_at", "retired_at", "proposer", "position"])

    def _nudge(self) -> None:
        nudges.nudge(self.couple.workspace_id, "principles")
        nudges.nudge(self.couple.workspace_id, "home")
