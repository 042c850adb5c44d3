import atexit
from importlib import import_module

from django.apps import AppConfig
from django.db import connections


class CouplesConfig(AppConfig):
    name = "couples"
    verbose_name = "Couples"

    def ready(self) -> None:
        atexit.register(close_pools)
        # Signals of other packages, once their models are there.
        import_module("couples.account.events").listen()


def close_pools() -> None:
    """A pool of PostgreSQL connections that is left open keeps a process waiting for its threads,
    20 seconds long."""
    for connection in connections.all(initialized_only=True):
        close_pool = getattr(connection, "close_pool", None)
        if close_pool is not None:
            connection.close()
            close_pool()
