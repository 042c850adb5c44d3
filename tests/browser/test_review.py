"""A review by two people in two browsers: unseen by each other, then both at once."""

import json
import re
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import APIResponse, Locator, Page, Route, expect

from tests.browser.barriers import no_barriers
from tests.browser.conftest import Couple, OpenBrowser, Troubles
from tests.browser.cookies import lend_cookies
from tests.browser.waiting import until
from tests.server import Server

pytestmark = pytest.mark.one_database

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


def heading(page: Page) -> Locator:
    return page.get_by_role("heading", level=1)


@pytest.mark.slow
@pytest.mark.each_database
def test_a_whole_review_together(agreed: Couple) -> None:
    """Live, one of them on a phone: both go on together, and no page goes away while one types."""
    ana, ben = agreed.ana, agreed.ben
    ben.set_viewport_size({"width": 390, "height": 844})
    begin(agreed)
    item(ana, "We come back").get_by_label("Wobbling").check()
    note(ana, "We come back").fill(CANARY)
    ana.get_by_label("Something you would like to thank Ben for").fill(f"{CANARY} For the soup.")
    expect(ana.locator("#marks output")).to_have_text("Saved")

    # Ben has begun to type when Ana gets done: her state shows, his words stay.
    note(ben, "We ask before").press_sequentially("I was not asked ab")
    ana.get_by_role("button", name="I am done").click()
    expect(heading(ana)).to_have_text("You are done")
    expect(heading(ana)).to_be_focused()
    expect(ben.locator("#review-status")).to_contain_text("Ana is done.")
    expect(note(ben, "We ask before")).to_have_value("I was not asked ab")
    expect(note(ben, "We ask before")).to_be_focused()
    assert CANARY not in ben.content()
    note(ben, "We ask before").press_sequentially("out the car.")
    item(ben, "We ask before").get_by_label("Reword").check()

    # Done at once after the last stroke: the last words count, and both see everything.
    ben.get_by_role("button", name="I am done").click()
    for page in (ana, ben):
        expect(heading(page)).to_have_text("First, a thank you")
        expect(page.get_by_text("For the soup.")).to_be_visible()
    no_barriers(ana)
    ana.get_by_role("button", name="On to what you each said").click()
    for page in (ana, ben):
        expect(heading(page)).to_have_text("What you each said")
        expect(page.get_by_text(CANARY)).to_be_visible()
        expect(page.get_by_text("I was not asked about the car.")).to_be_visible()
    no_barriers(ben)

    chosen = ben.get_by_role("region", name="We ask before we book anything.")
    chosen.get_by_role("button", name="Talk about this one").click()
    for page in (ana, ben):
        expect(heading(page)).to_have_text("We ask before we book anything.")

    # Ana goes on while Ben types: his page stays, and says where she is.
    ben.get_by_label("Your own part").press_sequentially("I was silent ab")
    ana.get_by_role("button", name="On to what changed").click()
    expect(heading(ana)).to_have_text("Before you close")
    expect(ben.locator("#review-where")).to_contain_text("Ana is at “Next time” now.")
    expect(ben.get_by_label("Your own part")).to_be_focused()
    ben.get_by_label("Your own part").press_sequentially("out it, too.")
    expect(ben.locator("#my-part output")).to_have_text("Saved")
    assert "silent" not in ana.content()
    # She comes back, and he has not lost his place.
    ana.get_by_role("button", name="Back to all of them").click()
    chosen = ana.get_by_role("region", name="We ask before we book anything.")
    chosen.get_by_role("button", name="Talk about this one").click()
    expect(ben.locator("#review-where")).not_to_contain_text("Ana is at")
    ben.get_by_role("button", name="Say it to Ana").click()
    expect(ana.locator("#review-now-talk")).to_contain_text("I was silent about it, too.")

    # What becomes of it: only what both say.
    ana.get_by_role("button", name="Pause it for a while").click()
    expect(ben.locator("#review-now-talk")).to_contain_text("Ana has said it.")
    ben.get_by_role("button", name="Find other words").click()
    expect(ana.locator("#review-now-talk")).to_contain_text("You would each do something else.")
    no_barriers(ana)
    no_barriers(ben)
    ana.get_by_role("button", name="Find other words").click()
    for page in (ana, ben):
        expect(page.locator("#review-now-talk")).to_contain_text("You both want other words")

    # Ben writes them, and comes back to the review; both sign only that.
    ben.get_by_role("link", name="Write other words").click()
    ben.get_by_label("Other words for us").fill("We ask before we spend anything.")
    ben.get_by_role("button", name="Propose these words").click()
    expect(heading(ben)).to_have_text("We ask before we book anything.")
    ben.get_by_role("button", name="On to what changed").click()
    for page in (ana, ben):
        expect(heading(page)).to_have_text("Before you close")
        expect(page.get_by_role("button", name="Sign these words")).to_have_count(1)
    no_barriers(ben)
    # Ana has chosen a day; Ben's signature beside it changes nothing of that.
    ana.get_by_label("When we like, without a day").check()
    ben.get_by_role("button", name="Sign these words").click()
    expect(ben.locator("#review-changed")).to_contain_text("It counts once both have.")
    ana.get_by_role("button", name="Sign these words").click()
    for page in (ana, ben):
        expect(page.locator("#review-changed")).to_contain_text("You have both signed these words.")
    expect(ana.get_by_label("When we like, without a day")).to_be_checked()
    day = (datetime.now(UTC).date() + timedelta(days=20)).isoformat()
    ana.get_by_label("Another day").check()
    ana.get_by_label("Which day?").fill(day)
    ana.get_by_role("button", name="Close the review").click()
    for page in (ana, ben):
        expect(page.locator("#review-end")).to_contain_text("Either of you can move it.")
        expect(page.get_by_role("button", name=re.compile("^Talk about"))).to_have_count(0)
        expect(page.get_by_text("I was silent about it, too.")).to_be_visible()
        no_barriers(page)
    ana.goto("/home/")
    expect(ana.get_by_role("complementary")).to_contain_text("when it is quiet.")
    # What has been is drawn, and can be read as a table.
    for page in (ana, ben):
        page.goto("/reviews/picture/")
        page.get_by_role("link", name="We make joint decisions").click()
        expect(page.get_by_role("heading", name="Over time")).to_be_visible()
        no_barriers(page)
        page.get_by_role("link", name="The whole picture").click()
        page.get_by_text("As a table").first.click()
        expect(page.get_by_role("cell", name="Wobbling")).to_be_visible()
        no_barriers(page)


def test_both_get_done_at_the_same_moment(agreed: Couple) -> None:
    """What Ana's page is told while the answer to her own click is on its way is not lost."""
    begin(agreed)
    ana, ben = agreed.ana, agreed.ben
    token = ben.locator("#marks [name=csrfmiddlewaretoken]").input_value()

    def meanwhile(route: Route) -> None:
        answer = route.fetch()
        ben.request.post(
            f"{ben.url}done/", form={"csrfmiddlewaretoken": token}, headers={"Referer": ben.url}
        )
        # Her page has heard of it before her own answer arrives.
        ana.wait_for_timeout(1_000)
        route.fulfill(response=answer)

    ana.route("**/done/", meanwhile)
    ana.get_by_role("button", name="I am done").click()
    expect(heading(ana)).to_have_text("What you each said")


def test_what_is_said_while_the_other_comes_along_is_there_when_they_arrive(agreed: Couple) -> None:
    """Ana's answer was made before Ben said it, and is on its way when her page is told of it."""
    begin(agreed)
    ana, ben = agreed.ana, agreed.ben
    for page in (ana, ben):
        page.get_by_role("button", name="I am done").click()
    expect(heading(ana)).to_have_text("What you each said")

    under_way: list[tuple[Route, APIResponse]] = []
    asked: list[Route] = []
    ana.route("**/choose/", lambda route: under_way.append((route, route.fetch())))
    ana.route("**/*part=where*", lambda route: asked.append(route))
    ana.get_by_role("button", name="Talk about this one").first.click()
    expect(heading(ben)).to_have_text("We come back within the hour.")
    ben.get_by_label("Your own part").fill("I was silent about it.")
    ben.get_by_role("button", name="Say it to Ana").click()
    expect(ben.locator("#review-now-talk")).to_contain_text("I was silent about it.")
    ana.wait_for_timeout(1_000)
    route, answer = under_way.pop()
    route.fulfill(response=answer)
    expect(heading(ana)).to_have_text("We come back within the hour.")
    ana.unroute("**/*part=where*")
    for route in asked:
        route.continue_()
    expect(ana.locator("#review-now-talk")).to_contain_text("I was silent about it.")


@pytest.mark.parametrize("late", ["done", "mark"])
def test_what_is_saved_as_one_types_does_not_come_behind_i_am_done(
    agreed: Couple, late: str
) -> None:
    """Neither sent while the answer to the button is awaited, nor overtaken by it: it would be
    refused, because nothing is marked any more by somebody who is done."""
    begin(agreed)
    ana = agreed.ana
    sent: list[str] = []
    held: list[Route] = []
    ana.on("request", lambda request: sent.append(request.url.rsplit("/", 2)[-2]))
    ana.route(f"**/{late}/", lambda route: held.append(route))
    note(ana, "We come back").press_sequentially("We were late.")
    if late == "mark":
        expect(ana.locator("#marks output")).to_have_text("Saving…")
        until(ana, "!!document.querySelector('auto-save').saving")
    ana.get_by_role("button", name="I am done").click()
    # Longer than it waits for the next key.
    ana.wait_for_timeout(1_000)
    assert [each for each in sent if each in ("done", "mark")] == [late]
    held[0].continue_()
    expect(heading(ana)).to_have_text("You are done")
    assert sent.count("mark") == (late == "mark")
    expect(ana.get_by_text("We were late.")).to_be_visible()


@pytest.mark.slow
def test_a_review_apart(agreed: Couple, troubles: Troubles) -> None:
    """Each in their own time: nobody waits on a page, and leaving it half-way leaves it there."""
    ana, ben = agreed.ana, agreed.ben
    ana.set_viewport_size({"width": 390, "height": 844})
    ana.goto("/reviews/")
    ana.get_by_role("button", name="Begin a review").click()
    expect(heading(ana)).to_have_text("How is each of these going?")
    no_barriers(ana)
    where = ana.url
    note(ana, "We come back").fill("Half a thought")
    # She closes the page in mid-sentence; what it sends as it goes takes a moment to arrive.
    ana.goto("about:blank")
    for _ in range(50):
        ana.goto(where)
        if note(ana, "We come back").input_value():
            break
    expect(note(ana, "We come back")).to_have_value("Half a thought")
    ana.get_by_role("button", name="I am done").click()
    expect(heading(ana)).to_have_text("You are done")
    no_barriers(ana)
    ana.goto("about:blank")

    ben.goto("/home/")
    ben.locator('main a[href^="/reviews/"]').first.click()
    ben.get_by_role("button", name="I am done").click()
    expect(heading(ben)).to_have_text("What you each said")
    ben.get_by_role("button", name="Talk about this one").first.click()
    expect(heading(ben)).to_have_text("We come back within the hour.")
    ben.get_by_label("Your own part").fill("I kept it to myself.")
    expect(ben.locator("#my-part output")).to_have_text("Saved")
    ben.goto("about:blank")

    # Two days later Ana finds it where he left it, with nothing that he has not said.
    ana.goto(where)
    expect(heading(ana)).to_have_text("We come back within the hour.")
    assert "I kept it to myself." not in ana.content()
    ana.get_by_role("link", name="What you each said").click()
    expect(ana.locator("#review-where")).to_contain_text("Together you are at “One to talk about”.")
    no_barriers(ana)
    ana.get_by_role("link", name="Go there").click()
    expect(heading(ana)).to_have_text("We come back within the hour.")
    expect(ana).to_have_url(where)
    ana.get_by_role("button", name="Keep it as it is").click()
    expect(ana.locator("#review-now-talk")).to_contain_text("You have said it.")

    # Ben's words are still on his desk. He comes along with Ana, and goes back by himself.
    ben.goto(where)
    expect(ben.get_by_label("Your own part")).to_have_value("I kept it to myself.")
    expect(ben.locator("html")).to_have_attribute("data-live", "on")
    ana.get_by_role("button", name="On to what changed").click()
    for page in (ana, ben):
        expect(heading(page)).to_have_text("Before you close")
    ben.get_by_role("link", name="One to talk about").click()
    ben.get_by_role("button", name="Keep it as it is").click()
    expect(ben.locator("#review-now-talk")).to_contain_text("You both keep it as it is.")
    # His line breaks while he writes, and comes back.
    troubles.allow("ERR_INTERNET_DISCONNECTED|Failed to load resource|WebSocket")
    ben.context.set_offline(True)
    ben.get_by_label("Your own part").press_sequentially(" Again.")
    expect(ben.locator("#my-part output")).to_contain_text("Not saved yet.")
    ben.context.set_offline(False)
    expect(ben.locator("#my-part output")).to_have_text("Saved")

    # Ana closes it before he has said his part: the words stay his.
    no_barriers(ana)
    ana.get_by_role("button", name="Close the review").click()
    expect(ana.locator("#review-end")).to_contain_text("Either of you can move it.")
    expect(ben.locator("#review-where")).to_contain_text("This review is closed now.")
    troubles.allow("409")
    ben.get_by_role("button", name="Say it to Ana").click()
    expect(ben.get_by_role("alert")).to_contain_text("This review is closed")
    expect(ben.get_by_role("alert")).to_contain_text("Again.")
    ben.goto(where)
    expect(ben.get_by_role("region", name="What you wrote and did not say")).to_be_visible()
    no_barriers(ben)
    ana.reload()
    assert "I kept it to myself." not in ana.content()


def test_a_review_that_one_stops_while_the_other_types(agreed: Couple, troubles: Troubles) -> None:
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


def test_two_windows_of_one_person(agreed: Couple, troubles: Troubles) -> None:
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
) -> None:
    begin(agreed)
    ana = agreed.ana
    ana.context.clear_cookies()
    troubles.allow("ERR_|redirect|403|401")
    note(ana, "We come back").fill("Do not lose this.")
    ana.get_by_role("button", name="I am done").click()
    expect(ana.locator("#marks output")).to_contain_text("You are signed out here.")
    expect(note(ana, "We come back")).to_have_value("Do not lose this.")


def test_a_review_without_javascript(
    agreed: Couple, open_browser: OpenBrowser, server: Server
) -> None:
    pages = []
    for page in (agreed.ana, agreed.ben):
        plain = open_browser(java_script_enabled=False, viewport={"width": 390, "height": 844})
        lend_cookies(page.context, plain.context)
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
    ben.get_by_label("Your own part").fill("I forgot.")
    ben.get_by_role("button", name="Say it to Ana").click()
    for page in (ana, ben):
        page.goto(ben.url)
        expect(page.get_by_text("I forgot.").last).to_be_visible()
        page.get_by_role("button", name="Pause it for a while").click()
    expect(ben.get_by_text("You paused it together.")).to_be_visible()
    ben.get_by_role("button", name="On to what changed").click()
    ben.get_by_label("Every week").check()
    ben.get_by_role("button", name="Close the review").click()
    expect(ben.locator("#review-end")).to_contain_text("Either of you can move it.")
