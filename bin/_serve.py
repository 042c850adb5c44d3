"""usage: bin/serve [--dev] [--demo]

Serves Dear Relationship from this folder, with everything it needs.

--dev   debug pages, and reload on each change
--demo  also make a couple, Ana and Ben

PORT chooses another port than 8000; .env.example lists all other settings.
"""

import base64
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
from pathlib import Path

import _bootstrap as house
from _beside import look_after_the_worker
from environs import Env

HOST = "127.0.0.1"
# How the application is served; the tests and the benchmarks serve it in the same way.
UVICORN = [
    *("uvicorn", "config.asgi:application"),
    *("--ws", "websockets-sansio", "--ws-per-message-deflate", "false"),
    # Twice what the letter takes in one frame, so that it can still say why it closes.
    *("--ws-max-size", str(2 * 2**20)),
    *("--loop", "uvloop", "--http", "config.protocol:Protocol", "--lifespan", "on"),
    # Addresses hold invitations and ids: no log of who opened what.
    *("--no-access-log", "--no-server-header"),
    # Whom to believe about where somebody comes from is a setting: see config/asgi.py.
    "--no-proxy-headers",
    *("--timeout-graceful-shutdown", "3"),
]


def main(options: set[str]) -> None:
    if unknown := options - {"--dev", "--demo"}:
        print(f"bin/serve: there is no {min(unknown)}; see bin/serve --help.", file=sys.stderr)
        sys.exit(2)
    env = Env()
    env.read_env(str(house.ROOT / ".env"), recurse=False)  # as config/settings.py does
    port = read_port(env.str("PORT", "") or "8000")
    expect_free(port)
    here = f"http://{HOST}:{port}"
    address = os.environ["BASE_URL"] = env.str("BASE_URL", "") or here
    if "--dev" in options:
        os.environ["DEBUG"] = "true"
    # What is published is for whoever asked for it now: not for the next start, nor from a .env.
    os.environ["DEMO"] = "true" if "--demo" in options else "false"

    os.umask(0o077)  # from here on, what is made holds private things
    var = house.ROOT / (env.str("VAR_DIR", "") or "var")
    var.mkdir(parents=True, exist_ok=True)
    with house.alone(house.ROOT / "manage.py"):
        make_secrets(var, env.str("MASTER_KEYS", ""))
        # Debug pages read the static files where they are; only the others need them collected.
        sources = f"{house.build_front_end()} {env.str('DEBUG', '')}"
        prepare(var, "" if "--dev" in options else sources)
        if "--demo" in options and subprocess.call([sys.executable, "manage.py", "create_demo"]):
            raise house.Problem("Ana and Ben could not be made (see above).")

    expect_free(port)
    house.say(f"\n  Dear Relationship is at {address}")
    if address.rstrip("/") != here:
        house.say(f"  A proxy on this machine reaches it at {here}")
    house.say("  Ctrl-C closes it; everything is kept.\n")
    arguments = [*UVICORN[1:], "--host", HOST, "--port", str(port)]
    if "--dev" in options:
        sys.exit(serve_and_watch([sys.executable, "-m", "uvicorn", *arguments]))
    command = [sys.executable, "bin/_beside.py", *arguments, "--log-level", "warning"]
    os.execv(sys.executable, command)


def read_port(port: str) -> int:
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


def make_secrets(var: Path, master_keys: str) -> None:
    """var/secrets.env, made once: whoever loses it cannot open what was written any more."""
    place = var / "secrets.env"
    if place.exists():
        return
    if (var / "dear.sqlite3").exists() and not master_keys:
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
    made_of = f"{sources} {house.digest(others)}"
    stale = bool(sources) and not (
        (var / "static").is_dir() and collected.is_file() and collected.read_text() == made_of
    )
    if stale:
        house.say("Collecting the static files …")
    steps = ["migrate", *(["collectstatic"] if stale else [])]
    if subprocess.call([sys.executable, "bin/_prepare.py", *steps]):
        raise house.Problem("the databases and static files could not be prepared (see above).")
    if stale:
        collected.write_text(made_of)


def serve_and_watch(command: list[str]) -> int:
    """uvicorn with reload, and esbuild that follows the sources; both end together."""
    house.bring_node()
    shutil.rmtree(house.DIST, ignore_errors=True)  # and its stamp: these files are for debugging
    folders = [f"--reload-dir={name}" for name in ("config", "couples", "principles", "letters")]
    look_after_the_worker()
    # Sessions of their own, so that npm's children end with npm.
    children = [
        subprocess.Popen(["npm", "run", "--silent", "watch"], start_new_session=True),
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
    with house.sentences("serve"):
        main(set(sys.argv[1:]))
