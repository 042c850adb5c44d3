"""What changed between two texts, word by word."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

type Kind = Literal["same", "added", "removed"]

# A word with its inner apostrophes and hyphens, a run of blanks, or a single other character.
TOKEN = re.compile(r"\w+(?:[’'\-]\w+)*|\s+|[^\w\s]")


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of text. The same and removed ones make up the text before, the same and added
    ones the text after, to the letter."""

    kind: Kind
    text: str


def difference(before: str, after: str) -> list[Segment]:
    """The segments that lead from one text to the other, removals before additions."""
    one, two = TOKEN.findall(before), TOKEN.findall(after)
    # What both begin and end with needs no search, and most changes are small.
    begin = _alike(one, two)
    end = len(one) - _alike(one[begin:][::-1], two[begin:][::-1])
    tail = one[end:]
    pieces = [
        Segment("same", "".join(one[:begin])),
        *_compared(one[begin:end], two[begin : len(two) - len(tail)]),
        Segment("same", "".join(tail)),
    ]
    return list(_joined(piece for piece in pieces if piece.text))


def _alike(one: list[str], two: list[str]) -> int:
    """How many tokens both begin with."""
    pairs = enumerate(zip(one, two, strict=False))
    return next((i for i, (a, b) in pairs if a != b), min(len(one), len(two)))


def _compared(one: list[str], two: list[str]) -> Iterator[Segment]:
    # Blanks are junk to the matcher: no two texts are alike because both have spaces. In long
    # texts it ignores frequent words as well, which keeps the search short.
    for tag, i1, i2, j1, j2 in SequenceMatcher(str.isspace, one, two).get_opcodes():
        if tag == "equal":
            yield Segment("same", "".join(one[i1:i2]))
        else:
            yield Segment("removed", "".join(one[i1:i2]))
            yield Segment("added", "".join(two[j1:j2]))


def _joined(pieces: Iterable[Segment]) -> Iterator[Segment]:
    """One removal and one addition for each change, with the blanks inside it on both sides."""
    removed = added = blank = ""
    for piece in pieces:
        match piece.kind:
            case "removed":
                removed, added, blank = removed + blank, added + blank, ""
                removed += piece.text
            case "added":
                added += piece.text
            case "same" if piece.text.isspace() and (removed or added):
                # Only blanks between two changed words: they are one change, if another follows.
                blank += piece.text
            case "same":
                yield from _change(removed, added)
                yield Segment("same", blank + piece.text)
                removed = added = blank = ""
    yield from _change(removed, added)
    if blank:
        yield Segment("same", blank)


def _change(removed: str, added: str) -> Iterator[Segment]:
    if removed:
        yield Segment("removed", removed)
    if added:
        yield Segment("added", added)
