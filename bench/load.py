"""Types into many letters at once and measures how long it takes; one process of bench/edits.py.

A load client that costs as much as its server measures itself. So this is one loop over plain
sockets, with frames that were built beforehand, and it looks no closer at what arrives than it
must. It is told what to do by one line of JSON, says "ready" when everybody is connected, waits
for a line, and answers with one line of JSON.
"""

import base64
import gc
import json
import random
import selectors
import sys
from collections.abc import Iterator
from time import perf_counter, process_time
from typing import Any, NoReturn

import pycrdt

from bench import machine
from bench.strokes import strokes
from bench.writer import PATIENCE, Lost, Plan, Writer
from letters.text import lib0

ASK_EVERY = 0.15  # as the page asks whether it is saved, see letters/editor/barrier.js


class Crowd:
    """All writers of this process, and the loop that serves them."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.selector = selectors.DefaultSelector()
        self.writers: list[Writer] = []
        self.page = base64.b64decode(plan.page)
        words = [strokes(self.page, client, plan.edits) for client in plan.clients]
        for letter in plan.letters:
            pair = [Writer(plan, letter, seat, words[seat]) for seat in (0, 1)]
            pair[0].other, pair[1].other = pair[1], pair[0]
            self.writers += pair
        self.openings = [word.opening for word in words]

    def listen(self, timeout: float | None = 0) -> None:
        for key, _ in self.selector.select(timeout):
            key.data.read()

    def until(self, what: str, condition: Any) -> None:
        """Listen until the condition holds for every writer."""
        deadline = perf_counter() + PATIENCE
        for writer in self.writers:
            while not condition(writer):
                if perf_counter() > deadline:
                    raise Lost(f"{what} took longer than {PATIENCE:g} s")
                self.listen(0.1)

    # -- Coming and going ------------------------------------------------------------------------

    def enter(self) -> None:
        for writer in self.writers:
            writer.connect()
            self.selector.register(writer.sock, selectors.EVENT_READ, writer)
        self.until("the first sync", lambda writer: writer.state is not None)
        for place, writer in enumerate(self.writers):
            if not writer.dear:
                writer.sock.sendall(writer.update(self.page))
            writer.sock.sendall(writer.update(self.openings[place % 2]))
            writer.ask_state()
        self.until("opening the letters", lambda writer: writer.state is not None)
        # What the others opened is on its way to everybody; let it arrive.
        calm = perf_counter() + 0.3
        while perf_counter() < calm:
            self.listen(0.05)
        for writer in self.writers:
            writer.live = True

    def drain(self) -> None:
        self.until("the last edits", lambda writer: writer.arrived == writer.typed)
        now = perf_counter()
        for writer in self.writers:
            writer.ask(now)
        self.until("the last saving", lambda writer: writer.saved == writer.typed)

    def missing(self) -> int:
        """How many edits the server does not have, by its own account of each letter."""
        askers = self.writers[::2]
        for writer in askers:
            writer.ask_state()
        self.until("the last sync", lambda writer: writer.state is not None)
        missing = 0
        for writer in askers:
            doc: pycrdt.Doc[Any] = pycrdt.Doc()
            doc.apply_update(writer.state or b"\x00\x00")
            reader = lib0.Reader(doc.get_state())
            state = {reader.uint(): reader.uint() for _ in range(reader.uint())}
            for one in (writer, writer.other):
                missing += one.base + one.typed - state.get(one.client, 0)
        return missing

    def leave(self) -> None:
        for writer in self.writers:
            writer.sock.close()

    # -- Typing ----------------------------------------------------------------------------------

    def rhythm(self) -> Iterator[tuple[float, Writer]]:
        """Who types when: everybody steadily, but nobody like a clock."""
        chance = random.Random(self.plan.seed)
        pause = len(self.writers) / self.plan.rate
        moments = []
        for writer in self.writers:
            at = chance.uniform(0, pause)
            for _ in range(self.plan.edits):
                moments.append((at, writer))
                at += chance.uniform(0.5, 1.5) * pause
        moments.sort(key=lambda moment: moment[0])
        return (moment for moment in moments if moment[0] < self.plan.seconds)

    def type_along(self) -> dict[str, Any]:
        """Open loop: everybody types in their own time, whatever the server does."""
        select, warm = self.selector.select, self.plan.warm
        patience = 0.0 if self.plan.spin else 0.0005
        counted: dict[Writer, int] = {}
        window = Window(self.plan.server)
        start = perf_counter() + 0.05
        for moment, writer in self.rhythm():
            due = start + moment
            while (now := perf_counter()) < due:
                for key, _ in select(patience):
                    key.data.read()
            if moment >= warm and not counted:
                counted = {one: one.typed for one in self.writers}
                window.open()
            writer.type(now)
        used = window.close()
        self.drain()
        edits = sum(one.typed - counted.get(one, 0) for one in self.writers)
        return used | {
            "edits": edits,
            "arriving": [x for one in self.writers for x in one.arriving[counted.get(one, 0) :]],
            "saving": [x for one in self.writers for x in one.saving[counted.get(one, 0) :]],
        }

    def type_on(self) -> dict[str, Any]:
        """Closed loop: whoever sees that an edit has arrived types the next one."""
        select, writers, size = self.selector.select, self.writers, self.plan.window
        most = self.plan.edits
        window = Window(self.plan.server)
        start = perf_counter()
        begins, ends = start + self.plan.warm, start + self.plan.seconds
        next_look = start
        first: tuple[int, int] | None = None
        for writer in writers:
            for _ in range(size):
                writer.type(start)
        now = start
        while now < ends:
            for key, _ in select(0.01):
                now = key.data.read()
                writer = key.data.other
                while writer.typed - writer.arrived < size and writer.typed < most:
                    writer.type(now)
            now = perf_counter()
            if now < next_look:
                continue
            next_look = now + 0.01
            for writer in writers:
                if writer.asked == writer.saved and now - writer.asked_at >= ASK_EVERY:
                    writer.ask(now)
            if first is None and now >= begins:
                first = self.counts()
                window.open()
        used = window.close()
        last = self.counts()
        self.drain()
        first = first or last
        return used | {
            "edits": last[0] - first[0],
            "saved": last[1] - first[1],
            "ran_out": all(writer.typed == most for writer in writers),
        }

    def counts(self) -> tuple[int, int]:
        arrived = sum(writer.arrived for writer in self.writers)
        return arrived, sum(writer.saved for writer in self.writers)

    def hold(self) -> None:
        """Write a little in every letter, and stay."""
        for writer in self.writers:
            for _ in range(self.plan.edits):
                writer.type(perf_counter())
            self.listen()
        self.drain()


class Window:
    """The stretch of time that counts: how long it was, and who used how much CPU in it."""

    def __init__(self, server: list[int]) -> None:
        self.server = server

    def open(self) -> None:
        self.started, self.own = perf_counter(), process_time()
        self.theirs = machine.cpu_seconds(self.server)

    def close(self) -> dict[str, Any]:
        theirs = machine.cpu_seconds(self.server)
        return {
            "elapsed": perf_counter() - self.started,
            "client_cpu": process_time() - self.own,
            "server_cpu": None if theirs is None or self.theirs is None else theirs - self.theirs,
        }


def answer(**what: Any) -> None:
    print(json.dumps(what), flush=True)


def fail(why: str) -> NoReturn:
    answer(failed=why)
    sys.exit(1)


def main() -> None:
    plan = Plan(**json.loads(sys.stdin.readline()))
    crowd = Crowd(plan)
    try:
        crowd.enter()
        if plan.mode == "hold":
            crowd.hold()
        answer(ready=True)
        if not sys.stdin.readline():
            return  # whoever started this is gone
        gc.collect()
        gc.freeze()
        gc.disable()
        match plan.mode:
            case "open":
                result = crowd.type_along()
            case "closed":
                result = crowd.type_on()
            case _:
                result = {}
        answer(**result, missing=crowd.missing())
        crowd.leave()
    except (Lost, OSError) as error:
        fail(str(error) or type(error).__name__)


if __name__ == "__main__":
    main()
