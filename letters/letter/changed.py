"""A hint to the open rooms of this process: a letter's log has grown, or the letter was closed.

It is no more than a hint. Rooms look at the log once a second anyway, and those of other processes
have nothing but that.
"""

from collections.abc import Callable
from uuid import UUID

from django.db import transaction

# Each may be called from any thread.
listeners: set[Callable[[UUID], None]] = set()


def letter_changed(letter_id: UUID) -> None:
    """Have the rooms look at this letter, once the transaction has committed."""

    def tell() -> None:
        for listener in tuple(listeners):
            listener(letter_id)

    transaction.on_commit(tell)
