"""Days at the ends of the calendar: each field for a day says what it takes."""

import pytest
from django.test import Client
from django.urls import reverse

from principles.models import Proposal, Review, Wording
from tests.letters.giving.steps import letter_of
from tests.people import Resident
from tests.principles.practices.steps import give
from tests.principles.reviews.steps import again, begin, close, reveal

ENDS = ["0001-01-01", "9999-12-31"]
SENTENCES = ("within the next 50 years", "from tomorrow on")

pytestmark = [pytest.mark.django_db, pytest.mark.parametrize("day", ENDS)]


def refused(client: Client, where: str, **sent: object) -> None:
    answer = client.post(where, sent)
    assert answer.status_code == 422
    assert any(sentence in answer.text for sentence in SENTENCES)


def test_of_an_agreement(as_ana: Client, ben: Resident, day: str) -> None:
    where = reverse("principles:propose", args=["repair"])
    sent = {"text": "We do.", "reader": ben.partner.pk, "base": 0}
    refused(as_ana, where, again_on=day, **sent)
    assert not Wording.objects.exists()


def test_of_an_area(as_ana: Client, ana: Resident, day: str) -> None:
    where = reverse("principles:area_propose", args=[give(ana, "share-power", "Money").pk])
    refused(as_ana, where, leads="one", decides="two", again_on=day)
    assert not Proposal.objects.exists()


def test_of_the_next_review(as_ana: Client, ana: Resident, ben: Resident, day: str) -> None:
    review = reveal(begin(ana, ben), ana, ben)
    where = reverse("principles:review_close", args=[review.pk])
    refused(as_ana, where, when="other", day=day)
    assert again(review).closed_at is None
    # Another answer does not ask for one.
    assert as_ana.post(where, {"when": "open", "day": day}).status_code == 302
    assert again(review).next_on is None


def test_of_a_review_that_is_moved(as_ana: Client, ana: Resident, ben: Resident, day: str) -> None:
    review: Review = close(begin(ana, ben), ana, ben)
    refused(as_ana, reverse("principles:review_move", args=[review.pk]), when="other", day=day)
    assert again(review).next_on == review.next_on


def test_of_a_letter_that_waits(as_ana: Client, ana: Resident, day: str) -> None:
    where = reverse("letters:letter_put_away", args=[letter_of(ana, "Later.").pk])
    refused(as_ana, where, audience="other", when="day", day=day)
