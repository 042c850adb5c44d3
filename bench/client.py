"""An open letter page without a browser: a Yjs document that is kept in step over the socket.

It does what y-websocket and the editor do: both sync steps, updates, awareness, and the barrier
that tells when everything typed so far is saved. The tests and the bench type with it.
"""

import asyncio
import json
import random
from collections.abc import Callable
from typing import Any, Self

import pycrdt

from bench.websocket import Refused, WebSocket
from letters import document, wire

PATIENCE = 10.0


class Page:
    """One open page of one person. `cookie` is the session's, as `name=value`."""

    def __init__(self, base_url: str, letter_id: str, cookie: str, doc: Any = None) -> None:
        self.doc: pycrdt.Doc[Any] = doc or pycrdt.Doc(client_id=random.randrange(1, 2**32))
        self.base_url = base_url
        self.letter_id = letter_id
        self.cookie = cookie
        self.client_id = self.doc.client_id
        self.socket: WebSocket
        self.synced = asyncio.Event()
        self.presences: dict[int, Any] = {}
        self.clock = 0
        self.last_barrier = 0
        self.barriers: dict[int, asyncio.Future[None]] = {}
        self.on_update: Callable[[bytes], None] | None = None
        self._changed = asyncio.Event()
        self._hearing = False
        self._watching = self.doc.observe(self._speak)

    # -- Coming and going ------------------------------------------------------------------------

    @property
    def url(self) -> str:
        address = self.base_url.replace("http", "ws", 1)
        query = f"client={self.client_id}&schema={document.SCHEMA}"
        return f"{address}/letters/{self.letter_id}/sync?{query}"

    async def open(self, wait: bool = True) -> Self:
        """Connect, or connect again, and wait until both sides know the same."""
        self.synced.clear()
        await self.connect()
        self.socket.send(wire.sync(wire.STEP_1, self.doc.get_state()))
        if wait:
            async with asyncio.timeout(PATIENCE):
                waiting = asyncio.ensure_future(self.synced.wait())
                await asyncio.wait(
                    [waiting, self.socket.closed], return_when=asyncio.FIRST_COMPLETED
                )
            if not waiting.done():
                waiting.cancel()
                raise ConnectionError(f"closed with {self.socket.closed.result()}")
        return self

    async def come_back(self) -> Self:
        """Open again and again, as y-websocket does, until that works or makes no sense."""
        pause = 0.02
        while True:
            try:
                return await self.open()
            except (OSError, Refused):
                if self.socket.closed.done() and 4400 <= self.socket.closed.result() < 4500:
                    raise
                await asyncio.sleep(pause)
                pause = min(pause * 1.5, 0.5)

    async def connect(self) -> None:
        self.socket = WebSocket(self._hear)
        await self.socket.open(self.url, {"Origin": self.base_url, "Cookie": self.cookie})

    async def close(self) -> int:
        return await self.socket.close()

    async def closed(self) -> int:
        """Wait until the server closes; the code it gave."""
        async with asyncio.timeout(PATIENCE):
            return await self.socket.closed

    @property
    def connected(self) -> bool:
        return hasattr(self, "socket") and not self.socket.closed.done()

    # -- Writing ---------------------------------------------------------------------------------

    @property
    def root(self) -> pycrdt.XmlFragment:
        return self.doc.get("letter", type=pycrdt.XmlFragment)

    @property
    def paragraph(self) -> pycrdt.XmlText | None:
        """The text of the last paragraph, which one types into, once there is any."""
        last = self.root.children[len(self.root.children) - 1]
        assert isinstance(last, pycrdt.XmlElement)
        first = next(iter(last.children), None)
        assert first is None or isinstance(first, pycrdt.XmlText)
        return first

    @property
    def text(self) -> str:
        """The last paragraph's text without its marks."""
        runs = self.paragraph.diff() if self.paragraph else ()
        return "".join(words for words, _ in runs if isinstance(words, str))

    def type(self, words: str, at: int | None = None) -> None:
        """Insert at a byte position of the last paragraph, or at its end; one update."""
        text = self.paragraph
        if text is None:
            # Never an empty text: Yrs makes a block of length zero of it, which Yjs cannot read.
            last = self.root.children[len(self.root.children) - 1]
            assert isinstance(last, pycrdt.XmlElement)
            last.children.append(pycrdt.XmlText(words))
        else:
            text.insert(len(text) if at is None else at, words)

    def erase(self, start: int, stop: int) -> None:
        text = self.paragraph
        assert text is not None
        del text[start:stop]

    def barrier(self) -> asyncio.Future[None]:
        """Done once everything sent so far is saved."""
        self.last_barrier += 1
        future = asyncio.get_running_loop().create_future()
        self.barriers[self.last_barrier] = future
        self.socket.send(bytes((wire.BARRIER,)) + wire.uint(self.last_barrier))
        return future

    async def saved(self) -> None:
        async with asyncio.timeout(PATIENCE):
            await self.barrier()

    def appear(self, **state: Any) -> None:
        """Say who and where one is."""
        self.clock += 1
        self.socket.send(
            wire.awareness([wire.Presence(self.client_id, self.clock, json.dumps(state))])
        )

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait until something that was heard makes the condition true."""
        async with asyncio.timeout(PATIENCE):
            while not condition():
                self._changed.clear()
                await self._changed.wait()

    # -- Speaking and hearing --------------------------------------------------------------------

    def _speak(self, event: pycrdt.TransactionEvent) -> None:
        if not self._hearing and self.connected:
            update = event.update
            if update != wire.NOTHING:
                self.socket.send(wire.sync(wire.UPDATE, update))

    def _hear(self, frame: bytes) -> None:
        kind = frame[0]
        if kind == wire.SYNC:
            self._hear_sync(frame[1], wire.payload(frame, 2))
        elif kind == wire.AWARENESS:
            reader = wire.Reader(wire.payload(frame, 1))
            for _ in range(reader.uint()):
                who, _clock, state = reader.uint(), reader.uint(), json.loads(reader.bytes())
                if state is None:
                    self.presences.pop(who, None)
                else:
                    self.presences[who] = state
        elif kind == wire.BARRIER:
            number = wire.Reader(frame, 1).uint()
            future = self.barriers.pop(number, None)
            if future is not None and not future.done():
                future.set_result(None)
        self._changed.set()

    def _hear_sync(self, step: int, data: bytes) -> None:
        if step == wire.STEP_1:
            self.socket.send(wire.sync(wire.STEP_2, self.doc.get_update(data)))
            return
        self._hearing = True
        try:
            self.doc.apply_update(data)
        finally:
            self._hearing = False
        if step == wire.STEP_2:
            self.synced.set()
        elif self.on_update is not None:
            self.on_update(data)


async def agree(*pages: Page) -> None:
    """Wait until all of them say the same."""
    async with asyncio.timeout(PATIENCE):
        while len({page.text for page in pages}) > 1:  # noqa: ASYNC110 # whoever is last to hear
            await asyncio.sleep(0.005)
