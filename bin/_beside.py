"""The server and, beside it, the worker that sends the mails: bin/serve becomes this process.

The arguments are uvicorn's. The worker is started again whenever it ends, and ends by itself when
this process does, however that is.
"""

import os
import runpy
import subprocess
import sys
import threading
import time

LONGEST_PAUSE = 10.0


def look_after_the_worker() -> None:
    """Start it, and start it again, for as long as this process lives."""
    work = [sys.executable, "manage.py", "work", "--with-parent", str(os.getpid())]
    threading.Thread(target=keep_going, args=[work], daemon=True).start()


def keep_going(command: list[str]) -> None:
    pause = 1.0
    while True:
        began = time.monotonic()
        # A session of its own: Ctrl-C is for this process, and the worker ends with it.
        code = subprocess.call(command, start_new_session=True)
        # One that ends as soon as it starts does not keep the machine busy.
        pause = 1.0 if time.monotonic() - began > 60 else min(pause * 2, LONGEST_PAUSE)
        how = f"signal {-code}" if code < 0 else f"code {code}"
        print(
            f"bin/serve: the worker, which sends the mails, has ended ({how});"
            f" it is started again in {pause:.0f} s.",
            file=sys.stderr,
            flush=True,
        )
        time.sleep(pause)


if __name__ == "__main__":
    look_after_the_worker()
    sys.path[0] = os.getcwd()
    runpy.run_module("uvicorn", run_name="__main__", alter_sys=True)
