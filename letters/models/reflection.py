"""Private answers to the six questions. They belong to the person and are never shared as such."""

from typing import Self
from uuid import UUID

from django.db import models, transaction
from django.utils import timezone

from couples.identity import uuid7
from couples.models import Partner, User
from couples.sealed import SealedTextField
from letters import questions

MAX_LENGTH = 20_000


class Changed(Exception):
    """The answer was saved elsewhere since it was opened; `current` is what stands there now."""

    def __init__(self, current: "Reflection") -> None:
        super().__init__("The answer was saved elsewhere in the meantime.")
        self.current = current


class ReflectionQuerySet(models.QuerySet["Reflection"]):
    def visible_to(self, partner: Partner) -> Self:
        """Only one's own: there is no way for an answer to reach the other."""
        return self.filter(person=partner.user_id)


class Reflection(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    person = models.ForeignKey(User, on_delete=models.CASCADE, related_name="reflections")
    question = models.SlugField(max_length=40)
    text = SealedTextField()
    # Counts the changes; `window` names the open page that made the last one. A page whose answer
    # got lost on the way saves again over its own words, and that is no collision.
    revision = models.PositiveIntegerField(default=0)
    window = models.CharField(max_length=32, blank=True)
    written_at = models.DateTimeField(default=timezone.now)

    objects = ReflectionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person", "question"], name="one_answer_per_question")
        ]

    def __str__(self) -> str:
        return f"answer to {self.question}"

    @property
    def key_owner_id(self) -> UUID:
        return self.person_id

    @property
    def lines(self) -> list[str]:
        """The answer as lines that a letter can take over, one for each sentence or line break."""
        return [line.strip() for line in self.text.splitlines() if line.strip()]

    @classmethod
    def answer(
        cls, person: User, question: questions.Question, text: str, base: int, window: str = ""
    ) -> "Reflection":
        """Keep the text, if `base` is still the newest revision or the newest came from the same
        open page. Raises Changed otherwise."""
        with transaction.atomic():
            # The person's row stands in for an answer that does not exist yet.
            User.objects.select_for_update().get(pk=person.pk)
            reflection = cls.objects.filter(person=person, question=question.slug).first() or cls(
                person=person, question=question.slug
            )
            elsewhere = not window or window != reflection.window
            if reflection.text != text:
                if reflection.revision != base and elsewhere:
                    raise Changed(reflection)
                reflection.text, reflection.window = text, window
                reflection.revision += 1
                reflection.written_at = timezone.now()
                reflection.save()
        return reflection
