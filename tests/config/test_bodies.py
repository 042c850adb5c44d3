"""How much may lie in memory, and how many may wait."""

import asyncio
from typing import Any

import pytest

from config import bodies
from config.bodies import Bodies, Gone
from config.lanes import Lane
from config.refusals import NotTaken, made


def sending(*pieces: bytes) -> Any:
    """What a server hands over of a body that comes in these pieces."""
    left = [
        {"type": "http.request", "body": piece, "more_body": number < len(pieces)}
        for number, piece in enumerate(pieces, 1)
    ]

    async def receive() -> dict[str, Any]:
        return left.pop(0) if left else {"type": "http.disconnect"}

    return receive


async def test_large_bodies_share_one_memory_and_small_ones_need_none() -> None:
    all_bodies = Bodies()
    all_bodies.left = 3 * bodies.SMALL
    large = b"x" * (2 * bodies.SMALL)
    async with all_bodies.read(sending(b"", large)) as body:
        assert body == large
        with pytest.raises(NotTaken) as refused:
            async with all_bodies.read(sending(large)):
                pass
        assert refused.value.status == 503
        async with all_bodies.read(sending(b"a", b"form")) as small:
            assert small == b"aform"
    assert all_bodies.left == 3 * bodies.SMALL


async def test_a_body_that_is_too_large_takes_no_memory() -> None:
    all_bodies = Bodies()
    with pytest.raises(NotTaken) as refused:
        async with all_bodies.read(sending(*[b"x" * bodies.LARGEST] * 2)):
            pass
    assert refused.value.status == 413
    assert all_bodies.left == bodies.TOGETHER


async def test_nobody_is_waited_for_who_has_gone() -> None:
    receive = sending(b"half of")
    await receive()
    with pytest.raises(Gone):
        async with Bodies().read(receive):
            pass


async def test_only_so_many_wait_for_a_thread() -> None:
    lane = Lane("test", threads=1, waiting=1)
    held, release = asyncio.Event(), asyncio.Event()
    loop = asyncio.get_running_loop()

    def work() -> str:
        loop.call_soon_threadsafe(held.set)
        asyncio.run_coroutine_threadsafe(release.wait(), loop).result()
        return "done"

    both = [asyncio.create_task(lane.run(work)) for _ in range(2)]
    await held.wait()
    with pytest.raises(NotTaken) as refused:
        await lane.run(work)
    assert refused.value.status == 503
    release.set()
    assert await asyncio.gather(*both) == ["done", "done"]
    assert await lane.run(lambda: "next") == "next"


@pytest.mark.django_db
@pytest.mark.parametrize("status", [408, 413, 503])
def test_what_is_refused_is_a_page_of_ours_for_everybody(status: int) -> None:
    headers, page = made(status)
    assert b"To the front door" in page
    assert b"csrf" not in dict(headers).get(b"set-cookie", b"")
    assert dict(headers)[b"connection"] == b"close"
    assert dict(headers)[b"content-security-policy"].startswith(b"default-src 'none'")
    assert (b"retry-after" in dict(headers)) == (status == 503)
