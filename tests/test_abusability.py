"""docs/abusability.md names tests that are there, and leaves out no part of the product."""

import re
from pathlib import Path

import pytest
from django.conf import settings

from principles.catalog.practices import SLUGS

ROOT = Path(settings.BASE_DIR)
PAGE = (ROOT / "docs" / "abusability.md").read_text()
NAMED = sorted(set(re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", PAGE)))
ROWS = [line for line in PAGE.splitlines() if line.startswith("| ") and "`tests/" in line]


@pytest.mark.parametrize(("file", "name"), NAMED)
def test_every_test_that_it_names_is_there(file: str, name: str) -> None:
    assert re.search(rf"^(async )?def {name}\(", (ROOT / file).read_text(), re.M)


def test_every_row_has_a_test() -> None:
    rows = [line for line in PAGE.splitlines() if line.startswith("| ") and "|---" not in line]
    heads = [line for line in rows if line.startswith("| feature")]
    assert [line for line in rows if "`tests/" not in line] == heads
    assert len(ROWS) > 40


def test_no_practice_and_no_folder_with_pages_is_left_out() -> None:
    folders = {
        f"{app}/{views.parent.name}"
        for app in ("couples", "letters", "principles")
        for views in (ROOT / app).glob("*/views*")
    }
    named = set(re.findall(r"`([\w/-]+)`", PAGE))
    assert folders <= named
    assert set(SLUGS) <= named
