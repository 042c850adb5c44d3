"""Who wrote what in a letter."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple, TypedDict
from uuid import UUID

from django.db import transaction

from couples.models import User
from letters import crdt, document, ledger, structs
from letters.document import Kind
from letters.models import Attribution, Client, Document, Entry, Letter, Update


class AuthoredRun(NamedTuple):
    """Words by one person; None where that is not known, as for what stands on the first page."""

    text: str
    marks: tuple[str, ...]
    person_id: UUID | None


class AuthoredBlock(NamedTuple):
    kind: Kind
    runs: tuple[AuthoredRun, ...]

    @property
    def text(self) -> str:
        return "".join(run.text for run in self.runs)


class Stored(TypedDict):
    """As JSON, where a run is its text, its author and its marks."""

    kind: str
    runs: list[list[str | None]]


def read(letter: Letter) -> list[AuthoredBlock]:
    """What the letter says now, and who wrote it."""
    log = Document.read(letter.pk)
    doc, kept = crdt.assemble(log.updates)
    known = Attribution.objects.ledger(letter.pk)
    if not letter.is_personal:
        ledger.replay(known, list(kept.values()))
    return [
        AuthoredBlock(
            block.kind, tuple(AuthoredRun(run.text, run.marks, run.person_id) for run in block.runs)
        )
        for block in document.blocks(doc, voices=_voices(doc, known))
    ]


def _voices(doc: crdt.Doc, known: ledger.Ledger) -> Iterator[document.Voice]:
    for strand in structs.pieces(doc):
        whose = [
            (length, person_id)
            for piece in strand
            for length, person_id in known.split(piece.client, piece.clock, len(piece.units))
        ]
        yield _voice(whose)


def _voice(whose: list[tuple[int, UUID | None]]) -> document.Voice:
    """Goes along a text with the lengths that each author has there."""
    left = list(reversed(whose))

    def voice(words: str) -> Iterator[tuple[str, UUID | None]]:
        units = structs.to_units(words)
        at = 0
        while at < len(units):
            length, person_id = left.pop() if left else (len(units), None)
            taken = units[at : at + length]
            yield structs.from_units(taken), person_id
            at += len(taken)
            if len(taken) < length:
                left.append((length - len(taken), person_id))

    return lambda words: list(voice(words))


def write(
    letter: Letter,
    person: User,
    edit: Callable[[crdt.Doc], None],
    words: Sequence[AuthoredBlock] = (),
) -> None:
    """An edit from the server as this person. What it inserts and `words` hold keeps the author
    that it has there. It merges with what is typed meanwhile, and reaches the open pages."""
    doc = document.load(letter)
    before = doc.get_state()
    edit(doc)
    update = doc.get_update(before)
    known = ledger.Ledger({doc.client_id: person.pk})
    if words:
        _attribute(doc, known, words)
    people = User.objects.in_bulk({person_id for *_, person_id in known.news if person_id})
    known.news = [
        (client, clock, length, person_id if person_id in people else None)
        for client, clock, length, person_id in known.news
    ]
    with transaction.atomic():
        Client.register(letter, doc.client_id, person.pk)
        Update.objects.append([Entry(letter.pk, letter.key_owner_id, [update])])
        Attribution.objects.remember(letter.pk, known)


def _attribute(doc: crdt.Doc, known: ledger.Ledger, words: Sequence[AuthoredBlock]) -> None:
    """Find what the document's own client has written among the words, block by block."""
    told = [
        [(unit, run.person_id) for run in block.runs for unit in structs.to_units(run.text)]
        for block in words
    ]
    by_text: dict[str, list[int]] = {}
    for place, block in enumerate(told):
        by_text.setdefault("".join(unit for unit, _ in block), []).append(place)
    everything = [entry for block in told for entry in block]
    whole = "".join(unit for unit, _ in everything)
    last = -1
    for strands in structs.blocks(doc):
        text = "".join(piece.units for piece in strands)
        places = by_text.get(text, [])
        same = next((place for place in places if place > last), places[0] if places else None)
        if same is not None:
            last = same
        at = 0
        for piece in strands:
            if piece.client == doc.client_id:
                if same is not None:
                    entries = told[same][at : at + len(piece.units)]
                else:
                    found = whole.find(piece.units)
                    entries = everything[found : found + len(piece.units)] if found >= 0 else []
                for offset, (_, person_id) in enumerate(entries):
                    known.tell(piece.client, piece.clock + offset, 1, person_id)
            at += len(piece.units)


def to_json(blocks: Iterable[AuthoredBlock]) -> list[Stored]:
    return [
        {
            "kind": block.kind.value,
            "runs": [
                [run.text, str(run.person_id) if run.person_id else None, *run.marks]
                for run in block.runs
            ],
        }
        for block in blocks
    ]


def from_json(stored: Iterable[Stored]) -> list[AuthoredBlock]:
    """The blocks again, through the same closed list."""
    return [
        AuthoredBlock(
            Kind(block["kind"]),
            tuple(
                AuthoredRun(
                    str(text),
                    tuple(mark for mark in document.MARKS if mark in marks),
                    UUID(person_id) if person_id else None,
                )
                for text, person_id, *marks in block["runs"]
            ),
        )
        for block in stored
    ]
