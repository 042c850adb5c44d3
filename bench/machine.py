"""The machine that the figures come from: what it is, its cores, and what processes use of it."""

import os
import platform
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from statistics import median
from time import perf_counter

PROC = Path("/proc")


# -- Cores ---------------------------------------------------------------------------------------


def cores() -> list[int]:
    if hasattr(os, "sched_getaffinity"):
        return sorted(os.sched_getaffinity(0))
    return list(range(os.cpu_count() or 1))


def server_cores() -> list[int]:
    """One core for whatever serves, and its database with it."""
    return cores()[:1]


def client_cores() -> list[int]:
    return cores()[1:] or cores()


@contextmanager
def pinned(to: list[int]) -> Iterator[None]:
    """Whatever is started in here stays on these cores, where the system can do that."""
    if not hasattr(os, "sched_setaffinity"):
        yield
        return
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, to)
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


# -- Processes (Linux tells; elsewhere there are no such figures) --------------------------------


def cpu_seconds(pids: Iterable[int]) -> float | None:
    """The CPU time that these processes and their children have used so far."""
    if not PROC.is_dir():
        return None
    ticks = 0
    for pid in family(pids):
        try:
            fields = (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue  # it has ended
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def family(pids: Iterable[int]) -> set[int]:
    """These processes and their children."""
    found = set(pids)
    for stat in PROC.glob("[0-9]*/stat"):
        try:
            parent = int(stat.read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue  # it has ended
        if parent in found:
            found.add(int(stat.parent.name))
    return found


def busy_seconds() -> float | None:
    """The CPU time that everything on this machine has used so far."""
    try:
        user, nice, system, _, _, irq, softirq, *_ = map(
            int, (PROC / "stat").read_text().split("\n")[0].split()[1:]
        )
    except OSError:
        return None
    return (user + nice + system + irq + softirq) / os.sysconf("SC_CLK_TCK")


class Others:
    """How much of the machine other programs take while something is measured."""

    def __init__(self) -> None:
        self.shares: list[float] = []

    @contextmanager
    def watched(self, ours: Iterable[int]) -> Iterator[None]:
        """Count as others what neither the bench nor the processes `ours` use in the block; they
        have to live as long as it does."""
        ours = [os.getpid(), *ours]
        used, busy, started = cpu_seconds(ours), busy_seconds(), perf_counter()
        yield
        used_then, busy_then = cpu_seconds(ours), busy_seconds()
        if (
            used is not None
            and busy is not None
            and used_then is not None
            and busy_then is not None
        ):
            others = (busy_then - busy) - (used_then - used)
            self.shares.append(max(0.0, others) / (perf_counter() - started))

    def sentence(self) -> str:
        """What whoever reads the figures has to know about it; nothing where it was quiet."""
        share = max(self.shares, default=0.0)
        if share < 0.15:
            return ""
        return (
            f"Disturbed: other programs used up to {share:.0%} of a core while this was measured,"
            " so it says less than it could."
        )


def memory(pid: int) -> int | None:
    """The bytes of memory that a process occupies."""
    try:
        pages = (PROC / str(pid) / "statm").read_text().split()[1]
    except OSError:
        return None
    return int(pages) * os.sysconf("SC_PAGE_SIZE")


# -- In words ------------------------------------------------------------------------------------

PACKAGES = ["django", "uvicorn", "uvloop", "a2wsgi", "websockets", "pycrdt", "psycopg"]


def describe(more: Iterable[str] = ()) -> str:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    used = [f"{name} {version(name)}" for name in PACKAGES]
    return "; ".join(
        [
            f"{len(cores())} cores of {processor()}",
            f"{memory:.0f} GB",
            f"{platform.system()} {platform.release()}",
            f"Python {platform.python_version()}",
            ", ".join(used),
            *more,
        ]
    )


def processor() -> str:
    try:
        for line in (PROC / "cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()


def disk_wait(folder: Path) -> float:
    """How long the disk takes to have written a few bytes for good: the median, in seconds."""
    waits = []
    with tempfile.TemporaryFile(dir=folder) as file:
        for _ in range(50):
            started = perf_counter()
            file.write(b"x" * 4096)
            file.flush()
            os.fsync(file.fileno())
            waits.append(perf_counter() - started)
    return median(waits)
