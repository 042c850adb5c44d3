"""What a letter says: from its text to blocks, and from those to HTML and plain text.

The browser's editor writes whatever it likes into the text, and a hostile one does. So nothing is
passed through: a closed list of blocks and marks is read out of it, with bounds, and HTML is
written from that list. What the list does not know is dropped.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from operator import itemgetter
from typing import NamedTuple, TypedDict
from uuid import UUID

import pycrdt
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext

from letters.text import crdt
from letters.text.authorship import Authors
from letters.text.model import (
    HARD_LIMIT,
    KINDS,
    MARKS,
    TEXT,
    Kind,
    in_text,
    plain,
)
from letters.text.runs import Marker, Stretch, settled
from letters.text.updates import from_units, is_second, to_units

CSS_CLASS = {
    Kind.SALUTATION: "dear",
    Kind.LINE: "line",
    Kind.CLOSING: "closing",
    Kind.SIGNATURE: "signature",
}


class Run(NamedTuple):
    """Words with the same marks. A line break is the character `\\n`. `notes` are the ids of the
    notes about these words, `person_id` is who wrote them, where that was asked for; they are no
    part of what the letter says."""

    text: str
    marks: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    person_id: UUID | None = None


class Block(NamedTuple):
    kind: Kind
    runs: tuple[Run, ...] = ()

    @property
    def text(self) -> str:
        return "".join(run.text for run in self.runs)


class Stored(TypedDict):
    """A block as JSON; a run without marks is its text alone."""

    kind: str
    runs: list[str | list[str]]


# -- From the text -------------------------------------------------------------------------------


def first_page(lines: Sequence[str] = ()) -> bytes:
    """The first snapshot: the salutation, `lines`, and an empty paragraph to write in."""
    doc = crdt.new()
    text = doc.get(TEXT, type=pycrdt.Text)
    blocks = [(Kind.SALUTATION, gettext("Dear Relationship,"))]
    blocks += [(Kind.LINE, words) for words in map(plain, lines) if words]
    for kind, words in [*blocks, (Kind.PARAGRAPH, "")]:
        text.insert_embed(len(text), pycrdt.Map({"k": kind.value}), {})
        if words:
            text.insert(len(text), in_text(words), {})
    return doc.get_update()


def blocks(doc: crdt.Doc, *, noted: bool = False, authors: Authors | None = None) -> list[Block]:
    """What the letter says. Empty blocks at its end are where one would go on writing: they say
    nothing. With `noted` the runs know which notes they belong to, with `authors` who wrote them.

    Words that are proposed are not the letter's yet, and a block that is proposed is still part of
    the one before it. What is proposed to go is still there.
    """
    found: list[Block] = []
    kind, mine, begun = Kind.PARAGRAPH, list[Run](), False
    left = HARD_LIMIT

    def end() -> None:
        if begun:
            told = joined(mine)
            found.append(Block(kind, tuple(run._replace(text=plain(run.text)) for run in told)))

    for run in settled(doc, ids=authors is not None):
        if isinstance(run, Marker):
            if begun and any(name.startswith("ins:") for name in run.values):
                continue
            end()
            kind, mine = KINDS.get(run.values.get("k", ""), Kind.PARAGRAPH), []
            begun = True
        elif isinstance(run, Stretch):
            if any(name.startswith("ins:") for name in run.attributes):
                continue
            begun = True
            for part in _told(run, noted, authors):
                mine.append(part._replace(text=part.text[:left]))
                left = max(left - len(part.text), 0)
    end()
    while found and not found[-1].text.strip():
        found.pop()
    return found


def _told(run: Stretch, noted: bool, authors: Authors | None) -> Iterator[Run]:
    attributes = run.attributes
    marks: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    if attributes:
        marks = tuple(mark for mark in MARKS if attributes.get(mark) is True)
        notes = _notes(attributes) if noted else ()
    if authors is None or run.id is None:
        yield Run(run.text, marks, notes)
        return
    units = to_units(run.text)
    at = end = 0
    for length, person_id in authors.split(*run.id, len(units)):
        end += length
        # A character is its first unit's author's.
        until = end + 1 if end < len(units) and is_second(units[end]) else end
        if until > at:
            yield Run(from_units(units[at:until]), marks, notes, person_id)
            at = until


def _notes(attributes: Mapping[str, object]) -> tuple[str, ...]:
    names = (name for name, value in attributes.items() if value is True)
    return tuple(sorted(name[5:] for name in names if name.startswith("note:")))


def is_undecided(doc: crdt.Doc) -> bool:
    """Whether suggestions are open, of words or blocks that would come, go or change."""
    for run in settled(doc):
        if isinstance(run, Marker) and len(run.values) > 1:
            return True
        if isinstance(run, Stretch) and any(n[:4] in ("ins:", "del:") for n in run.attributes):
            return True
    return False


def suggested(doc: crdt.Doc) -> list[tuple[bool, str]]:
    """Words that are proposed and that nobody has decided about, in the order of the text: those
    that would come with True, those that would go with False."""

    def proposed(run: object) -> str:
        names = run.attributes if isinstance(run, Stretch) else ()
        return next((name[:4] for name in names if name[:4] in ("ins:", "del:")), "")

    found = groupby((run for run in settled(doc) if isinstance(run, Stretch)), key=proposed)
    told = ((sign, "".join(run.text for run in runs)) for sign, runs in found if sign)
    return [(sign == "ins:", plain(words)) for sign, words in told if words.strip()]


def joined(runs: Iterable[Run]) -> tuple[Run, ...]:
    """Neighbours with the same marks become one run: the same words are the same blocks, whichever
    way they were typed."""
    found = []
    written = (run for run in runs if run.text)
    for (marks, notes, person_id), same in groupby(written, key=itemgetter(1, 2, 3)):
        found.append(Run("".join(run.text for run in same), marks, notes, person_id))
    return tuple(found)


# -- To read -------------------------------------------------------------------------------------


def to_html(blocks: Iterable[Block]) -> SafeString:
    """Paragraphs, each in the direction of its own script."""
    return mark_safe("\n".join(map(_paragraph, blocks)))  # noqa: S308 # all text is escaped below


def to_html_with_notes(blocks: Sequence[Block], numbers: Mapping[str, int]) -> SafeString:
    """The same with the number of each note after the last of its words, a link to `#note-<number>`
    that is called `words-<number>`. `blocks` were read with `noted`."""
    last: dict[str, tuple[int, int]] = {}
    for b, block in enumerate(blocks):
        for r, run in enumerate(block.runs):
            last |= dict.fromkeys((id for id in run.notes if id in numbers), (b, r))
    ending: dict[tuple[int, int], list[int]] = {}
    for number, place in sorted((numbers[id], place) for id, place in last.items()):
        ending.setdefault(place, []).append(number)
    return mark_safe(  # noqa: S308 # text is escaped, the numbers are numbers
        "\n".join(
            _paragraph(block, [ending.get((b, r), []) for r in range(len(block.runs))])
            for b, block in enumerate(blocks)
        )
    )


def _paragraph(block: Block, numbers: Sequence[Iterable[int]] = ()) -> str:
    css_class = CSS_CLASS.get(block.kind)
    named = f' class="{css_class}"' if css_class else ""
    words = "".join(
        inline(run) + "".join(map(_number, numbers[place] if numbers else ()))
        for place, run in enumerate(block.runs)
    )
    return f'<p{named} dir="auto">{words}</p>'


def _number(number: int) -> str:
    label = escape(gettext("Note %(number)s") % {"number": number})
    link = f'<a href="#note-{number}" id="words-{number}" aria-label="{label}">{number}</a>'
    return f'<sup class="note-number">{link}</sup>'


def inline(run: Run) -> str:
    """Words as HTML, escaped and with their marks."""
    html = escape(run.text).replace("\n", "<br>")
    for mark in run.marks:
        html = f"<{mark}>{html}</{mark}>"
    return html


def to_text(blocks: Iterable[Block]) -> str:
    """Plain text, an empty line between blocks."""
    return "\n\n".join(text for block in blocks if (text := block.text.strip()))


# -- To keep -------------------------------------------------------------------------------------


def to_json(blocks: Iterable[Block]) -> list[Stored]:
    return [
        {
            "kind": block.kind.value,
            "runs": [[run.text, *run.marks] if run.marks else run.text for run in block.runs],
        }
        for block in blocks
    ]


def from_json(stored: Iterable[Stored]) -> list[Block]:
    """The blocks again, through the same closed list."""
    return [
        Block(
            Kind(block["kind"]),
            tuple(
                Run(run)
                if isinstance(run, str)
                else Run(run[0], tuple(mark for mark in MARKS if mark in run[1:]))
                for run in block["runs"]
            ),
        )
        for block in stored
    ]


def digest(blocks: Iterable[Block]) -> str:
    """A name for exactly these words, in hexadecimal."""
    canonical = json.dumps(to_json(blocks), ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()
