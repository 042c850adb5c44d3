"""A personal letter, given: the exact words that were previewed, for the people of one home."""

import json
from typing import Self
from uuid import UUID

from django.db import models, transaction
from django.utils import timezone

from couples import live
from couples.identity import uuid7
from couples.models import Partner, Workspace
from couples.sealed import SealedTextField
from letters import document
from letters.models.letter import Letter, NotTogether


class Changed(Exception):
    """The letter was written on since the preview."""


class ShareQuerySet(models.QuerySet["Share"]):
    def visible_to(self, partner: Partner) -> Self:
        """What this person gave from their seat, or was given in it. Whoever moves in later was
        given nothing, and who has left reads nothing here any more."""
        if partner.left_at is not None:
            return self.none()
        return self.filter(models.Q(giver=partner) | models.Q(recipient=partner))

    def newest_of_each_letter(self) -> Self:
        newest = Share.objects.filter(letter=models.OuterRef("letter")).order_by("-shared_at")
        return (
            self.filter(pk=models.Subquery(newest.values("pk")[:1]))
            .select_related("giver__user")
            .order_by("-shared_at")
        )

    def last_given(self) -> "Share | None":
        return self.order_by("-shared_at").first()


class Share(models.Model):
    """Words once given belong to both: the copy is sealed with the home's key, and what the author
    writes later does not reach it."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    letter = models.ForeignKey(Letter, on_delete=models.CASCADE, related_name="shares")
    giver = models.ForeignKey(Partner, on_delete=models.RESTRICT, related_name="+")
    recipient = models.ForeignKey(Partner, on_delete=models.RESTRICT, related_name="+")
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="shares")
    words = SealedTextField()
    shared_at = models.DateTimeField(default=timezone.now)

    objects = ShareQuerySet.as_manager()

    def __str__(self) -> str:
        return f"shared letter {self.id}"

    @property
    def key_owner_id(self) -> UUID:
        return self.workspace_id

    @property
    def html(self) -> str:
        return document.to_html(document.from_json(json.loads(self.words)))

    @classmethod
    def give(cls, letter: Letter, partner: Partner, digest: str) -> "Share":
        """Give the words whose digest was previewed to the other. Raises Changed if they are
        others by now, NotTogether if nobody is here to take them."""
        recipient = partner.other()
        if recipient is None:
            raise NotTogether
        blocks = document.blocks(document.load(letter))
        if document.digest(blocks) != digest:
            raise Changed
        with transaction.atomic():
            words = json.dumps(document.to_json(blocks))
            newest = cls.objects.filter(letter=letter, recipient=recipient).last_given()
            if newest is not None and newest.words == words:
                return newest
            share = cls.objects.create(
                letter=letter,
                giver=partner,
                recipient=recipient,
                workspace=partner.workspace,
                words=words,
            )
            live.nudge(partner.workspace_id, "letters")
            live.nudge(partner.workspace_id, "home")
        return share
