"""Principles of two people's own."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from couples.models import Invitation, User
from couples.refusals import NotTogether
from principles.agreements.models.own_principle import MOST, NotOpen, TooMany
from principles.models import Agreement, OwnPrinciple, Pledge, Review, Wording
from tests.people import Resident, anew
from tests.principles.agreements.steps import hold, page

LIST = reverse("principles:principles")
NAME = "We eat together"


def agreed(one: Resident, two: Resident, name: str = NAME) -> OwnPrinciple:
    own = OwnPrinciple.propose(one.partner, name, "Even if it is toast.")
    own.agree(two.partner)
    return own


def test_it_is_there_once_the_other_says_yes(
    as_ana: Client, as_ben: Client, ana: Resident, ben: Resident
) -> None:
    as_ana.post(reverse("principles:own"), {"name": NAME, "essence": "Even if it is toast."})
    own = OwnPrinciple.objects.get()
    assert "once both have said yes." in as_ana.get(LIST).text
    assert "Ana would like this to stand beside the ten." in as_ben.get(LIST).text
    with pytest.raises(NotOpen):
        own.agree(ana.partner)
    as_ben.post(reverse("principles:own_agree", args=[own.pk]))
    for client in (as_ana, as_ben):
        assert own.slug in client.get(LIST).text
        shown = page(client, own.slug)
        assert NAME in shown
        assert "A principle of our own" in shown


def test_it_works_like_one_of_the_ten(
    as_ana: Client, as_ben: Client, ana: Resident, ben: Resident
) -> None:
    own = agreed(ana, ben)
    pledge = reverse("principles:pledge", args=[own.slug])
    assert as_ana.post(pledge, {"text": "I cook on Mondays.", "revision": 0}).status_code == 302
    assert Pledge.objects.get().text == "I cook on Mondays."
    url = reverse("principles:propose", args=[own.slug])
    data = {"text": "We sit down.", "base": 0, "reader": ben.partner.pk}
    assert as_ana.post(url, data).status_code == 302
    for user in (ana, ben):
        Wording.objects.get().sign(user.partner)
    hold(ana, ben)
    review = Review.begin(ana.partner)
    assert [str(item.principle.name) for item in review.items.with_words()][-1] == NAME
    for name in ("review", "ours", "principles"):
        args = [review.pk] if name == "review" else []
        assert NAME in as_ben.get(reverse(f"principles:{name}", args=args)).text
    assert NAME in as_ben.get(reverse("principles:wordings", args=[own.slug])).text


def test_what_is_declined_or_taken_back_is_gone(ana: Resident, ben: Resident) -> None:
    OwnPrinciple.propose(ana.partner, NAME).decline()
    assert not OwnPrinciple.objects.exists()
    own = agreed(ana, ben)
    with pytest.raises(NotOpen):
        own.decline()


def test_put_away_and_proposed_again(ana: Resident, ben: Resident) -> None:
    own = agreed(ana, ben)
    Agreement.of(ana.partner, own.principle).propose(ana.partner, "We sit down.")
    own.retire()
    assert not OwnPrinciple.objects.agreed().exists()
    own.propose_again(ben.partner)
    with pytest.raises(NotOpen):
        own.agree(ben.partner)
    own.decline()  # it has an agreement, so it stays put away
    assert OwnPrinciple.objects.retired().get() == own
    own.propose_again(ben.partner)
    own.agree(ana.partner)
    assert OwnPrinciple.objects.agreed().get() == own


def test_what_was_agreed_under_one_rests_with_it(
    ana: Resident, ben: Resident, as_ana: Client
) -> None:
    own = agreed(ana, ben)
    wording = Agreement.of(ana.partner, own.principle).propose(ana.partner, "We sit down.")
    for person in (ana, ben):
        wording.sign(person.partner)
    assert "We sit down." in as_ana.get("/reviews/").text
    running = Review.begin(ana.partner)
    for person in (ana, ben):
        Review.objects.get(pk=running.pk).done(person.partner, {})
    own.retire()
    page = as_ana.get(reverse("principles:review", args=[running.pk]) + "?step=next").text
    assert "This principle is put away by now." in page
    Review.objects.with_people().get(pk=running.pk).close(None)
    # In no new review, and not on the sheet of what they hold to.
    for page in ("/reviews/", "/principles/ours/"):
        assert "We sit down." not in as_ana.get(page).text


def test_they_keep_the_order_that_either_gives_them(
    as_ana: Client, as_ben: Client, ana: Resident, ben: Resident
) -> None:
    first, second, third = (agreed(ana, ben, f"We {what}") for what in ("walk", "eat", "rest"))
    as_ben.post(reverse("principles:own_move", args=[third.pk]), {"to": "up"})
    as_ana.post(reverse("principles:own_move", args=[first.pk]), {"to": "up"})
    as_ana.post(reverse("principles:own_move", args=[second.pk]), {"to": "down"})
    assert list(OwnPrinciple.objects.agreed()) == [first, third, second]
    shown = as_ana.get(LIST).text
    assert shown.index("We walk") < shown.index("We rest") < shown.index("We eat")


def test_there_is_an_end_to_them(ana: Resident, ben: Resident) -> None:
    for number in range(MOST):
        OwnPrinciple.propose(ana.partner, f"We do {number}")
    with pytest.raises(TooMany):
        OwnPrinciple.propose(ben.partner, NAME)


@pytest.mark.parametrize("name", ["", "  ", "We " * 50])
def test_a_name_that_does_not_fit_gets_a_sentence(as_ana: Client, ben: Resident, name: str) -> None:
    response = as_ana.post(reverse("principles:own"), {"name": name, "essence": "as typed"})
    assert response.status_code == 422
    assert "as typed" in response.text
    assert 'class="error"' in response.text


def test_alone_there_is_none(as_sol: Client, sol: Resident) -> None:
    assert "It takes two" in as_sol.get(reverse("principles:own")).text
    assert as_sol.post(reverse("principles:own"), {"name": NAME}).status_code == 422
    with pytest.raises(NotTogether):
        OwnPrinciple.propose(sol.partner, NAME)


def test_nobody_else_finds_it(
    as_cleo: Client, as_eve: Client, as_ana: Client, ana: Resident, ben: Resident, cleo: Resident
) -> None:
    own = agreed(ana, ben)
    for client in (as_cleo, as_eve):
        assert client.get(reverse("principles:principle", args=[own.slug])).status_code in (
            302,
            404,
        )
        for name in ("own_agree", "own_decline", "own_retire", "own_again", "own_move"):
            url = reverse(f"principles:{name}", args=[own.pk])
            assert client.post(url).status_code in (302, 404)
    assert OwnPrinciple.objects.agreed().get() == own
    # Whoever moves in later finds nothing of it.
    ben.partner.leave()
    ana = anew(ana)
    Invitation.make(ana.partner).accept(User.objects.get(name="Eve")).confirm()
    assert NAME not in as_ana.get(LIST).text
    assert NAME not in as_eve.get(LIST).text


@pytest.mark.parametrize("slug", ["own-", "own-x", "own-" + "0" * 32, "own-" + "0" * 36])
def test_no_such_principle(as_ana: Client, slug: str) -> None:
    assert as_ana.get(reverse("principles:principle", args=[slug])).status_code == 404


def test_it_lies_sealed(ana: Resident, ben: Resident) -> None:
    agreed(ana, ben)
    raw: Any = OwnPrinciple.objects.values_list("name", "essence")
    assert not any(b"toast" in bytes(value) or b"eat" in bytes(value) for value in raw.get())
