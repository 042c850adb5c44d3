"""`bin/bench edits`: how quickly an edit is on the other's side, and how quickly it is saved.

Two people type in each letter. "Open" is 880 edits a second over 100 letters, whatever the server
does: what is measured is how long edits take. "Closed" is 32 letters in which everybody types as
quickly as the server passes it on: what is measured is how many edits it manages. All servers are
measured in turn, several times over, and compared round by round.
"""

import contextlib
import time
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any
from uuid import uuid4

import _bootstrap as house

from bench import machine, servers
from bench.crowd import crowd
from bench.figures import Budget, milliseconds, percentile, ratios, significant, table, times
from bench.writer import Plan

# As Yjs makes them: 32 bits, which are five bytes on the wire.
CLIENTS = [2_863_311_531, 3_435_973_837]
MEGABYTE, KILOBYTE = 2**20, 2**10


@dataclass(frozen=True)
class Extent:
    """How much is measured."""

    rounds: int = 3
    open_letters: int = 100
    open_rate: float = 880.0
    open_seconds: float = 7.0
    closed_letters: int = 32
    closed_seconds: float = 5.0
    warm: float = 1.0
    window: int = 4
    memory_letters: int = 100
    memory_edits: int = 250
    warm_letters: int = 10
    alone: bool = False  # without the peer: it says nothing then, except that it runs


QUICK = Extent(rounds=1, open_seconds=3.0, closed_seconds=3.0, memory_letters=50)
SMOKE = Extent(
    rounds=1,
    open_letters=4,
    open_rate=40.0,
    open_seconds=1.0,
    closed_letters=2,
    closed_seconds=0.5,
    warm=0.2,
    memory_letters=2,
    memory_edits=5,
    warm_letters=1,
    alone=True,
)


@dataclass
class Measured:
    """What one server showed, a value for each round."""

    arriving: list[tuple[float, float]] = field(default_factory=list)  # p50 and p99 in seconds
    saving: list[tuple[float, float]] = field(default_factory=list)
    arrived: list[float] = field(default_factory=list)  # edits a second
    saved: list[float] = field(default_factory=list)
    cost: list[float] = field(default_factory=list)  # CPU seconds an edit
    memory: float | None = None  # bytes a letter

    def middle(self, name: str, which: int | None = None) -> float:
        values: list[Any] = getattr(self, name)
        found: float = median(value if which is None else value[which] for value in values)
        return found


@dataclass
class Result:
    servers: dict[str, Measured]
    version: str  # of the peer; empty where there is none
    notes: list[str] = field(default_factory=list)

    @property
    def peer(self) -> Measured | None:
        return self.servers.get(servers.Hocuspocus.name)


# -- Measuring -----------------------------------------------------------------------------------


def measure(databases: Sequence[str], extent: Extent, place: Path) -> Result:
    with contextlib.ExitStack() as stack:
        house.say("Starting the servers …")
        measured: list[Any] = []
        version = ""
        if not extent.alone:
            peer = stack.enter_context(servers.hocuspocus())
            version = f"{peer.version} on {peer.runtime}"
            measured.append(peer)
        for database in databases:
            measured.append(stack.enter_context(servers.app(database, place)))
        letters = Letters(measured, extent)
        result = Result({server.name: Measured() for server in measured}, version)
        for server in measured:
            house.say(f"Memory: {server.name} …")
            result.servers[server.name].memory = measure_memory(server, letters, extent)
        rehearse(measured, letters, extent)
        for number in range(extent.rounds):
            for server in measured[number % len(measured) :] + measured[: number % len(measured)]:
                house.say(f"Round {number + 1} of {extent.rounds}: {server.name} …")
                kept = result.servers[server.name]
                measure_open(server, letters, extent, kept, result.notes, number)
                measure_closed(server, letters, extent, kept, result.notes)
        result.notes.append(letters.others.sentence())
    return result


class Letters:
    """Letters that nobody has written in yet, for each server; each run takes fresh ones."""

    def __init__(self, measured: Sequence[Any], extent: Extent, runs: int | None = None) -> None:
        """For everything that is measured; or, with `runs`, for so many open runs."""
        house.say("Making the couples …")
        self.others = machine.Others()
        if runs is not None:
            wanted = extent.open_letters * runs + extent.warm_letters * 2
        else:
            a_round = extent.open_letters + extent.closed_letters
            wanted = a_round * extent.rounds + extent.memory_letters + extent.warm_letters * 3
        made = {
            server.name: server.people("couples", str(wanted))
            for server in measured
            if server.speaks == "dear"
        }
        self.page = {name: found["page"] for name, found in made.items()}
        self.fresh = {name: found["letters"] for name, found in made.items()}
        # Hocuspocus makes a document when somebody asks for it, and lets everybody in.
        anywhere = next(iter(self.page.values()))
        for server in measured:
            if server.name not in self.page:
                self.page[server.name] = anywhere
                self.fresh[server.name] = [
                    {"id": str(uuid4()), "cookies": ["", ""]} for _ in range(wanted)
                ]

    def take(self, server: Any, count: int) -> list[dict[str, Any]]:
        taken: list[dict[str, Any]] = self.fresh[server.name][:count]
        del self.fresh[server.name][:count]
        return taken


def rehearse(measured: Sequence[Any], letters: Letters, extent: Extent) -> None:
    """A run that does not count: compilers warm up, pools and caches fill."""
    house.say("Warming up …")
    for server in measured:
        run(server, letters, extent.warm_letters, mode="open", edits=60, rate=200.0, seconds=1.0)
        run(server, letters, extent.warm_letters, mode="closed", edits=4000, seconds=1.5, window=4)


def measure_memory(server: Any, letters: Letters, extent: Extent) -> float | None:
    """What one more letter takes when some are open: what all of them share is not counted."""
    what: dict[str, Any] = {"mode": "hold", "edits": extent.memory_edits}
    with crowd(plans_for(server, letters, extent.warm_letters, **what)):
        server.tidy()
        before = machine.memory(server.pid)
        with crowd(plans_for(server, letters, extent.memory_letters, **what)):
            server.tidy()
            after = machine.memory(server.pid)
    settle(server)
    return None if before is None or after is None else (after - before) / extent.memory_letters


def measure_open(
    server: Any,
    letters: Letters,
    extent: Extent,
    kept: Measured,
    notes: list[str],
    seed: int,
    **how: Any,
) -> None:
    each = extent.open_rate / (2 * extent.open_letters)
    found = run(
        server,
        letters,
        extent.open_letters,
        mode="open",
        edits=int(each * extent.open_seconds * 2) + 5,
        rate=extent.open_rate,
        seconds=extent.open_seconds,
        warm=extent.warm,
        seed=seed,
        **how,
    )
    arriving = [delay for part in found for delay in part["arriving"]]
    saving = [delay for part in found for delay in part["saving"]]
    kept.arriving.append((percentile(arriving, 50), percentile(arriving, 99)))
    kept.saving.append((percentile(saving, 50), percentile(saving, 99)))
    check(server, found, notes)


def measure_closed(
    server: Any, letters: Letters, extent: Extent, kept: Measured, notes: list[str]
) -> None:
    # Enough for 50,000 edits a second, which nobody here manages.
    most = int(50_000 / (2 * extent.closed_letters) * extent.closed_seconds)
    found = run(
        server,
        letters,
        extent.closed_letters,
        mode="closed",
        edits=most,
        seconds=extent.closed_seconds,
        warm=extent.warm,
        window=extent.window,
    )
    elapsed = max(part["elapsed"] for part in found)
    edits = sum(part["edits"] for part in found)
    kept.arrived.append(edits / elapsed)
    kept.saved.append(sum(part["saved"] for part in found) / elapsed)
    used = found[0]["server_cpu"]
    if used is not None:
        kept.cost.append(used / edits)
        idle = 1 - used / elapsed
        busy = max(part["client_cpu"] / part["elapsed"] for part in found)
        if idle > 0.1 and busy > 0.9:
            notes.append(
                f"{server.name} was idle for {idle:.0%} of a closed run while the clients were"
                f" busy for {busy:.0%}: it can do more than is shown."
            )
    check(server, found, notes)


def check(server: Any, found: list[dict[str, Any]], notes: list[str]) -> None:
    missing = sum(part["missing"] for part in found)
    if missing:
        notes.append(f"{server.name} did not have {missing} edits in the end.")
    if any(part.get("ran_out") for part in found):
        notes.append(f"{server.name} was quicker than the words that were prepared for it.")


# -- Load processes ------------------------------------------------------------------------------


def run(
    server: Any,
    letters: Letters,
    count: int,
    *,
    beside: AbstractContextManager[None] | None = None,
    **what: Any,
) -> list[dict[str, Any]]:
    """One run over `count` fresh letters; what each load process has found. What goes on `beside`
    it begins when everybody is there, and ends when all is saved."""
    with (
        crowd(plans_for(server, letters, count, **what)) as loads,
        beside or contextlib.nullcontext(),
        letters.others.watched(server.pids),
    ):
        for load in loads:
            load.tell("go")
        found = [load.hear() for load in loads]
    settle(server)
    return found


def plans_for(server: Any, letters: Letters, count: int, **what: Any) -> list[Plan]:
    taken = letters.take(server, count)
    clients = len(machine.client_cores())
    processes = min(4, clients, count)
    rate = what.pop("rate", 0.0) / processes
    spin = what.pop("spin", len(machine.cores()) > 1)
    return [
        Plan(
            speaks=server.speaks,
            port=server.port,
            letters=taken[place::processes],
            clients=CLIENTS,
            page=letters.page[server.name],
            server=server.pids,
            rate=rate,
            spin=spin,
            **what,
        )
        for place in range(processes)
    ]


def settle(server: Any) -> None:
    """Wait until a server has done what is left after everybody went."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        before = machine.cpu_seconds(server.pids)
        time.sleep(0.5)
        after = machine.cpu_seconds(server.pids)
        if before is None or after is None or after - before < 0.04:
            return


# -- Showing -------------------------------------------------------------------------------------


def report(result: Result, extent: Extent) -> str:
    peer = result.peer

    def pair(measured: Measured, name: str) -> str:
        return " / ".join(milliseconds(measured.middle(name, which)) for which in (0, 1))

    def against(measured: Measured, name: str) -> str:
        if peer is None or measured is peer:
            return ""
        mine, their = getattr(measured, name), getattr(peer, name)
        return " / ".join(
            times(ratios([m[which] for m in mine], [t[which] for t in their])) for which in (0, 1)
        )

    latency = table(
        (
            f"open: {extent.open_rate:.0f} edits/s, {extent.open_letters} letters",
            "partner sees, p50 / p99 ms",
            "against Hocuspocus",
            "acknowledged, p50 / p99 ms",
            "the acknowledgement means",
        ),
        [
            (
                name,
                pair(measured, "arriving"),
                against(measured, "arriving"),
                pair(measured, "saving"),
                "in memory" if measured is peer else "on the disk",
            )
            for name, measured in result.servers.items()
        ],
    )
    throughput = table(
        (
            f"closed: saturated, {extent.closed_letters} letters",
            "partner sees, edits/s",
            "saved, edits/s",
            "against Hocuspocus",
            "CPU an edit, µs",
        ),
        [
            (
                name,
                significant(measured.middle("arrived")),
                "–" if measured is peer else significant(measured.middle("saved")),
                ""
                if peer is None or measured is peer
                else times(ratios(measured.saved, peer.arrived)),
                significant(measured.middle("cost") * 1e6) if measured.cost else "–",
            )
            for name, measured in result.servers.items()
        ],
    )
    held = table(
        ("memory", "KB an open letter with two writers", "against Hocuspocus"),
        [
            (
                name,
                "–" if measured.memory is None else significant(measured.memory / KILOBYTE),
                ""
                if peer is None or measured is peer or not measured.memory or not peer.memory
                else times(measured.memory / peer.memory),
            )
            for name, measured in result.servers.items()
        ],
    )
    spread = [
        f"{name}: p50 {spread_of(measured, 0)}, p99 {spread_of(measured, 1)} ms;"
        f" saturated {min(measured.arrived):,.0f}–{max(measured.arrived):,.0f} edits/s"
        for name, measured in result.servers.items()
    ]
    rounds = f"Medians of {extent.rounds} rounds." if extent.rounds > 1 else "One round."
    parts = [latency, throughput, held, rounds]
    if extent.rounds > 1:
        parts[-1] += " From the lowest to the highest: " + ". ".join(spread) + "."
    parts += filter(None, result.notes)
    return "\n\n".join(parts)


def spread_of(measured: Measured, which: int) -> str:
    values = [value[which] for value in measured.arriving]
    return f"{milliseconds(min(values))}–{milliseconds(max(values))}"


def budgets(result: Result) -> list[Budget]:
    peer, kept = result.peer, []
    for name, mine in result.servers.items():
        if peer is None or mine is peer:
            continue
        for which, percent in enumerate(("p50", "p99")):
            ratio = ratios([m[which] for m in mine.arriving], [t[which] for t in peer.arriving])
            kept.append(Budget(f"edit to the partner, {percent}, {name}", ratio, 1))
        rate = ratios(mine.saved, peer.arrived)
        kept.append(Budget(f"saturated and saved, {name}", rate, 0.6, least=True))
        memory = mine.memory / peer.memory if mine.memory and peer.memory else None
        kept.append(Budget(f"memory of an open letter, {name}", memory, 1))
    return kept
