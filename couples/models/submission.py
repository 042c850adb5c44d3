"""A form that was sent. What it makes is made once, however often its button is pressed.

Every form that makes something has a token of its own from when its page is made. The act and this
row are one transaction: of two presses the second waits for the first, and is then led to where the
first was.
"""

from datetime import timedelta
from typing import Self

from django.db import IntegrityError, models, transaction
from django.utils import timezone

from couples.ids import uuid7
from couples.models.user import User

# Longer than anybody stays signed in with a page open.
KEPT = timedelta(days=60)


def free() -> None:
    """The claim of what is not made from a form of somebody's."""


class Again(Exception):
    """The form was sent before; `place` is where that led, if it led anywhere."""

    def __init__(self, place: str) -> None:
        super().__init__("This form was sent before.")
        self.place = place


class SubmissionQuerySet(models.QuerySet["Submission"]):
    def of(self, person: User) -> Self:
        return self.filter(person=person)

    def old(self) -> Self:
        return self.filter(made_at__lt=timezone.now() - KEPT)


class Submission(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    person = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    token = models.CharField(max_length=64)
    # A path of ours, with names of rows in it and no word of anybody's.
    place = models.CharField(max_length=300, blank=True)
    made_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = SubmissionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person", "token"], name="a_form_is_sent_once")
        ]

    def __str__(self) -> str:
        return f"submission {self.id}"

    @classmethod
    def claim(cls, person: User, token: str, place: str = "") -> "Submission":
        """Say, within the transaction of the act, that this form makes its thing now. Raises Again
        where it has."""
        cls.objects.of(person).old().delete()
        try:
            with transaction.atomic():
                return cls.objects.create(person=person, token=token, place=place)
        except IntegrityError:
            raise Again(cls.objects.of(person).get(token=token).place) from None

    def led_to(self, place: str) -> None:
        self.place = place
        self.save(update_fields=["place"])
