"""What is done beside an open letter: snapshots, versions, and a quick way in."""

import asyncio
import threading
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest

from letters.letter.models.document import Log
from letters.live import maintenance
from letters.live import room as room_module
from letters.live.loading import in_thread, load
from letters.live.registry import Rooms
from letters.live.room import Room
from letters.models import Attribution, Document, Letter, Seal, Version
from letters.sealing.models import Changed
from letters.text import crdt, document
from letters.text.edit import Editor
from letters.text.replica import Replica
from tests.clients.socket import agree
from tests.conftest import TEST_DATABASE
from tests.letters.live.inprocess import LocalPage, empty, standing, two_pages, written
from tests.letters.live.test_commit import row_locked
from tests.people import Resident

pytestmark = pytest.mark.django_db(transaction=True)


async def idle(room: Room) -> None:
    """Wait until nothing is done beside the letter any more."""
    while tasks := [
        task for task in (room.maintenance.compacting, room.maintenance.versioning) if task
    ]:
        await asyncio.wait_for(asyncio.gather(*tasks), 10)


def versions(letter: Letter) -> list[tuple[str, list[str]]]:
    """Of each version the last words, and who had written since the one before."""
    return [
        (one.blocks[-1].text, sorted(one.writers.values_list("name", flat=True)))
        for one in Version.objects.filter(letter=letter).order_by("number")
    ]


async def page_of(rooms: Rooms, letter: Letter, person: Resident) -> LocalPage:
    return await LocalPage(rooms, letter, person).open()


# -- Snapshots -----------------------------------------------------------------------------------


async def test_an_open_letter_is_folded_while_people_go_on_typing(
    rooms: Rooms, letter: Letter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(maintenance, "COMPACT_EVERY", 8)
    ana, ben = await two_pages(rooms, letter)
    away = await LocalPage(rooms, letter).open()
    ana.type("begun ")
    await away.until(lambda: away.text == "begun ")
    await away.leave()
    away.type("written away ")
    room = rooms.open[letter.pk]
    for number in range(60):
        ana.type(f"a{number} ")
        await ana.saved()
        if number % 3 == 0:
            ben.type("b ", at=0)
            ben.rub_out(0, 1)
    await asyncio.gather(ana.saved(), ben.saved())
    await idle(room)
    seq, snapshot_seq, rows = await in_thread(standing, letter)
    assert ana.connected
    assert ben.connected
    assert seq >= 60
    assert rows == seq - snapshot_seq <= 2 * 8  # those that were written while it was folded
    # Nothing is lost, neither here nor there nor away, and a page that comes anew has it all.
    await away.open()
    await away.saved()
    late = await LocalPage(rooms, letter).open()
    await agree(ana, ben, away, late)
    assert "a59 " in ana.text
    assert "written away " in ana.text
    assert await written(letter) == ana.text
    for page in (ana, ben, away, late):
        await page.leave()
    await empty(rooms)
    again = await LocalPage(rooms, letter).open()
    assert again.text == ana.text


async def test_a_fold_that_fails_hurts_nobody_and_is_tried_again_later(
    rooms: Rooms, letter: Letter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(maintenance, "COMPACT_EVERY", 4)
    tried = 0
    asked = type(Attribution.objects.all())
    forget = asked.forget

    def fail_at_first(self: Any, *known: Any) -> None:
        nonlocal tried
        tried += 1
        if tried == 1:
            raise RuntimeError("no room on the disk")
        forget(self, *known)

    monkeypatch.setattr(asked, "forget", fail_at_first)
    page = await LocalPage(rooms, letter).open()
    room = rooms.open[letter.pk]
    for number in range(8):
        page.type(f"{number} ")
        await page.saved()
        await idle(room)
        if number == 4:
            assert (await in_thread(standing, letter))[1] == 0
    assert tried == 2
    assert (await in_thread(standing, letter))[1] == 8
    assert await written(letter) == page.text == "0 1 2 3 4 5 6 7 "


# -- Versions ------------------------------------------------------------------------------------


async def test_after_ten_minutes_of_writing_a_version_is_taken(
    rooms: Rooms, letter: Letter, ana: Resident
) -> None:
    assert maintenance.VERSION_EVERY == 600
    page = await page_of(rooms, letter, ana)
    room = rooms.open[letter.pk]
    for words in ("one ", "two "):
        page.type(words)
        await page.saved()
    await idle(room)
    assert await in_thread(versions, letter) == []
    assert room.maintenance.since is not None
    room.maintenance.since -= 600  # ten minutes later
    page.type("three")
    await page.saved()
    await idle(room)
    assert await in_thread(versions, letter) == [("one two three", ["Ana"])]
    # And ten minutes begin anew with the next words.
    page.type("four")
    await page.saved()
    await idle(room)
    assert len(await in_thread(versions, letter)) == 1


async def test_whoever_leaves_leaves_a_version_behind(
    rooms: Rooms, letter: Letter, ana: Resident, ben: Resident
) -> None:
    hers, his = await page_of(rooms, letter, ana), await page_of(rooms, letter, ben)
    reader = await page_of(rooms, letter, ben)
    room = rooms.open[letter.pk]
    hers.type("From Ana.")
    await his.until(lambda: his.text == "From Ana.")
    await hers.leave()  # unsaved as yet: it is waited for
    await idle(room)
    assert await in_thread(versions, letter) == [("From Ana.", ["Ana"])]
    await reader.leave()  # nobody wrote since
    await idle(room)
    assert len(await in_thread(versions, letter)) == 1
    his.type(" From Ben.")
    await his.leave()
    await empty(rooms)
    assert await in_thread(versions, letter) == [
        ("From Ana.", ["Ana"]),
        ("From Ana. From Ben.", ["Ben"]),
    ]


# -- The way in ----------------------------------------------------------------------------------


async def test_a_new_page_has_the_letter_before_the_server_has_put_it_together(
    rooms: Rooms, letter: Letter, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = await LocalPage(rooms, letter).open()
    page.type("in the snapshot, ")
    await page.leave()
    await empty(rooms)
    monkeypatch.setattr("letters.models.Document.compact", lambda *_, **__: False)
    page.type("and in rows")
    await page.open()
    await page.saved()  # or both would be one row
    page.rub_out(0, 3)
    await page.saved()
    await page.leave()
    await empty(rooms)
    assert (await in_thread(standing, letter))[2] == 2

    go_on = threading.Event()

    def slow(letter_id: UUID, log: Log, held: list[bytes]) -> Replica:
        assert go_on.wait(10)
        return load(letter_id, log, held)

    monkeypatch.setattr(room_module, "load", slow)
    late = await LocalPage(rooms, letter).open()
    try:
        assert late.text == page.text == "the snapshot, and in rows"
        late.type("!")
        saved = late.barrier()
        await asyncio.sleep(0.05)
        assert not saved.done()
    finally:
        go_on.set()
    await late.saved()
    assert await written(letter) == "the snapshot, and in rows!"


# -- One letter never holds up another -----------------------------------------------------------


class Slow:
    """A function that takes as long as it is told to, in the thread of `work`."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, owner: object, name: str) -> None:
        self.halfway, self.go_on = threading.Event(), threading.Event()
        self.thread: threading.Thread | None = None
        function = getattr(owner, name)

        def slowly(*args: Any, **named: Any) -> Any:
            if threading.current_thread() is self.thread and not self.halfway.is_set():
                self.halfway.set()
                assert self.go_on.wait(10)
            return function(*args, **named)

        monkeypatch.setattr(owner, name, slowly)

    def work(self, act: Callable[[], object]) -> object:
        self.thread = threading.current_thread()
        try:
            return act()
        finally:
            self.thread = None


async def while_somebody_computes(
    slow: Slow, act: Callable[[], object], rooms: Rooms, letter: Letter, sol: Resident
) -> object:
    """Nobody waits for it: neither who writes in the same letter nor others."""
    other = await in_thread(Letter.begin_personal, sol)
    here = await LocalPage(rooms, letter).open()
    there = await LocalPage(rooms, other, sol).open()
    await asyncio.gather(here.saved(), there.saved())
    task = asyncio.create_task(in_thread(slow.work, act))
    try:
        assert await asyncio.to_thread(slow.halfway.wait, 5)
        for page in (here, there):
            page.type(" meanwhile")
            async with asyncio.timeout(2):
                await page.saved()
    finally:
        slow.go_on.set()
    result = await asyncio.wait_for(task, 10)
    assert await written(other) == " meanwhile"
    assert "meanwhile" in await written(letter)
    return result


async def test_a_restore_takes_no_lock_while_it_thinks(
    rooms: Rooms, letter: Letter, ana: Resident, sol: Resident, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = await page_of(rooms, letter, ana)
    page.type("old")
    await page.saved()
    old = await in_thread(lambda: Version.take(letter, Version.Kind.NAMED, by=ana, name="old"))
    assert old is not None
    page.rub_out(0, 3)
    await page.saved()
    slow = Slow(monkeypatch, Editor, "bring")
    await while_somebody_computes(slow, lambda: old.restore(ana), rooms, letter, sol)
    blocks = await in_thread(lambda: document.blocks(letter.load()))
    assert [block.text for block in blocks][1:] == ["old", " meanwhile"]


async def test_a_version_takes_no_lock_while_it_reads(
    rooms: Rooms, letter: Letter, ana: Resident, sol: Resident, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow = Slow(monkeypatch, document, "blocks")

    def take() -> object:
        return Version.take(letter, Version.Kind.NAMED, by=ana, name="now")

    assert await while_somebody_computes(slow, take, rooms, letter, sol)


async def test_a_signature_takes_no_lock_while_it_reads(
    rooms: Rooms, letter: Letter, ana: Resident, sol: Resident, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow = Slow(monkeypatch, crdt, "assemble")

    def sign() -> object:
        try:
            return Seal.sign(letter, ana.partner, "")
        except Changed:  # it says something else by now, as it does
            return "changed"

    assert await while_somebody_computes(slow, sign, rooms, letter, sol) == "changed"


async def test_a_fold_takes_no_lock_while_it_reads(
    rooms: Rooms, letter: Letter, sol: Resident, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = await LocalPage(rooms, letter).open()
    page.type("written ")
    await page.saved()
    slow = Slow(monkeypatch, crdt, "fit")

    def fold() -> object:
        return Document.compact(letter.pk, in_use=True)

    assert await while_somebody_computes(slow, fold, rooms, letter, sol) is True


@pytest.mark.skipif(TEST_DATABASE == "sqlite", reason="SQLite knows no locks of rows")
async def test_pages_of_other_letters_are_answered_while_one_is_locked(
    rooms: Rooms, letter: Letter, sol: Resident
) -> None:
    other = await in_thread(Letter.begin_personal, sol)
    page = await LocalPage(rooms, other, sol).open()
    ana, ben = await two_pages(rooms, letter)
    await asyncio.gather(page.saved(), ana.saved(), ben.saved())
    with row_locked(letter):
        barriers = []
        for number in range(5):
            ana.type(f"{number} ")
            barriers.append(ana.barrier())
            page.type(f"{number} ")
            async with asyncio.timeout(2):
                await page.saved()
        await ben.until(lambda: ben.text == "0 1 2 3 4 ")  # the other sees it all the same
        assert not any(barrier.done() for barrier in barriers)
    await asyncio.wait_for(asyncio.gather(*barriers), 10)
    assert await written(letter) == await written(other) == "0 1 2 3 4 "
    assert rooms.open[letter.pk].tail.seq == (await in_thread(standing, letter))[0]


async def test_an_error_in_one_rooms_books_costs_no_other_page_its_saved(
    rooms: Rooms, letter: Letter, sol: Resident, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = await in_thread(Letter.begin_personal, sol)
    page = await LocalPage(rooms, other, sol).open()
    ana = await LocalPage(rooms, letter).open()
    await asyncio.gather(page.saved(), ana.saved())
    broken = rooms.open[letter.pk]
    monkeypatch.setattr(broken, "written", lambda seqs: 1 / 0)
    for number in range(3):
        ana.type(f"{number} ")
        page.type(f"{number} ")
        async with asyncio.timeout(2):
            await asyncio.gather(page.saved(), ana.saved())
    monkeypatch.undo()
    assert await written(letter) == await written(other) == "0 1 2 "
