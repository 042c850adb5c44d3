"""Offer → response: words that one gives, and one act in answer."""

import random
from typing import ClassVar, Self
from uuid import UUID

from django.db import models, transaction
from django.utils import timezone

from couples.crypto.fields import EncryptedTextField
from couples.ids import uuid7
from couples.models import Partner
from principles.catalog import practices
from principles.catalog.kinds import Shape, State
from principles.practices.models.draft import Kept
from principles.practices.models.moment import Moment, Refused


class Offer(Moment):
    KINDS: ClassVar[tuple[str, ...]] = tuple(
        slug for slug in practices.of_shape(Shape.OFFER) if slug != "emergency"
    )

    class Meta:
        proxy = True

    def state_for(self, partner: Partner) -> State:
        if self.withdrawn_at:
            return State.WITHDRAWN
        if self.followed_at:
            return State.FOLLOWED
        answer = self.answer
        if answer is None:
            return State.GIVEN
        return State.LATER if answer.is_later else State.ANSWERED

    @property
    def answer(self) -> "Response | None":
        return getattr(self, "response", None)

    def may_withdraw(self, partner: Partner) -> bool:
        mine = partner.pk == self.begun_by_id
        return mine and self.state_for(partner) is State.GIVEN

    def may_respond(self, partner: Partner) -> bool:
        """The other one, once; after a “not now” once more."""
        theirs = partner.pk != self.begun_by_id
        return theirs and self.state_for(partner) in (State.GIVEN, State.LATER)

    def may_follow(self, partner: Partner) -> bool:
        mine = partner.pk == self.begun_by_id and self.practice.after is not None
        return mine and self.state_for(partner) in (State.GIVEN, State.ANSWERED, State.LATER)

    def withdraw(self, partner: Partner) -> None:
        """Take it back while there is no answer. The words return to the one who wrote them."""
        with transaction.atomic():
            self.lock(partner)
            if not self.may_withdraw(partner):
                raise Refused(self.state_for(partner))
            Kept.objects.create(person=partner.user, kind=self.kind, text=self.text)
            self.text, self.withdrawn_at = "", timezone.now()
            self.save(update_fields=["text", "withdrawn_at"])
            self.nudge()

    def respond(self, partner: Partner, choice: str, text: str = "") -> "Response":
        """Answer with one of the kind's choices. The same answer from two devices is one.

        Raises Refused when it was taken back meanwhile or answered otherwise.
        """
        with transaction.atomic():
            self.lock(partner)
            before = self.answer
            if self.practice.response(choice) is None:
                raise Refused(self.state_for(partner))
            if before is not None and before.choice == choice and before.partner_id == partner.pk:
                if text and not before.text and self.may_respond(partner):
                    before.text = text
                    before.save(update_fields=["text"])
                    self.nudge()
                return before
            if not self.may_respond(partner):
                raise Refused(self.state_for(partner))
            answer = before or Response(moment=self, partner=partner)
            answer.choice, answer.text, answer.at = choice, text, timezone.now()
            answer.save()
            self.nudge()
        return answer

    def follow(self, partner: Partner, text: str) -> None:
        """Say how it went, once."""
        with transaction.atomic():
            self.lock(partner)
            if partner.pk == self.begun_by_id and self.followed_at and self.afterwards == text:
                return  # said twice, it is said once
            if self.followed_at is None and not self.may_follow(partner):
                raise Refused(self.state_for(partner))
            if partner.pk != self.begun_by_id or self.followed_at:
                raise Refused(self.state_for(partner))
            self.afterwards, self.followed_at = text, timezone.now()
            self.save(update_fields=["afterwards", "followed_at"])
            self.nudge()


class ResponseQuerySet(models.QuerySet["Response"]):
    def of(self, moment: Moment) -> Self:
        return self.filter(moment=moment)


class Response(models.Model):
    """The answer: an act, with words if there are any."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    moment = models.OneToOneField(Moment, on_delete=models.CASCADE, related_name="response")
    partner = models.ForeignKey(Partner, on_delete=models.RESTRICT, related_name="+")
    choice = models.CharField(max_length=20)
    text = EncryptedTextField()
    at = models.DateTimeField(default=timezone.now)

    objects = ResponseQuerySet.as_manager()

    def __str__(self) -> str:
        return f"response {self.id}"

    @property
    def key_owner_id(self) -> UUID:
        return self.moment.couple.workspace_id

    @property
    def label(self) -> str:
        chosen = self.moment.practice.response(self.choice)
        return str(chosen.label) if chosen else ""

    @property
    def is_later(self) -> bool:
        chosen = self.moment.practice.response(self.choice)
        return chosen is not None and chosen.later


class Drawn(models.Model):
    """What somebody drew from the jar since it was last full. Theirs alone: that a day was hard
    is for them to tell."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    partner = models.ForeignKey(Partner, on_delete=models.CASCADE, related_name="+")
    moment = models.ForeignKey(Moment, on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["partner", "moment"], name="drawn_once_a_round")
        ]

    def __str__(self) -> str:
        return f"drawn {self.id}"


def draw(partner: Partner) -> Offer | None:
    """One of those that the other put in for this person or for both, by chance; none comes twice
    before every one was drawn. Nobody is told."""
    with transaction.atomic():
        type(partner).objects.select_for_update(no_key=True).get(pk=partner.pk)
        jar = Offer.objects.visible_to(partner).filter(kind="supporters", withdrawn_at=None)
        there = set(jar.exclude(begun_by=partner).values_list("pk", flat=True))
        drawn = Drawn.objects.filter(partner=partner)
        left = there - set(drawn.values_list("moment_id", flat=True))
        if not left:
            drawn.delete()
            left = there
        if not left:
            return None
        chosen = random.choice(sorted(left))  # noqa: S311  # a jar, not a secret
        Drawn.objects.create(partner=partner, moment_id=chosen)
    found = Offer.objects.with_people().get(pk=chosen)
    assert isinstance(found, Offer)  # noqa: S101
    return found
