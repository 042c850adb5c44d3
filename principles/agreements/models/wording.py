"""The exact words of an agreement, and who said yes to them."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self
from uuid import UUID

from django.db import models, transaction
from django.db.models import Exists, FilteredRelation, OuterRef, Q, Subquery, Value
from django.utils import timezone
from django.utils.functional import cached_property

from couples.crypto.fields import EncryptedTextField
from couples.ids import uuid7
from couples.models import Couple, Partner
from principles import catalog
from principles.agreements.models.agreement import Agreement, Changed, Signed, Words
from principles.agreements.models.suspension import Suspension

LONGEST = 1000


@dataclass(frozen=True)
class Line:
    """A line at the foot of a wording: who can sign there, and the signature if there is one."""

    partner: Partner
    signature: "Signature | None"

    @property
    def name(self) -> str:
        """The one that this person had when they signed, whatever they are called since."""
        return (self.signature.name if self.signature else None) or self.partner.name


class WordingQuerySet(models.QuerySet["Wording"]):
    def visible_to(self, partner: Partner) -> Self:
        return self.filter(agreement__couple__in=Couple.objects.visible_to(partner))

    def of(self, couple: Couple | None) -> Self:
        return self.filter(agreement__couple=couple) if couple else self.none()

    def active(self) -> Self:
        return self.filter(taken_back_at=None)

    def newest(self) -> Self:
        """Of each agreement the words that count now."""
        later = Wording.objects.active().filter(
            agreement=OuterRef("agreement"), number__gt=OuterRef("number")
        )
        return self.active().exclude(Exists(later))

    def recent(self) -> Self:
        """Of each agreement the words that count now, and the last if those were taken back."""
        same = Wording.objects.filter(agreement=OuterRef("agreement")).order_by("-number")
        last = Subquery(same.values("number")[:1])
        newest = Subquery(same.active().values("number")[:1])
        return self.filter(Q(number=last) | Q(number=newest)).order_by("-number")

    def unsigned_by(self, partner: Partner) -> Self:
        return self.exclude(signed_by(partner))

    def binding(self) -> Self:
        """Those that count now and that both signed."""
        one, two = OuterRef("agreement__couple__one"), OuterRef("agreement__couple__two")
        return self.newest().filter(signed_by(one), signed_by(two))

    def in_force(self, couple: Couple | None) -> "list[Wording]":
        """What the two hold to, in the order of the principles."""
        return in_place(self.of(couple).binding().exclude(suspended()).with_signatures())

    def with_signatures(self) -> Self:
        """With everything that a page shows below the words; one query more."""
        aside = FilteredRelation(
            "agreement__suspensions", condition=Q(agreement__suspensions__ended_at=None)
        )
        with_people = self.annotate(put_aside=aside, knows_suspension=Value(True)).select_related(
            *("agreement__couple__one__user", "agreement__couple__two__user"),
            *("agreement__own__couple", "agreement__missed", "put_aside"),
        )
        # Each signature knows its wording, and so whose key opens the name in it.
        return with_people.prefetch_related("signatures")

    def update(self, **fields: Any) -> int:
        _refuse_to_rewrite(fields)
        return super().update(**fields)


class Wording(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    agreement = models.ForeignKey(Agreement, on_delete=models.CASCADE, related_name="wordings")
    number = models.PositiveIntegerField()
    proposer = models.ForeignKey(Partner, on_delete=models.RESTRICT, related_name="+")
    text = EncryptedTextField()
    # None in the wordings from before there was more than the sentence.
    line_one = EncryptedTextField(null=True, blank=True)
    line_two = EncryptedTextField(null=True, blank=True)
    hardest_when = EncryptedTextField(null=True, blank=True)
    missed_named_by = EncryptedTextField(null=True, blank=True)
    repaired_how = EncryptedTextField(null=True, blank=True)
    repaired_by = EncryptedTextField(null=True, blank=True)
    again_on = models.DateField(null=True, blank=True)
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
        return self.agreement.couple.workspace_id

    # -- What it is ------------------------------------------------------------------------------

    @property
    def words(self) -> Words:
        parts = {part: getattr(self, part) or "" for part in Words._fields[:-1]}
        return Words(**parts, again_on=self.again_on)

    @property
    def looks_like(self) -> list[tuple[Partner, str]]:
        """One thing to see from each, the first seat's first, where they have said it."""
        lines = zip(self.agreement.couple.people, (self.line_one, self.line_two), strict=True)
        return [(partner, line) for partner, line in lines if line]

    def own_line(self, partner: Partner) -> str:
        line = self.line_one if partner.pk == self.agreement.couple.one_id else self.line_two
        return line or ""

    @property
    def if_missed(self) -> bool:
        return bool(self.missed_named_by or self.repaired_how or self.repaired_by)

    @cached_property
    def suspension(self) -> Suspension | None:
        """Whether its agreement is put aside at present, paused or retired."""
        # Django sets the filtered relation only where there is one.
        return (
            self.__dict__.get("put_aside")
            if "knows_suspension" in self.__dict__
            else self.agreement.suspension
        )

    @property
    def is_signed_by_anybody(self) -> bool:
        return self.signatures.exists()

    def lines(self) -> list[Line]:
        """The two lines at the foot, the first seat's first. Reads prefetched signatures."""
        signed = {s.partner_id: s for s in self.signatures.all() if s.withdrawn_at is None}
        return [Line(each, signed.get(each.pk)) for each in self.agreement.couple.people]

    def names(self) -> tuple[str, str]:
        """Of both, as they stand at the foot."""
        one, two = self.lines()
        return one.name, two.name

    @property
    def proposer_name(self) -> str:
        return next(line.name for line in self.lines() if line.partner.pk == self.proposer_id)

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
            self.agreement.lock(partner)
            self._refuse_unless_newest()
            signature, new = Signature.objects.active().get_or_create(
                wording=self, partner=partner, defaults={"name": partner.name}
            )
            if new:
                self._end_suspension()
                self.agreement.nudge()
        return signature

    def _end_suspension(self) -> None:
        """What both sign after it was put aside is taken up again."""
        suspension = self.agreement.suspensions.open().first()
        if suspension is None or suspension.began_at > self.proposed_at:
            return
        if self.signatures.active().count() == 2:
            suspension.end()

    def take_back(self, partner: Partner) -> None:
        """The proposer wants these words no longer; those before them count again, as signed.

        Raises Changed when others stand by now, and Signed when somebody ever said yes to them.
        """
        with transaction.atomic():
            self.agreement.lock(partner)
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


def in_place(wordings: "WordingQuerySet") -> list[Wording]:
    """In the order of the principles, one's own after the ten."""
    order = {slug: place for place, slug in enumerate(catalog.BY_SLUG)}

    def place(wording: Wording) -> tuple[int, int]:
        own = wording.agreement.own
        return (len(order), own.position) if own else (order[wording.agreement.principle], 0)

    return sorted(wordings, key=place)


def suspended() -> Q:
    """Whether the agreement of a wording is put aside, itself or with a principle of one's own, as
    a condition in a query of wordings."""
    aside = Exists(Suspension.objects.open().filter(agreement=OuterRef("agreement")))
    return Q(aside) | Q(agreement__own__retired_at__isnull=False)


def signed_by(partner: Partner | OuterRef) -> Exists:
    """Whether a wording has this partner's signature, as a condition in a query of wordings."""
    signed = Signature.objects.active().filter(wording=OuterRef("pk"), partner=partner)
    return Exists(signed)


def _refuse_to_rewrite(fields: Collection[str]) -> None:
    if set(fields) - {"taken_back_at"}:
        raise TypeError("A wording never changes. Other words are another wording.")


# -- Signature -----------------------------------------------------------------------------------


class SignatureQuerySet(models.QuerySet["Signature"]):
    def active(self) -> Self:
        return self.filter(withdrawn_at=None)


class Signature(models.Model):
    """A partner's yes to one exact text. Withdrawing it keeps the row, and costs nothing."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    wording = models.ForeignKey(Wording, on_delete=models.CASCADE, related_name="signatures")
    partner = models.ForeignKey(Partner, on_delete=models.RESTRICT, related_name="+")
    # None in those from before it was written down.
    name = EncryptedTextField(null=True, blank=True)
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

    @property
    def key_owner_id(self) -> UUID:
        return self.wording.key_owner_id

    def withdraw(self) -> None:
        with transaction.atomic():
            self.wording.agreement.couple.lock_row()
            mine = Signature.objects.active().filter(pk=self.pk)
            if mine.update(withdrawn_at=timezone.now()):
                self.wording.agreement.nudge()
        self.refresh_from_db(fields=["withdrawn_at"])
