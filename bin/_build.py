"""bin/build: static/dist/ from the style sheets, the scripts and the letter editor."""

from __future__ import annotations

import _bootstrap as house


def main(arguments: list[str]) -> int:
    with house.setting_up():
        house.bring_packages()
        house.build_front_end()
    return 0


if __name__ == "__main__":
    house.run_as("build", main)
