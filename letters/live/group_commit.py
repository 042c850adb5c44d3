"""Group commit: what was typed in all open letters is written down together, over and over.

While one transaction is on its way to the disk, the next one gathers. So there is one commit
however many people type, an edit waits for two commits at most, and a slow disk makes the commits
larger instead of more. After a pause an edit is written at once; while many type, commits keep a
small distance, because each costs the loop more than an edit does. A client is told "saved" (its
barrier is answered) only from here, after the commit that holds its edits.

A letter whose row is locked, by a signature or a restore, is left out and written apart, in a
thread of its own, so that it keeps nobody else waiting.

Everything but `_write` runs on the event loop, and `_write` has threads and database connections
of its own: there is nothing to lock.
"""

import asyncio
import logging
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from threading import Event
from typing import NamedTuple, Protocol
from uuid import UUID

from django.db import InterfaceError, OperationalError, connection

from letters.letter.hidden import Hidden
from letters.letter.models.document import Entry, Update, Written
from letters.text.authorship import Attribution

log = logging.getLogger(__name__)

# What may wait in memory while the database does not answer; then letters close for writing.
MAX_HELD = 32 * 2**20
RETRY_FIRST, RETRY_MOST = 0.05, 2.0
# From one commit to the next. The page asks whether it is saved after 150 ms and does not notice.
DISTANCE = 0.02
# So many letters whose rows are locked are waited for at once.
APART = 4


class Overloaded(Exception):
    """More is waiting to be written than may be held."""


class Source(Protocol):
    """A room, as far as the commit knows it."""

    letter_id: UUID
    owner_id: UUID
    batch: "Batch | None"

    def written(self, seqs: list[int]) -> None: ...
    def unwritable(self) -> None: ...


class Part(NamedTuple):
    """What one row will hold, and what is remembered with it."""

    updates: list[bytes]
    attributions: list[Attribution]
    clients: list[tuple[int, UUID]]
    hidden: Hidden | None = None


class Batch:
    """What goes into one transaction, and what is to happen once it is written."""

    __slots__ = ("number", "parts", "size", "then")

    numbers = count(1)

    def __init__(self) -> None:
        self.number = next(self.numbers)
        self.parts: dict[Source, list[Part]] = {}
        self.then: list[tuple[Source, Callable[[], object]]] = []
        self.size = 0

    def add(self, source: Source, part: Part) -> None:
        for update in part.updates:
            self.size += len(update)
        mine = self.parts.get(source)
        if mine is None:
            self.parts[source] = [part]
            source.batch = self
        elif (last := mine[-1]).hidden == part.hidden:
            last.updates.extend(part.updates)
            last.attributions.extend(part.attributions)
            last.clients.extend(part.clients)
        else:
            mine.append(part)

    def entries(self) -> list[Entry]:
        return [
            Entry(source.letter_id, source.owner_id, *part)
            for source, parts in self.parts.items()
            for part in parts
        ]

    def when_written(self, source: Source, then: Callable[[], object], size: int = 0) -> None:
        """Call back when what this source has in here is written, or known to be unwritable."""
        self.size += size
        self.then.append((source, then))

    async def landed(self, source: Source) -> None:
        written = asyncio.Event()
        self.when_written(source, written.set)
        await written.wait()

    def take(self, source: Source, into: "Batch") -> None:
        """Hand over what this source has in here."""
        for part in self.parts.pop(source, []):
            into.add(source, part)
        into.then += [(whose, then) for whose, then in self.then if whose is source]
        self.then = [(whose, then) for whose, then in self.then if whose is not source]


class Commit:
    def __init__(self) -> None:
        self.loop = asyncio.get_running_loop()
        self.thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="commit")
        self.threads_apart = ThreadPoolExecutor(APART, thread_name_prefix="commit-apart")
        self.gathering = Batch()
        self.flying: Batch | None = None
        # Sources whose row is locked: what is on its way, and what has gathered behind it.
        self.apart: dict[Source, tuple[Batch, Batch]] = {}
        self.due = False
        self.took_off = -DISTANCE
        self.giving_up = Event()

    @property
    def full(self) -> bool:
        """Whether too much is waiting already for anything more to be taken in."""
        size = self.gathering.size  # asked at every edit: written out rather than summed
        if self.flying is not None:
            size += self.flying.size
        for first, behind in self.apart.values():
            size += first.size + behind.size
        return size > MAX_HELD

    def _batches(self) -> Iterable[Batch]:
        """In the order in which they will be written."""
        if self.flying is not None:
            yield self.flying
        for batches in self.apart.values():
            yield from batches
        yield self.gathering

    def add(self, source: Source, part: Part) -> None:
        """Have something written down."""
        if source in self.apart:
            self.apart[source][1].add(source, part)
            return
        self.gathering.add(source, part)
        if self.flying is None and not self.due:
            self._prepare()

    def held(self, source: Source) -> list[bytes]:
        """The updates of a source that are not written yet."""
        return [
            update
            for batch in self._batches()
            for part in batch.parts.get(source, ())
            for update in part.updates
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
        if not batch.parts:
            self.flying = None
            return
        future = self.loop.run_in_executor(self.thread, self._write, batch.entries(), False)
        future.add_done_callback(self._landed)

    def _landed(self, future: asyncio.Future[Written]) -> None:
        batch, self.flying = self.flying, None
        assert batch is not None  # noqa: S101
        written = _result(future)
        for source in [each for each in batch.parts if each.letter_id in written.locked]:
            self._set_apart(source, batch)
        self._tell(batch, written)
        if self.gathering.parts:
            self._prepare()

    def _set_apart(self, source: Source, batch: Batch) -> None:
        first, behind = Batch(), Batch()
        batch.take(source, first)
        self.gathering.take(source, behind)
        self.apart[source] = first, behind
        if not behind.parts:
            source.batch = first
        self._write_apart(source, first)

    def _write_apart(self, source: Source, batch: Batch) -> None:
        future = self.loop.run_in_executor(self.threads_apart, self._write, batch.entries(), True)
        future.add_done_callback(lambda done: self._landed_apart(source, done))

    def _landed_apart(self, source: Source, future: asyncio.Future[Written]) -> None:
        batch, behind = self.apart.pop(source)
        if behind.parts:
            self.apart[source] = behind, Batch()
            self._write_apart(source, behind)
        self._tell(batch, _result(future))

    def _tell(self, batch: Batch, written: Written) -> None:
        """What went wrong in one room's books costs nobody else their *Saved*."""
        for source in batch.parts:
            if source.batch is batch:
                source.batch = None
            seqs = written.seqs.get(source.letter_id)
            try:
                if seqs is None:
                    source.unwritable()
                else:
                    source.written(seqs)
            except Exception:
                log.exception("A room could not take note of what was written.")
        for _, then in batch.then:
            try:
                then()
            except Exception:
                log.exception("A page could not be told what was written.")

    def _write(self, entries: list[Entry], wait: bool) -> Written:
        """In a thread: write, however long the database takes to come back. What cannot be
        written at all is missing from the answer, and keeps nothing else from being written."""
        pause = RETRY_FIRST
        while True:
            try:
                return Update.objects.append(entries, wait=wait)
            except (OperationalError, InterfaceError) as error:
                if pause == RETRY_FIRST:
                    log.warning("Letters cannot be written, trying again: %s", error)
                connection.close()
                if self.giving_up.wait(pause):
                    log.error("Stopped with %d letters not written to the end.", len(entries))
                    return Written({}, set())
                pause = min(pause * 2, RETRY_MOST)
            except Exception:
                connection.close()
                letters = list(dict.fromkeys(entry.letter_id for entry in entries))
                if len(letters) == 1:
                    log.exception("A letter cannot be written.")
                    return Written({}, set())
                written = Written({}, set())
                for letter in letters:
                    one = self._write([e for e in entries if e.letter_id == letter], wait)
                    written.seqs.update(one.seqs)
                    written.locked.update(one.locked)
                return written

    async def stop(self, patience: float) -> None:
        """Write what is held, for at most `patience` seconds, and end the threads."""
        give_up = self.loop.call_later(patience, self.giving_up.set)
        while waiting := [batch for batch in self._batches() if batch.parts]:
            batch = waiting[0]
            await batch.landed(next(iter(batch.parts)))
        give_up.cancel()
        # Looked up in the thread, whose connection it then is.
        await self.loop.run_in_executor(self.thread, lambda: connection.close())
        for _ in range(APART):
            await self.loop.run_in_executor(self.threads_apart, lambda: connection.close())
        self.thread.shutdown(wait=False)
        self.threads_apart.shutdown(wait=False)


def _result(future: asyncio.Future[Written]) -> Written:
    if future.cancelled() or future.exception():
        return Written({}, set())
    return future.result()
