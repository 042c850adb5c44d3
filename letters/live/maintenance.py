"""What is kept up beside an open letter, in threads and without hurting who types.

A snapshot after so many rows, so that the log stays short and the letter opens quickly however
long people write; and a version after ten minutes of writing and whenever somebody leaves.
"""

import asyncio
import logging
from functools import partial
from typing import TYPE_CHECKING
from uuid import UUID

from letters.letter.models.document import Document
from letters.live.loading import in_thread
from letters.versions.models import Version

if TYPE_CHECKING:
    from letters.live.room import Room

log = logging.getLogger(__name__)

# How many rows the log may have beyond its snapshot: so few that they do not delay an opening.
COMPACT_EVERY = 128
# How long people write before what they wrote is kept as a version.
VERSION_EVERY = 600.0


class Maintenance:
    def __init__(self, room: "Room") -> None:
        self.room = room
        # Up to which row the last snapshot goes, or the last one that was tried.
        self.snapshot_seq = 0
        # When the first words were written that no version has; None where all have one.
        self.since: float | None = None
        self.beginning: asyncio.Task[None] | None = None
        self.compacting: asyncio.Task[None] | None = None
        self.versioning: asyncio.Task[None] | None = None

    @property
    def letter_id(self) -> UUID:
        return self.room.letter_id

    def begin(self) -> None:
        """The room opens, and nobody has written yet."""
        self.beginning = asyncio.create_task(self._begin())

    async def _begin(self) -> None:
        try:
            await in_thread(Version.begin_day, self.letter_id)
        except Exception:
            log.exception("No version could be taken of a letter.")

    def written(self) -> None:
        """A row of the room was written."""
        now = asyncio.get_running_loop().time()
        if self.since is None:
            self.since = now
        elif now - self.since >= VERSION_EVERY:
            self.take_version()
        if self.room.tail.seq - self.snapshot_seq >= COMPACT_EVERY and self.compacting is None:
            self.compacting = asyncio.create_task(self._compact())

    def left(self) -> None:
        """Somebody left, and others are still here."""
        if self.since is not None or self.room.batch is not None:
            self.take_version()

    async def finish(self) -> None:
        """The last one left: everything is written, and nobody is in a hurry. Raises what keeps a
        snapshot from being taken."""
        for task in (self.beginning, self.versioning, self.compacting):
            if task is not None:
                await task
        await self._version()
        await in_thread(Document.compact, self.letter_id)

    def take_version(self) -> None:
        if self.versioning is None:
            self.versioning = asyncio.create_task(self._version())

    async def _version(self) -> None:
        try:
            # Who leaves may have left something on its way.
            while self.room.batch is not None:
                await self.room.batch.landed(self.room)
            since, self.since = self.since, None
            if since is not None:
                await in_thread(Version.take_automatic, self.letter_id)
        except Exception:
            # The words are safe in the log, and the next version will have them.
            log.exception("No version could be taken of a letter.")
        finally:
            self.versioning = None

    async def _compact(self) -> None:
        """What cannot be taken in now is tried again as many rows later."""
        seq = self.room.tail.seq
        try:
            await in_thread(partial(Document.compact, self.letter_id, in_use=True))
        except Exception:
            log.exception("No snapshot could be taken of a letter that is open.")
        finally:
            self.snapshot_seq = seq
            self.compacting = None
