"""Code that runs beside a server, each piece in a process of its own: see `Server.shell`.

Run as a script, this starts Django once, with the server's settings, and then forks a process for
each piece of code that it reads. Nothing of one piece is there for the next: connections, keys and
settings are those of a process that has just started; only the imports are shared.
"""

import io
import json
import os
import subprocess
import sys
import traceback
from contextlib import redirect_stdout
from threading import Lock
from typing import IO

import _bootstrap as house


class Aside:
    def __init__(self, environment: dict[str, str], log: IO[bytes]) -> None:
        self.lock = Lock()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.forked_shell"],
            cwd=house.ROOT,
            env=environment | {"PYTHONPATH": f"{house.ROOT}:{house.ROOT}/bin"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )

    def run(self, code: str) -> str:
        """What the code prints."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        with self.lock:
            self.process.stdin.write(json.dumps(code) + "\n")
            self.process.stdin.flush()
            said, wrong = json.loads(self.process.stdout.readline() or '["", "It has ended."]')
        if wrong:
            raise RuntimeError(f"The code failed:\n{code}\n{said}{wrong}")
        return str(said)

    def close(self) -> None:
        self.process.communicate()


def answer(code: str) -> None:
    from django.core.management import call_command

    said, wrong = io.StringIO(), ""
    try:
        with redirect_stdout(said):
            call_command("shell", command=code, verbosity=0)
    except BaseException:
        wrong = traceback.format_exc()
    sys.stdout.write(json.dumps([said.getvalue(), wrong]) + "\n")
    sys.stdout.flush()


def main() -> None:
    import django
    from django.db import connections

    django.setup()
    import config.urls  # noqa: F401 # what takes the time

    for line in sys.stdin:
        connections.close_all()
        pid = os.fork()
        if pid == 0:
            answer(json.loads(line))
            os._exit(0)
        os.waitpid(pid, 0)


if __name__ == "__main__":
    main()
