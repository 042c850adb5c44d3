"""Each part of the bench that a person can start runs to its end. Nothing here depends on speed."""

import subprocess

import _bootstrap as house
import pytest

# Nothing but a hang takes so long.
PATIENCE = 300


@pytest.mark.slow
@pytest.mark.parametrize(
    ("what", "shows"),
    [
        ("pages", ["SQLite: page", "| hello ", "| letter page, JavaScript "]),
        ("edits", ["| open: 40 edits/s, 4 letters ", "| PostgreSQL ", "| memory "]),
        ("beside", ["| 40 edits/s, 4 letters ", "| saved beside a long letter, p99, SQLite "]),
        ("open", ["| in the browser ", "| SQLite: edits ", "| cold open, 500 edits, SQLite "]),
    ],
)
def test_each_part_runs_to_its_end(what: str, shows: list[str]) -> None:
    databases = ["--database", "both"] if what == "edits" else []
    done = subprocess.run(
        [house.ROOT / "bin" / "bench", what, "--smoke", *databases],
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    for words in shows:
        assert words in done.stdout
    assert "did not have" not in done.stdout  # edits that a server lost
