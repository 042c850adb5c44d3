"""Group commit: what was typed in all open letters is written down together, over and over.

While one transaction is on its way to the disk, the next one gathers. So there is one commit
however many people type, an edit waits for two commits at most, and a slow disk makes the commits
larger instead of more. After a pause an edit is written at once; while many type, commits keep a
small distance, because each costs the loop more than an edit does. A client is told "saved" (its
barrier is answered) only from here, after the commit that holds its edits.

Everything but `_write` runs on the event loop, and `_write` has a thread and a database connection
of its own: there is nothing to lock.
"""

import asyncio
import logging
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import Protocol
from uuid import UUID

from django.db import InterfaceError, OperationalError, connection

from letters.models import Brought, Entry, Update

log = logging.getLogger(__name__)

# What may wait in memory while the database does not answer; then letters close for writing.
MAX_HELD = 32 * 2**20
RETRY_FIRST, RETRY_MOST = 0.05, 2.0
# From one commit to the next. The page asks whether it is saved after 150 ms and does not notice.
DISTANCE = 0.02


class Overloaded(Exception):
    """More is waiting to be written than may be held."""


class Source(Protocol):
    """A room, as far as the commit knows it."""

    letter_id: UUID
    owner_id: UUID
    batch: "Batch | None"

    def written(self, seq: int) -> None: ...
    def unwritable(self) -> None: ...


class Batch:
    """What goes into one transaction, and what is to happen once it is written."""

    __slots__ = ("brought", "size", "then", "updates")

    def __init__(self) -> None:
        self.updates: dict[Source, list[bytes]] = {}
        self.brought: dict[Source, list[Brought]] = {}
        self.then: list[Callable[[], object]] = []
        self.size = 0

    async def landed(self) -> None:
        """Wait until this is written, or known to be unwritable."""
        written = asyncio.Event()
        self.then.append(written.set)
        await written.wait()


class Commit:
    def __init__(self) -> None:
        self.loop = asyncio.get_running_loop()
        self.thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="commit")
        self.gathering = Batch()
        self.flying: Batch | None = None
        self.due = False
        self.took_off = -DISTANCE
        self.giving_up = Event()

    @property
    def full(self) -> bool:
        """Whether too much is waiting already for anything more to be taken in."""
        flying = self.flying.size if self.flying is not None else 0
        return flying + self.gathering.size > MAX_HELD

    def add(self, source: Source, update: bytes, brought: Sequence[Brought] = ()) -> None:
        """Have an update written down, and who brought what in it."""
        batch = self.gathering
        if brought:
            batch.brought.setdefault(source, []).extend(brought)
        batch.size += len(update)
        mine = batch.updates.get(source)
        if mine is None:
            batch.updates[source] = [update]
            source.batch = batch
        else:
            mine.append(update)
        if self.flying is None and not self.due:
            self._prepare()

    def held(self, source: Source) -> list[bytes]:
        """The updates of a source that are not written yet."""
        return [
            update
            for batch in (self.flying, self.gathering)
            if batch is not None
            for update in batch.updates.get(source, ())
        ]

    def _prepare(self) -> None:
        """Take off at the end of this turn of the loop, so that what came in together goes
        together; or later, where the last commit was only just now."""
        self.due = True
        distance = self.took_off + DISTANCE - self.loop.time()
        if distance > 0:
            self.loop.call_later(distance, self._take_off)
        else:
            self.loop.call_soon(self._take_off)

    def _take_off(self) -> None:
        self.due = False
        self.took_off = self.loop.time()
        batch = self.flying = self.gathering
        self.gathering = Batch()
        entries = [
            Entry(source.letter_id, source.owner_id, updates, batch.brought.get(source, ()))
            for source, updates in batch.updates.items()
        ]
        future = self.loop.run_in_executor(self.thread, self._write, entries)
        future.add_done_callback(self._landed)

    def _landed(self, future: asyncio.Future[dict[UUID, int]]) -> None:
        batch, self.flying = self.flying, None
        assert batch is not None  # noqa: S101
        seqs = {} if future.cancelled() or future.exception() else future.result()
        for source in batch.updates:
            if source.batch is batch:
                source.batch = None
            seq = seqs.get(source.letter_id)
            if seq is None:
                source.unwritable()
            else:
                source.written(seq)
        for then in batch.then:
            then()
        if self.gathering.updates:
            self._prepare()

    def _write(self, entries: list[Entry]) -> dict[UUID, int]:
        """In the thread: write, however long the database takes to come back. What cannot be
        written at all is missing from the answer, and keeps nothing else from being written."""
        wait = RETRY_FIRST
        while True:
            try:
                return Update.objects.append(entries)
            except (OperationalError, InterfaceError) as error:
                if wait == RETRY_FIRST:
                    log.warning("Letters cannot be written, trying again: %s", error)
                connection.close()
                if self.giving_up.wait(wait):
                    log.error("Stopped with %d letters not written to the end.", len(entries))
                    return {}
                wait = min(wait * 2, RETRY_MOST)
            except Exception:
                connection.close()
                if len(entries) > 1:
                    return {k: v for entry in entries for k, v in self._write([entry]).items()}
                log.exception("A letter cannot be written.")
                return {}

    async def stop(self, patience: float) -> None:
        """Write what is held, for at most `patience` seconds, and end the thread."""
        give_up = self.loop.call_later(patience, self.giving_up.set)
        while self.flying is not None or self.gathering.updates:
            await (self.flying or self.gathering).landed()
        give_up.cancel()
        # Looked up in the thread, whose connection it then is.
        await self.loop.run_in_executor(self.thread, lambda: connection.close())
        self.thread.shutdown(wait=False)
