"""Two people who act at the same moment, each on a database connection of their own."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from time import sleep
from typing import Any

from django.db import connections, transaction


def while_another(first: Callable[[], object], second: Callable[[], object]) -> list[Any]:
    """Do the first in a transaction of one connection, and the second in another one before that
    has committed; what each returned or raised."""
    halfway = Event()

    def run(act: Callable[[], object]) -> object:
        try:
            return act()
        except Exception as error:
            return error
        finally:
            connections.close_all()

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

    with ThreadPoolExecutor(2) as threads:
        return [done.result() for done in [threads.submit(run, act) for act in (slowly, then)]]
