"""Whatever the network and the server do: all pages come to the same letter, each word that nobody
took out stands in it once and under the name of who wrote it, and what was called saved is there.

Hypothesis makes up the schedule: two people on three pages type, erase, begin blocks and join them,
change their kind, mark words, suggest and decide; their frames wait, come twice and in another
order, connections break, processes end with and without a farewell, and two of them may write to
one letter. A small number of steps runs every time; ten thousand with

    pytest tests/letters/live/test_convergence.py --hypothesis-profile=nightly
"""

import asyncio
import re
from collections.abc import Coroutine, Sequence
from threading import Barrier
from typing import Any

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from letters.letter.models import authors
from letters.live import loading, protocol, room
from letters.live.group_commit import Commit, Part
from letters.live.loading import in_thread
from letters.live.registry import Rooms
from letters.models import Document, Letter
from letters.text import crdt, document
from letters.text.authorship import Authors
from tests.clients.websocket import BINARY
from tests.letters.live.inprocess import LocalPage, Queues, lose
from tests.people import Household, Resident

pytestmark = pytest.mark.django_db(transaction=True)

NAMES = "abc"  # of the pages; the second and the third are one person's
WORD = re.compile("[a-c][0-9]+;")
UPDATES = (bytes((protocol.SYNC, protocol.UPDATE)), bytes((protocol.SYNC, protocol.STEP_2)))
KINDS = ["paragraph", "line", "closing"]


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

    socket: Line

    def __init__(self, rooms: Rooms, letter: Letter, person: Resident, name: str) -> None:
        super().__init__(rooms, letter, person)
        self.name_of_words = name
        self.typed: list[str] = []
        self.suggested: list[str] = []
        self.about: dict[str, str] = {}  # which word may go with the decision
        self.saved_words: set[str] = set()
        self.saved_erasures: set[str] = set()
        self.erased: list[str] = []

    async def connect(self) -> None:
        await in_thread(self._register)
        self.socket = Line(self._hear)
        self.served = asyncio.create_task(self._serve(self.socket))

    @property
    def line(self) -> str:
        """Every sign as one character."""
        return "".join(sign.text or "\n" for sign in self.signs())

    def words(self) -> list[re.Match[str]]:
        return list(WORD.finditer(self.line))

    def place(self, at: int) -> int:
        """Before or behind a word, or at the beginning of a block."""
        line = self.line
        places = {match.end() for match in WORD.finditer(line)}
        places |= {place + 1 for place, sign in enumerate(line) if sign == "\n"}
        found = sorted(places)
        return found[at % len(found)]

    def word(self) -> str:
        word = f"{self.name_of_words}{len(self.typed)};"
        self.typed.append(word)
        return word

    def add(self, at: int) -> None:
        self.write(self.word(), self.place(at))

    def drop(self, at: int) -> None:
        words = self.words()
        if words:
            word = words[at % len(words)]
            self.erased.append(word[0])
            self.erase(word.start(), len(word[0]))

    def break_at(self, at: int, kind: str) -> None:
        self.split(self.place(at), kind)

    def join(self, at: int) -> None:
        breaks = [place for place, sign in enumerate(self.line) if sign == "\n"][1:]
        if breaks:
            self.erase(breaks[at % len(breaks)])

    def turn(self, at: int, kind: str) -> None:
        count = self.line.count("\n")
        self.set_kind(at % count, kind)

    def emphasise(self, at: int, on: bool) -> None:
        words = self.words()
        if words:
            word = words[at % len(words)]
            self.mark(word.start(), len(word[0]), {"strong": True if on else None})

    def propose(self, what: str, at: int, kind: str) -> None:
        if what == "words":
            word = self.word()
            self.suggested.append(self.suggest(word, self.place(at)))
            self.about[self.suggested[-1]] = word
        elif what == "a break":
            self.suggested.append(self.suggest_split(self.place(at), kind))
        elif what == "a kind":
            self.suggested.append(self.suggest_kind(at % self.line.count("\n"), kind))
        elif words := self.words():
            match = words[at % len(words)]
            self.suggested.append(self.suggest_without(match.start(), len(match[0])))
            self.about[self.suggested[-1]] = match[0]

    async def ask(self) -> None:
        typed, erased = set(self.typed), set(self.erased)

        def answered(future: asyncio.Future[None]) -> None:
            if not future.cancelled():
                self.saved_words |= typed
                self.saved_erasures |= erased

        self.barrier().add_done_callback(answered)


class Letters(RuleBasedStateMachine):
    household: Household

    @initialize()
    def begin(self) -> None:
        home = self.household
        Letter.objects.update(closed_at=timezone.now())  # of the walk before
        self.letter = Letter.begin_joint(home.ana.partner)
        self.people = [home.ana, home.ben, home.ben]
        self.decided: set[str] = set()
        self.loop = asyncio.new_event_loop()
        self.run(self._begin())

    async def _begin(self) -> None:
        self.processes = [Rooms(), Rooms()]
        self.pages = [
            Writer(self.processes[0], self.letter, person, name)
            for person, name in zip(self.people, NAMES, strict=True)
        ]
        for page in self.pages:
            await page.open()

    def run[T](self, work: Coroutine[Any, Any, T]) -> T:
        return self.loop.run_until_complete(work)

    def pause(self, seconds: float = 0) -> None:
        self.run(asyncio.sleep(seconds))

    page = st.integers(0, len(NAMES) - 1)
    place = st.integers(0, 7)

    # -- What people do --------------------------------------------------------------------------

    async def _do(self, page: int, act: Any, *args: Any) -> None:
        act(self.pages[page], *args)

    @rule(page=page, at=place, times=st.integers(1, 3))
    def type(self, page: int, at: int, times: int) -> None:
        for _ in range(times):
            self.run(self._do(page, Writer.add, at))

    @rule(page=page, at=place)
    def erase(self, page: int, at: int) -> None:
        self.run(self._do(page, Writer.drop, at))

    @rule(page=page, at=place, kind=st.sampled_from(KINDS))
    def split(self, page: int, at: int, kind: str) -> None:
        self.run(self._do(page, Writer.break_at, at, kind))

    @rule(page=page, at=place)
    def join(self, page: int, at: int) -> None:
        self.run(self._do(page, Writer.join, at))

    @rule(page=page, at=place, kind=st.sampled_from(KINDS))
    def turn(self, page: int, at: int, kind: str) -> None:
        self.run(self._do(page, Writer.turn, at, kind))

    @rule(page=page, at=place, on=st.booleans())
    def emphasise(self, page: int, at: int, on: bool) -> None:
        self.run(self._do(page, Writer.emphasise, at, on))

    @rule(
        page=page,
        what=st.sampled_from(["words", "words", "a break", "a kind", "without"]),
        at=place,
        kind=st.sampled_from(KINDS),
    )
    def suggest(self, page: int, what: str, at: int, kind: str) -> None:
        self.run(self._do(page, Writer.propose, what, at, kind))

    @rule(page=page, at=place, accept=st.booleans())
    def decide(self, page: int, at: int, accept: bool) -> None:
        """Who decides accepts only what the other proposed."""
        names = [
            name
            for page_of, person in zip(self.pages, self.people, strict=True)
            for name in page_of.suggested
            if not accept or person is not self.people[page]
        ]
        if names:
            name = names[at % len(names)]
            self.decided.add(name)
            self.run(self._decide(page, "accept" if accept else "decline", name))

    async def _decide(self, page: int, verdict: str, name: str) -> None:
        self.pages[page].decide(verdict, name)

    # -- What becomes of it ----------------------------------------------------------------------

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
            self.run(self._flow(page, frames))

    async def _flow(self, page: int, frames: int | None) -> None:
        self.pages[page].socket.flow(frames)
        await asyncio.sleep(0)

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
        self.run(self._cut(page))

    async def _cut(self, page: int) -> None:
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
            await lose(rooms, *self.pages)
        self.processes = [Rooms(), Rooms()]

    @invariant()
    def nothing_is_heard_twice_and_no_honest_page_is_refused(self) -> None:
        for page in getattr(self, "pages", ()):
            words = [match[0] for match in page.words()]
            assert len(words) == len(set(words)), words
            assert page.line.startswith("\n")
            closed = page.socket.closed
            assert not closed.done() or closed.result() < 4400, page.socket.reason

    def teardown(self) -> None:
        if not hasattr(self, "pages"):
            return
        try:
            self.run(self._settle())
        finally:
            self.run(self._power_cut())
            self.run(self._power_cut())
            quiet_threads()
            self.loop.close()

    async def _settle(self) -> None:
        for page in self.pages:
            if page.connected:
                page.socket.flow()
            else:
                page.rooms = self.processes[0]
                await page.come_back()
        async with asyncio.timeout(30):
            while not await self._is_quiet():
                for page in self.pages:
                    if not page.connected:
                        await page.come_back()
                await asyncio.sleep(0.01)
            for page in self.pages:
                await page.saved()
        assert all(rooms.commit.loop is self.loop for rooms in self.processes)
        pages = [page.says() for page in self.pages]
        assert pages[0] == pages[1] == pages[2]
        assert len({str(page.shows()) for page in self.pages}) == 1
        self._check_server(await in_thread(self.letter.load))
        for rooms in self.processes:
            if opened := rooms.open.get(self.letter.pk):
                self._check_replica(opened)
        self._check_words()
        await self._check_authors()

    async def _is_quiet(self) -> bool:
        if any(page.decisions for page in self.pages):
            return False
        return len({self.standing(page.doc) for page in self.pages}) == 1

    def _check_server(self, stored: crdt.Doc) -> None:
        assert self.standing(stored) == self.standing(self.pages[0].doc)
        # A block of which all words are only proposed is none for readers; a page has it, empty.
        shown = [(str(b.kind), b.text) for b in document.blocks(stored) if b.text]
        assert shown == [(kind, text) for kind, text in self.pages[0].says() if text]

    def _check_replica(self, opened: room.Room) -> None:
        """What the room remembers beside the document is what one would find by reading it."""
        replica = opened.replica
        state = crdt.state(replica.doc.get_state())
        assert {client: clock for client, clock in replica.known.items() if clock} == state
        assert replica.measure() <= replica.size

    def _check_words(self) -> None:
        words = {match[0] for match in self.pages[0].words()}
        erased = {word for page in self.pages for word in page.erased}
        about = {name: word for page in self.pages for name, word in page.about.items()}
        decided = {about[name] for name in self.decided if name in about}
        for page in self.pages:
            assert page.saved_words - erased - decided <= words
            assert not page.saved_erasures & words
            assert set(page.typed) - erased - decided <= words  # no page was closed

    async def _check_authors(self) -> None:
        for block in await in_thread(authors.read, self.letter):
            for run in block.runs:
                for match in WORD.finditer(run.text):
                    person = self.people[NAMES.index(match[0][0])]
                    assert run.person_id == person.pk, (match[0], run)

    @staticmethod
    def standing(doc: crdt.Doc) -> tuple[str, frozenset[tuple[int, int]]]:
        state = frozenset(crdt.state(doc.get_state()).items())
        return str(document.blocks(doc)), state


async def _process() -> Rooms:
    return Rooms()


def quiet_threads() -> None:
    """Wait for what goes on in the threads of letters: a room that was lost cannot."""
    both = Barrier(2)
    for each in [loading.threads.submit(both.wait, 60) for _ in range(2)]:
        each.result()


def walk(household: Household, phases: Sequence[Phase] = tuple(Phase)) -> None:
    Letters.household = household
    chosen = settings()
    if settings.get_current_profile_name() != "nightly":
        chosen = settings(max_examples=8, stateful_step_count=40)
    run_state_machine_as_test(
        Letters,
        settings=settings(
            chosen,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            print_blob=True,
            phases=phases,
        ),
    )


def test_all_pages_come_to_the_same_letter(household: Household) -> None:
    walk(household)


def test_the_walk_finds_a_room_that_forgets(
    household: Household, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every seventh update is passed on, and not written down."""
    add = Commit.add
    count = 0

    def forget(self: Commit, source: room.Room, part: Part) -> None:
        nonlocal count
        count += 1
        if count % 7:
            add(self, source, part)

    monkeypatch.setattr(Commit, "add", forget)
    with pytest.raises((AssertionError, BaseExceptionGroup, TimeoutError)):
        walk(household, [Phase.generate])


def test_the_walk_finds_authors_that_are_mistaken(
    household: Household, monkeypatch: pytest.MonkeyPatch
) -> None:
    split = Authors.split

    def mistake(self: Authors, client: int, clock: int, length: int) -> Any:
        everybody = sorted(set(self.owners.values()))
        return [(n, everybody[0]) for n, _ in split(self, client, clock, length)]

    monkeypatch.setattr(Authors, "split", mistake)
    with pytest.raises((AssertionError, BaseExceptionGroup)):
        walk(household, [Phase.generate])
