"""The whole first evening: two people, two browsers, the served app."""

import os
from itertools import zip_longest

from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenBrowser

PASSWORD = "a walk after every dinner"


def sign_up(page: Page, name: str, email: str) -> None:
    page.get_by_label("Your name").fill(name)
    page.get_by_label("Email").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Make my account").click()


def write_own_letter(page: Page, line: str) -> None:
    """One answered question, taken over into a personal letter."""
    page.get_by_role("link", name="Letters", exact=True).click()
    page.get_by_role("link", name="To the questions").click()
    page.get_by_label("When we disagree, who do I want to be?").fill(line)
    expect(page.locator("#disagree output")).to_have_text("Saved")
    page.reload()
    expect(page.get_by_label("When we disagree, who do I want to be?")).to_have_value(line)
    page.get_by_role("button", name="Begin a letter").click()
    expect(page.locator("[data-status]")).to_have_text("Saved")
    expect(page.locator(".letter .dear")).to_have_text("Dear Relationship,")
    page.get_by_text("Lines of your own").click()
    page.get_by_role("button", name=line).click()
    expect(page.locator(".letter .line")).to_have_text(line)
    expect(page.locator("[data-status]")).to_have_text("Saved")


def share(page: Page, other: str, line: str) -> None:
    page.get_by_role("link", name=f"Share it with {other}").click()
    expect(page.locator(".letter .line")).to_have_text(line)
    page.get_by_role("button", name=f"Share these words with {other}").click()
    expect(page.get_by_role("heading", name="What you gave")).to_be_visible()


def write(page: Page, words: str) -> None:
    editor = page.get_by_role("textbox", name="The letter")
    editor.locator("p").last.click()
    page.keyboard.press("Control+End")
    page.keyboard.type(words, delay=15)


def test_the_first_evening(open_browser: OpenBrowser) -> None:
    tag = os.urandom(4).hex()
    ana, ben = open_browser(), open_browser(viewport={"width": 390, "height": 844})

    # Ana arrives, begins together, and has a link.
    ana.goto("/")
    ana.get_by_role("link", name="Begin", exact=True).click()
    sign_up(ana, "Ana", f"ana-{tag}@home.example")
    ana.get_by_role("button", name="Begin together").click()
    ana.get_by_role("button", name="Make a link").click()
    link = ana.get_by_label("The link").input_value()
    expect(ana.locator(".qr svg")).to_be_visible()

    # Ben opens it on a phone, sees who invites him, signs up on the way, and says yes.
    ben.goto(link)
    expect(ben.get_by_role("heading", level=1)).to_contain_text("Ana would like to share a home")
    ben.get_by_role("link", name="Make an account first").click()
    sign_up(ben, "Ben", f"ben-{tag}@home.example")
    ben.get_by_role("button", name="Share a home with Ana").click()
    expect(ben.get_by_role("heading", level=1)).to_have_text("You said yes")

    # Ana is asked whether it is him; his page learns of her yes.
    ana.goto("/home/")
    ana.get_by_role("link", name="Answer: Is this Ben?").click()
    expect(ana.get_by_text(f"ben-{tag}@home.example")).to_be_visible()
    ana.get_by_role("button", name="Yes, share a home with Ben").click()
    expect(ana.get_by_text("You share a home with Ben now")).to_be_visible()
    ben.goto("/home/")
    expect(ben.get_by_text("Who lives here")).to_be_visible()

    # Each writes a letter alone; Ana gives hers, and Ben reads exactly that.
    stays, asks = "I want to stay in the room.", "I want to ask once more."
    ana.goto("/home/")
    write_own_letter(ana, stays)
    write_own_letter(ben, asks)
    share(ana, "Ben", stays)
    ben.goto("/letters/")
    ben.get_by_role("listitem").filter(has_text="A letter from Ana").get_by_role("link").click()
    expect(ben.locator(".letter .line")).to_have_text(stays)

    # They write one letter, both at once, each on an own line of it.
    ana.goto("/letters/")
    ana.get_by_role("button", name="Begin our letter").click()
    ben.goto(ana.url)
    for page, other in ((ana, "Ben"), (ben, "Ana")):
        expect(page.locator("[data-status]")).to_have_text("Saved")
        expect(page.locator("[data-other-name]")).to_have_text(f"{other} is here")
    write(ana, "From Ana: ")
    expect(ben.locator(".letter")).to_contain_text("From Ana: ")
    ana.keyboard.press("Enter")
    expect(ben.locator(".letter p")).to_have_count(3)
    write(ben, "From Ben: ")
    expect(ana.locator(".letter")).to_contain_text("From Ben: ")
    # From here on they type in turns, a letter each, faster than anything is answered.
    ana.locator(".letter p").nth(1).click()
    ana.keyboard.press("End")
    loud, calls = "when it is loud we are slow", "when one calls the other comes"
    for one, two in zip_longest(loud, calls):
        if one:
            ana.keyboard.press(one)
        ben.keyboard.press(two)
    letter = ["Dear Relationship,", f"From Ana: {loud}", f"From Ben: {calls}"]
    for page in (ana, ben):
        expect(page.locator(".letter p")).to_have_text(letter)
        expect(page.locator("[data-status]")).to_have_text("Saved")
        # And as a page that needs no JavaScript.
        reader = open_browser(java_script_enabled=False, storage_state=page.context.storage_state())
        reader.goto(page.url + "read/")
        expect(reader.locator(".letter p")).to_have_text(letter)

    # Ana proposes words; they are on Ben's open page within a second. Both sign.
    for page in (ana, ben):
        page.goto("/principles/repair/")
        expect(page.locator("html")).to_have_attribute("data-live", "on")
    ana.get_by_label("Words for us").fill("We come back within the hour.")
    ana.get_by_role("button", name="Propose these words").click()
    expect(ben.locator("#agreement")).to_contain_text("We come back within the hour.")
    ben.get_by_role("button", name="Sign these words").click()
    expect(ana.locator("#agreement .sign .two")).to_contain_text("signed")
    ana.get_by_role("button", name="Sign these words").click()
    expect(ben.locator("#agreement .sign .one em")).to_have_text("Ana")

    # A first review: nothing is seen before both are done, then both at once.
    ana.get_by_role("link", name="Review", exact=True).click()
    ana.get_by_role("button", name="Begin a review").click()
    ben.goto(ana.url)
    ana.get_by_label("Wobbling").check()
    ana.get_by_label("A note").fill("Twice we slept on it.")
    expect(ana.locator("output").first).to_have_text("Saved")
    ben.get_by_label("Holding").check()
    ben.get_by_label("A note").fill("Mostly we did.")
    expect(ben.locator("output").first).to_have_text("Saved")
    ben.reload()
    assert "Twice we slept" not in ben.content()
    ana.get_by_role("button", name="I am done").click()
    assert "Twice we slept" not in ben.content()
    ben.get_by_role("button", name="I am done").click()
    for page in (ana, ben):
        expect(page.get_by_text("Twice we slept on it.")).to_be_visible()
        expect(page.get_by_text("Mostly we did.")).to_be_visible()
    ana.get_by_role("button", name="Talk about this one").click()
    for page in (ana, ben):
        expect(page.get_by_text("The one to talk about")).to_be_visible()
        page.get_by_role("button", name="Keep it as it is").click()
    ana.get_by_role("button", name="On to what changed").click()
    ana.get_by_label("Every month").check()
    ana.get_by_role("button", name="Close the review").click()
    expect(ben.get_by_text("when it is quiet")).to_be_visible()

    # Home says what is here.
    for page in (ana, ben):
        page.goto("/home/")
        expect(page.get_by_role("heading", name="What is here")).to_be_visible()
        expect(page.get_by_text("Our letter")).to_be_visible()
