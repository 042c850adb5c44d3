"""A letter as its room holds it: the document, and what is known of it."""

from collections.abc import Iterable, Sequence
from typing import Self

from letters.text import crdt
from letters.text.authorship import Attribution, Authors
from letters.text.ids import Id, Ranges, Span
from letters.text.index import Place
from letters.text.lib0 import Malformed
from letters.text.updates import (
    Contents,
    parse,
)
from letters.text.validity import Validity


class Replica(Validity):
    @classmethod
    def load(
        cls,
        updates: Sequence[bytes],
        authors: Authors | None = None,
        marks: Iterable[tuple[str, str]] = (),
    ) -> Self:
        """From what is written down, the snapshot first; `marks` are those of suggestions that have
        left the text since. In a thread: it takes its time."""
        replica = cls(crdt.assemble(updates), authors)
        for key, value in marks:
            replica._take_mark(key, value)
        for place, update in enumerate(updates):
            try:
                contents = parse(update)
            except Malformed:
                continue  # left out by `assemble` as well
            replica._take_in(contents)
            if place:  # not of the snapshot
                replica.tracer.remember(contents)
        replica._followers.clear()
        replica.size = replica.measure()
        replica.weight = sum(map(len, updates))
        return replica

    def apply(
        self, update: bytes, contents: Contents, *, client: int | None = None
    ) -> list[Attribution]:
        """Take an update in that was checked, from the page with this client id; whose its words
        are where their client does not tell. Raises Spoiled where Yrs failed: the replica is of no
        use any more."""
        self._apply(update)
        self.tracer.trace(contents, self.erased, client)
        self._take_in(contents)
        return self.authors.take_news()

    def _apply(self, update: bytes) -> None:
        try:
            crdt.apply(self.doc, update)
        except Malformed as error:
            raise crdt.Spoiled(str(error)) from None
        self.weight += len(update)

    def absorb(self, update: bytes, contents: Contents | None = None) -> None:
        """What another process has let in, perhaps known in part; `contents` is what the whole of
        it consists of, where that was read before. Raises Spoiled."""
        try:
            contents = contents or parse(update)
            if any(each.clock < self.known.get(each.client, 0) for each in contents.structs):
                update = crdt.beyond(update, self.doc.get_state())
                contents = parse(update)
        except Malformed as error:
            raise crdt.Spoiled(str(error)) from None
        self._apply(update)
        # Whose its words are was found out where it came in.
        self.tracer.remember(contents)
        self._take_in(contents)

    def current(self, place: Place) -> Id | None:
        """The value that stands in a place of a map."""
        erased = Ranges(crdt.erased(self.doc))
        values = self.values.get(place, [])
        alive = (id for id in values if id not in erased)
        return next(alive, values[-1] if values else None)

    def has_all(self) -> bool:
        """Whether the document has all that was let in."""
        state = crdt.state(self.doc.get_state())
        return all(state.get(client, 0) >= clock for client, clock in self.known.items())

    def has_erased(self, spans: Iterable[Span]) -> bool:
        """Whether all of these are erased in the document itself."""
        erased = Ranges(crdt.erased(self.doc))
        return all(erased.covers(*span) for span in spans)
