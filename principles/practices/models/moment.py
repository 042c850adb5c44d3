"""A moment: one use of a principle's living practice by two people.

It lies between two seats and belongs to both, with who said what. The three shapes are proxies
with verbs of their own: Offer and Call in offer.py and call.py, Decision in decision.py, Repair
and Area in repair.py and area.py. Everything private (drafts, answers that are not revealed) lies
in rows of its own, under the key of the person who writes.
"""

from typing import ClassVar, Self
from uuid import UUID

from django.db import models, transaction
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone

from couples import nudges
from couples.crypto.fields import EncryptedTextField
from couples.ids import uuid7
from couples.models import Partner, User, Workspace
from couples.refusals import NotTogether, Refusal
from principles.agreements.models.agreement import in_order
from principles.catalog import practices
from principles.catalog.kinds import Kind, State
from principles.practices import packed as parts
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
        """Those of the two who live here now. What is on its way out is seen by nobody but the
        one who sent it."""
        if partner.left_at is not None:
            return self.none()
        here = self.filter(one__left_at=None, two__left_at=None, kind__in=self.model.KINDS)
        arrived = Q(given_at__lte=timezone.now()) | Q(begun_by=partner)
        return here.filter(arrived, Q(one=partner) | Q(two=partner))

    def found_by(self, partner: Partner) -> Self:
        """Those that this person can open; also a call of theirs that the other left in the middle
        of, which stands in no list any more."""
        left = Q(closed_at=F("one__left_at")) | Q(closed_at=F("two__left_at"))
        mine = self.filter(begun_by=partner, begun_by__left_at=None, kind__in=self.model.KINDS)
        call = mine.filter(left, kind="emergency")
        seen = self.visible_to(partner).values("pk")
        return self.filter(Q(pk__in=seen) | Q(pk__in=call.values("pk")))

    def with_people(self) -> Self:
        return self.select_related("workspace", "one__user", "two__user", "response")

    def whole(self) -> Self:
        """With everything that it takes to say how each of them stands."""
        return self.with_people().prefetch_related(*self.model.ROWS)

    def newest_first(self) -> Self:
        return self.order_by("-given_at", "-pk")

    def open(self) -> Self:
        """Not closed, and not settled either."""
        return self.filter(closed_at=None, settled_at=None)

    def kept_by(self, user: User) -> Self:
        """What this person said something in, or agreed on, with somebody with whom they do not
        live any more. What of it is theirs to read is in principles/practices/after_parting.py."""
        seats = Partner.objects.filter(user=user).values("pk")
        mine = self.filter(Q(one__in=seats) | Q(two__in=seats), withdrawn_at=None)
        this = Moment.objects.filter(pk=OuterRef("pk"))
        agreed = this.filter(proposals__agreed_at__isnull=False)
        said = Q(begun_by__in=seats) | Q(Exists(agreed))
        for rows in ("response", "sides", "rounds__answers", "ideas", "proposals"):
            said |= Q(Exists(this.filter(**{f"{rows}__partner__in": seats})))
        parted = mine.exclude(one__left_at=None, two__left_at=None)
        return parted.filter(said).exclude(kind="emergency")


class Moment(models.Model):
    KINDS: ClassVar[tuple[str, ...]] = practices.SLUGS
    # What a shape has in rows of its own.
    ROWS: ClassVar[tuple[str, ...]] = ()

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    kind = models.CharField(max_length=KIND_LENGTH)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="moments")
    # By seat. What both have outlives the seat of one of them.
    one = models.ForeignKey(Partner, on_delete=models.RESTRICT, related_name="+")
    two = models.ForeignKey(Partner, on_delete=models.RESTRICT, related_name="+")
    begun_by = models.ForeignKey(Partner, on_delete=models.RESTRICT, related_name="+")
    text = EncryptedTextField()
    # From when on the other can see it: at once, but for an emergency, which can be undone.
    given_at = models.DateTimeField(default=timezone.now)
    # When an emergency was sent to the other's pages and mailbox.
    sent_at = models.DateTimeField(null=True, blank=True)
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
            models.Index(fields=["workspace", "kind", "given_at"], name="moments_by_kind_and_day")
        ]
        constraints = [
            models.CheckConstraint(condition=~Q(one=F("two")), name="a_moment_takes_two"),
            models.CheckConstraint(
                condition=Q(begun_by=F("one")) | Q(begun_by=F("two")),
                name="a_moment_is_begun_by_one_of_its_two",
            ),
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
        return self.workspace_id

    # -- What it is ------------------------------------------------------------------------------

    @property
    def practice(self) -> Kind:
        return practices.BY_SLUG[self.kind]

    @property
    def parts(self) -> dict[str, str]:
        return parts.unpack(self.text)

    @property
    def subject(self) -> str:
        """What it is about, in a line."""
        return self.parts.get("text", "")

    @property
    def people(self) -> tuple[Partner, Partner]:
        return self.one, self.two

    @property
    def giver(self) -> Partner:
        return self.one if self.begun_by_id == self.one_id else self.two

    @property
    def receiver(self) -> Partner:
        return self.two if self.begun_by_id == self.one_id else self.one

    def other_than(self, partner: Partner) -> Partner:
        return self.two if self.one_id == partner.pk else self.one

    def state_for(self, partner: Partner) -> State:
        raise NotImplementedError

    def sentence(self, partner: Partner) -> str:
        """The state as this person reads it."""
        began = partner.pk == self.begun_by_id
        name = self.other_than(partner).name
        return self.practice.sentence(self.state_for(partner), began, name)

    # -- What two people do ----------------------------------------------------------------------

    @classmethod
    def begin(
        cls, partner: Partner, kind: str, text: str, base: int = 0, window: str = ""
    ) -> "Moment":
        """Give exactly these words, which lay on the person's desk until now, to both.

        `base` and `window` are those of the page: see AutosavedText. Raises NotTogether,
        NothingSaid, and EditConflict when another window of the same person wrote other words.
        """
        if not parts.said(parts.unpack(text)):
            raise NothingSaid
        with transaction.atomic():
            one, two = cls.hold_home(partner)
            draft = Draft.lock(partner.user, kind)
            draft.rewrite(text, base, window)
            draft.clear()
            moment = cls.objects.create(
                kind=kind,
                workspace=partner.workspace,
                one=one,
                two=two,
                begun_by=partner,
                text=text,
            )
            moment.begun()
            moment.nudge()
        return moment

    def begun(self) -> None:
        """What belongs to the beginning of a shape."""

    def rest(self, partner: Partner) -> None:
        """Leave it there for now. Either does, both at once is once; nothing is lost."""
        with transaction.atomic():
            self.lock(partner)
            if self.state_for(partner) is State.RESTING:
                return
            if not self.may_rest(partner):
                raise Refused(self.state_for(partner))
            self.closed_at = timezone.now()
            self.save(update_fields=["closed_at"])
            self.nudge()

    def may_rest(self, partner: Partner) -> bool:
        return False

    def wake(self, partner: Partner) -> None:
        """Take up again what rests. Both at once is once."""
        with transaction.atomic():
            self.lock(partner)
            if self.may_rest(partner):
                return
            if self.state_for(partner) is not State.RESTING:
                raise Refused(self.state_for(partner))
            self.closed_at = None
            self.save(update_fields=["closed_at"])
            self.nudge()

    # -- How it is done --------------------------------------------------------------------------

    @staticmethod
    def hold_home(partner: Partner) -> tuple[Partner, Partner]:
        """The two who live here, of whom nobody can leave until the transaction ends."""
        partner.workspace.lock()
        seats = list(Partner.objects.active().filter(workspace=partner.workspace_id))
        if len(seats) != 2 or partner not in seats:
            raise NotTogether
        return in_order(*seats)

    def lock(self, partner: Partner) -> None:
        """Look at it anew, and let nobody change it until the transaction ends.

        The home's row is what both race for: leaving holds it, too. Raises NotTogether.
        """
        self.workspace.lock()
        self.refresh_from_db(from_queryset=type(self).objects.with_people())
        gone = self.one.left_at or self.two.left_at
        if gone or partner.pk not in (self.one_id, self.two_id):
            raise NotTogether

    def nudge(self) -> None:
        nudges.nudge(self.workspace_id, f"moment-{self.kind}")
        nudges.nudge(self.workspace_id, "home")
