"""Whether two people can call each other: each has a switch, and it takes both.

Nobody is shown the other's. What the caller sees is the same whether a call reaches the other or
not, so switching off tells nobody, and a call that nobody answers says nothing either.
"""

from typing import Self

from django.db import models, transaction
from django.utils import timezone

from couples.ids import uuid7
from couples.models import Couple, Partner


class CallSwitchQuerySet(models.QuerySet["CallSwitch"]):
    def on(self) -> Self:
        return self.exclude(on_at=None)

    def of(self, partner: Partner) -> Self:
        """Their own, with the one with whom they live now."""
        return self.filter(partner=partner, couple=Couple.objects.now_of(partner))


class CallSwitch(models.Model):
    """One person's, for as long as this couple lasts. Without a row it is off."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    couple = models.ForeignKey(Couple, on_delete=models.CASCADE, related_name="+")
    partner = models.ForeignKey(Partner, on_delete=models.CASCADE, related_name="+")
    on_at = models.DateTimeField(null=True, blank=True)
    # Since when the other's calls come to this person by mail as well.
    mail_at = models.DateTimeField(null=True, blank=True)

    objects = CallSwitchQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["couple", "partner"], name="one_call_switch_each")
        ]

    def __str__(self) -> str:
        return f"call switch {self.id}"

    @property
    def is_on(self) -> bool:
        return self.on_at is not None

    @property
    def by_mail(self) -> bool:
        return self.mail_at is not None

    @classmethod
    def of(cls, partner: Partner) -> "CallSwitch":
        """As it stands; one that is off where nobody has touched it."""
        return cls.objects.of(partner).first() or cls(partner=partner)

    @classmethod
    def set(
        cls, partner: Partner, *, on: bool | None = None, mail: bool | None = None
    ) -> "CallSwitch":
        """Turn what is given; twice is once. Of going off, see `Call.switch_off`. Raises
        NotTogether."""
        with transaction.atomic():
            couple = Couple.objects.of(partner).lock()
            switch, _new = cls.objects.get_or_create(couple=couple, partner=partner)
            if on is not None and on != switch.is_on:
                switch.on_at = timezone.now() if on else None
            if mail is not None and mail != switch.by_mail:
                switch.mail_at = timezone.now() if mail else None
            switch.save(update_fields=["on_at", "mail_at"])
        return switch


class Sending(models.Model):
    """That a call went out: how often one does has a bound (see call.py). Kept for a day."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    couple = models.ForeignKey(Couple, on_delete=models.CASCADE, related_name="+")
    by = models.ForeignKey(Partner, on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"sending {self.id}"
