"""Agreements for the tests: words that somebody proposes and signs, and two people at once."""

from django.test import Client
from django.urls import reverse

from couples.models import User
from principles.models import Agreement, Pledge, SharedPledge, Wording

HTMX = {"HX-Request": "true"}
WORDS = "We come back within the hour."


def propose(who: User, text: str = WORDS, principle: str = "repair") -> Wording:
    agreement = Agreement.of(who.partner, principle)
    newest = agreement.newest()
    return agreement.propose(who.partner, text, newest.number if newest else 0)


def hold(one: User, two: User, text: str = WORDS, principle: str = "repair") -> Wording:
    """Words that both signed."""
    wording = propose(one, text, principle)
    wording.sign(one.partner)
    wording.sign(two.partner)
    return wording


def pledge(who: User, text: str, principle: str = "repair") -> Pledge:
    mine = Pledge.of(who, principle)
    mine.write(text, mine.revision)
    return mine


def share(who: User, principle: str = "repair") -> SharedPledge:
    mine = Pledge.of(who, principle)
    return mine.share(who.partner, who.partner.other(), mine.revision)


def page(client: Client, principle: str = "repair", **how: object) -> str:
    return client.get(reverse("principles:principle", args=[principle]), **how).text
