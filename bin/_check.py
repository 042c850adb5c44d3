"""usage: bin/check [--fix]

Runs every check, also after one has failed, and says at the end which did. --fix lets ruff and
djade change the files first.
"""

import base64
import os
import secrets
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import _bootstrap as house

# import-linter has a script but no module to run; scripts break when a folder is moved.
LINT_IMPORTS = "from importlinter.cli import lint_imports_command as lint; lint()"


def production(folder: str) -> dict[str, str]:
    """The environment of a site on the public internet, for `check --deploy`."""
    return dict(
        os.environ,
        DJANGO_SETTINGS_MODULE="config.settings",
        DEBUG="false",
        SECRET_KEY=secrets.token_urlsafe(50),
        MASTER_KEYS="k1:" + base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
        BASE_URL="https://home.example",
        ALLOWED_HOSTS="home.example",
        BEHIND_PROXY="true",
        VAR_DIR=folder,
        DATABASE_URL=f"sqlite:///{folder}/dear.sqlite3",
        KEYS_DATABASE_URL=f"sqlite:///{folder}/keys.sqlite3",
        EMAIL_URL="submission://letters:secret@mail.example:587",
        DEFAULT_FROM_EMAIL="letters@home.example",
        TIME_ZONE="Europe/Lisbon",
        LOG_LEVEL="INFO",
    )


def main(arguments: list[str]) -> int:
    if arguments not in ([], ["--fix"]):
        raise house.Problem(f"{' '.join(arguments)} is not an option; there is only --fix.")

    bin = house.PYTHON.parent
    manage = [sys.executable, "manage.py"]
    templates = sorted(path for path in (house.ROOT / "templates").rglob("*.html"))
    djade: list[str | Path] = [bin / "djade", "--target-version", "6.1"]

    if arguments == ["--fix"]:
        for fix in (["ruff", "check", "--fix"], ["ruff", "format"]):
            subprocess.call([bin / fix[0], *fix[1:]])
        subprocess.call([*djade, *templates])

    steps: list[tuple[str, list[object]]] = [
        ("lock file in step", [house.uv(), "lock", "--check"]),
        ("ruff check", [bin / "ruff", "check"]),
        ("ruff format", [bin / "ruff", "format", "--check"]),
        ("djade", [*djade, "--check", *templates]),
        ("djlint", [sys.executable, "-m", "djlint", "templates", "--quiet"]),
        ("biome", ["node_modules/.bin/biome", "lint", "--error-on-warnings"]),
        ("types of the JavaScript", ["node_modules/.bin/tsc"]),
        ("types of its tests", ["node_modules/.bin/tsc", "--project", "tests/editor"]),
        ("layers", [sys.executable, "-c", LINT_IMPORTS]),
        ("mypy", [sys.executable, "-m", "mypy"]),
        ("migrations", [*manage, "makemigrations", "--check", "--dry-run"]),
        ("deployment", [*manage, "check", "--deploy", "--fail-level", "WARNING"]),
    ]
    house.bring_node()
    failed = []
    with tempfile.TemporaryDirectory() as folder:
        env = production(folder)
        for name, command in steps:
            start = time.monotonic()
            done = subprocess.run(
                [str(part) for part in command],
                env=env,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
            )
            mark = "failed" if done.returncode else "ok"
            print(f"{name:.<24} {mark} ({time.monotonic() - start:.1f} s)", flush=True)
            if done.returncode:
                failed.append(name)
                print(done.stdout.decode(errors="replace"), flush=True)
    print(f"\nFailed: {', '.join(failed)}." if failed else "\nEverything is in order.")
    return 1 if failed else 0


if __name__ == "__main__":
    with house.sentences("check"):
        sys.exit(main(sys.argv[1:]))
