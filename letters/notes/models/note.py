"""Notes beside a joint letter: threads about a passage, and quiet reactions to a line.

Where a note belongs is a mark in the letter itself, `note {id}`, which moves with its words. What
it says are rows, made before the mark: a mark without a row shows nothing, and a row whose mark is
gone is a note about words that are no longer here. Its `quote` has kept them.
"""

from collections.abc import Iterable
from typing import Self
from uuid import UUID

from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from couples import nudges
from couples.crypto.fields import EncryptedTextField
from couples.ids import uuid7
from couples.models import Partner
from couples.refusals import Full, Refusal
from letters.letter.models.letter import Letter
from letters.text.document import Block

TOPIC = "letter-notes"
MAX_QUOTE = 300
MAX_LENGTH = 5_000


MOST, MOST_REMARKS = 1_000, 300
TOO_MANY = _("There are %(most)d notes beside this letter. Take one away before the next.")
TOO_MANY_REMARKS = _("%(most)d things were said here. Go on in a new note.")


class Taken(Refusal):
    """The id belongs to something else."""


class NoteQuerySet(models.QuerySet["Note"]):
    def visible_to(self, partner: Partner) -> Self:
        """The notes of joint letters that this person has a part in."""
        return self.filter(letter__in=Letter.objects.joint().visible_to(partner))

    def open_to(self, partner: Partner) -> Self:
        """Those that can still be answered, resolved and taken away."""
        return self.filter(letter__in=Letter.objects.joint().writable_by(partner))

    def of(self, letter: Letter) -> list["Note"]:
        """All that stands beside a letter, oldest first, in two queries."""
        notes = self.filter(letter=letter).select_related("author__user", "resolved_by__user")
        found = list(notes.order_by("at", "pk"))
        by_id = {note.pk: note for note in found}
        for note in found:
            note.remarks = []
        for remark in (
            Remark.objects.filter(note__letter=letter)
            .select_related("author__user")
            .order_by("at", "pk")
        ):
            if remark.note_id in by_id:  # or else it came between the two queries
                by_id[remark.note_id].remarks.append(remark)
        return found

    def in_order(self, letter: Letter, blocks: Iterable[Block]) -> list["Note"]:
        """The notes of a letter for a reader who asks for them; see `in_order` below."""
        return in_order(self.of(letter), blocks)


def in_order(notes: Iterable["Note"], blocks: Iterable[Block]) -> list["Note"]:
    """What a reader who asks for the notes gets, in the order of the text and each with a `number`:
    open threads and reactions. `blocks` were read with `noted`.

    Threads whose words are gone come last (`is_here` is False); reactions to a line that is gone
    are left out.
    """
    places: dict[str, int] = {}
    for run in (run for block in blocks for run in block.runs):
        for note_id in run.notes:
            places.setdefault(note_id, len(places))
    shown = []
    for note in notes:
        note.is_here = str(note.pk) in places
        if note.resolved_at is None and (note.is_here or note.is_thread):
            shown.append(note)
    shown.sort(key=lambda note: places.get(str(note.pk), len(places)))
    for number, note in enumerate(shown, 1):
        note.number = number
    return shown


class Note(models.Model):
    class Kind(models.TextChoices):
        COMMENT = "comment"
        HEART = "heart"
        MORE = "more"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    letter = models.ForeignKey(Letter, on_delete=models.CASCADE, related_name="notes")
    author = models.ForeignKey(Partner, on_delete=models.RESTRICT, related_name="+")
    kind = models.CharField(max_length=8, choices=Kind)
    # The words as they were when the note was made.
    quote = EncryptedTextField()
    at = models.DateTimeField(default=timezone.now)
    # An open page takes over only the threads that have changed since it last looked.
    changed_at = models.DateTimeField(default=timezone.now)
    resolved_at = models.DateTimeField(null=True, blank=True)
    resolved_by = models.ForeignKey(
        Partner, null=True, blank=True, on_delete=models.RESTRICT, related_name="+"
    )

    objects = NoteQuerySet.as_manager()

    # Filled by `of` and `in_order`.
    remarks: list["Remark"]
    is_here: bool
    number: int

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(resolved_at=None, resolved_by=None)
                | Q(resolved_at__isnull=False, resolved_by__isnull=False, kind="comment"),
                name="a_thread_is_resolved_by_somebody",
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.id}"

    @property
    def key_owner_id(self) -> UUID:
        return self.letter.key_owner_id

    @property
    def is_thread(self) -> bool:
        return self.kind == self.Kind.COMMENT

    @property
    def reply_id(self) -> UUID:
        """For the next reply, so that one that is sent twice is still one."""
        return uuid7()

    @classmethod
    def leave(
        cls, letter: Letter, author: Partner, note_id: UUID, kind: str, quote: str, text: str = ""
    ) -> "Note":
        """A note with the id that its page gave it: sent again, it is still one note. Raises Taken
        where the id is another note's, and Full."""
        kind = cls.Kind(kind)
        with transaction.atomic():
            if cls.objects.filter(letter=letter).exclude(pk=note_id).count() >= MOST:
                raise Full(TOO_MANY, MOST)
            note, new = cls.objects.get_or_create(
                pk=note_id,
                defaults={
                    "letter": letter,
                    "author": author,
                    "kind": kind,
                    "quote": quote[:MAX_QUOTE],
                },
            )
            if (note.letter_id, note.author_id, note.kind) != (letter.pk, author.pk, kind):
                raise Taken
            if new and note.is_thread:
                Remark.objects.create(pk=note_id, note=note, author=author, text=text)
            note._tell()
        return note

    def reply(self, author: Partner, remark_id: UUID, text: str) -> "Remark":
        """Raises Note.DoesNotExist when the thread was taken away meanwhile, Taken where the id is
        another remark's, and Full."""
        with transaction.atomic():
            note = self._locked()
            others = Remark.objects.filter(note=note).exclude(pk=remark_id)
            if others.count() >= MOST_REMARKS:
                raise Full(TOO_MANY_REMARKS, MOST_REMARKS)
            remark, _new = Remark.objects.get_or_create(
                pk=remark_id, defaults={"note": note, "author": author, "text": text}
            )
            if (remark.note_id, remark.author_id) != (note.pk, author.pk):
                raise Taken
            note._tell()
        return remark

    def resolve(self, partner: Partner) -> None:
        """Either of the two may; the thread stays to be read."""
        with transaction.atomic():
            note = self._locked()
            if note.resolved_at is None:
                note.resolved_at, note.resolved_by = timezone.now(), partner
                note._tell("resolved_at", "resolved_by")

    def reopen(self) -> None:
        with transaction.atomic():
            note = self._locked()
            if note.resolved_at is not None:
                note.resolved_at = note.resolved_by = None
                note._tell("resolved_at", "resolved_by")

    def take_back(self) -> None:
        """A reaction is gone without a trace."""
        with transaction.atomic():
            letter = self.letter
            self.delete()
            nudges.nudge(letter.key_owner_id, TOPIC)

    def _locked(self) -> "Note":
        # Only the note's own row: with the letter's, two threads would wait for each other.
        note = Note.objects.select_for_update().get(pk=self.pk)
        note.letter = self.letter
        return note

    def _tell(self, *changed: str) -> None:
        self.changed_at = timezone.now()
        self.save(update_fields=["changed_at", *changed])
        nudges.nudge(self.letter.key_owner_id, TOPIC)


class RemarkQuerySet(models.QuerySet["Remark"]):
    def of_author(self, partner: Partner) -> Self:
        """One's own words, where they may still be changed."""
        return self.filter(author=partner, note__in=Note.objects.open_to(partner)).select_related(
            "note__letter"
        )


class Remark(models.Model):
    """What one of the two said in a thread. The first one is the note itself."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    note = models.ForeignKey(Note, on_delete=models.CASCADE, related_name="+")
    author = models.ForeignKey(Partner, on_delete=models.RESTRICT, related_name="+")
    text = EncryptedTextField()
    at = models.DateTimeField(default=timezone.now)
    changed_at = models.DateTimeField(null=True, blank=True)

    objects = RemarkQuerySet.as_manager()

    def __str__(self) -> str:
        return f"remark {self.id}"

    @property
    def key_owner_id(self) -> UUID:
        return self.note.key_owner_id

    def change(self, text: str) -> None:
        with transaction.atomic():
            note = self.note._locked()
            self.text, self.changed_at = text, timezone.now()
            self.save(update_fields=["text", "changed_at"])
            note._tell()

    def take_back(self) -> None:
        """The words are gone; with the last of them goes the thread."""
        with transaction.atomic():
            note = self.note._locked()
            self.delete()
            if Remark.objects.filter(note=note).exists():
                note._tell()
            else:
                note.take_back()
