"""An agreement: what two people hold to under a principle, in words that both signed.

It lies between two seats, not in a home: whoever moves in later has nothing to do with what two
others agreed before. Its words never change. Other words are another wording, without signatures,
and the newest one that was not taken back is the one that counts.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self
from uuid import UUID

from django.db import models, transaction
from django.db.models import Exists, F, Max, OuterRef, Q, Subquery
from django.utils import timezone

from couples import live
from couples.identity import uuid7
from couples.models import Partner, User, Workspace
from couples.sealed import SealedTextField
from principles import catalog

LONGEST = 1000


class Changed(Exception):
    """Other words stand now than those that the partner saw: `newest`, or none any more."""

    def __init__(self, newest: "Wording | None") -> None:
        super().__init__()
        self.newest = newest


class Unchanged(Exception):
    """These are the words as they stand already."""

    def __init__(self, newest: "Wording") -> None:
        super().__init__()
        self.newest = newest


class Signed(Exception):
    """Somebody signed these words, so their proposer cannot take them back alone."""


class NotTogether(Exception):
    """An agreement takes the two who are at home now, and nobody else."""


# -- Agreement -----------------------------------------------------------------------------------


class AgreementQuerySet(models.QuerySet["Agreement"]):
    def visible_to(self, partner: Partner) -> Self:
        """Those this person has a part in: with whom they live now, and from earlier."""
        if partner.left_at is not None:
            return self.none()
        return self.filter(Q(one=partner) | Q(two=partner))

    def between(self, one: Partner, two: Partner) -> Self:
        one, two = in_order(one, two)
        return self.filter(one=one, two=two)


class Agreement(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="agreements")
    principle = models.CharField(max_length=40)
    # By seat. What both said outlives the seat of one of them.
    one = models.ForeignKey(Partner, on_delete=models.RESTRICT, related_name="+")
    two = models.ForeignKey(Partner, on_delete=models.RESTRICT, related_name="+")
    begun_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = AgreementQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["one", "two", "principle"], name="one_agreement_per_principle_and_couple"
            ),
            models.CheckConstraint(condition=~Q(one=F("two")), name="an_agreement_takes_two"),
        ]

    def __str__(self) -> str:
        return f"agreement {self.id}"

    @classmethod
    def of(cls, partner: Partner, principle: str) -> "Agreement":
        """The agreement of the two who are at home now; made when its first words are proposed."""
        other = partner.other()
        if other is None:
            raise NotTogether
        one, two = in_order(partner, other)
        agreement, _created = cls.objects.get_or_create(
            one=one, two=two, principle=principle, defaults={"workspace": partner.workspace}
        )
        return agreement

    def newest(self) -> "Wording | None":
        """The words that count now."""
        return self.wordings.standing().order_by("-number").first()

    def propose(self, partner: Partner, text: str, base: int = 0) -> "Wording":
        """Put new words beside the present ones. They carry no signature, not even the proposer's.

        `base` is the number of the wording that the partner saw while writing, 0 for none. Raises
        Changed when others stand by now, Unchanged when these are the words as they stand.
        """
        with transaction.atomic():
            self.hold(partner)
            newest = self.newest()
            if newest is not None and newest.text == text:
                raise Unchanged(newest)
            if newest is not None and newest.number != base:
                raise Changed(newest)
            # Words that were taken back keep their number.
            last = self.wordings.aggregate(last=Max("number"))["last"] or 0
            wording = Wording(agreement=self, number=last + 1, proposer=partner, text=text)
            wording.save(force_insert=True)
            self.nudge()
        return wording

    def hold(self, partner: Partner) -> None:
        """Let nobody else change anything here until the transaction ends.

        Raises NotTogether unless this partner and the other one of this agreement live here now.
        """
        # The home's row, not only this one: leaving holds that, and nobody agrees with a person
        # who is just leaving.
        self.workspace.lock()
        here = Partner.objects.active().filter(pk__in=(self.one_id, self.two_id)).count()
        if here != 2 or partner.pk not in (self.one_id, self.two_id):
            raise NotTogether

    def nudge(self) -> None:
        live.nudge(self.workspace_id, f"agreement-{self.principle}")
        live.nudge(self.workspace_id, "home")


def in_order(one: Partner, two: Partner) -> tuple[Partner, Partner]:
    return (one, two) if one.seat < two.seat else (two, one)


# -- Wording -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Line:
    """A line at the foot of a wording: who can sign there, and the signature if there is one."""

    partner: Partner
    signature: "Signature | None"


class WordingQuerySet(models.QuerySet["Wording"]):
    def visible_to(self, partner: Partner) -> Self:
        if partner.left_at is not None:
            return self.none()
        return self.filter(Q(agreement__one=partner) | Q(agreement__two=partner))

    def between(self, one: Partner, two: Partner) -> Self:
        one, two = in_order(one, two)
        return self.filter(agreement__one=one, agreement__two=two)

    def standing(self) -> Self:
        return self.filter(taken_back_at=None)

    def newest(self) -> Self:
        """Of each agreement the words that count now."""
        later = Wording.objects.standing().filter(
            agreement=OuterRef("agreement"), number__gt=OuterRef("number")
        )
        return self.standing().exclude(Exists(later))

    def recent(self) -> Self:
        """Of each agreement the words that count now, and the last if those were taken back."""
        same = Wording.objects.filter(agreement=OuterRef("agreement")).order_by("-number")
        last = Subquery(same.values("number")[:1])
        newest = Subquery(same.standing().values("number")[:1])
        return self.filter(Q(number=last) | Q(number=newest)).order_by("-number")

    def unsigned_by(self, partner: Partner) -> Self:
        return self.exclude(signed_by(partner))

    def held(self) -> Self:
        """Those that count now and that both signed."""
        one, two = OuterRef("agreement__one"), OuterRef("agreement__two")
        return self.newest().filter(signed_by(one), signed_by(two))

    def kept_by(self, user: User) -> Self:
        """What this person and somebody else both signed, and one of them has left since. It is
        theirs to read for as long as they have an account, with or without a home."""
        theirs = Q(agreement__one__user=user) | Q(agreement__two__user=user)
        together = Q(agreement__one__left_at=None, agreement__two__left_at=None)
        return self.held().filter(theirs).exclude(together)

    def binding(self, home: Workspace) -> "list[Wording]":
        """What the two who live in a home now hold to, in the order of the principles."""
        held = self.held().filter(
            agreement__workspace=home, agreement__one__left_at=None, agreement__two__left_at=None
        )
        order = list(catalog.BY_SLUG)
        return sorted(
            held.select_related("agreement"),
            key=lambda wording: order.index(wording.agreement.principle),
        )

    def with_signatures(self) -> Self:
        """With everything that a page shows below the words; one query more."""
        with_people = self.select_related("agreement__one__user", "agreement__two__user")
        return with_people.prefetch_related("signatures")

    def update(self, **fields: Any) -> int:
        _refuse_to_rewrite(fields)
        return super().update(**fields)


class Wording(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    agreement = models.ForeignKey(Agreement, on_delete=models.CASCADE, related_name="wordings")
    number = models.PositiveIntegerField()
    proposer = models.ForeignKey(Partner, on_delete=models.RESTRICT, related_name="+")
    text = SealedTextField()
    proposed_at = models.DateTimeField(default=timezone.now, editable=False)
    taken_back_at = models.DateTimeField(null=True, blank=True)

    objects = WordingQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["agreement", "number"], name="one_wording_per_number_and_agreement"
            ),
        ]

    def __str__(self) -> str:
        return f"wording {self.id}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            _refuse_to_rewrite(kwargs.get("update_fields") or ("everything",))
        super().save(*args, **kwargs)

    @property
    def key_owner_id(self) -> UUID:
        return self.agreement.workspace_id

    # -- What it is ------------------------------------------------------------------------------

    def lines(self) -> list[Line]:
        """The two lines at the foot, the first seat's first. Reads prefetched signatures."""
        signed = {s.partner_id: s for s in self.signatures.all() if s.withdrawn_at is None}
        people = (self.agreement.one, self.agreement.two)
        return [Line(partner, signed.get(partner.pk)) for partner in people]

    def signature_of(self, partner: Partner) -> "Signature | None":
        return next((line.signature for line in self.lines() if line.partner == partner), None)

    @property
    def held_since(self) -> datetime | None:
        """When the second of the two signed these exact words; None unless both have."""
        dates = [line.signature.signed_at for line in self.lines() if line.signature]
        return max(dates) if len(dates) == 2 else None

    # -- What people do --------------------------------------------------------------------------

    def sign(self, partner: Partner) -> "Signature":
        """This partner's yes to these exact words. Raises Changed when others stand by now."""
        with transaction.atomic():
            self.agreement.hold(partner)
            self._refuse_unless_newest()
            signature, new = Signature.objects.standing().get_or_create(
                wording=self, partner=partner
            )
            if new:
                self.agreement.nudge()
        return signature

    def take_back(self, partner: Partner) -> None:
        """The proposer wants these words no longer; those before them count again, as signed.

        Raises Changed when others stand by now, and Signed when somebody ever said yes to them.
        """
        with transaction.atomic():
            self.agreement.hold(partner)
            self._refuse_unless_newest()
            if partner.pk != self.proposer_id or self.signatures.exists():
                raise Signed
            self.taken_back_at = timezone.now()
            self.save(update_fields=["taken_back_at"])
            self.agreement.nudge()

    def _refuse_unless_newest(self) -> None:
        newest = self.agreement.newest()
        if newest != self:
            raise Changed(newest)


def signed_by(partner: Partner | OuterRef) -> Exists:
    """Whether a wording has this partner's signature, as a condition in a query of wordings."""
    signed = Signature.objects.standing().filter(wording=OuterRef("pk"), partner=partner)
    return Exists(signed)


def _refuse_to_rewrite(fields: Collection[str]) -> None:
    if set(fields) - {"taken_back_at"}:
        raise TypeError("A wording never changes. Other words are another wording.")


# -- Signature -----------------------------------------------------------------------------------


class SignatureQuerySet(models.QuerySet["Signature"]):
    def standing(self) -> Self:
        return self.filter(withdrawn_at=None)


class Signature(models.Model):
    """A partner's yes to one exact text. Withdrawing it keeps the row, and costs nothing."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    wording = models.ForeignKey(Wording, on_delete=models.CASCADE, related_name="signatures")
    partner = models.ForeignKey(Partner, on_delete=models.RESTRICT, related_name="+")
    signed_at = models.DateTimeField(default=timezone.now, editable=False)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    objects = SignatureQuerySet.as_manager()

    class Meta:
        ordering = ("signed_at",)
        constraints = [
            models.UniqueConstraint(
                fields=["wording", "partner"],
                condition=Q(withdrawn_at=None),
                name="one_signature_each",
            ),
        ]

    def __str__(self) -> str:
        return f"signature {self.id}"

    def withdraw(self) -> None:
        with transaction.atomic():
            self.wording.agreement.workspace.lock()
            mine = Signature.objects.standing().filter(pk=self.pk)
            if mine.update(withdrawn_at=timezone.now()):
                self.wording.agreement.nudge()
        self.refresh_from_db(fields=["withdrawn_at"])
