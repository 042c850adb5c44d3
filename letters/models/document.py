"""A letter as it is stored: a snapshot of its CRDT, and a row for all that came after it.

Rows are numbered per letter without gaps and in the order of their commits, because the number is
taken in the transaction that writes them, under the lock of the document's row. Each holds the
bytes that clients sent, as they sent them: should Yrs ever turn out to have lost something while
taking them in, they are still there until the next snapshot.
"""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any, NamedTuple, Self
from uuid import UUID

from django.db import connection, models, transaction
from django.utils import timezone

from couples import vault
from couples.models import User
from couples.sealed import SealedBinaryField
from letters import crdt, document, ledger

if TYPE_CHECKING:
    from letters.models.letter import Letter


class Log(NamedTuple):
    """What is stored of a letter. `updates` begin with the snapshot where it is part of them;
    `weight` is the snapshot's, or 0 where that is not known."""

    seq: int
    snapshot_seq: int
    updates: list[bytes]
    weight: int


class Document(models.Model):
    letter = models.OneToOneField(
        "letters.Letter", primary_key=True, on_delete=models.CASCADE, related_name="document"
    )
    seq = models.PositiveBigIntegerField(default=0)
    snapshot = SealedBinaryField()
    snapshot_seq = models.PositiveBigIntegerField(default=0)
    # So that nobody has to weigh it who opens the letter; 0 where it was not weighed.
    snapshot_weight = models.PositiveIntegerField(default=0)
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
    def read(cls, letter_id: UUID, after: int | None = None) -> Log:
        """Everything that is stored, or what came after row `after`.

        Rows first, then the snapshot: one that is taken in between then covers what is missing.
        """
        rows = Update.objects.filter(letter=letter_id, seq__gt=after or 0).order_by("seq")
        stored = list(rows.values_list("seq", "data"))
        this = cls.objects.get(letter=letter_id)
        updates = []
        if after is None or after < this.snapshot_seq:
            updates.append(this.snapshot)
        for seq, data in stored:
            updates += crdt.unpack(vault.unseal(Update.place(letter_id, seq), data))
        seq = max(this.snapshot_seq, stored[-1][0] if stored else after or 0)
        return Log(seq, this.snapshot_seq, updates, this.snapshot_weight)

    @classmethod
    def seqs(cls, letter_ids: Iterable[UUID]) -> dict[UUID, int]:
        """How far each of these letters is written; those that are closed by now are missing."""
        from letters.models.letter import Letter

        still_open = Letter.objects.open().filter(pk__in=list(letter_ids))
        return dict(cls.objects.filter(letter__in=still_open).values_list("letter_id", "seq"))

    @classmethod
    def compact(cls, letter_id: UUID, *, in_use: bool = False) -> bool:
        """Take a new snapshot and drop the rows that it covers; whether that could be done. It is
        the same for pages that are open, but while the letter is `in_use` nobody who has not
        written yet is forgotten.

        It is made outside the transaction, which then holds the lock for a moment only. Where an
        update lies pending or does not fit the rows stay: no snapshot would contain it. What the
        rows tell about who wrote what is written down before they go.
        """
        from letters.models.authorship import Attribution

        log = cls.read(letter_id)
        if log.seq == log.snapshot_seq:
            return False
        doc, kept = crdt.assemble(log.updates)
        if len(kept) < len(log.updates) or crdt.pending(doc, kept):
            return False
        snapshot = doc.get_update()
        fresh, _ = crdt.assemble([snapshot])
        state = crdt.state(doc.get_state())
        if crdt.state(fresh.get_state()) != state:
            return False
        weight = crdt.weight(snapshot)
        known = Attribution.objects.ledger(letter_id)
        ledger.replay(known, log.updates)
        with transaction.atomic():
            this = cls.objects.select_for_update().get(letter=letter_id)
            if this.snapshot_seq != log.snapshot_seq:
                return False
            this.snapshot, this.snapshot_seq = snapshot, log.seq
            this.snapshot_weight = weight
            this.save(update_fields=["snapshot", "snapshot_seq", "snapshot_weight"])
            Update.objects.filter(letter=letter_id, seq__lte=log.seq).delete()
            if not in_use:
                Client.objects.silent(letter_id, state).delete()
            Attribution.objects.remember(letter_id, known)
            Attribution.objects.forget(letter_id, known, snapshot, state)
        return True


class Brought(NamedTuple):
    """What came through somebody's page: ids from `clock` to before `end`, of any client."""

    client_id: int
    clock: int
    end: int
    person_id: UUID


class Entry(NamedTuple):
    """Updates of one letter that are to be written down; `owner_id` names whose key seals them.
    `brought` is said where the client ids alone do not tell whose they are."""

    letter_id: UUID
    owner_id: UUID
    updates: list[bytes]
    brought: Sequence[Brought] = ()


class UpdateQuerySet(models.QuerySet["Update"]):
    def append(self, entries: Sequence[Entry]) -> dict[UUID, int]:
        """Write one row for each letter, all in one transaction; the number of each row. Letters
        that are gone or closed are missing from the answer.

        This is the way of every keystroke, so it is three statements however many letters there
        are. The rows are the same that the ORM reads and writes.
        """
        ids = Document._meta.get_field("letter").target_field
        by_id: dict[Any, Entry] = {}
        for entry in entries:
            letter = ids.get_db_prep_value(entry.letter_id, connection)
            # A room that was abandoned and its successor may both have something to write.
            if letter in by_id:
                before = by_id[letter]
                entry = entry._replace(
                    updates=before.updates + entry.updates,
                    brought=[*before.brought, *entry.brought],
                )
            by_id[letter] = entry
        now = Update._meta.get_field("at").get_db_prep_value(timezone.now(), connection)
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(_next_seq(len(by_id)), list(by_id))
            seqs = dict(cursor.fetchall())
            rows = []
            for letter, seq in seqs.items():
                entry = by_id[letter]
                place = Update.place(entry.letter_id, seq)
                sealed = vault.seal(entry.owner_id, place, crdt.pack(entry.updates))
                rows.append((letter, seq, now, sealed))
            cursor.executemany(_INSERT, rows)
            for letter in seqs:
                if by_id[letter].brought:
                    Client.bring(by_id[letter].letter_id, by_id[letter].brought)
        return {by_id[letter].letter_id: seq for letter, seq in seqs.items()}


def _next_seq(letters: int) -> str:
    ids = ", ".join(["%s"] * letters)
    if connection.vendor == "postgresql":
        # Two processes that write to the same letters take their locks in one order.
        ids = (
            f"SELECT letter_id FROM letters_document WHERE letter_id IN ({ids})"  # noqa: S608
            " AND closed_at IS NULL ORDER BY letter_id FOR UPDATE"
        )
    return (
        f"UPDATE letters_document SET seq = seq + 1 WHERE letter_id IN ({ids})"  # noqa: S608
        " AND closed_at IS NULL RETURNING letter_id, seq"
    )


_INSERT = "INSERT INTO letters_update (letter_id, seq, at, data) VALUES (%s, %s, %s, %s)"


class Update(models.Model):
    """What clients sent between two commits: updates one after the other, each with its length."""

    pk = models.CompositePrimaryKey("letter_id", "seq")
    letter = models.ForeignKey(
        "letters.Letter", on_delete=models.CASCADE, related_name="updates", db_index=False
    )
    seq = models.PositiveBigIntegerField()
    at = models.DateTimeField(default=timezone.now)
    data = SealedBinaryField()

    objects = UpdateQuerySet.as_manager()

    def __str__(self) -> str:
        return f"update {self.seq} of letter {self.letter_id}"

    @property
    def key_owner_id(self) -> UUID:
        return self.letter.key_owner_id

    @staticmethod
    def place(letter_id: UUID, seq: int) -> vault.Place:
        """Where the sealed data of a row lies, as the field itself would say it."""
        return vault.Place("letters_update", f"{letter_id}:{seq}", "data")


class ForeignClient(Exception):
    """The client id has written as somebody else."""


class ClientQuerySet(models.QuerySet["Client"]):
    def silent(self, letter_id: UUID, wrote: Iterable[int]) -> Self:
        """Pages that were opened a day ago or longer, and never wrote a word."""
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

    @classmethod
    def bring(cls, letter_id: UUID, brought: Sequence[Brought]) -> None:
        """Remember through whom something came. Clients that nobody knows are theirs from now on;
        what came under the client id of somebody else is put down to them as well: it may be what
        a crash kept from being written, and it may be forged."""
        from letters.models.authorship import Attribution

        clients = cls.objects.filter(
            letter=letter_id, client_id__in={one.client_id for one in brought}
        )
        owners = dict(clients.values_list("client_id", "person_id"))
        unknown = {
            one.client_id: Client(
                letter_id=letter_id, client_id=one.client_id, person_id=one.person_id
            )
            for one in brought
            if one.client_id not in owners
        }
        Client.objects.bulk_create(unknown.values(), ignore_conflicts=True)
        Attribution.objects.bring(
            letter_id,
            [one for one in brought if owners.get(one.client_id, one.person_id) != one.person_id],
        )
