"""Long letters are reckoned about in a process of their own.

One interpreter serves all letters, and a thread that looks through a letter of twenty thousand
edits keeps it from everybody else's *Saved*. So what needs no database is handed to a process of
low priority: it takes the time that nobody else wants. `bin/bench beside` tells what that is worth.

What is handed over stands in modules that load no models, so the process has neither settings nor
a key. It is started with the first long letter, and ends with the server, whichever way that ends.
"""

import json
import logging
import multiprocessing
import os
import signal
import threading
import zlib
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import Any, NamedTuple
from uuid import UUID

from letters import authored, document
from letters.text import crdt
from letters.text.authorship import Attribution, Authors
from letters.text.edit import Editor

log = logging.getLogger(__name__)

# In bytes of updates: what is shorter takes a few milliseconds, less than the way there and back.
LONG = 32_000
NICE = 15


class _Process:
    """The process, once it is needed."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.pool: ProcessPoolExecutor | None = None

    def run(self, function: Callable[..., Any], *args: Any) -> Any:
        """Raises BrokenProcessPool where the process died, and OSError where there can be none."""
        with self.lock:
            if self.pool is None:
                self.pool = ProcessPoolExecutor(
                    1, multiprocessing.get_context("spawn"), initializer=_begin
                )
            pool = self.pool
        try:
            return pool.submit(function, *args).result()
        except BrokenProcessPool:
            with self.lock:
                if self.pool is pool:
                    self.pool = None
            raise


_process = _Process()


def _begin() -> None:
    """In the process."""
    os.nice(NICE)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a terminal sends it to all of them
    parent = multiprocessing.parent_process()
    assert parent is not None  # noqa: S101

    def watch() -> None:
        parent.join()  # it may be killed, and then closes nothing
        os._exit(0)

    threading.Thread(target=watch, daemon=True).start()


def offload[T](function: Callable[..., T], updates: Sequence[bytes], *args: Any) -> T:
    """`function(updates, *args)`: in the other process where the letter is long and there is one.
    Then the function and all that it is given and returns are pickled."""
    if sum(map(len, updates)) >= LONG:
        try:
            return _process.run(function, updates, *args)  # type: ignore[no-any-return]
        except (BrokenProcessPool, OSError):
            log.exception("A long letter is looked through beside the others.")
    return function(updates, *args)


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
