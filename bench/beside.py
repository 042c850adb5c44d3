"""`bin/bench beside`: one letter never holds up another.

A hundred couples type steadily, as in `bin/bench edits`. Now and then there is one more couple, who
have a letter of twenty thousand edits open and bring back what it said before, sign that, bring
back what it said after, and sign that, over and over (neighbours.py). How long everybody else waits
for *Saved* is compared with how long they wait without them.
"""

import contextlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

import _bootstrap as house

from bench import edits, servers
from bench.crowd import Load
from bench.edits import Letters, Measured
from bench.figures import Budget, milliseconds, ratios, table, times

BOUND = 3.0


@dataclass(frozen=True)
class Extent:
    """How much is measured."""

    rounds: int = 5
    long: int = 20_000  # edits of the one long letter
    open: edits.Extent = field(default_factory=edits.Extent)  # of everybody else


QUICK = Extent(rounds=1, open=edits.QUICK)
SMOKE = Extent(rounds=1, long=400, open=edits.SMOKE)


@dataclass
class Compared:
    """One database: everybody else without the long letter, and beside it."""

    without: Measured = field(default_factory=Measured)
    beside: Measured = field(default_factory=Measured)
    restoring: list[float] = field(default_factory=list)  # seconds, until the page answers
    signing: list[float] = field(default_factory=list)

    def ratio(self, which: int) -> float:
        return ratios(
            [saving[which] for saving in self.beside.saving],
            [saving[which] for saving in self.without.saving],
        )


@dataclass
class Result:
    databases: dict[str, Compared] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


# -- Measuring -----------------------------------------------------------------------------------


def measure(databases: Sequence[str], extent: Extent, place: Path) -> Result:
    result = Result()
    with contextlib.ExitStack() as stack:
        house.say("Starting the servers …")
        measured: list[servers.App] = []
        for database in databases:
            measured.append(stack.enter_context(servers.app(database, place)))
        letters = Letters(measured, extent.open, runs=2 * extent.rounds)
        couples = {}
        for server in measured:
            house.say(f"{server.name}: writing a letter in {extent.long:,} edits …")
            couples[server.name] = server.people("neighbours", str(extent.long))
            result.databases[server.name] = Compared()
        edits.rehearse(measured, letters, extent.open)
        for number in range(extent.rounds):
            for server in measured:
                house.say(f"Round {number + 1} of {extent.rounds}: {server.name} …")
                compared = result.databases[server.name]

                # Without spinning: the neighbours share the clients' core.
                given = server, letters, extent.open
                how: dict[str, Any] = {"notes": result.notes, "seed": number, "spin": False}
                busy = neighbours(server, couples[server.name], compared)
                edits.measure_open(*given, compared.without, **how)
                edits.measure_open(*given, compared.beside, **how, beside=busy)
        result.notes.append(letters.others.sentence())
    return result


@contextmanager
def neighbours(server: Any, made: dict[str, Any], compared: Compared) -> Iterator[None]:
    """They are there and busy as long as the block lasts."""
    load = Load("bench.neighbours", made | {"port": server.port})
    try:
        load.hear()
        yield
        load.tell("enough")
        found = load.hear()
    finally:
        load.end()
    compared.restoring += found["restoring"]
    compared.signing += found["signing"]


# -- Written in the server's environment ---------------------------------------------------------


def letter(count: int) -> dict[str, Any]:
    """A letter that two people typed in so many edits, with a version of its first half and one of
    the whole of it."""
    from bench import opening
    from bench.people import cookie, couple
    from letters.models import Letter, Version

    ana, ben = couple("long")
    letter = Letter.begin_joint(ana.partner)
    opening.register(letter, ana, ben)
    updates, _ = opening.strokes(letter.document.snapshot, count, enter=0.01)
    numbers: list[int] = []
    for half in (updates[: count // 2], updates[count // 2 :]):
        opening.fold(letter, opening.in_rows(half))
        version = Version.take(letter, Version.Kind.NAMED, by=ana, name=f"{len(numbers) + 1}")
        assert version is not None
        numbers.append(version.number)
    return {
        "letter": str(letter.pk),
        "cookies": [cookie(ana), cookie(ben)],
        "versions": numbers,
    }


# -- Showing -------------------------------------------------------------------------------------


def report(result: Result, extent: Extent) -> str:
    def pair(measured: Measured) -> str:
        return " / ".join(milliseconds(measured.middle("saving", which)) for which in (0, 1))

    shown = table(
        (
            f"{extent.open.open_rate:.0f} edits/s, {extent.open.open_letters} letters",
            "saved, p50 / p99 ms",
            "beside the long letter",
            "ratio",
            "restored, signed",
            "a restore, a signature, ms",
        ),
        [
            (
                name,
                pair(compared.without),
                pair(compared.beside),
                " / ".join(times(compared.ratio(which)) for which in (0, 1)),
                f"{len(compared.restoring)}, {len(compared.signing)}",
                ", ".join(
                    milliseconds(median(took)) for took in (compared.restoring, compared.signing)
                ),
            )
            for name, compared in result.databases.items()
        ],
    )
    rounds = f"Medians of {extent.rounds} rounds." if extent.rounds > 1 else "One round."
    return "\n\n".join([shown, rounds, *filter(None, result.notes)])


def budgets(result: Result) -> list[Budget]:
    return [
        Budget(f"saved beside a long letter, p99, {name}", compared.ratio(1), BOUND)
        for name, compared in result.databases.items()
    ]
