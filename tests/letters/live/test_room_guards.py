"""What a room does about bad frames, large letters and slow pages."""

import asyncio
from uuid import UUID

import pytest
from _serve import UVICORN

from letters.live import connection as connections
from letters.live import protocol
from letters.live import registry as rooms_module
from letters.live.loading import in_thread
from letters.live.registry import Rooms
from letters.live.socket import MAX_FRAME
from letters.models import Letter
from letters.text import crdt, lib0, validity
from letters.text.replica import Replica
from letters.text.updates import Contents, parse, write
from tests.clients.socket import agree, returned
from tests.letters.live.inprocess import LocalPage, two_pages, written
from tests.letters.live.test_commit import database_away
from tests.people import Resident

pytestmark = pytest.mark.django_db(transaction=True)

ROOT = b"\x01\x06letter"


def struct(content: bytes, client: int = 5, clock: int = 0) -> bytes:
    """An update of one struct."""
    return b"\x01\x01" + lib0.uint(client) + lib0.uint(clock) + content + b"\x00"


# What the page of client 7 may send, and Yrs panics over: without the look at every update it
# stands for those that nobody has found yet.
PANIC = struct(b"\x04" + ROOT + b"\x00", client=7)


def let_everything_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Replica, "check", lambda *_: Contents([], []))


# -- Bad frames ----------------------------------------------------------------------------------

STACK_OVERFLOW = struct(b"\x08" + ROOT + b"\x01" + b"\x75\x01" * 200_000 + b"\x7e")

BAD_FRAMES = {
    "nothing": b"",
    "unknown kind": b"\x05",
    "unknown step": b"\x00\x03\x00",
    "cut": b"\x00",
    "wrong length": b"\x00\x02\x05ab",
    "garbled update": protocol.sync(protocol.UPDATE, b"\x01\x02garbled"),
    "garbled first step": protocol.sync(protocol.STEP_1, b"\x05\x01"),
    "garbled second step": protocol.sync(protocol.STEP_2, b"garbled"),
    "awareness": b"\x01\x03\x01\x02",
    "barrier without a number": b"\x64",
    "barrier and more": b"\x64\x01\x01",
    "barrier in a longer spelling": b"\x64\x81\x00",
    "a number that no browser reads": b"\x64" + lib0.uint(2**53),
    "a stack overflow": protocol.sync(protocol.UPDATE, STACK_OVERFLOW),
    "a stack overflow in what a page brings": protocol.sync(protocol.STEP_2, STACK_OVERFLOW),
    "a stack overflow with a receipt": returned(STACK_OVERFLOW, bytes(16)),
    "more clients than there are": protocol.sync(protocol.STEP_2, lib0.uint(2**40)),
    "more structs than there are": protocol.sync(
        protocol.STEP_2, b"\x01" + lib0.uint(2**40) + b"\x05\x00"
    ),
    "a state of more clients than there are": protocol.sync(protocol.STEP_1, lib0.uint(2**40)),
    "returned and cut": b"\x66\x05ab",
    "a receipt that is cut": returned(b"ab", bytes(15)),
}


@pytest.mark.parametrize("frame", BAD_FRAMES.values(), ids=BAD_FRAMES.keys())
async def test_a_bad_frame_closes_its_own_connection_only(
    rooms: Rooms, letter: Letter, frame: bytes
) -> None:
    ana, ben = await two_pages(rooms, letter)
    ana.type("before ")
    await ben.until(lambda: ben.text == "before ")
    ben.socket.send(frame)
    assert await ben.closed() == 4400
    ana.type("after")
    await ana.saved()
    assert await written(letter) == "before after"
    await ben.open()
    assert ben.text == "before after"


async def test_a_frame_that_is_too_large_closes_its_own_connection_only(
    rooms: Rooms, letter: Letter
) -> None:
    ana, ben = await two_pages(rooms, letter)
    ben.socket.send(b"\x00" * (MAX_FRAME + 1))
    assert await ben.closed() == 4413
    ana.type("still here")
    await ana.saved()


async def test_a_panic_closes_its_own_connection_and_the_room_goes_on(
    rooms: Rooms, letter: Letter, monkeypatch: pytest.MonkeyPatch
) -> None:
    ana, ben = await two_pages(rooms, letter)
    ana.type("before ")
    await ben.until(lambda: ben.text == "before ")
    await ana.saved()
    ben.type("known ", at=0)
    await ben.saved()
    panic = PANIC.replace(b"\x07", lib0.uint(ben.client_id), 1)
    ana.type("unwritten ")
    await asyncio.sleep(0)
    let_everything_in(monkeypatch)
    ben.socket.send(protocol.sync(protocol.UPDATE, panic))
    assert await ben.closed() == 4400
    monkeypatch.undo()
    ana.type("after")
    await ana.saved()
    assert ana.connected
    assert await written(letter) == "known before unwritten after"
    await ben.open()
    assert ben.text == "known before unwritten after"


async def test_a_panic_while_the_database_is_away_loses_nothing(
    rooms: Rooms, letter: Letter, monkeypatch: pytest.MonkeyPatch
) -> None:
    ana, ben = await two_pages(rooms, letter)
    ben.type("before ")
    await ben.saved()
    await ana.until(lambda: ana.text == "before ")
    panic = PANIC.replace(b"\x07", lib0.uint(ben.client_id), 1)
    with database_away():
        ana.type("unwritten")
        await ben.until(lambda: ben.text == "before unwritten")
        let_everything_in(monkeypatch)
        ben.socket.send(protocol.sync(protocol.UPDATE, panic))
        await ben.closed()
        monkeypatch.undo()
        if ana.connected:
            late = await LocalPage(rooms, letter).open()
            assert late.text == "before unwritten"
    if not ana.connected:  # where the letter could not even be read
        await ana.come_back()
    await ana.saved()
    assert await written(letter) == "before unwritten"


async def test_poison_that_would_lie_pending_is_not_let_in(rooms: Rooms, letter: Letter) -> None:
    ana, ben = await two_pages(rooms, letter)
    ana.type("before ")
    await ana.saved()
    clock = crdt.state(ana.doc.get_state())[ana.client_id]
    poison = struct(
        b"\x07\x00" + lib0.uint(ana.client_id) + lib0.uint(clock) + b"\x03\x01p",
        client=ana.client_id,
        clock=clock + 1,
    )
    harmless = struct(b"\x04\x81\x07" + ROOT, client=ben.client_id, clock=1)
    for update in (poison, harmless):
        for step in (protocol.STEP_2, protocol.UPDATE):
            ben.socket.send(protocol.sync(step, update))
            assert await ben.closed() in (1008, 4400)
            await ben.open()
    ana.type("x")  # fills the gap that the poison would wait behind
    ana.type("after")
    await ana.saved()
    assert ana.connected
    assert await written(letter) == "before xafter"
    late = await LocalPage(rooms, letter).open()
    assert late.text == "before xafter"


# -- Saved ---------------------------------------------------------------------------------------


async def test_saved_is_not_said_of_words_that_the_document_does_not_have(
    rooms: Rooms, letter: Letter, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    ana, ben = await two_pages(rooms, letter)
    ana.type("before ")
    await ana.saved()
    room = rooms.open[letter.pk]
    monkeypatch.setattr(crdt, "apply", lambda *_: None)
    ana.type("swallowed")
    saved = ana.barrier()
    assert await ana.closed() == await ben.closed() == 1011
    assert not saved.done()
    monkeypatch.undo()
    # What somebody else brings of hers is not taken while she is there: she has to be first.
    for page in ana, ben:
        await page.come_back()
        await page.saved()
    assert rooms.open[letter.pk] is not room
    await agree(ana, ben)
    assert ben.text == await written(letter) == "before swallowed"
    assert "opened anew" in caplog.text
    assert "swallowed" not in caplog.text


async def test_saved_is_not_said_of_an_erasure_that_the_document_does_not_have(
    rooms: Rooms, letter: Letter, monkeypatch: pytest.MonkeyPatch
) -> None:
    """State vectors do not tell of erasures: nothing but a look at them does."""
    ana, ben = await two_pages(rooms, letter)
    ana.type("before swallowed")
    await ana.saved()
    room = rooms.open[letter.pk]
    monkeypatch.setattr(crdt, "apply", lambda *_: None)
    ana.rub_out(6, 16)
    saved = ana.barrier()
    assert await ana.closed() == await ben.closed() == 1011
    assert not saved.done()
    monkeypatch.undo()
    # What somebody else brings of hers is not taken while she is there: she has to be first.
    for page in ana, ben:
        await page.come_back()
        await page.saved()
    assert rooms.open[letter.pk] is not room
    await agree(ana, ben)
    assert ben.text == await written(letter) == "before"


async def test_a_half_of_an_erasure_is_not_called_saved(
    rooms: Rooms, letter: Letter, monkeypatch: pytest.MonkeyPatch
) -> None:
    ana = await LocalPage(rooms, letter).open()
    ana.type("abcdef")
    await ana.saved()
    apply = crdt.apply

    def half(doc: crdt.Doc, update: bytes) -> None:
        contents = parse(update)
        spans = [(client, start, end - 1) for client, start, end in contents.erased]
        apply(doc, write(0, 0, [], spans))

    monkeypatch.setattr(crdt, "apply", half)
    ana.rub_out(0, 3)
    saved = ana.barrier()
    assert await ana.closed() == 1011
    assert not saved.done()


# -- Bounds --------------------------------------------------------------------------------------


async def test_a_letter_has_a_size_and_erasing_makes_room(
    rooms: Rooms, letter: Letter, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = await LocalPage(rooms, letter).open()
    page.type("x" * 2000)
    await page.saved()
    monkeypatch.setattr(validity, "HARD_LIMIT", 1500)
    page.type("y")
    assert await page.closed() == 4413
    again = await LocalPage(rooms, letter).open()
    again.rub_out(0, 1000)  # although the letter is too large with that, too
    await again.saved()
    again.type("z" * 200)
    await again.saved()
    again.type("z" * 1000)
    assert await again.closed() == 4413
    assert await written(letter) == "x" * 1000 + "z" * 200


async def test_what_stands_beside_the_words_is_bounded_as_well(
    rooms: Rooms, letter: Letter, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Formats count no characters. A letter that is too large to send could not be opened."""
    largest = int(UVICORN[UVICORN.index("--ws-max-size") + 1])
    assert validity.MAX_WEIGHT < MAX_FRAME < largest < connections.MAX_QUEUED
    monkeypatch.setattr(validity, "MAX_WEIGHT", 5000)
    ana, ben = await two_pages(rooms, letter)
    ana.type("words")
    await ana.saved()
    await agree(ana, ben)
    for number in range(100):
        ben.mark(ben.marker(-1) + 1, 5, {f"note:{UUID(int=number)}": True})
        await asyncio.sleep(0)
    assert await ben.closed() == 4413
    late = await LocalPage(rooms, letter).open()
    assert late.text == "words"
    # Erasing makes room.
    late.rub_out(0, 4)
    await late.saved()
    assert ana.connected
    assert len(late.doc.get_update()) < 6000


async def test_a_page_that_does_not_read_is_dropped_and_costs_nobody_else(
    rooms: Rooms, letter: Letter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "MAX_QUEUED", 10_000)
    ana, ben = await two_pages(rooms, letter)
    third = await LocalPage(rooms, letter).open()
    ana.type("x" * 500)
    # The first page is answered before the document is there. What it writes until then waits, and
    # would go out in one piece, which is more than this small queue holds.
    await ana.saved()
    ben.socket.reading.clear()
    for _ in range(29):
        ana.type("x" * 500)
        await asyncio.sleep(0)
    await asyncio.wait_for(ana.saved(), 10)
    await third.until(lambda: third.text == "x" * 15_000)
    ben.socket.reading.set()
    assert await ben.closed() == 1013
    monkeypatch.undo()
    await ben.open()
    assert ben.text == "x" * 15_000


async def test_a_page_that_vanishes_in_mid_sentence_is_no_error(
    rooms: Rooms, letter: Letter, caplog: pytest.LogCaptureFixture
) -> None:
    ana, ben = await two_pages(rooms, letter)
    ben.appear(cursor=1)
    await ana.until(lambda: ben.client_id in ana.presences)
    ben.socket.inbox.put_nowait({"type": "broken"})
    await asyncio.wait_for(ben.served, 2)
    await ana.until(lambda: ben.client_id not in ana.presences)
    assert "failed" not in caplog.text


async def test_a_page_that_never_reads_again_does_not_keep_its_task(
    rooms: Rooms, letter: Letter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "MAX_QUEUED", 10_000)
    monkeypatch.setattr(connections, "FAREWELL", 0.1)
    ana, ben = await two_pages(rooms, letter)
    ben.socket.reading.clear()
    for _ in range(30):
        ana.type("x" * 500)
    await asyncio.wait_for(ben.served, 2)
    assert len(rooms.open[letter.pk].connections) == 1


async def test_nobody_opens_countless_pages_and_nobody_shuts_the_other_out(
    rooms: Rooms, letter: Letter, ana: Resident, ben: Resident
) -> None:
    assert rooms_module.MAX_PAGES == 24
    his = [await LocalPage(rooms, letter, ben).open() for _ in range(24)]
    one_more = await LocalPage(rooms, letter, ben).open(wait=False)
    assert await one_more.closed() == 1013
    # In another letter neither.
    alone = await in_thread(Letter.begin_personal, ben)
    elsewhere = await LocalPage(rooms, alone, ben).open(wait=False)
    assert await elsewhere.closed() == 1013
    hers = await LocalPage(rooms, letter, ana).open()
    hers.type("let in")
    await hers.saved()
    await his[0].until(lambda: his[0].text == "let in")
    await his[0].leave()
    await one_more.open()
