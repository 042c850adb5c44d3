"""How far a room has read the log of its letter.

Another process may write to the same letter: its rows show as a gap in the numbers, or are found by
a look at all open letters once a second (registry.py).
"""

import asyncio
import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING

from letters.live.loading import in_thread, news
from letters.text import crdt

if TYPE_CHECKING:
    from letters.live.room import Room

log = logging.getLogger(__name__)


class LogTail:
    def __init__(self, room: "Room") -> None:
        self.room = room
        # Up to which row of the log the pages have everything, and the own rows beyond a gap.
        self.seq = 0
        self.beyond: set[int] = set()
        self.reading: asyncio.Task[None] | None = None

    def written(self, seqs: Sequence[int]) -> None:
        """These rows are the room's own."""
        self.beyond.update(seqs)
        self._advance(self.seq)
        if self.beyond:
            self.catch_up()

    def _advance(self, seq: int) -> None:
        self.seq = max(self.seq, seq)
        while self.seq + 1 in self.beyond:
            self.seq += 1
        self.beyond = {row for row in self.beyond if row > self.seq}

    def catch_up(self) -> None:
        """Another process wrote to this letter: fetch that."""
        if self.reading is None:
            self.reading = asyncio.create_task(self._read())

    async def catch_up_now(self) -> None:
        """Have everything that is written by this moment."""
        if self.reading is not None:
            await self.reading
        self.catch_up()
        if self.reading is not None:
            await self.reading

    async def _read(self) -> None:
        room = self.room
        try:
            stored, contents, owners, attributions = await in_thread(news, room.letter_id, self.seq)
            await room.ready()
            room.replica.authors.learn(owners, attributions)
            snapshot = [] if stored.snapshot is None else [stored.snapshot]
            for update in snapshot:
                room.replica.absorb(update)
                room.relay(update)
            for row in stored.rows:
                if row.seq in self.beyond:
                    continue  # our own
                for update in row.updates:
                    room.replica.absorb(update, contents[update])
                    hidden = room.discretion.hold_row(row._replace(updates=[update]))
                    room.relay(update, by=row.by if hidden else None)
            self._advance(stored.seq)
        except crdt.Spoiled:
            log.exception("What another process wrote does not fit in.")
            room.abandon()
        except Exception:
            # The next look at the log tries again.
            log.exception("A letter could not be brought up to date.")
        finally:
            self.reading = None
