"""The letter's socket, on the real server: who is let in, what it bears, and when it closes."""

import asyncio
import time
from collections.abc import Callable, Iterator
from uuid import uuid4

import pytest

from letters.live import protocol
from letters.live.socket import MAX_FRAME
from letters.text import lib0, model
from tests.clients.socket import Page, agree, decision, returned
from tests.clients.websocket import TEXT, WebSocket
from tests.letters.joint_letters import Served, make_couples, written
from tests.letters.live.test_room_guards import PANIC, STACK_OVERFLOW
from tests.server import Server


@pytest.fixture(scope="module")
def server(start_server: Callable[..., Server]) -> Server:
    return start_server()


@pytest.fixture(scope="module")
def couples(server: Server) -> Iterator[Served]:
    return iter(make_couples(server, 24))


@pytest.fixture
def couple(couples: Iterator[Served]) -> Served:
    """A couple that no other test uses."""
    return next(couples)


async def refused(page: Page) -> int:
    await page.connect()
    return await page.closed()


# -- Who is let in -------------------------------------------------------------------------------


async def test_both_type_at_once_and_both_see_the_same(couple: Served) -> None:
    ana, ben = await couple.both()
    ana.type("👍 ")
    await ben.until(lambda: ben.text == "👍 ")
    for number in range(50):
        ana.type(f"a{number} ")
        ben.type(f"b{number} 🏳️‍🌈", at=0)
    await asyncio.gather(ana.saved(), ben.saved())
    await agree(ana, ben)
    assert written(couple.server, [couple.joint])[couple.joint].endswith(ana.text.strip())


async def test_the_letter_of_one_person_works_the_same(couple: Served) -> None:
    page = await couple.page(couple.ana, couple.personal).open()
    other_tab = await couple.page(couple.ana, couple.personal).open()
    page.type("only mine")
    await page.saved()
    await other_tab.until(lambda: other_tab.text == "only mine")


async def test_outsider_partner_and_missing_letter_get_the_same_answer(
    couple: Served, couples: Iterator[Served]
) -> None:
    outsider = next(couples).ana
    answers = [
        (await refused(page), page.socket.reason)
        for page in (
            couple.page(outsider, couple.joint),
            couple.page(outsider, couple.personal),
            couple.page(couple.ben, couple.personal),
            couple.page(couple.ana, str(uuid4())),
            couple.page(couple.ana, "-" * 36),
        )
    ]
    assert answers == [(4404, "not found")] * 5


async def test_nobody_is_let_in_without_a_session(couple: Served) -> None:
    for cookie in ("", "session=nonsense", 'session="; ;=,'):
        assert await refused(couple.page(cookie)) == 4401


async def test_a_page_of_another_site_is_refused(couple: Served) -> None:
    page = couple.page(couple.ana)
    for origin in ("http://elsewhere.example", "null", ""):
        page.socket = WebSocket(page._hear)
        await page.socket.open(page.url, {"Origin": origin, "Cookie": couple.ana})
        assert await page.closed() == 4403


async def test_a_client_id_belongs_to_one_person(couple: Served) -> None:
    page = await couple.page(couple.ana).open()
    await page.close()
    page.cookie = couple.ben
    assert await refused(page) == 4403
    page.cookie = couple.ana
    await page.open()


# From 2**32 on ids are the server's own.
@pytest.mark.parametrize("client", ["", "0", "-1", "1.5", "x", "9" * 17, str(2**32), "%C2%B2"])
async def test_a_client_id_is_a_number(couple_for_ids: Served, client: str) -> None:
    page = couple_for_ids.page(couple_for_ids.ana)
    page.client_id = client
    assert await refused(page) == 4400


async def test_a_page_from_before_an_update_is_told_so(
    couple: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(model, "SCHEMA", model.SCHEMA - 1)  # what this client sends
    assert await refused(couple.page(couple.ana)) == 4426


@pytest.fixture(scope="module")
def couple_for_ids(couples: Iterator[Served]) -> Served:
    return next(couples)


async def test_what_somebody_typed_before_they_were_let_in_counts(couple: Served) -> None:
    """y-websocket speaks as soon as the socket is open, which is before the server knows whose."""
    page = await couple.page(couple.ana).open()
    page.type("x")
    await page.saved()
    await page.close()
    page.type("typed offline")
    await page.open(wait=False)
    page.type("!")
    await page.saved()
    assert written(couple.server, [couple.joint])[couple.joint].endswith("xtyped offline!")


# -- Bad frames ----------------------------------------------------------------------------------

BAD_FRAMES = {
    "garbled": b"\x00\x02\x09garbled",
    "nothing": b"",
    "another letter's protocol": b"\xff" * 100,
    "an update that overflows the stack": protocol.sync(protocol.UPDATE, STACK_OVERFLOW),
    "the same among what a page brings": protocol.sync(protocol.STEP_2, STACK_OVERFLOW),
    "the same with a receipt": returned(STACK_OVERFLOW, bytes(16)),
    "text of length zero": protocol.sync(protocol.UPDATE, PANIC),
    "too much awareness": protocol.awareness([protocol.Presence(1, 1, '"' + "x" * 9000 + '"')]),
    "a decision that is none": decision({"n": 1, "verdict": "maybe", "of": []}),
}


async def test_a_bad_frame_closes_its_own_connection_only(couple: Served) -> None:
    ana, ben = await couple.both()
    ana.type("before ")
    await ana.saved()
    for frame in BAD_FRAMES.values():
        frame = frame.replace(b"\x01\x01\x01", b"\x01" + lib0.uint(ben.client_id) + b"\x01", 1)
        ben.socket.send(frame)
        assert await ben.closed() == 4400, frame[:20]
        await ben.open()
    ben.socket.send(b"text is not what is spoken here", TEXT)
    assert await ben.closed() == 4400
    await ben.open()
    ben.socket.send(b"\x00\x02" + b"\x00" * MAX_FRAME)
    assert await ben.closed() == 4413
    ana.type("after")
    await ana.saved()
    await ben.open()
    assert ben.text == ana.text == "before after"


async def test_a_frame_beyond_all_bounds_is_not_even_read(couple: Served) -> None:
    ana, ben = await couple.both()
    ben.socket.send(b"\x00" * (20 * 2**20))
    assert await ben.closed() in (1006, 1009, 4413)
    ana.type("still here")
    await ana.saved()


async def test_a_page_that_does_not_read_is_dropped(couple: Served) -> None:
    ana, ben = await couple.both()
    ana.type("x" * 350_000)
    await ana.saved()
    await agree(ana, ben)
    ben.socket.transport.pause_reading()
    for _ in range(60):  # the whole letter each time
        ben.socket.send(protocol.sync(protocol.STEP_1, b"\x00"))
    for _ in range(20):
        started = time.perf_counter()
        ana.type("y")
        await ana.saved()
        assert time.perf_counter() - started < 2
    ben.socket.transport.resume_reading()
    assert await ben.closed() in (1013, 1006)  # 1006 where it noticed too late to be told
    await ben.come_back()
    await agree(ana, ben)


async def test_a_page_that_vanishes_in_mid_sentence_is_no_error(couple: Served) -> None:
    for _ in range(10):
        page = await couple.page(couple.ana).open()
        for number in range(40):
            page.type(f"{number} ")
        await asyncio.sleep(0)
        page.socket.abort()
    ben = await couple.page(couple.ben).open()
    ben.type("still here")
    await ben.saved()
    assert "Traceback" not in couple.server.log_tail()


# -- How long one may stay -----------------------------------------------------------------------


async def ends_within(seconds: float, page: Page) -> int:
    started = time.monotonic()
    code = await page.closed()
    assert time.monotonic() - started < seconds
    return code


async def test_signing_out_closes_the_letter_within_two_seconds(couple: Served) -> None:
    ana, ben = await couple.both()
    key = couple.ana.partition("=")[2]
    await asyncio.to_thread(
        couple.server.shell,
        f"from couples.models import Session\nprint(Session.objects.by_key({key!r}).delete())",
    )
    assert await ends_within(2, ana) == 4401
    ben.type("still here")
    await ben.saved()


async def test_leaving_closes_the_joint_letter_within_two_seconds(couple: Served) -> None:
    ana, ben = await couple.both()
    ben.type("last words")
    await ben.saved()
    await asyncio.to_thread(
        couple.server.shell,
        "from couples.models import User\n"
        f"print(User.objects.get(pk={couple.ben_user!r}).partner.leave())",
    )
    assert await ends_within(2, ben) in (4401, 4404)
    # What two people wrote together is not written on by one of them.
    assert await ends_within(2, ana) == 4404
    assert written(couple.server, [couple.joint])[couple.joint].endswith("last words")


# -- Kept, and encrypted -------------------------------------------------------------------------


async def test_nothing_that_is_typed_lies_readable_in_the_database(couple: Served) -> None:
    ana, ben = await couple.both()
    canary = "kanarienvogel-7351"
    ana.type(canary)
    await ana.saved()
    ben.type(canary, at=0)
    await ben.saved()
    dump = couple.server.shell(DUMP)
    assert couple.joint.replace("-", "") in dump.replace("-", "")  # it is the right database
    files = [path for path in couple.server.folder.parent.rglob("*") if path.is_file()]
    assert canary not in dump
    for path in files:
        if "sqlite" in path.name or "postgres" in path.parts:
            assert canary.encode() not in path.read_bytes(), path
    await ana.close()
    await ben.close()
    await asyncio.sleep(0.3)  # a snapshot is taken now
    assert canary not in couple.server.shell(DUMP)
    assert canary in written(couple.server, [couple.joint])[couple.joint]


DUMP = """
from django.apps import apps
from django.db import connections
for model in apps.get_models(include_auto_created=True):
    using = "keys" if model._meta.model_name == "datakey" else "default"
    with connections[using].cursor() as cursor:
        cursor.execute(f'SELECT * FROM "{model._meta.db_table}"')
        for row in cursor.fetchall():
            print([bytes(value) if isinstance(value, (bytes, memoryview)) else str(value)
                   for value in row])
"""


async def test_a_restart_says_so_and_keeps_everything(
    start_server: Callable[..., Server],
) -> None:
    server = await asyncio.to_thread(start_server)
    (couple,) = make_couples(server, 1)
    ana, ben = await couple.both()
    ana.type("x")
    await ana.saved()
    for number in range(100):
        ana.type(f"{number} ")
    await ben.until(lambda: ben.text.endswith("99 "))
    started = time.monotonic()
    stopping = asyncio.create_task(asyncio.to_thread(server.stop))
    assert await ana.closed() == await ben.closed() == 1012
    await stopping
    assert time.monotonic() - started < 6
    assert written(server, [couple.joint])[couple.joint].endswith(ana.text.strip())
    assert "Traceback" not in server.log_tail()
    await asyncio.to_thread(server.start)
    await asyncio.gather(ana.come_back(), ben.come_back())
    ben.type("again")
    await ben.saved()
    await agree(ana, ben)
