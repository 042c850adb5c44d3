"""Sealing a joint letter: both sign one exact version of it, and nobody changes it any more.

Its life is told by rows and timestamps. Offered: one has signed. `withdrawn_at`: taken back, or
other words were offered since. `sealed_at`: both have signed; the letter is closed. From then on
the database itself refuses to change the version, its signatures and the seal (0003).
"""

from typing import Self
from uuid import UUID

from django.db import models, transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from couples import nudges
from couples.crypto.fields import EncryptedTextField
from couples.ids import uuid7
from couples.models import Couple, Partner, User
from couples.refusals import Refusal
from letters.giving.models.share import Changed
from letters.letter.changed import letter_changed
from letters.letter.models.document import Document
from letters.letter.models.letter import Letter
from letters.text import document
from letters.text.document import Block
from letters.versions.models import Closed, Draft, Version, lock


class Sealed(Refusal):
    """Both have signed, so nobody withdraws any more."""


class SealQuerySet(models.QuerySet["Seal"]):
    def active(self) -> Self:
        """Not withdrawn: at most one of each letter."""
        return self.filter(withdrawn_at=None)

    def sealed(self) -> Self:
        return self.exclude(sealed_at=None)

    def open(self) -> Self:
        """Signed by one, and both are still here."""
        return self.active().filter(sealed_at=None, letter__couple__ended_at=None)

    def waiting_for(self, partner: Partner) -> Self:
        """Offered by the other, in a letter that this person has a part in."""
        mine = SealSignature.objects.filter(seal=OuterRef("pk"), partner=partner)
        theirs = self.open().filter(letter__couple__in=Couple.objects.visible_to(partner))
        return theirs.exclude(Exists(mine))

    def signed_by(self, user: User) -> Self:
        """What this person and another sealed. It is theirs to read for as long as they have an
        account, with or without a home."""
        mine = SealSignature.objects.filter(partner__user=user)
        return self.sealed().filter(pk__in=mine.values("seal"))

    def with_signatures(self) -> Self:
        related = ("letter__couple", "version", "proposer__user")
        return self.select_related(*related).prefetch_related("signatures__partner")


class Seal(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    letter = models.ForeignKey(Letter, on_delete=models.CASCADE, related_name="seals")
    version = models.OneToOneField(Version, on_delete=models.RESTRICT, related_name="seal")
    proposer = models.ForeignKey(Partner, on_delete=models.RESTRICT, related_name="+")
    proposed_at = models.DateTimeField(default=timezone.now, editable=False)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    sealed_at = models.DateTimeField(null=True, blank=True)

    objects = SealQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["letter"],
                condition=Q(withdrawn_at=None),
                name="one_standing_seal_per_letter",
            ),
            models.CheckConstraint(
                condition=Q(sealed_at=None) | Q(withdrawn_at=None),
                name="what_was_sealed_is_not_withdrawn",
            ),
        ]

    def __str__(self) -> str:
        return f"seal {self.id}"

    # -- What it is ------------------------------------------------------------------------------

    @property
    def couple(self) -> Couple:
        assert self.letter.couple is not None, "only joint letters are sealed"  # noqa: S101
        return self.letter.couple

    @property
    def blocks(self) -> list[Block]:
        return self.version.blocks

    @property
    def digest(self) -> str:
        return document.digest(self.blocks)

    def is_signed_by(self, partner: Partner) -> bool:
        return any(signature.partner_id == partner.pk for signature in self.signatures.all())

    # -- What two people do ----------------------------------------------------------------------

    @classmethod
    def sign(
        cls, letter: Letter, partner: Partner, digest: str, second: UUID | None = None
    ) -> "Seal":
        """This person's yes to exactly the words with this digest. The first offers them, the
        second seals them; `second` is the seal that a second signature was meant for.

        Raises Changed when the letter says something else by now, or the offer was withdrawn;
        nothing is signed then. Raises NotTogether where the two are not both here, Closed where
        the letter is sealed already.
        """
        # All that takes time is done before the lock is taken, while everybody goes on writing.
        draft = Version.draft(letter, partner.user)
        known = {seal.pk: seal.digest for seal in cls.objects.active().filter(letter=letter)}
        with transaction.atomic():
            Couple.objects.of(partner).lock()
            # Every edit waits meanwhile, so these are the words that are sealed.
            lock(letter)
            if Document.objects.values_list("seq", flat=True).get(pk=letter.pk) != draft.seq:
                draft = Version.draft(letter, partner.user)
            if draft.told.digest != digest:
                raise Changed
            seal = cls.objects.active().filter(letter=letter).first()
            if second is not None and (seal is None or seal.pk != second):
                raise Changed
            if seal is None or (known.get(seal.pk) or seal.digest) != digest:
                seal = cls._offer(letter, partner, seal, draft)
            elif document.digest(document.blocks(letter.load())) != digest:
                # The other has written something that is not shown yet: it would be lost.
                raise Changed
            if not seal.is_signed_by(partner):
                seal._sign(partner)
            seal.nudge()
        return seal

    @classmethod
    def _offer(
        cls, letter: Letter, partner: Partner, before: "Seal | None", draft: Draft
    ) -> "Seal":
        if before is not None:
            # The letter does not say any more what was signed then.
            before.withdrawn_at = timezone.now()
            before.save(update_fields=["withdrawn_at"])
        version = Version.take(letter, Version.Kind.OFFERED, by=partner.user, draft=draft)
        assert version is not None, "words that are offered are always kept"  # noqa: S101
        return cls.objects.create(letter=letter, version=version, proposer=partner)

    def _sign(self, partner: Partner) -> None:
        SealSignature.objects.create(seal=self, partner=partner, name=partner.name)
        signed = SealSignature.objects.filter(seal=self).values_list("partner_id", flat=True)
        if set(signed) == self.couple.ids:
            now = timezone.now()
            Letter.objects.filter(pk=self.letter_id).update(closed_at=now)
            Document.objects.filter(pk=self.letter_id).update(closed_at=now)
            self.sealed_at = now
            self.save(update_fields=["sealed_at"])
            letter_changed(self.letter_id)

    def withdraw(self, partner: Partner) -> None:
        """Free, and unexplained, until both have signed; Sealed after that."""
        with transaction.atomic():
            Letter.objects.select_for_update(of=("self",), no_key=True).get(pk=self.letter_id)
            self.refresh_from_db()
            if self.sealed_at is not None:
                raise Sealed
            if self.withdrawn_at is None and self.is_signed_by(partner):
                self.withdrawn_at = timezone.now()
                self.save(update_fields=["withdrawn_at"])
                self.nudge()

    def grow(self, partner: Partner) -> tuple[Letter, bool]:
        """A new letter of the two that begins with these words and their authors; and whether it
        is new, because an open one of theirs comes first. Raises NotTogether."""
        return Letter.grow(partner, self.couple, self.version.authored)

    def nudge(self) -> None:
        nudges.nudge(self.couple.workspace_id, "letters")
        nudges.nudge(self.couple.workspace_id, "home")


class SealSignature(models.Model):
    """A person's yes to exactly these words, with the name that they had then."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    seal = models.ForeignKey(Seal, on_delete=models.CASCADE, related_name="signatures")
    partner = models.ForeignKey(Partner, on_delete=models.RESTRICT, related_name="+")
    name = EncryptedTextField()
    signed_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ("signed_at",)
        constraints = [
            models.UniqueConstraint(fields=["seal", "partner"], name="one_signature_each_on_a_seal")
        ]

    def __str__(self) -> str:
        return f"signature {self.id}"

    @property
    def key_owner_id(self) -> UUID:
        return self.seal.letter.key_owner_id


class Unsealing(models.Model):
    """While this row is here, what protects the sealed letter of that id stands aside. It is for
    the day when an account or a home is deleted: made and removed in that transaction."""

    # No foreign key: the letter goes before this row does.
    letter_id = models.UUIDField(primary_key=True)

    def __str__(self) -> str:
        return f"unsealing of {self.letter_id}"


__all__ = ["Changed", "Closed", "Seal", "SealSignature", "Sealed", "Unsealing"]
