"""What the writers of the bench type: Yjs updates, made before anybody looks at a clock.

Each writer opens a paragraph of their own at the end of the letter and types into it, one character
an update, as the editor sends it. So edit number n of a writer has one clock of its own, and what
arrived can be told however a server bundles it.
"""

from itertools import cycle, islice
from typing import Any, NamedTuple

import pycrdt

WORDS = "I want to be someone who listens before the answer is ready. "


class Strokes(NamedTuple):
    """One writer's updates. `opening` comes first; edit n then has the clock `base + n`."""

    client: int
    opening: bytes
    base: int
    edits: list[bytes]


def strokes(page: bytes, client: int, count: int) -> Strokes:
    """`count` characters typed by `client` into a letter that began as `page`."""
    doc: pycrdt.Doc[Any] = pycrdt.Doc(client_id=client)
    doc.apply_update(page)
    updates: list[bytes] = []
    watching = doc.observe(lambda event: updates.append(event.update))
    text = doc.get("letter", type=pycrdt.Text)
    with doc.transaction():
        text.insert_embed(len(text), pycrdt.Map({"k": "paragraph"}), {})
        text.insert(len(text), "~", {})
    for position, character in enumerate(islice(cycle(WORDS), count), start=len(text)):
        text.insert(position, character, {})
    doc.unobserve(watching)
    opening, *edits = updates
    # The paragraph's marker, its kind, and the first character.
    return Strokes(client, opening, 3, edits)


class Unexpected(Exception):
    """An update that nobody in the bench has typed."""


def reach(update: bytes, client: int) -> int:
    """The clock after the last character of `client` in an update, which a server may have merged
    from several; 0 when there is none.

    It reads runs of text only, and it is written out instead of tidied up: the load client calls
    it for every bundle that a server makes.
    """
    at = 1
    for _ in range(update[0]):
        count, at = _uint(update, at)
        who, at = _uint(update, at)
        clock, at = _uint(update, at)
        for _ in range(count):
            info = update[at]
            if info & 31 != 4 or not info & 192:
                raise Unexpected
            at += 1
            for _ in range(2 if info & 192 != 192 else 4):  # the ids of its neighbours
                while update[at] > 127:
                    at += 1
                at += 1
            length, at = _uint(update, at)
            at += length
            clock += length
        if who == client:
            return clock
    return 0


def _uint(data: bytes, at: int) -> tuple[int, int]:
    number = shift = 0
    while data[at] > 127:
        number |= (data[at] & 127) << shift
        shift += 7
        at += 1
    return number | data[at] << shift, at + 1
