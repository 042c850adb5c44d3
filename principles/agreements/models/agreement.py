"""An agreement: what two people hold to under a principle, in words that both signed.

It belongs to a couple: whoever moves in later has nothing to do with what two others agreed before.
Its words never change. Other words are another wording, without signatures, and the newest one that
was not taken back is the one that counts.
"""

from datetime import date
from typing import TYPE_CHECKING, Any, NamedTuple, Self

from django.db import models, transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.functional import cached_property

from couples import nudges
from couples.ids import uuid7
from couples.models import Couple, Partner
from couples.refusals import Refusal
from principles import catalog

if TYPE_CHECKING:
    from principles.agreements.models.suspension import Suspension
    from principles.agreements.models.wording import Wording


class Words(NamedTuple):
    """An agreement, whole. The two lines are those of the two seats; each words their own."""

    text: str
    line_one: str = ""
    line_two: str = ""
    hardest_when: str = ""
    # If we miss it: who names it, how it is repaired, and by when.
    missed_named_by: str = ""
    repaired_how: str = ""
    repaired_by: str = ""
    again_on: date | None = None

    def with_parts(self, **parts: Any) -> "Words":
        """The same but for these parts."""
        return self._replace(**parts)


def line_of(is_one: bool) -> str:
    """The part of Words that the person in the first seat words, or the one in the second."""
    return "line_one" if is_one else "line_two"


class Changed(Refusal):
    """Other words stand now than those that the partner saw: `newest`, or none any more."""

    def __init__(self, newest: "Wording | None") -> None:
        super().__init__()
        self.newest = newest


class Unchanged(Refusal):
    """These are the words as they stand already."""

    def __init__(self, newest: "Wording") -> None:
        super().__init__()
        self.newest = newest


class Signed(Refusal):
    """Somebody signed these words, so their proposer cannot take them back alone."""


# -- Agreement -----------------------------------------------------------------------------------


class AgreementQuerySet(models.QuerySet["Agreement"]):
    def visible_to(self, partner: Partner) -> Self:
        """Those this person has a part in: with whom they live now, and from earlier."""
        return self.filter(couple__in=Couple.objects.visible_to(partner))


class Agreement(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    couple = models.ForeignKey(Couple, on_delete=models.CASCADE, related_name="agreements")
    principle = models.CharField(max_length=40)
    begun_at = models.DateTimeField(default=timezone.now, editable=False)
    # Where the principle is not one of the ten.
    own = models.ForeignKey(
        "OwnPrinciple", null=True, blank=True, on_delete=models.RESTRICT, related_name="agreements"
    )

    objects = AgreementQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["couple", "principle"], name="one_agreement_per_principle_and_couple"
            ),
        ]

    def __str__(self) -> str:
        return f"agreement {self.id}"

    @classmethod
    def of(cls, partner: Partner, principle: catalog.Principle | str) -> "Agreement":
        """The agreement of the two who are at home now; made when its first words are proposed."""
        if isinstance(principle, str):
            principle = catalog.BY_SLUG[principle]
        with transaction.atomic():
            couple = Couple.objects.of(partner).lock()
            agreement, _created = cls.objects.get_or_create(
                couple=couple, principle=principle.slug, defaults={"own_id": principle.own_id}
            )
        return agreement

    @property
    def as_principle(self) -> catalog.Principle:
        return self.own.principle if self.own else catalog.BY_SLUG[self.principle]

    def newest(self) -> "Wording | None":
        """The words that count now."""
        return self.wordings.active().order_by("-number").first()

    @cached_property
    def suspension(self) -> "Suspension | None":
        """Whether it is put aside at present, paused or retired."""
        return self.suspensions.open().first()

    def propose(
        self,
        partner: Partner,
        text: str,
        base: int = 0,
        *,
        mine: str | None = None,
        **parts: str | date,
    ) -> "Wording":
        """Put new words beside the present ones, with `text` as the sentence that begins with We.
        They carry no signature, not even the proposer's.

        `mine` is the proposer's own line; the other's stays as it is, and so do those of the other
        `parts` (see Words) that are not given. See `put` for `base` and what is raised.
        """
        newest = self.newest()
        words = (newest.words if newest else Words("")).with_parts(text=text, **parts)
        if mine is not None:
            words = words.with_parts(**{line_of(partner.pk == self.couple.one_id): mine})
        return self.put(partner, words, base)

    def put(self, partner: Partner, words: Words, base: int = 0) -> "Wording":
        """Put these words beside the present ones.

        `base` is the number of the wording that the partner saw while writing, 0 for none. Raises
        Changed when others stand by now, Unchanged when these are the words as they stand.
        """
        with transaction.atomic():
            self.lock(partner)
            newest = self.newest()
            if newest is not None and newest.words == words and not self._may_stand_again(newest):
                raise Unchanged(newest)
            if newest is not None and newest.number != base:
                raise Changed(newest)
            # Nobody words the other's line: it is taken from what stands.
            before = newest.words if newest else Words("")
            theirs = line_of(partner.pk != self.couple.one_id)
            words = words.with_parts(**{theirs: getattr(before, theirs)})
            # Words that were taken back keep their number.
            last = self.wordings.aggregate(last=Max("number"))["last"] or 0
            wording = self.wordings.create(number=last + 1, proposer=partner, **words._asdict())
            self.nudge()
        return wording

    def _may_stand_again(self, newest: "Wording") -> bool:
        """What was retired comes back with the same words, if both sign them anew."""
        return (
            self.suspension is not None
            and self.suspension.is_for_good
            and newest.is_signed_by_anybody
        )

    def lock(self, partner: Partner) -> None:
        """Let nobody else change anything here until the transaction ends.

        Raises NotTogether unless this partner and the other one of this agreement live here now.
        """
        # The couple's row, not only this one: leaving holds that, and nobody agrees with a person
        # who is just leaving.
        self.couple.lock(by=partner)

    def nudge(self) -> None:
        nudges.nudge(self.couple.workspace_id, f"agreement-{self.principle}")
        nudges.nudge(self.couple.workspace_id, "home")
