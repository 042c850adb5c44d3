"""What the server writes into an open letter about suggestions: decisions, and marks put right.

Both go through the log, as other processes write: the room hears of them by reading it.
"""

import asyncio
import logging
from typing import TYPE_CHECKING
from uuid import UUID

from letters.letter.hidden import hidden_now
from letters.letter.models.document import Document
from letters.letter.models.letter import Letter
from letters.live import protocol
from letters.live.connection import Connection
from letters.live.loading import in_thread
from letters.text import lib0
from letters.text.decisions import Decision

if TYPE_CHECKING:
    from letters.live.room import Room

log = logging.getLogger(__name__)


class Suggestions:
    def __init__(self, room: "Room") -> None:
        self.room = room
        # One after the other: whoever asks for many keeps no thread from other letters.
        self.turn = asyncio.Lock()

    async def decide(self, data: bytes, page: Connection) -> None:
        """Settle a decision about suggestions, and tell the page so. Raises Malformed."""
        decision = Decision.read(data)
        if page.writer.seat is None:
            raise lib0.Malformed("a decision in a letter of one person")
        async with self.turn:
            await self._decide(decision, page)

    async def _decide(self, decision: Decision, page: Connection) -> None:
        seat, by = str(page.writer.seat), None if page.shown else page.person_id
        try:
            await self._what_is_on_its_way()
            await in_thread(_settle, self.room.letter_id, seat, decision, by)
        except lib0.Malformed:
            raise
        except Exception:
            log.exception("A decision could not be settled.")
            page.close(protocol.TRY_AGAIN, "try again")
        else:
            # The page has the outcome before it hears that there is one.
            await self.room.tail.catch_up_now()
            page.send(protocol.decided(decision.number))

    async def put_right(self, before: bytes) -> None:
        """The other's marks stand where they stood, or are put right."""
        try:
            async with self.turn:
                await self._what_is_on_its_way()
                await in_thread(_unstretch, self.room.letter_id, before)
        except Exception:
            log.exception("Suggestions could not be looked after.")

    async def _what_is_on_its_way(self) -> None:
        """Is written first: it may be what this is about."""
        if self.room.batch is not None:
            await self.room.batch.landed(self.room)


def _unstretch(letter_id: UUID, before: bytes) -> None:
    """In a thread."""
    letter = Letter.objects.open().filter(pk=letter_id).first()
    if letter is not None:
        Document.unstretch(letter, before)


def _settle(letter_id: UUID, seat: str, decision: Decision, unseen: UUID | None) -> None:
    """In a thread. A letter that is closed by now is not decided about any more. What somebody
    decides who is `unseen` shows like all that they write."""
    letter = Letter.objects.open().filter(pk=letter_id).first()
    if letter is not None:
        Document.decide(letter, seat, decision, hidden_now(unseen) if unseen else None)
