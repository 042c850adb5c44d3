"""One open page on the letter's socket: what goes out to it, and when it is closed.

Frames wait in a bounded queue that one task empties. A page that does not keep up is not buffered
for: it is closed with 1013, comes back, and gets the difference.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

from letters.text.ids import Span
from letters.text.validity import Writer

type Message = dict[str, Any]
type Send = Callable[[Message], Awaitable[None]]

GONE, TOO_SLOW = 1005, 1013

MAX_QUEUED = 4 * 2**20
MAX_FRAMES = 4096
# How long a page that does not read may take to notice that it was closed.
FAREWELL = 5.0


class Connection:
    """Made by the task that serves the page, which is also the one that reads from it."""

    __slots__ = (
        *("answered", "client_id", "closed", "erased", "person_id", "quiet", "shown"),
        *("returned", "user", "wrote", "writer"),
        *("_farewell", "_idle", "_queue", "_queued", "_send", "_task", "__weakref__"),
    )

    def __init__(
        self,
        client_id: int,
        send: Send,
        *,
        person_id: UUID,
        name: str = "",
        seat: str | None = None,
        shown: bool = True,
        quiet: bool = False,
    ) -> None:
        self.client_id = client_id
        # As whom this page writes, in a joint letter from a seat.
        self.writer = Writer(client_id, seat)
        self.person_id = person_id
        # What the other's page is told of who is here.
        self.user = {"name": name, "who": seat or "one"}
        self.wrote = False
        # What this page has erased since it was last told that all is saved.
        self.erased: list[Span] = []
        # Whether the other may know that somebody is on this page; who does not show themselves
        # does not see the other either.
        self.shown = shown
        # Whether one of the two does not.
        self.quiet = quiet or not shown
        # Whether it has said what the room does not have; and what it returns before it does.
        self.answered = False
        self.returned: list[bytes] = []
        # The code and reason of the close, from whichever side; nothing is sent any more.
        self.closed: tuple[int, str] | None = None
        self._send = send
        self._queue: deque[bytes] = deque()
        self._queued = 0
        self._idle: asyncio.Future[None] | None = None
        self._task = asyncio.current_task()
        self._farewell: asyncio.TimerHandle | None = None

    def send(self, frame: bytes) -> None:
        """Queue a frame. Never waits, never raises; too many of them close the connection."""
        if self.closed is not None:
            return
        self._queue.append(frame)
        self._queued += len(frame)
        if self._queued > MAX_QUEUED or len(self._queue) > MAX_FRAMES:
            self._queue.clear()
            self.close(TOO_SLOW, "too slow")
        elif self._idle is not None:
            self._wake(self._idle)

    def close(self, code: int, reason: str) -> None:
        """Close from this side, behind the frames that are queued. The first call counts."""
        if self.closed is not None:
            return
        self.closed = code, reason
        if self._idle is not None:
            self._wake(self._idle)
        if self._task is not None:
            loop = asyncio.get_running_loop()
            self._farewell = loop.call_later(FAREWELL, self._task.cancel)

    async def dismiss(self, message: Message) -> None:
        """Close as the session monitor asks for it, without waiting for a page that hangs."""
        self.close(message["code"], message["reason"])

    def gone(self) -> None:
        """The page closed from its side."""
        if self.closed is None:
            self.closed = GONE, ""
            self._queue.clear()

    async def write(self) -> None:
        """Empty the queue, until the connection is closed and that has been said."""
        send, queue = self._send, self._queue
        while True:
            while queue:
                frame = queue.popleft()
                self._queued -= len(frame)
                await send({"type": "websocket.send", "bytes": frame})
            if self.closed is not None:
                code, reason = self.closed
                await send({"type": "websocket.close", "code": code, "reason": reason})
                return
            self._idle = asyncio.get_running_loop().create_future()
            await self._idle

    async def part(self, writer: asyncio.Task[None]) -> None:
        """Let the writer finish, but not for longer than a farewell takes."""
        if self._farewell is not None:
            left = self._farewell.when() - asyncio.get_running_loop().time()
            self._farewell.cancel()
            await asyncio.wait([writer], timeout=max(left, 0))
        writer.cancel()
        # It fails where the page went first, and nobody is interested any more.
        await asyncio.gather(writer, return_exceptions=True)

    def _wake(self, idle: asyncio.Future[None]) -> None:
        self._idle = None
        if not idle.done():
            idle.set_result(None)
