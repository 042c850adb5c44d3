"""What the principles say on the home page."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from couples.models import Partner
from principles import catalog
from principles.daily import dashboard
from principles.daily.today import Today
from tests.people import Resident
from tests.principles.agreements.steps import hold, propose

URL = reverse("couples:home")


def again(who: Resident) -> Partner:
    return Partner.objects.select_related("workspace", "user").get(pk=who.partner.pk)


def todays(who: Resident) -> Today:
    [part] = dashboard.today(who.partner)
    assert part.template == "principles/daily/_today.html"
    shown = part.context["today"]
    assert isinstance(shown, Today)
    return shown


def test_both_meet_the_same_principle_today(ana: Resident, ben: Resident) -> None:
    assert todays(ana) == todays(ben)
    assert todays(ana).way in todays(ana).principle.ways


def test_ten_days_bring_all_ten(ana: Resident, monkeypatch: pytest.MonkeyPatch) -> None:
    met = set()
    for day in range(1, 11):
        moment = datetime(2026, 11, day, 12, tzinfo=UTC)
        monkeypatch.setattr(timezone, "now", lambda moment=moment: moment)
        met.add(todays(ana).principle.slug)
    assert met == set(catalog.BY_SLUG)


def test_the_page_says_it(as_ana: Client, ana: Resident) -> None:
    page = as_ana.get(URL).text
    assert "Today: we " in page
    assert str(todays(ana).way) in page
    assert reverse("principles:principle", args=[todays(ana).principle.slug]) in page


def test_words_wait_for_whoever_has_not_signed_them(ana: Resident, ben: Resident) -> None:
    propose(ana).sign(ana.partner)
    assert dashboard.waiting(again(ana)) == []
    [line] = dashboard.waiting(again(ben))
    assert line.title == "“We come back within the hour.”"
    assert line.detail == "Ana signed these words. They count once both have."
    assert line.url == reverse("principles:principle", args=["repair"]) + "#agreement"


def test_only_the_newest_words_wait(ana: Resident, ben: Resident) -> None:
    propose(ana)
    propose(ben, "We come back the same day.")
    propose(ben, "We come back tonight.").take_back(ben.partner)
    assert [line.title for line in dashboard.waiting(again(ana))] == [
        "“We come back the same day.”"
    ]


def test_long_words_are_cut(ana: Resident, ben: Resident) -> None:
    propose(ben, "We come back. " * 60)
    [line] = dashboard.waiting(again(ana))
    assert len(str(line.title)) < 100


def test_nothing_waits_once_both_signed_or_one_is_alone(
    ana: Resident, ben: Resident, sol: Resident
) -> None:
    hold(ana, ben)
    assert dashboard.waiting(again(ana)) == dashboard.waiting(again(ben)) == []
    assert dashboard.waiting(sol.partner) == []
    propose(ben, "We come back the same day.")
    ben.partner.leave()
    assert dashboard.waiting(again(ana)) == []


def test_the_ten_are_here_for_one_and_for_two(as_ana: Client, as_sol: Client) -> None:
    for client in (as_ana, as_sol):
        page = client.get(URL).text
        assert "Ten principles" in page
        assert reverse("principles:principles") in page


def test_it_costs_four_queries(
    ana: Resident, ben: Resident, django_assert_max_num_queries: Callable[..., Any]
) -> None:
    for each in catalog.PRINCIPLES:
        propose(ben, "We do.", each.slug).sign(ben.partner)
    partner = again(ana)
    partner.other()
    with django_assert_max_num_queries(4):
        dashboard.today(partner)
        assert len(dashboard.waiting(partner)) == 10
        dashboard.here(partner)
