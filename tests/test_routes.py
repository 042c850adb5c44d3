"""A sweep over the URLconf: every route, asked by everybody it is not for.

A route that is not in ROUTES fails the sweep. Texts that only some may read carry canaries, and no
answer to anybody else may contain one.
"""

from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass
from datetime import date
from itertools import product
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone

from couples.models import Invitation
from letters.models import (
    Letter,
    Note,
    Opening,
    Passage,
    Reflection,
    Remark,
    Reveal,
    Seal,
    Share,
    Value,
    Version,
)
from letters.reflection import blueprint, questions
from letters.text import document
from principles.models import Agreement, Day, Draft, OwnPrinciple, Pledge, Review, Way
from principles.practices import packed
from principles.practices.models.area import Shares
from principles.reviews.models.mark import Said
from tests.letters.writing import write
from tests.people import Household, Resident, make_household
from tests.principles.practices.steps import again, answer, call_out, give, ready

pytestmark = pytest.mark.django_db

ANAS = "canary of Ana alone"
OURS = "canary of Ana and Ben"


@dataclass
class World:
    """Ana's private things, and what Ana and Ben share."""

    ana: Resident
    ben: Resident

    def __post_init__(self) -> None:
        here = self.ana.partner
        self.couple = here.couple
        Reflection.answer(self.ana, questions.QUESTIONS[0], ANAS, 0)
        Reflection.answer(self.ana, blueprint.PAGES[0].prompts[0], ANAS, 0)
        self.value, _new = Value.name(self.ana, ANAS)
        self.value.keep(ANAS, ANAS, ["repair"], 0)
        Pledge.of(self.ana, "repair").write(ANAS, 0)
        self.personal = Letter.begin_personal(self.ana)
        write(self.personal, self.ana, OURS)
        given = document.digest(document.blocks(self.personal.load()))
        self.share = Share.give(self.personal, here, given)
        write(self.personal, self.ana, ANAS)
        private = document.digest(document.blocks(self.personal.load()))
        day = date(2050, 5, 3)
        audience = Opening.Audience.OTHER
        self.opening = Opening.put_away(self.personal, here, private, audience, day)
        self.reveal = Reveal.propose(here)
        self.reveal.ready(here, self.personal, private)
        regretted = Letter.begin_personal(self.ana)
        write(regretted, self.ana, ANAS)
        private = document.digest(document.blocks(regretted.load()))
        self.taken_back = Share.give(regretted, here, private)
        self.taken_back.take_back()
        self.sealed = sealed = Letter.begin_joint(here)
        write(sealed, self.ana, OURS)
        ours = document.digest(document.blocks(sealed.load()))
        for seat in (here, self.ben.partner):
            self.seal = Seal.sign(sealed, seat, ours)
        self.joint = Letter.begin_joint(here)
        write(self.joint, self.ana, OURS)
        Version.take(self.joint, Version.Kind.NAMED, by=self.ana, name=OURS)
        Version.take(self.personal, Version.Kind.NAMED, by=self.ana, name=ANAS)
        self.note = Note.leave(self.joint, here, uuid4(), "comment", OURS, OURS)
        self.remark = Remark.objects.get(note=self.note)
        Passage.keep(self.joint, self.ana, ANAS, 0, "")
        agreement = Agreement.of(here, "repair")
        self.wording = agreement.propose(here, OURS)
        self.wording.sign(here)
        self.wording.sign(self.ben.partner)
        Agreement.of(here, "kindness").propose(here, OURS)
        self.day = Day.of(self.ana, timezone.localdate(), "repair", "a small way")
        self.day.keep(OURS, 0, "")
        self.day.share(here, self.ben.partner, 1)
        self.day.keep(ANAS, 1, "")
        self.way = Way.add(here, "repair", OURS)
        self.own = OwnPrinciple.propose(here, OURS, OURS)
        self.review = Review.begin(here)
        self.item = self.review.items.get()
        self.review.mark(here, {self.item.pk: Said("wobbling", ANAS)}, thanks=ANAS)
        self._practise()
        self.invitation = Invitation.objects.order_by("created_at").last()

    def _practise(self) -> None:
        Draft.write(self.ana, "transparent", packed.pack({"text": ANAS}), 0)
        self.kept = Draft.keep(self.ana, "backs", packed.pack({"text": ANAS}), 0)
        self.offer = give(self.ana, "tell-first", OURS)
        self.call = call_out(self.ana)
        self.call.say(self.ana.partner, OURS)
        self.decision = give(self.ana, "joint-decisions", OURS)
        self.decision.write(self.ana.partner, answer("yes", ANAS), 0)
        self.needs = give(self.ben, "ws", OURS)
        for person in (self.ana, self.ben):
            ready(self.needs, person, "", OURS)
        self.idea = again(self.needs).add_idea(self.ana.partner, OURS)
        self.mending = give(self.ana, "repair", OURS)
        self.mending.write(self.ana.partner, packed.pack({"story": ANAS}), 0)
        self.area = give(self.ben, "share-power", OURS)
        self.area.propose(self.ana.partner, Shares("one", "both"), OURS)

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
    "couples:invite_confirm": Route(PERSON, (str(uuid4()),)),
    "couples:invite_refuse": Route(PERSON, (str(uuid4()),)),
    "couples:us": Route(PERSON),
    "couples:us_name": Route(PERSON),
    "couples:us_zone": Route(PERSON),
    "couples:us_presence": Route(PERSON),
    "couples:delete": Route(PERSON),
    "couples:delete_keep": Route(PERSON),
    "couples:leave": Route(PERSON),
    # Whoever has the link may open it; a wrong one is not found.
    "couples:invitation": Route(BOTH, ("a guessed token",)),
    "couples:invitation_accept": Route(BOTH, ("a guessed token",)),
    "couples:invitation_decline": Route(BOTH, ("a guessed token",)),
    "couples:kept": Route(PERSON),
    # Nothing is kept of those who live together.
    "couples:kept_book": Route(BOTH, ("couple",)),
    "couples:kept_chapter": Route(BOTH, ("couple", "our-letter")),
    "couples:kept_file": Route(PERSON, ("couple", "txt")),
    "principles:principles": Route(PERSON),
    "principles:principle": Route(PERSON, ("repair",)),
    "principles:pledge": Route(PERSON, ("repair",)),
    "principles:pledge_share": Route(PERSON, ("repair",)),
    "principles:pledge_take_back": Route(PERSON, ("repair",)),
    "principles:today": Route(PERSON),
    "principles:today_say": Route(PERSON),
    "principles:today_choose": Route(PERSON),
    "principles:today_line": Route(PERSON),
    "principles:days": Route(PERSON),
    "principles:day_share": Route(ANA, ("day",)),
    "principles:day_take_back": Route(BOTH, ("day",)),
    "principles:ways": Route(PERSON, ("repair",)),
    "principles:way_remove": Route(BOTH, ("repair", "way")),
    "principles:reminder": Route(PERSON),
    "principles:reminder_off": Route(EVERYBODY, ("a-guessed-token",)),
    "principles:ours": Route(PERSON),
    "principles:ours_text": Route(PERSON),
    "principles:ours_pdf": Route(PERSON),
    "principles:own": Route(PERSON),
    "principles:own_agree": Route(BOTH, ("own",)),
    "principles:own_decline": Route(BOTH, ("own",)),
    "principles:own_retire": Route(BOTH, ("own",)),
    "principles:own_again": Route(BOTH, ("own",)),
    "principles:own_move": Route(BOTH, ("own",)),
    "principles:agreement_pause": Route(BOTH, ("kindness",)),
    "principles:agreement_retire": Route(BOTH, ("kindness",)),
    "principles:agreement_take_up": Route(BOTH, ("kindness",)),
    "principles:agreement_missed": Route(BOTH, ("kindness",)),
    "principles:agreement_put_right": Route(BOTH, ("kindness",)),
    "principles:propose": Route(PERSON, ("repair",)),
    "principles:wordings": Route(PERSON, ("repair",)),
    "principles:wording_sign": Route(BOTH, ("repair", "wording")),
    "principles:wording_withdraw": Route(BOTH, ("repair", "wording")),
    "principles:wording_take_back": Route(BOTH, ("repair", "wording")),
    "principles:reviews": Route(PERSON),
    "principles:picture": Route(PERSON),
    "principles:review_begin": Route(PERSON),
    "principles:calendar": Route(PERSON),
    "principles:calendar_make": Route(PERSON),
    "principles:calendar_turn_off": Route(PERSON),
    # Whoever has the address may read it; a wrong one is not found.
    "principles:calendar_feed": Route(BOTH, ("a guessed token",)),
    "principles:review": Route(BOTH, ("review",)),
    "principles:review_mark": Route(BOTH, ("review",)),
    "principles:review_done": Route(BOTH, ("review",)),
    "principles:review_take_back": Route(BOTH, ("review",)),
    "principles:review_stop": Route(BOTH, ("review",)),
    "principles:review_go": Route(BOTH, ("review",)),
    "principles:review_choose": Route(BOTH, ("review",)),
    "principles:review_part_draft": Route(BOTH, ("review", "item")),
    "principles:review_part": Route(BOTH, ("review", "item")),
    "principles:review_wish": Route(BOTH, ("review", "item")),
    "principles:review_sign": Route(BOTH, ("review", "wording")),
    "principles:review_close": Route(BOTH, ("review",)),
    "principles:review_move": Route(BOTH, ("review",)),
    "principles:practices": Route(PERSON),
    "principles:decisions": Route(PERSON),
    "principles:jar_draw": Route(PERSON),
    "principles:call": Route(PERSON),
    "principles:call_layer": Route(PERSON),
    "principles:call_switch": Route(PERSON),
    "principles:kept_take_up": Route(PERSON, ("kept",)),
    "principles:kept_discard": Route(PERSON, ("kept",)),
    "principles:practice": Route(PERSON, ("transparent",)),
    "principles:draft_write": Route(PERSON, ("transparent",)),
    "principles:draft_keep": Route(PERSON, ("transparent",)),
    "principles:draft_give": Route(PERSON, ("transparent",)),
    "principles:kept_words": Route(PERSON, ("transparent",)),
    "principles:history": Route(PERSON, ("transparent",)),
    "principles:moment": Route(BOTH, ("offer",)),
    "principles:moment_suspend": Route(BOTH, ("offer",)),
    "principles:moment_resume": Route(BOTH, ("offer",)),
    "principles:moment_withdraw": Route(BOTH, ("offer",)),
    "principles:moment_respond": Route(BOTH, ("offer",)),
    "principles:moment_follow": Route(BOTH, ("offer",)),
    "principles:call_undo": Route(BOTH, ("call",)),
    "principles:call_again": Route(BOTH, ("call",)),
    "principles:call_say": Route(BOTH, ("call",)),
    "principles:call_answer": Route(BOTH, ("call",)),
    "principles:call_hush": Route(BOTH, ("call",)),
    "principles:call_end": Route(BOTH, ("call",)),
    "principles:decision_write": Route(BOTH, ("decision",)),
    "principles:decision_ready": Route(BOTH, ("decision",)),
    "principles:decision_unready": Route(BOTH, ("decision",)),
    "principles:decision_stop": Route(BOTH, ("decision",)),
    "principles:decision_again": Route(BOTH, ("decision",)),
    "principles:idea_add": Route(BOTH, ("decision",)),
    "principles:idea_mark": Route(BOTH, ("needs", "idea")),
    "principles:idea_take_back": Route(BOTH, ("needs", "idea")),
    "principles:idea_choose": Route(BOTH, ("needs", "idea")),
    "principles:side_write": Route(BOTH, ("mending",)),
    "principles:side_tell": Route(BOTH, ("mending",)),
    "principles:repair_mark": Route(BOTH, ("mending",)),
    "principles:repair_reopen": Route(BOTH, ("mending",)),
    "principles:area_propose": Route(BOTH, ("area",)),
    "principles:area_agree": Route(BOTH, ("area",)),
    "principles:area_take_back": Route(BOTH, ("area",)),
    "principles:wording_again": Route(BOTH, ("wording",)),
    "letters:letters": Route(PERSON),
    "letters:questions": Route(PERSON),
    "letters:answer": Route(PERSON, ("disagree",)),
    "letters:pause": Route(PERSON),
    "letters:values": Route(PERSON),
    "letters:our_values": Route(PERSON),
    "letters:values_share": Route(PERSON),
    "letters:values_take_back": Route(PERSON),
    "letters:value": Route(ANA, ("value",)),
    "letters:value_move": Route(BOTH, ("value",)),
    "letters:value_remove": Route(BOTH, ("value",)),
    "letters:blueprint": Route(PERSON),
    "letters:blueprint_way_in": Route(PERSON),
    "letters:blueprint_paper": Route(PERSON),
    "letters:blueprint_page": Route(PERSON, ("closeness",)),
    "letters:words_export": Route(PERSON),
    "letters:letter_begin": Route(PERSON),
    "letters:letter_begin_joint": Route(PERSON),
    "letters:letter": Route(BOTH, ("joint",)),
    "letters:letter_read": Route(BOTH, ("joint",)),
    "letters:letter_again": Route(BOTH, ("joint",)),
    "letters:letter_delete": Route(ANA, ("personal",)),
    "letters:version_delete": Route(ANA, ("personal", "1")),
    "letters:letter_authors": Route(BOTH, ("joint",)),
    "letters:grow": Route(PERSON),
    "letters:grow_take": Route(BOTH, ("share", "1")),
    "letters:letter_keep": Route(BOTH, ("joint", "txt")),
    "letters:share_keep": Route(BOTH, ("share", "txt")),
    "letters:opening_keep": Route(BOTH, ("opening", "txt")),
    "letters:seal_keep": Route(BOTH, ("seal", "txt")),
    "letters:notes": Route(BOTH, ("joint",)),
    "letters:note_leave": Route(BOTH, ("joint",)),
    "letters:note_reply": Route(BOTH, ("note",)),
    "letters:note_resolve": Route(BOTH, ("note",)),
    "letters:note_reopen": Route(BOTH, ("note",)),
    "letters:note_take_back": Route(BOTH, ("note",)),
    "letters:remark_change": Route(BOTH, ("remark",)),
    "letters:remark_take_back": Route(BOTH, ("remark",)),
    # Each of the two finds their own there.
    "letters:passage": Route(BOTH, ("joint",)),
    "letters:passage_take": Route(BOTH, ("joint",)),
    "letters:passage_placed": Route(BOTH, ("joint",)),
    "letters:passage_discard": Route(BOTH, ("joint",)),
    "letters:letter_share": Route(ANA, ("personal",)),
    "letters:share": Route(BOTH, ("share",)),
    "letters:share_take_back": Route(BOTH, ("share",)),
    "letters:letter_put_away": Route(ANA, ("personal",)),
    "letters:opening": Route(BOTH, ("opening",)),
    "letters:opening_open": Route(BOTH, ("opening",)),
    "letters:opening_take_back": Route(BOTH, ("opening",)),
    "letters:reveal_propose": Route(PERSON),
    "letters:reveal": Route(BOTH, ("reveal",)),
    "letters:reveal_ready": Route(ANA, ("reveal", "personal")),
    "letters:reveal_unready": Route(BOTH, ("reveal",)),
    "letters:reveal_withdraw": Route(BOTH, ("reveal",)),
    "letters:versions": Route(BOTH, ("joint",)),
    "letters:version": Route(BOTH, ("joint", "1")),
    "letters:version_restore": Route(BOTH, ("joint", "1")),
    "letters:seal": Route(BOTH, ("joint",)),
    "letters:seal_withdraw": Route(BOTH, ("joint",)),
    "letters:sealed": Route(BOTH, ("sealed",)),
    "letters:seal_grow": Route(BOTH, ("sealed",)),
}

# The same routes, asked for what is Ana's alone.
ALONE = {
    "letters:letter": ("personal",),
    "letters:letter_read": ("personal",),
    "letters:letter_keep": ("personal", "txt"),
    "letters:versions": ("personal",),
    "letters:version": ("personal", "1"),
}


def names(patterns: list[Any], prefix: str = "") -> Iterator[str]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            inner = f"{prefix}{pattern.namespace}:" if pattern.namespace else prefix
            yield from names(pattern.url_patterns, inner)
        elif isinstance(pattern, URLPattern):
            yield f"{prefix}{pattern.name}"


def test_every_route_is_in_the_sweep() -> None:
    # allauth's pages know nothing of homes and letters; account/test_accounts.py has them.
    ours = {name for name in names(get_resolver().url_patterns) if ":" in name}
    others = {name for name in names(get_resolver().url_patterns) if ":" not in name}
    assert ours == set(ROUTES)
    assert all(name.startswith(("account_", "usersessions_")) for name in others), others


@pytest.fixture(scope="module")
def everything(make_once: Callable[..., Any]) -> tuple[Household, World]:
    def make() -> tuple[Household, World]:
        household = make_household()
        return household, World(household.ana, household.ben)

    made: tuple[Household, World] = make_once(make)
    return made


@pytest.fixture
def lived_in(db: None, everything: tuple[Household, World]) -> tuple[Household, World]:
    return deepcopy(everything)


@pytest.fixture
def household(lived_in: tuple[Household, World]) -> Household:
    return lived_in[0]


@pytest.fixture
def world(lived_in: tuple[Household, World]) -> World:
    return lived_in[1]


@pytest.fixture
def visitors(as_ben: Client, as_cleo: Client, as_eve: Client) -> dict[str, Client]:
    return {"anonymous": Client(), "Ben": as_ben, "Cleo": as_cleo, "Eve": as_eve}


def ask(client: Client, method: str, address: str, htmx: bool) -> Any:
    headers = {"HX-Request": "true"} if htmx else {}
    return getattr(client, method)(address, headers=headers)


MAY_REFUSE = (404, 405, 410)


@pytest.mark.parametrize("name", ROUTES)
def test_nobody_reads_what_is_not_theirs(
    name: str, world: World, visitors: dict[str, Client]
) -> None:
    route = ROUTES[name]
    address = reverse(name, args=world.args(name))
    for (who, client), method, htmx in product(visitors.items(), ("get", "post"), (False, True)):
        if who == "Ben" and method == "post" and route.reads != ANA:
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
            assert response.status_code in (404, 405), said
            assert response.status_code == 404 or method == "get", said


@pytest.mark.parametrize("name", ALONE)
def test_the_partner_does_not_find_a_private_letter(
    name: str, world: World, visitors: dict[str, Client]
) -> None:
    address = reverse(name, args=[world.personal.pk, *ALONE[name][1:]])
    for who, client in visitors.items():
        response = client.get(address)
        assert response.status_code in (302, 404), who
        assert ANAS not in response.text


def test_what_outsiders_posted_has_changed_nothing(
    world: World, visitors: dict[str, Client]
) -> None:
    for name in ROUTES:
        for who in ("anonymous", "Cleo", "Eve"):
            visitors[who].post(reverse(name, args=world.args(name)))
    world.review.refresh_from_db()
    assert world.review.closed_at is None
    assert world.review.revealed_at is None
    assert world.wording.agreement.newest() == world.wording
    assert world.wording.held_since is not None
    assert {each.text for each in Reflection.objects.filter(person=world.ana)} == {ANAS}
    assert Value.objects.get(person=world.ana).text == ANAS
    assert Pledge.of(world.ana, "repair").text == ANAS
    for given in (world.share, world.opening, world.reveal):
        given.refresh_from_db()
    assert world.share.taken_back_at is world.opening.taken_back_at is None
    assert world.reveal.withdrawn_at is None
    assert world.reveal.ready_ids() == {world.ana.partner.pk}


def test_the_world_is_there_for_those_it_is_for(
    world: World, as_ana: Client, as_ben: Client
) -> None:
    """Or else the sweep would find nothing because there was nothing."""
    for name in ("letters:letter", "letters:share", "principles:principle"):
        for client in (as_ana, as_ben):
            assert OURS in client.get(reverse(name, args=world.args(name))).text
    for name in ("letters:questions", "principles:principle", "principles:review"):
        assert ANAS in as_ana.get(reverse(name, args=world.args(name))).text
    assert ANAS in as_ana.get(reverse("letters:letter_share", args=[world.personal.pk])).text
    assert ANAS in as_ana.get(reverse("letters:opening", args=[world.opening.pk])).text
    assert ANAS in as_ana.get(reverse("letters:reveal", args=[world.reveal.pk])).text


def test_what_was_taken_back_is_found_by_nobody(
    world: World, as_ana: Client, as_ben: Client
) -> None:
    for client in (as_ana, as_ben):
        response = client.get(reverse("letters:share", args=[world.taken_back.pk]))
        assert response.status_code == 200
        assert ANAS not in response.text
