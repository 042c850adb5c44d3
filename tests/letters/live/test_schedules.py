"""Three pages of the real editor, without a browser, against the real rooms: whatever two people do
in one letter, each word is there once, everybody reads the same, and it is known who wrote it.

The pages run in Node (tests/editor/served), the rooms in a process that it starts (theatre.py); the
schedules are made up by fast-check, and made shorter where one goes wrong. It says a seed, and the
acts that are left: `SEED=…` or `PLAY='[…]' node tests/editor/served/main.js` plays them again. A
small number runs every time; ten thousand with

    pytest tests/letters/live/test_schedules.py --hypothesis-profile=nightly
"""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import _bootstrap as house
import pytest
from hypothesis import settings

pytestmark = pytest.mark.one_database

SERVED = Path(house.ROOT, "tests/editor/served")
NIGHTLY, GATE = 10_000, 60
# Enough for each fault below, whatever the seed is.
MOST = 400

type Play = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def play(new_databases: Callable[[], dict[str, str]], tmp_path: Path) -> Play:
    house.build_front_end()  # brings what the modules stand on
    house.bring_node()
    env = house.environment()
    node = shutil.which("node", path=env["PATH"])
    assert node
    (tmp_path / "static").mkdir()
    env |= os.environ | new_databases() | {"VAR_DIR": str(tmp_path), "PYTHON": sys.executable}

    def run(**variables: object) -> subprocess.CompletedProcess[str]:
        told = {name: str(value) for name, value in variables.items() if value is not None}
        mine = {name: value for name, value in env.items() if name not in variables}
        return subprocess.run(
            [node, str(SERVED / "main.js")],
            cwd=house.ROOT,
            env=mine | told,
            capture_output=True,
            text=True,
        )

    return run


@pytest.mark.slow
def test_acts_can_be_played_again_by_hand(play: Play) -> None:
    act = {"page": 0, "what": "type", "p": 0, "q": 0, "a": 1, "b": 1, "n": 1}
    done = play(PLAY=json.dumps([act]), DATABASE_URL=None, KEYS_DATABASE_URL=None)
    assert done.stdout.endswith("nothing went wrong\n"), done.stdout + done.stderr[-5_000:]


def faults() -> list[str]:
    names = re.findall(r'^  "(.+?)"\(\)', (SERVED / "mutants.js").read_text(), re.MULTILINE)
    (servers,) = re.findall(r"SERVERS = \[(.+?)\]", (SERVED / "mutants.js").read_text())
    return [*names, *re.findall(r'"(.+?)"', servers)]


@pytest.mark.slow
def test_whatever_they_do_each_word_is_there_once(play: Play) -> None:
    nightly = settings.get_current_profile_name() == "nightly"
    # The same ones every time in the gate: what is still to be found is found at night.
    done = play(SCHEDULES=NIGHTLY) if nightly else play(SCHEDULES=GATE, SEED=1, SHRINKING=60)
    print(done.stdout)  # noqa: T201 # the seed
    assert done.returncode == 0, done.stdout + done.stderr[-5_000:]


@pytest.mark.slow
@pytest.mark.parametrize("fault", faults())
def test_a_model_that_is_broken_is_found_out(play: Play, fault: str) -> None:
    done = play(MUTANT=fault, SCHEDULES=MOST, FIRST=1, SEED=1)
    assert done.returncode == 1, f"nothing was noticed: {done.stdout}"
    assert "PLAY=" in done.stdout, done.stderr[-5_000:]
