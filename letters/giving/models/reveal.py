"""Two letters that open at the same moment: each chooses one of their own and is ready with it.

Its life is told by its timestamps. Proposed: each chooses alone. `opened_at`: both were ready, and
both letters were given in one transaction. `withdrawn_at`: it ended before, and nothing was shown.
"""

from enum import StrEnum
from typing import Self
from uuid import UUID

from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone

from couples import nudges
from couples.crypto.fields import EncryptedTextField
from couples.ids import uuid7
from couples.models import Couple, Partner
from couples.refusals import Refusal
from letters.giving.models.share import Share, previewed
from letters.letter.models.letter import Letter


class Stage(StrEnum):
    """Where a reveal is. READY is CHOOSING for somebody who is ready while the other is not."""

    CHOOSING = "choosing"
    READY = "ready"
    OPENED = "opened"
    WITHDRAWN = "withdrawn"
    ENDED = "ended"


class Refused(Refusal):
    """Not possible at the stage where the reveal is now."""

    def __init__(self, stage: Stage) -> None:
        super().__init__(stage.value)
        self.stage = stage


class RevealQuerySet(models.QuerySet["Reveal"]):
    def visible_to(self, partner: Partner) -> Self:
        """Those this person takes part in, or took part in while they lived here."""
        return self.filter(couple__in=Couple.objects.visible_to(partner))

    def open(self) -> Self:
        """Not over. Where somebody has left, nothing opens any more."""
        return self.filter(opened_at=None, withdrawn_at=None, couple__ended_at=None)

    def with_people(self) -> Self:
        return self.select_related("couple__one__user", "couple__two__user", "proposer__user")


class Reveal(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    couple = models.ForeignKey(Couple, on_delete=models.CASCADE, related_name="reveals")
    proposer = models.ForeignKey(Partner, on_delete=models.RESTRICT, related_name="+")
    proposed_at = models.DateTimeField(default=timezone.now, editable=False)
    opened_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    objects = RevealQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["couple"],
                condition=Q(opened_at=None, withdrawn_at=None),
                name="one_open_reveal_per_couple",
            ),
            models.CheckConstraint(
                condition=Q(opened_at=None) | Q(withdrawn_at=None),
                name="what_was_opened_is_not_withdrawn",
            ),
        ]

    def __str__(self) -> str:
        return f"reveal {self.id}"

    # -- What it is ------------------------------------------------------------------------------

    @property
    def stage(self) -> Stage:
        if self.opened_at:
            return Stage.OPENED
        if self.withdrawn_at:
            return Stage.WITHDRAWN
        return Stage.ENDED if self.couple.ended_at else Stage.CHOOSING

    def stage_for(self, partner: Partner) -> Stage:
        if self.stage is Stage.CHOOSING and partner.pk in self.ready_ids():
            return Stage.READY
        return self.stage

    def ready_ids(self) -> set[UUID]:
        """The seats of those who are ready."""
        return set(self.choices.values_list("partner_id", flat=True))

    # -- What two people do ----------------------------------------------------------------------

    @classmethod
    def propose(cls, partner: Partner) -> "Reveal":
        """A new one, or the one that is open already. Raises NotTogether where there are no two."""
        with transaction.atomic():
            couple = Couple.objects.of(partner).lock()
            running = cls.objects.filter(couple=couple).open().first()
            if running is not None:
                return running
            reveal = cls.objects.create(couple=couple, proposer=partner)
            reveal._nudge()
        return reveal

    def ready(self, partner: Partner, letter: Letter, digest: str) -> None:
        """This person is ready with these words; when both are, both letters open.

        Raises Changed when the letter was written on since the preview, Refused once it is over.
        Other words may be chosen for as long as the other is not ready, and nobody hears of that.
        """
        words = previewed(letter, digest)
        with transaction.atomic():
            # Leaving locks the couple, too: neither can leave while both are being opened.
            self.couple.lock_row()
            self._hold()
            self._expect(Stage.CHOOSING)
            before = self.ready_ids()
            self.choices.filter(partner=partner).delete()
            Choice.objects.create(reveal=self, partner=partner, letter=letter, words=words)
            if before | {partner.pk} == self.couple.ids:
                self._open()
            if partner.pk not in before:
                self._nudge()

    def unready(self, partner: Partner) -> None:
        """Not ready after all. Raises Refused when it is over."""
        with transaction.atomic():
            self._hold()
            self._expect(Stage.CHOOSING)
            if self.choices.filter(partner=partner).delete()[0]:
                self._nudge()

    def withdraw(self) -> None:
        """End it before anything is shown. Nothing will be; who ended it, and why, is not kept.
        Raises Refused when both letters are open."""
        with transaction.atomic():
            self._hold()
            if self.stage is Stage.WITHDRAWN:
                return
            self._expect(Stage.CHOOSING)
            self.choices.all().delete()
            self.withdrawn_at = timezone.now()
            self.save(update_fields=["withdrawn_at"])
            self._nudge()

    # -- How it is done --------------------------------------------------------------------------

    def _hold(self) -> None:
        """Lock this reveal until the transaction ends, and look at it anew."""
        rows = Reveal.objects.select_for_update(of=("self",)).with_people()
        self.refresh_from_db(from_queryset=rows)

    def _expect(self, stage: Stage) -> None:
        if self.stage is not stage:
            raise Refused(self.stage)

    def _open(self) -> None:
        """Give both letters at this moment. Each lay under the key of the one who wrote it; now
        both belong to both."""
        self.opened_at = timezone.now()
        Share.objects.bulk_create(
            Share(
                letter=choice.letter,
                giver=choice.partner,
                recipient=self.couple.other_than(choice.partner),
                workspace_id=self.couple.workspace_id,
                words=choice.words,
                shared_at=self.opened_at,
                reveal=self,
            )
            for choice in self.choices.select_related("letter", "partner")
        )
        self.choices.all().delete()
        self.save(update_fields=["opened_at"])
        nudges.nudge(self.couple.workspace_id, "letters")

    def _nudge(self) -> None:
        nudges.nudge(self.couple.workspace_id, "reveal")
        nudges.nudge(self.couple.workspace_id, "home")


class Choice(models.Model):
    """One person is ready, with these words. It goes when they are not ready after all, when the
    reveal is withdrawn, and when the letters open."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    reveal = models.ForeignKey(Reveal, on_delete=models.CASCADE, related_name="choices")
    partner = models.ForeignKey(Partner, on_delete=models.CASCADE, related_name="+")
    letter = models.ForeignKey(Letter, on_delete=models.CASCADE, related_name="+")
    words = EncryptedTextField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["reveal", "partner"], name="one_letter_each_in_a_reveal"
            )
        ]

    def __str__(self) -> str:
        return f"choice in {self.reveal_id}"

    @property
    def key_owner_id(self) -> UUID:
        return self.partner.user_id
