"""Updates are bytes from somebody else: what is let through to Yrs, and what becomes of it."""

import random
from collections.abc import Callable
from typing import Any

import pycrdt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from letters import crdt, document
from letters.wire import Malformed, uint

ROOT = b"\x01\x06letter"


type Action = Callable[[Any], object]


def typed(doc: Any, *actions: Action) -> list[bytes]:
    """The updates that a client sends for these actions on its last paragraph's text."""
    updates: list[bytes] = []
    watching = doc.observe(lambda event: updates.append(event.update))
    for action in actions:
        action(text_of(doc))
    doc.unobserve(watching)
    return updates


def text_of(doc: Any) -> Any:
    root = doc.get("letter", type=pycrdt.XmlFragment)
    return root.children[len(root.children) - 1].children[0]


def insert(words: str) -> Action:
    return lambda text: text.insert(len(text), words)


def erase(start: int, stop: int) -> Action:
    return lambda text: text.__delitem__(slice(start, stop))


def begun(*lines: str, client_id: int = 7) -> Any:
    """A letter whose last paragraph has a text to write on."""
    doc = fresh(document.first_page(lines), client_id=client_id)
    root = doc.get("letter", type=pycrdt.XmlFragment)
    root.children[len(root.children) - 1].children.append(pycrdt.XmlText(">"))
    return doc


def fresh(*updates: bytes, client_id: int = 7) -> Any:
    doc: Any = pycrdt.Doc(client_id=client_id)
    for update in updates:
        doc.apply_update(update)
    return doc


def struct(content: bytes, client: int = 5, clock: int = 0) -> bytes:
    """An update of one block under the root."""
    return b"\x01\x01" + uint(client) + uint(clock) + content + b"\x00"


# -- Weighing ------------------------------------------------------------------------------------


def test_what_an_editor_writes_is_let_through() -> None:
    page = document.first_page(["a line"])
    doc = begun("a line")
    updates = typed(
        doc,
        insert("hello 👍"),
        insert("x" * 500),
        lambda text: text.format(0, 5, {"em": {}, "strong": {"a": [1.5, None, True, "b"]}}),
        lambda text: text.insert(3, "marked", {"em": {}}),
        lambda text: text.insert_embed(2, {"any": ["thing"]}),
        lambda text: text.parent.children.append(pycrdt.XmlElement("hard_break", {"a": "b"})),
        erase(0, 6),
    )
    for update in [page, *updates, doc.get_update()]:
        assert crdt.weigh(update) >= len(update)


def test_an_update_weighs_its_bytes_and_its_nodes() -> None:
    for update in typed(begun(), insert("a"), insert("long" * 200), erase(0, 1), erase(2, 700)):
        assert crdt.weigh(update) == len(update)
    node = struct(b"\x07" + ROOT + b"\x03\x01p")
    assert crdt.weigh(node) == len(node) + crdt.NODE_WEIGHT


@pytest.mark.parametrize(
    "update",
    [
        pytest.param(b"", id="nothing at all"),
        pytest.param(b"\x01", id="cut short"),
        pytest.param(b"\xff" * 30, id="an endless number"),
        pytest.param(b"\x00\x00\x00", id="something behind the end"),
        pytest.param(struct(b"\x00\x00"), id="garbage of length zero"),
        pytest.param(struct(b"\x04" + ROOT + b"\x00"), id="text of length zero"),
        pytest.param(struct(b"\x09" + ROOT + b"\x01g\x7e"), id="a sub-document"),
        pytest.param(struct(b"\x07" + ROOT + b"\x07"), id="a node of unknown type"),
        pytest.param(struct(b"\x0b" + ROOT), id="content of unknown type"),
        pytest.param(struct(b"\x00\x01", clock=2**32), id="a clock from the far future"),
        pytest.param(b"\x00\x01\x05\x01\x00\x00", id="an erased range of length zero"),
        pytest.param(b"\x00\x01\x05\x01\x00\xff\xff\xff\xff\x7f", id="an endless erased range"),
    ],
)
def test_what_no_editor_writes_is_refused(update: bytes) -> None:
    with pytest.raises(Malformed):
        crdt.weigh(update)


@pytest.mark.parametrize("opening", [b"\x75\x01", b"\x75\x02\x7e", b"\x76\x01\x01a"])
def test_nesting_that_would_overflow_the_stack_is_refused(opening: bytes) -> None:
    """Without this, one frame ends the process for everybody."""
    value = opening * 100_000 + b"\x7e"
    with pytest.raises(Malformed, match="nested"):
        crdt.weigh(struct(b"\x08" + ROOT + b"\x01" + value))


def test_no_letter_can_hold_enough_nodes_to_overflow_the_stack() -> None:
    from letters.room import MAX_WEIGHT

    assert MAX_WEIGHT / crdt.NODE_WEIGHT < 15_000


@settings(max_examples=400, deadline=None)
@given(seed=st.integers(0, 2**32), count=st.integers(1, 4))
def test_no_bytes_can_do_more_than_be_refused(seed: int, count: int) -> None:
    """Honest updates with bytes changed, dropped and put in, on top of an honest letter."""
    chance = random.Random(seed)
    honest = begun("one", "two")
    updates = typed(
        honest,
        insert("hello 👍 there"),
        lambda text: text.format(0, 5, {"em": {}}),
        lambda text: text.insert_embed(2, {"a": [1]}),
        erase(0, 3),
    )
    update = bytearray(chance.choice([*updates, honest.get_update()]))
    for _ in range(count):
        place = chance.randrange(len(update))
        update[place : place + chance.randint(0, 2)] = chance.randbytes(chance.randint(0, 2))
    doc = fresh(honest.get_update())
    try:
        crdt.weigh(bytes(update))
        crdt.apply(doc, bytes(update))
    except (Malformed, crdt.Spoiled):
        return
    crdt.adds_nothing(doc, bytes(update))
    crdt.pending(doc, {0: bytes(update)})
    assert document.to_html(document.blocks(doc)).count("<script") == 0
    # Whatever it was, it does not keep honest edits out, even if it has to be left out for that.
    more = typed(honest, insert("still here"))
    again, kept = crdt.assemble([honest.get_update(), bytes(update), *more])
    assert {0, 2} <= kept.keys()
    assert crdt.weight_of(again) > 0


# -- Applying ------------------------------------------------------------------------------------

# Text of length zero, by a client that is known already.
PANIC = struct(b"\x04" + ROOT + b"\x00", client=7)


def test_a_panic_in_rust_is_an_exception_here() -> None:
    """Trap: pyo3's PanicException is no Exception. `weigh` refuses these bytes; this is about
    those that nobody has found yet."""
    with pytest.raises(BaseException, match="unwrap") as caught:
        begun().apply_update(PANIC)
    assert not isinstance(caught.value, Exception)
    with pytest.raises(crdt.Spoiled):
        crdt.apply(begun(), PANIC)


def test_a_document_is_put_together_without_what_does_not_fit() -> None:
    author = begun()
    page = author.get_update()
    a, b = typed(author, insert("a"), insert("b"))
    doc, kept = crdt.assemble([page, b"nonsense", PANIC, a, b])
    assert kept == {0: page, 3: a, 4: b}
    assert document.to_text(document.blocks(doc)) == "Dear Relationship,\n\n>ab"


def test_a_pending_update_is_left_out_before_the_innocent_one_that_it_breaks() -> None:
    author = begun(client_id=9)
    page = author.get_update()
    a, b = typed(author, insert("a"), insert("b"))
    # A block of the author's from beyond the present end, whose parent is a piece of text: Yrs
    # finds that out when the innocent update closes the gap.
    clock = crdt.state(author.get_state())[9]
    poison = struct(b"\x07\x00" + uint(9) + uint(clock - 1) + b"\x03\x01p", client=9, clock=clock)
    with pytest.raises(RuntimeError):
        fresh(page, poison, a, b)
    doc, kept = crdt.assemble([page, poison, a, b])
    assert kept == {0: page, 2: a, 3: b}
    assert document.to_text(document.blocks(doc)).endswith(">ab")


# -- Pending -------------------------------------------------------------------------------------


def test_pending_insertions_and_erasures_are_found() -> None:
    author = begun()
    page = author.get_update()
    a, b, erasure = typed(author, insert("a"), insert("b"), erase(2, 3))
    doc = fresh(page, b, erasure)
    assert crdt.pending(doc, {0: page, 1: b, 2: erasure}) == {1: b, 2: erasure}
    assert doc.get_update() == fresh(page).get_update()  # the trap: Yrs keeps the rest to itself
    doc.apply_update(a)
    assert not crdt.pending(doc, {0: page, 1: b, 2: erasure, 3: a})
    assert document.to_text(document.blocks(doc)).endswith(">a")


def test_a_page_that_names_what_is_known_adds_nothing() -> None:
    author = begun()
    typed(author, insert("one two three"), erase(2, 5))
    room = fresh(author.get_update())
    assert crdt.adds_nothing(room, author.get_update())
    assert crdt.adds_nothing(room, author.get_update(room.get_state()))
    (erasure,) = typed(author, erase(0, 1))
    assert not crdt.adds_nothing(room, erasure)
    assert not crdt.adds_nothing(room, author.get_update(room.get_state()))
    room.apply_update(erasure)
    assert crdt.adds_nothing(room, author.get_update(room.get_state()))
    (typing,) = typed(author, insert("!"))
    assert not crdt.adds_nothing(room, typing)


def test_part_of_what_was_erased_is_no_news_either() -> None:
    author = begun()
    typed(author, insert("one two three"))
    early = fresh(author.get_update(), client_id=8)
    early_erasure = typed(early, erase(2, 4))
    room = fresh(author.get_update(), *early_erasure)
    typed(room, erase(0, 1), erase(4, 6))
    assert crdt.adds_nothing(room, early.get_update(room.get_state()))
    assert not crdt.adds_nothing(early, room.get_update(early.get_state()))


def test_what_lies_pending_is_news_until_it_is_taken_in() -> None:
    author = begun()
    page = author.get_update()
    _, b = typed(author, insert("a"), insert("b"))
    assert not crdt.adds_nothing(fresh(page, b), b)


# -- Keeping -------------------------------------------------------------------------------------


@given(st.lists(st.binary(max_size=300), max_size=5))
def test_packed_updates_come_out_as_they_went_in(updates: list[bytes]) -> None:
    assert list(crdt.unpack(crdt.pack(updates))) == updates
