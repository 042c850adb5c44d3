"""The worker as a process of its own."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import _bootstrap as house

from tests.server import Server

FILES = ""
NOBODY = "smtp://127.0.0.1:9"  # nobody listens there
MAKE_DUE = """
from django.utils import timezone
from couples.models import OutgoingMail
OutgoingMail.objects.update(next_try_at=timezone.now())
"""


def work(
    server: Server, mail: str = FILES, *options: str, **variables: str
) -> "subprocess.Popen[bytes]":
    """It works beside the server, and sends to the mail server at this address, or into files."""
    with server.log.open("ab") as log:
        return subprocess.Popen(
            [sys.executable, "manage.py", "work", *options],
            cwd=house.ROOT,
            env=server.environment | {"EMAIL_URL": mail} | variables,
            stderr=log,
        )


@contextmanager
def working(
    server: Server, mail: str = FILES, **variables: str
) -> Iterator["subprocess.Popen[bytes]"]:
    """It goes on until it is killed, in the middle of whatever it does."""
    process = work(server, mail, **variables)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def make_due(server: Server) -> None:
    """As if every pause and every lease were over."""
    server.shell(MAKE_DUE)


def until(what: Callable[[], object]) -> None:
    deadline = time.monotonic() + 60
    while not what():
        assert time.monotonic() < deadline
        time.sleep(0.05)
