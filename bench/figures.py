"""Figures: how they are summed up, how they are shown, and where they stand in the documents."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median


def percentile(values: Iterable[float], percent: float) -> float:
    """The smallest of the values that at least so many percent of them do not exceed."""
    ordered = sorted(values)
    if not ordered:
        raise ValueError("There is nothing to sum up.")
    return ordered[max(0, math.ceil(len(ordered) * percent / 100) - 1)]


def ratios(ours: Sequence[float], theirs: Sequence[float]) -> float:
    """The median of what ours is in terms of theirs, each round compared with itself."""
    return median(our / their for our, their in zip(ours, theirs, strict=True))


# -- Shown ---------------------------------------------------------------------------------------


def milliseconds(seconds: float) -> str:
    return significant(seconds * 1000)


def significant(value: float) -> str:
    """Three digits where it is small, whole numbers where it is large."""
    digits = 0 if value >= 100 else 1 if value >= 10 else 2
    return f"{value:,.{digits}f}"


def times(ratio: float) -> str:
    return f"{significant(ratio)}×"


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table whose columns line up; figures stand to the right, names to the left."""
    lines = [list(header), *map(list, rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(header))]
    rule = ["-" * widths[0], *("-" * (width - 1) + ":" for width in widths[1:])]

    def shown(cells: Sequence[str]) -> str:
        first, *figures = cells
        padded = [first.ljust(widths[0]), *map(str.rjust, figures, widths[1:])]
        return f"| {' | '.join(padded)} |"

    return "\n".join(map(shown, [lines[0], rule, *lines[1:]]))


# -- Budgets -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Budget:
    """A bound of the plan and what was measured, in the same unit; `least` turns it around."""

    what: str
    measured: float | None
    bound: float
    unit: str = "×"
    least: bool = False

    @property
    def kept(self) -> bool | None:
        if self.measured is None:
            return None
        return self.measured >= self.bound if self.least else self.measured <= self.bound

    def cells(self) -> tuple[str, str, str, str]:
        sign = "≥" if self.least else "≤"
        measured = "–" if self.measured is None else f"{significant(self.measured)}{self.unit}"
        verdict = {True: "kept", False: "missed", None: "not measured"}[self.kept]
        return self.what, f"{sign} {self.bound:g}{self.unit}", measured, verdict


def budget_table(budgets: Iterable[Budget]) -> str:
    return table(("budget", "bound", "measured", ""), [budget.cells() for budget in budgets])


# -- Written -------------------------------------------------------------------------------------


def placed(document: str, section: str, text: str) -> str:
    """The document with `text` between the two markers of the section.

    Raises ValueError where the document has no such section.
    """
    opening, closing = f"<!-- {section}: written by bin/bench -->", f"<!-- {section}: end -->"
    before, found, rest = document.partition(opening)
    _, ends, after = rest.partition(closing)
    if not found or not ends:
        raise ValueError(f"There is no section “{section}” to write the figures to.")
    return f"{before}{opening}\n\n{text.strip()}\n\n{closing}{after}"
