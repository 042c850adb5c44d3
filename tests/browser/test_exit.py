"""Leaving in a hurry: three presses of Shift do it, and no way back in the tab leads to us."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Couple, OpenBrowser

pytestmark = pytest.mark.one_database

AWAY = "https://www.wikipedia.org/"


def elsewhere(page: Page) -> None:
    """The ordinary page; the machine that tests has no other network."""
    page.route(f"{AWAY}**", lambda route: route.fulfill(body="an ordinary page"))


@pytest.fixture
def ana(couple: Couple) -> Page:
    """Has come along a few pages to the one she wants to leave."""
    page = couple.ana
    elsewhere(page)
    for path in ("/home/", "/letters/", "/letters/questions/disagree/"):
        page.goto(path)
    return page


def test_going_back_shows_no_page_of_ours(ana: Page) -> None:
    ana.get_by_role("link", name="Leave this page").click()
    ana.wait_for_url(f"{AWAY}**")
    for _back in range(2):
        ana.go_back(wait_until="commit")
        ana.wait_for_url(f"{AWAY}**")
    expect(ana.locator("body")).to_have_text("an ordinary page")
    # Whoever comes on purpose is here again, and may go back and forth.
    ana.goto("/letters/")
    ana.goto("/home/")
    ana.go_back()
    expect(ana.get_by_role("heading", level=1)).to_be_visible()


def test_three_presses_of_shift_leave(ana: Page) -> None:
    ana.get_by_role("textbox").focus()
    for key in ("Shift", "Shift", "Shift+KeyA", "Shift", "Shift", "Shift+ArrowLeft", "Shift"):
        ana.keyboard.press(key)
    expect(ana.get_by_role("textbox")).to_be_visible()
    for _press in range(2):
        ana.keyboard.press("Shift")
    ana.wait_for_url(f"{AWAY}**")


def test_a_visitor_leaves_as_well(open_browser: OpenBrowser) -> None:
    page = open_browser()
    elsewhere(page)
    page.goto("/")
    page.goto("/safety/")
    for _press in range(3):
        page.keyboard.press("Shift")
    page.wait_for_url(f"{AWAY}**")
    page.go_back(wait_until="commit")
    page.wait_for_url(f"{AWAY}**")
