"""Live nudges: a word such as "review" to every open page of a home, and nothing else.

A nudge says that something changed, never what; the page then asks the server for its partial
again, which authorises like any other page. Views call `nudge()` inside their transaction; it is
sent once that has committed.
"""

import asyncio
import secrets
from collections import defaultdict
from threading import Lock
from uuid import UUID

from django.db import transaction

# Of so many homes it is known which nudge was their last.
MOST_HOMES = 10_000


class Hub:
    """The open pages of this process, by home, and by the seat of whose they are. Lives on the
    event loop; `send` may be called from any thread."""

    def __init__(self, most: int = MOST_HOMES) -> None:
        self.most = most
        self.loop: asyncio.AbstractEventLoop | None = None
        self.pages: defaultdict[UUID, set[asyncio.Queue[str]]] = defaultdict(set)
        # Names the last nudge of each home, and says nothing about how many there were.
        # The one that has been quiet the longest is forgotten first.
        self._last: dict[UUID, str] = {}
        self._none = secrets.token_hex(4)
        self._lock = Lock()

    def last(self, workspace_id: UUID) -> str:
        """Another one after each nudge. A page carries what it was when the page was asked for, so
        that its socket, which comes later, can be told of what it missed in between."""
        return self._last.get(workspace_id, self._none)

    def send(self, workspace_id: UUID, topic: str) -> None:
        with self._lock:
            self._last.pop(workspace_id, None)
            self._last[workspace_id] = secrets.token_hex(4)
            if len(self._last) > self.most:
                del self._last[next(iter(self._last))]
                # A page from before it was forgotten still hears that it missed something; so does
                # one, once and for nothing, of a home that nobody nudged.
                self._none = secrets.token_hex(4)
        if self.loop is not None and not self.loop.is_closed():
            self.loop.call_soon_threadsafe(self._deliver, workspace_id, topic)

    def _deliver(self, workspace_id: UUID, topic: str) -> None:
        for page in self.pages.get(workspace_id, ()):
            # A page that does not read its nudges loses the oldest, not the newest.
            if page.full():
                page.get_nowait()
            page.put_nowait(topic)


hub = Hub()


def nudge(workspace_id: UUID, topic: str) -> None:
    """Tell the open pages of a home that `topic` changed, once the transaction has committed. With
    the id of a seat, those of one person: what is nobody else's to hear of."""
    transaction.on_commit(lambda: hub.send(workspace_id, topic))
