"""From a page of HTML to a PDF; couples/pdf/worker.py does it, in a process of its own."""

import os
import subprocess
import sys
import threading
import unicodedata

from django.conf import settings

from couples.pdf import worker as press

PRESS = press.__file__
FONTS = settings.BASE_DIR / "static" / "dist" / "press"
# All that the press is told of its surroundings: no keys, and nothing about the database.
SURROUNDINGS = (
    *("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "XDG_CACHE_HOME"),
    *("FONTCONFIG_FILE", "FONTCONFIG_PATH"),
    *("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "DYLD_FALLBACK_LIBRARY_PATH"),
)
PATIENCE = 30.0
# PDFs are made in threads of their own (config/lanes.py); elsewhere no more than these at once.
_presses = threading.BoundedSemaphore(2)
# Of the pages, no more than one waits at a time to hear what a PDF could not show, and not long.
_asking = threading.BoundedSemaphore(1)
ASKING = 5.0


class NoPress(Exception):
    """There is no PDF now; whether there may be one in a moment."""

    def __init__(self, *, later: bool) -> None:
        super().__init__("The press is busy." if later else "The press is missing a library.")
        self.later = later


def to_pdf(html: str) -> bytes:
    """Raises NoPress. The press knows no `dir=auto`: see direction()."""
    if not _presses.acquire(timeout=3):
        raise NoPress(later=True)
    try:
        made = _press(html, patience=PATIENCE)
    finally:
        _presses.release()
    if not made.startswith(b"%PDF-"):
        raise NoPress(later=True)
    return made


# What the press said of each sign that it was asked about. A font that comes to the server later is
# seen after the next start.
_told: dict[str, bool] = {}


def unset(text: str) -> list[str]:
    """The signs that a PDF of this text could show only as boxes, because no font of this machine
    has them: each once, as they come. Where there is no press now, none."""
    signs = [s for s in dict.fromkeys(text) if not s.isascii() and not press.is_unseen(s)]
    ask = "".join(sign for sign in signs if sign not in _told)
    if ask:
        if not _asking.acquire(blocking=False):
            return []
        try:
            missing = set(_press(ask, "unset", patience=ASKING).decode())
        except NoPress:
            return []
        finally:
            _asking.release()
        _told.update((sign, sign in missing) for sign in ask)
    return [sign for sign in signs if _told[sign]]


def _press(given: str, *task: str, patience: float) -> bytes:
    """Raises NoPress."""
    try:
        done = subprocess.run(  # noqa: S603 # our own script, and our own page
            [sys.executable, "-I", PRESS, str(FONTS), *task],
            input=given.encode(),
            capture_output=True,
            timeout=patience,
            env={name: os.environ[name] for name in SURROUNDINGS if name in os.environ},
        )
    except subprocess.TimeoutExpired:
        raise NoPress(later=True) from None
    # What it said is not looked at: it may quote what people wrote.
    if done.returncode == press.NO_LIBRARY:
        raise NoPress(later=False)
    if done.returncode:
        raise NoPress(later=True)
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
