"""bin/screens: brings a browser, and lets tests/screens.py look at every page."""

from __future__ import annotations

import os

import _bootstrap as house


def main(arguments: list[str]) -> int:
    with house.setting_up():
        house.bring_packages(development=True)
        house.build_front_end()
        env = dict(house.environment(), CHROMIUM=house.bring_chromium())
    env["PYTHONPATH"] = os.pathsep.join([str(house.ROOT), str(house.ROOT / "bin")])
    os.execve(house.PYTHON, [str(house.PYTHON), "-m", "tests.screens", *arguments], env)


if __name__ == "__main__":
    house.run_as("screens", main)
