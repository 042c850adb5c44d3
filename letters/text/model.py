"""What a letter consists of, in the words of its one text.

The text is a Y.Text named `letter`. A block begins with a marker: an embedded map with its kind
under `k`. Emphasis, notes and suggestions are attributes of the words; what is suggested about a
block lies in its marker. What was decided about suggestions lies in the map `decided`, which only
the server writes.
"""

import json
import re
from enum import StrEnum
from typing import Any

import pycrdt

from letters.text.crdt import Doc
from letters.text.ids import Ranges

# To be raised with every change here, together with SCHEMA in letters/editor/schema.js: a page that
# was opened before an update is not let in after it.
SCHEMA = 3

TEXT, DECIDED, PLACED = "letter", "decided", "placed"
# So many characters fit into a letter: code points of its text, where a line break is one, and one
# for each block after the first. Editors refuse what leads beyond it.
LIMIT = 100_000
# Two people may each fill a letter while they are apart, on two devices: all of that is kept.
HARD_LIMIT = 4 * LIMIT
BREAK = "\u2028"  # a line break in the text; "\n" in what is read out of it

SEATS = ("one", "two")


class Kind(StrEnum):
    SALUTATION = "salutation"
    PARAGRAPH = "paragraph"
    LINE = "line"
    CLOSING = "closing"
    SIGNATURE = "signature"


KINDS = {kind.value: kind for kind in Kind}
MARKS = ("strong", "em")

# A suggestion is named after the page that made it: its client id and its clock at the time, in
# base 36. That says whose it is, and which words can be new in it.
_ID = "[0-9a-z]{1,11}_[0-9a-z]{1,7}"
_SPANS = r"(?: [0-9a-z]{1,11}\.[0-9a-z]{1,7}\.[0-9a-z]{1,7})+"
SUGGESTION = re.compile(f"(?:ins|del):({_ID})")
PROPOSAL = re.compile(f"(?:ins|del|kind):({_ID})")
NOTE = re.compile("note:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
PLACING = re.compile("[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
# The values of marks on words, as JSON: whose; and which words are to go, by their ids.
INSERTED = re.compile('"(one|two)"')
REMOVED = re.compile(f'"(one|two){_SPANS}"')
KIND_PROPOSED = re.compile(f"(one|two) ({'|'.join(KINDS)})")

# What a text has no use for: controls, line ends that are not ours, halves of pairs, private use,
# and signs that stand for things in other programs.
FORBIDDEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\u2029\ud800-\udfff\ue000-\uf8ff\ufff9-\ufffc\ufffe\uffff"
    "\U000f0000-\U0010ffff]"
)
_BREAKS = re.compile("\r\n|[\n\r\x0b\x0c\x85\u2028\u2029]")


def plain(text: str) -> str:
    """Words for a letter, its line breaks as `\\n`."""
    text = _BREAKS.sub("\n", text).replace("\t", " ")
    return "\n".join(FORBIDDEN.sub("", row) for row in text.split("\n"))


def in_text(text: str) -> str:
    """The same as they stand in the Y.Text."""
    return plain(text).replace("\n", BREAK)


def base36(number: int) -> str:
    digits = ""
    while True:
        number, digit = divmod(number, 36)
        digits = "0123456789abcdefghijklmnopqrstuvwxyz"[digit] + digits
        if not number:
            return digits


def _from36(digits: str) -> int:
    return int(digits, 36)


def is_of(suggestion: str, client: int) -> bool:
    """Whether the page with this client id made the suggestion."""
    return int(suggestion.partition("_")[0], 36) == client


def is_about(name: str, value: str, id: tuple[int, int]) -> bool:
    """Whether a mark of this name and value (`ins:ID`, `del:ID`) is about the text with this id.
    Yjs may stretch a format over other text: where its end was erased, or somebody erases it."""
    kind, _, suggestion = name.partition(":")
    if kind == "ins":
        maker, _, since = suggestion.partition("_")
        return id[0] == int(maker, 36) and id[1] >= int(since, 36)
    if not REMOVED.fullmatch(f'"{value}"'):
        return False
    spans = (map(_from36, span.split(".")) for span in value.split(" ")[1:])
    return any(client == id[0] and at <= id[1] < at + length for client, at, length in spans)


class Decisions:
    """What was decided so far: of each suggestion the ids, the first verdict, and how often."""

    __slots__ = ("_by_id",)

    def __init__(self, doc: Doc) -> None:
        self._by_id: dict[str, tuple[str, int, Ranges]] = {}
        for name, value in items(doc, DECIDED):
            try:
                told = json.loads(value)
                ranges = Ranges((client, at, at + n) for client, at, n in told["ranges"])
                self._by_id[name] = told["verdict"], told["n"], ranges
            except (ValueError, KeyError, TypeError):
                continue

    def __bool__(self) -> bool:
        return bool(self._by_id)

    def __contains__(self, suggestion: str) -> bool:
        return suggestion in self._by_id

    def of(self, suggestion: str) -> tuple[str, int, Ranges]:
        return self._by_id.get(suggestion, ("", 0, Ranges()))

    def covers(self, name: str, id: tuple[int, int]) -> bool:
        """Whether the mark of this name (`ins:ID`) on this id was decided."""
        known = self._by_id.get(name.partition(":")[2])
        return known is not None and id in known[2]


def items(doc: Doc, root: str) -> list[tuple[str, str]]:
    """The entries of a root map, those that are strings."""
    try:
        entries = doc.get(root, type=pycrdt.Map)
        with doc.transaction():
            found: list[tuple[str, Any]] = list(entries.items())
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException:  # something of another type; a panic in Rust is not an Exception
        return []
    return [(name, value) for name, value in found if isinstance(value, str)]
