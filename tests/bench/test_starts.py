"""Each part of the bench that a person can start runs to its end. Nothing here depends on speed."""

import subprocess

import _bootstrap as house
import pytest

# Nothing but a hang takes so long.
PATIENCE = 300


@pytest.mark.slow
@pytest.mark.parametrize(
    ("what", "database", "shows"),
    [
        ("pages", "sqlite", ["SQLite: page", "| hello ", "| letter page, JavaScript "]),
        ("load", "postgres", ["| PostgreSQL ", "| 8 clients hang ", "| the slowest of all pages"]),
        ("edits", "sqlite", ["| open: 40 edits/s, 4 letters ", "| closed: ", "| memory "]),
        (
            "beside",
            "postgres",
            ["| 40 edits/s, 4 letters ", "| saved beside a long letter, p99, PostgreSQL "],
        ),
        (
            "open",
            "sqlite",
            ["| in the browser ", "| SQLite: edits ", "| cold open, 500 edits, SQLite "],
        ),
    ],
)
def test_each_part_runs_to_its_end(what: str, database: str, shows: list[str]) -> None:
    done = subprocess.run(
        [house.ROOT / "bin" / "bench", what, "--smoke", "--database", database],
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    for words in shows:
        assert words in done.stdout
    assert "did not have" not in done.stdout  # edits that a server lost
