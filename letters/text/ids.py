"""Ids of a letter's text, and sets of them.

Yjs gives every UTF-16 unit of text, every block marker and every formatting sign an id: the client
that wrote it and a clock that counts on by one.
"""

from bisect import bisect_right, insort
from collections.abc import Collection, Iterable, Iterator
from operator import itemgetter
from secrets import randbelow
from typing import NamedTuple

# A client and its clocks from the first to before the last.
type Span = tuple[int, int, int]


# Browsers take client ids below this; those from here on are the server's own.
PAGES = 2**32


class Id(NamedTuple):
    client: int
    clock: int


def own_client() -> int:
    """A new client id for an edit of the server's, which no page can come with."""
    return PAGES + randbelow(2**52)


_start = itemgetter(0)


class Ranges:
    """A set of ids, kept as ranges: they come in runs, and a letter may have a million of them."""

    __slots__ = ("_by_client",)

    def __init__(self, spans: Iterable[Span] = ()) -> None:
        self._by_client: dict[int, list[tuple[int, int]]] = {}
        for span in spans:
            self.add(*span)

    def __iter__(self) -> Iterator[Span]:
        for client, ranges in self._by_client.items():
            for start, end in ranges:
                yield client, start, end

    def __bool__(self) -> bool:
        return bool(self._by_client)

    def add(self, client: int, start: int, end: int) -> None:
        ranges = self._by_client.setdefault(client, [])
        if not ranges or start > ranges[-1][1]:
            ranges.append((start, end))
            return
        first = bisect_right(ranges, start, key=_start)
        if first and ranges[first - 1][1] >= start:
            first -= 1
        last = bisect_right(ranges, end, key=_start)
        if first < last:
            start = min(start, ranges[first][0])
            end = max(end, ranges[last - 1][1])
        ranges[first:last] = [(start, end)]

    def __contains__(self, id: tuple[int, int]) -> bool:
        ranges = self._by_client.get(id[0])
        if ranges is None:
            return False
        place = bisect_right(ranges, id[1], key=_start) - 1
        return place >= 0 and id[1] < ranges[place][1]

    def covers(self, client: int, start: int, end: int) -> bool:
        ranges = self._by_client.get(client, [])
        place = bisect_right(ranges, start, key=_start) - 1
        return place >= 0 and end <= ranges[place][1]

    def touches(self, client: int, start: int, end: int) -> bool:
        return any(True for _ in self.within(client, start, end))

    def within(self, client: int, start: int, end: int) -> Iterator[Span]:
        """The parts of [start, end) that are in the set, in order."""
        ranges = self._by_client.get(client, [])
        place = max(bisect_right(ranges, start, key=_start) - 1, 0)
        for first, last in ranges[place:]:
            if first >= end:
                return
            if last > start:
                yield client, max(first, start), min(last, end)

    def outside(self, client: int, start: int, end: int) -> Iterator[Span]:
        """The parts of [start, end) that are not in the set, in order."""
        for _, first, last in self.within(client, start, end):
            if start < first:
                yield client, start, first
            start = last
        if start < end:
            yield client, start, end


class ById[T]:
    """What is known of ids, some of them in long stretches."""

    __slots__ = ("_single", "_stretches")

    def __init__(self) -> None:
        self._single: dict[Id, T] = {}
        self._stretches: dict[int, list[tuple[int, int, T]]] = {}

    def add(self, id: Id, length: int, known: T) -> None:
        if length == 1:
            self._single[id] = known
        else:
            stretch = id.clock, id.clock + length, known
            insort(self._stretches.setdefault(id.client, []), stretch, key=_start)

    def get(self, id: Id) -> T | None:
        found = self._single.get(id)
        if found is None and (stretches := self._stretches.get(id.client)):
            place = bisect_right(stretches, id.clock, key=_start) - 1
            if place >= 0 and id.clock < stretches[place][1]:
                return stretches[place][2]
        return found

    def __contains__(self, id: Id) -> bool:
        return id in self._single or (id.client in self._stretches and self.get(id) is not None)


def among(ids: Collection[Id], first: Id, length: int) -> list[Id]:
    """Those of the ids that lie in a stretch, however long it is said to be."""
    if length < len(ids):
        stretch = (Id(first.client, first.clock + at) for at in range(length))
        return [id for id in stretch if id in ids]
    return [id for id in ids if id.client == first.client and 0 <= id.clock - first.clock < length]
