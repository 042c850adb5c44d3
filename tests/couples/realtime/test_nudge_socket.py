"""Nudges and the door, over real WebSockets to a real server."""

import asyncio
import json
import re
from collections.abc import Callable
from contextlib import closing, suppress
from http.client import HTTPConnection
from urllib.parse import urlencode

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Origin

from tests.server import Server

PEOPLE = """
import json
from django.conf import settings
from django.test import Client
from couples.models import Invitation, User, Workspace

def sign_in(user):
    client = Client()
    client.force_login(user)
    return client.cookies[settings.SESSION_COOKIE_NAME].value

names = ("Ana", "Ben", "Cleo")
people = [User.objects.create_user(f"{tag}{{name}}@home.example", name) for name in names]
ana, ben, cleo = people
Workspace.begin(ana), Workspace.begin(cleo)
Invitation.make(ana.partner).accept(ben).confirm()
print(json.dumps([*(sign_in(person) for person in people), str(ben.seats.get().pk)]))
"""


@pytest.fixture(scope="module")
def server(start_server: Callable[..., Server]) -> Server:
    return start_server()


@pytest.fixture
def cookies(server: Server, request: pytest.FixtureRequest) -> list[str]:
    """Session keys of Ana and Ben, who share a home, and of Cleo, who does not; and Ben's seat."""
    tag = f"t{abs(hash(request.node.name))}"
    made: list[str] = json.loads(server.shell(PEOPLE.format(tag=tag)).splitlines()[-1])
    return made


def live(
    server: Server, cookie: str | None, origin: str | None = None, path: str = "/live"
) -> connect:
    headers = {"Cookie": f"session={cookie}"} if cookie else {}
    address = server.base_url.replace("http", "ws") + path
    return connect(address, origin=Origin(origin or server.base_url), additional_headers=headers)


async def code_of(socket: ClientConnection, within: float) -> int | None:
    """The close code, or None if the socket is still open after that many seconds."""
    with suppress(TimeoutError, ConnectionClosed):
        async with asyncio.timeout(within):
            while True:
                await socket.recv()
    return socket.close_code


def address_of_nudges(server: Server, cookie: str) -> str:
    """The one that a page carries, which was made just now."""
    with closing(HTTPConnection("127.0.0.1", server.port, timeout=10)) as line:
        line.request("GET", "/principles/", headers={"Cookie": f"session={cookie}"})
        page = line.getresponse().read().decode()
    found = re.search(r'data-live="([^"]+)"', page)
    assert found
    return found[1]


@pytest.mark.slow
async def test_what_was_said_before_the_socket_was_there_is_made_up_for(
    server: Server, cookies: list[str]
) -> None:
    ana, ben, _cleo, seat = cookies
    path = await asyncio.to_thread(address_of_nudges, server, ben)
    words = {"text": "We do.", "base": "0", "reader": seat}
    await asyncio.to_thread(post, server, ana, "/principles/repair/propose/", **words)
    async with live(server, ben, path=path) as late:
        assert json.loads(await asyncio.wait_for(late.recv(), 10)) == {"topic": "missed"}
    # A page that was made since then has missed nothing, and hears nothing.
    path = await asyncio.to_thread(address_of_nudges, server, ben)
    async with live(server, ben, path=path) as fresh:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(fresh.recv(), 0.5)


async def test_a_nudge_reaches_the_home_and_nobody_else(server: Server, cookies: list[str]) -> None:
    ana, ben, cleo, seat = cookies
    async with (
        live(server, ana) as at_ana,
        live(server, ben) as at_ben,
        live(server, cleo) as at_cleo,
    ):
        await asyncio.sleep(0.2)
        words = {"text": "We do.", "base": "0", "reader": seat}
        await asyncio.to_thread(post, server, ana, "/principles/repair/propose/", **words)
        heard = {json.loads(await asyncio.wait_for(at_ben.recv(), 1))["topic"] for _ in range(2)}
        assert heard == {"agreement-repair", "home"}
        assert json.loads(await asyncio.wait_for(at_ana.recv(), 1)).keys() == {"topic"}
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(at_cleo.recv(), 0.5)


def post(server: Server, cookie: str, path: str, **fields: str) -> int:
    token = "a" * 32
    headers = {
        "Cookie": f"session={cookie}; csrf={token}",
        "Content-Type": "application/x-www-form-urlencoded",
        "Origin": server.base_url,
    }
    with closing(HTTPConnection("127.0.0.1", server.port)) as line:
        line.request("POST", path, urlencode(fields | {"csrfmiddlewaretoken": token}), headers)
        return line.getresponse().status


@pytest.mark.parametrize("cookie", [None, "", "guess", "x" * 5000])
async def test_nobody_comes_in_without_a_session(server: Server, cookie: str | None) -> None:
    async with live(server, cookie) as socket:
        assert await code_of(socket, 2) == 4401


@pytest.mark.parametrize("origin", ["https://elsewhere.example", "null", "http://127.0.0.1"])
async def test_a_page_of_another_site_opens_no_socket(
    server: Server, cookies: list[str], origin: str
) -> None:
    async with live(server, cookies[0], origin) as socket:
        assert await code_of(socket, 2) == 4403


async def test_signing_out_closes_the_socket_within_two_seconds(
    server: Server, cookies: list[str]
) -> None:
    ana, ben, *_ = cookies
    async with live(server, ana) as at_ana, live(server, ben) as at_ben:
        await asyncio.sleep(0.2)
        assert await asyncio.to_thread(post, server, ana, "/account/logout/") == 302
        assert await code_of(at_ana, 2) == 4401
        assert await code_of(at_ben, 0.1) is None


@pytest.mark.parametrize(
    ("act", "code"),
    [
        ("session.user.partner.leave()", 4404),
        ("session.user.set_password('another one'); session.user.save()", 4401),
        ("Session.objects.by_key('{key}').delete()", 4401),
        ("User.objects.filter(pk=session.user.pk).update(is_active=False)", 4401),
    ],
)
async def test_the_watch_shows_out_who_may_not_stay(
    server: Server, cookies: list[str], act: str, code: int
) -> None:
    find = (
        "from types import SimpleNamespace;"
        "from couples.models import Session, User;"
        "uid = Session.objects.by_key('{key}').get().person_id;"
        "session = SimpleNamespace(user=User.objects.get(pk=uid));"
    )
    ben = cookies[1]
    async with live(server, ben) as at_ben:
        await asyncio.sleep(0.2)
        await asyncio.to_thread(server.shell, (find + act).format(key=ben))
        assert await code_of(at_ben, 2) == code


async def test_what_a_page_sends_is_ignored(server: Server, cookies: list[str]) -> None:
    async with live(server, cookies[0]) as socket:
        await socket.send("hello")
        await socket.send(b"\x00\xff")
        assert await code_of(socket, 0.5) is None


async def test_an_unknown_path_is_closed(server: Server, cookies: list[str]) -> None:
    address = server.base_url.replace("http", "ws") + "/elsewhere"
    async with connect(address, origin=Origin(server.base_url)) as socket:
        assert await code_of(socket, 2) == 4404
