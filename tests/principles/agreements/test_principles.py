"""The list of the ten."""

from collections.abc import Callable
from typing import Any

from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape

from couples.days import day
from principles import catalog
from principles.models import Signature
from tests.people import Resident
from tests.principles.agreements.steps import HTMX, hold, pledge, propose, share

URL = reverse("principles:principles")


def row(page: str, slug: str) -> str:
    """What the list says about one principle."""
    link = reverse("principles:principle", args=[slug])
    return next(part for part in page.split("<li>") if f'href="{link}"' in part)


def test_the_ten_are_there_in_their_order(as_ana: Client) -> None:
    page = as_ana.get(URL).text
    places = [page.index(escape(str(each.name))) for each in catalog.PRINCIPLES]
    assert places == sorted(places)


def test_every_state_is_described(as_ana: Client, ana: Resident, ben: Resident) -> None:
    hold(ana, ben, "We stand together.", "backs")
    propose(ben, "We pick up.", "emergency")
    propose(ana, "We tell.", "tell-first")
    propose(ana, "We do not hide.", "transparent").sign(ben.partner)
    propose(ben, "We come back.", "repair").sign(ana.partner)
    today = day(timezone.now())
    page = as_ana.get(URL).text
    assert f"Held by both since {today}." in row(page, "backs")
    assert "We stand together." in row(page, "backs")
    assert f"Ben proposed these words on {today}. Neither" in row(page, "emergency")
    assert f"You proposed these words on {today}. Neither" in row(page, "tell-first")
    assert "Ben signed these words. They count once both have." in row(page, "transparent")
    assert "You signed these words. They count once both have." in row(page, "repair")
    assert "No agreement yet." in row(page, "kindness")


def test_a_day_of_another_year_has_its_year(as_ana: Client, ana: Resident, ben: Resident) -> None:
    wording = hold(ana, ben)
    long_ago = timezone.now().replace(year=2024, month=11, day=3)
    Signature.objects.filter(wording=wording).update(signed_at=long_ago)
    assert "Held by both since 3 November 2024." in row(as_ana.get(URL).text, "repair")


def test_pledges_are_described_to_their_readers(
    as_ana: Client, ana: Resident, ben: Resident
) -> None:
    pledge(ana, "I will ask.", "kindness")
    pledge(ana, "I will come back.")
    share(ana)
    pledge(ben, "I will cheer.", "supporters")
    share(ben, "supporters")
    pledge(ben, "I will decide nothing.", "joint-decisions")
    page = as_ana.get(URL).text
    assert "only you can read it" in row(page, "kindness")
    assert "Ben can read your pledge." in row(page, "repair")
    assert "There is a pledge from Ben." in row(page, "supporters")
    assert "pledge" not in row(page, "joint-decisions")


def test_alone_there_is_no_talk_of_agreements(as_sol: Client) -> None:
    page = as_sol.get(URL).text
    assert "No agreement yet" not in page
    assert "agreement between" not in page


def test_a_nudged_page_gets_the_list_alone(as_ana: Client) -> None:
    part = as_ana.get(URL, headers=HTMX).text
    assert part.strip().startswith('<div id="ten"')
    assert "<html" not in part


def test_it_asks_eight_times_at_most(
    as_ana: Client, ana: Resident, ben: Resident, django_assert_max_num_queries: Callable[..., Any]
) -> None:
    for each in catalog.PRINCIPLES:
        hold(ana, ben, "We do.", each.slug)
        for who in (ana, ben):
            pledge(who, "I do.", each.slug)
            share(who, each.slug)
    with django_assert_max_num_queries(8):
        as_ana.get(URL)


def test_an_outsider_sees_none_of_it(as_cleo: Client, ana: Resident, ben: Resident) -> None:
    hold(ana, ben, "CANARY We come back.")
    assert "CANARY" not in as_cleo.get(URL).text


def test_who_left_sees_none_of_it(as_eve: Client, ana: Resident, ben: Resident) -> None:
    hold(ana, ben)
    assert as_eve.get(URL)["Location"] == reverse("couples:begin")


def test_anonymous_visitors_sign_in_first(as_anonymous: Client) -> None:
    assert as_anonymous.get(URL)["Location"] == f"/account/login/?next={URL}"


def test_nothing_is_posted_here(as_ana: Client) -> None:
    assert as_ana.post(URL).status_code == 405
