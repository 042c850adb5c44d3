"""Whoever does not show themselves: no name, no cursor, no rhythm, and no view of the other."""

import asyncio
from collections.abc import Callable

import pytest
from django.test import Client

from bench.client import Page, agree
from couples.models import User
from letters import room, wire
from letters.models import Letter
from letters.rooms import Rooms
from tests.conftest import Household
from tests.letters.inprocess import LocalPage
from tests.letters.served import make_couples
from tests.server import Server

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
async def unseen(rooms: Rooms, letter: Letter) -> LocalPage:
    """Ben's page. He does not show himself."""
    page = LocalPage(rooms, letter)
    page.shown = False
    return await page.open()


@pytest.fixture
async def seen(rooms: Rooms, letter: Letter) -> LocalPage:
    return await LocalPage(rooms, letter).open()


async def test_nothing_that_an_unseen_page_says_of_itself_reaches_the_other(
    seen: LocalPage, unseen: LocalPage, rooms: Rooms, letter: Letter
) -> None:
    unseen.appear(user={"name": "Ben"}, cursor={"anchor": 1})
    late = await LocalPage(rooms, letter).open()
    unseen.socket.send(wire.awareness([wire.Presence(unseen.client_id, 9, wire.GONE)]))
    await unseen.saved()  # all of it has been handled
    await asyncio.gather(seen.saved(), late.saved())
    assert seen.presences == late.presences == {}


async def test_an_unseen_page_does_not_see_either(seen: LocalPage, unseen: LocalPage) -> None:
    seen.appear(user={"name": "Ana"})
    await seen.until(lambda: seen.client_id in seen.presences)
    unseen.socket.send(bytes([wire.QUERY_AWARENESS]))
    await unseen.saved()
    assert unseen.presences == {}
    # ... and a page that goes away is no news either.
    seen.socket.abort()
    await unseen.saved()
    assert unseen.presences == {}


async def test_words_of_an_unseen_page_come_in_one_piece_and_later(
    seen: LocalPage, unseen: LocalPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    waiting: list[Callable[[], None]] = []
    loop = asyncio.get_running_loop()
    call_later = loop.call_later

    def later(delay: float, function: Callable[..., object], *args: object) -> object:
        if delay == room.LATE:
            waiting.append(lambda: function(*args))
            return None
        return call_later(delay, function, *args)

    monkeypatch.setattr(loop, "call_later", later, raising=False)
    for word in ("slowly", " and", " surely"):
        unseen.type(word)
        await unseen.saved()  # saved at once, like everybody's
    await seen.saved()
    assert seen.text == ""
    (tell,) = waiting
    tell()
    await agree(seen, unseen)
    assert seen.text == "slowly and surely"


# -- On the real server --------------------------------------------------------------------------


def told(page: Page) -> list[int]:
    """What the server says about being seen, as it says it."""
    heard: list[int] = []
    hear = page._hear

    def listen(frame: bytes) -> None:
        if frame[0] == wire.PRESENCE:
            heard.append(frame[1])
        hear(frame)

    page._hear = listen  # type: ignore[method-assign]
    return heard


async def test_changing_ones_mind_reaches_the_pages_that_are_open(
    start_server: Callable[..., Server],
) -> None:
    server = start_server()
    (couple,) = make_couples(server, 1)
    ben = couple.page(couple.ben)
    heard = told(ben)
    await ben.open()
    assert heard == [1]
    server.shell(
        "from couples.models import User\n"
        f"User.objects.get(pk={couple.ben_user!r}).show_presence(False)"
    )
    assert await ben.closed() == 1012  # which means: come back
    await ben.come_back()
    assert heard == [1, 0]


def test_the_switch_is_ones_own(as_ana: Client, household: Household) -> None:
    assert as_ana.post("/home/us/presence/", {"shown": "off"}).status_code == 302
    ana, ben = (User.objects.get(pk=each.pk) for each in (household.ana, household.ben))
    assert not ana.shows_presence
    assert ben.shows_presence
    page = as_ana.post("/home/us/presence/", {"shown": "on"}, headers={"HX-Request": "true"})
    assert page.status_code == 204
    ana.refresh_from_db()
    assert ana.shows_presence
