"""The real application as a process of its own, for the tests that need one."""

import fcntl
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import _bootstrap as house
import _serve

from tests.forked_shell import Aside


class Server:
    """Served as bin/serve does it, on a free port, from `folder`. It may be killed and restarted.

    Its databases have their tables already. Where `shared` is given, the static files are collected
    into that folder by the first of all servers, in whatever process, that are given the same.
    """

    def __init__(self, folder: Path, variables: dict[str, str], shared: Path | None = None):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port: int = probe.getsockname()[1]
        self.base_url = f"http://127.0.0.1:{self.port}"
        self.folder = folder
        self.log = folder / "server.log"
        self.process: subprocess.Popen[bytes] | None = None
        self.environment = (
            os.environ
            | {"VAR_DIR": str(folder), "BASE_URL": self.base_url, "ALLOWED_HOSTS": "127.0.0.1"}
            | variables
        )
        folder.mkdir()
        self.aside: Aside | None = None
        self._collect_static(shared or folder)

    def _collect_static(self, place: Path) -> None:
        done = place / "collected"
        with (place / "collecting").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if place != self.folder:
                (place / "static").mkdir(exist_ok=True)
                (self.folder / "static").symlink_to(place / "static")
            if not done.exists():
                house.build_front_end()
                self.run("manage.py", "collectstatic", "--no-input")
                done.touch()

    def migrate(self) -> None:
        for alias in ("default", "keys"):
            self.run("manage.py", "migrate", "--database", alias)

    def run(self, *command: str) -> str:
        """What a Python script says that runs in the server's environment."""
        done = subprocess.run(
            [sys.executable, *command],
            cwd=house.ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
        )
        if done.returncode:
            raise RuntimeError(f"{command[0]} failed:\n{done.stdout}{done.stderr}")
        return done.stdout

    def shell(self, code: str) -> str:
        """What Python code prints that runs with the server's database and settings, in a process
        of its own."""
        if self.aside is None:
            with self.log.open("ab") as log:
                self.aside = Aside(self.environment, log)
        return self.aside.run(code)

    def start(self) -> None:
        command = [sys.executable, "-m", *_serve.UVICORN]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [*command, "--host", "127.0.0.1", "--port", str(self.port)],
                cwd=house.ROOT,
                env=self.environment,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        deadline = time.monotonic() + 30
        while not self._answers():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"The server did not start:\n{self.log_tail()}")
            time.sleep(0.02)

    def _answers(self) -> bool:
        try:
            socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
        except OSError:
            return False
        return True

    def kill(self) -> None:
        """End it as a power cut would: no goodbye, no clean-up."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        self._end(signal.SIGTERM)

    def close(self) -> None:
        self.stop()
        if self.aside is not None:
            self.aside.close()

    def _end(self, how: signal.Signals) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(how)
            self.process.wait(timeout=20)

    def log_tail(self, characters: int = 6000) -> str:
        return self.log.read_text(errors="replace")[-characters:] if self.log.exists() else ""
