"""Rooms: what is typed reaches the other pages and the database, and who is here is known."""

import asyncio

import pytest

from letters.live import group_commit as commits
from letters.live import protocol
from letters.live.loading import in_thread
from letters.live.registry import Rooms
from letters.models import Letter
from tests.clients.socket import agree
from tests.letters.live.inprocess import LocalPage, raw_rows, standing, two_pages, written
from tests.letters.live.test_commit import database_away
from tests.people import Resident

pytestmark = pytest.mark.django_db(transaction=True)

# -- Writing together ----------------------------------------------------------------------------


async def test_two_who_come_first_at_once_find_one_room(rooms: Rooms, letter: Letter) -> None:
    pages = [LocalPage(rooms, letter) for _ in range(5)]
    await asyncio.gather(*(page.open() for page in pages))
    assert len(rooms.open) == 1
    assert len(rooms.open[letter.pk].connections) == 5
    assert all(len(page.shows()) == 2 for page in pages)


async def test_both_type_and_both_see_the_same(rooms: Rooms, letter: Letter) -> None:
    ana, ben = await two_pages(rooms, letter)
    ana.type("one ")
    await ben.until(lambda: ben.text == "one ")
    for number in range(40):
        ana.type(f"a{number} ")
        ben.type(f"b{number} ", at=0)
        if number % 7 == 0:
            ben.rub_out(0, 2)
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
    await page.saved()  # or what it types is the answer to what the server says it knows
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
    await page.saved()
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
    ana.rub_out(0, 4)
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
    ana.appear(cursor={"anchor": 1})
    told = {"user": {"name": "Ana", "who": "one"}, "cursor": {"anchor": 1}}
    await ben.until(lambda: ben.presences == {ana.client_id: told})
    # The sender hears it, too: y-websocket takes silence for a dead link.
    await ana.until(lambda: ana.client_id in ana.presences)
    late = await LocalPage(rooms, letter).open()
    await late.until(lambda: ana.client_id in late.presences)
    late.presences.clear()
    late.socket.send(bytes([protocol.QUERY_AWARENESS]))
    await late.until(lambda: ana.client_id in late.presences)
    ana.socket.abort()
    await ben.until(lambda: ana.client_id not in ben.presences)
    await late.until(lambda: ana.client_id not in late.presences)
    assert await in_thread(raw_rows, letter) == []


async def test_nobody_speaks_for_somebody_else(
    rooms: Rooms, letter: Letter, ana: Resident, ben: Resident
) -> None:
    hers = await LocalPage(rooms, letter, ana).open()
    his = await LocalPage(rooms, letter, ben).open()
    hers.appear(cursor=1)
    await his.until(lambda: hers.client_id in his.presences)
    for state in ('{"user":{"name":"Not Ana"},"cursor":2}', protocol.GONE):
        his.socket.send(protocol.awareness([protocol.Presence(hers.client_id, 99, state)]))
    # Not even of oneself: who it is comes from the session.
    his.appear(user={"name": "Ana", "who": "one", "color": "#f00"}, name="Ana", cursor=3)
    await hers.until(lambda: his.client_id in hers.presences)
    assert hers.presences == {
        hers.client_id: {"user": {"name": "Ana", "who": "one"}, "cursor": 1},
        his.client_id: {"user": {"name": "Ben", "who": "two"}, "cursor": 3},
    }
    assert his.connected


async def test_a_page_that_reconnects_does_not_vanish_with_its_old_connection(
    rooms: Rooms, letter: Letter
) -> None:
    ana, ben = await two_pages(rooms, letter)
    ana.appear(cursor=1)
    await ben.until(lambda: ana.client_id in ben.presences)
    old = ana.socket
    await ana.open()
    ana.appear(cursor=2)
    await ben.until(lambda: ben.presences.get(ana.client_id, {}).get("cursor") == 2)
    old.abort()
    ana.appear(cursor=3)
    await ben.until(lambda: ben.presences.get(ana.client_id, {}).get("cursor") == 3)
    assert ana.client_id in ben.presences
