"""The page of one principle."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.html import escape

from couples.models import User
from principles import catalog
from tests.people import Resident
from tests.principles.agreements.steps import HTMX, hold, page, pledge, propose, share

URL = reverse("principles:principle", args=["repair"])


@pytest.mark.parametrize("slug", list(catalog.BY_SLUG))
def test_each_has_its_page(as_ana: Client, slug: str) -> None:
    words = page(as_ana, slug)
    principle = catalog.BY_SLUG[slug]
    for text in (
        principle.name,
        principle.essence,
        principle.ordinary_day,
        principle.not_this,
        principle.invitation,
        *principle.ways,
    ):
        assert escape(str(text)) in words


def test_it_says_which_of_the_ten_it_is(as_ana: Client) -> None:
    assert "Principle five of ten" in page(as_ana)
    assert "Principle ten of ten" in page(as_ana, "supporters")


def test_without_words_the_form_for_the_first_is_open(as_ana: Client) -> None:
    words = page(as_ana)
    assert "No words yet." in words
    assert 'name="text"' in words.split('id="propose"')[1].split("</section>")[0]


def test_the_foot_says_who_signed(
    as_ana: Client, as_ben: Client, ana: Resident, ben: Resident
) -> None:
    propose(ana).sign(ana.partner)
    mine, theirs = page(as_ana), page(as_ben)
    assert "no name here so far" in mine
    assert "no name here so far" in theirs
    assert "Withdraw my signature" in mine
    assert "Sign these words" in theirs
    assert "<bdi>Ana</bdi>" in mine
    assert "<bdi>Ana</bdi>" in theirs


def test_the_other_sees_only_the_shared_words(
    as_ana: Client, as_ben: Client, ana: Resident, ben: Resident
) -> None:
    pledge(ana, "I will come back first.")
    share(ana)
    pledge(ana, "CANARY I will come back first, most days.")
    assert "CANARY" in page(as_ana)
    assert "I will come back first." in page(as_ben)
    assert "CANARY" not in page(as_ben)


def test_alone_it_is_complete(as_sol: Client, sol: Resident) -> None:
    pledge(sol, "I will ring my brother.")
    words = page(as_sol)
    assert "I will ring my brother." in words
    assert "An agreement takes two." in words
    assert reverse("couples:invite") in words
    assert reverse("principles:propose", args=["repair"]) not in words
    assert reverse("principles:pledge_share", args=["repair"]) not in words


def test_words_agreed_with_somebody_who_left_are_not_here(ana: Resident, ben: Resident) -> None:
    hold(ana, ben)
    ben.partner.leave()
    client = Client()
    client.force_login(ana)
    words = page(client)
    assert "under “Earlier words”" not in words
    assert "Sign these words" not in words


def test_a_nudged_page_gets_what_is_shared(as_ben: Client, ana: Resident, ben: Resident) -> None:
    propose(ana)
    pledge(ana, "I will come back first.")
    share(ana)
    part = as_ben.get(URL, headers=HTMX).text
    assert part.strip().startswith('<section id="agreement"')
    assert "I will come back first." in part
    assert 'id="pledge"' not in part  # what Ben is writing stays as it is
    assert 'id="propose"' not in part


def test_an_open_form_is_told_that_its_words_were_overtaken(
    as_ana: Client, ana: Resident, ben: Resident
) -> None:
    def late(base: int) -> str:
        part = as_ana.get(URL, {"base": base}, headers=HTMX).text
        return part.split('id="late"')[1].split("</p>")[0]

    propose(ana)
    assert "while you" not in late(1)
    propose(ben, "We come back the same day.")
    assert "Ben changed these words while you were writing." in late(1)
    assert "Ben proposed words while you were writing." in late(0)
    assert "taken back" in late(3)
    for nonsense in ("", "-1", "x", "²", "9" * 40):
        assert as_ana.get(URL, {"base": nonsense}, headers=HTMX).status_code == 200


@pytest.mark.parametrize("state", ["empty", "proposed", "held", "overtaken", "taken back", "past"])
def test_it_asks_eight_times_at_most(
    ana: Resident, ben: Resident, state: str, django_assert_max_num_queries: Callable[..., Any]
) -> None:
    for who in (ana, ben):
        pledge(who, "I do.")
        share(who)
    if state != "empty":
        hold(ana, ben)
        wording = propose(ana, "We come back the same day.")
        if state == "held":
            wording.sign(ana.partner)
            wording.sign(ben.partner)
        if state == "overtaken":
            for number in range(30):
                propose(ben, f"We come back {number}.")
        if state == "taken back":
            wording.take_back(ana.partner)
        if state == "past":
            ben.partner.leave()
    client = Client()
    client.force_login(User.objects.get(pk=ana.pk))
    with django_assert_max_num_queries(8):
        client.get(URL)
    with django_assert_max_num_queries(8):
        client.get(URL, headers=HTMX)


def test_an_outsider_sees_none_of_it(as_cleo: Client, ana: Resident, ben: Resident) -> None:
    hold(ana, ben, "CANARY We come back.")
    assert "CANARY" not in page(as_cleo)
    assert "CANARY" not in page(as_cleo, headers=HTMX)


def test_who_left_sees_none_of_it(as_eve: Client, ana: Resident, ben: Resident) -> None:
    hold(ana, ben)
    assert as_eve.get(URL)["Location"] == reverse("couples:begin")


def test_there_is_no_eleventh(as_ana: Client) -> None:
    assert as_ana.get(reverse("principles:principle", args=["patience"])).status_code == 404


def test_anonymous_visitors_sign_in_first(as_anonymous: Client) -> None:
    assert as_anonymous.get(URL)["Location"] == f"/account/login/?next={URL}"


def test_nothing_is_posted_here(as_ana: Client) -> None:
    assert as_ana.post(URL).status_code == 405
