"""Everything is brought before a command is tried: who brings says so, and so do uv and npm."""

import subprocess

import _bootstrap as house
import pytest


@pytest.fixture(scope="session", autouse=True)
def brought() -> None:
    subprocess.run([house.ROOT / "bin" / "build"], check=True, timeout=600)
    house.bring_packages(development=True)
