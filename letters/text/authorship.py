"""Whose words they are, where the page that they came from does not tell.

The client id of a text names the page that typed it, and so its person. But whoever takes an
erasure back, or moves words with the mouse or through the clipboard, has their page type words
that somebody else wrote. They are traced when they arrive: an undo puts each text directly before
the erased one; moved words are looked for among what this or a recent update of the page erased.
"""

from bisect import bisect_right, insort
from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Mapping
from operator import attrgetter
from typing import NamedTuple
from uuid import UUID

from letters.text.ids import ById, Id, Ranges, Span
from letters.text.updates import ERASED, STRING, Contents, Struct, is_second

# So many units in common are no coincidence: moved by one update, and through the clipboard. A word
# that was erased and comes again was typed, as telephones type words.
SURE, SURE_ALONE = 4, 16
# How many erasures of one page are looked through for words that it puts in again, and how many
# times a place of theirs is looked at, for one update: who types a book anew has typed it.
RECENT = 32
MOST_LOOKS = 100_000


class Range(NamedTuple):
    clock: int
    end: int
    person_id: UUID | None


class Attribution(NamedTuple):
    """`length` ids of a client from `clock` on are this person's; with None, nobody knows whose."""

    client: int
    clock: int
    length: int
    person_id: UUID | None


class Authors:
    """Who wrote which ids: by default whoever's client it is. `news` has the attributions since
    they were last taken."""

    def __init__(self, owners: dict[int, UUID] | None = None) -> None:
        self.owners = owners or {}
        self.news: list[Attribution] = []
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

    def ranges(self) -> Iterator[Attribution]:
        for client, ranges in self._ranges.items():
            for clock, end, person_id in ranges:
                yield Attribution(client, clock, end - clock, person_id)

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

    def learn(
        self, owners: Mapping[int, UUID], ranges: Iterable[tuple[int, int, int, UUID | None]]
    ) -> None:
        """What is written down already, and so no news."""
        self.owners.update(owners)
        news = self.take_news()
        for known in ranges:
            self.add(*known)
        self.news = news

    def take_news(self) -> list[Attribution]:
        news, self.news = self.news, []
        return news

    def _insert(self, client: int, clock: int, end: int, person_id: UUID | None) -> None:
        insort(self._ranges[client], Range(clock, end, person_id), key=_clock)
        last = self.news[-1] if self.news else None
        follows = last and (last.client, last.clock + last.length) == (client, clock)
        if last and follows and last.person_id == person_id:
            self.news[-1] = last._replace(length=end - last.clock)
            return
        self.news.append(Attribution(client, clock, end - clock, person_id))


_clock = attrgetter("clock")


class Piece(NamedTuple):
    """A stretch of text and the ids that it has."""

    client: int
    clock: int
    units: str


class _Run:
    """Text of one client whose ids follow each other, in the pieces that it came in."""

    __slots__ = ("clock", "end", "texts")

    def __init__(self, clock: int, units: str) -> None:
        self.clock = clock
        self.end = clock + len(units)
        self.texts = [units]


class Tape:
    """All text by its ids, what was erased since it was loaded included."""

    def __init__(self) -> None:
        self._runs: dict[int, list[_Run]] = {}
        # Whether any character takes two units.
        self.has_pairs = False

    def add(self, client: int, clock: int, units: str) -> None:
        if not units.isascii() and any("\ud800" <= unit <= "\udfff" for unit in units):
            self.has_pairs = True
        runs = self._runs.get(client)
        if runs is None:
            self._runs[client] = [_Run(clock, units)]
        elif (last := runs[-1]).end == clock:
            last.texts.append(units)
            last.end += len(units)
        else:
            insort(runs, _Run(clock, units), key=_clock)

    def pieces(self, client: int, clock: int, end: int) -> Iterator[Piece]:
        """What is text between two clocks."""
        runs = self._runs.get(client, ())
        for place in range(max(bisect_right(runs, clock, key=_clock) - 1, 0), len(runs)):
            run = runs[place]
            if run.clock >= end:
                return
            if run.end <= clock:
                continue
            if len(run.texts) > 1:
                run.texts = ["".join(run.texts)]
            units = run.texts[0][max(clock - run.clock, 0) : end - run.clock]
            yield Piece(client, max(run.clock, clock), units)

    def unit(self, client: int, clock: int) -> str:
        """The unit with this id; empty where it is no text that is known."""
        return next((piece.units for piece in self.pieces(client, clock, clock + 1)), "")


class Tracer:
    """Follows words that are typed anew to who wrote them. One for each open letter."""

    def __init__(self, authors: Authors, tape: Tape) -> None:
        self.authors = authors
        self.tape = tape
        self._looks = 0
        # By the page that erased it; by None where that is not known any more.
        self._recent: defaultdict[int | None, deque[list[Span]]] = defaultdict(
            lambda: deque(maxlen=RECENT)
        )

    def trace(self, contents: Contents, erased: Ranges, client: int | None = None) -> None:
        """Of an update by the page with this client id, which is not on the tape yet; `erased` is
        what was erased before it."""
        spans = contents.erased
        if spans or erased:
            sources: list[list[Piece]] | None = None
            self._looks = 0
            gone: ById[Id] = ById()
            for text in contents.structs:
                if text.kind in (ERASED, STRING) and text.right is not None:
                    gone.add(text.id, text.length, text.right)
            now = Ranges(spans)
            for text in contents.structs:
                if text.kind != STRING or self._undone(text, (erased, now), gone):
                    continue
                if len(str(text.content)) < 2 and not spans:
                    continue  # a single letter is typed
                if sources is None:
                    sources = [self._pieces(each) for each in self._sources(text.client, spans)]
                for source in sources:
                    if self._looks > MOST_LOOKS:
                        break
                    if source and self._moved(
                        text, source, now=source is sources[0] and bool(spans)
                    ):
                        break
        self.remember(contents, client)

    def remember(self, contents: Contents, client: int | None = None) -> None:
        """What was erased may be put in again."""
        if contents.erased:
            if client is None and contents.structs:
                client = contents.structs[0].client
            self._recent[client].append(list(contents.erased))

    def _sources(self, client: int, spans: list[Span]) -> list[list[Span]]:
        recent = [*reversed(self._recent[client]), *reversed(self._recent[None])]
        return [spans, *recent] if spans else recent

    def _undone(self, text: Struct, erased: tuple[Ranges, Ranges], gone: ById[Id]) -> bool:
        """Whether it stands directly before the same words, which are erased: before this update,
        or by it, where a page comes back. What it undid and did again meanwhile lies between."""
        units = str(text.content)
        was = text.right
        while was is not None and any(was in each for each in erased):
            piece = next(self.tape.pieces(was.client, was.clock, was.clock + len(units)), None)
            if piece is not None and (piece.clock, piece.units) == (was.clock, units):
                self._copy(text, 0, piece)
                return True
            was = gone.get(was)
        return False

    def _pieces(self, spans: Iterable[Span]) -> list[Piece]:
        return [piece for span in sorted(spans) for piece in self.tape.pieces(*span)]

    def _moved(self, text: Struct, source: list[Piece], *, now: bool) -> bool:
        """Lay the pieces along the text, the longest that fits first; whether they cover most of
        it. Of what is erased and put in by one and the same update (`now`) little is enough."""
        units = str(text.content)
        least = 1 if now else SURE
        if not now and len(units) < SURE_ALONE:
            return False
        left = list(source)
        at, covered = 0, 0
        matches: list[tuple[int, Piece]] = []
        while at < len(units) and self._looks <= MOST_LOOKS:
            if is_second(units[at]):
                at += 1
                continue
            self._looks += len(left)
            best: tuple[int, int, Piece] | None = None
            for index, piece in enumerate(left):
                match = _whole(_fit(units, at, piece, least))
                if match is not None and (best is None or len(match.units) > len(best[2].units)):
                    best = (index, at, match)
            if best is None:
                at += 1
                continue
            index, _, match = best
            matches.append((at, match))
            covered += len(match.units)
            at += len(match.units)
            rest = left.pop(index)
            used = match.clock - rest.clock + len(match.units)
            if used < len(rest.units):
                left.append(rest._replace(clock=rest.clock + used, units=rest.units[used:]))
        if covered * 2 < len(units):
            return False
        for offset, match in matches:
            self._copy(text, offset, match)
        return True

    def _copy(self, text: Struct, offset: int, piece: Piece) -> None:
        clock = text.clock + offset
        for length, person_id in self.authors.split(piece.client, piece.clock, len(piece.units)):
            self.authors.tell(text.client, clock, length, person_id)
            clock += length


def _whole(match: Piece | None) -> Piece | None:
    """Without the first half of a character at its end."""
    if match is None or not "\ud800" <= match.units[-1] <= "\udbff":
        return match
    return match._replace(units=match.units[:-1]) if len(match.units) > 1 else None


def _fit(units: str, at: int, piece: Piece, least: int) -> Piece | None:
    """The longest part of the piece that stands in `units` at this place: all of it, its end where
    the text begins in its middle, its beginning where the text ends there."""
    rest = len(units) - at
    if piece.units and units.startswith(piece.units, at):
        return piece
    if len(piece.units) > rest and piece.units.startswith(units[at:]) and rest >= least:
        return piece._replace(units=units[at:])
    found = piece.units.find(units[at:]) if rest >= SURE else -1
    if found >= 0:
        return piece._replace(clock=piece.clock + found, units=units[at:])
    if at == 0:
        for length in range(min(len(piece.units), len(units)), least - 1, -1):
            if units.startswith(piece.units[-length:]):
                return piece._replace(
                    clock=piece.clock + len(piece.units) - length, units=piece.units[-length:]
                )
    length = 0
    while length < min(rest, len(piece.units)) and units[at + length] == piece.units[length]:
        length += 1
    return piece._replace(units=piece.units[:length]) if length >= max(least, SURE) else None
