"""Handling a letter's CRDT as what it is on a server: bytes from somebody else.

Three things that Yjs leaves to its host are done here. Updates are weighed before they reach Yrs,
which trusts their structure: one that nests a hundred thousand arrays overflows the stack and ends
the whole process, and blocks of length zero make later, innocent updates fail. What is applied is
applied under guard, because Rust panics arrive as BaseException. And an update whose forerunners
are missing stays *pending* inside Yrs, invisible to `Doc.get_update()`; here it can be told.
"""

import logging
import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

import pycrdt

from letters.wire import NOTHING, Malformed, Reader, uint

type Doc = pycrdt.Doc[Any]
type Span = tuple[int, int, int]

log = logging.getLogger(__name__)

# A node costs more than its bytes: with at most 1 MiB / 200 of them a letter can never be nested
# so deep (about 30,000) that deleting its root overflows the stack.
NODE_WEIGHT = 200
WEIGH_ABOVE = 2**16
MAX_NESTING = 16
MAX_CLOCK = 2**31


class Spoiled(Exception):
    """Yrs failed half-way through an update: the document can no longer be trusted."""


# -- Weighing ------------------------------------------------------------------------------------

# The two updates that typing consists of, told by a pattern in a tenth of the time: one run of
# fewer than 128 bytes of text between or beside known characters, and one range erased.
_ID = rb"[\x80-\xff]{0,7}[\x00-\x7f][\x80-\xff]{0,3}[\x00-\x7f]"
_LENGTH = rb"[\x80-\xff]{0,3}[\x01-\x7f]"
_TYPED = re.compile(
    rb"\x01\x01" + _ID + rb"(?:[\x84\x44]" + _ID + rb"|\xc4" + _ID + _ID + rb")"
    rb"([\x01-\x7f])(.*)\x00",
    re.DOTALL,
)
_ERASED = re.compile(
    rb"\x00\x01[\x80-\xff]{0,7}[\x00-\x7f]\x01[\x80-\xff]{0,3}[\x00-\x7f]" + _LENGTH
)
# What most of a whole letter consists of: text, and traces of text, beside known characters.
_RUN = re.compile(
    rb"(?:[\x84\x44\x81\x41]" + _ID + rb"|[\xc4\xc1]" + _ID + _ID + rb")(" + _LENGTH + rb")"
)


def weigh(update: bytes) -> int:
    """What an update adds to a letter, in bytes; Malformed when Yrs should not see it."""
    typed = _TYPED.fullmatch(update)
    if typed is not None and len(typed[2]) == typed[1][0]:
        return len(update)
    if _ERASED.fullmatch(update) is not None:
        return len(update)
    scales = Scales(update)
    try:
        nodes = scales.structs()
        for _ in scales.spans():
            pass
    except IndexError:
        raise Malformed("the update is cut short") from None
    if not scales.ended:
        raise Malformed("the update goes on after its end")
    return len(update) + NODE_WEIGHT * nodes


def weight_of(doc: Doc) -> int:
    """What a whole document weighs; where it is small, its nodes are not worth counting."""
    whole = doc.get_update()
    return weight(whole) if len(whole) > WEIGH_ABOVE else len(whole)


def weight(update: bytes) -> int:
    """What something weighs that is applied already."""
    try:
        return weigh(update)
    except Malformed:
        return len(update)


class Scales(Reader):
    """Walks an update in Yjs's first encoding and counts its nodes."""

    __slots__ = ()

    def structs(self) -> int:
        nodes = 0
        for _ in range(self.uint()):
            count, _client, clock = self.uint(), self.uint(), self.uint()
            for _ in range(count):
                run = _RUN.match(self.data, self.at)
                if run is not None:
                    clock += self.run(run)
                    continue
                info = self.byte()
                kind = info & 31
                if kind in (0, 10):  # collected garbage, or a gap
                    clock += self.length()
                    continue
                for side in (128, 64):
                    if info & side:
                        self.id()
                if not info & (128 | 64):
                    self.parent(named_key=bool(info & 32))
                clock += self.length() if kind == 1 else 1
                nodes += kind == 7
                self.content(kind)
            if clock > MAX_CLOCK:
                raise Malformed("a clock from the far future")
        return nodes

    def run(self, run: re.Match[bytes]) -> int:
        """Pass over text, or the trace of text; how far it takes the clock at most."""
        kind = self.data[self.at] & 31
        self.at = run.start(1)
        length = self.length()
        if kind == 4:
            self.skip(length)
        return length

    def spans(self) -> Iterator[Span]:
        """The erased ranges at the end of an update: client, first clock, clock after the last."""
        for _ in range(self.uint()):
            client = self.uint()
            for _ in range(self.uint()):
                start = self.uint()
                yield client, start, start + self.length()

    def id(self) -> None:
        self.uint()
        self.uint()

    def parent(self, named_key: bool) -> None:
        if self.uint() == 1:
            self.bytes()
        else:
            self.id()
        if named_key:
            self.bytes()

    def length(self) -> int:
        length = self.uint()
        if not 0 < length < MAX_CLOCK:
            raise Malformed("a block of impossible length")
        return length

    def content(self, kind: int) -> None:
        match kind:
            case 1:  # deleted; its length is read already
                pass
            case 2:  # JSON
                for _ in range(self.length()):
                    self.bytes()
            case 3 | 5:  # binary, embed
                self.bytes()
            case 4:  # text
                self.skip(self.length())
            case 6:  # a mark
                self.bytes()
                self.bytes()
            case 7:  # a node
                node = self.uint()
                if node in (3, 5):
                    self.bytes()
                elif node > 6:
                    raise Malformed("a node of unknown type")
            case 8:  # values
                for _ in range(self.length()):
                    self.value(0)
            case _:  # sub-documents, moves, and what is still to be invented
                raise Malformed("content that no letter has")

    def value(self, depth: int) -> None:
        match self.byte():
            case 127 | 126 | 121 | 120:  # undefined, null, false, true
                pass
            case 125:
                self.uint()
            case 124:
                self.skip(4)
            case 123 | 122:
                self.skip(8)
            case 119 | 116:  # string, bytes
                self.bytes()
            case 118 | 117 as kind if depth < MAX_NESTING:  # object, array
                for _ in range(self.uint()):
                    if kind == 118:
                        self.bytes()
                    self.value(depth + 1)
            case _:
                raise Malformed("a value of unknown type, or nested too deep")


def is_all_by(update: bytes, client: bytes) -> bool:
    """Whether all that an update inserts is by this client, given as Yjs writes its number. An
    honest page writes one client, and numbers in the shortest way."""
    at = 1
    if update[0] == 1:
        while update[at] > 127:
            at += 1
        return update.startswith(client, at + 1)
    return update[0] == 0


# -- Applying ------------------------------------------------------------------------------------


def apply(doc: Doc, update: bytes) -> None:
    """Apply an update. Malformed leaves the document as it was, Spoiled does not."""
    try:
        doc.apply_update(update)
    except (KeyboardInterrupt, SystemExit):
        raise
    except ValueError as error:
        raise Malformed(str(error)) from None
    except BaseException as error:  # a panic in Rust is not an Exception
        raise Spoiled(f"{type(error).__name__}: {error}") from None


def assemble(updates: Iterable[bytes]) -> tuple[Doc, dict[int, bytes]]:
    """A document from its updates in their order; and those of them, by their place, that fit in.

    An update that fails may be the victim of one before it that lies pending; so those are left
    out first, and the update itself only if it fails without them, too.
    """
    kept = dict(enumerate(updates))
    given = len(kept)
    while True:
        doc: Doc = pycrdt.Doc()
        failed = _apply_all(doc, kept)
        if failed is None:
            break
        before = {place: update for place, update in kept.items() if place < failed}
        doc = pycrdt.Doc()
        _apply_all(doc, before)
        suspects = pending(doc, before)
        rest = {place: update for place, update in before.items() if place not in suspects}
        if not suspects or _apply_all(pycrdt.Doc(), {**rest, failed: kept[failed]}) is not None:
            suspects = {failed: kept[failed]}
        for place in suspects:
            del kept[place]
    if len(kept) < given:
        log.warning("Left %d updates out of a letter: they do not fit in.", given - len(kept))
    return doc, kept


def _apply_all(doc: Doc, updates: dict[int, bytes]) -> int | None:
    """Apply updates, dropping malformed ones; the place of the first that spoils the document."""
    for place, update in list(updates.items()):
        try:
            apply(doc, update)
        except Malformed:
            del updates[place]
        except Spoiled:
            return place
    return None


def missing(doc: Doc, vector: bytes) -> bytes:
    """What the document has beyond a state vector. Raises Malformed."""
    try:
        return doc.get_update(vector)
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:
        raise Malformed(str(error)) from None


def adds_nothing(doc: Doc, update: bytes) -> bool:
    """Whether the document knows everything that a (weighed) update inserts and erases."""
    vector = doc.get_state()
    rest = beyond(update, vector)
    if rest[0] != 0:
        return False
    mine = doc.get_update(vector)
    if rest in (NOTHING, mine):
        return True
    erased: defaultdict[int, list[tuple[int, int]]] = defaultdict(list)
    for client, start, end in Scales(mine, 1).spans():
        erased[client].append((start, end))
    for spans in erased.values():
        spans.sort()

    def known(client: int, start: int, end: int) -> bool:
        spans = erased[client]
        place = bisect_right(spans, (start, MAX_CLOCK)) - 1
        return place >= 0 and end <= spans[place][1]

    return all(known(*span) for span in Scales(rest, 1).spans())


def beyond(update: bytes, vector: bytes) -> bytes:
    """What an update inserts beyond a state vector, and all that it erases. Raises Malformed."""
    try:
        return pycrdt.get_update(update, vector)
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:
        raise Malformed(str(error)) from None


# -- Pending -------------------------------------------------------------------------------------


def pending(doc: Doc, updates: dict[int, bytes]) -> dict[int, bytes]:
    """Those of the applied updates that the document has not taken in (all of), because something
    that came before them is missing."""
    vector = doc.get_state()
    known: dict[int, int] | None = None
    found = {}
    for place, update in updates.items():
        rest = beyond(update, vector)
        if rest == NOTHING:
            continue
        if rest[0] == 0:
            known = state(vector) if known is None else known
            if all(end <= known.get(client, 0) for client, _, end in Scales(rest, 1).spans()):
                continue
        found[place] = update
    return found


def merge(updates: list[bytes]) -> list[bytes]:
    """The same updates as one, which keeps what lies pending; or as they are, if that fails."""
    try:
        return [pycrdt.merge_updates(*updates)]
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException:
        return updates


def state(vector: bytes) -> dict[int, int]:
    """A state vector: how far each client's edits are known."""
    reader = Reader(vector)
    return {reader.uint(): reader.uint() for _ in range(reader.uint())}


# -- Keeping -------------------------------------------------------------------------------------


def pack(updates: list[bytes]) -> bytes:
    """Several updates, byte for byte, as the content of one row."""
    return b"".join(part for update in updates for part in (uint(len(update)), update))


def unpack(data: bytes) -> Iterator[bytes]:
    reader = Reader(data)
    while not reader.ended:
        yield reader.bytes()
