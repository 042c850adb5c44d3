"""A page that stays open after the session has ended somewhere else."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Couple, Troubles

pytestmark = pytest.mark.one_database


def test_a_page_is_not_replaced_by_the_sign_in_page(couple: Couple, troubles: Troubles) -> None:
    troubles.allow("WebSocket")
    ana = couple.ana
    ana.goto("/principles/repair/")
    expect(ana.locator("html")).to_have_attribute("data-live", "on")
    ana.get_by_label("Words for us").fill("We come back within the hour.")
    elsewhere = ana.context.new_page()
    elsewhere.goto("/account/logout/")
    elsewhere.get_by_role("main").get_by_role("button", name="Sign out").click()
    # Asked for anew by a nudge, and by the person.
    ana.evaluate("document.body.dispatchEvent(new CustomEvent('nudge:agreement-repair'))")
    ana.get_by_role("button", name="Propose these words").click()
    expect(ana.locator(".notices")).to_contain_text("You are signed out here")
    expect(ana.get_by_label("Words for us")).to_have_value("We come back within the hour.")
    expect(ana.get_by_label("Password")).to_have_count(0)
    expect(ana).to_have_url(re.compile("/principles/repair/$"))
