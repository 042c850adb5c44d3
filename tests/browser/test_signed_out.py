"""A page that is open when its session ends somewhere else."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.barriers import no_barriers
from tests.browser.conftest import PASSWORD, Couple, OpenBrowser, Troubles
from tests.browser.writing import Writer
from tests.server import Server

pytestmark = pytest.mark.one_database


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


def sign_out(page: Page) -> None:
    page.goto("/account/logout/")
    page.get_by_role("main").get_by_role("button", name="Sign out").click()


def test_pages_are_emptied_of_all_but_what_was_not_saved(
    couple: Couple, troubles: Troubles
) -> None:
    troubles.allow("WebSocket|Failed to load")
    principle, context = couple.ana, couple.ana.context
    questions, practice, elsewhere = (context.new_page() for _ in range(3))
    principle.goto("/principles/repair/")
    principle.get_by_label("Words for us").fill("We come back\nwithin the hour.")
    questions.goto("/letters/questions/")
    answer = questions.locator("auto-save").first
    answer.get_by_role("textbox").fill("A canary that is saved.")
    expect(answer.locator("output")).to_have_text("Saved")
    practice.goto("/practices/transparent/")
    practice.route("**/practices/**", lambda route: route.abort())
    practice.get_by_role("textbox").fill("I hid the box.")
    expect(practice.locator("auto-save output")).to_contain_text("Not saved yet.")
    for page in (principle, questions, practice):
        expect(page.locator("html")).to_have_attribute("data-live", "on")
    sign_out(elsewhere)
    for page in (principle, questions, practice):
        expect(page.get_by_role("heading", name="This page is closed")).to_be_visible()
        expect(page.get_by_role("navigation")).to_have_count(0)
        expect(page.get_by_role("textbox")).to_have_count(0)
    expect(principle.locator("main blockquote")).to_have_text("We come back\nwithin the hour.")
    expect(practice.locator("main blockquote")).to_have_text("I hid the box.")
    expect(questions.locator("main blockquote")).to_have_count(0)
    assert "canary" not in questions.content()
    expect(principle).to_have_url(re.compile("/principles/repair/$"))
    no_barriers(principle)
    with principle.expect_popup() as sign_in:
        principle.get_by_role("link", name="Sign in in another window").click()
    expect(sign_in.value.get_by_label("Password")).to_be_visible()


def test_one_browser_is_signed_out_from_another(
    couple: Couple, open_browser: OpenBrowser, server: Server, troubles: Troubles
) -> None:
    """The page that it has open is emptied within two seconds."""
    troubles.allow("WebSocket")
    code = KEEP_PASSWORD.format(email=couple.ana_email, password=PASSWORD)
    server.shell(code)
    lost, phone = open_browser(), open_browser()
    for page in (lost, phone):
        sign_in(page, couple.ana_email)
    lost.goto("/principles/repair/")
    expect(lost.locator("html")).to_have_attribute("data-live", "on")
    phone.goto("/account/sessions/")
    phone.get_by_role("listitem").filter(has_text="Another browser").first.get_by_role(
        "button", name="Sign it out"
    ).click()
    phone.get_by_label("Password").fill(PASSWORD)
    phone.get_by_role("button", name="It is me").click()
    expect(phone.get_by_text("That browser is signed out.")).to_be_visible()
    expect(lost.get_by_role("heading", name="This page is closed")).to_be_visible(timeout=4_000)
    no_barriers(phone)


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
    # As when the browser closed and forgot: nobody has told the page.
    ana.context.clear_cookies(name="session")
    ana.get_by_role("button", name="Put it to both of us again").click()
    expect(ana.get_by_role("heading", name="You are signed out here")).to_be_visible()
    expect(ana.locator("main blockquote")).to_have_text(re.compile("A walk first.*A dog later"))
    no_barriers(ana)


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
    # Nobody has ended what these pages came with.
    couple.ana.context.clear_cookies()
    sign_in(elsewhere, couple.ana_email)

    # A field that is saved as one types.
    answer.get_by_role("textbox").press_sequentially(" who stays.")
    expect(answer.locator("output")).to_have_text("Saved")
    # The letter, and a note beside it.
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
