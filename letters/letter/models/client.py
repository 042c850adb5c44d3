"""Whose page an edit came from."""

from collections.abc import Iterable
from datetime import timedelta
from typing import TYPE_CHECKING, Self
from uuid import UUID

from django.db import models
from django.utils import timezone

from couples.models import User

if TYPE_CHECKING:
    from letters.letter.models.letter import Letter


class ForeignClient(Exception):
    """The client id has written as somebody else."""


class ClientQuerySet(models.QuerySet["Client"]):
    def silent(self, letter_id: UUID, wrote: Iterable[int]) -> Self:
        """Pages that were opened more than a day ago and have written nothing."""
        yesterday = timezone.now() - timedelta(days=1)
        return self.filter(letter=letter_id, first_at__lt=yesterday).exclude(client_id__in=wrote)


class Client(models.Model):
    """Who wrote what: Yjs names the browser page that an edit came from, this names the person."""

    pk = models.CompositePrimaryKey("letter_id", "client_id")
    letter = models.ForeignKey(
        "letters.Letter", on_delete=models.CASCADE, related_name="clients", db_index=False
    )
    client_id = models.PositiveBigIntegerField()
    person = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    first_at = models.DateTimeField(default=timezone.now)

    objects = ClientQuerySet.as_manager()

    def __str__(self) -> str:
        return f"client {self.client_id} of letter {self.letter_id}"

    @classmethod
    def register(cls, letter: "Letter", client_id: int, person_id: UUID) -> None:
        """Remember whose client this is. Raises ForeignClient where it is somebody else's."""
        client, _ = cls.objects.get_or_create(
            letter=letter, client_id=client_id, defaults={"person_id": person_id}
        )
        if client.person_id != person_id:
            raise ForeignClient
