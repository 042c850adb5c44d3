"""A letter sign by sign, as a page reads it: characters, and the markers that blocks begin with.

The server and the editor read letters with code of their own. This is a third reading, for the
tests and the bench to hold against both, and it is as plain as it can be rather than quick.
"""

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import pycrdt

from letters.text.ids import Id
from letters.text.updates import STRING, TYPE, entry, parse, string, write

BREAK = "\u2028"
KINDS = {"salutation", "paragraph", "line", "closing", "signature"}
# Signs of one UTF-16 unit each that stand for a struct; see `_ids`.
FIRST_SIGN, SIGNS = 0x3400, 0xA000


class Sign(NamedTuple):
    """A character; or a marker, whose `text` is empty and whose `kind` is not. Anything else that
    is embedded is neither. `marks` are a character's attributes, and a marker's keys but for `k`.

    A character beyond U+FFFF has two ids, of which this is the first."""

    text: str
    kind: str = ""
    marks: Mapping[str, Any] = {}
    id: Id | None = None

    @property
    def name(self) -> Id:
        """Its id, where the signs were asked for with ids."""
        assert self.id is not None
        return self.id

    @property
    def size(self) -> int:
        """How far it moves an index of Yrs."""
        return len(self.text.encode()) or 1

    @property
    def ids(self) -> int:
        return 2 if self.text > "\uffff" else 1

    def open(self, decided: "Decided") -> set[str]:
        """What is suggested about it and not decided, as names of marks. Yjs may have stretched a
        mark over words that it was not about, so each says which words can be meant."""
        return {
            name
            for name, value in self.marks.items()
            if name.partition(":")[0] in ("ins", "del", "kind")
            and (self.id is None or bool(self.kind) or _is_about(name, value, self.id))
            and not decided.covers(name.partition(":")[2], self.id)
        }


def _is_about(name: str, value: str, id: Id) -> bool:
    """A suggestion is named after the page that makes it and its clock then, so what it brings is
    newer; for what it takes out, the ids stand behind the seat."""
    kind, _, suggestion = name.partition(":")
    if kind == "ins":
        client, _, clock = suggestion.partition("_")
        return id.client == int(client, 36) and id.clock >= int(clock, 36)
    spans = [[int(part, 36) for part in span.split(".")] for span in value.split(" ")[1:]]
    return any(client == id.client and 0 <= id.clock - at < n for client, at, n in spans)


class Decided:
    """What the server wrote about suggestions: for each how many decisions, and on which ids."""

    def __init__(self, doc: pycrdt.Doc[Any]) -> None:
        entries = doc.get("decided", type=pycrdt.Map)
        with doc.transaction():
            told = {name: json.loads(value) for name, value in entries.items()}
        self.counts: dict[str, int] = {name: value["n"] for name, value in told.items()}
        self.verdicts: dict[str, str] = {name: value["verdict"] for name, value in told.items()}
        self.ranges: dict[str, list[list[int]]] = {n: value["ranges"] for n, value in told.items()}

    def covers(self, suggestion: str, id: Id | None) -> bool:
        return id is not None and any(
            client == id.client and clock <= id.clock < clock + length
            for client, clock, length in self.ranges.get(suggestion, ())
        )


def runs(doc: pycrdt.Doc[Any]) -> list[Sign]:
    """All of them in their order, neighbours with the same marks as one."""
    found: list[Sign] = []
    with doc.transaction():
        for content, marks in doc.get("letter", type=pycrdt.Text).diff():
            if isinstance(content, str):
                found.append(Sign(content, "", marks or {}))
            elif isinstance(content, pycrdt.Map):
                keys = content.to_py() or {}
                kind = keys.pop("k", "")
                found.append(Sign("", kind if kind in KINDS else "paragraph", keys))
            else:
                found.append(Sign(""))
    return found


def signs(doc: pycrdt.Doc[Any], *, named: bool = False) -> list[Sign]:
    """Each for itself; with its id, where that is asked for."""
    found = [run._replace(text=character) for run in runs(doc) for character in run.text or ("",)]
    if named:
        found = [sign._replace(id=id) for sign, id in zip(found, _ids(doc, found), strict=True)]
    return found


def _ids(doc: pycrdt.Doc[Any], found: Sequence[Sign]) -> list[Id]:
    """Yrs does not tell ids. So a twin of the document is made in which each text says, unit for
    unit, which struct it is, and each marker what its id is. A struct's units stay in their order,
    so how many of them came before one tells its clock."""
    update = doc.get_update()
    structs = parse(update).structs
    texts = [struct for struct in structs if struct.kind == STRING]
    assert len(texts) <= SIGNS, "there are not enough signs for so many structs"
    parts, at = [], 0
    for number, struct in enumerate(texts):
        parts += [update[at : struct.start], string(chr(FIRST_SIGN + number) * struct.length)]
        at = struct.end
    twin: pycrdt.Doc[Any] = pycrdt.Doc()
    twin.apply_update(b"".join([*parts, update[at:]]))
    markers = [struct.id for struct in structs if struct.kind == TYPE]
    stranger = max((struct.client for struct in structs), default=0) + 1
    named = [entry("#", f"{id.client} {id.clock}", parent=id, after=None) for id in markers]
    twin.apply_update(write(stranger, 0, named))

    units: list[Id] = []
    passed: Counter[int] = Counter()
    for sign in signs(twin):
        if sign.text:
            number = ord(sign.text) - FIRST_SIGN
            struct = texts[number]
            units.append(Id(struct.client, struct.clock + passed[number]))
            passed[number] += 1
        else:
            client, _, clock = str(sign.marks.get("#", "0 0")).partition(" ")
            units.append(Id(int(client), int(clock)))
    ids, at = [], 0
    for sign in found:
        ids.append(units[at])
        at += sign.ids
    return ids


def blocks(found: Iterable[Sign], decided: Decided | None = None) -> list[tuple[str, str]]:
    """The kind and the text of each block. With what was `decided`, it is how readers see the
    letter: what is proposed to come is not there yet, what is proposed to go still is."""
    said: list[tuple[str, str]] = []
    for sign in found:
        if decided is not None and any(name.startswith("ins:") for name in sign.open(decided)):
            continue
        if sign.kind:
            said.append((sign.kind, ""))
        elif sign.text:
            kind, text = said[-1] if said else ("", "")
            said[-1:] = [(kind, text + sign.text.replace(BREAK, "\n"))]
    return said


def ranges(found: Sequence[Sign], suggestion: str, decided: Decided) -> list[list[int]]:
    """The ids that carry an open mark of a suggestion: client, first clock, how many."""
    names = {f"{what}:{suggestion}" for what in ("ins", "del", "kind")}
    return spans(sign for sign in found if names & sign.open(decided))


def spans(found: Iterable[Sign]) -> list[list[int]]:
    """The ids of signs: client, first clock, how many."""
    told: list[list[int]] = []
    for sign in found:
        assert sign.id is not None
        last = told[-1] if told else None
        if last and (last[0], last[1] + last[2]) == sign.id:
            last[2] += sign.ids
        else:
            told.append([*sign.id, sign.ids])
    return told


def base36(number: int) -> str:
    digits = ""
    while number or not digits:
        number, digit = divmod(number, 36)
        digits = "0123456789abcdefghijklmnopqrstuvwxyz"[digit] + digits
    return digits
