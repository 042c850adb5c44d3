"""A moment: one use of a principle's living practice by two people.

It belongs to a couple, with who said what. The three shapes are proxies
with verbs of their own: Offer and Call in offer.py and call.py, Decision in decision.py, Repair
and Area in repair.py and area.py. Everything private (drafts, answers that are not revealed) lies
in rows of its own, under the key of the person who writes.
"""

from typing import ClassVar, Self
from uuid import UUID

from django.db import models, transaction
from django.db.models import F, Q
from django.utils import timezone

from couples import nudges
from couples.crypto.fields import EncryptedTextField
from couples.ids import uuid7
from couples.models import Couple, Partner
from couples.prepared import now
from couples.refusals import Refusal
from principles.catalog import practices
from principles.catalog.kinds import Kind, State
from principles.practices import packed
from principles.practices.models.draft import KIND_LENGTH, Draft


class NothingSaid(Refusal):
    """There are no words to give."""


class Refused(Refusal):
    """Not possible in the state where the moment is now."""

    def __init__(self, state: State) -> None:
        super().__init__(state.value)
        self.state = state


class MomentQuerySet(models.QuerySet["Moment"]):
    def visible_to(self, partner: Partner) -> Self:
        """Those of the two who live here now. What is on its way out, and a call that did not reach
        the other, is seen by nobody but the one who sent it."""
        here = self.filter(couple=Couple.objects.now_of(partner), kind__in=self.model.KINDS)
        given = Q(given_at__lte=now()) & ~Q(kind="emergency", reached_at=None)
        return here.filter(given | Q(begun_by=partner))

    def found_by(self, partner: Partner) -> Self:
        """Those that this person can open; also a call of theirs that the other left in the middle
        of, which stands in no list any more."""
        mine = self.filter(begun_by=partner, begun_by__left_at=None, kind__in=self.model.KINDS)
        call = mine.filter(closed_at=F("couple__ended_at"), kind="emergency")
        seen = self.visible_to(partner).values("pk")
        return self.filter(Q(pk__in=seen) | Q(pk__in=call.values("pk")))

    def with_people(self) -> Self:
        return self.select_related("couple__one__user", "couple__two__user", "response")

    def whole(self) -> Self:
        """With everything that it takes to say how each of them stands."""
        return self.with_people().prefetch_related(*self.model.ROWS)

    def newest_first(self) -> Self:
        return self.order_by("-given_at", "-pk")

    def open(self) -> Self:
        """Not closed, and not settled either."""
        return self.filter(closed_at=None, settled_at=None)


class Moment(models.Model):
    KINDS: ClassVar[tuple[str, ...]] = practices.SLUGS
    # What a shape has in rows of its own.
    ROWS: ClassVar[tuple[str, ...]] = ()

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    kind = models.CharField(max_length=KIND_LENGTH)
    couple = models.ForeignKey(Couple, on_delete=models.CASCADE, related_name="moments")
    begun_by = models.ForeignKey(Partner, on_delete=models.RESTRICT, related_name="+")
    text = EncryptedTextField()
    # From when on the other can see it: at once, but for an emergency, which can be undone.
    given_at = models.DateTimeField(default=timezone.now)
    # When an emergency went out; and when it did so while both had calls switched on.
    sent_at = models.DateTimeField(null=True, blank=True)
    reached_at = models.DateTimeField(null=True, blank=True)
    # How it went, said afterwards.
    afterwards = EncryptedTextField()
    followed_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    # Decided, mended, agreed.
    settled_at = models.DateTimeField(null=True, blank=True)
    # Ended, stopped, or left to rest.
    closed_at = models.DateTimeField(null=True, blank=True)

    objects = MomentQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["couple", "kind", "given_at"], name="moments_by_kind_and_day")
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=practices.SLUGS), name="a_moment_is_of_a_known_kind"
            ),
            models.UniqueConstraint(
                fields=["begun_by"],
                condition=Q(kind="emergency", closed_at=None),
                name="one_open_emergency_each",
            ),
        ]

    def __str__(self) -> str:
        return f"moment {self.id}"

    @property
    def key_owner_id(self) -> UUID:
        return self.couple.workspace_id

    # -- What it is ------------------------------------------------------------------------------

    @property
    def practice(self) -> Kind:
        return practices.BY_SLUG[self.kind]

    @property
    def parts(self) -> dict[str, str]:
        return packed.unpack(self.text)

    @property
    def subject(self) -> str:
        """What was written in the field `text`; empty for kinds that have none."""
        return self.parts.get("text", "")

    @property
    def giver(self) -> Partner:
        one, two = self.couple.people
        return one if self.begun_by_id == one.pk else two

    @property
    def receiver(self) -> Partner:
        return self.couple.other_than(self.giver)

    def state_for(self, partner: Partner) -> State:
        raise NotImplementedError

    def sentence(self, partner: Partner) -> str:
        """The state as this person reads it."""
        began = partner.pk == self.begun_by_id
        name = self.couple.other_than(partner).name
        return self.practice.sentence(self.state_for(partner), began, name)

    # -- What two people do ----------------------------------------------------------------------

    @classmethod
    def begin(
        cls, partner: Partner, kind: str, text: str, base: int = 0, tab_id: str = ""
    ) -> "Moment":
        """Give exactly these words, which lay on the person's desk until now, to both.

        `base` and `tab_id` are those of the page: see AutosavedText. Raises NotTogether,
        NothingSaid, and EditConflict when another window of the same person wrote other words.
        """
        if not packed.is_filled(packed.unpack(text)):
            raise NothingSaid
        with transaction.atomic():
            draft = Draft.lock(partner.user, kind)
            couple = Couple.objects.of(partner).lock()
            draft.save_revision(text, base, tab_id)
            draft.clear()
            moment = cls.objects.create(kind=kind, couple=couple, begun_by=partner, text=text)
            moment.begun()
            moment.nudge()
        return moment

    def begun(self) -> None:
        """What belongs to the beginning of a shape."""

    def suspend(self, partner: Partner) -> None:
        """Leave it there for now. Either does, both at once is once; nothing is lost."""
        with transaction.atomic():
            self.lock(partner)
            if self.state_for(partner) is State.SUSPENDED:
                return
            if not self.may_rest(partner):
                raise Refused(self.state_for(partner))
            self.closed_at = timezone.now()
            self.save(update_fields=["closed_at"])
            self.nudge()

    def may_rest(self, partner: Partner) -> bool:
        return False

    def resume(self, partner: Partner) -> None:
        """Take up again what was suspended. Both at once is once."""
        with transaction.atomic():
            self.lock(partner)
            if self.may_rest(partner):
                return
            if self.state_for(partner) is not State.SUSPENDED:
                raise Refused(self.state_for(partner))
            self.closed_at = None
            self.save(update_fields=["closed_at"])
            self.nudge()

    # -- How it is done --------------------------------------------------------------------------

    def lock(self, partner: Partner) -> None:
        """Look at it anew, and let nobody change it until the transaction ends.

        The couple's row is what both race for: leaving holds it, too. Raises NotTogether.
        """
        self.couple.lock(by=partner)
        self.refresh_from_db(from_queryset=type(self).objects.with_people())

    def nudge(self) -> None:
        nudges.nudge(self.couple.workspace_id, f"moment-{self.kind}")
        nudges.nudge(self.couple.workspace_id, "home")
