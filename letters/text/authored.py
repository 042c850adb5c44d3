"""What a letter says with who wrote it, as JSON: so a version keeps it."""

from collections.abc import Iterable
from typing import TypedDict
from uuid import UUID

from letters.text import document
from letters.text.document import Block, Run
from letters.text.model import MARKS, Kind


class Stored(TypedDict):
    """A run is its text, its author and its marks."""

    kind: str
    runs: list[list[str | None]]


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


def without_writers(blocks: Iterable[Block]) -> list[Block]:
    """What blocks say, without who wrote it."""
    return [
        Block(block.kind, document.joined(Run(run.text, run.marks) for run in block.runs))
        for block in blocks
    ]
