"""Who lives in the bench: made through the models, in the environment of the server it is for.

`python -m bench.people home` makes one couple that has lived here for a while;
`python -m bench.people couples 100` makes couples who each have a joint letter and nothing else;
`python -m bench.people opening 1000 9` makes letters of bench/opening.py; `… blocks 1 2000` those
of bench/browser.py; `… neighbours 20000` the couple of bench/beside.py. All print as JSON what the
bench has to know.
"""

import base64
import json
import sys
from datetime import timedelta
from typing import Any

import django

WORDS = "I want to be someone who listens before the answer is ready, and says so when I did not."


def home() -> dict[str, Any]:
    """Ana and Ben, with agreements, pledges, letters, answers and a review that runs."""
    from django.db import transaction
    from django.urls import reverse

    from couples.models import Invitation, User, Workspace
    from letters.models import Letter, Reflection, Share
    from letters.reflection import questions
    from letters.text import document
    from principles import catalog
    from principles.models import Agreement, Pledge, Review
    from principles.reviews.models.mark import Said

    ana, ben = (User.objects.create_user(f"{name}@home.example", name) for name in ("Ana", "Ben"))
    one = Workspace.begin(ana)
    two = Invitation.make(one).accept(ben).confirm()
    with transaction.atomic():
        for slug in catalog.BY_SLUG:
            agreement = Agreement.of(one, slug)
            agreement.propose(one, WORDS)
            wording = agreement.propose(two, f"{WORDS} {slug}.", base=1)
            wording.sign(one)
            wording.sign(two)
            Pledge.of(ana, slug).write(WORDS, 0)
        for question in questions.QUESTIONS:
            Reflection.answer(ana, question, "\n".join([WORDS] * 3), 0)
        mine = [Letter.begin_personal(ana, [WORDS] * 12) for _ in range(3)]
        theirs = Letter.begin_personal(ben, [WORDS] * 12)
        for letter, partner in ((mine[0], one), (theirs, two)):
            Share.give(letter, partner, document.digest(document.blocks(letter.load())))
        joint = Letter.begin_joint(one)
        # About 3,000 characters, a long evening.
        joint.document.snapshot = document.first_page([WORDS] * 33)
        joint.document.save(update_fields=["snapshot"])
        review = finished = Review.begin(one)
        for partner in (one, two):
            finished.done(partner, {item.pk: Said("holding", WORDS) for item in review.items.all()})
        finished.choose(finished.items.all()[0])
        finished.close(finished.began_at.date() + timedelta(days=30))
        review = Review.begin(one)
        review.mark(one, {item.pk: Said("wobbling", WORDS) for item in review.items.all()})
    slug = next(iter(catalog.BY_SLUG))
    pages = {
        "hello": "/bench/hello/",
        "home": reverse("couples:home"),
        "ten principles": reverse("principles:principles"),
        "one principle": reverse("principles:principle", args=[slug]),
        "letters": reverse("letters:letters"),
        "a letter, to write": reverse("letters:letter", args=[joint.pk]),
        "a letter, to read": reverse("letters:letter_read", args=[joint.pk]),
        "reviews": reverse("principles:reviews"),
        "a review": reverse("principles:review", args=[review.pk]),
    }
    return {
        "cookie": cookie(ana),
        "pages": {name: [address, queries(ana, address)] for name, address in pages.items()},
    }


def couple(tag: str) -> tuple[Any, Any]:
    """Two people who live together, and have nothing yet."""
    from couples.models import Couple, Partner, User, Workspace

    workspace = Workspace.objects.create()
    seats = []
    for seat, name in enumerate(("Ana", "Ben"), start=1):
        person = User.objects.create_user(f"{name}-{tag}@home.example", name)
        seats.append(Partner.objects.create(workspace=workspace, user=person, seat=seat))
    Couple.begin(*seats)
    ana, ben = (User.objects.get(pk=seat.user_id) for seat in seats)
    return ana, ben


def couples(count: int) -> dict[str, Any]:
    """Pairs of people with a joint letter each. All letters begin with the very same page."""
    from django.db import transaction

    from letters.models import Letter
    from letters.text import document

    page = document.first_page()
    letters = []
    with transaction.atomic():
        for number in range(count):
            people = couple(str(number))
            letter = Letter.begin_joint(people[0].partner)
            letter.document.snapshot = page
            letter.document.save(update_fields=["snapshot"])
            cookies = [cookie(person) for person in people]
            letters.append({"id": str(letter.pk), "cookies": cookies})
    return {"page": base64.b64encode(page).decode(), "letters": letters}


def cookie(person: Any) -> str:
    """A session of this person, as the browser would send it."""
    from django.conf import settings
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY

    from couples.account.sessions import SessionStore

    session = SessionStore()
    session[SESSION_KEY] = str(person.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = person.get_session_auth_hash()
    session.create()
    return f"{settings.SESSION_COOKIE_NAME}={session.session_key}"


def queries(person: Any, address: str) -> int:
    """How many queries a page makes; it is asked for twice, and the second time counts."""
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    client = Client(headers={"host": "127.0.0.1", "cookie": cookie(person)})
    client.get(address)
    with CaptureQueriesContext(connection) as captured:
        response = client.get(address)
    if response.status_code != 200:
        raise SystemExit(f"The page {address} answered with {response.status_code}.")
    return len(captured)


def main(what: str, *numbers: str) -> dict[Any, Any]:
    match what, [int(number) for number in numbers]:
        case "home", []:
            return home()
        case "couples", [count]:
            return couples(count)
        case "opening", [edits, copies]:
            from bench import opening

            return opening.letters(edits, copies)
        case "blocks", counts:
            from bench import browser

            return browser.letters(counts)
        case "neighbours", [edits]:
            from bench import beside

            return beside.letter(edits)
    raise SystemExit(f"There are no people called {what}.")


if __name__ == "__main__":
    django.setup()
    print(json.dumps(main(*sys.argv[1:])))
