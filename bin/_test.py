"""usage: bin/test [--all] [arguments for pytest]

Runs the tests on SQLite, in a real browser; without those that take long. With --all it runs every
test, on SQLite and at the same time on PostgreSQL; what the second run says is shown when the first
is done. What asks no database, or lies in the browser alone, runs on one of them.
TEST_DATABASE=sqlite or TEST_DATABASE=postgres runs everything on the one it names; CHROMIUM names
the browser. Each run has several processes; --numprocesses=0 makes it one, for --pdb and the like.
pytest's own options: bin/test --help --verbose.
"""

import os
import subprocess
import sys
import tempfile
from typing import IO

import _bootstrap as house
from _chromium import bring_chromium

DATABASES = {"sqlite": "SQLite", "postgres": "PostgreSQL"}
# A test often waits, for a page or for a server: even one core has time for some.
PROCESSES = 4


def main(arguments: list[str]) -> int:
    everything = "--all" in arguments
    arguments = [argument for argument in arguments if argument != "--all"]
    chosen = os.environ.get("TEST_DATABASE")
    if chosen and chosen not in DATABASES:
        raise house.Problem(f"TEST_DATABASE must be sqlite or postgres, not “{chosen}”.")

    chromium = bring_chromium()

    databases = [chosen] if chosen else [*DATABASES] if everything else [next(iter(DATABASES))]
    # Whoever names tests gets them, and whoever names a database all there are.
    if not everything and not chosen and not any("tests/" in argument for argument in arguments):
        arguments = ["-m", "not slow", *arguments]
    processes = max(2, PROCESSES // len(databases))

    def run(database: str, out: IO[bytes] | None = None) -> subprocess.Popen[bytes]:
        env = dict(os.environ, TEST_DATABASE=database, CHROMIUM=chromium)
        env["TEST_DATABASES"] = " ".join(databases) if len(databases) > 1 else ""
        env.pop("DJANGO_SETTINGS_MODULE", None)
        command = [sys.executable, "-m", "pytest", f"--numprocesses={processes}", *arguments]
        return subprocess.Popen(command, env=env, stdout=out, stderr=out)

    failed = []
    first, *others = databases
    with tempfile.TemporaryFile() as kept, tempfile.TemporaryDirectory() as shared:
        os.environ["TEST_SHARED"] = shared
        beside = {database: run(database, kept) for database in others}
        try:
            for database, tests in ({first: None} | beside).items():
                print(f"\n===== The tests on {DATABASES[database]} =====", flush=True)
                code = (tests or run(database)).wait()
                if tests is not None:
                    kept.seek(0)
                    print(kept.read().decode(errors="replace"), flush=True)
                if code:
                    failed.append(DATABASES[database])
        finally:
            for tests in beside.values():
                if tests.poll() is None:
                    tests.terminate()
                    tests.wait()
    if failed:
        print(f"\nThe tests failed on {' and on '.join(failed)}.")
    return 1 if failed else 0


if __name__ == "__main__":
    with house.sentences("test"):
        sys.exit(main(sys.argv[1:]))
