"""Agreements for the tests: words that somebody proposes and signs, and two people at once."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from time import sleep

from django.db import connections, transaction
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


# -- Two at the same moment ----------------------------------------------------------------------


def while_another(first: Callable[[], object], second: Callable[[], object]) -> list[object]:
    """Do the first in a transaction of one connection, and the second in another one before that
    has committed; what each returned or raised."""
    halfway = Event()

    def run(act: Callable[[], object]) -> object:
        try:
            return act()
        except Exception as error:
            return error
        finally:
            connections.close_all()

    def slowly() -> object:
        try:
            with transaction.atomic():
                result = first()
                halfway.set()
                # Long enough for the second to run into what the first holds.
                sleep(0.3)
            return result
        finally:
            halfway.set()

    def then() -> object:
        halfway.wait()
        return second()

    with ThreadPoolExecutor(2) as threads:
        return [done.result() for done in [threads.submit(run, act) for act in (slowly, then)]]
