"""What a browser has to load."""

import gzip

import _bootstrap as house


def test_the_letter_page_brings_no_more_than_110_kb_of_javascript() -> None:
    house.build_front_end()
    built = [house.DIST / name for name in ("app.js", "editor.js")]
    assert sum(len(gzip.compress(file.read_bytes())) for file in built) <= 110_000
