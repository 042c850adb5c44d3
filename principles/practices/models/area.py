"""Mutual marks, two: an area of life, who leads in it and who decides.

Either says how it could be; it holds once both say the same. What holds stays until both have
agreed on something else.
"""

from datetime import date
from typing import ClassVar, NamedTuple
from uuid import UUID

from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from couples.crypto.fields import EncryptedTextField
from couples.ids import uuid7
from couples.models import Partner
from principles.catalog.kinds import State
from principles.practices.models.moment import Moment, Refused


class Shares(NamedTuple):
    """Who leads, who decides, and when to look again: what both must say alike."""

    leads: str
    decides: str
    again_on: date | None = None


class Area(Moment):
    KINDS: ClassVar[tuple[str, ...]] = ("share-power",)
    ROWS: ClassVar[tuple[str, ...]] = ("proposals",)

    class Meta:
        proxy = True

    @cached_property
    def in_order(self) -> "list[Proposal]":
        in_order = sorted(self.proposals.all(), key=lambda each: (each.said_at, each.pk))
        for each in in_order:
            each.moment = self
        return in_order

    @property
    def holding(self) -> "Proposal | None":
        """What both agreed on last; it holds until they agree on something else."""
        agreed = [each for each in self.in_order if each.agreed_at]
        return max(agreed, key=lambda each: each.agreed_at, default=None)  # type: ignore[arg-type,return-value]

    def proposal_of(self, partner: Partner) -> "Proposal | None":
        """What this person says at present, as long as it is not agreed."""
        open_ones = (each for each in self.in_order if each.closed_at is None)
        return next((each for each in open_ones if each.partner_id == partner.pk), None)

    def state_for(self, partner: Partner) -> State:
        if self.closed_at:
            return State.SUSPENDED
        mine, theirs = self.proposal_of(partner), self.proposal_of(self.couple.other_than(partner))
        if mine and theirs:
            return State.DIFFERENT
        if mine:
            return State.TOLD
        return State.AGREED if self.holding and not theirs else State.OPEN

    def propose(self, partner: Partner, shares: Shares, text: str = "") -> None:
        """Say how it could be. The same as the other says is a yes to it."""
        with transaction.atomic():
            self.lock(partner)
            if self.closed_at:
                raise Refused(State.SUSPENDED)
            theirs = self.proposal_of(self.couple.other_than(partner))
            holding = self.holding
            if theirs is None and holding is not None and holding.shares == shares:
                raise Refused(self.state_for(partner))
            self._put(partner, shares, text)
            if theirs is not None and theirs.shares == shares:
                self._agree(theirs)
            self.nudge()

    def agree(self, partner: Partner, seen: UUID) -> None:
        """Take what the other says, exactly as it was seen. Raises Refused when they say something
        else by now."""
        with transaction.atomic():
            self.lock(partner)
            theirs = self.proposal_of(self.couple.other_than(partner))
            holding = self.holding
            if holding is not None and holding.pk == seen:
                return
            if self.closed_at or theirs is None or theirs.pk != seen:
                raise Refused(self.state_for(partner))
            self._agree(theirs)
            self.nudge()

    def take_back(self, partner: Partner) -> None:
        """What one said is not said any more. What both agreed on before holds as it did."""
        with transaction.atomic():
            self.lock(partner)
            if self.proposals.filter(partner=partner, closed_at=None).delete()[0]:
                self.nudge()

    def may_rest(self, partner: Partner) -> bool:
        return self.closed_at is None

    # -- How it is done --------------------------------------------------------------------------

    def lock(self, partner: Partner) -> None:
        super().lock(partner)
        self.__dict__.pop("in_order", None)

    def _put(self, partner: Partner, shares: Shares, text: str) -> None:
        self.proposals.filter(partner=partner, closed_at=None).delete()
        Proposal.objects.create(moment=self, partner=partner, text=text, **shares._asdict())

    def _agree(self, proposal: "Proposal") -> None:
        now = timezone.now()
        self.proposals.filter(closed_at=None).exclude(pk=proposal.pk).delete()
        proposal.agreed_at = proposal.closed_at = now
        proposal.save(update_fields=["agreed_at", "closed_at"])
        self.__dict__.pop("in_order", None)


class Proposal(models.Model):
    """How one person says that an area could be shared."""

    class Who(models.TextChoices):
        ONE = "one", _("The one in the first seat")
        TWO = "two", _("The one in the second seat")
        BOTH = "both", _("Both of us")
        TURNS = "turns", _("We take turns")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    moment = models.ForeignKey(Moment, on_delete=models.CASCADE, related_name="proposals")
    partner = models.ForeignKey(Partner, on_delete=models.RESTRICT, related_name="+")
    leads = models.CharField(max_length=5, choices=Who)
    decides = models.CharField(max_length=5, choices=Who)
    again_on = models.DateField(null=True, blank=True)
    text = EncryptedTextField()
    said_at = models.DateTimeField(default=timezone.now)
    agreed_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["moment", "partner"],
                condition=Q(closed_at=None),
                name="one_standing_proposal_each",
            ),
            models.CheckConstraint(
                condition=Q(leads__in=["one", "two", "both", "turns"])
                & Q(decides__in=["one", "two", "both", "turns"]),
                name="an_area_is_led_by_one_of_us_or_both",
            ),
        ]

    def __str__(self) -> str:
        return f"proposal {self.id}"

    @property
    def key_owner_id(self) -> UUID:
        return self.moment.couple.workspace_id

    @property
    def shares(self) -> Shares:
        return Shares(self.leads, self.decides, self.again_on)

    def _called(self, who: str) -> str:
        if who in (self.Who.ONE, self.Who.TWO):
            return (self.moment.couple.one if who == self.Who.ONE else self.moment.couple.two).name
        return str(self.Who(who).label)

    @property
    def leader(self) -> str:
        return self._called(self.leads)

    @property
    def decider(self) -> str:
        return self._called(self.decides)
