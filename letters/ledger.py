"""Finding the author of text that was made anew by the hand of somebody else.

Whoever splits a paragraph, joins two, makes a paragraph a line, moves words or takes an erasure
back, has their page insert text that another person wrote. So the log is gone through in its order:
text that is inserted where the same text was erased keeps the authors of that.

Nothing of this lies on the way of a keystroke: it is done where the log is folded, and when
somebody asks.
"""

import logging
from bisect import bisect_right, insort
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from difflib import SequenceMatcher
from typing import NamedTuple
from uuid import UUID

import pycrdt

from letters import crdt, structs
from letters.structs import Piece
from letters.wire import Malformed

log = logging.getLogger(__name__)

# As many units of a text are no coincidence: moved with other text, and through the clipboard.
SURE, SURE_ALONE = 4, 16
# Up to here (one length times the other) two texts are compared letter by letter.
COMPARABLE = 2**20


class Range(NamedTuple):
    clock: int
    end: int
    person_id: UUID | None


class Ledger:
    """Who wrote which ids: by default whoever's client it is. `news` are the ranges told since
    they were last written down: client, clock, length, person."""

    def __init__(self, owners: dict[int, UUID]) -> None:
        self.owners = owners
        self.news: list[tuple[int, int, int, UUID | None]] = []
        self._ranges: defaultdict[int, list[Range]] = defaultdict(list)

    def split(self, client: int, clock: int, length: int) -> Iterator[tuple[int, UUID | None]]:
        """How many of these ids each author wrote, in their order."""
        owner, ranges = self.owners.get(client), self._ranges.get(client)
        end = clock + length
        if ranges:
            for known in ranges[max(bisect_right(ranges, clock, key=_clock) - 1, 0) :]:
                if known.clock >= end:
                    break
                if known.end <= clock:
                    continue
                if known.clock > clock:
                    yield known.clock - clock, owner
                    clock = known.clock
                until = min(known.end, end)
                yield until - clock, known.person_id
                clock = until
        if clock < end:
            yield end - clock, owner

    def ranges(self) -> Iterator[tuple[int, int, int, UUID | None]]:
        for client, ranges in self._ranges.items():
            for clock, end, person_id in ranges:
                yield client, clock, end - clock, person_id

    def add(self, client: int, clock: int, length: int, person_id: UUID | None) -> None:
        """Tell the author of a range. What was told of it before stays."""
        ranges = self._ranges[client]
        end = clock + length
        for known in ranges[max(bisect_right(ranges, clock, key=_clock) - 1, 0) :]:
            if known.clock >= end:
                break
            if known.clock > clock:
                self._insert(client, clock, known.clock, person_id)
            clock = max(clock, known.end)
        if clock < end:
            self._insert(client, clock, end, person_id)

    def tell(self, client: int, clock: int, length: int, person_id: UUID | None) -> None:
        """The same, where it needs telling."""
        if self.owners.get(client) != person_id or client not in self.owners:
            self.add(client, clock, length, person_id)

    def _insert(self, client: int, clock: int, end: int, person_id: UUID | None) -> None:
        insort(self._ranges[client], Range(clock, end, person_id), key=_clock)
        last = self.news[-1] if self.news else None
        if last and (last[0], last[1] + last[2], last[3]) == (client, clock, person_id):
            self.news[-1] = (client, last[1], end - last[1], person_id)
        else:
            self.news.append((client, clock, end - clock, person_id))


def _clock(known: Range) -> int:
    return known.clock


def replay(known: Ledger, updates: Sequence[bytes]) -> None:
    """Go through a log, whose first update is the snapshot it begins with."""
    try:
        if len(updates) > 1:
            _Replay(known, updates).run()
    except (crdt.Spoiled, Malformed) as error:
        # What a text says matters more than whose it is.
        log.warning("A letter's authors are known in part only: %s", error)


class _Tape:
    """All text that one client inserted, as far as the log still has it."""

    def __init__(self) -> None:
        self.clocks: list[int] = []
        self.texts: list[str] = []

    def add(self, clock: int, units: str) -> None:
        if not self.clocks or clock > self.clocks[-1]:
            self.clocks.append(clock)
            self.texts.append(units)
        else:
            place = bisect_right(self.clocks, clock)
            self.clocks.insert(place, clock)
            self.texts.insert(place, units)

    def has(self, clock: int) -> bool:
        place = bisect_right(self.clocks, clock) - 1
        return place >= 0 and clock < self.clocks[place] + len(self.texts[place])

    def pieces(self, clock: int, end: int) -> Iterator[tuple[int, str]]:
        """The texts between two clocks, joined where they follow each other."""
        joined, start = "", 0
        for place in range(max(bisect_right(self.clocks, clock) - 1, 0), len(self.clocks)):
            first, units = self.clocks[place], self.texts[place]
            if first >= end:
                break
            units = units[max(clock - first, 0) : end - first]
            if not units:
                continue
            first = max(first, clock)
            if joined and start + len(joined) == first:
                joined += units
                continue
            if joined:
                yield start, joined
            joined, start = units, first
        if joined:
            yield start, joined


class _Replay:
    def __init__(self, known: Ledger, updates: Sequence[bytes]) -> None:
        self.known = known
        self.updates = updates
        # What the snapshot says is looked at when it is needed: never, while people only type.
        self.begun = crdt.state(pycrdt.get_state(updates[0]))
        self._tapes: defaultdict[int, _Tape] | None = None
        self.typed: list[structs.Text] = []
        self.reached: dict[int, int] = {}
        self.erased: defaultdict[int, list[tuple[int, int, int]]] = defaultdict(list)
        self.erasures: list[list[crdt.Span]] = []
        # Twins of the letter before the update that is looked at; brought there when needed.
        self.twins = structs.Twins()
        self.applied = 0

    def run(self) -> None:
        for place, update in enumerate(self.updates[1:], start=1):
            contents = structs.contents(update)
            news = [text for text in contents.texts if not self.has(text)]
            if news:
                if contents.erased:
                    self.moved(place, contents.erased, news)
                else:
                    self.returned(news, contents.nodes)
            for text in news:
                self.add(text)
            if contents.erased:
                self.erase(contents.erased)

    def has(self, text: structs.Text) -> bool:
        if text.clock < self.begun.get(text.client, 0):
            return True
        if text.clock >= self.reached.get(text.client, 0):
            return False
        return self.tapes[text.client].has(text.clock)

    def add(self, text: structs.Text) -> None:
        end = text.clock + len(text.units)
        self.reached[text.client] = max(end, self.reached.get(text.client, 0))
        if self._tapes is None:
            self.typed.append(text)
        else:
            self._tapes[text.client].add(text.clock, text.units)

    @property
    def tapes(self) -> defaultdict[int, _Tape]:
        if self._tapes is None:
            self._tapes = defaultdict(_Tape)
            for text in (*structs.contents(self.updates[0]).texts, *self.typed):
                self._tapes[text.client].add(text.clock, text.units)
        return self._tapes

    def erase(self, spans: list[crdt.Span]) -> None:
        for client, clock, end in spans:
            insort(self.erased[client], (clock, end, len(self.erasures)))
        self.erasures.append(spans)

    # -- Erased and inserted in one --------------------------------------------------------------

    def moved(self, place: int, spans: list[crdt.Span], news: list[structs.Text]) -> None:
        source = self.on_tape(spans)
        mine = {self.known.owners.get(text.client) for text in news}
        if len(mine) == 1 and mine.issuperset(self.authors(source)):
            return
        if len(source) > 1:
            source = self.in_order(place, source)
        self.match(news, source)

    def on_tape(self, spans: Iterable[crdt.Span]) -> list[Piece]:
        """What is known of the text in these spans, by its ids."""
        return [
            Piece(client, first, units)
            for client, clock, end in sorted(spans)
            if client in self.tapes
            for first, units in self.tapes[client].pieces(clock, end)
        ]

    def authors(self, source: list[Piece]) -> Iterator[UUID | None]:
        for piece in source:
            for _, person_id in self.known.split(piece.client, piece.clock, len(piece.units)):
                yield person_id

    def in_order(self, place: int, source: list[Piece]) -> list[Piece]:
        """The same text as it stood in the letter; behind it what stands there no longer."""
        while self.applied < place:
            update = self.updates[self.applied]
            self.twins.apply(update, structs.contents(update).texts)
            self.applied += 1
        wanted: defaultdict[int, list[tuple[int, int]]] = defaultdict(list)
        for piece in source:
            wanted[piece.client].append((piece.clock, piece.clock + len(piece.units)))
        standing: list[Piece] = []
        for client, clock, end in self.twins.standing(wanted):
            for first, units in self.tapes[client].pieces(clock, end):
                standing += _overlaps(Piece(client, first, units), wanted[client])
        covered: defaultdict[int, list[tuple[int, int]]] = defaultdict(list)
        for piece in standing:
            covered[piece.client].append((piece.clock, piece.clock + len(piece.units)))
        for spans in covered.values():
            spans.sort()
        rest = [left for piece in source for left in _outside(piece, covered[piece.client])]
        return standing + rest

    # -- Inserted after it was erased ------------------------------------------------------------

    def returned(self, news: list[structs.Text], nodes: list[structs.Node]) -> None:
        if not self.erasures or sum(len(text.units) for text in news) < 2:
            return
        left = [text for text in news if not self.undone(text)]
        if not left:
            return
        # An undone erasure puts a new node before the erased one.
        touched = {
            number
            for node in nodes
            if node.right and (number := self.erasure(*node.right)) is not None
        }
        if touched:
            spans = [span for number in touched for span in self.erasures[number]]
            self.match(left, self.on_tape(spans), sure=1)
            return
        for text in left:
            if len(text.units) >= SURE_ALONE:
                self.pasted(text)

    def undone(self, text: structs.Text) -> bool:
        """Whether this is an erased text again, which undoing puts before the erased one."""
        if text.right is None or self.erasure(*text.right) is None:
            return False
        client, clock = text.right
        for first, units in self.tapes[client].pieces(clock, clock + len(text.units)):
            if (first, units) == (clock, text.units):
                self.attribute(text, 0, Piece(client, clock, units))
                return True
        return False

    def erasure(self, client: int, clock: int) -> int | None:
        """The number of the update that erased this."""
        spans = self.erased.get(client, [])
        place = bisect_right(spans, (clock, crdt.MAX_CLOCK, 0)) - 1
        return spans[place][2] if place >= 0 and clock < spans[place][1] else None

    def pasted(self, text: structs.Text) -> None:
        """Find a long text among all that was erased."""
        for client, spans in self.erased.items():
            for piece in self.on_tape(_merged(client, spans)):
                at = piece.units.find(text.units)
                if at >= 0:
                    clock = piece.clock + at
                    self.attribute(text, 0, Piece(client, clock, text.units))
                    return

    # -- Matching --------------------------------------------------------------------------------

    def match(self, news: list[structs.Text], source: list[Piece], sure: int = SURE) -> None:
        """Give inserted texts the authors of the same text in the source."""
        whole = "".join(piece.units for piece in source)
        inserted = "".join(text.units for text in news)
        if whole.endswith(inserted) or whole.startswith(inserted):
            at = len(whole) - len(inserted) if whole.endswith(inserted) else 0
            for text in news:
                self.copy(text, 0, source, at, len(text.units))
                at += len(text.units)
            return
        cursor = 0
        for text in news:
            at = whole.find(text.units, cursor)
            if at < 0:
                at = whole.find(text.units)
            if at >= 0 and len(text.units) >= sure:
                self.copy(text, 0, source, at, len(text.units))
                cursor = at + len(text.units)
            elif at < 0 and len(text.units) * len(whole) <= COMPARABLE:
                matcher = SequenceMatcher(None, text.units, whole, autojunk=False)
                for block in matcher.get_matching_blocks():
                    if block.size >= SURE:
                        self.copy(text, block.a, source, block.b, block.size)

    def copy(
        self, text: structs.Text, offset: int, source: list[Piece], at: int, length: int
    ) -> None:
        """`length` units of the text from `offset` are those of the source from `at`."""
        for piece in source:
            if at < len(piece.units):
                taken = piece.units[at : at + length]
                self.attribute(text, offset, piece._replace(clock=piece.clock + at, units=taken))
                offset += len(taken)
                length -= len(taken)
                if length == 0:
                    return
            at = max(at - len(piece.units), 0)

    def attribute(self, text: structs.Text, offset: int, piece: Piece) -> None:
        clock = text.clock + offset
        for length, person_id in self.known.split(piece.client, piece.clock, len(piece.units)):
            self.known.tell(text.client, clock, length, person_id)
            clock += length


def _overlaps(piece: Piece, spans: list[tuple[int, int]]) -> Iterator[Piece]:
    """The parts of a piece that lie in one of these spans, which are sorted and apart."""
    end = piece.clock + len(piece.units)
    place = max(bisect_right(spans, (piece.clock, crdt.MAX_CLOCK)) - 1, 0)
    while place < len(spans) and spans[place][0] < end:
        first, last = max(spans[place][0], piece.clock), min(spans[place][1], end)
        if first < last:
            units = piece.units[first - piece.clock : last - piece.clock]
            yield Piece(piece.client, first, units)
        place += 1


def _outside(piece: Piece, spans: list[tuple[int, int]]) -> Iterator[Piece]:
    """The parts of a piece that lie in none of them."""
    clock, end = piece.clock, piece.clock + len(piece.units)
    for inside in _overlaps(piece, spans):
        if clock < inside.clock:
            units = piece.units[clock - piece.clock : inside.clock - piece.clock]
            yield Piece(piece.client, clock, units)
        clock = inside.clock + len(inside.units)
    if clock < end:
        yield Piece(piece.client, clock, piece.units[clock - piece.clock :])


def _merged(client: int, spans: list[tuple[int, int, int]]) -> list[crdt.Span]:
    merged: list[crdt.Span] = []
    for start, end, _ in spans:
        if merged and merged[-1][2] >= start:
            merged[-1] = (client, merged[-1][1], max(merged[-1][2], end))
        else:
            merged.append((client, start, end))
    return merged
