"""Two people who act at the same moment, each on a database connection of their own."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Barrier, Event
from time import sleep
from typing import Any

from django.db import connections, transaction


def while_another(first: Callable[[], object], second: Callable[[], object]) -> list[Any]:
    """Do the first in a transaction of one connection, and the second in another one before that
    has committed; what each returned or raised."""
    halfway = Event()

    def slowly() -> object:
        try:
            with transaction.atomic():
                result = first()
                halfway.set()
                # Long enough for the second to run into what the first holds.
                sleep(0.3)
            return result
        finally:
            halfway.set()

    def then() -> object:
        halfway.wait()
        return second()

    return _in_threads(slowly, then)


def both_at_once(*acts: Callable[[], object]) -> list[Any]:
    """Begin them all at one moment; what each returned or raised."""
    start = Barrier(len(acts))

    def begin(act: Callable[[], object]) -> object:
        start.wait()
        return act()

    return _in_threads(*(partial(begin, act) for act in acts))


def _in_threads(*acts: Callable[[], object]) -> list[Any]:
    """Each in a thread with connections of its own."""

    def run(act: Callable[[], object]) -> object:
        try:
            return act()
        except Exception as error:
            return error
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(acts)) as threads:
        return [done.result() for done in [threads.submit(run, act) for act in acts]]
