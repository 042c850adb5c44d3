"""What is known of the ids of a letter: how far each client has come, what is erased, which values
lie in which maps, whose each suggestion is. It is what an edit is held against (validity.py)."""

from typing import Any

import pycrdt

from letters.text import crdt
from letters.text.authorship import Authors, Tape, Tracer
from letters.text.ids import ById, Id, Ranges, among
from letters.text.model import (
    PLACED,
    PROPOSAL,
    SUGGESTION,
    TEXT,
)
from letters.text.updates import (
    ANY,
    ERASED,
    FORMAT,
    GAP,
    GONE,
    NULL,
    STRING,
    TYPE,
    Contents,
    Struct,
)

# Where a value lies: in which map (a marker, or the root of that name), and under which key.
type Place = tuple[Id | str, str]


class Index:
    def __init__(self, doc: crdt.Doc, authors: Authors | None = None) -> None:
        self.doc = doc
        self.authors = authors or Authors()
        self.tape = Tape()
        self.tracer = Tracer(self.authors, self.tape)
        self.known: dict[int, int] = {}
        self.erased = Ranges()
        # Ids without a struct any more: what stands beside them is nowhere itself.
        self.gone = Ranges()
        self.first: Id | None = None
        self.markers: set[Id] = set()
        # Values in maps. Those that took each other's place may have become one struct.
        self.entries: ById[Place] = ById()
        # The values of each place; all but one are erased, but not in the order of arrival.
        self.values: dict[Place, list[Id]] = {}
        # All entries of the root maps, by map and, where seats have one each, by seat.
        self.guarded: dict[tuple[str, str | None], Ranges] = {}
        # While it is loaded: what follows something that is not there yet.
        self._followers: dict[Id, list[Struct]] = {}
        self.proposals: dict[Id, dict[str, str]] = {}
        # Whose each suggestion is, and its marks as they were first written.
        self.suggested: dict[str, str] = {}
        self.marks: set[tuple[str, str]] = set()
        # The signs in the text between which words are proposed, by whose they are.
        self.signs: dict[str, Ranges] = {}
        # At least so many characters are in the letter, and fewer perhaps.
        self.size = 0
        # The same of bytes.
        self.weight = 0

    def _text(self) -> Any:
        return self.doc.get(TEXT, type=pycrdt.Text)

    def measure(self) -> int:
        """How many characters there are, exactly."""
        size = -1
        with self.doc.transaction():
            for content, _ in self._text().diff():
                size += len(content) if isinstance(content, str) else 1
        return max(size, 0)

    def _take_in(self, contents: Contents) -> None:
        """Keep what will be asked for."""
        known = self.known
        for struct in contents.structs:
            kind, client, clock = struct.kind, struct.client, struct.clock
            known[client] = max(known.get(client, 0), clock + struct.length)
            if kind == STRING:
                self.tape.add(client, clock, str(struct.content))
                self.size += struct.length
            elif kind == GONE:
                self.gone.add(client, clock, clock + struct.length)
                self.erased.add(client, clock, clock + struct.length)
            elif kind != GAP:
                self._take_struct(struct)
        for span in contents.erased:
            self.erased.add(*span)

    def _take_struct(self, struct: Struct) -> None:
        id = struct.id
        if struct.left is None and struct.right is None and struct.key is None:
            if struct.parent == TEXT and self.first is None:
                self.first = id
        elif struct.left is None and struct.right is None and struct.parent is not None:
            self._take_entry(struct, (struct.parent, str(struct.key)))
            return
        elif struct.left is not None and (place := self.entries.get(struct.left)) is not None:
            self._take_entry(struct, place)
            return
        elif struct.kind in (ANY, ERASED) and struct.left is not None and struct.right is None:
            if struct.left in self.gone:
                self.gone.add(*id, id.clock + struct.length)
                return
            self._followers.setdefault(struct.left, []).append(struct)
        if struct.kind == TYPE:
            self.markers.add(id)
            self.size += 1
        elif struct.kind == FORMAT and isinstance(struct.content, tuple):
            key, value = struct.content
            if seat := self._take_mark(key, value):
                self.signs.setdefault(seat, Ranges()).add(*id, id.clock + 1)

    def _take_mark(self, key: str, value: str) -> str | None:
        """Whose suggestion a formatting sign is about; None for any other."""
        named = SUGGESTION.fullmatch(key)
        if named is None:
            return None
        if value != NULL:
            self.marks.add((key, value))
            self.suggested.setdefault(named[1], value[1:4])
        return self.suggested.get(named[1])

    def _take_entry(self, struct: Struct, place: Place) -> None:
        parent, key = place
        self.entries.add(struct.id, struct.length, place)
        if isinstance(parent, str):
            guarded = self.guarded.setdefault((parent, key if parent == PLACED else None), Ranges())
            guarded.add(struct.client, struct.clock, struct.clock + struct.length)
        value = struct.content
        if value is not None:
            self.values.setdefault(place, []).append(struct.id)
        named = PROPOSAL.fullmatch(key)
        if named and not isinstance(parent, str) and isinstance(value, str):
            self.proposals.setdefault(parent, {})[key] = value
            self.suggested.setdefault(named[1], value.partition(" ")[0])
        self._follow(struct, place)

    def recall(self, contents: Contents) -> None:
        """Suggestions that were let in once. A crash took them, before or after what they were
        about was erased, and pages keep nothing of what is erased: an undo brings them back."""
        for struct in contents.structs:
            value = struct.content
            if struct.kind == FORMAT and isinstance(value, tuple):
                self._take_mark(*value)
            elif isinstance(struct.parent, Id) and isinstance(value, str):
                named = PROPOSAL.fullmatch(str(struct.key))
                if named:
                    self.proposals.setdefault(struct.parent, {}).setdefault(named[0], value)
                    self.suggested.setdefault(named[1], value.partition(" ")[0])

    def _follow(self, struct: Struct, place: Place) -> None:
        for id in among(self._followers, struct.id, struct.length):
            for follower in self._followers.pop(id, ()):
                self._take_entry(follower, place)
