"""bin/serve: brings everything, prepares var/, migrates, and serves in one process."""

from __future__ import annotations

import argparse
import base64
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import NoReturn

import _bootstrap as house
from _beside import look_after_the_worker

HOST = "127.0.0.1"


class Options(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        print(f"bin/serve: {message}; bin/serve --help lists the options.", file=sys.stderr)
        sys.exit(2)


def main(arguments: list[str]) -> int:
    parser = Options(
        prog="bin/serve",
        description="Serves Dear Relationship from this folder, with everything it needs.",
        epilog="PORT chooses another port than 8000; .env.example lists all other settings.",
        allow_abbrev=False,
    )
    parser.add_argument("--dev", action="store_true", help="debug pages, and reload on each change")
    parser.add_argument("--demo", action="store_true", help="also make a couple, Ana and Ben")
    options = parser.parse_args(arguments)

    port = read_port()
    expect_free(port)
    here = f"http://{HOST}:{port}"
    os.environ["BASE_URL"] = address = house.variable("BASE_URL", here)
    if options.dev:
        os.environ["DEBUG"] = "true"
    # What is published is for whoever asked for it now: not for the next start, nor from a .env.
    os.environ["DEMO"] = "true" if options.demo else "false"

    with house.setting_up():
        house.bring_packages()
        sources = house.build_front_end()
        os.umask(0o077)  # from here on, what is made holds private things
        make_secrets(house.var_dir())
        # Debug pages read the static files where they are; only the others need them collected.
        prepare(house.var_dir(), "" if options.dev else sources)
        if options.demo:
            make_demo()

    expect_free(port)
    house.say(f"\n  Dear Relationship is at {address}")
    if address.rstrip("/") != here:
        house.say(f"  A proxy on this machine reaches it at {here}")
    house.say("  Ctrl-C closes it; everything is kept.\n")
    to = ["--host", HOST, "--port", str(port)]
    command: list[str | Path] = [house.PYTHON, "-m", *house.UVICORN, *to]
    if options.dev:
        return serve_and_watch(command)
    beside = [house.PYTHON, house.ROOT / "bin" / "_beside.py", *command[3:]]
    os.execv(house.PYTHON, [str(part) for part in [*beside, "--log-level", "warning"]])


def read_port() -> int:
    port = house.variable("PORT", "8000")
    if not port.isdecimal() or not 0 < int(port) < 65536:
        raise house.Problem(f"PORT must be a number from 1 to 65535, not “{port}”.")
    return int(port)


def expect_free(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            raise house.Problem(
                f"port {port} cannot be used ({error.strerror});"
                f" choose another one, such as PORT={port + 1 if port < 65535 else 8000} bin/serve."
            ) from None


def make_secrets(var: Path) -> None:
    """var/secrets.env, made once: whoever loses it cannot open what was written any more."""
    place = var / "secrets.env"
    if place.exists():
        return
    if (var / "dear.sqlite3").exists() and not house.variable("MASTER_KEYS"):
        raise house.Problem(
            f"{place} is missing, but there is a database that only its keys can open;"
            " put the file back from a backup."
        )
    master_key = base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()
    draft = var / "secrets.env.new"
    with open(os.open(draft, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600), "w") as file:
        file.write(
            "# Made once by bin/serve. Keep a copy in a safe place, apart from the database:\n"
            "# without MASTER_KEYS nothing that was written can be read again.\n"
            f"SECRET_KEY={secrets.token_urlsafe(50)}\n"
            f"MASTER_KEYS=k1:{master_key}\n"
        )
        file.flush()
        os.fsync(file.fileno())
    draft.replace(place)  # whole or not at all, also when the power goes now


def prepare(var: Path, sources: str) -> None:
    """Bring the databases up to date, and collect the static files when they changed."""
    collected = var / "static.stamp"
    others = [house.ROOT / "uv.lock", house.ROOT / "config" / "settings.py"]
    made_of = f"{sources} {house.digest(others)} {house.variable('DEBUG')}"
    stale = sources and (house.read(collected) != made_of or not (var / "static").is_dir())
    steps = ["migrate", *(["collectstatic"] if stale else [])]
    if stale:
        house.say("Collecting the static files …")
    if subprocess.call([house.PYTHON, house.ROOT / "bin" / "_prepare.py", *steps]):
        raise house.Problem("the databases and static files could not be prepared (see above).")
    if stale:
        collected.write_text(made_of)


def make_demo() -> None:
    if subprocess.call([house.PYTHON, house.ROOT / "manage.py", "create_demo"]):
        raise house.Problem("Ana and Ben could not be made (see above).")


def serve_and_watch(command: list[str | Path]) -> int:
    """uvicorn with reload, and esbuild that follows the sources; both end together."""
    env = house.bring_node()
    shutil.rmtree(house.DIST, ignore_errors=True)  # and its stamp: these files are for debugging
    folders = [f"--reload-dir={name}" for name in ("config", "couples", "principles", "letters")]
    look_after_the_worker()
    # Sessions of their own, so that npm's children end with npm.
    children = [
        subprocess.Popen(["npm", "run", "--silent", "watch"], env=env, start_new_session=True),
        subprocess.Popen([*command, "--access-log", "--reload", *folders], start_new_session=True),
    ]
    for end in (signal.SIGINT, signal.SIGTERM):
        signal.signal(end, lambda *_: sys.exit(0))
    try:
        while all(child.poll() is None for child in children):
            try:
                children[-1].wait(0.5)
            except subprocess.TimeoutExpired:
                pass
        return next(child.returncode for child in children if child.returncode is not None)
    finally:
        for child in children:
            if child.poll() is None:
                os.killpg(child.pid, signal.SIGTERM)
        for child in children:
            child.wait()


if __name__ == "__main__":
    house.run_as("serve", main)
