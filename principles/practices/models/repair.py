"""Mutual marks, one: a repair. Each tells their side and their part, and each says for themselves
when they feel heard, soothed and understood. Nobody can say it for the other."""

from typing import ClassVar
from uuid import UUID

from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from couples.autosave import AutosavedText
from couples.ids import uuid7
from couples.models import Partner
from couples.refusals import Full
from principles.catalog.kinds import State
from principles.practices import packed
from principles.practices.models.moment import Moment, NothingSaid, Refused

MOST_SIDES = 200
TOO_MANY = _("%(most)d things were told here. Begin again with a new one.")


class Repair(Moment):
    KINDS: ClassVar[tuple[str, ...]] = ("repair",)
    ROWS: ClassVar[tuple[str, ...]] = ("sides", "marks")

    class Meta:
        proxy = True

    @cached_property
    def told(self) -> "list[Side]":
        """What both have told, in the order of the telling."""
        people = {person.pk: person for person in self.couple.people}
        given = []
        for side in self.sides.all():
            if side.given_at is not None:
                side.moment, side.partner = self, people[side.partner_id]
                given.append((side.given_at, side.pk, side))
        return [side for _at, _pk, side in sorted(given)]

    @cached_property
    def marked(self) -> set[tuple[UUID, str]]:
        return {(mark.partner_id, mark.what) for mark in self.marks.all()}

    def state_for(self, partner: Partner) -> State:
        if self.settled_at:
            return State.MENDED
        if self.closed_at:
            return State.SUSPENDED
        tellers = {side.partner_id for side in self.told}
        if tellers == self.couple.ids:
            return State.MARKING
        return State.TOLD if partner.pk in tellers else State.OPEN

    def draft_of(self, partner: Partner) -> "Side":
        """What this person is writing, and nobody else sees."""
        draft = self.sides.filter(partner=partner, given_at=None).first()
        return draft or Side(moment=self, partner=partner)

    # -- Telling ---------------------------------------------------------------------------------

    def write(self, partner: Partner, text: str, base: int, tab_id: str = "") -> "Side":
        """Keep one's side as it is typed. Raises Refused where that page has told it already, and
        EditConflict where another window wrote something else."""
        with transaction.atomic():
            self.lock(partner)
            return self._keep(partner, text, base, tab_id)

    def tell(self, partner: Partner, text: str, base: int, tab_id: str = "") -> None:
        """Exactly these words, to both. There can be more later. Raises as `write` does."""
        if not packed.is_filled(packed.unpack(text)):
            raise NothingSaid
        with transaction.atomic():
            self.lock(partner)
            given = [side for side in self.told if side.partner_id == partner.pk]
            if tab_id and any(side.tab_id == tab_id and side.text == text for side in given):
                return  # told twice, it is told once
            if len(self.told) >= MOST_SIDES:
                raise Full(TOO_MANY, MOST_SIDES)
            side = self._keep(partner, text, base, tab_id)
            words = side.text
            side.given_at = timezone.now()
            side.text = words  # under the key of both from here on
            side.save()
            self.nudge()

    # -- Marking ---------------------------------------------------------------------------------

    def mark(self, partner: Partner, what: str, is_so: bool) -> None:
        """True for me, or not any more. Mended when both said all three."""
        with transaction.atomic():
            self.lock(partner)
            if self.state_for(partner) is not State.MARKING:
                raise Refused(self.state_for(partner))
            if is_so:
                Mark.objects.get_or_create(moment=self, partner=partner, what=Mark.What(what))
            else:
                Mark.objects.filter(moment=self, partner=partner, what=what).delete()
            self.__dict__.pop("marked", None)
            if len(self.marked) == 2 * len(Mark.What):
                self.settled_at = timezone.now()
                self.save(update_fields=["settled_at"])
            self.nudge()

    def reopen(self, partner: Partner) -> None:
        """It was not over, after all. Either says so, both at once is once; each marks anew."""
        with transaction.atomic():
            self.lock(partner)
            if self.state_for(partner) is State.MARKING:
                return
            if self.state_for(partner) is not State.MENDED:
                raise Refused(self.state_for(partner))
            self.marks.all().delete()
            self.settled_at = None
            self.save(update_fields=["settled_at"])
            self.nudge()

    def may_rest(self, partner: Partner) -> bool:
        return self.state_for(partner) in (State.OPEN, State.TOLD, State.MARKING)

    # -- How it is done --------------------------------------------------------------------------

    def lock(self, partner: Partner) -> None:
        super().lock(partner)
        for name in ("told", "marked"):
            self.__dict__.pop(name, None)

    def _keep(self, partner: Partner, text: str, base: int, tab_id: str) -> "Side":
        if self.settled_at or self.closed_at:
            raise Refused(self.state_for(partner))
        given = self.sides.filter(partner=partner).exclude(given_at=None)
        if tab_id and given.filter(tab_id=tab_id).exists():
            raise Refused(self.state_for(partner))
        side = self.draft_of(partner)
        side.moment, side.partner = self, partner
        side.save_revision(text, base, tab_id)
        return side


class Side(AutosavedText):
    """What one person tells: how it was for them, and their part. Theirs alone until it is told."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    moment = models.ForeignKey(Moment, on_delete=models.CASCADE, related_name="sides")
    partner = models.ForeignKey(Partner, on_delete=models.RESTRICT, related_name="+")
    given_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["moment", "partner"],
                condition=Q(given_at=None),
                name="one_side_is_being_written_each",
            )
        ]

    def __str__(self) -> str:
        return f"side {self.id}"

    @property
    def key_owner_id(self) -> UUID:
        return self.moment.couple.workspace_id if self.given_at else self.partner.user_id

    @property
    def parts(self) -> dict[str, str]:
        return packed.unpack(self.text)


class Mark(models.Model):
    """One of three, said by somebody about themselves."""

    class What(models.TextChoices):
        HEARD = "heard", _("I feel heard")
        SOOTHED = "soothed", _("I feel soothed")
        UNDERSTOOD = "understood", _("I feel understood")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    moment = models.ForeignKey(Moment, on_delete=models.CASCADE, related_name="marks")
    partner = models.ForeignKey(Partner, on_delete=models.RESTRICT, related_name="+")
    what = models.CharField(max_length=10, choices=What)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["moment", "partner", "what"], name="each_of_three_is_marked_once"
            ),
            models.CheckConstraint(
                condition=Q(what__in=["heard", "soothed", "understood"]),
                name="a_repair_mark_is_one_of_three",
            ),
        ]

    def __str__(self) -> str:
        return f"mark {self.id}"
