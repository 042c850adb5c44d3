"""An agreement, whole, and principles of two people's own: two browsers, one of them a phone."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.barriers import no_barriers
from tests.browser.conftest import Couple

pytestmark = pytest.mark.one_database


@pytest.fixture
def phone(couple: Couple) -> Page:
    """Ben's."""
    couple.ben.set_viewport_size({"width": 390, "height": 844})
    return couple.ben


def test_an_agreement_from_the_first_words_to_a_miss_and_a_pause(
    couple: Couple, phone: Page
) -> None:
    ana = couple.ana
    for page in (ana, phone):
        page.goto("/principles/repair/")
    ana.get_by_label("Words for us").fill("We always come back.")
    ana.get_by_text("What it looks like, and what happens").click()
    ana.get_by_label("It looks like this, from me").fill("I put the kettle on.")
    ana.get_by_label("Who names it, and how").fill("Whoever notices says kettle.")
    ana.get_by_role("button", name="Propose these words").click()
    # A hint, and the choice to keep the words.
    expect(ana.get_by_text("broken by the first bad Tuesday")).to_be_visible()
    no_barriers(ana)
    ana.get_by_label("Words for us").fill("We come back within the hour.")
    ana.get_by_role("button", name="Propose them like this").click()

    # They come to Ben by themselves; his line is his alone.
    expect(phone.locator("#agreement")).to_contain_text("I put the kettle on.")
    phone.reload()
    phone.get_by_role("link", name="Propose other words").click()
    expect(phone.get_by_label("It looks like this, from me")).to_have_value("")
    expect(phone.locator("#propose")).to_contain_text("only theirs to word")
    phone.get_by_label("It looks like this, from me").fill("I say my part, without a but.")
    phone.get_by_role("button", name="Propose these words").click()
    expect(ana.locator("#agreement")).to_contain_text("without a but.")
    for page in (ana, phone):
        page.get_by_role("button", name="Sign these words").click()
        expect(page.get_by_role("button", name="Withdraw my signature")).to_be_visible()

    ana.get_by_role("button", name="We missed this").click()
    for page in (ana, phone):
        expect(page.locator(".missed")).to_contain_text("Whoever notices says kettle.")
    no_barriers(phone)
    phone.get_by_role("button", name="It is put right").click()
    expect(ana.locator(".missed")).to_have_count(0)

    # What he opens stays open when that part of his page is renewed.
    phone.get_by_text("Put it aside").click()
    with phone.expect_response("**/principles/repair/") as renewed:
        phone.evaluate("document.body.dispatchEvent(new Event('nudge:agreement-repair'))")
    renewed.value.finished()
    phone.wait_for_timeout(300)
    phone.get_by_role("button", name="Pause it").click()
    expect(ana.locator(".suspension")).to_contain_text("Paused since")
    ana.get_by_text("Put it aside").click()
    expect(ana.get_by_text("Ben paused it and can take it up again.")).to_be_visible()
    no_barriers(ana)
    ana.goto("/principles/ours/")
    expect(ana.get_by_text("Nothing here yet.")).to_be_visible()
    phone.get_by_role("button", name="Take it up again").click()
    expect(phone.locator(".suspension")).to_have_count(0)
    ana.reload()
    expect(ana.locator(".ours")).to_contain_text("We come back within the hour.")
    no_barriers(ana)


def test_a_principle_of_our_own_takes_two_and_works_without_javascript(
    couple: Couple, phone: Page
) -> None:
    ana = couple.ana
    ana.goto("/principles/")
    ana.get_by_role("link", name="Add one of our own").click()
    ana.get_by_label("What it is called").fill("We eat together")
    ana.get_by_role("button", name="Propose it to Ben").click()
    expect(ana.get_by_text("once both have said yes.")).to_be_visible()
    phone.goto("/principles/")
    no_barriers(phone)
    phone.get_by_role("button", name="Say yes to “We eat together”").click()
    expect(phone.get_by_role("heading", name="We eat together")).to_be_visible()
    no_barriers(phone)
    expect(ana.get_by_role("link", name="We eat together")).to_be_visible()
    ana.get_by_role("button", name="Put “We eat together” away").click()
    expect(ana.get_by_role("link", name="We eat together")).to_have_count(0)


def test_today_is_said_kept_and_shared(couple: Couple, phone: Page) -> None:
    ana = couple.ana
    for page in (ana, phone):
        page.goto("/home/")
    ana.get_by_role("button", name="Done").click()
    expect(ana.get_by_role("button", name="Done")).to_have_attribute("aria-pressed", "true")
    ana.get_by_text("A line about it, or another one for today").click()
    ana.get_by_label("A line, for you").fill("I asked twice.")
    expect(ana.locator("#today output")).to_have_text("Saved")
    no_barriers(ana)
    ana.reload()
    expect(ana.get_by_label("A line, for you")).to_have_value("I asked twice.")
    ana.get_by_role("link", name="Share this line with Ben").click()
    ana.get_by_role("button", name="Share these words with Ben").click()
    # It comes to Ben's open page by itself, and goes again.
    expect(phone.locator("#given-today")).to_contain_text("I asked twice.")
    no_barriers(phone)
    ana.get_by_role("button", name="Take it back").click()
    expect(phone.locator("#given-today")).not_to_contain_text("I asked twice.")
    for path in ("/days/", "/reminder/", "/principles/repair/ways/"):
        phone.goto(path)
        no_barriers(phone)
