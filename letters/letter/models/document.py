"""A letter as it is stored: a snapshot of its text, and a row for all that came after it.

Rows are numbered per letter without gaps and in the order of their commits, because the number is
taken in the transaction that writes them, under the lock of the document's row. Each holds the
bytes that clients sent, as they sent them: should Yrs ever turn out to have lost something while
taking them in, they are still there until the next snapshot.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from itertools import takewhile
from typing import TYPE_CHECKING, NamedTuple, Self
from uuid import UUID

from django.db import connection, models, transaction
from django.utils import timezone

from couples.crypto import keyring
from couples.crypto.fields import EncryptedBinaryField
from letters.letter.changed import letter_changed
from letters.letter.hidden import Hidden
from letters.letter.models.append import NewRow, insert, next_seqs
from letters.letter.models.authorship import Attribution
from letters.letter.models.client import Client
from letters.text import crdt, document
from letters.text.authorship import Attribution as Attributed
from letters.text.decisions import Decision, settle, unstretch
from letters.text.lib0 import Malformed
from letters.text.model import SUGGESTION
from letters.text.replica import Replica
from letters.text.updates import NULL, parse

if TYPE_CHECKING:
    from letters.letter.models.letter import Letter

# How often a decision is thought over because another one came first.
MOST_TRIES = 20
# So many marks of suggestions are remembered for pages that come back.
MOST_MARKS = 2_000


class Row(NamedTuple):
    """What was written in one commit. Until `hidden_until` it is for `by` alone."""

    seq: int
    updates: list[bytes]
    by: UUID | None
    hidden_until: datetime | None

    def is_hidden(self, now: datetime) -> bool:
        return self.hidden_until is not None and self.hidden_until > now


class Log(NamedTuple):
    """What is stored of a letter. The snapshot is None where it is not part of what was asked for;
    `decided` counts the decisions about suggestions."""

    seq: int
    snapshot_seq: int
    snapshot: bytes | None
    rows: list[Row]
    decided: int
    # The marks of suggestions that the snapshot has perhaps no more.
    marks: list[tuple[str, str]]

    @property
    def updates(self) -> list[bytes]:
        """All of it, the snapshot first."""
        first = [] if self.snapshot is None else [self.snapshot]
        return first + [update for row in self.rows for update in row.updates]


class Document(models.Model):
    letter = models.OneToOneField(
        "letters.Letter", primary_key=True, on_delete=models.CASCADE, related_name="document"
    )
    seq = models.PositiveBigIntegerField(default=0)
    snapshot = EncryptedBinaryField()
    snapshot_seq = models.PositiveBigIntegerField(default=0)
    decided = models.PositiveIntegerField(default=0)
    # Marks that stood in the text once: whose suggestion, by page and clock, and on which ids. A
    # page that was away may write them anew, around what it typed between them.
    marks = models.JSONField(default=list)
    written_at = models.DateTimeField(default=timezone.now)
    # As in the letter, but in the row that every edit locks: one that is on its way while the
    # letter is closed comes too late, and is not acknowledged.
    closed_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"document of letter {self.letter_id}"

    @property
    def key_owner_id(self) -> UUID:
        return self.letter.key_owner_id

    @classmethod
    def begin(cls, letter: "Letter", lines: Sequence[str] = ()) -> Self:
        """The first page. It is made here and once: two pages made by two browsers would have
        different histories, and every word would stand there twice."""
        return cls.objects.create(letter=letter, snapshot=document.first_page(lines))

    @classmethod
    def read(cls, letter_id: UUID, after: int | None = None, *, reader: UUID | None = None) -> Log:
        """Everything that is stored, or what came after row `after`. For the person `reader`
        without what the other has just written and does not show yet.

        Rows first, then the snapshot: one that is taken in between then covers what is missing.
        """
        stored = Update.objects.filter(letter=letter_id, seq__gt=after or 0).order_by("seq")
        found = list(stored.values_list("seq", "data", "by", "hidden_until"))
        this = cls.objects.get(letter=letter_id)
        begins = after is None or after < this.snapshot_seq
        now = timezone.now()
        rows = []
        for seq, data, by, hidden_until in found:
            row = Row(seq, [], by, hidden_until)
            if reader is None or by == reader or not row.is_hidden(now):
                row.updates.extend(crdt.unpack(keyring.decrypt(Update.place(letter_id, seq), data)))
                rows.append(row)
        return Log(
            max(this.snapshot_seq, found[-1][0] if found else after or 0),
            this.snapshot_seq,
            this.snapshot if begins else None,
            rows,
            this.decided,
            [(key, value) for key, value in this.marks],
        )

    @classmethod
    def compact(cls, letter_id: UUID, *, in_use: bool = False) -> bool:
        """Take a new snapshot and drop the rows that it covers; whether that could be done. It is
        the same for pages that are open, but while the letter is `in_use` nobody who has not
        written yet is forgotten. What is still hidden from somebody stays a row.

        It is made outside the transaction, which then holds the lock for a moment only.
        """
        log = cls.read(letter_id)
        now = timezone.now()
        rows = list(takewhile(lambda row: not row.is_hidden(now), log.rows))
        if not rows:
            return False
        doc, left_out = crdt.fit(log._replace(rows=rows).updates)
        if left_out:
            return False  # so that it can be looked into
        snapshot = doc.get_update()
        vector = doc.get_state()
        # Yrs leaves out what lies pending; nothing should.
        if not all(crdt.reaches(vector, update) for row in rows for update in row.updates):
            return False
        seq, state = rows[-1].seq, crdt.state(vector)
        try:
            marks = _marks(log)
        except Malformed:
            return False  # the same
        with transaction.atomic():
            this = cls.objects.select_for_update().get(letter=letter_id)
            if this.snapshot_seq != log.snapshot_seq:
                return False
            this.snapshot, this.snapshot_seq, this.marks = snapshot, seq, marks
            this.save(update_fields=["snapshot", "snapshot_seq", "marks"])
            Update.objects.filter(letter=letter_id, seq__lte=seq).delete()
            if not in_use and seq == log.seq:
                Client.objects.silent(letter_id, state).delete()
            Attribution.objects.forget(letter_id, snapshot, state)
        return True

    @classmethod
    def decide(
        cls, letter: "Letter", seat: str, decision: Decision, hidden: Hidden | None = None
    ) -> None:
        """Settle what somebody decided about suggestions, one decision after the other; where it
        is `hidden`, for their own pages first. Raises Malformed where it is not theirs to
        decide."""
        cls._decide(letter, lambda replica: settle(replica, seat, decision), hidden)

    @classmethod
    def unstretch(cls, letter: "Letter", before: bytes) -> None:
        """Put right what marks of suggestions came over since the letter was `before`."""
        cls._decide(letter, lambda replica: unstretch(crdt.assemble([before]), replica))

    @classmethod
    def _decide(
        cls,
        letter: "Letter",
        edit: Callable[[Replica], bytes | None],
        hidden: Hidden | None = None,
    ) -> None:
        for _ in range(MOST_TRIES):
            log = cls.read(letter.pk)
            update = edit(Replica.load(log.updates, marks=log.marks))
            if update is None:
                return
            with transaction.atomic():
                this = cls.objects.select_for_update(of=("self",)).get(letter=letter.pk)
                if this.decided != log.decided:
                    continue
                cls.objects.filter(pk=letter.pk).update(decided=log.decided + 1)
                entry = Entry(letter.pk, letter.key_owner_id, [update], hidden=hidden)
                Update.objects.append([entry])
                letter_changed(letter.pk)
            return
        raise TimeoutError("a decision could not be settled")


def _marks(log: Log) -> list[tuple[str, str]]:
    """Of all suggestions that are remembered, the newest last."""
    found = dict.fromkeys(log.marks)
    for update in log.updates:
        if b"ins:" in update or b"del:" in update:
            for struct in parse(update).structs:
                if isinstance(struct.content, tuple) and struct.content[1] != NULL:
                    key, value = struct.content
                    if SUGGESTION.fullmatch(key):
                        found[key, value] = None
    return list(found)[-MOST_MARKS:]


class Entry(NamedTuple):
    """Updates of one letter that are to be written down; `owner_id` names whose key encrypts them.
    `clients` are those who wrote for the first time, with their persons."""

    letter_id: UUID
    owner_id: UUID
    updates: list[bytes]
    attributions: Sequence[Attributed] = ()
    clients: Sequence[tuple[int, UUID]] = ()
    hidden: Hidden | None = None


class Written(NamedTuple):
    """The numbers of the rows, in the order of the entries of each letter. Letters that are gone or
    closed are missing; `locked` are those whose row somebody holds."""

    seqs: dict[UUID, list[int]]
    locked: set[UUID]


class UpdateQuerySet(models.QuerySet["Update"]):
    def append(self, entries: Sequence[Entry], *, wait: bool = True) -> Written:
        """Write a row for each entry, all in one transaction. Without `wait` a letter whose row is
        locked is left for later, so that it keeps nobody else waiting.

        This is the way of every keystroke, so it is three statements however many letters there
        are. The rows are the same that the ORM reads and writes.
        """
        written = Written({}, set())
        with transaction.atomic():
            for some in _rounds(entries):
                self._append(some, written, wait)
        return written

    def _append(self, entries: Sequence[Entry], written: Written, wait: bool) -> None:
        by_id = {entry.letter_id: entry for entry in entries}
        now = timezone.now()
        seqs = next_seqs([*by_id], now, wait=wait)
        rows = []
        for letter_id, seq in seqs.items():
            entry = by_id[letter_id]
            place = Update.place(letter_id, seq)
            data = keyring.encrypt(entry.owner_id, place, crdt.pack(entry.updates))
            by, until = entry.hidden or (None, None)
            rows.append(NewRow(letter_id, seq, data, by, until))
        if rows:
            insert(rows, now)
        for letter_id, seq in seqs.items():
            written.seqs.setdefault(letter_id, []).append(seq)
            _remember(by_id[letter_id])
        if not wait and len(seqs) < len(by_id) and connection.vendor == "postgresql":
            still = Document.objects.filter(letter__in=by_id.keys() - seqs, closed_at=None)
            written.locked.update(still.values_list("letter_id", flat=True))


def _rounds(entries: Sequence[Entry]) -> list[list[Entry]]:
    """Each letter once in each: a room that was abandoned and its successor may both have something
    to write, and what is hidden has a row of its own."""
    rounds: list[list[Entry]] = []
    count: dict[UUID, int] = {}
    for entry in entries:
        number = count.get(entry.letter_id, 0)
        count[entry.letter_id] = number + 1
        if number == len(rounds):
            rounds.append([])
        rounds[number].append(entry)
    return rounds


def _remember(entry: Entry) -> None:
    if entry.clients:
        Client.objects.bulk_create(
            [
                Client(letter_id=entry.letter_id, client_id=client_id, person_id=person_id)
                for client_id, person_id in entry.clients
            ],
            ignore_conflicts=True,
        )
    if entry.attributions:
        Attribution.objects.remember(entry.letter_id, entry.attributions)


class Update(models.Model):
    """What clients sent between two commits: updates one after the other, each with its length."""

    pk = models.CompositePrimaryKey("letter_id", "seq")
    letter = models.ForeignKey(
        "letters.Letter", on_delete=models.CASCADE, related_name="updates", db_index=False
    )
    seq = models.PositiveBigIntegerField()
    at = models.DateTimeField(default=timezone.now)
    data = EncryptedBinaryField()
    # Who does not show themselves keeps the rhythm of their writing to themselves as well: until
    # then the row is read by this person only.
    by = models.UUIDField(null=True, blank=True)
    hidden_until = models.DateTimeField(null=True, blank=True)

    objects = UpdateQuerySet.as_manager()

    def __str__(self) -> str:
        return f"update {self.seq} of letter {self.letter_id}"

    @property
    def key_owner_id(self) -> UUID:
        return self.letter.key_owner_id

    @staticmethod
    def place(letter_id: UUID, seq: int) -> keyring.Binding:
        """Where the encrypted data of a row lies, as the field itself would say it."""
        return keyring.Binding("letters_update", f"{letter_id}:{seq}", "data")
