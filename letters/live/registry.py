"""All open letters of this process: who is let in, when a room is forgotten, and the look at what
other processes wrote.
"""

import asyncio
import logging
from uuid import UUID

from letters.letter import changed
from letters.letter.models.letter import Letter
from letters.live.connection import Connection
from letters.live.group_commit import Commit
from letters.live.loading import in_thread
from letters.live.protocol import CLOSED, TRY_AGAIN
from letters.live.room import Room

log = logging.getLogger(__name__)

# Of one person, in all letters: nobody keeps the other out.
MAX_PAGES = 24
POLL = 1.0

RESTART, SEALED = 1012, 4423


class Rooms:
    def __init__(self) -> None:
        self.commit = Commit()
        self.open: dict[UUID, Room] = {}
        self.polling: asyncio.Task[None] | None = None
        self.tasks: set[asyncio.Task[None]] = set()
        self.closing = False
        self.loop = asyncio.get_running_loop()
        changed.listeners.add(self.hear)

    def hear(self, letter_id: UUID) -> None:
        """From any thread: something happened to a letter. See letter/changed.py."""
        if letter_id in self.open and not self.loop.is_closed():
            self.loop.call_soon_threadsafe(self._glance, letter_id)

    def _glance(self, letter_id: UUID) -> None:
        self.keep(asyncio.create_task(self._look([letter_id])))

    def enter(self, letter_id: UUID, owner_id: UUID, page: Connection) -> Room | None:
        """Let a page into its letter's room; the first one opens it. None when the page had to be
        turned away and is closed."""
        if self.closing:
            page.close(RESTART, "restart")
            return None
        if self._pages_of(page.person_id) >= MAX_PAGES:
            page.close(TRY_AGAIN, "too many pages")
            return None
        room = self.open.get(letter_id)
        if room is None:
            room = self.open[letter_id] = Room(letter_id, owner_id, self)
            if self.polling is None or self.polling.done():
                self.polling = asyncio.create_task(self._poll())
        room.enter(page)
        return room

    def keep(self, task: asyncio.Task[None]) -> None:
        """Until it is done: asyncio itself does not hold a task."""
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    def _pages_of(self, person_id: UUID) -> int:
        return sum(
            page.person_id == person_id for room in self.open.values() for page in room.connections
        )

    def retire(self, room: Room) -> None:
        """Everybody left: write, take a snapshot, and forget, unless somebody comes back."""
        if room.retiring is None:
            room.retiring = asyncio.create_task(self._retire(room))

    async def _retire(self, room: Room) -> None:
        try:
            while not room.connections:
                while room.batch is not None:
                    await room.batch.landed(room)
                if room.connections or self.open.get(room.letter_id) is not room:
                    break
                await room.maintenance.finish()
                if not room.connections and room.batch is None:
                    self.forget(room)
        except Exception:
            # Nothing is lost: the rows are there, and the next one out tries again.
            log.exception("No snapshot could be taken of a letter.")
            if not room.connections:
                self.forget(room)
        finally:
            room.retiring = None

    def forget(self, room: Room) -> None:
        if self.open.get(room.letter_id) is room:
            del self.open[room.letter_id]
            room.discretion.stop()

    async def _poll(self) -> None:
        """Once a second, see whether another process wrote to a letter that is open here, or
        whether it was closed."""
        while self.open:
            await asyncio.sleep(POLL)
            await self._look(list(self.open))

    async def _look(self, letter_ids: list[UUID]) -> None:
        try:
            seqs = await in_thread(Letter.objects.seqs, letter_ids)
            closed = [letter_id for letter_id in letter_ids if letter_id not in seqs]
            sealed = await in_thread(Letter.sealed_among, closed) if closed else set()
        except Exception as error:
            log.warning("The log of letters cannot be read: %s", error)
        else:
            self._compare(letter_ids, seqs, sealed)

    def _compare(self, letter_ids: list[UUID], seqs: dict[UUID, int], sealed: set[UUID]) -> None:
        for room in filter(None, map(self.open.get, letter_ids)):
            seq = seqs.get(room.letter_id)
            if seq is None and room.letter_id in sealed:
                room.close_all(SEALED, "sealed")
            elif seq is None:
                room.close_all(CLOSED, "closed")
            elif room.loading is None and room.batch is None and seq > room.tail.seq:
                room.tail.catch_up()

    async def close(self, patience: float = 10.0) -> None:
        """Show everybody out, and write down what is held."""
        self.closing = True
        changed.listeners.discard(self.hear)
        for room in list(self.open.values()):
            room.close_all(RESTART, "restart")
        await self.commit.stop(patience)
        tasks = [room.retiring for room in list(self.open.values()) if room.retiring]
        if tasks:
            await asyncio.wait(tasks, timeout=patience)
        if self.polling is not None:
            self.polling.cancel()
