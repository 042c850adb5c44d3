"""Yrs under guard: what it panics over arrives as BaseException, and is told apart here."""

import logging
from collections.abc import Iterable, Iterator
from typing import Any

import pycrdt

from letters.text.ids import Span, own_client
from letters.text.lib0 import NOTHING, Malformed, Reader, uint
from letters.text.updates import parse

type Doc = pycrdt.Doc[Any]

log = logging.getLogger(__name__)


class Spoiled(Exception):
    """Yrs failed half-way through an update: the document can no longer be trusted."""


def new() -> Doc:
    """An empty document of the server's."""
    return pycrdt.Doc(client_id=own_client())


def apply(doc: Doc, update: bytes) -> None:
    """Apply an update. Malformed leaves the document as it was, Spoiled does not."""
    try:
        doc.apply_update(update)
    except (KeyboardInterrupt, SystemExit):
        raise
    except ValueError as error:
        raise Malformed(str(error)) from None
    except BaseException as error:  # a panic in Rust is not an Exception
        raise Spoiled(f"{type(error).__name__}: {error}") from None


def assemble(updates: Iterable[bytes]) -> Doc:
    """A document from its updates in their order. One that Yrs fails over is left out: it was
    looked at before it was written down, so there is none that anybody knows of."""
    return fit(updates)[0]


def fit(updates: Iterable[bytes]) -> tuple[Doc, int]:
    """The same, and how many updates were left out."""
    kept = list(updates)
    try:
        # In one transaction each costs half as much.
        doc = new()
        with doc.transaction():
            for update in kept:
                apply(doc, update)
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException:  # whichever of them Yrs fails over, or the end of the transaction
        return _fit_one_by_one(kept)
    return doc, 0


def _fit_one_by_one(kept: list[bytes]) -> tuple[Doc, int]:
    left_out = 0
    while True:
        doc = new()
        for place, update in enumerate(kept):
            try:
                apply(doc, update)
            except (Malformed, Spoiled):
                log.exception("An update is left out of a letter: it does not fit in.")
                left_out += 1
                del kept[place]
                break
        else:
            return doc, left_out


def missing(doc: Doc, vector: bytes) -> bytes:
    """What the document has beyond a state vector. Raises Malformed."""
    try:
        return doc.get_update(vector)
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:
        raise Malformed(str(error)) from None


def beyond(update: bytes, vector: bytes) -> bytes:
    """What an update inserts beyond a state vector, and all that it erases. Raises Malformed."""
    try:
        return pycrdt.get_update(update, vector)
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:
        raise Malformed(str(error)) from None


def merge(updates: list[bytes]) -> list[bytes]:
    """The same updates as one; or as they are, if that fails."""
    if len(updates) < 2:
        return updates
    try:
        return [pycrdt.merge_updates(*updates)]
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException:
        return updates


def state(vector: bytes) -> dict[int, int]:
    """A state vector: how far each client's edits are known."""
    reader = Reader(vector)
    return {reader.uint(): reader.uint() for _ in range(reader.uint())}


def reaches(vector: bytes, update: bytes) -> bool:
    """Whether nothing of the update lies beyond this state vector, as far as it can be read."""
    try:
        rest = beyond(update, vector)
        if rest == NOTHING:
            return True  # without deletions, which nearly all are; read by Yrs in no time
        contents = parse(rest)
    except Malformed:
        return False
    known = state(vector)
    return not contents.structs and all(
        end <= known.get(client, 0) for client, _, end in contents.erased
    )


def erased(doc: Doc) -> list[Span]:
    """The delete set: ranges of clocks [start, end) of each client. Reads none of the text."""
    return parse(doc.get_update(doc.get_state())).erased


def pack(updates: Iterable[bytes]) -> bytes:
    """Several updates, byte for byte, as the content of one row."""
    return b"".join(part for update in updates for part in (uint(len(update)), update))


def unpack(data: bytes) -> Iterator[bytes]:
    reader = Reader(data)
    while not reader.ended:
        yield reader.bytes()
