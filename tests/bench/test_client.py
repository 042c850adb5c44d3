"""The page without a browser reads and writes a letter as the editor does. No server is asked: what
one page sends the other hears, and the frames of the server are made here."""

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pycrdt
import pytest

from letters.live import protocol
from letters.text import lib0
from tests.clients.socket import DECISION, RETURNED, Page, decision
from tests.clients.websocket import BINARY

RECEIPT = bytes(range(16))
NOTE = "note:0192f7a4-0000-7000-8000-000000000000"


def first_page() -> bytes:
    doc: pycrdt.Doc[Any] = pycrdt.Doc(client_id=1)
    text = doc.get("letter", type=pycrdt.Text)
    text.insert_embed(0, pycrdt.Map({"k": "salutation"}), {})
    text.insert(1, "Dear Relationship,", {})
    text.insert_embed(len(text), pycrdt.Map({"k": "paragraph"}), {})
    return doc.get_update()


class Wire:
    """A socket that goes nowhere: what was sent stays here."""

    def __init__(self) -> None:
        self.sent: list[bytes] = []
        self.closed: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    def send(self, data: bytes, opcode: int = BINARY) -> None:
        self.sent.append(data)

    def take(self) -> list[bytes]:
        sent, self.sent = self.sent, []
        return sent


class Loose(Page):
    socket: Wire  # type: ignore[assignment] # as good as one

    async def connect(self) -> None:
        self.socket = Wire()

    def hear_step_1(self, state: bytes = b"\x00") -> None:
        self._hear(protocol.sync(protocol.STEP_1, state))


def heard(step: int, update: bytes, receipt: bytes = RECEIPT) -> bytes:
    return protocol.sync(step, update) + receipt


async def opened(client: int = 7) -> Loose:
    page = await Loose("", "", "", pycrdt.Doc(client_id=client)).open(wait=False)
    page._hear(heard(protocol.STEP_2, first_page()))
    page.hear_step_1()
    page.socket.take()
    return page


def edit(page: Page, act: Callable[[], None]) -> bytes:
    """The update that an act is."""
    made: list[bytes] = []
    watching = page.doc.observe(lambda event: made.append(event.update))
    act()
    page.doc.unobserve(watching)
    return b"".join(made)


# -- Reading and writing -------------------------------------------------------------------------


async def test_a_letter_is_read_block_by_block() -> None:
    page = await opened()
    assert page.says() == [("salutation", "Dear Relationship,"), ("paragraph", "")]
    assert page.text == ""
    page.type("We 👩‍👩‍👧 walk\nand é")
    page.split(kind="line")
    page.type("home.")
    page.type("straight ", at=0)
    assert page.says()[1:] == [("paragraph", "We 👩‍👩‍👧 walk\nand é"), ("line", "straight home.")]
    assert "\u2028" in str(page.ytext)
    assert page.text == "straight home."
    page.rub_out(0, 9)
    assert page.text == "home."


async def test_places_count_characters_and_markers_as_one() -> None:
    page = await opened()
    page.type("é😀b")
    start = page.marker(1) + 1
    assert start == 20
    page.write("-", at=start + 2)
    page.split(start + 1, "closing")
    assert page.says()[1:] == [("paragraph", "é"), ("closing", "😀-b")]
    page.set_kind(-1, "signature")
    page.erase(start, 2)  # the é, and the marker after it
    assert page.says()[1:] == [("paragraph", "😀-b")]


async def test_nothing_is_marked_that_was_not_told_to_be() -> None:
    page = await opened()
    page.write("one ", marks={"strong": True, NOTE: True})
    page.write("two")
    page.split()
    page.write("three")
    marks = {sign.text: sign.marks for sign in page.signs()}
    assert marks["n"] == {"strong": True, NOTE: True}
    assert marks["w"] == marks["h"] == {}
    page.mark(20, 13, {"em": True})
    assert [marks for part, marks in page.ytext.diff() if isinstance(part, pycrdt.Map)] == [
        None
    ] * 3
    assert all(sign.marks.get("em") for sign in page.signs()[20:] if sign.text)
    page.mark(20, 13, {"em": None})
    assert not any("em" in sign.marks for sign in page.signs())


async def test_ids_are_those_of_the_document() -> None:
    one, two = await opened(7), await opened(9)
    for page, other in ((one, two), (two, one), (one, two)):
        for words in ("a😀", "é"):
            other.doc.apply_update(edit(page, lambda: page.type(words, at=0)))  # noqa: B023
        other.doc.apply_update(edit(page, lambda: page.split(22, "line")))  # noqa: B023
        other.doc.apply_update(edit(page, lambda: page.erase(3, 2)))  # noqa: B023
    signs = two.signs(named=True)
    assert signs == one.signs(named=True)
    assert len({sign.id for sign in signs}) == len(signs)
    # Each id is the one that erasing exactly this sign names.
    for place, sign in enumerate(signs):
        copy: pycrdt.Doc[Any] = pycrdt.Doc(client_id=5)
        copy.apply_update(two.doc.get_update())
        apart = Page("", "", "", copy)
        reader = lib0.Reader(edit(apart, lambda: apart.erase(place)))  # noqa: B023
        erased = {}
        assert reader.uint() == 0
        for _ in range(reader.uint()):
            client = reader.uint()
            erased[client] = [(reader.uint(), reader.uint()) for _ in range(reader.uint())]
        assert sign.id is not None
        assert any(
            at <= sign.id.clock < at + length for at, length in erased.get(sign.id.client, ())
        ), (place, sign, erased)


# -- Suggestions ---------------------------------------------------------------------------------


async def test_what_is_proposed_is_not_there_for_readers() -> None:
    page = await opened()
    page.type("stay gone")
    come = page.suggest("come", at=25)
    page.suggest_split(25, name=come)
    page.suggest_without(30, 4)
    assert page.says()[1:] == [("paragraph", "stay gone")]
    assert page.shows()[1:] == [("paragraph", "stay "), ("paragraph", "comegone")]
    page.set_keys(-1, {f"ins:{come}": None})
    page.suggest_kind(-1, "line")
    page.suggest_without(20, 6)
    assert page.says()[1:] == [("paragraph", "stay "), ("paragraph", "gone")]
    assert len([name for name in page.signs()[25].marks if name[:4] in ("del:", "kind")]) == 2


async def test_a_mark_that_was_stretched_is_none() -> None:
    page = await opened()
    name = page.name()
    other = await opened(9)
    other.type("hers")
    other.mark(20, 4, {f"ins:{name}": "one", f"del:{name}": "one 1.1.1"})
    assert other.says()[1:] == [("paragraph", "hers")]
    assert other.signs(named=True)[20].open(other.decided) == set()


async def test_a_mark_that_was_decided_is_not_there() -> None:
    page = await opened()
    name = page.suggest("come")
    assert name == "7_0"
    page.decide("accept", name)
    asked = json.loads(lib0.Reader(page.socket.take()[-1], 1).bytes())
    assert asked == {
        "n": 1,
        "verdict": "accept",
        "of": [{"id": "7_0", "seen": 0, "ranges": [[7, 1, 4]]}],
    }
    page.doc.get("decided", type=pycrdt.Map)[name] = json.dumps(
        {"verdict": "accept", "n": 1, "ranges": asked["of"][0]["ranges"]}
    )
    assert page.says()[1:] == [("paragraph", "come")]
    page.suggest(" too", name=name)  # which nobody had seen
    assert page.says()[1:] == [("paragraph", "come")]
    page.socket.take()
    page.decide("decline", name)
    asked = json.loads(lib0.Reader(page.socket.take()[-1], 1).bytes())
    assert asked["of"][0]["seen"] == 1
    ((client, _, length),) = asked["of"][0]["ranges"]
    assert (client, length) == (7, 4)


# -- The socket ----------------------------------------------------------------------------------


async def test_what_is_said_about_edits_waits_until_the_server_has_said_what_it_knows() -> None:
    page = await opened()
    page.type("a")
    page.kept.clear()
    await page.open(wait=False)
    page.type("b")
    asked = page.barrier()
    assert [frame[:2] for frame in page.socket.take()] == [b"\x00\x00", b"\x00\x02"]
    page.hear_step_1()
    answer, barrier = page.socket.take()
    assert answer[:2] == bytes((protocol.SYNC, protocol.STEP_2))
    assert barrier == bytes((protocol.BARRIER, 1))
    page._hear(barrier)
    await asked
    page.type("c")
    assert [frame[:2] for frame in page.socket.take()] == [bytes((protocol.SYNC, protocol.UPDATE))]


async def test_what_may_not_be_saved_is_brought_back_with_its_receipt() -> None:
    page, other = await opened(7), await opened(9)
    page.kept.clear()
    update = edit(other, lambda: other.type("other"))
    asked = page.barrier()
    page._hear(heard(protocol.UPDATE, update))
    page._hear(bytes((protocol.BARRIER, 1)))  # sent before
    await asked
    await page.open(wait=False)
    page.hear_step_1()
    hello, back, answer = page.socket.take()
    assert hello[:2] == b"\x00\x00"
    assert back == bytes((RETURNED, len(update))) + update + RECEIPT
    assert answer[:2] == bytes((protocol.SYNC, protocol.STEP_2))
    page.barrier()
    page._hear(bytes((protocol.BARRIER, 2)))
    assert page.kept == []


async def test_a_decision_is_asked_for_until_it_is_settled() -> None:
    page = await opened()
    settled = page.decide("decline", page.suggest("come"))
    first = page.socket.take()[-1]
    assert first[0] == DECISION
    await page.open(wait=False)
    page.barrier()
    page.hear_step_1()
    kinds = [frame[0] for frame in page.socket.take()]
    assert kinds == [protocol.SYNC, RETURNED, protocol.SYNC, DECISION, protocol.BARRIER]
    page._hear(bytes((DECISION, 1)))
    await settled
    await page.open(wait=False)
    page.hear_step_1()
    assert DECISION not in [frame[0] for frame in page.socket.take()]


def test_a_decision_is_a_string_of_json() -> None:
    frame = decision({"n": 300, "of": [{"id": "a" * 200}]})
    reader = lib0.Reader(frame, 1)
    assert json.loads(reader.bytes()) == {"n": 300, "of": [{"id": "a" * 200}]}
    assert reader.ended


@pytest.mark.parametrize("words", ["👩‍👩‍👧 😀", "ascii", "żółć"])
async def test_two_pages_come_to_the_same_letter(words: str) -> None:
    one, two = await opened(7), await opened(9)
    mine, theirs = edit(one, lambda: one.type(words)), edit(two, lambda: two.split(10, "line"))
    one.doc.apply_update(theirs)
    two.doc.apply_update(mine)
    assert one.says() == two.says()
    assert one.text == words
