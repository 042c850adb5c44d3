"""The runs of a letter's text, in their order; with their ids, where somebody asks for them.

pycrdt does not tell the ids of a text. So a shadow of the document is made in which every inserted
string is replaced by as many signs that stand for it, and every kind of a block by a number: the
shadow has the same structs in the same places, and what it says is where they are.
"""

import logging
import re
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any, NamedTuple

import pycrdt

from letters.text import crdt
from letters.text.ids import Id, among
from letters.text.lib0 import Malformed, uint
from letters.text.model import (
    KIND_PROPOSED,
    PROPOSAL,
    REMOVED,
    SEATS,
    SUGGESTION,
    TEXT,
    Decisions,
    is_about,
)
from letters.text.updates import ANY, ERASED, STRING, Struct, parse, string

log = logging.getLogger(__name__)

# Signs of one UTF-16 unit each that no text is tempted to treat in a special way.
FIRST_SIGN, SIGNS = 0x3400, 0xA000

type Attributes = dict[str, Any]


class Stretch(NamedTuple):
    """A stretch of text with the same attributes; `id` is that of its first unit, the others count
    on from there. Without ids it is None."""

    text: str
    attributes: Attributes
    id: Id | None = None


class Marker(NamedTuple):
    """The beginning of a block, and what its map says."""

    values: dict[str, str]
    id: Id | None = None


class Unknown(NamedTuple):
    """Something that no letter has. It counts as one sign."""


type Run = Stretch | Marker | Unknown


def runs(doc: crdt.Doc, *, ids: bool = False) -> list[Run]:
    """What the text consists of, just as it is, marks that count no more included."""
    parts = _diff(doc)
    if not ids:
        return [_run(content, attributes or {}) for content, attributes in parts]
    found: list[Run] = []
    try:
        places = iter(list(_places(doc)))
    except Malformed:
        # Something is in it that should never have come in: it is read all the same.
        log.exception("The ids of a letter cannot be told.")
        places = iter(())
    for content, attributes in parts:
        run = _run(content, attributes or {})
        place = next(places, [])
        if isinstance(run, Stretch):
            found += _told(run, place)
        elif isinstance(run, Marker):
            found.append(run._replace(id=place[0][0] if place else None))
        else:
            found.append(run)
    return found


def settled(doc: crdt.Doc, *, ids: bool = False) -> list[Run]:
    """The same as readers have it: of the suggestions only those that are open are left, on what
    they are about."""
    found = runs(doc, ids=ids)
    if not any(map(_is_suggested, found)):
        return found
    decisions = Decisions(doc)
    if not ids:
        found = runs(doc, ids=True)
    return [part for run in found for part in _open(run, decisions)]


def _is_suggested(run: Run) -> bool:
    if isinstance(run, Stretch):
        return any(name[:4] in ("ins:", "del:") for name in run.attributes)
    return isinstance(run, Marker) and len(run.values) > 1


def _proposes(name: str, value: str) -> bool:
    """Whether a block's map can say so."""
    if name.startswith("kind:"):
        return bool(PROPOSAL.fullmatch(name) and KIND_PROPOSED.fullmatch(value))
    return bool(PROPOSAL.fullmatch(name)) and value in SEATS


def _open(run: Run, decisions: Decisions) -> Iterator[Run]:
    if isinstance(run, Unknown) or not _is_suggested(run):
        yield run
    elif isinstance(run, Marker):
        values = {
            name: value
            for name, value in run.values.items()
            if name == "k"
            or (_proposes(name, value) and run.id and not decisions.covers(name, run.id))
        }
        yield run._replace(values=values)
    else:
        yield from _cut(run, decisions)


def _marks(name: str, value: object) -> bool:
    """Whether words can be marked so."""
    if not isinstance(value, str) or not SUGGESTION.fullmatch(name):
        return False
    return value in SEATS if name.startswith("ins:") else bool(REMOVED.fullmatch(f'"{value}"'))


def _cut(run: Stretch, decisions: Decisions) -> Iterator[Stretch]:
    """A stretch of words, parted where what is suggested about them changes."""
    marks = {name: v for name, v in run.attributes.items() if _marks(name, v)}
    rest = {name: v for name, v in run.attributes.items() if name[:4] not in ("ins:", "del:")}
    if run.id is None:
        yield run._replace(attributes=rest)
        return
    client, clock = run.id
    at = 0
    units = 0

    def of(offset: int) -> tuple[str, ...]:
        id = (client, clock + offset)
        return tuple(
            name
            for name, value in marks.items()
            if isinstance(value, str)
            and is_about(name, value, id)
            and not decisions.covers(name, id)
        )

    last: tuple[str, ...] | None = None
    start, start_units = 0, 0
    for at, character in enumerate(run.text):
        now = of(units)
        if last is not None and now != last:
            yield Stretch(
                run.text[start:at],
                rest | {name: marks[name] for name in last},
                Id(client, clock + start_units),
            )
            start, start_units = at, units
        last = now
        units += 2 if character > "\uffff" else 1
    if last is not None:
        yield Stretch(
            run.text[start:],
            rest | {name: marks[name] for name in last},
            Id(client, clock + start_units),
        )


def _diff(doc: crdt.Doc) -> list[tuple[Any, Attributes | None]]:
    try:
        return list(doc.get(TEXT, type=pycrdt.Text).diff())
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException:  # a root of another type; a panic in Rust is not an Exception
        return []


def _run(content: Any, attributes: Attributes) -> Run:
    if isinstance(content, str):
        return Stretch(content, attributes)
    if not isinstance(content, pycrdt.Map):
        return Unknown()
    values = content.to_py() or {}
    return Marker({str(key): value for key, value in values.items() if isinstance(value, str)})


def _told(run: Stretch, places: list[tuple[Id, int]]) -> Iterator[Stretch]:
    """Stretch, parted where the ids do not count on. The places have lengths in units."""
    text = run.text
    for id, length in places:
        if text.isascii():
            taken, text = text[:length], text[length:]
        else:
            end = units = 0
            while end < len(text) and units < length:
                units += 2 if text[end] > "\uffff" else 1
                end += 1
            taken, text = text[:end], text[end:]
        if taken:
            yield Stretch(taken, run.attributes, id)
    if text:
        yield Stretch(text, run.attributes)


# -- Where it lies -------------------------------------------------------------------------------


def _places(doc: crdt.Doc) -> Iterator[list[tuple[Id, int]]]:
    """For each part of the text's diff the ids in it, and how many units they are."""
    update = doc.get_update()
    structs = parse(update).structs
    texts = [struct for struct in structs if struct.kind == STRING]
    shadow = _Shadow(update, structs)
    passes = [shadow.read([number % SIGNS for number in range(len(texts))])]
    if len(texts) > SIGNS:
        passes.append(shadow.read([number // SIGNS for number in range(len(texts))]))
    passed = [0] * len(texts)
    for signs in zip(*passes, strict=True):
        if not isinstance(signs[0], str):
            yield [(signs[0], 1)] if signs[0] is not None else []
            continue
        places = []
        for number, length in _numbers([str(each) for each in signs]):
            text = texts[number]
            places.append((Id(text.client, text.clock + passed[number]), length))
            passed[number] += length
        yield places


_SAME = re.compile(r"(.)\1*", re.DOTALL)


def _numbers(signs: list[str]) -> Iterator[tuple[int, int]]:
    """Which text each sign stands for, and for how many units."""
    if len(signs) == 1:
        for same in _SAME.finditer(signs[0]):
            yield ord(same[1]) - FIRST_SIGN, same.end() - same.start()
        return
    for sign, group in groupby(zip(*signs, strict=True)):
        number = sum((ord(one) - FIRST_SIGN) * SIGNS**power for power, one in enumerate(sign))
        yield number, sum(1 for _ in group)


def _kinds(structs: Iterable[Struct]) -> dict[Id, Id]:
    """Of each value under a block's `k`, which block."""
    found: dict[Id, Id] = {}
    followers: dict[Id, list[Struct]] = {}
    reached: list[tuple[Struct, Id]] = []
    for struct in structs:
        if struct.kind not in (ANY, ERASED):
            continue
        if struct.key == "k" and isinstance(struct.parent, Id):
            reached.append((struct, struct.parent))
        elif struct.left is not None and struct.right is None:
            followers.setdefault(struct.left, []).append(struct)
    # In an update the one that follows may come first.
    while reached:
        struct, block = reached.pop()
        found[struct.id] = block
        for left in among(followers, struct.id, struct.length):
            reached += [(follower, block) for follower in followers.pop(left)]
    return found


class _Shadow:
    """The same letter with signs for its words."""

    def __init__(self, update: bytes, structs: list[Struct]) -> None:
        self.update = update
        kinds = _kinds(structs)
        self.told = [each for each in structs if each.kind == STRING or each.id in kinds]
        self.blocks = [kinds.get(each.id) for each in self.told if each.kind == ANY]

    def read(self, numbers: list[int]) -> list[str | Id | None]:
        """What each part of it says: signs, or which block begins there."""
        shadow: crdt.Doc = pycrdt.Doc()
        copied = block = 0
        parts: list[bytes] = []
        number = iter(numbers)
        for struct in self.told:
            if struct.kind == STRING:
                words = (chr(FIRST_SIGN + next(number)) * struct.length).encode()
                parts += (self.update[copied : struct.start], uint(len(words)), words)
            elif struct.kind == ANY:
                parts += (self.update[copied : struct.start], string(str(block)))
                block += 1
            else:
                continue
            copied = struct.end
        parts.append(self.update[copied:])
        crdt.apply(shadow, b"".join(parts))
        return [self._part(content) for content, _ in _diff(shadow)]

    def _part(self, content: Any) -> str | Id | None:
        if isinstance(content, str):
            return content
        run = _run(content, {})
        number = run.values.get("k", "") if isinstance(run, Marker) else ""
        return self.blocks[int(number)] if number.isdigit() else None
