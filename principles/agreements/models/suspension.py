"""An agreement put aside: paused for a while, or retired.

Either does it, at any time and alone, as either may withdraw a signature; or both do it in a
review. Who paused it takes it up again, either of them where both did; otherwise it comes back when
both sign words that were proposed since.
"""

from typing import Self

from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from couples.ids import uuid7
from couples.models import Partner
from couples.refusals import Refusal
from principles.agreements.models.agreement import Agreement


class NotYours(Refusal):
    """Only the one who paused it takes it up again alone."""


class SuspensionQuerySet(models.QuerySet["Suspension"]):
    def open(self) -> Self:
        return self.filter(ended_at=None)


class Suspension(models.Model):
    class Kind(models.TextChoices):
        PAUSED = "paused", _("paused")
        RETIRED = "retired", _("retired")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    agreement = models.ForeignKey(Agreement, on_delete=models.CASCADE, related_name="suspensions")
    kind = models.CharField(max_length=8, choices=Kind)
    # None where both chose it.
    partner = models.ForeignKey(
        Partner, null=True, blank=True, on_delete=models.RESTRICT, related_name="+"
    )
    began_at = models.DateTimeField(default=timezone.now, editable=False)
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = SuspensionQuerySet.as_manager()

    class Meta:
        ordering = ("-began_at",)
        constraints = [
            models.UniqueConstraint(
                fields=["agreement"], condition=Q(ended_at=None), name="put_aside_once_at_a_time"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.agreement_id}"

    @property
    def is_for_good(self) -> bool:
        return self.kind == self.Kind.RETIRED

    @classmethod
    def begin(cls, agreement: Agreement, partner: Partner, kind: "Suspension.Kind") -> "Suspension":
        """Put it aside, or make a pause a retirement. Twice is once. Raises NotTogether."""
        with transaction.atomic():
            agreement.lock(partner)
            return cls._begin(agreement, kind, partner)

    @classmethod
    def begin_together(cls, agreement: Agreement, kind: "Suspension.Kind") -> "Suspension":
        """Both put it aside: a pause that one of them began alone becomes a pause of both, and so
        does what one of them retired. The caller holds the couple's row."""
        if kind == cls.Kind.PAUSED:
            retired = cls.objects.open().filter(agreement=agreement, kind=cls.Kind.RETIRED)
            retired.update(ended_at=timezone.now())
        suspension = cls._begin(agreement, kind, None)
        if suspension.partner_id and suspension.kind == kind:
            suspension.partner = None
            suspension.save(update_fields=["partner"])
        return suspension

    @classmethod
    def _begin(
        cls, agreement: Agreement, kind: "Suspension.Kind", partner: Partner | None
    ) -> "Suspension":
        suspension = cls.objects.open().filter(agreement=agreement).first()
        if suspension is not None and (suspension.kind == kind or suspension.is_for_good):
            return suspension
        if suspension is not None:
            suspension.end()
        agreement.nudge()
        return cls.objects.create(agreement=agreement, partner=partner, kind=kind)

    def may_be_taken_up_by(self, partner: Partner) -> bool:
        return not self.is_for_good and self.partner_id in (None, partner.pk)

    def take_up(self, partner: Partner) -> None:
        """It holds again, as it was signed. Raises NotYours, and NotTogether."""
        with transaction.atomic():
            self.agreement.lock(partner)
            if not self.may_be_taken_up_by(partner):
                raise NotYours
            self.end()
            self.agreement.nudge()

    def end(self) -> None:
        self.ended_at = timezone.now()
        self.save(update_fields=["ended_at"])
