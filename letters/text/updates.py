"""Yjs updates (first encoding), read without trusting them and written by hand.

An update is, for each client, a row of *structs*, one after the other in the order of its clock,
and then the ranges of ids that are erased. A struct names its neighbours at the time (its
*origins*) and takes its place beside them; one that has none names its parent instead. Source: the
encoders in yjs/src/utils/UpdateEncoder.js and src/structs/.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from letters.text.ids import Id, Span
from letters.text.lib0 import NOTHING, Malformed, Reader, uint

# The kinds of struct that a letter has; Yjs knows some more.
GONE, ERASED, STRING, FORMAT, TYPE, ANY, GAP = 0, 1, 4, 6, 7, 8, 10
MAP = 1  # the reference of a Y.Map among types
MAX_CLOCK = 2**31
TRUE, NULL = "true", "null"


class Struct(NamedTuple):
    """`length` counts ids. Of `content`: STRING has its UTF-16 units, FORMAT its key and its value
    as JSON, TYPE its reference, ANY its one string; None for anything else. `start` and `end` say
    where the string of these two lies in the update, its length included."""

    kind: int
    client: int
    clock: int
    length: int
    left: Id | None = None
    right: Id | None = None
    parent: str | Id | None = None
    key: str | None = None
    content: str | tuple[str, str] | int | None = None
    start: int = 0
    end: int = 0

    @property
    def id(self) -> Id:
        return Id(self.client, self.clock)


class Contents(NamedTuple):
    structs: list[Struct]
    erased: list[Span]

    @property
    def texts(self) -> list[Struct]:
        return [struct for struct in self.structs if struct.kind == STRING]


def parse(update: bytes) -> Contents:
    """Raises Malformed for what no letter consists of: another kind of struct, another type than a
    map, a value that is no single string, invalid UTF-8, anything behind the end."""
    reader = _Parser(update)
    try:
        found = Contents(list(reader.structs()), list(reader.spans()))
    except IndexError:
        raise Malformed("the update is cut short") from None
    if not reader.ended:
        raise Malformed("the update goes on after its end")
    return found


def sections(update: bytes, wanted: Callable[[int], bool]) -> bytes:
    """What an update inserts under the client ids that are wanted, and all that it erases. Raises
    Malformed."""
    reader = _Parser(update)
    kept: list[bytes] = []
    try:
        for _ in range(reader.uint()):
            start = reader.at
            count, client, clock = reader.uint(), reader.uint(), reader.uint()
            for _ in range(count):
                clock += sum(struct.length for struct in reader.parts(client, clock))
            if wanted(client):
                kept.append(update[start : reader.at])
    except IndexError:
        raise Malformed("the update is cut short") from None
    return b"".join((uint(len(kept)), *kept, update[reader.at :]))


class _Parser(Reader):
    __slots__ = ("more",)

    def __init__(self, data: bytes) -> None:
        super().__init__(data)
        # Values of the last struct that have not been read.
        self.more = 0

    def structs(self) -> Iterator[Struct]:
        clients: set[int] = set()
        for _ in range(self.uint()):
            count, client, clock = self.uint(), self.uint(), self.uint()
            if client in clients:
                raise Malformed("a client in two places")  # of which Yjs reads the last
            clients.add(client)
            for _ in range(count):
                words = self.words(client, clock)
                for struct in self.parts(client, clock) if words is None else (words,):
                    clock += struct.length
                    if clock > MAX_CLOCK:
                        raise Malformed("a clock from the far future")
                    yield struct

    def parts(self, client: int, clock: int) -> Iterator[Struct]:
        """One struct; or several values of one key, one after the other. Yjs writes these as one
        once all of them are erased."""
        struct = self.struct(client, clock)
        yield struct
        while self.more:
            self.more -= 1
            clock += 1
            start, content = self.value()
            left = Id(client, clock - 1)
            yield Struct(
                *(ANY, client, clock, 1, left, struct.right, None, None, content, start, self.at)
            )

    def words(self, client: int, clock: int) -> Struct | None:
        """Text with a neighbour, which is most of a letter; None for anything else. The same as
        `struct`, in half the time."""
        found = _WORDS.match(self.data, self.at)
        if found is None:
            return None
        start = found.end()
        length = self.data[start - 1]
        end = start + length
        text = self.data[start:end]
        # Longer texts and those that are not of one byte each are left to `struct`.
        if not text.isascii() or len(text) < length:
            return None
        _, left, left_clock, right, right_clock = found.groups()
        self.at = end
        return Struct(
            STRING,
            client,
            clock,
            length,
            Id(_number(left), _number(left_clock)),
            Id(_number(right), _number(right_clock)) if right else None,
            None,
            None,
            text.decode("ascii"),
            start - 1,
            end,
        )

    def struct(self, client: int, clock: int) -> Struct:
        info = self.byte()
        kind = info & 31
        if kind in (GONE, GAP):
            return Struct(kind, client, clock, self.length())
        left = Id(self.uint(), self.uint()) if info & 128 else None
        right = Id(self.uint(), self.uint()) if info & 64 else None
        parent: str | Id | None = None
        key = None
        if left is None and right is None:
            parent = self.string() if self.uint() == 1 else Id(self.uint(), self.uint())
            if info & 32:
                key = self.string()
        start = self.at
        if kind == STRING:
            units = to_units(self.string())
            if not units:
                raise Malformed("a text of no length")
            return Struct(
                kind, client, clock, len(units), left, right, parent, key, units, start, self.at
            )
        length = 1
        content: str | tuple[str, str] | int | None = None
        if kind == FORMAT:
            content = self.string(), self.string()
        elif kind == ERASED:
            length = self.length()
        elif kind == TYPE:
            content = self.uint()
            if content != MAP:
                raise Malformed("a type that no letter has")
        elif kind == ANY:
            self.more = self.uint() - 1
            if self.more < 0:
                raise Malformed("a value that is none")
            start, content = self.value()
        else:
            raise Malformed("content that no letter has")
        return Struct(
            kind, client, clock, length, left, right, parent, key, content, start, self.at
        )

    def value(self) -> tuple[int, str]:
        if self.byte() != 119:
            raise Malformed("a value that is no string")
        return self.at, self.string()

    def string(self) -> str:
        try:
            return self.bytes().decode()
        except UnicodeDecodeError:
            raise Malformed("text that is not UTF-8") from None

    def length(self) -> int:
        length = self.uint()
        if not 0 < length < MAX_CLOCK:
            raise Malformed("a struct of impossible length")
        return length

    def spans(self) -> Iterator[Span]:
        for _ in range(self.uint()):
            client = self.uint()
            for _ in range(self.uint()):
                start = self.uint()
                yield client, start, start + self.length()


_UINT = rb"([\x80-\xff]{0,7}[\x00-\x7f])"
# With a left neighbour or with both, and the length of the text in one byte.
_WORDS = re.compile(
    rb"(?:(\xc4)|\x84)" + 2 * _UINT + rb"(?(1)" + 2 * _UINT + rb")[\x01-\x7f]", re.DOTALL
)
# The same as the whole of an update.
_KEYSTROKE = re.compile(
    rb"\x01\x01" + 2 * _UINT + _WORDS.pattern.replace(b"?(1)", b"?(3)") + rb"(.+)\x00", re.DOTALL
)


def keystroke(update: bytes) -> Struct | None:
    """What nearly every update is: one run of text with a neighbour. Read in a third of the time
    that `parse` takes; None for anything else, or where anything is unusual."""
    found = _KEYSTROKE.fullmatch(update)
    if found is None:
        return None
    own, at, _, left, left_at, right, right_at, told = found.groups()
    try:
        text = told.decode()
        client, clock = _number(own), _number(at)
        before = Id(_number(left), _number(left_at))
        after = Id(_number(right), _number(right_at)) if right else None
    except (UnicodeDecodeError, Malformed):
        return None
    end = len(update) - 1
    start = end - len(told) - 1
    # Where a character has two units it is left to `parse`, and so is a text with half of one.
    if update[start] != len(told) or max(text) > "\ud7ff":
        return None
    return Struct(STRING, client, clock, len(text), before, after, None, None, text, start, end)


@lru_cache(4096)  # client ids are few, and long
def _number(data: bytes) -> int:
    return Reader(data).uint()


def is_second(unit: str) -> bool:
    """Whether this is the second of the two units of a character."""
    return "\udc00" <= unit <= "\udfff"


def to_units(text: str) -> str:
    """The text with each character beyond the first plane as its two surrogates."""
    if text.isascii() or max(text, default="") <= "\uffff":
        return text
    return "".join(map(chr, memoryview(text.encode("utf-16-le", "surrogatepass")).cast("H")))


def from_units(units: str) -> str:
    """The reverse; half a pair becomes U+FFFD, as in the browser."""
    if units.isascii():
        return units
    return units.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


# -- Written by hand -----------------------------------------------------------------------------


def string(text: str) -> bytes:
    encoded = text.encode()
    return uint(len(encoded)) + encoded


def entry(key: str, value: str, *, parent: str | Id, after: Id | None) -> bytes:
    """A string as the value of a map's key: of the root that is named or of a marker. `after` is
    the struct with the value that this one takes the place of."""
    if after is not None:
        place = bytes((ANY | 128,)) + uint(after.client) + uint(after.clock)
    elif isinstance(parent, str):
        place = bytes((ANY | 32, 1)) + string(parent) + string(key)
    else:
        place = bytes((ANY | 32, 0)) + uint(parent.client) + uint(parent.clock) + string(key)
    return place + b"\x01\x77" + string(value)


def write(client: int, clock: int, structs: Sequence[bytes], erased: Iterable[Span] = ()) -> bytes:
    """An update (Yjs, version 1) of one client: its structs from `clock` on, each encoded already
    and one clock long, and the ranges [start, end) of any client that it erases."""
    parts = [b"\x00"]
    if structs:
        parts = [b"\x01", uint(len(structs)), uint(client), uint(clock), *structs]
    by_client: dict[int, list[tuple[int, int]]] = {}
    for owner, start, end in erased:
        by_client.setdefault(owner, []).append((start, end - start))
    parts.append(uint(len(by_client)))
    for owner, ranges in by_client.items():
        parts += [uint(owner), uint(len(ranges))]
        parts += [uint(start) + uint(length) for start, length in sorted(ranges)]
    return b"".join(parts)


__all__ = ["NOTHING", "Contents", "Struct", "entry", "from_units", "parse", "to_units", "write"]
