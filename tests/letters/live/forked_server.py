"""Server processes that start in a tenth of a second, for the test that kills them by the dozen.

Run as a script, this imports the application once and then, for each line that it reads, forks a
process that serves it as bin/serve would. Every one of them is a process of its own that has not
touched the database before; only the imports are shared.
"""

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress

import _bootstrap as house
import _serve

from tests.server import Server


class ForkedServer:
    """Stands in for a server that it has stopped: on its port, with its database."""

    def __init__(self, server: Server) -> None:
        server.stop()
        self.server = server
        with server.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "tests.letters.live.forked_server", str(server.port)],
                cwd=house.ROOT,
                env=server.environment | {"PYTHONPATH": f"{house.ROOT}:{house.ROOT}/bin"},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
            )

    def start(self) -> None:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(b"\n")
        self.process.stdin.flush()
        self.pid = int(self.process.stdout.readline())
        while not self.server._answers():
            os.kill(self.pid, 0)
            time.sleep(0.005)

    def kill(self) -> None:
        os.kill(self.pid, signal.SIGKILL)
        with suppress(ProcessLookupError):
            while True:
                os.kill(self.pid, 0)
                time.sleep(0.002)

    def close(self) -> None:
        self.kill()
        self.process.communicate()


def main(port: str) -> None:
    import uvicorn.main

    import config.asgi  # noqa: F401 # what takes the time

    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    for _ in sys.stdin:
        pid = os.fork()
        if pid == 0:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            os.close(0)
            os.dup2(2, 1)
            uvicorn.main.main([*_serve.UVICORN[1:], "--host", "127.0.0.1", "--port", port])
        os.write(1, b"%d\n" % pid)


if __name__ == "__main__":
    main(sys.argv[1])
