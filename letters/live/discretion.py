"""What is written by somebody who does not show themselves, until it may be seen.

It reaches the other with the next but one stroke of a clock that strikes for everybody alike, so
neither the moment nor the rhythm of writing is told. The same moment stands in the log, so every
other page, and every answer to a page that comes back, has the same words at the same time.
"""

import asyncio
from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from django.utils import timezone

from letters.letter.hidden import Hidden, hidden_now
from letters.letter.models.document import Row

type Show = Callable[[list[bytes], UUID], None]


class Discretion:
    """Of one room. `show` is called with what one person wrote, once that may be seen."""

    def __init__(self, show: Show) -> None:
        self._show = show
        self._held: dict[tuple[UUID, datetime], list[bytes]] = {}
        self._timers: set[asyncio.TimerHandle] = set()

    def hold(self, update: bytes, by: UUID) -> Hidden:
        hidden = hidden_now(by)
        self._keep([update], *hidden)
        return hidden

    def hold_row(self, row: Row) -> bool:
        """The same of a row that somebody else has written down; whether it is hidden still."""
        if row.by is None or row.hidden_until is None or not row.is_hidden(timezone.now()):
            return False
        self._keep(row.updates, row.by, row.hidden_until)
        return True

    def hides_from(self, person: UUID) -> bool:
        return any(by != person for by, _ in self._held)

    def stop(self) -> None:
        for timer in self._timers:
            timer.cancel()
        self._timers.clear()

    def _keep(self, updates: list[bytes], by: UUID, until: datetime) -> None:
        held = self._held.get((by, until))
        if held is not None:
            held += updates
            return
        self._held[by, until] = list(updates)
        delay = (until - timezone.now()).total_seconds()
        timer = asyncio.get_running_loop().call_later(max(delay, 0), self._release, by, until)
        self._timers.add(timer)

    def _release(self, by: UUID, until: datetime) -> None:
        self._show(self._held.pop((by, until)), by)
