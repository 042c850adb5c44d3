"""A personal letter, given: the exact words that were previewed, for the people of one home."""

import json
from collections.abc import Sequence
from typing import Self
from uuid import UUID

from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from couples import nudges
from couples.crypto.fields import EncryptedTextField
from couples.ids import uuid7
from couples.models import Couple, Partner, Workspace
from couples.refusals import Full, Refusal
from letters.letter.models.letter import Letter
from letters.text import document
from letters.text.document import Block

MOST = 200
TOO_MANY = _("This letter was given %(most)d times. Give its words from another one.")


class Changed(Refusal):
    """The words, or the person who would get them, are not those of the preview any more."""


def previewed(letter: Letter, digest: str) -> str:
    """What the letter says, to be kept. Raises Changed where it is not what was previewed."""
    blocks = document.blocks(letter.load())
    if document.digest(blocks) != digest:
        raise Changed
    return kept(blocks)


def kept(blocks: Sequence[Block]) -> str:
    return json.dumps(document.to_json(blocks))


def read(words: str | None) -> list[Block]:
    return document.from_json(json.loads(words)) if words else []


class ShareQuerySet(models.QuerySet["Share"]):
    def visible_to(self, partner: Partner) -> Self:
        """What this person gave from their seat, or was given in it, while the two live here.
        Whoever moves in later was given nothing; what was given before lies with what those two
        keep."""
        together = self.filter(giver__left_at=None, recipient__left_at=None)
        return together.filter(Q(giver=partner) | Q(recipient=partner))

    def between(self, couple: Couple) -> Self:
        return self.filter(couple.either_way("giver", "recipient"))

    def given(self) -> Self:
        """Those that were not taken back. The others have no words any more."""
        return self.filter(taken_back_at=None)

    def newest_of_each_letter(self) -> Self:
        given = Share.objects.given().filter(letter=models.OuterRef("letter"))
        newest = given.order_by("-shared_at", "-pk")
        return (
            self.filter(Q(letter=None) | Q(pk=models.Subquery(newest.values("pk")[:1])))
            .select_related("giver__user")
            .order_by("-shared_at", "-pk")
        )

    def last_given(self) -> "Share | None":
        return self.given().order_by("-shared_at", "-pk").first()


class Share(models.Model):
    """Words once given belong to both: the copy is encrypted with the home's key, and what the
    author writes later does not reach it. Taking it back erases the copy and keeps the row, so
    that the page can say what became of it."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    # None once its author has deleted it: what was given stays.
    letter = models.ForeignKey(Letter, null=True, on_delete=models.SET_NULL, related_name="shares")
    giver = models.ForeignKey(Partner, on_delete=models.RESTRICT, related_name="+")
    recipient = models.ForeignKey(Partner, on_delete=models.RESTRICT, related_name="+")
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="shares")
    words = EncryptedTextField(null=True)  # None once taken back
    shared_at = models.DateTimeField(default=timezone.now)
    # The one given before, where the author chose to show what changed since.
    since = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    # Where both were given at the same moment.
    reveal = models.ForeignKey(
        "letters.Reveal", null=True, blank=True, on_delete=models.SET_NULL, related_name="shares"
    )
    taken_back_at = models.DateTimeField(null=True, blank=True)

    objects = ShareQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(taken_back_at=None, words__isnull=False)
                | Q(taken_back_at__isnull=False, words__isnull=True),
                name="the_words_of_what_was_taken_back_are_gone",
            )
        ]

    def __str__(self) -> str:
        return f"shared letter {self.id}"

    @property
    def key_owner_id(self) -> UUID:
        return self.workspace_id

    @property
    def blocks(self) -> list[Block]:
        return read(self.words)

    @property
    def html(self) -> SafeString:
        return document.to_html(self.blocks)

    @classmethod
    def give(
        cls,
        letter: Letter,
        partner: Partner,
        digest: str,
        *,
        show_changes: bool = False,
        to: str | None = None,
    ) -> "Share":
        """Give the words whose digest was previewed to the other. Raises Changed if they are
        others by now, or if the other is not `to` any more; NotTogether if nobody is here; Full.

        With `show_changes` the reader sees what is different from the words given before.
        """
        words = previewed(letter, digest)
        with transaction.atomic():
            recipient = Couple.objects.of(partner).lock().other_than(partner)
            if to is not None and to != str(recipient.pk):
                raise Changed
            Letter.objects.select_for_update(of=("self",)).get(pk=letter.pk)
            newest = cls.objects.filter(letter=letter, recipient=recipient).last_given()
            if newest is not None and newest.words == words:
                return newest
            if cls.objects.filter(letter=letter).count() >= MOST:
                raise Full(TOO_MANY, MOST)
            share = cls.objects.create(
                letter=letter,
                giver=partner,
                recipient=recipient,
                workspace=partner.workspace,
                words=words,
                since=newest if show_changes else None,
            )
            share.nudge()
        return share

    def take_back(self) -> None:
        """From now on the other opens neither this nor what was given of this letter before. The
        copies go; the letter stays its author's. What was read was read. Raises NotTogether once
        one of the two has left: then each keeps what was given."""
        with transaction.atomic():
            couple = Couple.objects.of(self.giver).lock()
            given = Share.objects.given().between(couple)
            if self.letter_id is None:
                given = given.filter(pk=self.pk)
            else:
                Letter.objects.select_for_update(of=("self",)).get(pk=self.letter_id)
                given = given.filter(letter=self.letter_id)
            given.update(words=None, taken_back_at=timezone.now())
            self.refresh_from_db()
            self.nudge()

    def newer(self) -> "Share | None":
        """What was given of this letter last, if that is not this."""
        if self.letter_id is None:
            return None
        same = Share.objects.filter(letter=self.letter_id, recipient=self.recipient_id)
        newest = same.defer("words").last_given()
        return None if newest is None or newest.pk == self.pk else newest

    def earlier(self) -> list["Share"]:
        """Those given before that this may be compared with, the last one first. Nobody writes
        down what was read; the reader knows which of them they know.

        It goes back for as long as the author chose to show what changed.
        """
        if self.since_id is None or self.letter_id is None:
            return []
        same = Share.objects.given().filter(letter=self.letter_id, recipient=self.recipient_id)
        given = {share.pk: share for share in same}
        found: list[Share] = []
        this: Share | None = self
        while this is not None and this.since_id is not None:
            this = given.get(this.since_id)
            if this is not None:
                found.append(this)
        return found

    def nudge(self) -> None:
        nudges.nudge(self.workspace_id, "letters")
        nudges.nudge(self.workspace_id, "home")
