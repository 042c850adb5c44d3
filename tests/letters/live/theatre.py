"""The real rooms on a stage where time stands still: the server's half of the schedules.

Started by tests/editor/stage.js as `python -m tests.letters.live.theatre`; each line that it reads
is a list of commands, each line that it says is what came of them. Nothing is left to chance: what
would run in a thread runs in the loop, and the loop's clock moves when it is told to. So a schedule
that went wrong goes wrong again.

["begin"] a new letter of two people ["connect", page, who, client] a page opens its socket: of
person 0 or 1 ["frame", page, base64] the page says something ["leave", page] its socket broke
["wait", seconds] the clock goes on ["disk", seconds] from now on a commit takes so long ["crash",
landed] the server dies without a farewell; whether what was on its way to the disk has got there
["stands"] what is written: clocks and what is erased ["read"] the same, and blocks with their
authors
"""

import asyncio
import base64
import contextlib
import contextvars
import json
import logging
import os
import random
import selectors
import sys
from collections.abc import Callable, Iterator
from typing import Any
from unittest.mock import Mock

import django

os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
# Whoever starts this may name databases that have their tables; else it makes some for itself.
ON_OTHERS = "DATABASE_URL" in os.environ
if ON_OTHERS:
    django.setup()
else:
    os.environ["TEST_DATABASE"] = "sqlite"
    from tests import conftest  # noqa: F401 # the settings, and a folder that goes with this process

# ruff: noqa: E402 # Django first; and chance that repeats itself
from django.test.utils import setup_databases
from django.utils import timezone

from letters.letter import changed
from letters.letter.models import authors
from letters.live import loading, maintenance
from letters.live.connection import Connection
from letters.live.group_commit import Batch
from letters.live.registry import Rooms
from letters.live.room import Room
from letters.live.socket import serve
from letters.models import Client, Document, ForeignClient, Letter
from letters.text import crdt, ids
from letters.text.replica import Replica
from letters.text.updates import Contents, parse
from tests.people import Resident, make_household

SEATS = ("one", "two")
ASKING = ("begin", "stands", "read")  # the database, and not the loop
LINES = ["甲乙丙丁戊己", "庚辛壬癸"]
DISK, LOOK = 0.004, 0.001  # seconds that a commit takes at first, and a reading


class Still(selectors.SelectSelector):
    """Never waits: the clock moves on instead, as far as it was told to."""

    def __init__(self) -> None:
        super().__init__()
        self.loop: Stage

    def select(self, timeout: float | None = None) -> Any:
        if timeout is None or timeout > 0:
            loop = self.loop
            if timeout is not None and loop.now + timeout <= loop.until:
                loop.now += timeout
            else:
                loop.now = max(loop.now, loop.until)
                loop.stop()
        return []


class Stage(asyncio.SelectorEventLoop):
    """A loop whose time is told to it."""

    def __init__(self) -> None:
        self.now = self.until = 1000.0
        self.flying: list[tuple[asyncio.TimerHandle, Callable[[], None]]] = []
        self.disk = DISK
        # Where the database is asked: Django opens a connection for each context.
        self.thread = contextvars.copy_context()
        still = Still()
        still.loop = self
        super().__init__(still)

    def time(self) -> float:
        return self.now

    def run_in_executor(  # type: ignore[override] # of whatever it is asked here
        self, executor: Any, func: Any, *args: Any
    ) -> Any:
        future = self.create_future()

        def run() -> None:
            self.flying.remove(flight)
            if future.cancelled():
                return
            try:
                future.set_result(self.thread.run(func, *args))
            except Exception as error:
                future.set_exception(error)

        writes = getattr(func, "__name__", "") == "_write"
        handle = self.call_later(self.disk if writes else LOOK, run)
        flight = handle, (lambda: self.thread.run(func, *args)) if writes else lambda: None
        self.flying.append(flight)
        return future

    def play(self, seconds: float = 0) -> None:
        """Until nothing happens any more by itself."""
        self.until = self.now + seconds
        self.run_forever()

    def crash(self, landed: bool) -> None:
        for handle, act in self.flying:
            handle.cancel()
            if landed:
                act()
        self.flying.clear()
        while tasks := asyncio.all_tasks(self):
            for task in tasks:
                task.cancel()
            self.play()


class Heard(logging.Handler):
    """Whatever the server would have written into its log."""

    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.said.append(self.format(record))


class Theatre:
    def __init__(self) -> None:
        self.loop = Stage()
        asyncio.set_event_loop(self.loop)
        home = make_household()
        self.people = [home.ana, home.ben]
        self.seats = [home.ana.partner, home.ben.partner]
        self.names = {person.pk: seat for person, seat in zip(self.people, SEATS, strict=True)}
        self.inboxes: dict[int, asyncio.Queue[dict[str, Any]]] = {}
        self.told: list[list[Any]] = []
        self.rooms: Rooms | None = None
        self.again = be_the_same_every_time()
        self.letter: Letter
        self.heard = Heard()
        logging.getLogger().handlers = [self.heard]
        logging.getLogger("letters").handlers = [self.heard]

    def run(self, commands: list[list[Any]]) -> dict[str, Any]:
        answer: dict[str, Any] = {}
        for name, *given in commands:
            act = getattr(self, name)
            try:
                said = self.loop.thread.run(act, *given) if name in ASKING else act(*given)
            except Exception:
                logging.getLogger("letters").exception("The server fails.")
                continue
            if name == "stands":
                answer.setdefault("stood", []).extend(said)
            elif said is not None:
                answer[name] = said
        answer["told"], self.told = self.told, []
        answer["log"], self.heard.said = self.heard.said, []
        return answer

    # -- Commands --------------------------------------------------------------------------------

    def begin(self) -> None:
        self.loop.disk = DISK
        couple = self.people[0].partner.couple
        mine = Letter.objects.filter(couple=couple, closed_at=None)
        now = timezone.now()
        for letter in mine:
            Document.objects.filter(letter=letter).update(closed_at=now)
        mine.update(closed_at=now)
        self.letter = Letter.objects.create(kind=Letter.Kind.JOINT, couple=couple)
        self.again()
        Document.begin(self.letter, LINES)

    def _open(self) -> None:
        async def make() -> Rooms:
            return Rooms()

        self.rooms = self.loop.run_until_complete(make())

    def connect(self, page: int, who: int, client: int) -> None:
        person = self.people[who]
        try:
            self.loop.thread.run(Client.register, self.letter, client, person.pk)
        except ForeignClient:
            self.told.append(["closed", page, 4403, "client id"])
            return
        self.inboxes[page] = asyncio.Queue()
        task = self.loop.create_task(self._serve(page, person, SEATS[who], client))
        task.add_done_callback(lambda _: None)
        self.told.append(["open", page])
        self.loop.play()

    async def _serve(self, page: int, person: Resident, seat: str, client: int) -> None:
        inbox = self.inboxes[page]

        async def send(message: dict[str, Any]) -> None:
            if self.inboxes.get(page) is not inbox:
                return
            if message["type"] == "websocket.send":
                frame = base64.b64encode(message["bytes"]).decode()
                self.told.append(["frame", page, frame])
            else:
                self.told.append(["closed", page, message["code"], message["reason"]])
                inbox.put_nowait({"type": "websocket.disconnect", "code": message["code"]})

        connection = Connection(
            client, send, person_id=person.pk, name=person.name, seat=seat, shown=True
        )
        assert self.rooms is not None
        letter = self.letter
        await serve(connection, self.rooms, letter.pk, letter.key_owner_id, inbox.get)

    def frame(self, page: int, data: str) -> None:
        if page in self.inboxes:
            message = {"type": "websocket.receive", "bytes": base64.b64decode(data)}
            self.inboxes[page].put_nowait(message)
            self.loop.play()

    def leave(self, page: int) -> None:
        inbox = self.inboxes.pop(page, None)
        if inbox is not None:
            inbox.put_nowait({"type": "websocket.disconnect", "code": 1006})
            self.loop.play()

    def wait(self, seconds: float) -> None:
        self.loop.play(seconds)

    def disk(self, seconds: float) -> None:
        self.loop.disk = seconds

    def crash(self, landed: bool) -> None:
        for page in self.inboxes:
            self.told.append(["closed", page, 1006, ""])
        self.inboxes.clear()
        if self.rooms is not None:
            self._abandon(self.rooms)
            self.loop.crash(landed)
        self._open()

    def _abandon(self, rooms: Rooms) -> None:
        rooms.closing = True
        rooms.open.clear()
        changed.listeners.discard(rooms.hear)
        # What gathers and has not taken off is nowhere but in memory.
        rooms.commit.gathering = Batch()
        rooms.commit._take_off = lambda: None
        rooms.retire = lambda room: None

    def stands(self) -> list[dict[str, Any]]:
        return [standing(document_of(self.letter))]

    def read(self) -> dict[str, Any]:
        return standing(document_of(self.letter)) | {
            "blocks": [
                [block.kind.value, list(self._runs(block))] for block in authors.read(self.letter)
            ],
        }

    def _runs(self, block: Any) -> Iterator[list[Any]]:
        for run in block.runs:
            who = self.names.get(run.person_id) if run.person_id else None
            yield [run.text, sorted(run.marks), who]


def be_the_same_every_time() -> Callable[[], None]:
    """Take chance and threads out of the server; returns what begins anew for each letter."""
    dice = random.Random()
    ids.randbelow = dice.randrange  # type: ignore[assignment, attr-defined] # only imported there
    # There is one thread, and one connection for it.
    loading.close_old_connections = lambda **_: None  # type: ignore[attr-defined] # the same
    # Versions take time and leave the text alone.
    maintenance.Version = Mock()  # type: ignore[attr-defined] # the same
    return lambda: dice.seed(1)


def anything_may_be_erased() -> None:
    check = Replica._check

    def without_ends(self: Replica, contents: Contents, *given: Any) -> None:
        check(self, contents._replace(erased=[]), *given)

    Replica._check = without_ends  # type: ignore[assignment] # broken on purpose


def saved_before_it_is() -> None:
    Room.confirm = lambda self, barrier, page: page.send(barrier)


def an_update_of_whoever_it_likes() -> None:
    Replica.check = lambda self, update, *_: parse(update)


# The server's rules, broken on purpose; see tests/editor/served/mutants.js.
MUTANTS = {
    act.__name__.replace("_", " "): act
    for act in (anything_may_be_erased, saved_before_it_is, an_update_of_whoever_it_likes)
}


def standing(doc: crdt.Doc) -> dict[str, Any]:
    return {"clocks": list(crdt.state(doc.get_state()).items()), "erased": crdt.erased(doc)}


def document_of(letter: Letter) -> crdt.Doc:
    return crdt.assemble(Document.read(letter.pk).updates)


def main() -> None:
    if not ON_OTHERS:
        # What Django says of it is no answer.
        with contextlib.redirect_stdout(sys.stderr):
            setup_databases(verbosity=0, interactive=False, serialized_aliases=())
    if mutant := MUTANTS.get(os.environ.get("MUTANT", "")):
        mutant()
    theatre = Theatre()
    for line in sys.stdin:
        answer = theatre.run(json.loads(line))
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
