"""Long letters are reckoned about in a process of their own.

One interpreter serves all letters, and a thread that looks through a letter of twenty thousand
edits keeps it from everybody else's *Saved*. So what needs no database is handed to a process of
low priority: it takes the time that nobody else wants. `bin/bench beside` tells what that is worth.

What is handed over stands in modules that load no models, so the process has neither settings nor
a key. It is started with the first long letter; the server's end is the end of its input, whichever
way the server ends.
"""

import atexit
import contextlib
import json
import logging
import os
import pickle
import signal
import subprocess
import sys
import threading
import zlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

from letters.text import authored, crdt, document
from letters.text.authorship import Attribution, Authors
from letters.text.edit import Editor

log = logging.getLogger(__name__)

# In bytes of updates: what is shorter takes a few milliseconds, less than the way there and back.
LONG = 32_000
NICE = 15
AUTOGROUP = Path("/proc/self/autogroup")

# What an interpreter needs of its surroundings; the rest holds secrets.
NEEDED = (
    "PATH",
    "LANG",
    "LC_ALL",
    "SYSTEMROOT",
    "TMPDIR",
    "TEMP",
    "VIRTUAL_ENV",
    "LD_LIBRARY_PATH",
)


class _Process:
    """The process, once it is needed. It does one thing at a time."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.process: subprocess.Popen[bytes] | None = None

    def run(self, function: Callable[..., Any], *args: Any) -> Any:
        """Raises what the function raises, and OSError or EOFError where there is no process."""
        with self.lock:
            process = self.process = self.process or self._start()
            assert process.stdin  # noqa: S101 # a pipe, as it was started
            assert process.stdout  # noqa: S101 # the same
            # Whole or not at all: half of what cannot be pickled would be in the next one's way.
            asked = pickle.dumps((function, args))
            try:
                process.stdin.write(asked)
                process.stdin.flush()
                is_told, answer = pickle.load(process.stdout)  # noqa: S301 # our own process
            except (OSError, EOFError, pickle.UnpicklingError) as error:
                self._end()
                raise EOFError("the process ended") from error
        if not is_told:
            raise answer
        return answer

    def _start(self) -> subprocess.Popen[bytes]:
        needed = {name: os.environ[name] for name in NEEDED if name in os.environ}
        return subprocess.Popen(  # noqa: S603 # this module
            [sys.executable, "-m", __name__],
            env=needed | {"PYTHONPATH": os.pathsep.join(sys.path)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,  # which Linux gives processor time apart
        )

    def _end(self) -> None:
        process, self.process = self.process, None
        if process is not None:
            process.kill()
            process.communicate()


_process = _Process()
atexit.register(_process._end)


def offload[T](function: Callable[..., T], updates: Sequence[bytes], *args: Any) -> T:
    """`function(updates, *args)`: in the other process where the letter is long and there is one.
    Then the function and all that it is given and returns are pickled."""
    if sum(map(len, updates)) >= LONG:
        try:
            return _process.run(function, updates, *args)  # type: ignore[no-any-return] # what the function returns
        except (OSError, EOFError):
            log.exception("A long letter is looked through beside the others.")
    return function(updates, *args)


def _stand_back() -> None:
    if hasattr(os, "nice"):
        os.nice(NICE)
    # Linux counts that within a session only, and the database is not in this one: where sessions
    # are scheduled apart (sched_autogroup), the whole of this one stands back.
    with contextlib.suppress(OSError):
        AUTOGROUP.write_text(str(NICE))


def serve() -> None:
    """In the process: do what is asked until nobody asks any more."""
    _stand_back()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a terminal sends it to all of them
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what is printed is no answer
    while True:
        try:
            function, args = pickle.load(sys.stdin.buffer)  # noqa: S301 # from our own server
        except EOFError:
            return
        try:
            answer = True, function(*args)
        except Exception as error:
            answer = False, error
        pickle.dump(answer, answers)
        answers.flush()


# -- What is handed over -------------------------------------------------------------------------


class Told(NamedTuple):
    """What a letter says, and by whom: the digest of its words, the words with their authors as
    JSON, the document compressed, and how far each client has written in it."""

    digest: str
    words: str
    packed: bytes
    clocks: dict[int, int]


def tell(updates: Sequence[bytes], authors: Authors, known: tuple[str, str] | None = None) -> Told:
    """`known` is a digest, and the words with their authors that are taken where it fits."""
    doc = crdt.assemble(updates)
    digest = document.digest(document.blocks(doc))
    if known and known[0] == digest:
        words = known[1]
    else:
        words = json.dumps(authored.to_json(document.blocks(doc, authors=authors)))
    clocks = crdt.state(doc.get_state())
    return Told(digest, words, zlib.compress(doc.get_update()), clocks)


class Edit(NamedTuple):
    """An edit of the server's: what is to be written down, and under which client id it stands."""

    update: bytes
    attributions: list[Attribution]
    client_id: int


def edit(
    updates: Sequence[bytes], person_id: UUID, change: Callable[..., None], *args: Any
) -> Edit:
    """What `change(editor, *args)` makes of a letter."""
    doc = crdt.assemble(updates)
    editor = Editor(doc, person_id)
    change(editor, *args)
    return Edit(editor.update, editor.attributions, doc.client_id)


if __name__ == "__main__":
    serve()
