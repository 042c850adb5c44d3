"""Words written quietly: a passage for a joint letter that one person sees until they place it.

Placing puts the words into the letter once, whatever happens on the way. The page takes them with
the revision that it shows; from then on they are on their way, and a second page that asks is
refused before it inserts anything. The page inserts them together with a marker that names this
placing, in one update of the letter. When the letter as stored has the marker, the passage is
emptied; until then the words are kept here.
"""

from typing import Self
from uuid import UUID, uuid4

from django.db import models, transaction
from django.db.models import Q
from django.utils.translation import gettext

from couples.autosave import AutosavedText, EditConflict
from couples.ids import uuid7
from couples.models import Partner, User
from couples.refusals import Refusal
from letters.letter.models.letter import Letter
from letters.text.document import Block, Run
from letters.text.model import PLACED, Kind, items

MAX_LENGTH = 20_000


class OnItsWay(Refusal):
    """Another page, or an earlier one, has taken the words; they are not in the letter yet."""


class PassageQuerySet(models.QuerySet["Passage"]):
    def visible_to(self, partner: Partner) -> Self:
        """Only one's own, wherever one lives by now."""
        return self.filter(person=partner.user_id)

    def left_over(self, partner: Partner) -> Self:
        """What was never placed, of letters that are not written on any more."""
        mine = self.visible_to(partner).exclude(letter__in=Letter.objects.writable_by(partner))
        return mine.select_related("letter")


class Passage(AutosavedText):
    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    letter = models.ForeignKey(Letter, on_delete=models.CASCADE, related_name="+")
    person = models.ForeignKey(User, on_delete=models.CASCADE, related_name="passages")
    # On its way into the letter: which placing, and the words of which revision.
    placing = models.UUIDField(null=True, blank=True)
    placing_revision = models.PositiveIntegerField(null=True, blank=True)

    objects = PassageQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["letter", "person"], name="one_passage_per_person_and_letter"
            ),
            models.CheckConstraint(
                condition=Q(placing=None, placing_revision=None)
                | Q(placing__isnull=False, placing_revision__isnull=False),
                name="a_placing_is_of_a_revision",
            ),
        ]

    def __str__(self) -> str:
        return f"passage of letter {self.letter_id}"

    @property
    def key_owner_id(self) -> UUID:
        return self.person_id

    @property
    def blocks(self) -> list[Block]:
        """Paragraphs part at an empty line; a line that begins like one is one."""
        openings = tuple(gettext("I want to be|I want to").lower().split("|"))
        found: list[Block] = []
        rows: list[str] = []

        def paragraph() -> None:
            if rows:
                found.append(Block(Kind.PARAGRAPH, (Run("\n".join(rows)),)))
                rows.clear()

        for row in map(str.strip, self.text.splitlines()):
            is_line = any(row.lower().startswith(f"{opening} ") for opening in openings)
            if not row or is_line:
                paragraph()
            if is_line:
                found.append(Block(Kind.LINE, (Run(row),)))
            elif row:
                rows.append(row)
        paragraph()
        return found

    @classmethod
    def of(cls, letter: Letter, person: User) -> "Passage":
        """What stands there now. One that has arrived in the letter meanwhile is empty."""
        passage = cls.objects.filter(letter=letter, person=person).first()
        if passage is None:
            return cls(letter=letter, person=person)
        if passage.placing is not None:
            return passage.settle(passage.placing)
        return passage

    @classmethod
    def keep(cls, letter: Letter, person: User, text: str, base: int, tab_id: str) -> "Passage":
        """Raises EditConflict where another window has saved other words."""
        with transaction.atomic():
            passage = cls._locked(letter, person)
            passage.save_revision(text, base, tab_id)
        return passage

    @classmethod
    def take(cls, letter: Letter, person: User, base: int, again: UUID | None = None) -> "Passage":
        """Take the words of this revision to be placed; `placing` of the answer names the placing.

        Raises EditConflict where they are others by now, or none, and OnItsWay where they were
        taken before: `again` names that placing, when the person says that it came to nothing.
        """
        cls.of(letter, person)
        with transaction.atomic():
            passage = cls._locked(letter, person)
            if passage.placing != again:
                raise OnItsWay
            if passage.revision != base or not passage.blocks:
                raise EditConflict(passage)
            passage.placing, passage.placing_revision = uuid4(), passage.revision
            passage.save(update_fields=["placing", "placing_revision"])
        return passage

    def settle(self, placing: UUID) -> "Passage":
        """Empty the passage if this placing has arrived in the letter. Words that were written
        after they were taken stay."""
        arrived = has_arrived(self.letter, placing)
        with transaction.atomic():
            passage = self._locked(self.letter, self.person)
            if arrived and passage.placing == placing:
                if passage.revision == passage.placing_revision:
                    passage.text, passage.tab_id = "", ""
                    passage.revision += 1
                passage.placing = passage.placing_revision = None
                passage.save()
        return passage

    def discard(self, placing: UUID) -> None:
        """The page has taken the words and put them nowhere."""
        with transaction.atomic():
            passage = self._locked(self.letter, self.person)
            if passage.placing == placing:
                passage.placing = passage.placing_revision = None
                passage.save(update_fields=["placing", "placing_revision"])

    @classmethod
    def _locked(cls, letter: Letter, person: User) -> "Passage":
        # The person's row stands in for a passage that does not exist yet.
        person.lock()
        passage = cls.objects.filter(letter=letter, person=person).first()
        return passage or cls(letter=letter, person=person)


def has_arrived(letter: Letter, placing: UUID) -> bool:
    """Whether the letter, as it is stored, has the mark of this placing: it stands beside its text,
    the last one of each seat."""
    return str(placing) in [value for _, value in items(letter.load(), PLACED)]
