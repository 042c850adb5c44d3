"""usage: bin/bench [pages | load | edits | beside | open] [--database sqlite|postgres|both]
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

import os
import sys

import _bootstrap as house
from _chromium import bring_chromium

PEERS = house.ROOT / "bench" / "peers"


def main(arguments: list[str]) -> None:
    asked = set(arguments)
    rough = min(asked & {"--quick", "--smoke"}, default=None)
    if rough and "--write" in asked:
        raise house.Problem(f"{rough} is too rough to be written down; leave out one of the two.")
    if not asked & {"pages", "load", "edits", "beside"}:
        os.environ["CHROMIUM"] = bring_chromium()
    if not asked & {"pages", "load", "beside", "open", "--smoke"}:  # not measured against others
        house.bring_node_packages(PEERS)
    os.environ["PYTHONPATH"] = str(house.ROOT / "bin")
    os.execv(sys.executable, [sys.executable, "-m", "bench", *arguments])


if __name__ == "__main__":
    with house.sentences("bench"):
        main(sys.argv[1:])
