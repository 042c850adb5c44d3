"""A sweep over the URLconf: every route, asked by everybody it is not for.

A route that is not in ROUTES fails the sweep. Texts that only some may read carry canaries, and no
answer to anybody else may contain one.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from couples.models import Invitation, User
from letters import document, questions
from letters.models import Letter, Reflection, Share
from principles.models import Agreement, Pledge, Review
from principles.models.review_mark import Said
from tests.letters.writing import write

pytestmark = pytest.mark.django_db

ANAS = "canary of Ana alone"
OURS = "canary of Ana and Ben"


@dataclass
class World:
    """Ana's private things, and what Ana and Ben share."""

    ana: User
    ben: User

    def __post_init__(self) -> None:
        here = self.ana.partner
        Reflection.answer(self.ana, questions.QUESTIONS[0], ANAS, 0)
        Pledge.of(self.ana, "repair").write(ANAS, 0)
        self.personal = Letter.begin_personal(self.ana)
        write(self.personal, self.ana, OURS)
        given = document.digest(document.blocks(document.load(self.personal)))
        self.share = Share.give(self.personal, here, given)
        write(self.personal, self.ana, ANAS)
        self.joint = Letter.begin_joint(here.workspace)
        write(self.joint, self.ana, OURS)
        agreement = Agreement.of(here, "repair")
        self.wording = agreement.propose(here, OURS)
        self.wording.sign(here)
        self.wording.sign(self.ben.partner)
        self.review = Review.begin(here)
        item = self.review.items.get()
        self.review.mark(here, {item.pk: Said("wobbling", ANAS)})
        self.invitation = Invitation.objects.order_by("created_at").last()

    def args(self, name: str) -> tuple[Any, ...]:
        route = ROUTES[name]
        return tuple(getattr(self, part).pk if hasattr(self, part) else part for part in route.args)


@dataclass(frozen=True)
class Route:
    """`reads` says for whom the page is: everybody, whoever is signed in, Ana and Ben, Ana."""

    reads: str
    args: tuple[str, ...] = ()


EVERYBODY, PERSON, BOTH, ANA = "everybody", "a person", "Ana and Ben", "Ana"

ROUTES = {
    "couples:front": Route(EVERYBODY),
    "couples:about": Route(EVERYBODY),
    "couples:privacy": Route(EVERYBODY),
    "couples:safety": Route(EVERYBODY),
    "couples:begin": Route(PERSON),
    "couples:home": Route(PERSON),
    "couples:invite": Route(PERSON),
    "couples:invite_mail": Route(PERSON),
    "couples:invite_revoke": Route(PERSON),
    "couples:us": Route(PERSON),
    "couples:us_name": Route(PERSON),
    "couples:us_presence": Route(PERSON),
    "couples:leave": Route(PERSON),
    # Whoever has the link may open it; a wrong one is not found.
    "couples:invitation": Route(BOTH, ("a guessed token",)),
    "couples:invitation_accept": Route(BOTH, ("a guessed token",)),
    "couples:invitation_decline": Route(BOTH, ("a guessed token",)),
    "principles:kept": Route(PERSON),
    "principles:principles": Route(PERSON),
    "principles:principle": Route(PERSON, ("repair",)),
    "principles:pledge": Route(PERSON, ("repair",)),
    "principles:pledge_swap": Route(PERSON, ("repair",)),
    "principles:pledge_let_go": Route(PERSON, ("repair",)),
    "principles:pledge_share": Route(PERSON, ("repair",)),
    "principles:pledge_take_back": Route(PERSON, ("repair",)),
    "principles:propose": Route(PERSON, ("repair",)),
    "principles:wordings": Route(PERSON, ("repair",)),
    "principles:wording_sign": Route(BOTH, ("repair", "wording")),
    "principles:wording_withdraw": Route(BOTH, ("repair", "wording")),
    "principles:wording_take_back": Route(BOTH, ("repair", "wording")),
    "principles:reviews": Route(PERSON),
    "principles:review_begin": Route(PERSON),
    "principles:review": Route(BOTH, ("review",)),
    "principles:review_mark": Route(BOTH, ("review",)),
    "principles:review_done": Route(BOTH, ("review",)),
    "principles:review_take_back": Route(BOTH, ("review",)),
    "principles:review_stop": Route(BOTH, ("review",)),
    "principles:review_choose": Route(BOTH, ("review",)),
    "principles:review_close": Route(BOTH, ("review",)),
    "principles:review_move": Route(BOTH, ("review",)),
    "letters:letters": Route(PERSON),
    "letters:questions": Route(PERSON),
    "letters:answer": Route(PERSON, ("disagree",)),
    "letters:letter_begin": Route(PERSON),
    "letters:letter_begin_joint": Route(PERSON),
    "letters:letter": Route(BOTH, ("joint",)),
    "letters:letter_read": Route(BOTH, ("joint",)),
    "letters:letter_share": Route(ANA, ("personal",)),
    "letters:share": Route(BOTH, ("share",)),
}

# The same routes, asked for what is Ana's alone.
ALONE = {"letters:letter": ("personal",), "letters:letter_read": ("personal",)}


def names(patterns: list[Any], prefix: str = "") -> Iterator[str]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            inner = f"{prefix}{pattern.namespace}:" if pattern.namespace else prefix
            yield from names(pattern.url_patterns, inner)
        elif isinstance(pattern, URLPattern):
            yield f"{prefix}{pattern.name}"


def test_every_route_is_in_the_sweep():
    # allauth's pages know nothing of homes and letters; tests/couples/test_accounts.py has them.
    ours = {name for name in names(get_resolver().url_patterns) if ":" in name}
    others = {name for name in names(get_resolver().url_patterns) if ":" not in name}
    assert ours == set(ROUTES)
    assert all(name.startswith(("account_", "usersessions_")) for name in others), others


@pytest.fixture
def world(ana: User, ben: User) -> World:
    return World(ana, ben)


@pytest.fixture
def visitors(as_ben: Client, as_cleo: Client, as_eve: Client) -> dict[str, Client]:
    return {"anonymous": Client(), "Ben": as_ben, "Cleo": as_cleo, "Eve": as_eve}


def ask(client: Client, method: str, address: str, htmx: bool) -> Any:
    headers = {"HX-Request": "true"} if htmx else {}
    return getattr(client, method)(address, headers=headers)


MAY_REFUSE = (404, 405, 410)


@pytest.mark.parametrize("name", ROUTES)
def test_nobody_reads_what_is_not_theirs(name: str, world: World, visitors: dict[str, Client]):
    route = ROUTES[name]
    address = reverse(name, args=world.args(name))
    for (who, client), method, htmx in product(visitors.items(), ("get", "post"), (False, True)):
        if who == "Ben" and method == "post":
            continue  # what Ben may do is tested where it is done
        response = ask(client, method, address, htmx)
        said = f"{who} {method} {address}: {response.status_code}"
        body = response.content.decode(errors="replace")
        assert response.status_code < 500, said
        assert ANAS not in body, said
        if who != "Ben":
            assert OURS not in body, said
        login = response.status_code == 302 and response["Location"].startswith(
            reverse("account_login")
        )
        if who == "anonymous" and route.reads != EVERYBODY:
            assert login or response.status_code in MAY_REFUSE, said
        if who in ("Cleo", "Eve") and route.reads in (BOTH, ANA):
            begin = response.status_code == 302 and response["Location"] == reverse("couples:begin")
            assert response.status_code in MAY_REFUSE or begin, said
        if who == "Ben" and route.reads == ANA:
            assert response.status_code == 404, said


@pytest.mark.parametrize("name", ALONE)
def test_the_partner_does_not_find_a_private_letter(
    name: str, world: World, visitors: dict[str, Client]
):
    address = reverse(name, args=[world.personal.pk])
    for who, client in visitors.items():
        response = client.get(address)
        assert response.status_code in (302, 404), who
        assert ANAS not in response.text


def test_what_outsiders_posted_has_changed_nothing(world: World, visitors: dict[str, Client]):
    for name in ROUTES:
        for who in ("anonymous", "Cleo", "Eve"):
            visitors[who].post(reverse(name, args=world.args(name)))
    world.review.refresh_from_db()
    assert world.review.closed_at is None
    assert world.review.revealed_at is None
    assert world.wording.agreement.newest() == world.wording
    assert world.wording.held_since is not None
    assert Reflection.objects.get(person=world.ana).text == ANAS
    assert Pledge.of(world.ana, "repair").text == ANAS


def test_the_world_is_there_for_those_it_is_for(world: World, as_ana: Client, as_ben: Client):
    """Or else the sweep would find nothing because there was nothing."""
    for name in ("letters:letter", "letters:share", "principles:principle"):
        for client in (as_ana, as_ben):
            assert OURS in client.get(reverse(name, args=world.args(name))).text
    for name in ("letters:questions", "principles:principle", "principles:review"):
        assert ANAS in as_ana.get(reverse(name, args=world.args(name))).text
    assert ANAS in as_ana.get(reverse("letters:letter_share", args=[world.personal.pk])).text
