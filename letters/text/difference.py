"""What changed between two letters, word by word, in the letter's own typography.

Blocks that both have are left alone. Between them, blocks of one kind that share enough words are
compared inside, and all others went or came as a whole. Emphasis counts: words that only became
bold went as they were and came as they are.
"""

from collections.abc import Iterable, Iterator, Sequence
from difflib import SequenceMatcher
from typing import NamedTuple

from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext

from couples.difference import TOKEN, Kind, difference
from letters.text import document
from letters.text.document import Block, Run

# How many of their words two blocks share at least, to be one block that was changed.
ALIKE = 0.4
# Beyond these sizes nobody reads a difference word by word, and it would take long to find.
MOST_PAIRS = 2_500
MOST_WORDS = 8_000


class Segment(NamedTuple):
    """A stretch of words with the same marks that stayed, went or came."""

    kind: Kind
    run: Run


class Changed(NamedTuple):
    """A block of the letter, with the segments it is made of."""

    block: Block
    segments: tuple[Segment, ...]

    @property
    def is_same(self) -> bool:
        return all(segment.kind == "same" for segment in self.segments)


class Changes(list[Changed]):
    """The blocks of two letters laid over each other, in reading order."""

    @property
    def are_none(self) -> bool:
        return all(block.is_same for block in self)

    @property
    def html(self) -> SafeString:
        """Paragraphs like those of the letter, with <ins> and <del>. Underlined and struck through
        on the screen, and said in words to who listens."""
        return mark_safe("\n".join(map(_paragraph, self)))  # noqa: S308 # all text is escaped


def blocks(before: Sequence[Block], after: Sequence[Block]) -> Changes:
    """The letter after, with what went and what came since `before`."""
    one, two = [bare(block) for block in before], [bare(block) for block in after]
    found = Changes()
    for tag, i1, i2, j1, j2 in SequenceMatcher(None, one, two, autojunk=False).get_opcodes():
        if tag == "equal":
            found += [_whole(block, "same") for block in two[j1:j2]]
        else:
            for old, new in pairs(one[i1:i2], two[j1:j2]):
                found += _between(old, new)
    return found


def pairs(
    before: Sequence[Block], after: Sequence[Block]
) -> Iterator[tuple[Block | None, Block | None]]:
    """Which block became which; None where one came or went."""
    i = j = 0
    for old_at, new_at in [*_partners(before, after), (len(before), len(after))]:
        yield from ((old, None) for old in before[i:old_at])
        yield from ((None, new) for new in after[j:new_at])
        if old_at < len(before):
            yield before[old_at], after[new_at]
        i, j = old_at + 1, new_at + 1


def _partners(before: Sequence[Block], after: Sequence[Block]) -> list[tuple[int, int]]:
    """The places of blocks that became one another, in order and without crossing: as alike in all
    as can be."""
    if len(before) * len(after) > MOST_PAIRS:
        return []
    likeness = [[_likeness(old, new) for new in after] for old in before]
    best = [[0.0] * (len(after) + 1) for _ in range(len(before) + 1)]
    for i in reversed(range(len(before))):
        for j in reversed(range(len(after))):
            together = likeness[i][j] + best[i + 1][j + 1] if likeness[i][j] else 0.0
            best[i][j] = max(together, best[i + 1][j], best[i][j + 1])
    found: list[tuple[int, int]] = []
    i = j = 0
    while i < len(before) and j < len(after):
        if likeness[i][j] and best[i][j] == likeness[i][j] + best[i + 1][j + 1]:
            found.append((i, j))
            i, j = i + 1, j + 1
        elif best[i][j] == best[i + 1][j]:
            i += 1
        else:
            j += 1
    return found


def _likeness(one: Block, two: Block) -> float:
    """How many of their words both have, between 0 and 1; 0 as well where it is too few."""
    if one.kind != two.kind:
        return 0.0
    words = [{word.casefold() for word in TOKEN.findall(block.text)} for block in (one, two)]
    mine, theirs = ({word for word in each if not word.isspace()} for each in words)
    if not mine or not theirs:
        return 0.0
    shared = len(mine & theirs) / min(len(mine), len(theirs))
    return shared if shared >= ALIKE else 0.0


def _between(old: Block | None, new: Block | None) -> Iterator[Changed]:
    if old is not None and new is not None:
        if max(len(TOKEN.findall(block.text)) for block in (old, new)) <= MOST_WORDS:
            yield Changed(new, tuple(segments(old, new)))
        else:
            yield _whole(old, "removed")
            yield _whole(new, "added")
    elif old is not None and old.text:
        yield _whole(old, "removed")
    elif new is not None and new.text:
        yield _whole(new, "added")


def _whole(block: Block, kind: Kind) -> Changed:
    return Changed(block, tuple(Segment(kind, run) for run in block.runs))


def segments(old: Block, new: Block) -> list[Segment]:
    """What leads from the words of one block to those of another."""
    return list(_joined(_compared(old, new)))


def _compared(old: Block, new: Block) -> Iterator[Segment]:
    at_old = at_new = 0
    for segment in difference(old.text, new.text):
        length = len(segment.text)
        if segment.kind == "removed":
            yield from (Segment("removed", run) for run in cut(old.runs, at_old, length))
            at_old += length
        elif segment.kind == "added":
            yield from (Segment("added", run) for run in cut(new.runs, at_new, length))
            at_new += length
        else:
            yield from _same(cut(old.runs, at_old, length), cut(new.runs, at_new, length))
            at_old, at_new = at_old + length, at_new + length


def _same(old: Sequence[Run], new: Sequence[Run]) -> Iterator[Segment]:
    """The same words, but perhaps with other marks."""
    start = 0
    ends = sorted({*_ends(old), *_ends(new)})
    for end in ends:
        (was,), (now,) = cut(old, start, end - start), cut(new, start, end - start)
        if was.marks == now.marks:
            yield Segment("same", now)
        else:
            yield Segment("removed", was)
            yield Segment("added", now)
        start = end


def _ends(runs: Iterable[Run]) -> Iterator[int]:
    end = 0
    for run in runs:
        end += len(run.text)
        yield end


def cut(runs: Iterable[Run], start: int, length: int) -> list[Run]:
    """So many characters of some runs, from a place on."""
    found = []
    end = start + length
    at = 0
    for run in runs:
        text = run.text[max(start - at, 0) : max(end - at, 0)]
        if text:
            found.append(Run(text, run.marks))
        at += len(run.text)
    return found


def _joined(segments: Iterable[Segment]) -> Iterator[Segment]:
    last: Segment | None = None
    for segment in segments:
        if last is None:
            last = segment
        elif (last.kind, last.run.marks) == (segment.kind, segment.run.marks):
            last = Segment(last.kind, Run(last.run.text + segment.run.text, last.run.marks))
        else:
            yield last
            last = segment
    if last is not None:
        yield last


def bare(block: Block) -> Block:
    """Only what the letter says."""
    return Block(block.kind, tuple(Run(run.text, run.marks) for run in block.runs))


# -- To read -------------------------------------------------------------------------------------


def _paragraph(changed: Changed) -> str:
    words = "".join(
        _inline(kind, [segment.run for segment in changed.segments[start:end]])
        for kind, start, end in _stretches(changed.segments)
    )
    css_class = document.CSS_CLASS.get(changed.block.kind)
    named = f' class="{css_class}"' if css_class else ""
    return f'<p{named} dir="auto">{words}</p>'


def _stretches(segments: Sequence[Segment]) -> Iterator[tuple[Kind, int, int]]:
    """Neighbours of one kind, from where to where."""
    start = 0
    for end in range(1, len(segments) + 1):
        if end == len(segments) or segments[end].kind != segments[start].kind:
            yield segments[start].kind, start, end
            start = end


def _inline(kind: Kind, runs: Iterable[Run]) -> str:
    words = "".join(map(document.inline, runs))
    if kind == "same":
        return words
    tag, label = ("ins", gettext("added:")) if kind == "added" else ("del", gettext("removed:"))
    end = gettext("(end)")
    return (
        f'<{tag}><span class="visually-hidden">{label} </span>{words}'
        f'<span class="visually-hidden"> {end}</span></{tag}>'
    )
