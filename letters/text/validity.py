"""What makes an edit of a letter a valid one.

Yrs takes whatever it is given: edits under anybody's client id, deletions of text that is still to
be typed, a picture where a word should be. So every update is read before it is applied, and let
in only if it is one that an honest page can have made of this letter:

- it inserts under the client id of its own page only, and onto the clock that is known of it;
- every struct stands beside, or in, something that is known;
- it erases nothing that is not known, not the first block, and no decision;
- it holds words, emphasis, notes, suggestions and block markers, with values that a letter has;
- it makes no suggestion in the other's name. Yjs writes the other's marks anew around words that
  are typed between them, so their marks may come again as they were; what a mark is about is told
  by ids (model.py), and what they were stretched over is put right (decisions.unstretch).
"""

from collections import deque
from collections.abc import Iterable
from typing import NamedTuple

from letters.text import crdt
from letters.text.authorship import Tape
from letters.text.ids import ById, Id, Ranges, Span, among
from letters.text.index import Index, Place
from letters.text.lib0 import Malformed
from letters.text.model import (
    DECIDED,
    FORBIDDEN,
    HARD_LIMIT,
    INSERTED,
    KIND_PROPOSED,
    KINDS,
    MARKS,
    NOTE,
    PLACED,
    PLACING,
    PROPOSAL,
    REMOVED,
    SEATS,
    SUGGESTION,
    is_of,
)
from letters.text.updates import (
    ANY,
    ERASED,
    FORMAT,
    GAP,
    GONE,
    NULL,
    STRING,
    TRUE,
    TYPE,
    Contents,
    Struct,
    from_units,
    is_second,
    keystroke,
    parse,
)


class Foreign(Exception):
    """An edit under somebody else's client id."""


class Ahead(Exception):
    """An edit that follows one which is not known here: the page has to synchronise anew."""


class TooLarge(Exception):
    """The letter has reached its size."""


# In bytes, with all that stands beside the words: what goes over a socket in one piece.
MAX_WEIGHT = 6 * 2**18


NO_CONTENTS = Contents([], [])


class Writer(NamedTuple):
    """Whose page an update comes from. `seat` is "one" or "two" in a joint letter; in a personal
    one, which knows no notes and no suggestions, it is None."""

    client: int
    seat: str | None = None


class _News:
    """What an update brings, as far as the rest of it may stand in or beside it."""

    def __init__(self, erased: Iterable[Span] = ()) -> None:
        self.erased = Ranges(erased)
        self.entries: ById[Place] = ById()
        self.markers: dict[Id, Struct] = {}
        # What markers, and what is erased, were put before.
        self.rights: ById[Id] = ById()
        self.gone = Ranges()
        self.tape = Tape()
        # How far the clients of others are known with it.
        self.reached: dict[int, int] = {}


class Validity(Index):
    """An index that looks at what is to come in. See above."""

    def check(self, update: bytes, writer: Writer, proven: Contents = NO_CONTENTS) -> Contents:
        """What the update consists of; what is `proven` to have been let in before may be of other
        clients as well. Raises Malformed, Foreign, Ahead and TooLarge; nothing has changed then."""
        struct = self._keystroke(update, writer)
        if struct is not None:
            contents, grown = Contents([struct], []), struct.length
        else:
            contents = parse(update)
            self._check(contents, writer, proven)
            grown = sum(each.length for each in contents.structs if each.kind in (STRING, TYPE))
        if grown and self.size + grown > HARD_LIMIT:
            self.size = self.measure()
            if self.size + grown > HARD_LIMIT:
                raise TooLarge
        if contents.structs and self.weight + len(update) > MAX_WEIGHT:
            self.weight = len(self.doc.get_update())
            if self.weight + len(update) > MAX_WEIGHT:
                raise TooLarge
        return contents

    def _keystroke(self, update: bytes, writer: Writer) -> Struct | None:
        """What nearly every update is: one run of text between two neighbours. Told in half the
        time; None where it is something else, or anything is unusual."""
        struct = keystroke(update)
        if struct is None or struct.client != writer.client:
            return None
        left, right = struct.left, struct.right
        assert left is not None  # noqa: S101 # the parser's word
        known, entries, gone = self.known, self.entries, self.gone
        if struct.clock != known.get(struct.client, 0) or FORBIDDEN.search(str(struct.content)):
            return None
        if left.clock >= known.get(left.client, 0) or left in entries or left in gone:
            return None
        if right is not None and (
            right.clock >= known.get(right.client, 0) or right in entries or right in gone
        ):
            return None
        if self.tape.has_pairs and (self._tears(left) or (right and self._tears(_before(right)))):
            return None
        return struct

    def _check(self, contents: Contents, writer: Writer, proven: Contents) -> None:
        client = writer.client
        clock = self.known.get(client, 0)
        news = _News(contents.erased)
        if proven.structs:
            self._foresee(contents, client, proven, news)
        for struct in contents.structs:
            if struct.client != client:
                if struct.client not in news.reached:
                    raise Foreign
                continue
            if struct.clock != clock or struct.kind == GAP:
                raise Ahead
            if struct.kind == GONE:
                news.gone.add(client, clock, clock + struct.length)
            else:
                self._check_place(struct, clock, writer, news)
            clock += struct.length
        news.reached[client] = clock
        erased_before = Ranges(proven.erased)
        for owner, start, end in contents.erased:
            if end > self._reach(owner, news):
                raise Ahead
            for span in erased_before.outside(owner, start, end):
                self._check_erased(*span, writer, news)

    def _foresee(self, contents: Contents, client: int, proven: Contents, news: _News) -> None:
        """What others have written, as far as the page's own may stand beside it or in it."""
        known = Ranges((s.client, s.clock, s.clock + s.length) for s in proven.structs)
        ends = {client: self.known.get(client, 0)}
        for struct in contents.structs:
            end = struct.clock + struct.length
            if struct.client != client and not known.covers(struct.client, struct.clock, end):
                raise Foreign
            before = ends.get(struct.client, self.known.get(struct.client, 0))
            if struct.kind == GAP or struct.clock != before:
                raise Ahead
            ends[struct.client] = end
        news.reached = ends
        waiting: dict[Id, list[Struct]] = {}
        places: deque[tuple[Struct, Place]] = deque()
        for struct in contents.structs:
            left, right = struct.left, struct.right
            if any(id and id.clock >= self._reach(id.client, news) for id in (left, right)):
                raise Ahead
            if left is None and right is None and struct.key and struct.parent:
                places.append((struct, (struct.parent, struct.key)))
            elif left is not None and (place := self.entries.get(left)):
                places.append((struct, place))
            elif left is not None:
                waiting.setdefault(left, []).append(struct)
            if struct.client == client:
                continue
            if struct.kind == TYPE:
                news.markers[struct.id] = struct
            elif struct.kind == STRING:
                news.tape.add(struct.client, struct.clock, str(struct.content))
            elif struct.kind == GONE:
                news.gone.add(struct.client, struct.clock, struct.clock + struct.length)
        while places:
            struct, place = places.popleft()
            news.entries.add(struct.id, struct.length, place)
            for id in among(waiting, struct.id, struct.length):
                places += [(follower, place) for follower in waiting.pop(id)]

    def _reach(self, client: int, news: _News) -> int:
        return news.reached.get(client, self.known.get(client, 0))

    def _check_place(
        self,
        struct: Struct,
        clock: int,
        writer: Writer,
        news: _News,
    ) -> None:
        left, right, entries = struct.left, struct.right, news.entries
        for origin in (left, right):
            if origin is not None and origin.clock >= (
                clock if origin.client == writer.client else self._reach(origin.client, news)
            ):
                raise Ahead
        place: Place | None = None
        if left is None and right is None:
            place = self._map_of(struct, clock, writer, news)
        elif left is not None and (found := entries.get(left) or self.entries.get(left)):
            place = found
            if right is not None:
                raise Malformed("a value between two others")
        elif right is not None and (right in entries or right in self.entries):
            raise Malformed("something before the value of a map")
        if place is not None:
            self._check_entry(struct, place, writer, news)
            entries.add(struct.id, struct.length, place)
            return
        if left is None:
            raise Malformed("something before the first block")
        beside = (left,) if right is None else (left, right)
        if any(id in self.gone or id in news.gone for id in beside):
            # Yjs and Yrs do not agree on where that is, and no page says it but of a block that
            # is gone, whose kind it sets.
            if right is not None or struct.kind not in (ANY, ERASED):
                raise Malformed("something beside what is gone")
            news.gone.add(struct.client, clock, clock + struct.length)
            return
        if self._tears(left, news) or (right is not None and self._tears(_before(right), news)):
            raise Malformed("something between the two halves of a character")
        self._check_content(struct, writer)
        if right is not None and struct.kind in (TYPE, ERASED):
            news.rights.add(struct.id, struct.length, right)
        if struct.kind == TYPE:
            news.markers[struct.id] = struct
        elif struct.kind == STRING:
            news.tape.add(struct.client, clock, str(struct.content))

    def _map_of(self, struct: Struct, clock: int, writer: Writer, news: _News) -> Place:
        parent, key = struct.parent, struct.key
        if parent is None or key is None:
            raise Malformed("something beside the letter")
        if isinstance(parent, str):
            if parent != PLACED or writer.seat is None or key != writer.seat:
                raise Malformed("an entry that is not for pages")
            return parent, key
        if parent in news.markers or parent in self.markers:
            return parent, key
        if parent.clock >= (
            clock if parent.client == writer.client else self._reach(parent.client, news)
        ):
            raise Ahead
        if parent not in self.gone and parent not in self.erased:
            raise Malformed("something within what is no block")
        return parent, key

    def _check_entry(
        self,
        struct: Struct,
        place: Place,
        writer: Writer,
        news: "_News",
    ) -> None:
        parent, key = place
        if struct.kind == ERASED and parent != DECIDED and key != _other(writer.seat):
            return
        value = struct.content
        if struct.kind != ANY or not isinstance(value, str):
            raise Malformed("a value of another kind")
        if parent == PLACED:
            if key != writer.seat or not PLACING.fullmatch(value):
                raise Malformed("a placing of somebody else")
        elif isinstance(parent, str):
            raise Malformed("an entry that is not for pages")
        elif key == "k":
            if value not in KINDS:
                raise Malformed("a block of unknown kind")
        elif (named := PROPOSAL.fullmatch(key)) and writer.seat is not None:
            seat = value
            if key.startswith("kind:"):
                told = KIND_PROPOSED.fullmatch(value)
                seat = told[1] if told else ""
            self._check_seat(named[1], seat)
            if key.startswith("del:") and parent == self.first:
                raise Malformed("the first block stays")
            mine = seat == writer.seat and is_of(named[1], writer.client)
            if not mine and not self._brought_back(parent, key, value, news):
                raise Malformed("a suggestion in the other's name")
        else:
            raise Malformed("a key that no block has")

    def _brought_back(self, parent: Id, key: str, value: str, news: "_News") -> bool:
        """Whether this block, or one that was erased and that it takes the place of, had the same:
        an undo puts it there. It may have been undone and done again since the page was last heard
        of."""
        if self.proposals.get(parent, {}).get(key) == value:
            return True
        marker = news.markers.get(parent)
        was = marker.right if marker is not None else None
        while was is not None and (was in self.erased or was in news.erased):
            if self.proposals.get(was, {}).get(key) == value:
                return True
            was = news.rights.get(was)
        return False

    def _check_seat(self, suggestion: str, seat: str) -> None:
        if seat not in SEATS or self.suggested.get(suggestion, seat) != seat:
            raise Malformed("a suggestion of two people")

    def _check_content(self, struct: Struct, writer: Writer) -> None:
        content = struct.content
        if struct.kind == STRING:
            if FORBIDDEN.search(from_units(str(content))):
                raise Malformed("a sign that no letter has")
        elif struct.kind == FORMAT:
            assert isinstance(content, tuple)  # noqa: S101 # the parser's word
            self._check_format(*content, writer)
        elif struct.kind == ANY:
            raise Malformed("a value in the text")
        elif struct.kind not in (TYPE, ERASED):
            raise Malformed("content that no letter has")

    def _check_format(self, key: str, value: str, writer: Writer) -> None:
        if key in MARKS:
            if value not in (TRUE, NULL):
                raise Malformed("emphasis of another value")
            return
        if writer.seat is None:
            raise Malformed("a mark that no personal letter has")
        if NOTE.fullmatch(key):
            if value not in (TRUE, NULL):
                raise Malformed("a note of another value")
        elif named := SUGGESTION.fullmatch(key):
            if value != NULL and (key, value) not in self.marks:
                told = (INSERTED if key.startswith("ins:") else REMOVED).fullmatch(value)
                self._check_seat(named[1], told[1] if told else "")
                if told is None or told[1] != writer.seat or not is_of(named[1], writer.client):
                    raise Malformed("a suggestion in the other's name")
        else:
            raise Malformed("a mark that no letter has")

    def _check_erased(self, owner: int, start: int, end: int, writer: Writer, news: _News) -> None:
        first = self.first
        if first is not None and first.client == owner and start <= first.clock < end:
            raise Malformed("the first block stays")
        for place, ids in self.guarded.items():
            if place != (PLACED, writer.seat):
                self._check_kept(span for span in ids.within(owner, start, end))
        if self._tears(Id(owner, start - 1), news) or self._tears(Id(owner, end - 1), news):
            # A whole pair may be gone at its end already, or half of it never have been one.
            raise Malformed("half of a character")

    def _check_kept(self, spans: Iterable[Span]) -> None:
        """Pages tell of every entry that gave way to a newer one, and take out no other."""
        left = [span for span in spans if not self.erased.covers(*span)]
        if left:
            erased = Ranges(crdt.erased(self.doc))
            if not all(erased.covers(*span) for span in left):
                raise Malformed("an entry that is not for pages")

    def _tears(self, left: Id, news: _News | None = None) -> bool:
        """Whether the place behind this id is in the middle of a character."""
        for tape in (self.tape,) if news is None else (self.tape, news.tape):
            if tape.has_pairs and left.clock >= 0 and "\ud800" <= tape.unit(*left) <= "\udbff":
                return is_second(tape.unit(left.client, left.clock + 1))
        return False

    def may_stretch(self, contents: Contents, writer: Writer) -> bool:
        """Whether an update that was checked sets or takes signs of the other's suggestions. Yjs
        does, around words that are typed between them, and it cannot be seen whether that stretches
        them over words that stood there before; see `decisions.unstretch`."""
        theirs = self.signs.get(_other(writer.seat))
        if writer.seat is None or theirs is None:
            return False
        for struct in contents.structs:
            if struct.kind == FORMAT and isinstance(struct.content, tuple):
                key, value = struct.content
                if key.startswith("ins:") and value[1:4] == _other(writer.seat):
                    return True
        return any(theirs.touches(*span) for span in contents.erased)


def _before(id: Id) -> Id:
    return Id(id.client, id.clock - 1)


def _other(seat: str | None) -> str:
    return "two" if seat == "one" else "one"
