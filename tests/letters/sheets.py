"""Open letter pages without a socket, and the server's half that takes in what they write.

In memory a `Desk` lets in what its sheets send; a sheet `Written` goes through the rows of a
letter instead, as with a room that opens anew for every edit.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import pycrdt

from letters.models import Attribution, Client, Document, Entry, Letter, Update
from letters.text import crdt, document
from letters.text.authorship import Attribution as Attributed
from letters.text.authorship import Authors
from letters.text.decisions import About, Decision, settle
from letters.text.document import Block
from letters.text.lib0 import NOTHING
from letters.text.replica import Replica
from letters.text.validity import Writer
from tests.clients import signs
from tests.clients.socket import Page
from tests.people import Resident


class Sheet(Page):
    """`updates` is what the page would send, one for each transaction."""

    def __init__(self, *updates: bytes, client: int | None = None, seat: str = "one") -> None:
        self.updates: list[bytes] = []
        self.seat = seat
        super().__init__("", "", "", pycrdt.Doc(client_id=client) if client else None)
        self.hear(*updates)

    @property
    def writer(self) -> Writer:
        return Writer(self.client_id, self.seat)

    def hear(self, *updates: bytes) -> None:
        self._hearing = True
        for update in updates:
            crdt.apply(self.doc, update)
        self._hearing = False

    def sent(self) -> list[bytes]:
        """What was written since the last time."""
        updates, self.updates = self.updates, []
        return updates

    @contextmanager
    def taking_back(self) -> Iterator[None]:
        """What is written within is taken back at the end of it."""
        undo: Any = pycrdt.UndoManager(scopes=[self.ytext], capture_timeout_millis=0)
        yield
        while undo.can_undo():
            undo.undo()

    def asked(self, verdict: str, *suggestions: str) -> Decision:
        """The decision that this page would send about what it shows now."""
        found, decided = self.signs(named=True), self.decided
        of = [
            About(
                name,
                decided.counts.get(name, 0),
                [(c, at, at + n) for c, at, n in signs.ranges(found, name, decided)],
            )
            for name in suggestions
        ]
        return Decision(1, verdict, of)

    def _speak(self, event: pycrdt.TransactionEvent) -> None:
        if not self._hearing and event.update != NOTHING:
            self.updates.append(event.update)


class Desk:
    """A letter in memory, and the sheets that it goes out to."""

    def __init__(self, *lines: str, sheets: int = 1) -> None:
        self.log = [document.first_page(lines)]
        self.replica = Replica.load(self.log, Authors())
        self.attributions: list[Attributed] = []
        self.sheets = [
            Sheet(*self.log, client=100 + number, seat="one" if number % 2 == 0 else "two")
            for number in range(sheets)
        ]

    @property
    def blocks(self) -> list[Block]:
        return document.blocks(self.replica.doc)

    @property
    def says(self) -> list[tuple[str, str]]:
        return [(block.kind.value, block.text) for block in self.blocks]

    def take(self, *sheets: Sheet) -> None:
        """Let in what these sheets have sent, in this order; of all, where none is named."""
        for sheet in sheets or self.sheets:
            for update in sheet.sent():
                contents = self.replica.check(update, sheet.writer)
                found = self.replica.apply(update, contents, client=sheet.client_id)
                self.attributions += found
                self._spread(update, sheet)

    def decide(self, seat: str, decision: Decision) -> bytes | None:
        update = settle(self.replica, seat, decision)
        if update is not None:
            self.replica.absorb(update)
            self._spread(update)
        return update

    def reopen(self) -> None:
        """Put the replica together anew of what is written."""
        self.replica = Replica.load(self.log, self.replica.authors)

    def compact(self) -> None:
        self.log = [crdt.assemble(self.log).get_update()]
        self.reopen()

    def _spread(self, update: bytes, sender: Sheet | None = None) -> None:
        self.log.append(update)
        for sheet in self.sheets:
            if sheet is not sender:
                sheet.hear(update)


class Written(Sheet):
    """An open page of a person of a letter, as far as the log can tell."""

    def __init__(self, letter: Letter, person: Resident, client: int | None = None) -> None:
        super().__init__(client=client, seat=person.partner.who)
        self.letter = letter
        self.person = person
        Client.register(letter, self.client_id, person.pk)

    @contextmanager
    def at_once(self) -> Iterator[None]:
        """What the others wrote arrives, and all within is one edit."""
        self.catch_up()
        with self.doc.transaction():
            yield
        self.save()

    def catch_up(self) -> None:
        self.hear(*Document.read(self.letter.pk).updates)

    def save(self) -> None:
        """Have what was written let in and written down."""
        updates = self.sent()
        authors = Attribution.objects.authors(self.letter.pk)
        replica = Replica.load(Document.read(self.letter.pk).updates, authors)
        authors.take_news()
        found: list[Attributed] = []
        for update in updates:
            contents = replica.check(update, self.writer)
            found += replica.apply(update, contents, client=self.client_id)
        entry = Entry(self.letter.pk, self.letter.key_owner_id, updates, found)
        Update.objects.append([entry])

    def decide(  # type: ignore[override] # there is no server to wait for
        self, verdict: str, *suggestions: str
    ) -> None:
        self.catch_up()
        Document.decide(self.letter, self.seat, self.asked(verdict, *suggestions))


def letter(*blocks: Sequence[Any]) -> Any:
    """A document of these blocks: a kind, and then words or pairs of words and their marks."""
    doc: Any = pycrdt.Doc()
    text = doc.get("letter", type=pycrdt.Text)
    for kind, *runs in blocks:
        text.insert_embed(len(text), pycrdt.Map({"k": kind}), {})
        for run in runs:
            words, marks = (run, {}) if isinstance(run, str) else run
            text.insert(len(text), words.replace("\n", "\u2028"), marks)
    return doc
