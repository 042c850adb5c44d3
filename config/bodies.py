"""The body of a request: read before it takes a page's thread, with an end to size and time.

Forms lie in memory and not in files, because of what people write no file has an open word.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from config.refusals import NotTaken
from couples.web.unsaved_input import MOST

# In bytes. What is larger is read no further than is needed to answer: a browser that is still
# sending when we hang up does not show the answer.
LARGEST = MOST
ALL_READ = 8 * LARGEST
# Whatever is small is always taken. All larger ones together may lie in this much memory.
SMALL = 64 * 1024
TOGETHER = 64 * 1024 * 1024

# A body is given this long in seconds, and a second more for so many bytes that have come.
GRACE = 10.0
BYTES_PER_SECOND = 1024
LONGEST = 120.0


class Gone(Exception):
    """Whoever sent it has hung up."""


class Bodies:
    """All bodies that lie in memory now."""

    def __init__(self) -> None:
        self.left = TOGETHER

    @asynccontextmanager
    async def read(self, receive: Any) -> AsyncIterator[bytes]:
        """The whole body, as long as it is needed. Raises NotTaken and Gone."""
        kept = 0  # of the memory for large ones

        def keep(size: int) -> None:
            nonlocal kept
            if size > SMALL:
                more = size - kept
                if more > self.left:
                    raise NotTaken(503)
                self.left -= more
                kept += more

        try:
            yield await _read(receive, keep)
        finally:
            self.left += kept


async def _read(receive: Any, keep: Any) -> bytes:
    now = asyncio.get_running_loop().time
    began = now()
    pieces: list[bytes] = []
    size, more = 0, True
    while more:
        allowed = min(GRACE + size / BYTES_PER_SECOND, LONGEST)
        try:
            async with asyncio.timeout_at(began + allowed):
                message = await receive()
        except TimeoutError:
            raise NotTaken(408) from None
        if message["type"] == "http.disconnect":
            raise Gone
        piece, more = message.get("body", b""), message.get("more_body", False)
        size += len(piece)
        if size <= LARGEST:
            keep(size)
            pieces.append(piece)
        elif size > ALL_READ:
            break
        else:
            pieces.clear()
    if size > LARGEST:
        raise NotTaken(413)
    return b"".join(pieces)
