"""Reading a letter from its log, in threads, for a room that opens it."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple
from uuid import UUID

from django.db import close_old_connections
from django.utils import timezone

from letters.letter.models.authorship import Attribution
from letters.letter.models.client import Client
from letters.letter.models.document import Document, Log
from letters.text import crdt
from letters.text.lib0 import NOTHING, Malformed
from letters.text.replica import Replica
from letters.text.updates import Contents, parse

# Loading and compacting have threads of their own, so that a crowd that comes back after a restart
# keeps neither the pages nor the session monitor waiting.
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
    where some of it is not for everybody yet."""

    log: Log
    rest: bytes | None


def read(letter_id: UUID) -> Stored:
    """What a first page can be sent before anything is put together. Blocks: for a thread."""
    log = Document.read(letter_id)
    now = timezone.now()
    if any(row.is_hidden(now) for row in log.rows):
        return Stored(log, None)
    rest = crdt.merge(log.updates[1:]) or [NOTHING]
    return Stored(log, rest[0] if len(rest) == 1 and _is_sound(rest[0]) else None)


def _is_sound(update: bytes) -> bool:
    """Whether a browser can read it: this goes out before the letter is put together."""
    try:
        parse(update)
    except Malformed:
        return False
    return True


def load(letter_id: UUID, log: Log, held: list[bytes]) -> Replica:
    """In a thread: the letter from what is written and from what is still held in memory."""
    return Replica.load([*log.updates, *held], Attribution.objects.authors(letter_id), log.marks)


class News(NamedTuple):
    """What came after a row: the rows, and whose the words in them are where that was found out."""

    log: Log
    # What the updates of the rows consist of: to read that takes long for a restore.
    contents: dict[bytes, Contents]
    owners: dict[int, UUID]
    attributions: list[tuple[int, int, int, UUID | None]]


def news(letter_id: UUID, after: int) -> News:
    """What other processes wrote after the row `after`. Blocks: for a thread."""
    log = Document.read(letter_id, after)
    contents = {update: parse(update) for row in log.rows for update in row.updates}
    clients = {struct.client for each in contents.values() for struct in each.structs}
    owners = Client.objects.filter(letter=letter_id, client_id__in=clients)
    known = Attribution.objects.filter(letter=letter_id, client_id__in=clients)
    return News(
        log,
        contents,
        dict(owners.values_list("client_id", "person_id")),
        list(known.values_list("client_id", "clock", "length", "person_id")),
    )


def view(letter_id: UUID, reader_id: UUID) -> crdt.Doc:
    """In a thread: the letter as it reaches this person now."""
    return crdt.assemble(Document.read(letter_id, reader=reader_id).updates)
