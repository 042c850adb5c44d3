"""`bin/bench load`: how long pages take while clients hang, and while long work is done.

The clients of `tests/clients/slow.py` hang at the server: some never end the head of their request,
some promise a form that does not come, some read nothing of what they asked for. Beside the pages
alone there is one more turn, in which as many people sign in at once as have to wait for it.
"""

import threading
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import _bootstrap as house

from bench import machine, pages, servers
from bench.figures import Budget, milliseconds, percentile, table, times
from tests.clients import slow
from tests.clients.http import HttpClient

ALONE = "alone"
SIGN_INS = 12
LONGEST = 1.0  # seconds, for any page, whatever else goes on


@dataclass(frozen=True)
class Extent:
    """How much is measured; all of it while the same clients hang."""

    hanging: int = 200
    rounds: int = 25


QUICK = Extent(rounds=8)
SMOKE = Extent(hanging=8, rounds=1)


@dataclass
class Result:
    databases: dict[str, dict[str, list[float]]]
    hanging: str
    disturbed: str


def measure(databases: Sequence[str], extent: Extent, place: Path) -> Result:
    others = machine.Others()
    hanging = f"{extent.hanging} clients hang"
    found: dict[str, dict[str, list[float]]] = {}
    for database in databases:
        house.say(f"Starting the application on {database} …")
        with servers.app(database, place) as server:
            made = server.people("home")
            addresses = [address for address, _queries in made["pages"].values()]
            turns: dict[str, AbstractContextManager[object]] = {
                ALONE: nullcontext(),
                hanging: slow.hanging(server, extent.hanging),
                f"{SIGN_INS} people sign in": signing_in(server),
            }
            measured = found[server.name] = {}
            with machine.pinned(machine.client_cores()), others.watched(server.pids):
                visitor = pages.Visitor(server.port, made["cookie"])
                for address in addresses * 4:
                    visitor.get(address)
                for turn, meanwhile in turns.items():
                    house.say(f"{server.name}: {turn} …")
                    with meanwhile:
                        measured[turn] = [
                            visitor.get(address)
                            for _round in range(extent.rounds)
                            for address in addresses
                        ]
    return Result(found, hanging, others.sentence())


@contextmanager
def signing_in(server: servers.App) -> Iterator[None]:
    """As long as it lasts, so many try it over and over, each with another address."""
    over = threading.Event()

    def knock(number: int) -> None:
        tries = 0
        while not over.is_set():
            tries += 1
            wrong = {"login": f"{number}.{tries}@home.example", "password": "a guess"}
            HttpClient(server).post("/account/login/", wrong)

    threads = [threading.Thread(target=knock, args=(number,)) for number in range(SIGN_INS)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        over.set()
        for thread in threads:
            thread.join()


def report(result: Result) -> str:
    parts = []
    for name, measured in result.databases.items():
        rows = [
            (
                turn,
                milliseconds(median(values)),
                milliseconds(percentile(values, 99)),
                milliseconds(max(values)),
                times(median(values) / median(measured[ALONE])),
            )
            for turn, values in measured.items()
        ]
        parts.append(table((name, "p50 ms", "p99 ms", "longest ms", "of alone"), rows))
    if result.disturbed:
        parts.append(result.disturbed)
    return "\n\n".join(parts)


def budgets(result: Result) -> list[Budget]:
    kept = []
    for name, measured in result.databases.items():
        ratio = median(measured[result.hanging]) / median(measured[ALONE])
        kept.append(Budget(f"a page while {result.hanging}, {name}", ratio, 2))
        longest = max(max(values) for values in measured.values())
        kept.append(Budget(f"the slowest of all pages, {name}", longest, LONGEST, " s"))
    return kept
