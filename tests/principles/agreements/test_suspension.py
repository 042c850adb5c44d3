"""Agreements put aside and taken up again; and what was missed, kindly."""

from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from couples.refusals import NotTogether
from principles.agreements.models.agreement import Unchanged
from principles.agreements.models.suspension import NotYours
from principles.models import Agreement, Missed, Review, Suspension, Wording
from tests.answers import Answer
from tests.people import Resident
from tests.principles.agreements.steps import HTMX, WORDS, hold, page, propose

PAUSED, RETIRED = Suspension.Kind.PAUSED, Suspension.Kind.RETIRED


def act(client: Client, what: str, **how: Any) -> Answer:
    return client.post(reverse(f"principles:agreement_{what}", args=["repair"]), **how)


def binding(who: Resident) -> list[str]:
    return [wording.text for wording in Wording.objects.in_force(who.partner.couple)]


def test_either_pauses_and_who_paused_takes_it_up(ana: Resident, ben: Resident) -> None:
    agreement = hold(ana, ben).agreement
    suspension = Suspension.begin(agreement, ana.partner, PAUSED)
    assert binding(ben) == []
    with pytest.raises(NotYours):
        suspension.take_up(ben.partner)
    suspension.take_up(ana.partner)
    assert binding(ben) == [WORDS]
    # The signatures were never touched.
    newest = agreement.newest()
    assert newest
    assert newest.held_since is not None


def test_a_pause_ends_with_words_that_both_sign(ana: Resident, ben: Resident) -> None:
    agreement = hold(ana, ben).agreement
    Suspension.begin(agreement, ana.partner, PAUSED)
    later = propose(ben, "We come back tonight.")
    later.sign(ben.partner)
    assert Suspension.objects.open().exists()
    later.sign(ana.partner)
    assert not Suspension.objects.open().exists()
    assert binding(ana) == ["We come back tonight."]


def test_what_is_retired_comes_back_when_both_sign_the_same_words_anew(
    ana: Resident, ben: Resident
) -> None:
    agreement = hold(ana, ben).agreement
    with pytest.raises(Unchanged):
        agreement.propose(ana.partner, WORDS, 1)
    suspension = Suspension.begin(agreement, ben.partner, RETIRED)
    with pytest.raises(NotYours):
        suspension.take_up(ben.partner)
    again = Agreement.objects.get().propose(ana.partner, WORDS, 1)
    assert again.number == 2
    again.sign(ana.partner)
    assert binding(ana) == []
    again.sign(ben.partner)
    assert binding(ana) == [WORDS]


def test_signing_old_words_again_does_not_end_a_rest(ana: Resident, ben: Resident) -> None:
    wording = hold(ana, ben)
    signature = wording.signature_of(ben.partner)
    assert signature
    signature.withdraw()
    Suspension.begin(wording.agreement, ana.partner, RETIRED)
    Wording.objects.get().sign(ben.partner)
    assert Suspension.objects.open().exists()
    assert binding(ana) == []


def test_a_pause_becomes_a_retirement_and_not_the_other_way(ana: Resident, ben: Resident) -> None:
    agreement = hold(ana, ben).agreement
    Suspension.begin(agreement, ana.partner, PAUSED)
    Suspension.begin(agreement, ben.partner, RETIRED)
    Suspension.begin(agreement, ana.partner, PAUSED)
    assert Suspension.objects.open().get().kind == RETIRED
    with pytest.raises(IntegrityError), transaction.atomic():
        Suspension.objects.create(agreement=agreement, partner=ana.partner, kind=PAUSED)


def test_what_rests_is_not_looked_at_in_a_review(ana: Resident, ben: Resident) -> None:
    Suspension.begin(hold(ana, ben).agreement, ana.partner, PAUSED)
    hold(ana, ben, "We ask once more.", "kindness")
    review = Review.begin(ana.partner)
    assert [item.wording.text for item in review.items.all()] == ["We ask once more."]


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_the_page_in_each_state(
    as_ana: Client, as_ben: Client, ana: Resident, ben: Resident, headers: dict[str, str]
) -> None:
    hold(ana, ben)
    act(as_ana, "pause", headers=headers)
    assert "Paused since" in page(as_ben)
    assert "Ana paused it and can take it up again." in page(as_ben)
    assert "Take it up again" in page(as_ana)
    refused = act(as_ben, "take_up", headers=headers)
    assert refused.status_code == 409
    act(as_ana, "take_up", headers=headers)
    assert "Paused since" not in page(as_ben)
    act(as_ben, "retire", headers=headers)
    assert "Retired on" in page(as_ana)
    assert "Retired since" in as_ana.get(reverse("principles:principles")).text


def test_with_somebody_who_left_nothing_is_put_aside(ana: Resident, ben: Resident) -> None:
    agreement = hold(ana, ben).agreement
    ben.partner.leave()
    for act in (
        lambda: Suspension.begin(agreement, ana.partner, PAUSED),
        lambda: Missed.note(agreement, ana.partner),
    ):
        with pytest.raises(NotTogether):
            act()


@pytest.mark.parametrize("what", ["pause", "retire", "take_up", "missed", "put_right"])
def test_whoever_has_no_part_in_it_finds_nothing(
    as_cleo: Client, as_sol: Client, as_anonymous: Client, ana: Resident, ben: Resident, what: str
) -> None:
    hold(ana, ben)
    assert act(as_cleo, what).status_code == 404
    assert act(as_sol, what).status_code == 404
    assert act(as_anonymous, what)["Location"].startswith("/account/login/")
    assert not Suspension.objects.exists()
    assert not Missed.objects.exists()


# -- Missed --------------------------------------------------------------------------------------


def test_a_miss_opens_what_was_agreed_for_it_and_names_nobody(
    as_ana: Client, as_ben: Client, ana: Resident, ben: Resident
) -> None:
    wording = Agreement.of(ana.partner, "repair").propose(
        ana.partner, WORDS, missed_named_by="Whoever notices says kettle."
    )
    wording.sign(ana.partner)
    assert "We missed this</button>" not in page(as_ana)  # nothing is missed that does not hold
    wording.sign(ben.partner)
    act(as_ben, "missed")
    shown = page(as_ana)
    assert shown.count("Whoever notices says kettle.") == 2  # where it was agreed, and now
    assert page(as_ben).count("Whoever notices says kettle.") == 2
    assert "Nobody is named here" in shown
    act(as_ana, "missed", headers=HTMX)
    assert Missed.objects.count() == 1
    act(as_ana, "put_right")
    assert not Missed.objects.exists()
    assert "It happens to everybody" not in page(as_ben)
