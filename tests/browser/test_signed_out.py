"""A page that stays open after the session has ended somewhere else."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.barriers import no_barriers
from tests.browser.conftest import PASSWORD, Couple, Troubles
from tests.browser.writing import Writer
from tests.server import Server

pytestmark = pytest.mark.one_database


def test_a_page_is_not_replaced_by_the_sign_in_page(couple: Couple, troubles: Troubles) -> None:
    troubles.allow("WebSocket")
    ana = couple.ana
    ana.goto("/principles/repair/")
    expect(ana.locator("html")).to_have_attribute("data-live", "on")
    ana.get_by_label("Words for us").fill("We come back within the hour.")
    desk, elsewhere = ana.context.new_page(), ana.context.new_page()
    desk.goto("/practices/transparent/")
    elsewhere.goto("/account/logout/")
    elsewhere.get_by_role("main").get_by_role("button", name="Sign out").click()
    # What is sent from a page that saves as one types stays there, too.
    desk.get_by_role("textbox").fill("I hid the box.")
    expect(desk.locator("auto-save output")).to_contain_text("You are signed out here.")
    desk.get_by_role("button", name="Give this to Ben").click()
    desk.wait_for_timeout(500)
    expect(desk.get_by_role("textbox")).to_have_value("I hid the box.")
    # Asked for anew by a nudge, and by the person.
    ana.evaluate("document.body.dispatchEvent(new CustomEvent('nudge:agreement-repair'))")
    ana.get_by_role("button", name="Propose these words").click()
    expect(ana.locator(".notices")).to_contain_text("You are signed out here")
    expect(ana.get_by_label("Words for us")).to_have_value("We come back within the hour.")
    expect(ana.get_by_label("Password")).to_have_count(0)
    expect(ana).to_have_url(re.compile("/principles/repair/$"))


def test_what_was_typed_into_a_plain_form_is_on_the_page_that_says_so(
    couple: Couple, troubles: Troubles
) -> None:
    troubles.allow("status of 403|WebSocket")
    ana = couple.ana
    ana.goto("/practices/joint-decisions/")
    ana.get_by_role("textbox").first.fill("We get a dog.")
    ana.get_by_role("button", name="Put it to both of us").click()
    ana.wait_for_url(re.compile("/moments/"))
    couple.ben.goto(ana.url)
    for page in (ana, couple.ben):
        page.get_by_role("radio", name="Not yet").check()
        page.get_by_role("button", name="I am ready").click()
    again = ana.get_by_role("textbox", name="How would you say it now?")
    again.fill("A walk first.\nA dog later.")
    elsewhere = ana.context.new_page()
    elsewhere.goto("/account/logout/")
    elsewhere.get_by_role("main").get_by_role("button", name="Sign out").click()
    ana.get_by_role("button", name="Put it to both of us again").click()
    expect(ana.get_by_role("heading", name="You are signed out here")).to_be_visible()
    expect(ana.locator("main blockquote")).to_have_text(re.compile("A walk first.*A dog later"))
    no_barriers(ana)


# As the server itself would keep it; the couple's own is made for tests alone.
KEEP_PASSWORD = """
from couples.models import User
user = User.objects.get(email="{email}")
user.set_password("{password}")
user.save()
"""


def sign_in(page: Page, email: str) -> None:
    page.goto("/account/login/")
    page.locator("[name=login]").fill(email)
    page.locator("[name=password]").fill(PASSWORD)
    page.get_by_role("main").get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/home/")


@pytest.mark.slow
def test_who_signs_in_again_elsewhere_goes_on_with_every_page(
    couple: Couple, server: Server, troubles: Troubles
) -> None:
    troubles.allow("403|WebSocket")
    server.shell(KEEP_PASSWORD.format(email=couple.ana_email, password=PASSWORD))
    sign_in(couple.ana, couple.ana_email)
    questions, principle, elsewhere = (couple.ana.context.new_page() for _ in range(3))
    questions.goto("/letters/questions/")
    answer = questions.locator("auto-save").first
    answer.get_by_role("textbox").fill("I would like to be somebody")
    expect(answer.locator("output")).to_have_text("Saved")
    principle.goto("/principles/repair/")
    couple.ana.goto("/letters/")
    couple.ana.get_by_role("button", name="Begin our letter").click()
    ana = Writer(couple.ana)
    ana.at(1)
    ana.type("A sentence.")
    ana.is_saved()
    elsewhere.goto("/account/logout/")
    elsewhere.get_by_role("main").get_by_role("button", name="Sign out").click()
    expect(ana.notice).to_contain_text("You are signed out here.")
    sign_in(elsewhere, couple.ana_email)

    # A field that is saved as one types.
    answer.get_by_role("textbox").press_sequentially(" who stays.")
    expect(answer.locator("output")).to_have_text("Saved")
    # The letter, and a note beside it.
    ana.notice.get_by_role("button", name="Go on").click()
    ana.is_saved()
    ana.at(1)
    ana.tool("Note: comment on these words").click()
    ana.page.get_by_label("Your note").fill("Which one?")
    ana.page.get_by_role("button", name="Leave this note").click()
    expect(ana.page.locator("[data-remark]")).to_contain_text("Which one?")
    # What htmx sends goes through at the second try.
    principle.get_by_label("Words for us").fill("We come back within the hour.")
    propose = principle.get_by_role("button", name="Propose these words")
    propose.click()
    expect(principle.locator(".notices")).to_contain_text("try again in a moment")
    propose.click()
    expect(principle.get_by_role("button", name="Sign these words")).to_be_visible()
    expect(principle.locator(".notices")).to_be_empty()
