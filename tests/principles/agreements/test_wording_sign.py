"""Signing a wording, withdrawing the signature, and taking a proposal back."""

from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from principles.models import Signature, Wording
from tests.people import Resident
from tests.principles.agreements.steps import HTMX, hold, page, propose

PAGE = reverse("principles:principle", args=["repair"])
ACTS = ["wording_sign", "wording_withdraw", "wording_take_back"]


def to(act: str, wording: Wording, principle: str = "repair") -> str:
    return reverse(f"principles:{act}", args=[principle, wording.pk])


# -- wording_sign --------------------------------------------------------------------------------


def test_both_sign_and_hold_it(
    as_ana: Client, as_ben: Client, ana: Resident, ben: Resident
) -> None:
    wording = propose(ana)
    assert as_ben.post(to("wording_sign", wording))["Location"] == f"{PAGE}#agreement"
    response = as_ana.post(to("wording_sign", wording), headers=HTMX)
    assert "Held by both since" in response.text
    assert "<html" not in response.text
    assert {each.partner for each in Signature.objects.all()} == {ana.partner, ben.partner}


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_signing_what_the_other_changed_signs_nothing_and_says_why(
    as_ana: Client, ana: Resident, ben: Resident, headers: dict[str, str]
) -> None:
    old = propose(ana)
    propose(ben, "We come back the same day.")
    response = as_ana.post(to("wording_sign", old), headers=headers)
    assert response.status_code == 409
    assert "Ben changed the words before you signed. Nothing is signed" in response.text
    assert "We come back the same day." in response.text
    assert not Signature.objects.exists()


def test_signing_what_one_changed_oneself(as_ana: Client, ana: Resident) -> None:
    old = propose(ana)
    propose(ana, "We come back the same day.")
    response = as_ana.post(to("wording_sign", old), headers=HTMX)
    assert "You changed the words in another window. Nothing is signed." in response.text


@pytest.mark.parametrize("before", [False, True])
def test_signing_what_was_taken_back(
    as_ana: Client, ana: Resident, ben: Resident, before: bool
) -> None:
    if before:
        propose(ana)
    wording = propose(ben, "We come back the same day.")
    wording.take_back(ben.partner)
    response = as_ana.post(to("wording_sign", wording), headers=HTMX)
    assert response.status_code == 409
    assert "These words were taken back before you signed." in response.text
    assert not Signature.objects.exists()


def test_nothing_is_signed_with_a_person_who_left(ana: Resident, ben: Resident) -> None:
    wording = propose(ana)
    ben.partner.leave()
    client = Client()
    client.force_login(ana)
    assert client.post(to("wording_sign", wording)).status_code == 404
    assert client.post(to("wording_take_back", wording)).status_code == 404
    assert not Signature.objects.exists()


# -- wording_withdraw ----------------------------------------------------------------------------


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_either_withdraws(
    as_ana: Client, as_ben: Client, ana: Resident, ben: Resident, headers: dict[str, str]
) -> None:
    wording = hold(ana, ben)
    response = as_ben.post(to("wording_withdraw", wording), headers=headers)
    assert response.status_code == (200 if headers else 302)
    assert "no name here so far" in page(as_ana)
    assert [each.partner for each in Signature.objects.active()] == [ana.partner]
    # A second click finds nothing to withdraw, and the other's signature is not touched.
    as_ben.post(to("wording_withdraw", wording), headers=headers)
    assert [each.partner for each in Signature.objects.active()] == [ana.partner]


# -- wording_take_back ---------------------------------------------------------------------------


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_the_proposer_takes_words_back(
    as_ana: Client, ana: Resident, ben: Resident, headers: dict[str, str]
) -> None:
    hold(ana, ben)
    wording = propose(ana, "We come back the same day.")
    assert "Take these words back" in page(as_ana)
    response = as_ana.post(to("wording_take_back", wording), headers=headers)
    assert response.status_code == (200 if headers else 302)
    assert "Held by both since" in page(as_ana)


def test_signed_words_are_not_taken_back(as_ana: Client, ana: Resident, ben: Resident) -> None:
    wording = propose(ana)
    wording.sign(ben.partner)
    assert "Take these words back" not in page(as_ana)
    response = as_ana.post(to("wording_take_back", wording))
    assert response.status_code == 409
    assert "Words that somebody signed stay." in response.text


def test_overtaken_words_are_not_taken_back(as_ana: Client, ana: Resident, ben: Resident) -> None:
    wording = propose(ana)
    propose(ben, "We come back the same day.")
    response = as_ana.post(to("wording_take_back", wording), headers=HTMX)
    assert response.status_code == 409
    assert "taken the place of these" in response.text


def test_the_others_words_are_not_taken_back(as_ben: Client, ana: Resident, ben: Resident) -> None:
    wording = propose(ana)
    assert "Take these words back" not in page(as_ben)
    assert as_ben.post(to("wording_take_back", wording)).status_code == 409
    wording.refresh_from_db()
    assert wording.taken_back_at is None


# -- All three -----------------------------------------------------------------------------------


@pytest.mark.parametrize("act", ACTS)
def test_outsiders_find_nothing(
    as_cleo: Client, as_sol: Client, ana: Resident, ben: Resident, act: str
) -> None:
    wording = hold(ana, ben)
    for outsider in (as_cleo, as_sol):
        for headers in ({}, HTMX):
            assert outsider.post(to(act, wording), headers=headers).status_code == 404
    assert Signature.objects.active().count() == 2


@pytest.mark.parametrize("act", ACTS)
def test_who_left_finds_nothing(as_eve: Client, ana: Resident, ben: Resident, act: str) -> None:
    wording = hold(ana, ben)
    assert as_eve.post(to(act, wording))["Location"] == reverse("couples:begin")
    assert Signature.objects.active().count() == 2


@pytest.mark.parametrize("act", ACTS)
def test_what_is_missing_is_not_found(as_ana: Client, ana: Resident, act: str) -> None:
    wording = propose(ana)
    assert as_ana.post(to(act, wording, "backs")).status_code == 404
    assert as_ana.post(to(act, wording, "patience")).status_code == 404
    missing = reverse(f"principles:{act}", args=["repair", uuid4()])
    assert as_ana.post(missing).status_code == 404


@pytest.mark.parametrize("act", ACTS)
def test_anonymous_visitors_sign_in_first(
    as_anonymous: Client, ana: Resident, ben: Resident, act: str
) -> None:
    wording = hold(ana, ben)
    assert as_anonymous.post(to(act, wording))["Location"].startswith("/account/login/")
    assert Signature.objects.active().count() == 2


@pytest.mark.parametrize("act", ACTS)
def test_looking_changes_nothing(as_ana: Client, ana: Resident, act: str) -> None:
    assert as_ana.get(to(act, propose(ana))).status_code == 405
