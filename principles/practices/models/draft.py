"""What one person writes for a practice before anybody else reads it.

A draft lies on the person's desk, one for each practice, under the person's own key; so does what
they keep for themselves. Both come along when the person moves, and are shown to nobody who joins.
"""

import random
from typing import Self
from uuid import UUID

from django.db import models, transaction
from django.utils import timezone

from couples.autosave import AutosavedText
from couples.crypto.fields import EncryptedTextField
from couples.ids import uuid7
from couples.models import User
from principles.practices import packed

KIND_LENGTH = 20


class OwnQuerySet[M: models.Model](models.QuerySet[M]):
    def of(self, person: User) -> Self:
        return self.filter(person=person)


class DraftQuerySet(OwnQuerySet["Draft"]):
    pass


class Draft(AutosavedText):
    """The row stays when its words are given or kept, empty: a page that saves late, with the
    words that it still shows, is then behind and changes nothing."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    person = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=KIND_LENGTH)

    objects = DraftQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person", "kind"], name="one_draft_per_practice")
        ]

    def __str__(self) -> str:
        return f"draft {self.id}"

    @property
    def key_owner_id(self) -> UUID:
        return self.person_id

    @property
    def parts(self) -> dict[str, str]:
        return packed.unpack(self.text)

    @classmethod
    def on_desk(cls, person: User, kind: str) -> "Draft":
        """What lies there now; an unsaved, empty one if nothing was ever written."""
        return cls.objects.of(person).filter(kind=kind).first() or cls(person=person, kind=kind)

    @classmethod
    def write(cls, person: User, kind: str, text: str, base: int, tab_id: str = "") -> "Draft":
        """Keep these words as they are typed. Raises EditConflict where another window
        wrote others."""
        with transaction.atomic():
            draft = cls.lock(person, kind)
            draft.save_revision(text, base, tab_id)
        return draft

    @classmethod
    def lock(cls, person: User, kind: str) -> "Draft":
        """The draft, which nobody else writes until the transaction ends."""
        person.lock()
        return cls.on_desk(person, kind)

    def clear(self) -> None:
        self.text, self.tab_id = "", ""
        self.revision += 1
        self.save()

    @classmethod
    def keep(cls, person: User, kind: str, text: str, base: int, tab_id: str = "") -> "Kept":
        """Put exactly these words with what is kept. Raises EditConflict."""
        with transaction.atomic():
            draft = cls.lock(person, kind)
            draft.save_revision(text, base, tab_id)
            draft.clear()
            return Kept.objects.create(person=person, kind=kind, text=text)


class KeptQuerySet(OwnQuerySet["Kept"]):
    def newest_first(self) -> Self:
        return self.order_by("-kept_at", "-pk")


class Kept(models.Model):
    """Words that somebody decided to keep for themselves."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    person = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=KIND_LENGTH)
    text = EncryptedTextField()
    kept_at = models.DateTimeField(default=timezone.now, editable=False)
    # When it was last drawn from a jar of one's own.
    drawn_at = models.DateTimeField(null=True, blank=True)

    objects = KeptQuerySet.as_manager()

    def __str__(self) -> str:
        return f"kept {self.id}"

    @property
    def key_owner_id(self) -> UUID:
        return self.person_id

    @property
    def parts(self) -> dict[str, str]:
        return packed.unpack(self.text)

    def take_up(self) -> bool:
        """Back to the desk. False when something else lies there, which stays."""
        with transaction.atomic():
            draft = Draft.lock(self.person, self.kind)
            if packed.is_filled(draft.parts):
                return False
            draft.save_revision(self.text, draft.revision)
            self.delete()
        return True

    @classmethod
    def draw(cls, person: User, kind: str) -> "Kept | None":
        """One by chance; none comes twice before every one was drawn."""
        with transaction.atomic():
            person.lock()
            mine = cls.objects.of(person).filter(kind=kind)
            left = list(mine.filter(drawn_at=None).values_list("pk", flat=True))
            if not left:
                mine.update(drawn_at=None)
                left = list(mine.values_list("pk", flat=True))
            if not left:
                return None
            drawn = cls.objects.get(pk=random.choice(left))  # noqa: S311  # a jar, not a secret
            drawn.drawn_at = timezone.now()
            drawn.save(update_fields=["drawn_at"])
        return drawn
