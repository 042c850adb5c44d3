"""Bringing words back into a letter that goes on: the smallest edit that makes it say them.

It is an edit like any other. Blocks that say the same stay untouched, and in others only the words
that differ; so cursors and notes elsewhere survive, and what somebody types meanwhile is merged in.
Words that are proposed belong to no version, so none brings them back: they stay where they are.
"""

from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from itertools import groupby
from typing import Any

import pycrdt

from letters import crdt, difference, document
from letters.document import Block, Run


def bring(doc: crdt.Doc, blocks: Sequence[Block]) -> None:
    """Make the document say these blocks. Empty ones at its end stay: somebody may write there."""
    children = doc.get(document.ROOT, type=pycrdt.XmlFragment).children
    with doc.transaction():
        places = document.places(doc)
        old = [block for _, block in places]
        new = [difference.bare(block) for block in blocks]
        changes = SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
        # From the end, so that the places before stay what they are.
        for tag, i1, i2, j1, j2 in reversed(changes):
            if tag == "equal":
                continue
            end = places[i2][0] if i2 < len(places) else places[-1][0] + 1 if places else 0
            left = [place for place, _ in places[i1:i2]]
            for before, after in reversed(list(difference.pairs(old[i1:i2], new[j1:j2]))):
                if before is not None:
                    end = left.pop()
                    if after is not None and _rewrite(children[end], before, after):
                        continue
                    if not _leave_proposed(children[end]):
                        del children[end]
                if after is not None:
                    insert(children, end, after)


def _leave_proposed(element: object) -> bool:
    """Take from a block all that is in the letter; whether something is left, which is proposed."""
    if not isinstance(element, pycrdt.XmlElement) or not document.is_proposed(element):
        return False
    for place, part in reversed(list(enumerate(document.parts(element.children.__iter__)))):
        if not isinstance(part, pycrdt.XmlText):
            del element.children[place]
            continue
        at, standing = 0, []
        for content, attributes in document.parts(part.diff):
            if not isinstance(content, str):
                return False
            start, at = at, at + len(content.encode())
            if not document.has(document.PROPOSED, attributes):
                standing.append((start, at))
        for start, end in reversed(standing):
            del part[start:end]
    return True


def insert(children: Any, place: int, block: Block) -> None:
    """A new block at a place among the blocks, with its marks and line breaks."""
    children.insert(place, pycrdt.XmlElement(block.kind))
    element = children[place]
    # A line break is an element of its own, and an empty text would be one of length zero.
    for is_break, pieces in groupby(_pieces(block), key=lambda run: run.text == "\n"):
        if is_break:
            for _ in pieces:
                element.children.append(pycrdt.XmlElement(document.BREAK))
            continue
        first, *rest = pieces
        text = pycrdt.XmlText(first.text)
        element.children.append(text)
        if first.marks:
            text.format(0, len(text), _attributes(first))
        for run in rest:
            text.insert(len(text), run.text, _attributes(run))


def _pieces(block: Block) -> Iterator[Run]:
    for run in block.runs:
        for number, line in enumerate(run.text.split("\n")):
            if number:
                yield Run("\n")
            if line:
                yield Run(line, run.marks)


def _attributes(run: Run, known: Sequence[str] = document.MARKS) -> dict[str, object]:
    """Every attribute is named: what is not switched off goes on from the words before."""
    return dict.fromkeys(known) | {mark: {} for mark in run.marks}


def _rewrite(element: object, before: Block, after: Block) -> bool:
    """Turn the words of a block into others around those that stay; whether it is simple enough."""
    if not isinstance(element, pycrdt.XmlElement) or "\n" in before.text + after.text:
        return False
    texts = document.parts(element.children.__iter__)
    if len(texts) != 1 or not isinstance(texts[0], pycrdt.XmlText):
        return False
    text = texts[0]
    # Where each character of the letter ends, in bytes of the text; proposed words lie between.
    ends: list[tuple[int, int]] = []
    names = set(document.MARKS)
    at = 0
    for content, attributes in document.parts(text.diff):
        if not isinstance(content, str) or document.plain(content) != content:
            return False
        names |= set(attributes or {})
        for character in content:
            start, at = at, at + len(character.encode())
            if not document.has(document.PROPOSED, attributes):
                ends.append((start, at))
    if len(ends) != len(before.text):
        return False
    known = sorted(names)
    place = len(ends)
    for kind, run in reversed(difference.segments(before, after)):
        if kind == "added":
            where = ends[place - 1][1] if place else 0
            text.insert(where, run.text, _attributes(run, known))
            continue
        first = place - len(run.text)
        if kind == "removed":
            for start, end in reversed(ends[first:place]):
                del text[start:end]
        place = first
    return True
