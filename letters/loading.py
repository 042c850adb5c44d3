"""Reading a letter from its log, in threads, for a room that opens it."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple
from uuid import UUID

from django.db import close_old_connections

from letters import crdt
from letters.models import Document
from letters.models.document import Log
from letters.wire import NOTHING, Malformed

# Loading and compacting have threads of their own, so that a crowd that comes back after a restart
# keeps neither the pages nor the watch at the door waiting.
threads = ThreadPoolExecutor(max_workers=2, thread_name_prefix="letters")


async def in_thread[T](function: Callable[..., T], *args: Any) -> T:
    def call() -> T:
        close_old_connections()
        try:
            return function(*args)
        finally:
            close_old_connections()

    return await asyncio.get_running_loop().run_in_executor(threads, call)


class Stored(NamedTuple):
    """What is written of a letter. `rest` is all that came after the snapshot, as one update; None
    where something in it is not as honest pages send it."""

    log: Log
    rest: bytes | None


def read(letter_id: UUID) -> Stored:
    """In a thread."""
    log = Document.read(letter_id)
    rest = log.updates[1:]
    try:
        for update in rest:
            crdt.weigh(update)
    except Malformed:
        return Stored(log, None)
    merged = crdt.merge(rest) if len(rest) > 1 else rest or [NOTHING]
    return Stored(log, merged[0] if len(merged) == 1 else None)


class Loaded(NamedTuple):
    doc: crdt.Doc
    seq: int
    snapshot_seq: int
    weight: int
    pending: list[bytes]
    fits: bool


def load(stored: Log, held: list[bytes]) -> Loaded:
    """In a thread: the document from what is written and from what is still held in memory;
    `fits` says whether the last of these could be applied."""
    updates = stored.updates + held
    doc, kept = crdt.assemble(updates)
    fits = len(updates) - 1 in kept
    kept.pop(0, None)  # nothing of a snapshot lies pending
    pending = list(crdt.pending(doc, kept).values())
    if stored.weight:
        # What was erased since the snapshot weighs something for now; the room looks again
        # before it turns anything away.
        weight = stored.weight + sum(map(crdt.weight, kept.values()))
    else:
        weight = crdt.weight_of(doc)
    return Loaded(doc, stored.seq, stored.snapshot_seq, weight, pending, fits)
