"""bin/bench, once everything it needs is there."""

import argparse
import signal
import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import _bootstrap as house

from bench import beside, edits, hanging, machine, opening, pages, servers
from bench.figures import Budget, budget_table, placed

DATABASES = {"sqlite": ["sqlite"], "postgres": ["postgres"], "both": ["sqlite", "postgres"]}
DOCUMENT = house.ROOT / "docs" / "performance.md"


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="bin/bench", allow_abbrev=False)
    parser.add_argument("what", nargs="?", choices=["pages", "load", "edits", "beside", "open"])
    parser.add_argument("--database", choices=list(DATABASES))
    size = parser.add_mutually_exclusive_group()
    size.add_argument("--quick", action="store_true")
    size.add_argument("--smoke", action="store_true")
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args(arguments)
    # So that whatever was started is also ended.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))

    with servers.folder() as place:
        for what, measure in (
            ("pages", measure_pages),
            ("load", measure_load),
            ("edits", measure_edits),
            ("beside", measure_beside),
            ("open", measure_opening),
        ):
            if options.what in (None, what):
                show(what, options.write, *measure(options, place / what))
    return 0


def extent_of(part: Any, options: argparse.Namespace) -> Any:
    """How much of a part is measured."""
    return part.SMOKE if options.smoke else part.QUICK if options.quick else part.Extent()


type Shown = tuple[str, str, list[Budget]]


def measure_pages(options: argparse.Namespace, place: Path) -> Shown:
    place.mkdir()
    extent = extent_of(pages, options)
    databases = DATABASES[options.database or "sqlite"]
    found = pages.measure(databases, extent, place)
    return machine.describe(), pages.report(found), pages.budgets(found)


def measure_load(options: argparse.Namespace, place: Path) -> Shown:
    place.mkdir()
    extent = extent_of(hanging, options)
    databases = DATABASES[options.database or "sqlite"]
    found = hanging.measure(databases, extent, place)
    return machine.describe(), hanging.report(found), hanging.budgets(found)


def measure_edits(options: argparse.Namespace, place: Path) -> Shown:
    place.mkdir()
    disk = f"the disk takes {machine.disk_wait(place) * 1000:.2f} ms to have 4 KB for good"
    extent = extent_of(edits, options)
    databases = DATABASES[options.database or ("both" if extent.rounds > 1 else "sqlite")]
    found = edits.measure(databases, extent, place)
    return (
        machine.describe([*filter(None, [found.version]), disk]),
        edits.report(found, extent),
        edits.budgets(found),
    )


def measure_beside(options: argparse.Namespace, place: Path) -> Shown:
    place.mkdir()
    extent = extent_of(beside, options)
    databases = DATABASES[options.database or ("both" if extent.rounds > 1 else "sqlite")]
    found = beside.measure(databases, extent, place)
    return machine.describe(), beside.report(found, extent), beside.budgets(found)


def measure_opening(options: argparse.Namespace, place: Path) -> Shown:
    place.mkdir()
    extent = extent_of(opening, options)
    databases = DATABASES[options.database or "sqlite"]
    found = opening.measure(databases, extent, place)
    return machine.describe(), opening.report(found), opening.budgets(found)


def show(
    section: str, keep: bool, description: str, report: str, budgets: Iterable[Budget]
) -> None:
    today = f"{datetime.now(UTC):%-d %B %Y}"
    text = f"{today}. {description}.\n\n{report}\n\n{budget_table(budgets)}"
    print(f"\n{text}\n", flush=True)
    if keep:
        DOCUMENT.write_text(placed(DOCUMENT.read_text(), section, text))
        house.say(f"Written to {DOCUMENT.relative_to(house.ROOT)}.")


if __name__ == "__main__":
    with house.sentences("bench"):
        sys.exit(main(sys.argv[1:]))
