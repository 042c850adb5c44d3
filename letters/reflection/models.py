"""Private answers, to the six questions and in the inner blueprint. They belong to the person and
are never shared as such."""

from typing import Protocol, Self
from uuid import UUID

from django.db import models, transaction
from django.utils import timezone

from couples.autosave import AutosavedText
from couples.ids import uuid7
from couples.models import Partner, User
from letters.reflection import questions

MAX_LENGTH = 20_000


class Asked(Protocol):
    """One of the six questions, or a prompt of the inner blueprint."""

    @property
    def slug(self) -> str: ...


class ReflectionQuerySet(models.QuerySet["Reflection"]):
    def visible_to(self, partner: Partner) -> Self:
        """Only one's own: there is no way for an answer to reach the other."""
        return self.filter(person=partner.user_id)

    def answers(self) -> Self:
        """Those to the six questions; the pages of the inner blueprint lie beside them."""
        return self.filter(question__in=questions.BY_SLUG)


class Reflection(AutosavedText):
    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    person = models.ForeignKey(User, on_delete=models.CASCADE, related_name="reflections")
    question = models.SlugField(max_length=40)
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

    @classmethod
    def answer(
        cls, person: User, question: Asked, text: str, base: int, tab_id: str = ""
    ) -> "Reflection":
        """Keep the text, if `base` is still the newest revision or the newest came from the same
        open page. Raises EditConflict otherwise."""
        with transaction.atomic():
            # The person's row stands in for an answer that does not exist yet.
            person.lock()
            reflection = cls.objects.filter(person=person, question=question.slug).first() or cls(
                person=person, question=question.slug
            )
            reflection.written_at = timezone.now()
            reflection.save_revision(text, base, tab_id)
        return reflection
