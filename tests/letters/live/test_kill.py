"""Killed in mid-sentence, over and over: what was called saved is there, the rest comes back.

A real server is killed with SIGKILL while two pages on each of several letters type. Each time the
next process is asked by a page that knows nothing, before any other comes back: so
the answer is what the database holds. Then the pages come back, and bring what was not saved yet;
or one of them, and brings what the other had typed as well. Two hundred times with

    pytest tests/letters/live/test_kill.py --hypothesis-profile=nightly
"""

import asyncio
import random
from collections import Counter
from collections.abc import Callable
from functools import partial

import pytest
from hypothesis import settings

from tests.clients.socket import agree
from tests.letters.joint_letters import Served, make_couples, written
from tests.letters.live.forked_server import ForkedServer
from tests.server import Server

# Of how many kills; the nightly profile has more.
ROUNDS, NIGHTLY_ROUNDS = 50, 200
LETTERS = 3


class Typist:
    """Somebody who types words that can be told apart, and notes which were called saved."""

    def __init__(self, name: str, couple: Served, cookie: str) -> None:
        self.name = name
        self.couple = couple
        self.cookie = cookie
        self.count = 0
        self.typed: list[str] = []
        self.saved: set[str] = set()

    async def sit_down(self) -> None:
        """At a new page."""
        self.page = await self.couple.page(self.cookie).open()

    async def type_until_the_end(self) -> None:
        while self.page.connected:
            for _ in range(random.randint(1, 4)):
                word = f"{self.name}{self.count}"
                self.count += 1
                self.typed.append(word)
                self.page.type(f"{word} ", at=0 if random.random() < 0.2 else None)
            barrier, so_far = self.page.barrier(), list(self.typed)
            barrier.add_done_callback(partial(self._note, words=so_far))
            await asyncio.sleep(random.random() * 0.01)

    def _note(self, done: asyncio.Future[None], words: list[str]) -> None:
        if not done.cancelled():
            self.saved.update(words)


async def words_in_the_database(couple: Served) -> set[str]:
    stranger = await couple.page(couple.ana).come_back()
    words = set(stranger.text.split())
    await stranger.close()
    return words


async def look(one: Typist, other: Typist, counted: Counter[str], alone: bool) -> None:
    """Compare what is there with what was said, then let the pages come back; or one of them,
    where the other was lost with the server."""
    kept = await words_in_the_database(one.couple)
    counted["lost"] += len((one.saved | other.saved) - kept)
    if alone:
        # Nobody can bring back what it had not saved, unless the other had seen it.
        other.typed = sorted(other.saved)
        await other.sit_down()
    else:
        await other.page.come_back()
    await one.page.come_back()
    await asyncio.gather(one.page.saved(), other.page.saved())
    await agree(one.page, other.page)
    typed = {*one.typed, *other.typed}
    there = set(one.page.text.split())
    counted["came back"] += len((typed - kept) & there)
    counted["never came back"] += len(typed - there)
    for typist in (one, other):
        typist.saved.update(typist.typed)


def rounds() -> int:
    nightly = settings.get_current_profile_name() == "nightly"
    return NIGHTLY_ROUNDS if nightly else ROUNDS


async def kill_and_look(server_process: ForkedServer, couples: list[Served]) -> Counter[str]:
    pairs = [
        (Typist("a", couple, couple.ana), Typist("b", couple, couple.ben)) for couple in couples
    ]
    everybody = [typist for pair in pairs for typist in pair]
    counted: Counter[str] = Counter()
    await asyncio.to_thread(server_process.start)
    for one, other in pairs:
        await one.sit_down()
        one.page.type(". ")
        await other.sit_down()
        await agree(one.page, other.page)
    for number in range(rounds()):
        typing = [asyncio.create_task(typist.type_until_the_end()) for typist in everybody]
        await asyncio.sleep(random.uniform(0.03, 0.25))
        server_process.kill()
        await asyncio.gather(*typing)
        await asyncio.to_thread(server_process.start)
        alone = number % 5 == 4
        await asyncio.gather(*(look(*pair, counted, alone) for pair in pairs))
    counted["saved"] = sum(len(typist.saved) for typist in everybody)
    return counted


@pytest.mark.slow
async def test_nothing_that_was_called_saved_is_lost(start_server: Callable[..., Server]) -> None:
    server = await asyncio.to_thread(start_server)
    couples = await asyncio.to_thread(make_couples, server, LETTERS)
    server_process = await asyncio.to_thread(ForkedServer, server)
    try:
        counted = await kill_and_look(server_process, couples)
    finally:
        await asyncio.to_thread(server_process.close)
    assert counted["lost"] == 0, counted
    assert counted["never came back"] == 0, counted
    assert counted["saved"] > 0, counted
    assert counted["came back"] > 0, counted  # or the kills came when nothing was on its way
    texts = await asyncio.to_thread(written, server, [couple.joint for couple in couples])
    assert all(len(text.split()) > rounds() for text in texts.values())
