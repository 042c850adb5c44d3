"""Who wrote what in a letter, and the edits that the server makes as somebody."""

from collections.abc import Callable, Iterable
from typing import TypedDict
from uuid import UUID

from django.db import transaction

from couples.models import User
from letters import document
from letters.discretion import hidden_now
from letters.document import Block, Run
from letters.models import Attribution, Document, Entry, Letter, Update
from letters.text import crdt
from letters.text.edit import Editor
from letters.text.model import MARKS, Kind
from letters.wake import wake
from letters.wire import NOTHING


class Stored(TypedDict):
    """As JSON, where a run is its text, its author and its marks."""

    kind: str
    runs: list[list[str | None]]


def read(letter: Letter, reader: User | None = None) -> list[Block]:
    """What the letter says now, and who wrote it: nobody who is known for what stands on the first
    page. For a reader as it reaches them."""
    doc = crdt.assemble(Document.read(letter.pk, reader=reader.pk if reader else None).updates)
    return document.blocks(doc, authors=Attribution.objects.authors(letter.pk))


def edit(letter: Letter, person: User, change: Callable[[Editor], None]) -> None:
    """An edit from the server as this person, whose runs say who wrote them. It is made of what is
    written now, as far as it reaches them, and without a lock: it merges with what is typed
    meanwhile, and reaches the open pages."""
    doc = document.load(letter, person)
    editor = Editor(doc, person.pk)
    change(editor)
    update = editor.update
    if update == NOTHING:
        return
    clients = [(doc.client_id, person.pk)]
    hidden = None if letter.is_personal or person.shows_presence else hidden_now(person.pk)
    entry = Entry(letter.pk, letter.key_owner_id, [update], editor.attributions, clients, hidden)
    with transaction.atomic():
        Update.objects.append([entry])
        wake(letter.pk)


def to_json(blocks: Iterable[Block]) -> list[Stored]:
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


def from_json(stored: Iterable[Stored]) -> list[Block]:
    """The blocks again, through the same closed list."""
    return [
        Block(
            Kind(block["kind"]),
            tuple(
                Run(
                    str(text),
                    tuple(mark for mark in MARKS if mark in marks),
                    (),
                    UUID(person_id) if person_id else None,
                )
                for text, person_id, *marks in block["runs"]
            ),
        )
        for block in stored
    ]


def said(blocks: Iterable[Block]) -> list[Block]:
    """What blocks say, without who wrote it."""
    return [
        Block(block.kind, document.joined(Run(run.text, run.marks) for run in block.runs))
        for block in blocks
    ]
