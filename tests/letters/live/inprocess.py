"""Pages that reach a room without a network: the same client, with two queues for a socket.

A second `Rooms` on the same database is what another server process is to the first.
"""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from django.db import OperationalError, connection

from couples.models import User
from letters.letter import changed
from letters.live.connection import Connection
from letters.live.group_commit import Batch
from letters.live.loading import in_thread
from letters.live.registry import Rooms
from letters.live.socket import serve
from letters.models import Client, Document, Letter, Update
from letters.text import crdt
from tests.clients.socket import Page
from tests.clients.websocket import BINARY
from tests.people import anew


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
    """Of one of those whose letter it is: of the first, where nobody is named."""

    socket: Queues  # type: ignore[assignment] # as good as one

    def __init__(
        self, rooms: Rooms, letter: Letter, person: User | None = None, doc: Any = None
    ) -> None:
        super().__init__("", str(letter.pk), "", doc)
        self.rooms = rooms
        self.letter = letter
        self.person = person

    async def connect(self) -> None:
        await in_thread(self._register)
        self.socket = Queues(self._hear)
        self.served = asyncio.create_task(self._serve(self.socket))

    def _register(self) -> None:
        letter = Letter.objects.with_people().filter(pk=self.letter.pk).first() or self.letter
        if self.person is None:
            self.person = letter.couple.one.user if letter.couple else letter.person
        assert self.person is not None
        # As it is now: people change their minds, and leave.
        person = anew(self.person)
        self.seat = person.partner.who
        self.shown = person.shows_presence or letter.is_personal
        self.quiet = letter.is_quiet
        if letter.is_writable and Letter.objects.filter(pk=letter.pk).exists():
            try:
                Client.register(letter, self.client_id, person.pk)
            except OperationalError:
                pass  # the database is away; it is known with its first words

    async def _serve(self, socket: Queues) -> None:
        assert self.person is not None
        connection = Connection(
            self.client_id,
            socket.deliver,
            person_id=self.person.pk,
            name=self.person.name,
            seat=None if self.letter.is_personal else self.seat,
            shown=self.shown,
            quiet=self.quiet,
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
        # On a busy machine a thread may still be at what nobody waits for any more, and hold the
        # tables that the next test wants empty.
        last = threading.Barrier(2)
        await asyncio.gather(in_thread(last.wait), in_thread(last.wait))


async def lose(rooms: Rooms, *pages: LocalPage) -> None:
    """A power cut: no farewell, and what waits for the disk is gone. Ends all other tasks."""
    commit = rooms.commit
    commit.gathering = Batch()
    commit._take_off = lambda: None
    if commit.flying is not None:  # the disk may still have it; nobody is told
        commit.flying.then.clear()
    rooms.closing = True
    changed.listeners.discard(rooms.hear)
    for page in pages:
        page.socket.abort()
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)
    await commit.loop.run_in_executor(commit.thread, lambda: connection.close())
    for room in rooms.open.values():
        room.discretion.stop()
    commit.thread.shutdown()
    commit.threads_apart.shutdown()


async def empty(rooms: Rooms) -> None:
    """Wait until every room was left, snapshot and all."""
    retiring = [room.retiring for room in rooms.open.values() if room.retiring]
    await asyncio.wait_for(asyncio.gather(*retiring), 10)
    assert not rooms.open


async def written(letter: Letter) -> str:
    """What another reader finds in the database now: the last block's text."""
    from letters.text import document

    blocks = await in_thread(lambda: document.blocks(letter.load()))
    return blocks[-1].text


async def two_pages(rooms: Rooms, letter: Letter) -> tuple[LocalPage, LocalPage]:
    """Of the two; or both of the one."""
    two = await in_thread(lambda: letter.couple.two.user if letter.couple else None)
    return await LocalPage(rooms, letter).open(), await LocalPage(rooms, letter, two).open()


def raw_rows(letter: Letter) -> list[bytes]:
    rows = Update.objects.filter(letter=letter).order_by("seq")
    return [update for row in rows for update in crdt.unpack(row.data)]


def standing(letter: Letter) -> tuple[int, int, int]:
    """How far it is written, how far the snapshot goes, and how many rows there are."""
    stored = Document.objects.get(letter=letter)
    return stored.seq, stored.snapshot_seq, Update.objects.filter(letter=letter).count()
