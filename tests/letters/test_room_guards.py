"""What a room does about bad frames, large letters and slow pages."""

import asyncio

import pytest
from tests.letters.test_crdt import PANIC, ROOT, struct

from letters import connection as connections
from letters import crdt, wire
from letters import room as room_module
from letters import rooms as rooms_module
from letters.models import Letter
from letters.rooms import Rooms
from tests.letters.inprocess import (
    LocalPage,
    two_pages,
    written,
)
from tests.letters.test_commit import database_away

pytestmark = pytest.mark.django_db(transaction=True)

# -- Bad frames ----------------------------------------------------------------------------------

BAD_FRAMES = {
    "nothing": b"",
    "unknown kind": b"\x05",
    "unknown step": b"\x00\x03\x00",
    "cut": b"\x00",
    "wrong length": b"\x00\x02\x05ab",
    "garbled update": wire.sync(wire.UPDATE, b"\x01\x02garbled"),
    "garbled first step": wire.sync(wire.STEP_1, b"\x05\x01"),
    "garbled second step": wire.sync(wire.STEP_2, b"garbled"),
    "awareness": b"\x01\x03\x01\x02",
    "barrier without a number": b"\x64",
    "barrier and more": b"\x64\x01\x01",
    "a stack overflow": wire.sync(
        wire.UPDATE, struct(b"\x08" + ROOT + b"\x01" + b"\x75\x01" * 100_000 + b"\x7e")
    ),
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
    ben.socket.send(b"\x00" * (2**20 + 1))
    assert await ben.closed() == 4413
    ana.type("still here")
    await ana.saved()


async def test_a_panic_closes_its_own_connection_and_the_room_goes_on(
    rooms: Rooms, letter: Letter, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`weigh` refuses these bytes; without it they stand for those that nobody has found yet."""
    ana, ben = await two_pages(rooms, letter)
    ana.type("before ")
    await ben.until(lambda: ben.text == "before ")
    await ana.saved()
    ben.type("known ", at=0)
    await ben.saved()
    panic = PANIC.replace(b"\x07", wire.uint(ben.client_id), 1)
    monkeypatch.setattr(crdt, "weigh", len)
    ana.type("unwritten ")
    ben.socket.send(wire.sync(wire.UPDATE, panic))
    ana.type("after")
    await ana.saved()
    assert await ben.closed() == 4400
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
    monkeypatch.setattr(crdt, "weigh", len)
    with database_away():
        ana.type("unwritten")
        ben.socket.send(wire.sync(wire.UPDATE, PANIC.replace(b"\x07", wire.uint(ben.client_id), 1)))
        await ben.closed()
        if ana.connected:
            late = await LocalPage(rooms, letter).open()
            assert late.text == "before unwritten"
    if not ana.connected:  # where the letter could not even be read
        await ana.come_back()
    await ana.saved()
    assert await written(letter) == "before unwritten"


async def test_poison_that_lies_pending_does_not_shut_out_who_meets_it(
    rooms: Rooms, letter: Letter
) -> None:
    ana, ben = await two_pages(rooms, letter)
    ana.type("before ")
    await ana.saved()
    clock = crdt.state(ana.doc.get_state())[ana.client_id]
    poison = struct(
        b"\x07\x00" + wire.uint(ana.client_id) + wire.uint(clock) + b"\x03\x01p",
        client=ana.client_id,
        clock=clock + 1,
    )
    ben.socket.send(wire.sync(wire.STEP_2, poison))
    await ben.saved()
    ana.type("x")  # fills the gap that the poison waits behind
    ana.type("after")
    await ana.saved()
    assert ana.connected
    assert await written(letter) == "before xafter"
    late = await LocalPage(rooms, letter).open()
    assert late.text == "before xafter"


# -- Bounds --------------------------------------------------------------------------------------


async def test_a_letter_has_a_size_and_erasing_makes_room(
    rooms: Rooms, letter: Letter, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = await LocalPage(rooms, letter).open()
    page.type("x" * 2000)
    await page.saved()
    monkeypatch.setattr(room_module, "MAX_WEIGHT", 1500)
    page.type("y")
    assert await page.closed() == 4413
    again = await LocalPage(rooms, letter).open()
    again.erase(0, 1000)  # although the letter is too large with that, too
    await again.saved()
    again.type("z" * 200)
    await again.saved()
    again.type("z" * 1000)
    assert await again.closed() == 4413
    assert await written(letter) == "x" * 1000 + "z" * 200


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
    ben.appear(n=1)
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


async def test_a_letter_is_not_opened_on_countless_pages(
    rooms: Rooms, letter: Letter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rooms_module, "MAX_PAGES", 2)
    await two_pages(rooms, letter)
    third = await LocalPage(rooms, letter).open(wait=False)
    assert await third.closed() == 1013
