"""What an update inserts and erases, struct by struct; and where in a document each of them lies.

Yjs gives everything that is written an id: the client that wrote it, and a clock that counts on by
one for each UTF-16 unit of text. pycrdt does not tell the ids of a text. So a twin of the document
is made in which every inserted string is replaced by as many signs that stand for it: the twin has
the same structs in the same places, and what it says is where they are.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any, NamedTuple

import pycrdt

from letters import crdt, document
from letters.wire import Malformed, uint

# Signs of one UTF-16 unit each that no text is tempted to treat in a special way.
FIRST_SIGN, SIGNS = 0x3400, 0xA000


class Id(NamedTuple):
    client: int
    clock: int


class Text(NamedTuple):
    """An inserted string, in UTF-16 units; `right` was its neighbour then, perhaps an erased one.
    `start` and `end` say where it lies in the update, its length included."""

    client: int
    clock: int
    units: str
    right: Id | None
    start: int
    end: int


class Node(NamedTuple):
    client: int
    clock: int
    right: Id | None


class Contents(NamedTuple):
    texts: list[Text]
    nodes: list[Node]
    # What is inserted at all, and what is erased: client, first clock, clock after the last.
    inserted: list[crdt.Span]
    erased: list[crdt.Span]


def contents(update: bytes) -> Contents:
    """Raises Malformed for what `crdt.weigh` would refuse."""
    try:
        return _Walk(update).contents()
    except IndexError:
        raise Malformed("the update is cut short") from None


class _Walk(crdt.Scales):
    __slots__ = ()

    def contents(self) -> Contents:
        found = Contents([], [], [], [])
        for _ in range(self.uint()):
            count, client, clock = self.uint(), self.uint(), self.uint()
            for _ in range(count):
                kind, length = self.struct(client, clock, found)
                if kind != 10:
                    found.inserted.append((client, clock, clock + length))
                clock += length
        found.erased.extend(self.spans())
        return found

    def struct(self, client: int, clock: int, found: Contents) -> tuple[int, int]:
        """Pass over one struct; its kind and its length."""
        info = self.byte()
        kind = info & 31
        if kind in (0, 10):
            return kind, self.length()
        right = None
        if info & 128:
            self.id()
        if info & 64:
            right = Id(self.uint(), self.uint())
        if not info & (128 | 64):
            self.parent(named_key=bool(info & 32))
        start = self.at
        match kind:
            case 1:
                return kind, self.length()
            case 4:
                length = self.length()
                first = self.at
                self.skip(length)
                text = to_units(self.data[first : self.at].decode("utf-8", "replace"))
                found.texts.append(Text(client, clock, text, right, start, self.at))
                return kind, len(text)
            case 2 | 8:
                length = self.length()
                self.at = start
                self.content(kind)
                return kind, length
            case 7:
                found.nodes.append(Node(client, clock, right))
        self.content(kind)
        return kind, 1


def to_units(text: str) -> str:
    """The text with each character beyond the first plane as its two surrogates."""
    if text.isascii() or max(text, default="") <= "\uffff":
        return text
    return "".join(map(chr, memoryview(text.encode("utf-16-le", "surrogatepass")).cast("H")))


def from_units(units: str) -> str:
    if units.isascii():
        return units
    return units.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


# -- Where it lies -------------------------------------------------------------------------------


class Piece(NamedTuple):
    """A stretch of a text, and the ids that it has."""

    client: int
    clock: int
    units: str


def leaves(node: Any, depth: int = 0) -> Iterator[Any]:
    """The texts and the line breaks in a node, in their order."""
    if isinstance(node, pycrdt.XmlText) or node.tag == document.BREAK:
        yield node
    elif depth < document.MAX_DEPTH:
        for child in document.parts(node.children.__iter__):
            yield from leaves(child, depth + 1)


def lines(doc: crdt.Doc) -> list[list[Any]]:
    """The same for each block of the letter."""
    root = doc.get(document.ROOT, type=pycrdt.XmlFragment)
    return [list(leaves(child)) for child in document.parts(root.children.__iter__)]


def blocks(doc: crdt.Doc) -> Iterator[list[Piece]]:
    """What each block consists of. A line break has no id that matters."""
    strands = iter(pieces(doc))
    for line in lines(doc):
        yield [
            piece
            for leaf in line
            for piece in (
                next(strands) if isinstance(leaf, pycrdt.XmlText) else [Piece(0, 0, "\n")]
            )
        ]


def pieces(doc: crdt.Doc) -> list[list[Piece]]:
    """For each text of the document, in their order, what it consists of."""
    update = doc.get_update()
    written = contents(update).texts
    passes = [_said([n % SIGNS for n in range(len(written))], written, update)]
    if len(written) > SIGNS:
        passes.append(_said([n // SIGNS for n in range(len(written))], written, update))
    passed = [0] * len(written)
    found = []
    for signs in zip(*passes, strict=True):
        strand = []
        for sign, group in groupby(zip(*signs, strict=True)):
            number = sum((ord(one) - FIRST_SIGN) * SIGNS**power for power, one in enumerate(sign))
            length = sum(1 for _ in group)
            text, at = written[number], passed[number]
            passed[number] += length
            strand.append(Piece(text.client, text.clock + at, text.units[at : at + length]))
        found.append(strand)
    return found


def _said(numbers: list[int], written: list[Text], update: bytes) -> list[str]:
    """What each text of the twin says, in which each string is the sign of its number."""
    twin: crdt.Doc = pycrdt.Doc()
    copied = 0
    parts: list[bytes] = []
    for number, text in zip(numbers, written, strict=True):
        signs = (chr(FIRST_SIGN + number) * len(text.units)).encode()
        parts += (update[copied : text.start], uint(len(signs)), signs)
        copied = text.end
    parts.append(update[copied:])
    crdt.apply(twin, b"".join(parts))
    return list(_texts(twin))


def _texts(twin: crdt.Doc) -> Iterator[str]:
    with twin.transaction():
        for line in lines(twin):
            for text in line:
                if isinstance(text, pycrdt.XmlText):
                    spoken = (part for part, _ in document.parts(text.diff))
                    yield "".join(part for part in spoken if isinstance(part, str))


class Twins:
    """A pair of twins that goes along with a log, update by update: in the one each unit of a
    text is the sign of its clock, in the other that of its client. So to look something up costs
    what there is to read in the letter, and no walk through all of its structs."""

    def __init__(self) -> None:
        self.clocks: crdt.Doc = pycrdt.Doc()
        self.clients: crdt.Doc = pycrdt.Doc()
        # There are more clocks than signs: whose clocks, and which turn of the signs.
        self.turns: list[tuple[int, int]] = []
        self.numbers: dict[tuple[int, int], int] = {}

    def apply(self, update: bytes, texts: Sequence[Text]) -> None:
        """`texts` are what the update inserts."""
        for doc, signs in ((self.clocks, self._clock_signs), (self.clients, self._client_signs)):
            copied = 0
            parts: list[bytes] = []
            for text in texts:
                said = signs(text).encode()
                parts += (update[copied : text.start], uint(len(said)), said)
                copied = text.end
            parts.append(update[copied:])
            crdt.apply(doc, b"".join(parts))

    def _clock_signs(self, text: Text) -> str:
        start, length = text.clock % SIGNS, len(text.units)
        return (_ALL_SIGNS * (1 + (start + length) // SIGNS))[start : start + length]

    def _client_signs(self, text: Text) -> str:
        signs = ""
        while len(signs) < len(text.units):
            turn, passed = divmod(text.clock + len(signs), SIGNS)
            number = self.numbers.setdefault((text.client, turn), len(self.numbers))
            if number == len(self.turns):
                self.turns.append((text.client, turn))
            signs += chr(FIRST_SIGN + number % SIGNS) * min(
                SIGNS - passed, len(text.units) - len(signs)
            )
        return signs

    def standing(self, wanted: Mapping[int, Sequence[tuple[int, int]]]) -> Iterator[crdt.Span]:
        """Those of the wanted ids that stand in the letter, in the order in which they do; and
        perhaps some others, which have the same signs."""
        turns = {
            chr(FIRST_SIGN + self.numbers[client, turn] % SIGNS)
            for client, spans in wanted.items()
            for start, end in spans
            for turn in range(start // SIGNS, (end - 1) // SIGNS + 1)
            if (client, turn) in self.numbers
        }
        ranges = "".join(_ranges(spans) for spans in wanted.values())
        if not turns or not ranges:
            return
        pattern = re.compile(f"[{ranges}]+")
        for clocks, clients in zip(_texts(self.clocks), _texts(self.clients), strict=True):
            if turns.isdisjoint(clients):
                continue
            for found in pattern.finditer(clocks):
                yield from self._runs(clocks, clients, *found.span())

    def _runs(self, clocks: str, clients: str, at: int, end: int) -> Iterator[crdt.Span]:
        while at < end:
            run = at + 1
            while run < end and clients[run] == clients[at]:
                if ord(clocks[run]) != ord(clocks[run - 1]) + 1:
                    break
                run += 1
            client, turn = self.turns[ord(clients[at]) - FIRST_SIGN]
            clock = turn * SIGNS + ord(clocks[at]) - FIRST_SIGN
            yield client, clock, clock + run - at
            at = run


_ALL_SIGNS = "".join(map(chr, range(FIRST_SIGN, FIRST_SIGN + SIGNS)))


def _ranges(spans: Sequence[tuple[int, int]]) -> str:
    """The signs of these clocks, for a pattern."""
    parts = []
    for start, end in spans:
        first, last = start % SIGNS, start % SIGNS + min(end - start, SIGNS) - 1
        for low, high in ((first, min(last, SIGNS - 1)), (0, last - SIGNS)):
            if low <= high:
                parts.append(f"{chr(FIRST_SIGN + low)}-{chr(FIRST_SIGN + high)}")
    return "".join(parts)
