"""Whatever the network and the server do: all pages come to the same words, and what was called
saved is there.

Hypothesis makes up the schedule: pages type and erase, their frames wait, come twice and in another
order, connections break, processes end with and without a farewell, and two of them may write to
one letter. A small number of steps runs every time; ten thousand with

    pytest tests/letters/test_convergence.py --hypothesis-profile=nightly
"""

import asyncio
import re
from collections.abc import Coroutine
from typing import Any

import pytest
from django.db import connection
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from bench.websocket import BINARY
from couples.models import User
from letters import crdt, document, wire
from letters.loading import in_thread
from letters.models import Document, Letter
from letters.rooms import Rooms
from tests.letters.inprocess import LocalPage, Queues

pytestmark = pytest.mark.django_db(transaction=True)

PAGES = 3
WORD = re.compile("[a-z][0-9]+;")
UPDATES = (bytes((wire.SYNC, wire.UPDATE)), bytes((wire.SYNC, wire.STEP_2)))


class Line(Queues):
    """A connection that may be slow: frames wait in it, in both directions."""

    def __init__(self, hear: Any) -> None:
        super().__init__(hear)
        self.slow = False
        self.up: list[bytes] = []
        self.down: list[bytes] = []
        self.sent: list[bytes] = []

    def send(self, data: bytes, opcode: int = BINARY) -> None:
        self.sent.append(data)
        if self.slow:
            self.up.append(data)
        else:
            super().send(data)

    async def deliver(self, message: dict[str, Any]) -> None:
        if self.slow and message["type"] == "websocket.send":
            self.down.append(message["bytes"])
        else:
            await super().deliver(message)

    def flow(self, frames: int | None = None) -> None:
        """Let some of what waits arrive, or all of it from now on."""
        up, down = self.up[:frames], self.down[:frames]
        # What is answered to it waits in turn, or goes at once: it is none of what arrives now.
        del self.up[:frames], self.down[:frames]
        if frames is None:
            self.slow = False
        for data in up:
            super().send(data)
        for data in down:
            self.hear(data)

    def shuffle(self, place: int) -> None:
        """Two updates overtake one another; nothing overtakes a barrier."""
        for frames in (self.up, self.down):
            pair = frames[place : place + 2]
            if len(pair) == 2 and all(frame.startswith(UPDATES) for frame in pair):
                frames[place : place + 2] = reversed(pair)

    def repeat(self, place: int) -> None:
        again = [frame for frame in self.sent if frame.startswith(UPDATES)]
        if again:
            super().send(again[place % len(again)])


class Writer(LocalPage):
    """A page that outlives its connections and the server, and remembers what it was told."""

    socket: Line  # type: ignore[assignment]

    def __init__(self, rooms: Rooms, letter: Letter, name: str) -> None:
        super().__init__(rooms, letter)
        self.name = name
        self.typed: list[str] = []
        self.saved_words: set[str] = set()
        self.saved_erasures: set[str] = set()
        self.erased: list[str] = []

    async def connect(self) -> None:
        self.socket = Line(self._hear)
        self.served = asyncio.create_task(self._serve(self.socket))

    def add(self, at: int) -> None:
        word = f"{self.name}{len(self.typed)};"
        self.typed.append(word)
        places = [0, *(match.end() for match in WORD.finditer(self.text))]
        self.type(word, at=places[at % len(places)] if self.text else None)

    def drop(self, at: int) -> None:
        words = list(WORD.finditer(self.text))
        if words:
            word = words[at % len(words)]
            self.erased.append(word[0])
            self.erase(word.start(), word.end())

    async def ask(self) -> None:
        typed, erased = set(self.typed), set(self.erased)

        def answered(future: asyncio.Future[None]) -> None:
            if not future.cancelled():
                self.saved_words |= typed
                self.saved_erasures |= erased

        self.barrier().add_done_callback(answered)


class Letters(RuleBasedStateMachine):
    ana: User

    @initialize()
    def begin(self) -> None:
        self.letter = Letter.begin_personal(self.ana)
        self.loop = asyncio.new_event_loop()
        self.run(self._begin())

    async def _begin(self) -> None:
        self.processes = [Rooms(), Rooms()]
        self.pages = [Writer(self.processes[0], self.letter, "abc"[n]) for n in range(PAGES)]
        # One paragraph with a text for all: two that are made at once would be two.
        await self.pages[0].open()
        self.pages[0].type("a0;")
        self.pages[0].typed.append("a0;")
        await self.pages[0].saved()
        for page in self.pages[1:]:
            await page.open()

    def run[T](self, work: Coroutine[Any, Any, T]) -> T:
        return self.loop.run_until_complete(work)

    def pause(self, seconds: float = 0) -> None:
        self.run(asyncio.sleep(seconds))

    page = st.integers(0, PAGES - 1)
    place = st.integers(0, 7)

    @rule(page=page, at=place, times=st.integers(1, 3))
    def type(self, page: int, at: int, times: int) -> None:
        for _ in range(times):
            self.pages[page].add(at)

    @rule(page=page, at=place)
    def erase(self, page: int, at: int) -> None:
        self.pages[page].drop(at)

    @rule(page=page)
    def ask(self, page: int) -> None:
        if self.pages[page].connected and self.pages[page].synced.is_set():
            self.run(self.pages[page].ask())

    @rule(page=page)
    def slow_down(self, page: int) -> None:
        self.pages[page].socket.slow = True

    @rule(page=page, frames=st.none() | st.integers(1, 4))
    def flow(self, page: int, frames: int | None) -> None:
        if self.pages[page].connected:
            self.pages[page].socket.flow(frames)
            self.pause()

    @rule(page=page, place=place)
    def shuffle(self, page: int, place: int) -> None:
        self.pages[page].socket.shuffle(place)

    @rule(page=page, place=place)
    def repeat(self, page: int, place: int) -> None:
        if self.pages[page].connected:
            self.pages[page].socket.repeat(place)

    @rule(seconds=st.sampled_from([0, 0, 0.001, 0.03]))
    def wait(self, seconds: float) -> None:
        self.pause(seconds)

    @rule(page=page)
    def cut(self, page: int) -> None:
        self.pages[page].socket.abort()

    @rule(page=page, process=st.integers(0, 1))
    def come_back(self, page: int, process: int) -> None:
        if not self.pages[page].connected:
            self.pages[page].rooms = self.processes[process]
            self.run(self.pages[page].open(wait=False))

    @rule()
    @precondition(lambda self: not any(page.connected for page in self.pages))
    def fold(self) -> None:
        """With nobody there the last one out has taken a snapshot; another may do so, too."""
        self.run(in_thread(Document.compact, self.letter.pk))

    @rule(process=st.integers(0, 1))
    def restart(self, process: int) -> None:
        """Told to stop: what was typed is written down."""
        self.run(self.processes[process].close())
        self.processes[process] = self.run(_process())

    @rule()
    def power_cut(self) -> None:
        """No farewell: what waits for the disk is gone."""
        self.run(self._power_cut())

    async def _power_cut(self) -> None:
        for rooms in self.processes:
            flying = rooms.commit.flying
            rooms.commit.gathering.updates.clear()
            rooms.commit._take_off = lambda: None  # type: ignore[method-assign]
            if flying is not None:  # the disk may still have it; nobody is told
                flying.then.clear()
            rooms.closing = True
        for page in self.pages:
            page.socket.abort()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        for rooms in self.processes:
            rooms.commit.thread.submit(lambda: connection.close())
            rooms.commit.thread.shutdown()
        self.processes = [Rooms(), Rooms()]

    @invariant()
    def nothing_is_heard_twice(self) -> None:
        for page in getattr(self, "pages", ()):
            words = WORD.findall(page.text)
            assert len(words) == len(set(words)), words

    def teardown(self) -> None:
        if not hasattr(self, "pages"):
            return
        try:
            self.run(self._settle())
        finally:
            self.loop.run_until_complete(self._power_cut())
            for rooms in self.processes:
                rooms.commit.thread.shutdown()
            self.loop.close()

    async def _settle(self) -> None:
        for page in self.pages:
            if page.connected:
                page.socket.flow()
            else:
                page.rooms = self.processes[0]
                await page.come_back()
        async with asyncio.timeout(20):
            while len({self.standing(page.doc) for page in self.pages}) > 1:
                for page in self.pages:
                    if not page.connected:
                        await page.come_back()
                await asyncio.sleep(0.01)
            for page in self.pages:
                await page.saved()
        stored = await in_thread(document.load, self.letter)
        assert self.standing(stored) == self.standing(self.pages[0].doc)
        words = set(WORD.findall(self.pages[0].text))
        erased = {word for page in self.pages for word in page.erased}
        for page in self.pages:
            assert page.saved_words - erased <= words
            assert not page.saved_erasures & words
            assert set(page.typed) - erased <= words  # no page was closed

    @staticmethod
    def standing(doc: crdt.Doc) -> tuple[str, frozenset[tuple[int, int]]]:
        state = frozenset(crdt.state(doc.get_state()).items())
        return document.to_text(document.blocks(doc)), state


async def _process() -> Rooms:
    return Rooms()


def test_all_pages_come_to_the_same_words(ana: User) -> None:
    Letters.ana = ana
    chosen = settings()
    if settings.get_current_profile_name() != "nightly":
        chosen = settings(max_examples=8, stateful_step_count=40)
    run_state_machine_as_test(
        Letters,
        settings=settings(
            chosen, deadline=None, suppress_health_check=list(HealthCheck), print_blob=True
        ),
    )
