"""Blind → reveal: each answers unseen, and both answers open at the same moment.

A decision is made by two yeses; anything else goes back to the table, and a new round may follow.
Where both look for what works (kind "ws"), what is revealed is what each needs; ideas come after.
Until the reveal an answer is its writer's alone, under their key; stopping deletes it.
"""

from typing import ClassVar, Self
from uuid import UUID

from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from couples.autosave import AutosavedText
from couples.crypto.fields import EncryptedTextField
from couples.ids import uuid7
from couples.models import Partner
from couples.refusals import Full, Refusal
from principles.agreements.models.agreement import Agreement
from principles.agreements.models.wording import Wording
from principles.catalog import practices
from principles.catalog.kinds import Shape, State
from principles.practices import packed
from principles.practices.models.moment import Moment, NothingSaid, Refused

MOST_ROUNDS, MOST_IDEAS = 100, 200
TOO_MANY_ROUNDS = _("This was asked %(most)d times. Put it as a new question.")
TOO_MANY_IDEAS = _("%(most)d ideas are here. Choose one of them, or take one back.")


class NotForBoth(Refusal):
    """Only what works for both can be chosen."""


class Decision(Moment):
    KINDS: ClassVar[tuple[str, ...]] = practices.of_shape(Shape.BLIND)
    ROWS: ClassVar[tuple[str, ...]] = ("rounds__answers",)

    class Meta:
        proxy = True

    @property
    def takes_a_yes(self) -> bool:
        return self.kind == "joint-decisions"

    @cached_property
    def rounds_so_far(self) -> "list[Round]":
        rounds = sorted(self.rounds.all(), key=lambda each: each.number)
        for each in rounds:
            each.moment = self
        return rounds

    @property
    def round(self) -> "Round":
        return self.rounds_so_far[-1]

    @property
    def question(self) -> str:
        """As it was put last."""
        return self.round.text or self.subject

    def state_for(self, partner: Partner) -> State:
        if self.settled_at:
            return State.DECIDED
        revealed = self.round.revealed_at
        if self.closed_at:
            return State.SUSPENDED if revealed else State.STOPPED
        if revealed:
            return State.TABLE if self.takes_a_yes else State.NEEDS
        mine = self.round.answer_of(partner)
        return State.READY if mine is not None and mine.ready_at else State.OPEN

    def other_is_ready(self, partner: Partner) -> bool:
        theirs = self.round.answer_of(self.couple.other_than(partner))
        return theirs is not None and theirs.ready_at is not None

    def begun(self) -> None:
        Round.objects.create(moment=self, number=1, text=self.subject)

    # -- Unseen ----------------------------------------------------------------------------------

    def write(self, partner: Partner, text: str, base: int, tab_id: str = "") -> "Answer":
        """Keep an answer (packed: see packed.py) as it is typed. Nobody is told.

        Raises Refused once its writer is ready, and EditConflict where another window of
        theirs wrote something else.
        """
        with transaction.atomic():
            self.lock(partner)
            return self._keep(partner, text, base, tab_id)

    def ready(self, partner: Partner, text: str, base: int, tab_id: str = "") -> None:
        """Ready, with exactly this; when both are, everything opens to both. Raises NothingSaid
        for no answer, and what `write` raises."""
        with transaction.atomic():
            self.lock(partner)
            mine = self.round.answer_of(partner)
            if mine is not None and mine.ready_at and mine.text == text:
                return  # said twice, it is said once
            self._expect(partner, State.OPEN)
            if not packed.unpack(text).get("choice" if self.takes_a_yes else "text", "").strip():
                raise NothingSaid
            answer = self._keep(partner, text, base, tab_id)
            answer.ready_at = timezone.now()
            answer.save(update_fields=["ready_at"])
            self.__dict__.pop("rounds_so_far", None)
            if self.other_is_ready(partner):
                self._reveal()
            self.nudge()

    def unready(self, partner: Partner) -> None:
        """Not ready after all. Raises Refused when everything is open by now."""
        with transaction.atomic():
            self.lock(partner)
            if self.state_for(partner) is State.OPEN:
                return
            self._expect(partner, State.READY)
            mine = self.round.answer_of(partner)
            assert mine is not None  # noqa: S101
            mine.ready_at = None
            mine.save(update_fields=["ready_at"])
            self.nudge()

    def stop(self, partner: Partner) -> None:
        """End it before anything is shown. The unseen answers are deleted; earlier rounds stay."""
        with transaction.atomic():
            self.lock(partner)
            if self.state_for(partner) is State.STOPPED:
                return
            self._expect(partner, State.OPEN, State.READY)
            self.round.answers.all().delete()
            if self.round.number > 1:
                # Back to what was on the table before.
                self.round.delete()
            else:
                self.closed_at = timezone.now()
                self.save(update_fields=["closed_at"])
            self.nudge()

    # -- Once both can see -----------------------------------------------------------------------

    def again(self, partner: Partner, text: str) -> None:
        """Another round, with the question as it is put now. Two at once begin one."""
        with transaction.atomic():
            self.lock(partner)
            self._expect(partner, State.TABLE)
            if not text.strip():
                raise NothingSaid
            if self.round.number >= MOST_ROUNDS:
                raise Full(TOO_MANY_ROUNDS, MOST_ROUNDS)
            Round.objects.create(moment=self, number=self.round.number + 1, text=text)
            self.nudge()

    def add_idea(self, partner: Partner, text: str) -> "Idea":
        with transaction.atomic():
            self.lock(partner)
            self._expect(partner, State.NEEDS)
            if not text.strip():
                raise NothingSaid
            for idea in self.ideas.filter(partner=partner):
                idea.moment = self
                if idea.text == text:
                    return idea  # said twice, it is there once
            if self.ideas.count() >= MOST_IDEAS:
                raise Full(TOO_MANY_IDEAS, MOST_IDEAS)
            idea = Idea.objects.create(moment=self, partner=partner, text=text)
            self.nudge()
        return idea

    def mark(self, partner: Partner, idea: "Idea", works: bool) -> None:
        """This works for me; or it does not, after all."""
        with transaction.atomic():
            self.lock(partner)
            self._expect(partner, State.NEEDS)
            if works:
                IdeaMark.objects.get_or_create(idea=idea, partner=partner)
            else:
                IdeaMark.objects.filter(idea=idea, partner=partner).delete()
            self.nudge()

    def take_back(self, partner: Partner, idea: "Idea") -> None:
        """One's own idea, while nothing is chosen."""
        with transaction.atomic():
            self.lock(partner)
            self._expect(partner, State.NEEDS)
            Idea.objects.filter(pk=idea.pk, moment=self, partner=partner).delete()
            self.nudge()

    def choose(self, partner: Partner, idea: "Idea", principle: str = "") -> Wording | None:
        """Make it a decision; or, with a principle, propose it as words for the agreement there
        as well. Both choosing the same at once is one choice. Raises NotForBoth, and Changed where
        that agreement changed meanwhile."""
        with transaction.atomic():
            self.lock(partner)
            if not principle and self.ideas.filter(pk=idea.pk, chosen_at__isnull=False).exists():
                return None
            self._expect(partner, State.NEEDS)
            for_whom = set(
                IdeaMark.objects.filter(idea=idea, idea__moment=self).values_list(
                    "partner_id", flat=True
                )
            )
            if for_whom != self.couple.ids:
                raise NotForBoth
            idea.chosen_at = self.settled_at = timezone.now()
            idea.save(update_fields=["chosen_at"])
            self.save(update_fields=["settled_at"])
            wording = None
            if principle:
                agreement = Agreement.of(partner, principle)
                newest = agreement.newest()
                wording = agreement.propose(partner, idea.text, newest.number if newest else 0)
            self.nudge()
        return wording

    def may_rest(self, partner: Partner) -> bool:
        return self.state_for(partner) in (State.TABLE, State.NEEDS)

    @property
    def decided_text(self) -> str:
        """The question that takes two yeses, or the idea that was chosen; empty before that."""
        if self.takes_a_yes:
            return self.question
        return next((idea.text for idea in self.ideas.all() if idea.chosen_at), "")

    # -- How it is done --------------------------------------------------------------------------

    def lock(self, partner: Partner) -> None:
        super().lock(partner)
        self.__dict__.pop("rounds_so_far", None)

    def _expect(self, partner: Partner, *states: State) -> None:
        if self.state_for(partner) not in states:
            raise Refused(self.state_for(partner))

    def _keep(self, partner: Partner, text: str, base: int, tab_id: str) -> "Answer":
        self._expect(partner, State.OPEN)
        now = self.round
        answer = Answer.objects.filter(round=now, partner=partner).select_related("round").first()
        answer = answer or Answer(round=now, partner=partner)
        answer.round, answer.partner = now, partner
        now.moment = self
        answer.save_revision(text, base, tab_id)
        if answer._state.adding:
            answer.save()
        return answer

    def _reveal(self) -> None:
        """Everything to both, in this transaction. What lay under each one's key belongs to both
        now."""
        now = self.round
        answers = list(now.answers.select_related("partner__user"))
        for answer in answers:
            answer.round = now
        now.moment = self
        texts = [answer.text for answer in answers]
        now.revealed_at = timezone.now()
        now.save(update_fields=["revealed_at"])
        for answer, text in zip(answers, texts, strict=True):
            answer.text = text
            answer.save(update_fields=["text"])
        if self.takes_a_yes and all(answer.choice == Answer.YES for answer in answers):
            self.settled_at = now.revealed_at
            self.save(update_fields=["settled_at"])
        self.__dict__.pop("rounds_so_far", None)


class Round(models.Model):
    """One time of answering unseen."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    moment = models.ForeignKey(Moment, on_delete=models.CASCADE, related_name="rounds")
    number = models.PositiveSmallIntegerField()
    text = EncryptedTextField()
    revealed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["moment", "number"], name="rounds_have_their_numbers"),
            models.UniqueConstraint(
                fields=["moment"], condition=Q(revealed_at=None), name="one_round_at_a_time"
            ),
        ]

    def __str__(self) -> str:
        return f"round {self.number} of {self.moment_id}"

    @property
    def key_owner_id(self) -> UUID:
        return self.moment.couple.workspace_id

    def answer_of(self, partner: Partner) -> "Answer | None":
        return next((each for each in self.answers.all() if each.partner_id == partner.pk), None)


class AnswerQuerySet(models.QuerySet["Answer"]):
    def by(self, partner: Partner) -> Self:
        return self.filter(partner=partner)


class Answer(AutosavedText):
    """What one person answers: yes or not yet, and what they need; all of it encrypted."""

    YES = "yes"
    NOT_YET = "not-yet"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    round = models.ForeignKey(Round, on_delete=models.CASCADE, related_name="answers")
    partner = models.ForeignKey(Partner, on_delete=models.RESTRICT, related_name="+")
    ready_at = models.DateTimeField(null=True, blank=True)

    objects = AnswerQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["round", "partner"], name="one_answer_each_a_round")
        ]

    def __str__(self) -> str:
        return f"answer {self.id}"

    @property
    def key_owner_id(self) -> UUID:
        return (
            self.round.moment.couple.workspace_id
            if self.round.revealed_at
            else self.partner.user_id
        )

    @property
    def choice(self) -> str:
        return packed.unpack(self.text).get("choice", "")

    @property
    def words(self) -> str:
        return packed.unpack(self.text).get("text", "")


class Idea(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    moment = models.ForeignKey(Moment, on_delete=models.CASCADE, related_name="ideas")
    partner = models.ForeignKey(Partner, on_delete=models.RESTRICT, related_name="+")
    text = EncryptedTextField()
    said_at = models.DateTimeField(default=timezone.now)
    chosen_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("said_at", "pk")
        constraints = [
            models.UniqueConstraint(
                fields=["moment"],
                condition=Q(chosen_at__isnull=False),
                name="one_idea_is_chosen",
            )
        ]

    def __str__(self) -> str:
        return f"idea {self.id}"

    @property
    def key_owner_id(self) -> UUID:
        return self.moment.couple.workspace_id


class IdeaMark(models.Model):
    """That an idea works for one of the two; once both have one, it may be chosen."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    idea = models.ForeignKey(Idea, on_delete=models.CASCADE, related_name="marks")
    partner = models.ForeignKey(Partner, on_delete=models.RESTRICT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["idea", "partner"], name="an_idea_works_once_for_each")
        ]

    def __str__(self) -> str:
        return f"works {self.id}"
