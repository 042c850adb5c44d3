"""The pause, the questions, values and the inner blueprint, as only a browser shows them."""

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Couple, OpenBrowser, Troubles
from tests.browser.cookies import lend_cookies

pytestmark = pytest.mark.one_database

VALUES, QUESTIONS = "/letters/values/", "/letters/questions/"
SAVED = "auto-save output"


def name(page: Page, *values: str) -> None:
    """Type them, one after the other, without touching anything but the keys."""
    if not page.url.endswith(VALUES):
        page.goto(VALUES)
    page.get_by_label("A value").focus()
    for value in values:
        page.keyboard.type(value)
        page.keyboard.press("Enter")
        expect(page.locator("#values-said")).to_contain_text(f"“{value}” is on your list.")
        expect(page.get_by_label("A value")).to_have_value("")
        expect(page.get_by_label("A value")).to_be_focused()


def listed(page: Page) -> Locator:
    return page.locator(".values h2")


def give(page: Page, other: str) -> None:
    page.goto("/letters/values/share/")
    page.get_by_role("button", name=f"Give these words to {other}").click()
    expect(page.get_by_role("heading", name="Our values")).to_be_visible()


def test_one_breath_that_is_in_nobodys_way(couple: Couple, open_browser: OpenBrowser) -> None:
    ana, ben = couple.ana, couple.ben
    begin = ana.get_by_role("link", name="Begin", exact=True)
    for key in ("Enter", "Escape"):
        ana.context.clear_cookies(name="pause")
        ana.goto("/letters/")
        ana.get_by_role("link", name="To the questions").click()
        expect(ana.get_by_role("heading", name="One breath first")).to_be_visible()
        expect(begin).to_be_focused()
        # Who asked for no motion gets none.
        assert ana.locator(".breath").evaluate("e => getComputedStyle(e).animationName") == "none"
        ana.keyboard.press(key)
        ana.wait_for_url(f"**{QUESTIONS}")
    # Not again in this sitting, on whichever way in.
    ana.goto("/letters/")
    ana.get_by_role("button", name="Begin your letter").click()
    expect(ana.locator("letter-editor[data-ready]")).to_be_attached()

    # Without JavaScript, with motion, and turned off for good by one click.
    state = ben.context.storage_state()
    still = open_browser(java_script_enabled=False)
    still.emulate_media(reduced_motion="no-preference")
    still.context.add_cookies(state["cookies"])  # type: ignore[arg-type] # as they are
    still.context.clear_cookies(name="pause")
    still.goto("/letters/")
    still.get_by_role("button", name="Begin your letter").click()
    assert still.locator(".breath").evaluate("e => getComputedStyle(e).animationName") == "breath"
    still.get_by_role("button", name="Never show this in this browser").click()
    expect(still.locator("letter-editor")).to_be_attached()
    cookie = next(each for each in still.context.cookies() if each["name"] == "pause")
    assert cookie["value"] == "off"


def test_what_is_typed_without_a_line_is_kept_and_saved_when_it_is_back(
    couple: Couple, troubles: Troubles
) -> None:
    troubles.allow(r"ERR_INTERNET_DISCONNECTED")
    ana = couple.ana
    ana.goto(f"{QUESTIONS}disagree/")
    answer, said = ana.get_by_role("textbox"), ana.locator(SAVED)
    answer.press_sequentially("Slower")
    expect(said).to_have_text("Saved")
    ana.context.set_offline(True)
    answer.press_sequentially(" than the kettle")
    expect(said).to_contain_text("kept on this page")
    answer.press_sequentially(", and kinder.")
    ana.context.set_offline(False)
    expect(said).to_have_text("Saved")
    expect(answer).to_have_value("Slower than the kettle, and kinder.")
    # On with the next one by the keyboard, and both are there on the page of all six.
    ana.get_by_role("link", name="Next").press("Enter")
    ana.get_by_role("textbox").press_sequentially("A lift home.")
    expect(ana.locator(SAVED)).to_have_text("Saved")
    ana.get_by_role("link", name="All six on one page").click()
    expect(ana.locator("#disagree textarea")).to_have_value("Slower than the kettle, and kinder.")
    expect(ana.locator("#hard-day textarea")).to_have_value("A lift home.")
    # Closed in mid-sentence, while a slow line still carries the words before.
    slow = {"offline": False, "latency": 1500, "downloadThroughput": -1, "uploadThroughput": -1}
    ana.context.new_cdp_session(ana).send("Network.emulateNetworkConditions", slow)
    answer = ana.locator("#known-for textarea")
    with ana.expect_request(lambda request: request.method == "POST"):
        answer.press_sequentially("For coming")
    answer.press_sequentially(" to the door.")
    ana.close(run_before_unload=True)
    again = ana.context.new_page()
    for _ in range(40):
        again.goto(QUESTIONS)
        if again.locator("#known-for textarea").input_value() == "For coming to the door.":
            break
    expect(again.locator("#known-for textarea")).to_have_value("For coming to the door.")


def test_values_are_named_and_put_in_order_by_keyboard_and_mouse(couple: Couple) -> None:
    ana = couple.ana
    name(ana, "Patience", "Coming to the door")
    ana.get_by_role("button", name="Humour", exact=True).click()
    expect(listed(ana)).to_have_text(["Patience", "Coming to the door", "Humour"])
    expect(ana.get_by_role("button", name="Humour on your list")).to_be_focused()
    # Up twice with the same key, without looking for the button again.
    ana.get_by_role("button", name="Move “Humour” up").focus()
    for place, order in (
        (2, ["Patience", "Humour", "Coming to the door"]),
        (1, ["Humour", "Patience", "Coming to the door"]),
    ):
        ana.keyboard.press("Enter")
        expect(listed(ana)).to_have_text(order)
        expect(ana.locator("#values-said")).to_have_text(f"“Humour” stands in place {place}.")
        expect(ana.get_by_role("button", name="Move “Humour” up")).to_be_focused()
    # A grip that is pressed and not moved moves nothing.
    grips = ana.locator("[data-grip]")
    grips.nth(0).click()
    expect(ana.locator(".carried")).to_have_count(0)
    expect(listed(ana)).to_have_text(["Humour", "Patience", "Coming to the door"])
    # By dragging, to the end, and by dragging that is given up.
    grips.nth(0).hover()
    ana.mouse.down()
    ana.mouse.move(300, 500, steps=4)
    ana.keyboard.press("Escape")
    ana.mouse.up()
    expect(ana.locator(".carried")).to_have_count(0)
    expect(listed(ana)).to_have_text(["Humour", "Patience", "Coming to the door"])
    last = ana.locator(".values > li").last.bounding_box()
    assert last
    grips.nth(0).hover()
    ana.mouse.down()
    ana.mouse.move(last["x"] + 9, last["y"] + last["height"] - 4, steps=6)
    expect(ana.locator(".drop-after")).to_have_count(1)
    ana.mouse.up()
    expect(listed(ana)).to_have_text(["Patience", "Coming to the door", "Humour"])
    ana.reload()
    expect(listed(ana)).to_have_text(["Patience", "Coming to the door", "Humour"])


def test_values_are_put_in_order_by_a_finger(couple: Couple, open_browser: OpenBrowser) -> None:
    name(couple.ana, "Patience", "Humour")
    phone = open_browser(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    lend_cookies(couple.ana.context, phone.context)
    phone.goto(VALUES)
    expect(phone.locator("values-order:defined")).to_be_attached()
    grip = phone.locator("[data-grip]").last
    grip.scroll_into_view_if_needed()
    box, first = grip.bounding_box(), phone.locator(".values > li").first.bounding_box()
    assert box
    assert first
    x, y = box["x"] + box["width"] / 2, box["y"] + 10
    finger = phone.context.new_cdp_session(phone)

    def touch(what: str, *points: tuple[float, float]) -> None:
        at = [{"x": x, "y": y} for x, y in points]
        finger.send("Input.dispatchTouchEvent", {"type": what, "touchPoints": at})

    touch("touchStart", (x, y))
    for step in (0.3, 0.6, 1):
        touch("touchMove", (x, y + (first["y"] + 4 - y) * step))
    expect(phone.locator(".drop-before")).to_have_count(1)
    touch("touchEnd")
    expect(listed(phone)).to_have_text(["Humour", "Patience"])


def test_two_windows_on_the_same_values_lose_nothing(couple: Couple, troubles: Troubles) -> None:
    troubles.allow(r"status of (404|409)")
    one = couple.ana
    name(one, "Patience", "Humour")
    two = one.context.new_page()
    two.goto(VALUES)
    one.get_by_role("link", name="Write about “Patience”").click()
    one.get_by_label("What it means to you").fill("With the kettle on.")
    expect(one.locator(SAVED)).to_have_text("Saved")
    one.get_by_label("We repair").first.check()
    expect(one.locator(SAVED)).to_have_text("Saving…")
    expect(one.locator(SAVED)).to_have_text("Saved")
    # The other window moves it, from a list that knows nothing of the words.
    two.get_by_role("button", name="Move “Patience” down").click()
    expect(listed(two)).to_have_text(["Humour", "Patience"])
    expect(two.locator(".values")).to_contain_text("With the kettle on.")
    two.get_by_role("link", name="Write about “Patience”").click()
    one.get_by_label("What it means to you").fill("With the kettle on, twice.")
    expect(one.locator(SAVED)).to_have_text("Saved")
    two.get_by_label("What it means to you").fill("Without a clock.")
    conflict = two.locator(".conflict")
    expect(conflict).to_contain_text("With the kettle on, twice.")
    expect(two.get_by_label("What it means to you")).to_have_value("Without a clock.")
    two.get_by_role("button", name="Keep what stands here").click()
    expect(two.locator(SAVED)).to_have_text("Saved")
    # Taken off the list here, moved there: the list there stays in view.
    one.goto(VALUES)
    third = one.context.new_page()
    third.goto(two.url)
    two.get_by_text("Let go of this value").click()
    two.get_by_role("button", name="Take it off the list").click()
    expect(listed(two)).to_have_text(["Humour"])
    # And nothing pretends that it will still be saved.
    third.get_by_label("What it means to you").fill("Without a clock, ever.")
    expect(third.locator(SAVED)).to_contain_text("not there any more")
    one.get_by_role("button", name="Move “Patience” up").click()
    expect(listed(one)).to_have_count(2)


def test_a_line_from_a_value_stands_where_the_cursor_is(couple: Couple) -> None:
    ana = couple.ana
    name(ana, "Patience")
    ana.goto("/letters/")
    ana.get_by_role("button", name="Begin your letter").click()
    expect(ana.locator("letter-editor[data-ready]")).to_be_attached()
    editor = ana.get_by_role("textbox", name="The letter")
    editor.locator("p").last.click()
    ana.keyboard.type("Before.")
    ana.keyboard.press("Enter")
    ana.keyboard.type("After.")
    editor.get_by_text("Before.").click()
    ana.get_by_text("Lines of your own").click()
    ana.get_by_role("button", name="I want to be true to this: Patience.").click()
    expect(editor.locator("p")).to_have_text(
        ["Dear Relationship,", "Before.", "I want to be true to this: Patience.", "After."]
    )
    expect(editor.locator("p.line")).to_have_text("I want to be true to this: Patience.")
    # On a phone the lines stand below the letter: the page goes to what was put in.
    ana.set_viewport_size({"width": 390, "height": 600})
    ana.keyboard.press("ControlOrMeta+End")
    for _ in range(30):
        ana.keyboard.press("Enter")
    editor.get_by_text("Before.").click()
    ana.get_by_role("button", name="I want to be true to this: Patience.").click()
    expect(editor.locator("p.line")).to_have_count(2)
    expect(editor.locator("p.line").first).to_be_in_viewport()


def test_both_lists_open_at_the_second_one(couple: Couple) -> None:
    ana, ben = couple.ana, couple.ben
    name(ana, "Patience", "Humour")
    name(ben, "patience", "Play")
    give(ana, "Ben")
    expect(ana.locator("html[data-live=on]")).to_be_attached()
    expect(ana.locator("#ours")).to_contain_text("Not both lists are given.")
    assert "Play" not in ana.content()
    give(ben, "Ana")
    expect(ana.get_by_role("heading", name="Near each other")).to_be_visible(timeout=2000)
    expect(ana.locator("#ours")).to_contain_text("Play")
    ben.get_by_role("button", name="Take your list back").click()
    expect(ana.locator("#ours")).to_contain_text("Not both lists are given.", timeout=2000)
    assert "Play" not in ana.content()


def test_it_all_works_without_javascript(couple: Couple, open_browser: OpenBrowser) -> None:
    ana = open_browser(java_script_enabled=False)
    lend_cookies(couple.ana.context, ana.context)
    ana.goto(VALUES)
    ana.get_by_label("A value").fill("Patience")
    ana.get_by_role("button", name="Put it on the list").click()
    ana.get_by_role("button", name="Humour", exact=True).click()
    ana.get_by_role("button", name="Move “Humour” up").click()
    expect(listed(ana)).to_have_text(["Humour", "Patience"])
    expect(ana.locator("[data-grip]").first).to_be_hidden()
    ana.get_by_role("link", name="Write about “Humour”").click()
    ana.get_by_label("What it means to you").fill("At the worst moment.")
    ana.get_by_label("We repair").first.check()
    ana.get_by_role("button", name="Save").click()
    expect(ana.locator(".values")).to_contain_text("At the worst moment.")
    give(ana, "Ben")
    ana.goto(f"{QUESTIONS}disagree/")
    ana.get_by_role("textbox").fill("Slower.")
    ana.get_by_role("button", name="Save, and on to the next").click()
    ana.wait_for_url("**/hard-day/")
    ana.goto("/letters/blueprint/way-in/")
    ana.get_by_role("link", name="If a friend told me").click()
    ana.get_by_role("button", name="Save").click()
    expect(ana.get_by_role("textbox")).to_have_value(
        "If a friend told me he felt like this, I would tell him "
    )


def test_the_page_for_paper_prints_without_the_frame(couple: Couple) -> None:
    ana = couple.ana
    ana.goto("/letters/blueprint/closeness/")
    ana.get_by_role("textbox").first.fill("To the cellar.")
    expect(ana.locator(SAVED).first).to_have_text("Saved")
    ana.goto("/letters/blueprint/paper/")
    expect(ana.get_by_role("button", name="Print this page")).to_be_visible()
    ana.emulate_media(media="print")
    for frame in (".bar", ".foot", ".paper-tools"):
        expect(ana.locator(frame)).to_be_hidden()
    expect(ana.locator("article")).to_contain_text("Private. Written by Ana")
    expect(ana.locator("article")).to_contain_text("To the cellar.")
