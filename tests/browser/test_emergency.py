"""I need you now, in two browsers: over every page within a second once it is out."""

import re
import time
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.barriers import no_barriers
from tests.browser.conftest import Couple, OpenBrowser
from tests.browser.cookies import lend_cookies
from tests.browser.test_practices import PHONE, go, live
from tests.clients.http import mails
from tests.server import Server

pytestmark = pytest.mark.one_database

# Both clocks are of this machine.
NOTE_WHEN_IT_SHOWS = """() => new MutationObserver(() => {
  if (document.querySelector(".urgent-layer")) window.shownAt ??= Date.now();
}).observe(document.body, {childList: true, subtree: true})"""
SENT = """
from principles.models import Call
print(Call.objects.get(begun_by__user__email={!r}).sent_at.timestamp())
"""

SWITCH_ON = """
from couples.models import User
from principles.models import CallSwitch
for email in ({!r}, {!r}):
    CallSwitch.set(User.objects.get(email=email).partner, on=True, mail=True)
"""


@pytest.fixture(autouse=True)
def switched_on(server: Server, couple: Couple) -> None:
    """Both, and by mail."""
    server.shell(SWITCH_ON.format(couple.ana_email, couple.ben_email))


def press(page: Page) -> None:
    go(page, "/practices/emergency/")
    page.get_by_role("button", name="I need you now").click()
    page.wait_for_url(re.compile("/moments/"))


def test_it_stands_over_a_letter_and_is_answered_without_leaving_it(
    server: Server, couple: Couple, record_property: Callable[[str, object], None]
) -> None:
    couple.ana.set_viewport_size(PHONE)
    couple.ben.goto("/letters/")
    couple.ben.get_by_role("button", name="Begin our letter").click()
    editor = couple.ben.locator("[contenteditable=true]")
    editor.click()
    couple.ben.keyboard.type("We ")
    live(couple.ben)
    couple.ben.evaluate(NOTE_WHEN_IT_SHOWS)
    press(couple.ana)
    no_barriers(couple.ana)
    expect(couple.ana.get_by_role("button", name="Undo")).to_be_visible()
    # Nothing yet for Ben, and then it is there.
    expect(couple.ben.locator(".urgent-layer")).to_have_count(0)
    expect(couple.ben.locator(".urgent-layer")).to_contain_text("Ana needs you now.")
    expect(couple.ana.locator("#moment-now [role=status]")).to_contain_text("It is out")
    expect(couple.ana.get_by_text("What else you can do")).to_be_visible()
    # No machine is held to it here, but the figure is in the test report.
    [sent] = server.shell(SENT.format(couple.ana_email)).splitlines()[-1:]
    took = couple.ben.evaluate("window.shownAt") / 1000 - float(sent)
    record_property("seconds until a call stands on the other's page", round(took, 3))
    width = couple.ben.locator(".urgent-layer").bounding_box()
    assert width is not None
    assert width["x"] == 0
    assert width["width"] >= 1260
    # Who is typing goes on typing; no key answers by accident.
    couple.ben.keyboard.type("are here")
    expect(editor).to_contain_text("We are here")
    no_barriers(couple.ana, couple.ben)
    couple.ben.get_by_role("button", name="I’m here").click()
    expect(couple.ana.get_by_role("heading", level=1)).to_have_text("Ben is coming")
    expect(couple.ben.locator(".urgent-line")).to_contain_text("You said that you are here.")
    expect(editor).to_contain_text("We are here")
    no_barriers(couple.ana, couple.ben)
    couple.ana.get_by_role("button", name="It is over").click()
    expect(couple.ana.get_by_role("heading", level=1)).to_have_text("Over")
    expect(couple.ben.locator(".urgent-line")).to_have_count(0)
    no_barriers(couple.ana)


def test_undone_in_time_the_other_sees_nothing(server: Server, couple: Couple) -> None:
    go(couple.ben, "/home/")
    press(couple.ana)
    couple.ana.get_by_role("button", name="Undo").click()
    couple.ana.wait_for_url(re.compile("/practices/emergency/"))
    time.sleep(6)
    expect(couple.ben.locator("#urgent > *")).to_have_count(0)


def test_closing_the_page_right_after_pressing_does_not_stop_it(
    server: Server, couple: Couple
) -> None:
    go(couple.ben, "/principles/")
    press(couple.ana)
    couple.ana.close()
    expect(couple.ben.locator(".urgent-layer")).to_contain_text("Ana needs you now.")
    couple.ben.keyboard.press("Escape")
    expect(couple.ben.locator(".urgent-layer")).to_have_count(0)
    expect(couple.ben.locator(".urgent-line")).to_contain_text("Ana needs you now.")
    no_barriers(couple.ben)
    # Whoever opens a page later sees it there, too.
    couple.ben.goto("/letters/")
    expect(couple.ben.locator(".urgent-line")).to_contain_text("Ana needs you now.")
    assert [mail for mail in mails(server) if couple.ben_email in mail]


def test_switched_off_on_one_page_it_goes_from_the_others_and_the_caller_sees_no_difference(
    couple: Couple,
) -> None:
    go(couple.ben, "/letters/")
    live(couple.ben)
    press(couple.ana)
    expect(couple.ben.locator(".urgent-layer")).to_contain_text("Ana needs you now.")
    expect(couple.ana.locator("#moment-now [role=status]")).to_contain_text("It is out")
    before = couple.ana.locator("main").inner_text()
    tab = couple.ben.context.new_page()
    tab.goto("/practices/emergency/")
    tab.get_by_role("button", name="Put this aside here").click()
    tab.get_by_role("button", name="Switch it off for me").click()
    expect(tab.get_by_text("You have it off")).to_be_visible()
    expect(couple.ben.locator("#urgent > *")).to_have_count(0)
    no_barriers(tab)
    couple.ana.reload()
    assert couple.ana.locator("main").inner_text() == before


def test_with_no_page_open_a_later_one_shows_it_and_cannot_come_is_an_answer(
    couple: Couple,
) -> None:
    couple.ben.set_viewport_size(PHONE)
    press(couple.ana)
    expect(couple.ana.locator("#moment-now [role=status]")).to_contain_text("It is out")
    couple.ben.goto("/home/")
    no_barriers(couple.ben)
    couple.ben.get_by_role("button", name="I cannot come now").click()
    expect(couple.ana.locator("#moment-now [role=status]")).to_contain_text("cannot come now")
    expect(couple.ana.get_by_role("link", name="the safety page")).to_be_visible()
    expect(couple.ben.locator(".urgent-line")).to_contain_text("cannot come now")


def test_it_works_without_javascript(
    server: Server, couple: Couple, open_browser: OpenBrowser
) -> None:
    page = open_browser(java_script_enabled=False, viewport=PHONE)
    lend_cookies(couple.ana.context, page.context)
    page.goto("/practices/now/")
    page.get_by_role("button", name="I need you now").click()
    expect(page.get_by_role("button", name="Undo")).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    expect(page).to_have_url(re.compile("/practices/emergency/"))
