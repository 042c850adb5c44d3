"""A joint letter, and what one server process keeps of letters."""

from collections.abc import AsyncIterator

import pytest

from couples.nudges import hub
from letters.live.registry import Rooms
from letters.models import Letter
from tests.letters.live.inprocess import process
from tests.people import Resident


@pytest.fixture
def letter(ana: Resident) -> Letter:
    """Of Ana and Ben, just begun."""
    return Letter.begin_joint(ana.partner)


@pytest.fixture
async def rooms() -> AsyncIterator[Rooms]:
    async with process() as rooms:
        yield rooms


@pytest.fixture
def nudges(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every word that went to the open pages of a home."""
    heard: list[str] = []
    monkeypatch.setattr(hub, "send", lambda home, topic: heard.append(topic))
    return heard
