"""The editor's modules, tried without a browser: `node --test` over tests/editor."""

import shutil
import subprocess
from pathlib import Path

import _bootstrap as house

EDITOR = Path(house.ROOT, "tests/editor")


def test_the_modules_of_the_editor_do_what_they_say() -> None:
    house.build_front_end()  # brings what the modules stand on
    env = house.environment()
    node = shutil.which("node", path=env["PATH"])
    assert node
    files = sorted(str(file) for file in EDITOR.glob("*.test.js"))
    assert files
    done = subprocess.run(
        [node, "--test", *files], cwd=house.ROOT, capture_output=True, text=True, env=env
    )
    assert done.returncode == 0, done.stdout[-10_000:] + done.stderr[-2_000:]
