"""Agreements for the tests: words that somebody proposes and signs, and two people at once."""

from typing import Any

from django.test import Client
from django.urls import reverse

from principles.models import Agreement, Pledge, SharedPledge, Wording
from tests.people import Resident

HTMX = {"HX-Request": "true"}
WORDS = "We come back within the hour."


def propose(who: Resident, text: str = WORDS, principle: str = "repair") -> Wording:
    agreement = Agreement.of(who.partner, principle)
    newest = agreement.newest()
    return agreement.propose(who.partner, text, newest.number if newest else 0)


def hold(one: Resident, two: Resident, text: str = WORDS, principle: str = "repair") -> Wording:
    """Words that both signed."""
    wording = propose(one, text, principle)
    wording.sign(one.partner)
    wording.sign(two.partner)
    return wording


def pledge(who: Resident, text: str, principle: str = "repair") -> Pledge:
    mine = Pledge.of(who, principle)
    mine.write(text, mine.revision)
    return mine


def share(who: Resident, principle: str = "repair") -> SharedPledge:
    mine = Pledge.of(who, principle)
    other = who.partner.other()
    assert other
    return mine.share(who.partner, other, mine.revision)


def page(client: Client, principle: str = "repair", **how: Any) -> str:
    return client.get(reverse("principles:principle", args=[principle]), **how).text
