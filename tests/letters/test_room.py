"""Rooms: what is typed reaches the other pages, the database, and whoever comes later."""

import asyncio
import gc
import weakref
from collections.abc import AsyncIterator
from typing import Any

import pycrdt
import pytest

from bench.client import agree
from couples.models import User
from letters import commit as commits
from letters import connection as connections
from letters import crdt, document, wire
from letters import room as room_module
from letters.models import Document, Letter, Update
from letters.room import Rooms, in_thread
from tests.letters.inprocess import LocalPage, empty, process, written
from tests.letters.test_commit import database_away
from tests.letters.test_crdt import PANIC, ROOT, struct

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def letter(ana: User) -> Letter:
    return Letter.begin_joint(ana.partner.workspace)


@pytest.fixture
async def rooms() -> AsyncIterator[Rooms]:
    async with process() as rooms:
        yield rooms


async def two_pages(rooms: Rooms, letter: Letter) -> tuple[LocalPage, LocalPage]:
    return await LocalPage(rooms, letter).open(), await LocalPage(rooms, letter).open()


def raw_rows(letter: Letter) -> list[bytes]:
    rows = Update.objects.filter(letter=letter).order_by("seq")
    return [update for row in rows for update in crdt.unpack(row.data)]


def standing(letter: Letter) -> tuple[int, int, int]:
    """How far it is written, how far the snapshot goes, and how many rows there are."""
    stored = Document.objects.get(letter=letter)
    return stored.seq, stored.snapshot_seq, Update.objects.filter(letter=letter).count()


# -- Writing together ----------------------------------------------------------------------------


async def test_two_who_come_first_at_once_find_one_room(rooms: Rooms, letter: Letter) -> None:
    pages = [LocalPage(rooms, letter) for _ in range(5)]
    await asyncio.gather(*(page.open() for page in pages))
    assert len(rooms.open) == 1
    assert len(rooms.open[letter.pk].connections) == 5
    assert all(len(page.root.children) == 2 for page in pages)


async def test_both_type_and_both_see_the_same(rooms: Rooms, letter: Letter) -> None:
    ana, ben = await two_pages(rooms, letter)
    ana.type("one ")
    await ben.until(lambda: ben.text == "one ")
    for number in range(40):
        ana.type(f"a{number} ")
        ben.type(f"b{number} ", at=0)
        if number % 7 == 0:
            ben.erase(0, 2)
            await asyncio.sleep(0)
    await asyncio.gather(ana.saved(), ben.saved())
    await agree(ana, ben)
    assert await written(letter) == ana.text
    assert "a39 " in ana.text


async def test_emoji_come_through_whole(rooms: Rooms, letter: Letter) -> None:
    ana, ben = await two_pages(rooms, letter)
    ana.type("👩‍👩‍👧")
    await ben.until(lambda: ben.text == "👩‍👩‍👧")
    ben.type("🏳️‍🌈", at=0)
    ana.type("é👍🏽")
    await asyncio.gather(ana.saved(), ben.saved())
    await agree(ana, ben)
    assert await written(letter) == "🏳️‍🌈👩‍👩‍👧é👍🏽"


async def test_saved_means_that_it_is_written(rooms: Rooms, letter: Letter) -> None:
    page = await LocalPage(rooms, letter).open()
    sent: list[bytes] = []
    page.doc.observe(lambda event: sent.append(event.update))
    page.type("kept")
    page.type("!")
    await page.saved()
    assert await in_thread(raw_rows, letter) == sent  # byte for byte


async def test_saved_waits_for_a_database_that_is_away(rooms: Rooms, letter: Letter) -> None:
    ana, ben = await two_pages(rooms, letter)
    with database_away():
        ana.type("patience")
        saved = ana.barrier()
        await ben.until(lambda: ben.text == "patience")  # the other sees it all the same
        bens = ben.barrier()  # and is not told that it is saved, either
        await asyncio.sleep(0.3)
        assert not saved.done()
        assert not bens.done()
    await asyncio.wait_for(asyncio.gather(saved, bens), 10)
    assert await written(letter) == "patience"


async def test_too_much_that_cannot_be_written_turns_pages_away(
    rooms: Rooms, letter: Letter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(commits, "MAX_HELD", 2000)
    page = await LocalPage(rooms, letter).open()
    with database_away():
        for _ in range(30):
            page.type("x" * 100)
        assert await page.closed() == 1013
    monkeypatch.undo()
    # It comes back with everything, and nothing is missing or there twice.
    await page.come_back()
    await page.saved()
    assert await written(letter) == "x" * 3000


async def test_a_page_that_comes_back_brings_what_it_typed_alone(
    rooms: Rooms, letter: Letter
) -> None:
    ana, ben = await two_pages(rooms, letter)
    ana.type("together ")
    await ben.until(lambda: ben.text == "together ")
    await ana.leave()
    ana.type("ana ")
    ben.type("ben ")
    await ana.open()
    await asyncio.gather(ana.saved(), ben.saved())
    await agree(ana, ben)
    assert sorted(ana.text.split()) == ["ana", "ben", "together"]


async def test_coming_back_without_news_writes_nothing(rooms: Rooms, letter: Letter) -> None:
    ana, ben = await two_pages(rooms, letter)
    ana.type("some text")
    ana.erase(0, 4)
    await ana.saved()
    before = await in_thread(standing, letter)
    for _ in range(3):
        await ana.leave()
        await ana.open()
        await ana.saved()
    assert await in_thread(standing, letter) == before
    assert ben.connected


# -- Who is here ---------------------------------------------------------------------------------


async def test_presence_goes_to_everybody_and_greets_who_comes(
    rooms: Rooms, letter: Letter
) -> None:
    ana, ben = await two_pages(rooms, letter)
    ana.appear(user={"name": "Ana"})
    await ben.until(lambda: ben.presences == {ana.client_id: {"user": {"name": "Ana"}}})
    # The sender hears it, too: y-websocket takes silence for a dead link.
    await ana.until(lambda: ana.client_id in ana.presences)
    late = await LocalPage(rooms, letter).open()
    await late.until(lambda: ana.client_id in late.presences)
    late.presences.clear()
    late.socket.send(bytes([wire.QUERY_AWARENESS]))
    await late.until(lambda: ana.client_id in late.presences)
    ana.socket.abort()
    await ben.until(lambda: ana.client_id not in ben.presences)
    await late.until(lambda: ana.client_id not in late.presences)
    assert await in_thread(raw_rows, letter) == []


async def test_nobody_speaks_for_somebody_else(rooms: Rooms, letter: Letter) -> None:
    ana, ben = await two_pages(rooms, letter)
    ana.appear(user={"name": "Ana"})
    await ben.until(lambda: ana.client_id in ben.presences)
    for state in ('{"user":{"name":"Not Ana"}}', wire.GONE):
        ben.socket.send(wire.awareness([wire.Presence(ana.client_id, 99, state)]))
    ben.appear(user={"name": "Ben"})
    await ana.until(lambda: ben.client_id in ana.presences)
    assert ana.presences[ana.client_id] == {"user": {"name": "Ana"}}
    assert ben.connected


async def test_a_page_that_reconnects_does_not_vanish_with_its_old_connection(
    rooms: Rooms, letter: Letter
) -> None:
    ana, ben = await two_pages(rooms, letter)
    ana.appear(n=1)
    await ben.until(lambda: ana.client_id in ben.presences)
    old = ana.socket
    await ana.open()
    ana.appear(n=2)
    await ben.until(lambda: ben.presences.get(ana.client_id) == {"n": 2})
    old.abort()
    ana.appear(n=3)
    await ben.until(lambda: ben.presences.get(ana.client_id) == {"n": 3})
    assert ana.client_id in ben.presences


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
    panic = PANIC.replace(b"\x07", wire.uint(ana.client_id), 1)
    monkeypatch.setattr(crdt, "weigh", len)
    ana.type("unwritten ")
    ben.socket.send(wire.sync(wire.UPDATE, panic))
    ana.type("after")
    await ana.saved()
    assert await ben.closed() == 4400
    assert ana.connected
    assert await written(letter) == "before unwritten after"
    await ben.open()
    assert ben.text == "before unwritten after"


async def test_a_panic_while_the_database_is_away_loses_nothing(
    rooms: Rooms, letter: Letter, monkeypatch: pytest.MonkeyPatch
) -> None:
    ana, ben = await two_pages(rooms, letter)
    ana.type("before ")
    await ana.saved()
    monkeypatch.setattr(crdt, "weigh", len)
    with database_away():
        ana.type("unwritten")
        ben.socket.send(wire.sync(wire.UPDATE, PANIC.replace(b"\x07", wire.uint(ana.client_id), 1)))
        await ben.closed()
    if not ana.connected:  # the letter could not even be read
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
    ben.socket.send(wire.sync(wire.UPDATE, poison))
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
    monkeypatch.setattr(room_module, "MAX_WEIGHT", 3000)
    page = await LocalPage(rooms, letter).open()
    page.type("x" * 2000)
    await page.saved()
    page.type("y" * 2000)
    assert await page.closed() == 4413
    again = await LocalPage(rooms, letter).open()
    again.type("z" * 500)
    await again.saved()
    again.erase(0, 1500)
    again.type("y" * 1500)
    await again.saved()
    assert len(await written(letter)) == 2500


async def test_a_page_that_does_not_read_is_dropped_and_costs_nobody_else(
    rooms: Rooms, letter: Letter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "MAX_QUEUED", 10_000)
    ana, ben = await two_pages(rooms, letter)
    third = await LocalPage(rooms, letter).open()
    ben.socket.reading.clear()
    for _ in range(30):
        ana.type("x" * 500)
        await asyncio.sleep(0)
    await asyncio.wait_for(ana.saved(), 2)
    await third.until(lambda: third.text == "x" * 15_000)
    ben.socket.reading.set()
    assert await ben.closed() == 1013
    monkeypatch.undo()
    await ben.open()
    assert ben.text == "x" * 15_000


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
    monkeypatch.setattr(room_module, "MAX_PAGES", 2)
    await two_pages(rooms, letter)
    third = await LocalPage(rooms, letter).open(wait=False)
    assert await third.closed() == 1013


# -- Leaving -------------------------------------------------------------------------------------


async def test_the_last_one_out_takes_a_snapshot(rooms: Rooms, letter: Letter) -> None:
    ana, ben = await two_pages(rooms, letter)
    for number in range(20):
        ana.type(f"{number} ")
        await ana.saved()
    text = ana.text
    await ana.leave()
    assert (await in_thread(standing, letter))[1] == 0
    await ben.leave()
    await empty(rooms)
    seq, snapshot_seq, rows = await in_thread(standing, letter)
    assert seq == snapshot_seq == 20
    assert rows == 0
    assert await written(letter) == text
    # Everything goes on from there, also for a page that was away.
    ana.type("more")
    await ana.open()
    await ana.saved()
    assert await written(letter) == text + "more"
    assert (await in_thread(standing, letter))[0] == 21


async def test_what_was_typed_before_leaving_is_written(rooms: Rooms, letter: Letter) -> None:
    page = await LocalPage(rooms, letter).open()
    page.type("a last word")
    await page.leave()
    await empty(rooms)
    assert await written(letter) == "a last word"


async def test_who_comes_back_while_the_door_closes_finds_everything(
    rooms: Rooms, letter: Letter
) -> None:
    page = await LocalPage(rooms, letter).open()
    for number in range(30):
        page.type(f"{number} ")
        await page.leave()
        await asyncio.sleep(0.003 * (number % 4))
        await page.open()
    await page.saved()
    expected = "".join(f"{number} " for number in range(30))
    assert page.text == await written(letter) == expected


async def test_a_room_leaves_nothing_behind(rooms: Rooms, letter: Letter) -> None:
    for _ in range(3):
        ana, ben = await two_pages(rooms, letter)
        ana.type("x")
        await ana.saved()
        room = rooms.open[letter.pk]
        traces: list[Any] = [weakref.ref(room), weakref.ref(room.doc)]
        traces += [weakref.ref(page) for page in room.connections]
        del room
        await ana.leave()
        await ben.leave()
        await empty(rooms)
        await asyncio.sleep(0)
        gc.collect()
        assert [trace() for trace in traces] == [None] * 4


async def test_no_snapshot_is_taken_while_something_lies_pending(
    rooms: Rooms, letter: Letter
) -> None:
    """Trap: Doc.get_update() leaves out what lies pending."""
    author = await LocalPage(rooms, letter).open()
    author.type("a")
    await author.leave()
    await empty(rooms)
    updates: list[bytes] = []
    author.doc.observe(lambda event: updates.append(event.update))
    for words in "bcd":
        author.type(words)
    missing, *early = updates

    page = await LocalPage(rooms, letter).open()
    for update in early:
        page.socket.send(wire.sync(wire.UPDATE, update))
    await page.saved()
    # Who comes now gets it, too, although Yrs does not tell of it.
    late = await LocalPage(rooms, letter).open()
    await page.leave()
    await late.leave()
    await empty(rooms)
    assert (await in_thread(standing, letter))[2] > 0
    assert await written(letter) == "a"

    await page.open()
    page.socket.send(wire.sync(wire.UPDATE, missing))
    await page.saved()
    assert await written(letter) == "abcd"
    late.doc.apply_update(missing)
    assert late.text == "abcd"
    await page.leave()
    await empty(rooms)
    assert (await in_thread(standing, letter))[2] == 0
    assert await written(letter) == "abcd"


async def test_a_log_with_nonsense_in_it_can_still_be_opened(rooms: Rooms, letter: Letter) -> None:
    page = await LocalPage(rooms, letter).open()
    page.type("good")
    await page.saved()
    await page.leave()
    await empty(rooms)
    nonsense = [commits.Entry(letter.pk, letter.key_owner_id, [b"nonsense"])]
    await in_thread(Update.objects.append, nonsense)
    again = await LocalPage(rooms, letter).open()
    again.type("!")
    await again.saved()
    assert await written(letter) == "good!"
    await again.leave()
    await empty(rooms)
    assert (await in_thread(standing, letter))[2] == 2  # kept, so that it can be looked into


async def test_a_letter_that_is_gone_closes_its_pages(rooms: Rooms, letter: Letter) -> None:
    page = await LocalPage(rooms, letter).open()
    await in_thread(Letter.objects.filter(pk=letter.pk).delete)
    page.type("into the void")
    saved = page.barrier()
    assert await page.closed() in (1011, 4404)
    assert not saved.done()
    with pytest.raises(ConnectionError, match="4404"):
        await page.open()


async def test_a_restart_shows_everybody_out_and_writes_everything(letter: Letter) -> None:
    async with process() as rooms:
        ana, ben = await two_pages(rooms, letter)
        for number in range(50):
            ana.type(f"{number} ")
        await ben.until(lambda: ben.text.endswith("49 "))
    assert await ana.closed() == await ben.closed() == 1012
    assert await written(letter) == ana.text
    late = await LocalPage(rooms, letter).open(wait=False)
    assert await late.closed() == 1012


# -- Several processes ---------------------------------------------------------------------------


async def test_two_processes_write_one_letter(
    rooms: Rooms, letter: Letter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room_module, "POLL", 0.05)
    async with process() as elsewhere:
        ana = await LocalPage(rooms, letter).open()
        ben = await LocalPage(elsewhere, letter).open()
        ana.type("one ")
        await ben.until(lambda: ben.text == "one ")
        for number in range(30):
            ana.type(f"a{number} ")
            ben.type(f"b{number} ", at=0)
            await asyncio.sleep(0.004)
        await asyncio.gather(ana.saved(), ben.saved())
        await agree(ana, ben)
        assert len(ana.text.split()) == 61
        assert await written(letter) == ana.text
        # Ana's process takes a snapshot while Ben's is behind it.
        ana.type("bye")
        await ana.leave()
        await empty(rooms)
        await ben.until(lambda: ben.text == ana.text)
        ben.type("!")
        await ben.saved()
    assert await written(letter) == ben.text == ana.text + "!"


async def test_a_gap_in_the_numbers_is_filled_from_the_log_at_once(
    rooms: Rooms, letter: Letter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room_module, "POLL", 3600)
    async with process() as elsewhere:
        ana = await LocalPage(rooms, letter).open()
        ben = await LocalPage(elsewhere, letter).open()
        ana.type("ana")
        await ana.saved()
        assert ben.text == ""
        ben.socket.send(wire.sync(wire.UPDATE, begin_line(ben)))
        await ben.until(lambda: "ana" in str(ben.root))


def begin_line(page: LocalPage) -> bytes:
    """An edit that the page makes elsewhere in the letter, as an update not sent yet."""
    doc: Any = pycrdt.Doc()
    doc.apply_update(page.doc.get_update())
    before = doc.get_state()
    root = doc.get(document.ROOT, type=pycrdt.XmlFragment)
    root.children.insert(1, pycrdt.XmlElement("line", contents=[pycrdt.XmlText("a line")]))
    update: bytes = doc.get_update(before)
    return update
