"""Whoever acts at the very moment at which the other leaves gets an answer, whatever they do.

Each action is raced: the other leaves in a transaction that is not over yet, so that everything
the view reads still has them; what it then does comes after they have gone.
"""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from couples.models import Couple, Partner
from letters.models import Document
from letters.text import document
from principles.models import Agreement, Call, Missed, Suspension
from tests.answers import Answer
from tests.people import make_household
from tests.races import while_another
from tests.test_routes import OURS, ROUTES, World

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.each_database, pytest.mark.slow]

# Those that only Ben does in that world, because what they answer is from Ana.
BY_BEN = {
    *("own_agree", "moment_respond", "call_answer", "call_hush", "area_agree", "draft_give"),
    *("grow_take", "opening_open"),
}


def sent(world: World) -> dict[str, dict[str, Any]]:
    """What the form of each action sends; those that are missing send nothing."""
    other = {"reader": world.ben.partner.pk}
    mine = document.digest(document.blocks(world.personal.load()))
    ours = document.digest(document.blocks(world.joint.load()))
    line = {"text": OURS, "revision": 0}
    return {
        "couples:invite_mail": {"email": "eve@home.example"},
        "couples:us_name": {"name": "Ana"},
        "couples:us_zone": {"zone": "Europe/Lisbon"},
        "principles:pledge": line | {"revision": 1},
        "principles:pledge_share": other | {"revision": 1},
        "principles:today_say": {"outcome": "done"},
        "principles:today_choose": {"principle": "ws"},
        "principles:today_line": line | {"revision": 2},
        "principles:day_share": other | {"revision": 2},
        "principles:ways": {"text": OURS},
        "principles:reminder": {"at": "08:00", "days": ["0"]},
        "principles:own": {"name": OURS},
        "principles:propose": other | {"text": f"We {OURS}.", "base": 1},
        "principles:review_mark": {f"{world.item.pk}-answer": "holding", "tab_id": "a"},
        "principles:review_done": {f"{world.item.pk}-answer": "wobbling", "tab_id": "a"},
        "principles:review_go": {"step": "talk"},
        "principles:review_choose": {"item": world.item.pk},
        "principles:review_part_draft": {"part-text": OURS, "revision": 0},
        "principles:review_part": {"part-text": OURS, "revision": 0},
        "principles:review_wish": {"wish": "keep"},
        "principles:review_close": {"when": "open"},
        "principles:review_move": {"when": "open"},
        "principles:draft_write": line | {"revision": 1},
        "principles:draft_keep": line | {"revision": 1},
        "principles:draft_give": line,
        "principles:moment_respond": {"choice": "glad"},
        "principles:moment_follow": {"text": OURS},
        "principles:call_switch": {"on": "off"},
        "principles:call_say": {"text": OURS},
        "principles:call_answer": {"choice": "here"},
        "principles:decision_write": {"choice": "yes", "text": OURS, "revision": 1},
        "principles:decision_ready": {"choice": "yes", "text": OURS, "revision": 1},
        "principles:decision_again": {"text": OURS},
        "principles:idea_mark": {"works": "yes"},
        "principles:idea_choose": {"principle": "ws"},
        "principles:side_write": {"story": OURS, "revision": 1},
        "principles:side_tell": {"story": OURS, "revision": 1},
        "principles:repair_mark": {"what": "heard", "is_so": "yes"},
        "principles:area_propose": {"leads": "two", "decides": "both"},
        "principles:area_agree": {"seen": world.area.proposals.get().pk},
        "letters:answer": line | {"revision": 1},
        "letters:values": {"text": OURS},
        "letters:value": line | {"revision": 1},
        "letters:values_share": other | {"seen": "", "value": [world.value.pk]},
        "letters:note_leave": {"id": uuid4(), "kind": "comment", "quote": OURS, "text": OURS},
        "letters:note_reply": {"id": uuid4(), "text": OURS},
        "letters:remark_change": {"text": OURS},
        "letters:passage": line | {"revision": 1},
        "letters:passage_take": {"revision": 1},
        "letters:letter_share": other | {"digest": mine},
        "letters:letter_put_away": other | {"digest": mine, "audience": "other", "when": "hard"},
        "letters:reveal_ready": {"digest": mine},
        "letters:versions": {"name": OURS},
        "letters:seal": {"digest": ours},
    }


@pytest.fixture
def world(taken_apart: None) -> World:
    household = make_household()
    world = World(household.ana, household.ben)
    kindness = Agreement.of(world.ana.partner, "kindness")
    Missed.note(kindness, world.ana.partner)
    Suspension.begin(kindness, world.ana.partner, Suspension.Kind.PAUSED)
    return world


def asked(
    world: World, name: str, data: dict[str, Any], client: Client, htmx: bool
) -> Callable[[], Answer]:
    """The request, ready to be sent: whoever signs in or previews has done it before."""
    address = reverse(name, args=world.args(name))
    headers = {"HX-Request": "true"} if htmx else {}
    return lambda: client.post(address, data, headers=headers)


def is_action(world: World, name: str) -> bool:
    refused = Client().put(reverse(name, args=world.args(name)))
    return "POST" in refused.headers.get("Allow", "")


@pytest.mark.parametrize("htmx", [False, True])
def test_whoever_acts_while_the_other_leaves_gets_an_answer(world: World, htmx: bool) -> None:
    both = {world.ana: world.ben, world.ben: world.ana}
    clients = {person: Client() for person in both}
    for person, client in clients.items():
        client.force_login(person)
    seats = [person.partner.pk for person in both]
    said: dict[str, Any] = {}
    forms = sent(world)  # before anything in it is deleted
    for name in ROUTES:
        if not is_action(world, name):
            continue
        person = world.ben if name.rpartition(":")[2] in BY_BEN else world.ana
        leaver = Partner.objects.active().get(user=both[person])
        before = Call.objects.values("closed_at", "sent_at").get(pk=world.call.pk)
        asks = asked(world, name, forms.get(name, {}), clients[person], htmx)
        _none, answer = while_another(leaver.leave, asks)
        said[name] = answer.status_code if isinstance(answer, HttpResponse) else repr(answer)
        Partner.objects.filter(pk__in=seats).update(left_at=None)
        Couple.objects.filter(one__in=seats, two__in=seats).update(ended_at=None)
        Document.objects.filter(letter__closed_at=None).update(closed_at=None)
        Call.objects.filter(pk=world.call.pk).update(**before)
    assert said
    assert {each: code for each, code in said.items() if not isinstance(code, int)} == {}
    assert {each: code for each, code in said.items() if code >= 500} == {}
