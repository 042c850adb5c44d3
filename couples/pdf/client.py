"""From a page of HTML to a PDF; couples/pdf/worker.py does it, in a process of its own."""

import os
import subprocess
import sys
import threading
import unicodedata

from django.conf import settings

from couples.pdf import worker

WORKER = worker.__file__
FONTS = settings.BASE_DIR / "static" / "dist" / "press"
# All that the worker is told of its surroundings: no keys, and nothing about the database.
SURROUNDINGS = (
    *("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "XDG_CACHE_HOME"),
    *("FONTCONFIG_FILE", "FONTCONFIG_PATH"),
    *("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "DYLD_FALLBACK_LIBRARY_PATH"),
)
PATIENCE = 30.0
# PDFs are made in threads of their own (config/lanes.py); elsewhere no more than these at once.
_workers = threading.BoundedSemaphore(2)
# Of the pages, no more than one waits at a time to hear what a PDF could not show, and not long.
_asking = threading.BoundedSemaphore(1)
ASKING = 5.0


class NoPdf(Exception):
    """There is no PDF now; whether there may be one in a moment."""

    def __init__(self, *, later: bool) -> None:
        super().__init__("The worker is busy." if later else "The worker is missing a library.")
        self.later = later


def to_pdf(html: str) -> bytes:
    """Raises NoPdf. The worker knows no `dir=auto`: see direction()."""
    if not _workers.acquire(timeout=3):
        raise NoPdf(later=True)
    try:
        made = _run_worker(html, patience=PATIENCE)
    finally:
        _workers.release()
    if not made.startswith(b"%PDF-"):
        raise NoPdf(later=True)
    return made


# What the worker said of each sign that it was asked about. A font that comes to the server later
# is seen after the next start.
_told: dict[str, bool] = {}


def unset(text: str) -> list[str]:
    """The signs that a PDF of this text could show only as boxes, because no font of this machine
    has them: each once, as they come. Where there is no worker now, none."""
    signs = [s for s in dict.fromkeys(text) if not s.isascii() and not worker.is_unseen(s)]
    ask = "".join(sign for sign in signs if sign not in _told)
    if ask:
        if not _asking.acquire(blocking=False):
            return []
        try:
            missing = set(_run_worker(ask, "unset", patience=ASKING).decode())
        except NoPdf:
            return []
        finally:
            _asking.release()
        _told.update((sign, sign in missing) for sign in ask)
    return [sign for sign in signs if _told[sign]]


def _run_worker(given: str, *task: str, patience: float) -> bytes:
    """What the worker writes for a task. Blocks for as long as it runs. Raises NoPdf, `later` where
    it took longer than `patience`, in seconds, and not `later` where this machine lacks a
    library."""
    try:
        done = subprocess.run(  # noqa: S603 # our own script, and our own page
            [sys.executable, "-I", WORKER, str(FONTS), *task],
            input=given.encode(),
            capture_output=True,
            timeout=patience,
            env={name: os.environ[name] for name in SURROUNDINGS if name in os.environ},
        )
    except subprocess.TimeoutExpired:
        raise NoPdf(later=True) from None
    # What it said is not looked at: it may quote what people wrote.
    if done.returncode == worker.NO_LIBRARY:
        raise NoPdf(later=False)
    if done.returncode:
        raise NoPdf(later=True)
    return done.stdout


def direction(text: str) -> str:
    """Which way a paragraph runs: as its first letter does."""
    for sign in text:
        match unicodedata.bidirectional(sign):
            case "L":
                return "ltr"
            case "R" | "AL":
                return "rtl"
    return "ltr"
