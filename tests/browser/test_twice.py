"""A finger that presses twice, while the answer to the first press is on its way."""

import os
import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import PASSWORD, Couple, OpenBrowser, Troubles
from tests.server import Server

pytestmark = pytest.mark.one_database

LATENCY = {"offline": False, "latency": 500, "downloadThroughput": -1, "uploadThroughput": -1}

PEOPLE = """
from couples.models import User
print(User.objects.filter(email="{email}").count())
"""
ROWS = """
from couples.models import User
from letters.models import Letter
from principles.models import OwnPrinciple
person = User.objects.get(email="{email}")
print(Letter.objects.filter(person=person).count(),
      OwnPrinciple.objects.filter(proposer=person.partner).count())
"""


def is_slow(page: Page) -> None:
    page.context.new_cdp_session(page).send("Network.emulateNetworkConditions", LATENCY)


def press_twice(button: Locator, apart: int) -> None:
    """At the same place, whatever has become of the button by then."""
    box = button.bounding_box()
    assert box
    mouse, page = button.page.mouse, button.page
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    mouse.click(x, y)
    page.wait_for_timeout(apart)
    mouse.click(x, y)


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
@pytest.mark.parametrize("apart", [60, 180, 300])
def test_make_my_account_makes_one_and_its_owner_is_in(
    open_browser: OpenBrowser, server: Server, apart: int, script: bool
) -> None:
    page = open_browser(java_script_enabled=script)
    email = f"kim-{os.urandom(4).hex()}@home.example"
    page.goto("/account/signup/")
    page.locator("[name=name]").fill("Kim")
    page.locator("[name=email]").fill(email)
    page.locator("[name=password1]").fill(PASSWORD)
    is_slow(page)
    press_twice(page.get_by_role("button", name="Make my account"), apart)
    expect(page.get_by_role("heading", name="How would you like to begin?")).to_be_visible()
    page.reload()
    expect(page.get_by_role("heading", name="How would you like to begin?")).to_be_visible()
    assert server.shell(PEOPLE.format(email=email)).split() == ["1"]


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_a_letter_and_a_principle_of_our_own_are_made_once(
    couple: Couple, open_browser: OpenBrowser, server: Server, script: bool
) -> None:
    state = couple.ana.context.storage_state()
    page = open_browser(storage_state=state, java_script_enabled=script)
    page.goto("/letters/")
    is_slow(page)
    press_twice(page.get_by_role("button", name="Begin your letter"), 200)
    # Without a script the second press is a navigation of its own, which ends the first one's.
    expect(page).to_have_url(re.compile(r"/letters/[\w-]{36}/"))
    page.goto("/principles/own/")
    page.locator("[name=name]").fill("We eat together")
    press_twice(page.locator("main form button").first, 200)
    expect(page).to_have_url(re.compile(r"/principles/.*#own$"))
    assert server.shell(ROWS.format(email=couple.ana_email)).split() == ["1", "1"]


def test_a_button_that_was_refused_can_be_pressed_again(couple: Couple, troubles: Troubles) -> None:
    troubles.allow("422")
    page = couple.ana
    page.goto("/principles/own/")
    button = page.locator("main form button").first
    button.click()
    expect(page.locator("main .error").first).to_be_visible()
    page.locator("[name=name]").fill("We eat together")
    button.click()
    expect(page).to_have_url(re.compile(r"/principles/.*#own$"))
