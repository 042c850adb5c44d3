"""The bench measures what it says it measures. Nothing here depends on speed."""

import json
from collections.abc import Callable
from typing import Any

import pycrdt
import pytest

from bench import edits
from bench.crowd import crowd
from bench.strokes import WORDS, Unexpected, reach, strokes
from bench.writer import MASK, Plan, frame
from letters.text import document
from tests.server import Server

ONE, TWO = edits.CLIENTS


def said(updates: list[bytes]) -> list[str]:
    doc: Any = pycrdt.Doc()
    for update in updates:
        doc.apply_update(update)
    return [block.text for block in document.blocks(doc)]


def test_two_writers_type_into_paragraphs_of_their_own() -> None:
    page = document.first_page()
    one, two = strokes(page, ONE, 30), strokes(page, TWO, 20)
    assert len(one.edits) == 30
    text = said([page, two.opening, one.opening, *one.edits, *two.edits])
    assert text[:2] == ["Dear Relationship,", ""]
    assert sorted(text[2:]) == sorted(["~" + WORDS[:30], "~" + WORDS[:20]])


def test_each_edit_reaches_one_clock_further() -> None:
    words = strokes(document.first_page(), ONE, 300)
    for number, edit in enumerate(words.edits):
        assert reach(edit, ONE) == words.base + number + 1
        assert reach(edit, TWO) == 0


def test_bundled_edits_are_told_apart() -> None:
    page = document.first_page()
    one, two = strokes(page, ONE, 200), strokes(page, TWO, 200)
    bundle = pycrdt.merge_updates(*one.edits[100:140], two.edits[7], two.edits[8])
    assert reach(bundle, ONE) == one.base + 140
    assert reach(bundle, TWO) == two.base + 9


def test_what_nobody_typed_is_not_counted() -> None:
    words = strokes(document.first_page(), ONE, 1)
    with pytest.raises(Unexpected):
        reach(words.opening, ONE)


@pytest.mark.parametrize("length", [0, 20, 125, 126, 300, 70_000])
def test_frames_are_masked_as_a_browser_masks_them(length: int) -> None:
    payload = bytes(range(256)) * (length // 256 + 1)
    payload = payload[:length]
    sent = frame(payload)
    head = 2 if length < 126 else 4 if length < 65536 else 10
    assert sent[head : head + 4] == MASK
    masked = sent[head + 4 :]
    assert bytes(byte ^ MASK[place % 4] for place, byte in enumerate(masked)) == payload


@pytest.mark.slow
@pytest.mark.parametrize("mode", ["open", "closed", "hold"])
def test_the_load_client_sees_every_edit_arrive_and_saved(
    start_server: Callable[..., Server], mode: str
) -> None:
    server = start_server()
    assert server.process
    made = json.loads(server.run("-m", "bench.people", "couples", "2"))
    plan = Plan(
        speaks="dear",
        port=server.port,
        letters=made["letters"],
        clients=edits.CLIENTS,
        page=made["page"],
        mode=mode,
        edits=100 if mode == "hold" else 5000,
        server=[server.process.pid],
        seconds=1.0,
        rate=100.0,
        window=2,
        spin=False,
    )
    with crowd([plan]) as (load,):
        load.tell("go")
        found = load.hear()
    assert found["missing"] == 0
    if mode == "open":
        assert found["edits"] == len(found["arriving"]) == len(found["saving"]) > 50
        assert min(found["arriving"] + found["saving"]) > 0
    if mode == "closed":
        assert found["edits"] > 0
        assert found["saved"] > 0
    assert server.shell(READ.format(made["letters"][0]["id"])).count("\n") == 4


READ = """
from letters.text import document
from letters.models import Letter
for block in document.blocks(Letter.objects.get(pk="{}").load()):
    print(repr(block.text))
"""
