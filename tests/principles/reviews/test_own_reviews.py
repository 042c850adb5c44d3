"""After parting, each still reads what they said in reviews, and nothing that the other did."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from principles.models import Review, ReviewPart
from principles.reviews.models.mark import Said
from tests.people import Resident
from tests.principles.reviews.steps import again, begin, said

HERS, HIS = "kanarienvogel-hers", "kanarienvogel-his"


def where() -> str:
    return reverse("principles:review_own_words")


@pytest.fixture
def review(ana: Resident, ben: Resident) -> Review:
    """Each says a thank you, a note and a part; one is decided."""
    review = begin(ana, ben)
    for person, words in ((ana, HERS), (ben, HIS)):
        note = Said("wobbling", f"{words} note")
        again(review).done(person.partner, said(review, note), thanks=f"{words} thanks")
    item = again(review).items.with_words().first()
    assert item
    for person, words in ((ana, HERS), (ben, HIS)):
        ReviewPart.say(item, person.partner, f"{words} part", 0)
        ReviewPart.wish_for(item, person.partner, "keep")
    return again(review)


def test_each_keeps_their_own_words(
    review: Review, ben: Resident, as_ana: Client, as_ben: Client
) -> None:
    for client in (as_ana, as_ben):
        assert "kanarienvogel" not in client.get(where()).text
    ben.partner.leave()
    for client, mine, theirs in ((as_ana, HERS, HIS), (as_ben, HIS, HERS)):
        page = client.get(where()).text
        for what in ("note", "thanks", "part"):
            assert f"{mine} {what}" in page
        assert theirs not in page
        assert "Keep it as it is" in page
        assert where() in client.get(reverse("principles:kept")).text


def test_marks_that_were_never_shown_are_still_ones_own(
    ana: Resident, ben: Resident, as_ana: Client, as_ben: Client
) -> None:
    review = begin(ana, ben)
    review.mark(ben.partner, said(review, Said("reword", HIS)), thanks=f"{HIS} thanks")
    ben.partner.leave()
    assert as_ben.get(where()).text.count(HIS) == 2
    assert HIS not in as_ana.get(where()).text


def test_it_is_nobody_elses(
    review: Review,
    ben: Resident,
    as_cleo: Client,
    as_sol: Client,
    as_anonymous: Client,
    as_ben: Client,
) -> None:
    ben.partner.leave()
    for client in (as_cleo, as_sol):
        assert "kanarienvogel" not in client.get(where()).text
    assert as_anonymous.get(where())["Location"].startswith("/account/login/")
    assert as_ben.post(where()).status_code == 405


def test_it_asks_the_same_however_many_there_are(
    review: Review,
    ana: Resident,
    ben: Resident,
    as_ben: Client,
    django_assert_max_num_queries: Callable[..., Any],
) -> None:
    for _ in range(3):
        again(review).close(None)
        review = begin(ana, ben)
        for person in (ana, ben):
            again(review).done(person.partner, said(review, Said("holding", "x")))
    ben.partner.leave()
    with django_assert_max_num_queries(10):
        assert as_ben.get(where()).status_code == 200
