"""A letter: a personal one belongs to the person who writes it, a joint one to a couple."""

from collections.abc import Iterable, Sequence
from typing import Self
from uuid import UUID

from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from couples.ids import uuid7
from couples.models import Couple, Partner, User
from couples.refusals import Full
from letters.letter.models import authors
from letters.letter.models.document import Document
from letters.text import crdt
from letters.text.document import Block, Run
from letters.text.edit import Editor
from letters.text.model import Kind as BlockKind

MOST_OWN = 1_000
TOO_MANY = _("You have %(most)d letters of your own. Write on in one of them.")


class LetterQuerySet(models.QuerySet["Letter"]):
    def visible_to(self, partner: Partner) -> Self:
        """One's own personal letters, and the joint ones of the two who live here now."""
        if partner.left_at is not None:
            return self.none()
        own = self.filter(person=partner.user_id).values("pk")
        ours = self.filter(couple__in=Couple.objects.visible_to(partner)).values("pk")
        # Each of the two by an index of its own.
        return self.filter(pk__in=own.union(ours))

    def writable_by(self, partner: Partner) -> Self:
        """A letter that was closed is read, not written."""
        return self.visible_to(partner).open()

    def open(self) -> Self:
        return self.filter(closed_at=None, couple__ended_at=None)

    def seqs(self, letter_ids: Iterable[UUID]) -> dict[UUID, int]:
        """How far each of these letters is written; those that are closed by now are missing."""
        still_open = self.open().filter(pk__in=list(letter_ids))
        return dict(still_open.values_list("pk", "document__seq"))

    def with_couple(self) -> Self:
        return self.select_related("couple")

    def with_people(self) -> Self:
        return self.select_related("couple__one__user", "couple__two__user")

    def personal(self) -> Self:
        return self.filter(kind=Letter.Kind.PERSONAL)

    def joint(self) -> Self:
        return self.filter(kind=Letter.Kind.JOINT)


class Letter(models.Model):
    class Kind(models.TextChoices):
        PERSONAL = "personal"
        JOINT = "joint"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    kind = models.CharField(max_length=8, choices=Kind)
    person = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.CASCADE, related_name="letters"
    )
    couple = models.ForeignKey(
        Couple, null=True, blank=True, on_delete=models.CASCADE, related_name="letters"
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    closed_at = models.DateTimeField(null=True, blank=True)

    objects = LetterQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="personal", person__isnull=False, couple=None)
                | Q(kind="joint", person=None, couple__isnull=False),
                name="a_letter_belongs_to_a_person_or_to_a_couple",
            ),
            models.UniqueConstraint(
                fields=["couple"],
                condition=Q(kind="joint", closed_at=None),
                name="one_open_joint_letter_per_couple",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} letter {self.id}"

    @property
    def key_owner_id(self) -> UUID:
        if self.couple is not None:
            return self.couple.workspace_id
        assert self.person_id is not None, "there is no letter without an owner"  # noqa: S101
        return self.person_id

    @property
    def is_personal(self) -> bool:
        return self.kind == self.Kind.PERSONAL

    @property
    def is_writable(self) -> bool:
        """As `writable_by` asks of the database, for a letter that is visible anyway."""
        ended = self.couple is not None and self.couple.ended_at is not None
        return self.closed_at is None and not ended

    @property
    def is_quiet(self) -> bool:
        """Whether one of the two keeps to themselves when they are here."""
        people = self.couple.people if self.couple else ()
        return not all(partner.user.shows_presence for partner in people)

    @classmethod
    def sealed_among(cls, letter_ids: Iterable[UUID]) -> set[UUID]:
        """Those of them that were closed, which is because both signed them."""
        closed = cls.objects.filter(pk__in=list(letter_ids)).exclude(closed_at=None)
        return set(closed.values_list("pk", flat=True))

    def load(self, reader: User | None = None) -> crdt.Doc:
        """The text as it is written down now, in two queries; as it reaches this reader, where the
        other keeps the rhythm of their writing to themselves."""
        return crdt.assemble(Document.read(self.pk, reader=reader.pk if reader else None).updates)

    def add(self, person: User, kind: BlockKind, text: str) -> None:
        """Add a block at the end, from the server and as this person. It is an edit like those of
        the editor: it merges with what is typed meanwhile, and reaches the open pages."""
        words = Block(kind, (Run(text, (), (), person.pk),))
        authors.edit(self, person, Editor.append, words)

    @classmethod
    def begin_personal(cls, person: User, lines: Sequence[str] = ()) -> "Letter":
        """A new letter that nobody else sees. It opens with `lines`, where some are taken over.
        Raises Full."""
        with transaction.atomic():
            person.lock()
            if cls.objects.personal().filter(person=person).count() >= MOST_OWN:
                raise Full(TOO_MANY, MOST_OWN)
            letter = cls.objects.create(kind=cls.Kind.PERSONAL, person=person)
            Document.begin(letter, lines)
        return letter

    @classmethod
    def begin_joint(cls, partner: Partner) -> "Letter":
        """The open joint letter of the two who live here: a new one, unless the other has just
        begun it. Raises NotTogether where there are no two."""
        with transaction.atomic():
            couple = Couple.objects.of(partner).lock()
            letter = cls.objects.filter(couple=couple, closed_at=None).first()
            if letter is None:
                letter = cls.objects.create(kind=cls.Kind.JOINT, couple=couple)
                Document.begin(letter)
        return letter

    @classmethod
    def grow(
        cls, partner: Partner, couple: Couple, words: Sequence[Block]
    ) -> "tuple[Letter, bool]":
        """A letter of the two that begins with these words and their authors; and whether it is
        new, because an open one of theirs comes first. Raises NotTogether."""
        with transaction.atomic():
            couple.lock(by=partner)
            letter = couple.letters.filter(closed_at=None).first()
            if letter is not None:
                return letter, False
            letter = cls.begin_joint(partner)
            authors.edit(letter, partner.user, Editor.bring, words)
        return letter, True
