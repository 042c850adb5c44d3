"""What is done beside an open letter: snapshots, versions, and a quick way in."""

import asyncio
import threading
from uuid import UUID

import pytest

from bench.client import agree
from couples.models import User
from letters import room as room_module
from letters import upkeep
from letters.loading import in_thread, load
from letters.models import Attribution, Letter, Version
from letters.models.document import Log
from letters.room import Room
from letters.rooms import Rooms
from letters.text.replica import Replica
from tests.letters.inprocess import LocalPage, empty, standing, two_pages, written

pytestmark = pytest.mark.django_db(transaction=True)


async def idle(room: Room) -> None:
    """Wait until nothing is done beside the letter any more."""
    while tasks := [task for task in (room.upkeep.compacting, room.upkeep.versioning) if task]:
        await asyncio.wait_for(asyncio.gather(*tasks), 10)


def versions(letter: Letter) -> list[tuple[str, list[str]]]:
    """Of each version the last words, and who had written since the one before."""
    return [
        (one.blocks[-1].text, sorted(one.writers.values_list("name", flat=True)))
        for one in Version.objects.filter(letter=letter).order_by("number")
    ]


async def page_of(rooms: Rooms, letter: Letter, person: User) -> LocalPage:
    return await LocalPage(rooms, letter, person).open()


# -- Snapshots -----------------------------------------------------------------------------------


async def test_an_open_letter_is_folded_while_people_go_on_typing(
    rooms: Rooms, letter: Letter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upkeep, "COMPACT_EVERY", 8)
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
    monkeypatch.setattr(upkeep, "COMPACT_EVERY", 4)
    tried = 0
    forget = Attribution.objects._queryset_class.forget

    def fail_at_first(self: object, *known: object) -> None:
        nonlocal tried
        tried += 1
        if tried == 1:
            raise RuntimeError("no room on the disk")
        forget(self, *known)

    monkeypatch.setattr(Attribution.objects._queryset_class, "forget", fail_at_first)
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
    rooms: Rooms, letter: Letter, ana: User
) -> None:
    assert upkeep.VERSION_EVERY == 600
    page = await page_of(rooms, letter, ana)
    room = rooms.open[letter.pk]
    for words in ("one ", "two "):
        page.type(words)
        await page.saved()
    await idle(room)
    assert await in_thread(versions, letter) == []
    assert room.upkeep.since is not None
    room.upkeep.since -= 600  # ten minutes later
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
    rooms: Rooms, letter: Letter, ana: User, ben: User
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
