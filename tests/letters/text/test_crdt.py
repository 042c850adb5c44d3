"""Yrs, held with tongs: what it cannot take is an exception here, and nothing else is lost."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from letters.text import crdt, document
from letters.text.lib0 import Malformed
from tests.letters.sheets import Sheet
from tests.letters.text.test_updates import ROOT, begun, struct

# Text of length zero, by a client that is known already.
PANIC = struct(b"\x04" + ROOT + b"\x00", client=7)


def test_a_panic_in_rust_is_an_exception_here() -> None:
    """Trap: pyo3's PanicException is no Exception. `parse` refuses these bytes; this is about
    those that nobody has found yet."""
    with pytest.raises(BaseException, match="unwrap") as caught:
        begun().doc.apply_update(PANIC)
    assert not isinstance(caught.value, Exception)
    with pytest.raises(crdt.Spoiled):
        crdt.apply(begun().doc, PANIC)


def test_nonsense_leaves_the_document_as_it_was() -> None:
    page = begun()
    before = page.doc.get_update()
    with pytest.raises(Malformed):
        crdt.apply(page.doc, b"nonsense")
    assert page.doc.get_update() == before
    for ask in (crdt.missing, lambda doc, vector: crdt.beyond(doc.get_update(), vector)):
        with pytest.raises(Malformed):
            ask(page.doc, b"\xff\xff")
    with pytest.raises(Malformed):
        crdt.beyond(b"nonsense", page.doc.get_state())


def test_a_document_is_put_together_without_what_does_not_fit(
    caplog: pytest.LogCaptureFixture,
) -> None:
    author = begun()
    page = author.doc.get_update()
    author.type("a")
    author.type("b")
    a, b = author.sent()
    doc = crdt.assemble([page, b"nonsense", PANIC, a, b])
    assert document.to_text(document.blocks(doc)).endswith(">ab")
    assert len(caplog.records) == 2


def test_what_is_beyond_is_what_is_news() -> None:
    author = begun()
    page, state = author.doc.get_update(), author.doc.get_state()
    author.type("news")
    author.erase(1)
    whole = author.doc.get_update()
    (known, rest) = crdt.beyond(page, state), crdt.beyond(whole, state)
    assert len(rest) < len(whole)
    room = Sheet(page, rest)
    assert room.shows() == author.shows()
    assert room.doc.get_state() == author.doc.get_state()
    assert crdt.missing(author.doc, state) == rest
    room.hear(known)
    assert room.shows() == author.shows()


def test_merged_updates_are_one_and_the_same() -> None:
    author = begun()
    page = author.doc.get_update()
    author.type("a")
    author.split()
    author.erase(1)
    updates = author.sent()
    (merged,) = crdt.merge(updates)
    assert Sheet(page, merged).shows() == author.shows()
    assert crdt.merge([]) == []
    assert crdt.merge([b"nonsense", b"too"]) == [b"nonsense", b"too"]


def test_all_that_is_erased_is_told() -> None:
    author = begun()
    gone = [sign.id for sign in author.signs(named=True)[1:3]]
    author.erase(1, 2)
    spans = crdt.erased(author.doc)
    told = {(client, clock) for client, start, end in spans for clock in range(start, end)}
    assert set(gone) <= told


def test_what_a_state_reaches_has_nothing_beyond_it() -> None:
    author = begun()
    before = author.doc.get_state()
    author.type("a")
    between = author.doc.get_state()
    author.type("b")
    author.rub_out(1, 2)
    insertion, later, erasure = author.sent()
    assert [crdt.reaches(before, each) for each in (insertion, later, erasure)] == [False] * 3
    assert [crdt.reaches(between, each) for each in (insertion, later)] == [True, False]
    after = author.doc.get_state()
    assert all(crdt.reaches(after, each) for each in (insertion, later, erasure))
    assert not crdt.reaches(after, b"nonsense")


@given(st.lists(st.binary(max_size=300), max_size=5))
def test_packed_updates_come_out_as_they_went_in(updates: list[bytes]) -> None:
    assert list(crdt.unpack(crdt.pack(updates))) == updates
