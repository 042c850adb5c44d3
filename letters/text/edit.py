"""Edits of a letter that the server makes: words brought back, taken over, added.

They are edits like any other. What stays keeps its ids: blocks that say the same are not touched,
and in others only the words that differ; so carets, notes and authors survive, and what somebody
types meanwhile is merged in. Words that are proposed belong to no version, so none brings them back
or takes them away.

Positions are those of pycrdt: bytes of UTF-8, where a block marker counts one. Nothing else may
reckon with them: an index inside of a character corrupts the text without a word.
"""

from collections.abc import Iterable, Iterator, Sequence
from difflib import SequenceMatcher
from functools import cached_property
from typing import Any, NamedTuple
from uuid import UUID

import pycrdt

from couples.difference import difference
from letters.text import crdt
from letters.text.authorship import Attribution
from letters.text.difference import bare, pairs
from letters.text.document import Block, Run, joined
from letters.text.model import BREAK, KINDS, MARKS, TEXT, Kind, in_text
from letters.text.runs import Marker, Stretch, runs, settled
from letters.text.updates import parse, to_units

GOODBYES = {Kind.CLOSING, Kind.SIGNATURE}


class _Character(NamedTuple):
    """Where it begins and ends, what it is, and its marks."""

    start: int
    end: int
    text: str
    marks: tuple[str, ...]


class _Block:
    """A block where it lies: its marker, and all words that are the letter's."""

    def __init__(self, at: int, kind: Kind, marker: Any) -> None:
        self.at = at
        self.kind = kind
        self.marker = marker
        self.end = at + 1
        # Where each stretch of them begins.
        self.words: list[tuple[int, Run]] = []

    @property
    def text(self) -> str:
        return "".join(run.text for _, run in self.words)

    @cached_property
    def characters(self) -> list[_Character]:
        """One by one, for a block that changes."""
        found = []
        for at, run in self.words:
            for character in run.text:
                end = at + len((BREAK if character == "\n" else character).encode())
                found.append(_Character(at, end, character, run.marks))
                at = end
        return found

    def place(self, offset: int) -> int:
        """Where something goes that stands before this character."""
        if offset:
            return self.characters[offset - 1].end
        return self.at + 1

    @cached_property
    def as_block(self) -> Block:
        return Block(self.kind, joined(run for _, run in self.words))


# Which block becomes which; None where one comes or goes.
type _Change = tuple[_Block | None, Block | None]


class Editor:
    """One edit of a letter. `update` and `attributions` are what is to be written down."""

    def __init__(self, doc: crdt.Doc, person_id: UUID | None) -> None:
        self.doc = doc
        self.person_id = person_id
        self.text = doc.get(TEXT, type=pycrdt.Text)
        self.before = doc.get_state()
        # All marks in the letter: one that is not switched off goes on from the words before.
        self._names: set[str] = set(MARKS)
        self._inserted: list[tuple[str, UUID | None]] = []

    @property
    def update(self) -> bytes:
        return self.doc.get_update(self.before)

    @property
    def attributions(self) -> list[Attribution]:
        """Of what was inserted and is somebody else's than the editing person's."""
        found: list[Attribution] = []
        texts = parse(self.update).texts
        ids = ((text.client, text.clock + i) for text in texts for i in range(text.length))
        for words, person_id in self._inserted:
            for client, clock in [next(ids) for _ in to_units(words)]:
                if person_id == self.person_id:
                    continue
                last = found[-1] if found else None
                if (
                    last
                    and last[3] == person_id
                    and (last[0], last[1] + last[2]) == (client, clock)
                ):
                    found[-1] = last._replace(length=last.length + 1)
                else:
                    found.append(Attribution(client, clock, 1, person_id))
        return found

    # -- What can be done ------------------------------------------------------------------------

    def append(self, block: Block) -> None:
        """One more block at the end, but before an empty paragraph that waits there: somebody may
        be typing into it at this moment."""
        here = self._blocks()
        last = here[-1] if here else None
        waits = last is not None and last.kind is Kind.PARAGRAPH and last.end == last.at + 1
        self._insert_block(
            last.at if last is not None and waits and last.at else len(self.text), block
        )

    def add(self, block: Block) -> None:
        """At the end of what is written, before the goodbyes and an empty paragraph that waits."""
        place = len(self.text)
        for each in reversed(self._blocks()):
            is_empty = each.kind is Kind.PARAGRAPH and each.end == each.at + 1
            if not each.at or not (each.kind in GOODBYES or is_empty):
                break
            place = each.at
        self._insert_block(place, block)

    def bring(self, wanted: Sequence[Block]) -> None:
        """Make the letter say these blocks. Empty ones at its end stay: somebody may write
        there. The first marker stays as well, whichever block it is the beginning of then."""
        with self.doc.transaction():
            here = self._blocks()
            while len(here) > 1 and not here[-1].text.strip():
                here.pop()
            pinned, end = here[0], here[-1].end
            new = list(wanted) or [Block(Kind.SALUTATION)]
            changes = list(_changes(here, new))
            first = next(change for change in changes if change[1] is not None)
            # From the end, so that the places before stay what they are.
            for change in reversed(changes):
                end = self._change(change, end, pinned, is_first=change is first)
            self._give_kind(pinned, new[0].kind)

    def _change(self, change: _Change, end: int, pinned: _Block, *, is_first: bool) -> int:
        """Turn one block into another, or put it in where the next one begins; where it begins."""
        block, after = change
        if block is None:
            assert after is not None  # noqa: S101 # one of the two is there
            if is_first:
                self._insert(end, after.runs)
            else:
                self._insert_block(end, after)
            return end
        if after is None:
            # What is proposed in it goes on in the block before.
            self._erase(block.characters)
        elif block.as_block.runs != bare(after).runs:
            self._rewrite(block, after)
        if block is pinned:
            if after is not None and not is_first:
                self._insert_block(block.at + 1, Block(after.kind))
            return block.at + 1
        if after is None or is_first:
            del self.text[block.at : block.at + 1]
        else:
            self._give_kind(block, after.kind)
        return block.at

    def _give_kind(self, block: _Block, kind: Kind) -> None:
        if block.kind is not kind:
            block.marker["k"] = kind.value

    # -- In the text -----------------------------------------------------------------------------

    def _blocks(self) -> list[_Block]:
        found: list[_Block] = []
        markers = iter(c for c, _ in self.text.diff() if isinstance(c, pycrdt.Map))
        at = 0
        for raw in runs(self.doc):
            self._names.update(raw.attributes if isinstance(raw, Stretch) else ())
        for run in settled(self.doc):
            if isinstance(run, Stretch):
                hidden = any(name.startswith("ins:") for name in run.attributes)
                marks = tuple(mark for mark in MARKS if run.attributes.get(mark) is True)
                start, at = at, at + len(run.text.encode())
                if found:
                    found[-1].end = at
                    if not hidden:
                        told = Run(run.text.replace(BREAK, "\n"), marks)
                        found[-1].words.append((start, told))
                continue
            if isinstance(run, Marker):
                marker = next(markers)
                if not found or not any(name.startswith("ins:") for name in run.values):
                    kind = KINDS.get(run.values.get("k", ""), Kind.PARAGRAPH)
                    found.append(_Block(at, kind, marker))
            at += 1
            if found:
                found[-1].end = at
        return found

    def _insert_block(self, at: int, block: Block) -> None:
        self.text.insert_embed(at, pycrdt.Map({"k": block.kind.value}), {})
        self._insert(at + 1, block.runs)

    def _insert(self, at: int, runs: Iterable[Run]) -> None:
        for run in runs:
            words = in_text(run.text)
            if not words:
                continue
            self.text.insert(at, words, dict.fromkeys(self._names) | _on(run.marks))
            self._inserted.append((words, run.person_id))
            at += len(words.encode())

    def _erase(self, characters: Sequence[_Character]) -> None:
        # Together what lies together; from the end.
        start = end = -1
        for first, last, _, _ in reversed(characters):
            if last == start:
                start = first
                continue
            if start >= 0:
                del self.text[start:end]
            start, end = first, last
        if start >= 0:
            del self.text[start:end]

    def _rewrite(self, block: _Block, after: Block) -> None:
        """Turn the words of a block into others around those that stay."""
        old, new = block.characters, _characters(after)
        i, j = len(old), len(new)
        text = "".join(run.text for run, _ in new)
        for segment in reversed(difference(block.text, text)):
            length = len(segment.text)
            if segment.kind == "removed":
                self._erase(old[i - length : i])
                i -= length
            elif segment.kind == "added":
                self._insert(block.place(i), _runs(new[j - length : j]))
                j -= length
            else:
                self._format(old[i - length : i], new[j - length : j])
                i, j = i - length, j - length

    def _format(
        self,
        old: Sequence[_Character],
        new: Sequence[tuple[Run, UUID | None]],
    ) -> None:
        # Together what gets the same marks; from the end, as everything.
        at, until = -1, -1
        now: tuple[str, ...] | None = None
        for (start, end, _, marks), (run, _) in reversed([*zip(old, new, strict=True)]):
            wanted = None if set(marks) == set(run.marks) else run.marks
            if (end, wanted) == (at, now):
                at = start
                continue
            self._mark(at, until, now)
            at, until, now = start, end, wanted
        self._mark(at, until, now)

    def _mark(self, start: int, end: int, marks: tuple[str, ...] | None) -> None:
        if marks is not None:
            self.text.format(start, end, dict.fromkeys(MARKS) | _on(marks))


def _characters(block: Block) -> list[tuple[Run, UUID | None]]:
    return [
        (Run(character, run.marks, (), run.person_id), run.person_id)
        for run in block.runs
        for character in run.text
    ]


def _runs(characters: Sequence[tuple[Run, UUID | None]]) -> tuple[Run, ...]:
    return joined(run for run, _ in characters)


def _on(marks: Iterable[str]) -> dict[str, Any]:
    return dict.fromkeys(marks, True)


def _changes(here: Sequence[_Block], new: Sequence[Block]) -> Iterator[_Change]:
    """Which block becomes which. One that only changes its kind stays itself."""
    old, wanted = [block.as_block for block in here], [bare(block) for block in new]
    matcher = SequenceMatcher(None, old, wanted, autojunk=False)
    for tag, i1, i2, j1, j2 in matcher.get_opcodes():
        mine, theirs = iter(here[i1:i2]), iter(new[j1:j2])
        if tag == "equal":
            yield from zip(mine, theirs, strict=True)
            continue
        before, after = (
            [b._replace(kind=Kind.PARAGRAPH) for b in each] for each in (old[i1:i2], wanted[j1:j2])
        )
        for one, two in pairs(before, after):
            yield (
                next(mine) if one is not None else None,
                next(theirs) if two is not None else None,
            )
