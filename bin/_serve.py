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
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import _bootstrap as house
import django
import uvicorn.main
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connections
from environs import Env

HOST = "127.0.0.1"
LONGEST_PAUSE = 10.0  # until the worker is started again
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
        migrate()
        # Debug pages read the static files where they are; only the others need them collected.
        sources = house.build_front_end()
        if "--dev" not in options:
            collect_static(var, f"{sources} {env.str('DEBUG', '')}")
        if "--demo" in options and subprocess.call([sys.executable, "manage.py", "create_demo"]):
            raise house.Problem("Ana and Ben could not be made (see above).")

    expect_free(port)
    house.say(f"\n  Dear Relationship is at {address}")
    if address.rstrip("/") != here:
        house.say(f"  A proxy on this machine reaches it at {here}")
    house.say("  Ctrl-C closes it; everything is kept.\n")
    look_after_the_worker()
    how = follow_the_sources() if "--dev" in options else ["--log-level=warning"]
    uvicorn.main.main([*UVICORN[1:], "--host", HOST, "--port", str(port), *how])


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


def migrate() -> None:
    """Bring both databases up to date, and see that their keys open them."""
    try:
        django.setup()
        from couples.crypto import keyring  # which asks for the settings

        for alias in connections:
            call_command("migrate", database=alias, interactive=False, verbosity=0)
        keyring.ring().check()
    except (ImproperlyConfigured, CommandError) as error:
        raise house.Problem(f"Dear Relationship cannot start: {error}") from None
    except DatabaseError as error:
        raise house.Problem(f"the database said “{str(error).strip()}”.") from None
    connections.close_all()


def collect_static(var: Path, sources: str) -> None:
    """Collect the static files when they changed."""
    collected = var / "static.stamp"
    others = [house.ROOT / "uv.lock", house.ROOT / "config" / "settings.py"]
    made_of = f"{sources} {house.digest(others)}"
    there = (var / "static").is_dir() and collected.is_file()
    if not there or collected.read_text() != made_of:
        house.say("Collecting the static files …")
        house.run(sys.executable, "manage.py", "collectstatic", "--no-input", "--verbosity=0")
        collected.write_text(made_of)


def look_after_the_worker() -> None:
    """Start what sends the mails, and start it again, for as long as this process lives; it ends by
    itself when this process does, however that is."""
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


def follow_the_sources() -> list[str]:
    """Let esbuild build what changes; returns what lets uvicorn read what changes."""
    house.bring_node()
    shutil.rmtree(house.DIST, ignore_errors=True)  # and its stamp: these files are for debugging
    # It ends when its standard input does, and that ends with this process.
    subprocess.Popen(["npm", "run", "--silent", "watch"], stdin=subprocess.PIPE)
    folders = [f"--reload-dir={name}" for name in ("config", "couples", "principles", "letters")]
    return ["--access-log", "--reload", *folders]


if __name__ == "__main__":
    sys.path.insert(0, str(house.ROOT))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    with house.sentences("serve"):
        main(set(sys.argv[1:]))
