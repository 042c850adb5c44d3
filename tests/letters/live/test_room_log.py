"""Leaving, coming back, and other processes: the log is the truth."""

import asyncio
import gc
import weakref
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from letters.live import registry as rooms_module
from letters.live.loading import in_thread
from letters.live.registry import Rooms
from letters.models import Client, Document, Entry, Letter, Update
from letters.text import document
from letters.text.model import Kind
from tests.clients.socket import Page, agree
from tests.letters.live.inprocess import LocalPage, empty, process, standing, two_pages, written
from tests.letters.live.test_commit import database_away
from tests.people import Resident

pytestmark = pytest.mark.django_db(transaction=True)

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


async def test_pages_that_never_wrote_are_forgotten_after_a_day(
    rooms: Rooms, letter: Letter, ben: Resident
) -> None:
    page = await LocalPage(rooms, letter).open()
    page.type("x")
    await page.leave()
    await empty(rooms)
    yesterday = timezone.now() - timedelta(days=1, minutes=1)

    def clients() -> set[int]:
        Client.objects.filter(client_id__in=(1, page.client_id)).update(first_at=yesterday)
        Document.compact(letter.pk)
        return set(Client.objects.filter(letter=letter).values_list("client_id", flat=True))

    for client_id in (1, 2):
        await in_thread(Client.register, letter, client_id, ben.pk)
    page.type("y")
    await page.open()
    await page.saved()
    assert await in_thread(clients) == {2, page.client_id}


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
        traces: list[Any] = [weakref.ref(room), weakref.ref(room.replica.doc)]
        traces += [weakref.ref(page) for page in room.connections]
        del room
        await ana.leave()
        await ben.leave()
        await empty(rooms)
        await asyncio.sleep(0)
        gc.collect()
        assert [trace() for trace in traces] == [None] * 4


def test_no_snapshot_is_taken_while_something_lies_pending(letter: Letter) -> None:
    """Trap: Doc.get_update() leaves out what lies pending. No page gets such a thing in, but the
    log may have it all the same."""
    page = Page("", "", "")
    page.doc.apply_update(Document.objects.get(letter=letter).snapshot)
    updates: list[bytes] = []
    page.doc.observe(lambda event: updates.append(event.update))
    for words in "abcd":
        page.type(words)
    append(letter, updates[0])
    assert Document.compact(letter.pk)
    append(letter, *updates[2:])
    assert not Document.compact(letter.pk)
    assert standing(letter) == (2, 1, 1)
    assert document.blocks(letter.load())[-1].text == "a"
    append(letter, updates[1])
    assert Document.compact(letter.pk)
    assert standing(letter) == (3, 3, 0)
    assert document.blocks(letter.load())[-1].text == "abcd"


def append(letter: Letter, *updates: bytes) -> None:
    """As another process would."""
    Update.objects.append([Entry(letter.pk, letter.key_owner_id, list(updates))])


async def test_a_log_with_nonsense_in_it_can_still_be_opened(rooms: Rooms, letter: Letter) -> None:
    page = await LocalPage(rooms, letter).open()
    page.type("good")
    await page.saved()
    await page.leave()
    await empty(rooms)
    await in_thread(append, letter, b"nonsense")
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
    monkeypatch.setattr(rooms_module, "POLL", 0.05)
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


async def test_rows_that_another_process_made_a_snapshot_of_are_taken_from_there(
    rooms: Rooms, letter: Letter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rooms_module, "POLL", 3600)
    async with process() as elsewhere:
        ana = await LocalPage(rooms, letter).open()
        ben = await LocalPage(elsewhere, letter).open()
        ana.type("one ")
        await ana.saved()
        ana.type("two")
        await ana.leave()
        await empty(rooms)
        assert (await in_thread(standing, letter))[2] == 0
        elsewhere.open[letter.pk].tail.catch_up()
        await ben.until(lambda: ben.text == "one two")
        ben.type("!")
        await ben.saved()
    assert await written(letter) == "one two!"


async def test_what_the_server_adds_reaches_the_open_pages(
    rooms: Rooms, letter: Letter, ana: Resident, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rooms_module, "POLL", 0.05)
    page = await LocalPage(rooms, letter).open()
    page.type("typed here")
    await in_thread(letter.add, ana, Kind.LINE, "taken over there")
    await page.until(lambda: ("line", "taken over there") in page.says())
    assert ("paragraph", "typed here") in page.says()


async def test_a_letter_that_is_closed_is_not_written_on(
    rooms: Rooms, letter: Letter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rooms_module, "POLL", 0.05)
    page = await LocalPage(rooms, letter).open()
    stored = Letter.objects.filter(pk=letter.pk)
    await in_thread(lambda: stored.update(closed_at=timezone.now()))
    assert await page.closed() == 4423


async def test_a_gap_in_the_numbers_is_filled_from_the_log_at_once(
    rooms: Rooms, letter: Letter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rooms_module, "POLL", 3600)
    async with process() as elsewhere:
        ana = await LocalPage(rooms, letter).open()
        ben = await LocalPage(elsewhere, letter).open()
        ana.type("ana")
        await ana.saved()
        assert ben.text == ""
        # At another place of the letter.
        ben.write("a line", at=ben.marker(-1))
        await ben.until(lambda: ben.text == "ana")
        assert ben.shows()[0] == ("salutation", "Dear Relationship,a line")


# -- Receipts ------------------------------------------------------------------------------------


async def test_what_is_written_down_comes_without_a_receipt(rooms: Rooms, letter: Letter) -> None:
    """Nobody brings it back: a long letter would go up again with each page that opens it."""
    ana = await LocalPage(rooms, letter).open()
    ana.type("words")
    await ana.saved()
    for _ in range(2):  # cold, and where somebody has it open
        ben = await LocalPage(rooms, letter).open()
        assert ben.text == "words"
        assert not ben.kept
    with database_away():
        ana.type("more ", at=0)
        await ben.until(lambda: ben.text == "more words")
        assert len(ben.kept) == 1
        late = await LocalPage(rooms, letter).open()
        assert len(late.kept) == 1
    await ben.saved()
    assert not ben.kept


async def test_when_somebody_leaves_the_letter_is_what_it_is_on_every_page(
    rooms: Rooms, letter: Letter
) -> None:
    """What was saved is in it. What is typed after that is in nobody's copy, and not called
    saved."""
    ana, ben = await two_pages(rooms, letter)
    ben.type("before ")
    await ben.saved()
    couple = letter.couple
    assert couple is not None
    await in_thread(couple.two.leave)
    if ana.connected:
        ana.type("late ")
    # One whose words came too late may be told to come back first; it then finds no letter.
    assert {await page.closed() for page in (ana, ben)} <= {4404, 1011}
    assert await written(letter) == "before "
