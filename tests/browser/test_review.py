"""A review by two people in two browsers: unseen by each other, then both at once."""

import json
import re
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Couple, OpenBrowser, Troubles
from tests.server import Server

AGREE = """
from couples.models import User
from principles.models import Agreement

def agree(one, two, principle, text):
    one, two = (User.objects.get(email=email) for email in (one, two))
    wording = Agreement.of(one.partner, principle).propose(one.partner, text)
    wording.sign(one.partner)
    wording.sign(two.partner)

for principle, text in json.loads({agreements!r}).items():
    agree({one!r}, {two!r}, principle, text)
"""
AGREED = {
    "repair": "We come back within the hour.",
    "joint-decisions": "We ask before we book anything.",
}
CANARY = "Nobody may read this sentence yet."


@pytest.fixture
def agreed(server: Server, couple: Couple) -> Couple:
    """The couple, with two agreements that both signed."""
    server.shell(
        "import json\n"
        + AGREE.format(agreements=json.dumps(AGREED), one=couple.ana_email, two=couple.ben_email)
    )
    return couple


def item(page: Page, words: str) -> Locator:
    return page.get_by_role("group").filter(has_text=words)


def note(page: Page, words: str) -> Locator:
    return item(page, words).get_by_label("A note, if you like")


def begin(couple: Couple) -> None:
    """Ana begins; Ben's page, open already, offers it to him."""
    couple.ana.goto("/reviews/")
    couple.ben.goto("/reviews/")
    expect(couple.ben.locator("html")).to_have_attribute("data-live", "on")
    couple.ana.get_by_role("button", name="Begin a review").click()
    expect(couple.ana.get_by_role("heading", level=1)).to_have_text("How is each of these going?")
    couple.ben.get_by_role("link", name="Open the review").click()
    for page in (couple.ana, couple.ben):
        expect(page.locator("html")).to_have_attribute("data-live", "on")


def test_a_whole_review(agreed: Couple):
    ana, ben = agreed.ana, agreed.ben
    begin(agreed)
    item(ana, "We come back").get_by_label("Wobbling").check()
    note(ana, "We come back").fill(CANARY)
    expect(ana.locator("#marks output")).to_have_text("Saved")

    # Ben has begun to type when Ana gets done: her state shows, his words stay.
    note(ben, "We ask before").press_sequentially("I was not asked ab")
    ana.get_by_role("button", name="I am done").click()
    expect(ana.get_by_role("heading", level=1)).to_have_text("You are done")
    expect(ana.get_by_role("heading", level=1)).to_be_focused()
    expect(ben.locator("#review-status")).to_contain_text("Ana is done.")
    expect(note(ben, "We ask before")).to_have_value("I was not asked ab")
    expect(note(ben, "We ask before")).to_be_focused()
    assert CANARY not in ben.content()
    note(ben, "We ask before").press_sequentially("out the car.")
    item(ben, "We ask before").get_by_label("Reword").check()

    # Done at once after the last stroke: the last words count, and both see everything.
    ben.get_by_role("button", name="I am done").click()
    for page in (ana, ben):
        expect(page.get_by_role("heading", level=1)).to_have_text("What you each said")
        expect(page.get_by_text(CANARY)).to_be_visible()
        expect(page.get_by_text("I was not asked about the car.")).to_be_visible()

    # Ana chooses while Ben is about to set a date, which stays in his hands.
    day = (datetime.now(UTC).date() + timedelta(days=20)).isoformat()
    ben.get_by_label("Another day").check()
    ben.get_by_label("Which day?").fill(day)
    chosen = ana.get_by_role("region", name="We ask before we book anything.")
    chosen.get_by_role("button", name="Talk about this one").click()
    for page in (ana, ben):
        expect(page.get_by_text("The one to talk about")).to_be_visible()
    expect(ben.get_by_label("Which day?")).to_have_value(day)

    ben.get_by_role("button", name="Set the date and close").click()
    for page in (ana, ben):
        expect(page.locator("#review-end")).to_contain_text("Either of you can move it.")
        expect(page.get_by_role("button", name=re.compile("^Talk about"))).to_have_count(0)
    ana.goto("/home/")
    expect(ana.get_by_role("complementary")).to_contain_text("when it is quiet.")


def test_a_review_that_one_stops_while_the_other_types(agreed: Couple, troubles: Troubles):
    ana, ben = agreed.ana, agreed.ben
    begin(agreed)
    note(ben, "We come back").fill("Half a sent")
    expect(ben.locator("#marks output")).to_have_text("Saved")
    ana.get_by_text("Stop this review").click()
    ana.get_by_role("button", name="Stop, and delete the marks").click()
    expect(ana.get_by_role("heading", level=1)).to_have_text("This review was stopped")
    expect(ben.locator("#review-status")).to_contain_text("This review was stopped.")
    expect(note(ben, "We come back")).to_have_value("Half a sent")

    # What is typed on after that is not kept, and not lost from the page either.
    troubles.allow("409")
    note(ben, "We come back").press_sequentially("ence.")
    expect(ben.get_by_role("alert")).to_contain_text("This review was stopped.")
    expect(ben.get_by_role("alert")).to_contain_text("Half a sentence.")


def test_two_windows_of_one_person(agreed: Couple, troubles: Troubles):
    begin(agreed)
    ana = agreed.ana
    laptop = ana.context.new_page()
    laptop.goto(ana.url)
    note(ana, "We come back").fill("Written on the phone.")
    expect(ana.locator("#marks output")).to_have_text("Saved")
    troubles.allow("409")
    note(laptop, "We come back").fill("Written on the laptop.")
    expect(laptop.get_by_text("In another window you said this.")).to_be_visible()
    expect(laptop.get_by_text("Written on the phone.")).to_be_visible()
    expect(note(laptop, "We come back")).to_have_value("Written on the laptop.")
    # Nothing is decided by waiting.
    laptop.wait_for_timeout(1500)
    ana.reload()
    expect(note(ana, "We come back")).to_have_value("Written on the phone.")
    laptop.get_by_role("button", name="I am done").click()
    expect(laptop.get_by_role("heading", level=1)).to_have_text("You are done")
    expect(laptop.get_by_text("Written on the laptop.")).to_be_visible()
    expect(ana.locator("#review-status")).to_contain_text("you said that you are done")


def test_being_done_while_signed_out_keeps_the_words_on_the_page(
    agreed: Couple, troubles: Troubles
):
    begin(agreed)
    ana = agreed.ana
    ana.context.clear_cookies()
    troubles.allow("ERR_|redirect|403|401")
    note(ana, "We come back").fill("Do not lose this.")
    ana.get_by_role("button", name="I am done").click()
    expect(ana.locator("#marks output")).to_contain_text("You are signed out here.")
    expect(note(ana, "We come back")).to_have_value("Do not lose this.")


def test_a_review_without_javascript(agreed: Couple, open_browser: OpenBrowser, server: Server):
    pages = []
    for page in (agreed.ana, agreed.ben):
        plain = open_browser(java_script_enabled=False, viewport={"width": 390, "height": 844})
        plain.context.add_cookies(page.context.cookies())
        pages.append(plain)
    ana, ben = pages
    ana.goto("/reviews/")
    ana.get_by_role("button", name="Begin a review").click()
    item(ana, "We come back").get_by_label("Holding").check()
    note(ana, "We ask before").fill("Saved by a button.")
    ana.get_by_role("button", name="Save").click()
    expect(ana.get_by_role("status").first).to_have_text("Saved.")
    expect(note(ana, "We ask before")).to_have_value("Saved by a button.")
    note(ana, "We ask before").fill("Changed, and done at once.")
    ana.get_by_role("button", name="I am done").click()
    ben.goto("/reviews/")
    ben.get_by_role("link", name="Open the review").click()
    assert "Changed, and done" not in ben.content()
    ben.get_by_role("button", name="I am done").click()
    expect(ben.get_by_text("Changed, and done at once.")).to_be_visible()
    ben.get_by_role("button", name="Talk about this one").first.click()
    expect(ben.get_by_text("The one to talk about")).to_be_visible()
    ben.get_by_label("In a week").check()
    ben.get_by_role("button", name="Set the date and close").click()
    expect(ben.locator("#review-end")).to_contain_text("Either of you can move it.")
