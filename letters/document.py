"""What a letter says: from its CRDT to blocks of text, and from those to HTML and plain text.

The browser's editor writes whatever it likes into the CRDT, and a hostile one does. So nothing is
passed through: a closed list of blocks and marks is read out of it, with bounds, and HTML is
written from that list. What the list does not know is dropped, or flattened to its text.

The tree is the one that y-prosemirror makes: XML elements named after the editor's nodes in the
fragment `letter`, text with the marks as attributes. Blocks may come in any order.
"""

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Any, NamedTuple, TypedDict
from uuid import UUID

import pycrdt
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext

from letters import crdt

if TYPE_CHECKING:
    from letters.models.letter import Letter

ROOT = "letter"

# Counts the changes to the editor's schema. y-prosemirror deletes what its schema does not know,
# so a page that was opened before an update is not let in after it.
SCHEMA = 2

# Far beyond any letter, and still harmless to render.
MAX_CHARACTERS = 200_000
MAX_BLOCKS = 5_000
MAX_DEPTH = 8


class Kind(StrEnum):
    """The blocks of a letter, by the names of the editor's nodes."""

    SALUTATION = "salutation"
    PARAGRAPH = "paragraph"
    LINE = "line"
    CLOSING = "closing"
    SIGNATURE = "signature"


KINDS = {kind.value: kind for kind in Kind}
CSS_CLASS = {
    Kind.SALUTATION: "dear",
    Kind.LINE: "line",
    Kind.CLOSING: "closing",
    Kind.SIGNATURE: "signature",
}
BREAK = "hard_break"
MARKS = ("strong", "em")
# Proposed words are not yet the letter's; words proposed to go are still in it.
PROPOSED, GOING = "insertion", "deletion"
NOTE = "note"


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


# -- From and to the CRDT ------------------------------------------------------------------------


def first_page(lines: Sequence[str] = ()) -> bytes:
    """The first snapshot: the salutation, `lines`, and an empty paragraph to write in."""
    doc: crdt.Doc = pycrdt.Doc()
    root = doc.get(ROOT, type=pycrdt.XmlFragment)
    greeting = pycrdt.XmlText(gettext("Dear Relationship,"))
    root.children.append(pycrdt.XmlElement(Kind.SALUTATION, contents=[greeting]))
    # An empty text would become a block of length zero, which Yjs cannot read.
    for line in filter(None, map(plain, lines)):
        root.children.append(pycrdt.XmlElement(Kind.LINE, contents=[pycrdt.XmlText(line)]))
    root.children.append(pycrdt.XmlElement(Kind.PARAGRAPH))
    return doc.get_update()


def append(doc: crdt.Doc, kind: Kind, text: str) -> None:
    """One more block at the end, but before an empty paragraph that waits there. That stays:
    somebody may be typing into it at this moment, and what is taken away takes their words along.
    """
    children = doc.get(ROOT, type=pycrdt.XmlFragment).children
    end = len(children)
    last = children[end - 1] if end else None
    if isinstance(last, pycrdt.XmlElement) and last.tag == Kind.PARAGRAPH and not last.children:
        end -= 1
    words = plain(text)  # never an empty text, see above
    element = pycrdt.XmlElement(kind, contents=[pycrdt.XmlText(words)] if words else [])
    children.insert(end, element)


def load(letter: "Letter") -> crdt.Doc:
    """The letter as it is written down now, in two queries."""
    from letters.models.document import Document

    doc, _ = crdt.assemble(Document.read(letter.pk).updates)
    return doc


# Goes along a text and tells of the next words who wrote which of them.
type Voice = Callable[[str], Iterable[tuple[str, UUID | None]]]


def blocks(
    doc: crdt.Doc, *, noted: bool = False, voices: Iterable[Voice] | None = None
) -> list[Block]:
    """What the letter says. Empty blocks at its end are where one would go on writing: they say
    nothing. With `noted` the runs know which notes they belong to, with `voices` (one for each text
    of the document, in their order) who wrote them."""
    allowance = Allowance()
    voices = iter(voices) if voices is not None else None
    found: list[Block] = []
    with doc.transaction():
        for child in parts(doc.get(ROOT, type=pycrdt.XmlFragment).children.__iter__):
            if len(found) == MAX_BLOCKS or allowance.left == 0:
                break
            block = _block(child, allowance, noted=noted, voices=voices)
            if block is not None:
                found.append(block)
    while found and not found[-1].text.strip():
        found.pop()
    return found


def places(doc: crdt.Doc) -> list[tuple[int, Block]]:
    """The same blocks, each with its place among the children of the root."""
    allowance = Allowance()
    children = parts(doc.get(ROOT, type=pycrdt.XmlFragment).children.__iter__)
    read = [(place, _block(child, allowance)) for place, child in enumerate(children)]
    found = [(place, block) for place, block in read if block is not None]
    while found and not found[-1][1].text.strip():
        found.pop()
    return found


def _block(
    child: Any,
    allowance: "Allowance",
    *,
    noted: bool = False,
    voices: Iterator[Voice] | None = None,
) -> Block | None:
    """What a part of the letter says; None where that is nothing at all."""
    tag = child.tag if isinstance(child, pycrdt.XmlElement) else None
    known = KINDS.get(tag or "")
    runs = joined(_runs(child, allowance, noted=noted, voices=voices))
    # Something unknown is worth a paragraph only if it says something, and one that has nothing
    # but proposed words is itself only proposed.
    if any(run.text.strip() for run in runs) or (known and not is_proposed(child)):
        return Block(known or Kind.PARAGRAPH, runs)
    return None


class Allowance:
    """How many characters a letter may still have, over all its blocks."""

    def __init__(self) -> None:
        self.left = MAX_CHARACTERS

    def take(self, text: str) -> str:
        taken = text[: self.left]
        self.left -= len(taken)
        return taken


def _runs(
    node: Any,
    allowance: Allowance,
    depth: int = 0,
    *,
    noted: bool = False,
    voices: Iterator[Voice] | None = None,
) -> Iterator[Run]:
    if isinstance(node, pycrdt.XmlText):
        voice = next(voices, _unknown) if voices is not None else _unknown
        for content, attributes in parts(node.diff):
            if not isinstance(content, str):
                continue
            said = voice(content)
            if has(PROPOSED, attributes):
                continue
            marks = tuple(mark for mark in MARKS if has(mark, attributes))
            notes = _notes(attributes) if noted else ()
            for words, person_id in said:
                yield Run(allowance.take(plain(words)), marks, notes, person_id)
    elif node.tag == BREAK:
        yield Run(allowance.take("\n"))
    elif depth < MAX_DEPTH:
        for child in parts(node.children.__iter__):
            yield from _runs(child, allowance, depth + 1, noted=noted, voices=voices)


def _unknown(words: str) -> Iterable[tuple[str, UUID | None]]:
    return ((words, None),)


def is_proposed(node: Any, depth: int = 0, marks: Sequence[str] = (PROPOSED,)) -> bool:
    """Whether some of its words are no more than a proposal."""
    if isinstance(node, pycrdt.XmlText):
        looks = [attributes for _, attributes in parts(node.diff)]
        return any(has(mark, each) for mark in marks for each in looks)
    return depth < MAX_DEPTH and any(
        is_proposed(child, depth + 1, marks) for child in parts(node.children.__iter__)
    )


def is_undecided(doc: crdt.Doc) -> bool:
    """Whether suggestions are open, of words that would come or go."""
    with doc.transaction():
        children = parts(doc.get(ROOT, type=pycrdt.XmlFragment).children.__iter__)
        return any(is_proposed(child, marks=(PROPOSED, GOING)) for child in children)


def parts(of: Callable[[], Iterable[Any]]) -> list[Any]:
    """The parts of a node, which may be anything: it comes from a stranger's bytes."""
    try:
        return list(of())
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException:  # a panic in Rust is not an Exception
        return []


def has(mark: str, attributes: dict[str, Any] | None) -> bool:
    # y-prosemirror appends a hash to the name of a mark that lies over another of its kind.
    return any(
        name.partition("--")[0] == mark and value not in (None, False)
        for name, value in (attributes or {}).items()
    )


def _notes(attributes: dict[str, Any] | None) -> tuple[str, ...]:
    ids = (
        value.get("id")
        for name, value in (attributes or {}).items()
        if name.partition("--")[0] == NOTE and isinstance(value, dict)
    )
    return tuple(sorted({id for id in ids if isinstance(id, str)}))


# What a text has no use for: control characters other than the line break and the tab.
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ufffe\uffff]")


def plain(text: str) -> str:
    return _CONTROLS.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def joined(runs: Iterable[Run]) -> tuple[Run, ...]:
    """Neighbours with the same marks become one run: the same words are the same blocks, whichever
    way they were typed."""
    joined: list[Run] = []
    for run in runs:
        if joined and joined[-1][1:] == run[1:]:
            joined[-1] = run._replace(text=joined[-1].text + run.text)
        elif run.text:
            joined.append(run)
    return tuple(joined)


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
