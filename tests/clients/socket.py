"""An open letter page without a browser: a Yjs document that is kept in step over the socket.

It does what y-websocket and the editor do: both sync steps, updates, awareness, the barrier that
tells when everything typed so far is saved, the receipts with which it brings back what a crash
took, and decisions about suggestions. The tests and the bench type with it.

Places in the letter count characters, and a marker as one: the first block's marker is 0, its
first character 1.
"""

import asyncio
import json
import random
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple, Self

import pycrdt

from letters.live import protocol
from letters.text import lib0, model
from tests.clients import signs
from tests.clients.signs import BREAK, Decided, Sign
from tests.clients.websocket import Refused, WebSocket

PATIENCE = 10.0
RETURNED, DECISION = 102, 103
RECEIPT = 16  # bytes


class Kept(NamedTuple):
    """What came through the server and may not be saved yet: until a barrier beyond this one is
    answered."""

    update: bytes
    receipt: bytes
    barrier: int


class Page:
    """One open page of one person. `cookie` is the session's, as `name=value`."""

    seat = "one"  # in a joint letter, for what is suggested

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
        self.kept: list[Kept] = []
        self.last_decision = 0
        self.decisions: dict[int, tuple[bytes, asyncio.Future[None]]] = {}
        self.on_update: Callable[[bytes], None] | None = None
        # Whether the server has said what it knows, and was told the rest. Edits go out at once;
        # what is said about them waits until then.
        self.greeted = False
        self._waiting: list[bytes] = []
        self._changed = asyncio.Event()
        self._hearing = False
        self._watching = self.doc.observe(self._speak)

    # -- Coming and going ------------------------------------------------------------------------

    @property
    def url(self) -> str:
        address = self.base_url.replace("http", "ws", 1)
        query = f"client={self.client_id}&schema={model.SCHEMA}"
        return f"{address}/letters/{self.letter_id}/sync?{query}"

    async def open(self, wait: bool = True) -> Self:
        """Connect, or connect again, and wait until both sides know the same."""
        self.synced.clear()
        self.greeted = False
        self._waiting.clear()
        await self.connect()
        self.send(protocol.sync(protocol.STEP_1, self.doc.get_state()))
        if wait:
            async with asyncio.timeout(PATIENCE):
                waiting = asyncio.ensure_future(self.synced.wait())
                either: list[asyncio.Future[Any]] = [waiting, self.socket.closed]
                await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
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

    # -- Reading ---------------------------------------------------------------------------------

    @property
    def ytext(self) -> pycrdt.Text:
        """The one text. Its indices are bytes; what is written through it is not looked at."""
        text: pycrdt.Text = self.doc.get("letter", type=pycrdt.Text)
        return text

    @property
    def decided(self) -> Decided:
        return Decided(self.doc)

    def signs(self, *, named: bool = False) -> list[Sign]:
        return signs.signs(self.doc, named=named)

    def says(self) -> list[tuple[str, str]]:
        """The kind and the text of each block, as readers see the letter."""
        runs, decided = signs.runs(self.doc), self.decided
        suggested = any(run.open(decided) for run in runs)
        return signs.blocks(self.signs(named=True) if suggested else runs, decided)

    def shows(self) -> list[tuple[str, str]]:
        """The same with everything that is proposed."""
        return signs.blocks(signs.runs(self.doc))

    @property
    def text(self) -> str:
        """All text of the last block, without its marks; none where there is no letter yet."""
        return (self.shows() or [("", "")])[-1][1]

    def marker(self, block: int) -> int:
        """The place of a block's marker; blocks count from 0, or from the end."""
        return [place for place, sign in enumerate(self.signs()) if sign.kind][block]

    # -- Writing ---------------------------------------------------------------------------------

    def write(
        self, words: str, at: int | None = None, marks: Mapping[str, Any] | None = None
    ) -> None:
        """Insert, in front of a place or at the end; one update. `marks` are all that the words
        have."""
        index = len(self.ytext) if at is None else self._index(at)
        self.ytext.insert(index, words.replace("\n", BREAK), dict(marks or {}))

    def erase(self, at: int, length: int = 1) -> None:
        """Characters, or markers: the blocks are one then."""
        del self.ytext[self._index(at) : self._index(at + length)]

    def split(
        self,
        at: int | None = None,
        kind: str = "paragraph",
        proposals: Mapping[str, str] | None = None,
    ) -> None:
        """A new block from here on; at the end, where no place is given."""
        index = len(self.ytext) if at is None else self._index(at)
        self.ytext.insert_embed(index, pycrdt.Map({"k": kind, **(proposals or {})}), {})

    def mark(self, at: int, length: int, marks: Mapping[str, Any]) -> None:
        """Put attributes on characters, block by block, or take them off with None."""
        index = self._index(at)
        start = index
        with self.doc.transaction():
            for sign in [*self.signs()[at : at + length], Sign("")]:
                if not sign.text:
                    self.ytext.format(start, index, dict(marks))
                    start = index + 1
                index += sign.size

    def set_kind(self, block: int, kind: str) -> None:
        self.set_keys(block, {"k": kind})

    def set_keys(self, block: int, keys: Mapping[str, str | None]) -> None:
        """Write into a marker what is proposed about its block; None takes it out."""
        with self.doc.transaction():
            marker = [part for part, _ in self.ytext.diff() if isinstance(part, pycrdt.Map)][block]
            for key, value in keys.items():
                if value is None:
                    marker.pop(key, None)
                else:
                    marker[key] = value

    # -- Suggesting ------------------------------------------------------------------------------

    def name(self) -> str:
        """A new suggestion's: the page that makes it, and its clock now."""
        state = lib0.Reader(self.doc.get_state())
        clocks = {state.uint(): state.uint() for _ in range(state.uint())}
        return "_".join(map(signs.base36, (self.client_id, clocks.get(self.client_id, 0))))

    def suggest(self, words: str, at: int | None = None, name: str | None = None) -> str:
        """Propose words; the name of the suggestion."""
        name = name or self.name()
        self.write(words, at, {f"ins:{name}": self.seat})
        return name

    def suggest_split(
        self, at: int | None = None, kind: str = "paragraph", name: str | None = None
    ) -> str:
        name = name or self.name()
        self.split(at, kind, {f"ins:{name}": self.seat})
        return name

    def suggest_without(self, at: int, length: int = 1, name: str | None = None) -> str:
        """Propose that characters go, and the breaks between them."""
        name = name or self.name()
        found = self.signs(named=True)
        gone = [sign for sign in found[at : at + length] if sign.text]
        spans = (".".join(map(signs.base36, span)) for span in signs.spans(gone))
        with self.doc.transaction():
            if gone:
                self.mark(at, length, {f"del:{name}": " ".join([self.seat, *spans])})
            first = sum(1 for sign in found[:at] if sign.kind)
            for block in range(sum(1 for sign in found[at : at + length] if sign.kind)):
                self.set_keys(first + block, {f"del:{name}": self.seat})
        return name

    def suggest_kind(self, block: int, kind: str, name: str | None = None) -> str:
        name = name or self.name()
        self.set_keys(block, {f"kind:{name}": f"{self.seat} {kind}"})
        return name

    # -- Writing in the last block ---------------------------------------------------------------

    def type(self, words: str, at: int | None = None) -> None:
        """Insert into the last block, in front of one of its characters or at its end."""
        assert len(self.ytext), "there is no letter to type into"
        self.write(words, None if at is None else self.marker(-1) + 1 + at)

    def rub_out(self, start: int, stop: int) -> None:
        """Erase of the last block."""
        self.erase(self.marker(-1) + 1 + start, stop - start)

    def _index(self, at: int) -> int:
        """The same place as Yrs counts."""
        index = 0
        for run in signs.runs(self.doc):
            length = len(run.text) or 1
            if at < length:
                return index + len(run.text[:at].encode())
            index, at = index + run.size, at - length
        return index

    # -- Asking the server -----------------------------------------------------------------------

    def barrier(self) -> asyncio.Future[None]:
        """Done once everything sent so far is saved."""
        self.last_barrier += 1
        future = asyncio.get_running_loop().create_future()
        self.barriers[self.last_barrier] = future
        self._say(bytes((protocol.BARRIER,)) + lib0.uint(self.last_barrier))
        return future

    async def saved(self) -> None:
        async with asyncio.timeout(PATIENCE):
            await self.barrier()

    def decide(self, verdict: str, *suggestions: str) -> asyncio.Future[None]:
        """Have the server `accept` or `decline` what is open of these suggestions now. Done once it
        has settled that; until then it is asked again after every reconnect."""
        self.last_decision += 1
        found, decided = self.signs(named=True), self.decided
        asked = {
            "n": self.last_decision,
            "verdict": verdict,
            "of": [
                {
                    "id": id,
                    "seen": decided.counts.get(id, 0),
                    "ranges": signs.ranges(found, id, decided),
                }
                for id in suggestions
            ],
        }
        frame = decision(asked)
        future = asyncio.get_running_loop().create_future()
        self.decisions[self.last_decision] = frame, future
        if self.greeted:  # otherwise it is said with all the others, after what it is about
            self.send(frame)
        return future

    async def settled(self, verdict: str, *suggestions: str) -> None:
        async with asyncio.timeout(PATIENCE):
            await self.decide(verdict, *suggestions)

    def appear(self, **state: Any) -> None:
        """Say where one is."""
        self.clock += 1
        self.send(
            protocol.awareness([protocol.Presence(self.client_id, self.clock, json.dumps(state))])
        )

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait until something that was heard makes the condition true."""
        async with asyncio.timeout(PATIENCE):
            while not condition():
                self._changed.clear()
                await self._changed.wait()

    # -- Speaking and hearing --------------------------------------------------------------------

    def send(self, frame: bytes) -> None:
        """Whatever it is, at once."""
        self.socket.send(frame)

    def _say(self, frame: bytes) -> None:
        if self.greeted:
            self.send(frame)
        else:
            self._waiting.append(frame)

    def _speak(self, event: pycrdt.TransactionEvent) -> None:
        if not self._hearing and self.connected:
            update = event.update
            if update != lib0.NOTHING:
                self.send(protocol.sync(protocol.UPDATE, update))

    def _hear(self, frame: bytes) -> None:
        kind = frame[0]
        if kind == protocol.SYNC:
            reader = lib0.Reader(frame, 2)
            self._hear_sync(frame[1], reader.bytes(), frame[reader.at :])
        elif kind == protocol.AWARENESS:
            reader = lib0.Reader(protocol.payload(frame, 1))
            for _ in range(reader.uint()):
                who, _clock, state = reader.uint(), reader.uint(), json.loads(reader.bytes())
                if state is None:
                    self.presences.pop(who, None)
                else:
                    self.presences[who] = state
        elif kind == protocol.BARRIER:
            number = lib0.Reader(frame, 1).uint()
            self.kept = [kept for kept in self.kept if kept.barrier >= number]
            _fulfil(self.barriers.pop(number, None))
        elif kind == DECISION:
            _frame, future = self.decisions.pop(lib0.Reader(frame, 1).uint(), (b"", None))
            _fulfil(future)
        self._changed.set()

    def _hear_sync(self, step: int, data: bytes, receipt: bytes) -> None:
        if step == protocol.STEP_1:
            self._answer(data)
            return
        if receipt:
            assert len(receipt) == RECEIPT
            self.kept.append(Kept(data, receipt, self.last_barrier))
        self._hearing = True
        try:
            self.doc.apply_update(data)
        finally:
            self._hearing = False
        if step == protocol.STEP_2:
            self.synced.set()
        elif self.on_update is not None:
            self.on_update(data)

    def _answer(self, state: bytes) -> None:
        """Bring the server everything it may not have: what others wrote, if it went down before
        that was saved, what this page wrote, and what was decided about it."""
        for kept in self.kept:
            self.send(returned(kept.update, kept.receipt))
        self.send(protocol.sync(protocol.STEP_2, self.doc.get_update(state)))
        for frame, _ in self.decisions.values():
            self.send(frame)
        self.greeted = True
        for frame in self._waiting:
            self.send(frame)
        self._waiting.clear()


def _fulfil(future: asyncio.Future[None] | None) -> None:
    if future is not None and not future.done():
        future.set_result(None)


def returned(update: bytes, receipt: bytes) -> bytes:
    """The frame that brings back what the server gave this receipt for."""
    return b"".join((bytes((RETURNED,)), lib0.uint(len(update)), update, receipt))


def decision(asked: Mapping[str, Any]) -> bytes:
    """The frame that asks for a decision."""
    encoded = json.dumps(asked).encode()
    return bytes((DECISION,)) + lib0.uint(len(encoded)) + encoded


async def agree(*pages: Page) -> None:
    """Wait until all of them say the same."""
    async with asyncio.timeout(PATIENCE):
        while not same([page.shows() for page in pages]):  # noqa: ASYNC110 # whoever hears last
            await asyncio.sleep(0.005)


def same(said: Sequence[object]) -> bool:
    return all(one == said[0] for one in said)
