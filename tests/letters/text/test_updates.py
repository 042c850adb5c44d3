"""Updates are bytes from somebody else: read without trust, and written by hand."""

import random
from typing import Any

import pycrdt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from letters.text import crdt, document
from letters.text.ids import Id
from letters.text.lib0 import Malformed, uint
from letters.text.replica import Replica
from letters.text.updates import (
    ANY,
    FORMAT,
    STRING,
    TYPE,
    Contents,
    entry,
    from_units,
    keystroke,
    parse,
    to_units,
    write,
)
from letters.text.validity import Ahead, Foreign, TooLarge, Writer
from tests.letters.sheets import Sheet

ROOT = b"\x01\x06letter"


def struct(content: bytes, client: int = 5, clock: int = 0) -> bytes:
    """An update of one struct."""
    return b"\x01\x01" + uint(client) + uint(clock) + content + b"\x00"


def begun(client: int = 7) -> Sheet:
    page = Sheet(document.first_page(["one"]), client=client)
    page.type(">")
    page.sent()
    return page


def test_what_an_editor_writes_is_read_as_it_is() -> None:
    page = begun()
    page.type("hé👍", 0)
    page.mark(1, 4, {"em": True})
    page.set_kind(1, "closing")
    page.split()
    page.erase(1)
    words, marks, kind, marker, erased = map(parse, page.sent())
    (text,) = words.structs
    assert (text.kind, text.client, text.clock, text.length) == (STRING, 7, 1, 4)
    assert from_units(str(text.content)) == "hé👍"
    assert text.right == (7, 0)
    assert [each.content for each in marks.structs] == [("em", "true"), ("em", "null")]
    assert all(each.kind == FORMAT for each in marks.structs)
    assert [(each.kind, each.content) for each in kind.structs] == [(ANY, "closing")]
    assert kind.erased
    block, value = marker.structs
    assert (block.kind, block.length, value.parent, value.key) == (TYPE, 1, block.id, "k")
    assert value.content == "paragraph"
    assert erased.structs == []
    assert [end - start for _, start, end in erased.erased] == [1]


def test_where_a_string_lies_is_told() -> None:
    page = begun()
    page.type("some words")
    (update,) = page.sent()
    (text,) = parse(update).texts
    assert update[text.start : text.end] == uint(10) + b"some words"


@settings(max_examples=200, deadline=None)
@given(
    text=st.text(st.characters(codec="utf-8"), max_size=140),
    before=st.integers(0, 3),
    seed=st.integers(0, 2**32),
    broken=st.booleans(),
)
def test_a_keystroke_that_is_read_quickly_is_what_parse_reads(
    text: str, before: int, seed: int, broken: bool
) -> None:
    page = begun()
    page.type(text[:before] + ".")
    page.sent()
    page.type(text[before:] or "x", at=None if seed % 2 else before)
    for update in page.sent():
        chance, mangled = random.Random(seed), bytearray(update)
        if broken:
            at = chance.randrange(len(mangled))
            mangled[at : at + chance.randint(0, 1)] = chance.randbytes(chance.randint(0, 2))
        quick = keystroke(bytes(mangled))
        if quick is not None:
            assert parse(bytes(mangled)) == Contents([quick], [])


def test_most_of_what_is_typed_is_read_quickly() -> None:
    page = begun()
    for word in ("one", " ", "two é", "x" * 127):
        page.type(word, at=1)
    updates = page.sent()
    assert [keystroke(update) is not None for update in updates] == [True] * 4


def test_values_that_took_each_others_place_are_read_one_by_one() -> None:
    """Once all of them are erased, Yjs writes them as one."""
    update = struct(b"\x08" + ROOT + b"\x03\x77\x01a\x77\x02bc\x77\x01d", clock=3)
    found = parse(update).structs
    assert [(each.id, each.length, each.content) for each in found] == [
        ((5, 3), 1, "a"),
        ((5, 4), 1, "bc"),
        ((5, 5), 1, "d"),
    ]
    assert [each.left for each in found] == [None, (5, 3), (5, 4)]
    assert [update[each.start : each.end] for each in found] == [b"\x01a", b"\x02bc", b"\x01d"]


@pytest.mark.parametrize(
    "update",
    [
        pytest.param(b"", id="nothing at all"),
        pytest.param(b"\x01", id="cut short"),
        pytest.param(b"\xff" * 30, id="an endless number"),
        pytest.param(b"\x00\x00\x00", id="something behind the end"),
        pytest.param(struct(b"\x00\x00"), id="garbage of length zero"),
        pytest.param(struct(b"\x04" + ROOT + b"\x00"), id="text of length zero"),
        pytest.param(struct(b"\x04" + ROOT + b"\x02\xc3\x28"), id="text that is not UTF-8"),
        pytest.param(struct(b"\x04" + ROOT + b"\x03\xed\xa0\x80"), id="half of a pair"),
        pytest.param(struct(b"\x04" + ROOT + b"\x05ab"), id="text that is cut short"),
        pytest.param(struct(b"\x09" + ROOT + b"\x01g\x7e"), id="a sub-document"),
        pytest.param(struct(b"\x02" + ROOT + b"\x01\x01a"), id="JSON"),
        pytest.param(struct(b"\x03" + ROOT + b"\x01a"), id="binary"),
        pytest.param(struct(b"\x05" + ROOT + b"\x02{}"), id="an embedded object"),
        pytest.param(struct(b"\x0b" + ROOT), id="content of unknown type"),
        *(
            pytest.param(struct(bytes((7, 1, 1)) + b"x" + bytes((type_, 0))), id=f"type {type_}")
            for type_ in (0, 2, 3, 4, 5, 6, 7)
        ),
        pytest.param(struct(b"\x08" + ROOT + b"\x00"), id="no value"),
        pytest.param(struct(b"\x08" + ROOT + b"\x02\x77\x01a"), id="a value that is missing"),
        pytest.param(struct(b"\x08" + ROOT + b"\x02\x77\x01a\x7e"), id="a string and null"),
        pytest.param(struct(b"\x08" + ROOT + b"\x01\x7d\x01"), id="a number"),
        pytest.param(struct(b"\x08" + ROOT + b"\x01\x7e"), id="null"),
        pytest.param(struct(b"\x00\x01", clock=2**32), id="a clock from the far future"),
        pytest.param(b"\x00\x01\x05\x01\x00\x00", id="an erased range of length zero"),
        pytest.param(b"\x00\x01\x05\x01\x00\xff\xff\xff\xff\x7f", id="an endless erased range"),
    ],
)
def test_what_no_editor_writes_is_refused(update: bytes) -> None:
    with pytest.raises(Malformed):
        parse(update)


@pytest.mark.parametrize("opening", [b"\x75\x01", b"\x75\x02\x7e", b"\x76\x01\x01a"])
def test_nesting_that_would_overflow_the_stack_is_refused(opening: bytes) -> None:
    """Without this, one frame ends the process for everybody."""
    value = opening * 100_000 + b"\x7e"
    with pytest.raises(Malformed):
        parse(struct(b"\x08" + ROOT + b"\x01" + value))


def test_what_is_written_by_hand_is_what_yrs_reads() -> None:
    page = begun()
    marker = page.signs(named=True)[page.marker(1)].name
    client = 900
    structs = [
        entry("k", "closing", parent=marker, after=_kind_of(page, marker)),
        entry("note", "é👍", parent="placed", after=None),
        entry("note", "later", parent="placed", after=Id(client, 1)),
    ]
    erased = page.signs(named=True)[-1].name
    update = write(client, 0, structs, [(*erased, erased.clock + 1)])
    assert [each.content for each in parse(update).structs] == ["closing", "é👍", "later"]
    page.hear(update)
    assert page.shows()[1:] == [("closing", "one"), ("paragraph", "")]
    assert dict(page.doc.get("placed", type=pycrdt.Map).items()) == {"note": "later"}
    assert write(1, 5, [], []) == b"\x00\x00"


def _kind_of(page: Sheet, marker: Id) -> Id:
    structs = parse(page.doc.get_update()).structs
    return next(each.id for each in structs if (each.parent, each.key) == (marker, "k"))


@given(st.text(st.characters(codec="utf-8")))
def test_units_are_those_of_utf_16(text: str) -> None:
    units = to_units(text)
    assert len(units) == len(text.encode("utf-16-le")) // 2
    assert from_units(units) == text


def test_half_a_pair_reads_as_in_the_browser() -> None:
    assert from_units("a\ud83d") == "a\ufffd"


@settings(max_examples=400, deadline=None)
@given(seed=st.integers(0, 2**32), count=st.integers(1, 4))
def test_no_bytes_can_do_more_than_be_refused(seed: int, count: int) -> None:
    """Honest updates with bytes changed, dropped and put in, on top of an honest letter."""
    chance = random.Random(seed)
    honest = begun()
    start = honest.doc.get_update()
    honest.type("hello 👍 there")
    honest.mark(1, 4, {"em": True})
    honest.split()
    honest.suggest("new")
    honest.erase(2, 3)
    updates = honest.sent()
    place = chance.randrange(len(updates))
    mangled = bytearray(updates[place])
    for _ in range(count):
        at = chance.randrange(len(mangled))
        mangled[at : at + chance.randint(0, 2)] = chance.randbytes(chance.randint(0, 2))
    replica = Replica.load([start, *updates[:place]])
    before = document.blocks(replica.doc)
    update = bytes(mangled)
    try:
        contents = replica.check(update, Writer(7, "one"))
    except (Malformed, Foreign, Ahead, TooLarge):
        assert document.blocks(replica.doc) == before
        return
    replica.apply(update, contents, client=7)
    assert "<script" not in document.to_html(document.blocks(replica.doc))
    # What was let in is known, and the document has it.
    assert replica.has_all()
    assert replica.has_erased(contents.erased)
    again: Any = crdt.assemble([replica.doc.get_update()])
    assert document.blocks(again) == document.blocks(replica.doc)
    assert crdt.state(again.get_state()) == crdt.state(replica.doc.get_state())
