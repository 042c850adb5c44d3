"""bin/test: brings what the tests need and runs all of them on SQLite, then on PostgreSQL."""

from __future__ import annotations

import os
import subprocess

import _bootstrap as house

DATABASES = {"sqlite": "SQLite", "postgres": "PostgreSQL"}

HELP = """usage: bin/test [arguments for pytest]

Runs the tests on SQLite and then on PostgreSQL. TEST_DATABASE=sqlite or TEST_DATABASE=postgres
chooses one of them; CHROMIUM names the browser. pytest's own options: bin/test --help --verbose.
"""


def main(arguments: list[str]) -> int:
    if arguments in (["--help"], ["-h"]):
        print(HELP, end="")
        return 0
    chosen = os.environ.get("TEST_DATABASE")
    if chosen and chosen not in DATABASES:
        raise house.Problem(f"TEST_DATABASE must be sqlite or postgres, not “{chosen}”.")

    with house.setting_up():
        house.bring_packages(development=True)
        house.build_front_end()
        chromium = house.bring_chromium()

    failed = []
    for database in [chosen] if chosen else list(DATABASES):
        print(f"\n===== The tests on {DATABASES[database]} =====", flush=True)
        env = dict(house.environment(), TEST_DATABASE=database, CHROMIUM=chromium)
        env.pop("DJANGO_SETTINGS_MODULE", None)
        if subprocess.call([house.PYTHON, "-m", "pytest", *arguments], env=env):
            failed.append(DATABASES[database])
    if failed:
        print(f"\nThe tests failed on {' and on '.join(failed)}.")
    return 1 if failed else 0


if __name__ == "__main__":
    house.run_as("test", main)
