"""We missed this: said kindly, by either, about what both hold to.

It does not say who missed it or who noticed, it is never counted, and once it is put right nothing
of it is kept: a list of old misses would be of use only in a quarrel.
"""

from django.db import models, transaction
from django.utils import timezone

from couples.ids import uuid7
from couples.models import Partner
from principles.agreements.models.agreement import Agreement


class Missed(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    agreement = models.OneToOneField(Agreement, on_delete=models.CASCADE, related_name="missed")
    noted_at = models.DateTimeField(default=timezone.now, editable=False)

    def __str__(self) -> str:
        return f"missed {self.agreement_id}"

    @classmethod
    def note(cls, agreement: Agreement, partner: Partner) -> "Missed":
        """Both noting it at once note it once. Raises NotTogether."""
        with transaction.atomic():
            agreement.lock(partner)
            missed, new = cls.objects.get_or_create(agreement=agreement)
            if new:
                agreement.nudge()
        return missed

    def put_right(self, partner: Partner) -> None:
        """Either says so. Raises NotTogether."""
        with transaction.atomic():
            self.agreement.lock(partner)
            Missed.objects.filter(pk=self.pk).delete()
            self.agreement.nudge()
