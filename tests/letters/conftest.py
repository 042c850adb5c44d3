"""A joint letter, and what one server process keeps of letters."""

from collections.abc import AsyncIterator

import pytest

from couples.models import User
from letters.models import Letter
from letters.room import Rooms
from tests.letters.inprocess import process


@pytest.fixture
def letter(ana: User) -> Letter:
    """Of Ana and Ben, just begun."""
    return Letter.begin_joint(ana.partner.workspace)


@pytest.fixture
async def rooms() -> AsyncIterator[Rooms]:
    async with process() as rooms:
        yield rooms
