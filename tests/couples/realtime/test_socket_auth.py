"""The watch at the door goes on, whatever happens to it."""

import asyncio
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest

from couples.realtime.socket_auth import SIGNED_OUT, SessionMonitor, SocketUser

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.each_database]


def socket_user(user_id: Any) -> SocketUser:
    """Somebody whose session has ended."""
    return SocketUser(user_id, uuid4(), uuid4(), name="Ana", who="one", session="over")


async def until(what: Callable[[], object]) -> None:
    async with asyncio.timeout(30):
        while not what():  # noqa: ASYNC110 # a log rings no bell
            await asyncio.sleep(0.01)


async def test_nothing_ends_the_watch(
    transactional_db: None, caplog: pytest.LogCaptureFixture
) -> None:
    """What the database cannot even be asked about is no error of the database."""
    watch = SessionMonitor()
    watch.interval = 0.02
    codes: list[int] = []

    async def send(message: dict[str, Any]) -> None:
        codes.append(message["code"])

    nobody: Any = "no id at all"
    async with watch.watching(socket_user(uuid4()), send):
        async with watch.watching(socket_user(nobody), send):
            await until(lambda: "whether they may stay" in caplog.text)
        codes.clear()
        await until(lambda: codes)
    assert set(codes) == {SIGNED_OUT}
