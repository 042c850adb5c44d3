"""Reading a letter from its log, in threads, for a room that opens it."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple
from uuid import UUID

from django.db import close_old_connections

from letters import crdt
from letters.models import Document

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


class Loaded(NamedTuple):
    doc: crdt.Doc
    seq: int
    snapshot_seq: int
    weight: int
    pending: list[bytes]
    fits: bool


def load(letter_id: UUID, held: list[bytes]) -> Loaded:
    """In a thread: the document from what is written and from what is still held in memory;
    `fits` says whether the last of these could be applied."""
    stored = Document.read(letter_id)
    updates = stored.updates + held
    doc, kept = crdt.assemble(updates)
    pending = list(crdt.pending(doc, kept).values())
    fits = len(updates) - 1 in kept
    return Loaded(doc, stored.seq, stored.snapshot_seq, crdt.weight_of(doc), pending, fits)
