"""Every page is byte for byte what it would be if Django built and compiled each of its queries."""

import re
from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.crypto import get_random_string

from couples.models import User
from couples.prepared import plainly
from tests.people import make_household
from tests.test_routes import ROUTES, World

pytestmark = [pytest.mark.django_db, pytest.mark.each_database]

# What is another one in each answer: the mask of a form's token, a token of `{% once %}`, which
# page of a browser it is, and the id of a note before there is one.
TOKENS = re.compile(rb'name="(?:id|once|[\w-]*tab_id)" value="[^"]+"|[0-9A-Za-z]{64}')
MADE_ANEW = ("letter_begin", "words_export", "_keep", "_pdf", "calendar_feed")


@pytest.fixture(scope="module")
def everything(make_once: Callable[..., Any]) -> World:
    def make() -> World:
        household = make_household()
        return World(household.ana, household.ben)

    made: World = make_once(make)
    return made


@pytest.fixture
def world(db: None, everything: World) -> World:
    return deepcopy(everything)


def shown(client: Client, address: str, headers: dict[str, str]) -> tuple[int, bytes]:
    answer = client.get(address, headers=headers)
    return answer.status_code, TOKENS.sub(b"token", answer.content)


def pages(world: World) -> list[str]:
    names = [name for name in ROUTES if not any(part in name for part in MADE_ANEW)]
    return [reverse(name, args=world.args(name)) for name in names]


def differing(user: User, addresses: list[str]) -> set[str]:
    client = Client()
    client.force_login(user)
    found = set()
    for address in addresses:
        for headers in ({}, {"HX-Request": "true"}):
            ours = [shown(client, address, headers)]
            if ours[0][0] == 405:
                break
            ours.append(shown(client, address, headers))
            with plainly():
                djangos = shown(client, address, headers)
            if ours != [djangos, djangos]:
                found.add(address)
    return found


def test_pages_of_two_are_the_same_either_way(world: World) -> None:
    for user in (world.ana, world.ben):
        assert differing(user, pages(world)) == set()


def test_pages_of_somebody_who_was_left_are_the_same_either_way(world: World) -> None:
    addresses = pages(world)
    world.ben.partner.leave()
    for user in (world.ana, world.ben):
        assert differing(User.objects.get(pk=user.pk), addresses) == set()


def test_pages_of_somebody_new_are_the_same_either_way(world: World) -> None:
    user = User.objects.create_user("new@home.example", "New", get_random_string(12))
    assert differing(user, pages(world)) == set()
