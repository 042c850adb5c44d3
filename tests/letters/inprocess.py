"""Pages that reach a room without a network: the same client, with two queues for a socket.

A second `Rooms` on the same database is what another server process is to the first.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from bench.client import Page
from bench.websocket import BINARY
from couples.models import User
from letters.connection import Connection
from letters.loading import in_thread
from letters.models import Document, Letter, Update
from letters.rooms import Rooms
from letters.sync import serve
from letters.text import crdt


class Queues:
    """The two ends of a socket, ASGI's and the client's."""

    def __init__(self, hear: Callable[[bytes], None]) -> None:
        self.hear = hear
        self.inbox: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.closed: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self.reason = ""
        # Cleared, this is a page that does not read.
        self.reading = asyncio.Event()
        self.reading.set()

    async def deliver(self, message: dict[str, Any]) -> None:
        await self.reading.wait()
        if message["type"] == "websocket.send":
            self.hear(message["bytes"])
        elif not self.closed.done():
            self.reason = message["reason"]
            self.closed.set_result(message["code"])
            self._disconnect(message["code"])

    async def receive(self) -> dict[str, Any]:
        message = await self.inbox.get()
        if message["type"] == "broken":
            # As uvicorn's receive, on uvloop, when a page vanished while it was not read from.
            raise RuntimeError("the handler is closed")
        return message

    def send(self, data: bytes, opcode: int = BINARY) -> None:
        self.inbox.put_nowait({"type": "websocket.receive", "bytes": data})

    def abort(self) -> None:
        if not self.closed.done():
            self.closed.set_result(1006)
        self._disconnect(1006)

    async def close(self) -> int:
        self.abort()
        return 1000

    def _disconnect(self, code: int) -> None:
        self.inbox.put_nowait({"type": "websocket.disconnect", "code": code})


class LocalPage(Page):
    socket: Queues  # type: ignore[assignment]
    shown = True
    person: User | None = None

    def __init__(self, rooms: Rooms, letter: Letter, doc: Any = None) -> None:
        super().__init__("", str(letter.pk), "", doc)
        self.rooms = rooms
        self.letter = letter

    async def connect(self) -> None:
        self.socket = Queues(self._hear)
        self.served = asyncio.create_task(self._serve(self.socket))

    async def _serve(self, socket: Queues) -> None:
        connection = Connection(
            self.client_id,
            socket.deliver,
            person_id=self.person.pk if self.person else self.letter.key_owner_id,
            name=self.person.name if self.person else "",
            seat=None if self.letter.is_personal else self.seat,
            shown=self.shown,
        )
        owner = self.letter.key_owner_id
        await serve(connection, self.rooms, self.letter.pk, owner, socket.receive)

    async def leave(self) -> None:
        """Close, and wait until the room knows."""
        await self.close()
        await self.served


@asynccontextmanager
async def process(patience: float = 10.0) -> AsyncIterator[Rooms]:
    """What one server process keeps of letters."""
    rooms = Rooms()
    try:
        yield rooms
    finally:
        await rooms.close(patience)


async def empty(rooms: Rooms) -> None:
    """Wait until every room was left, snapshot and all."""
    retiring = [room.retiring for room in rooms.open.values() if room.retiring]
    await asyncio.wait_for(asyncio.gather(*retiring), 10)
    assert not rooms.open


async def written(letter: Letter) -> str:
    """What another reader finds in the database now: the last block's text."""
    from letters import document

    blocks = await in_thread(lambda: document.blocks(document.load(letter)))
    return blocks[-1].text


async def two_pages(rooms: Rooms, letter: Letter) -> tuple[LocalPage, LocalPage]:
    return await LocalPage(rooms, letter).open(), await LocalPage(rooms, letter).open()


def raw_rows(letter: Letter) -> list[bytes]:
    rows = Update.objects.filter(letter=letter).order_by("seq")
    return [update for row in rows for update in crdt.unpack(row.data)]


def standing(letter: Letter) -> tuple[int, int, int]:
    """How far it is written, how far the snapshot goes, and how many rows there are."""
    stored = Document.objects.get(letter=letter)
    return stored.seq, stored.snapshot_seq, Update.objects.filter(letter=letter).count()
