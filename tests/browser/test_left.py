"""Left in mid-sentence: the last words are there, and nobody is in conflict with themselves."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests import worker
from tests.browser import test_review as reviews
from tests.browser.conftest import Couple, OpenBrowser, Troubles
from tests.browser.cookies import lend_cookies
from tests.browser.test_review import begin, item, note
from tests.browser.waiting import until
from tests.browser.writing import Letter

pytestmark = pytest.mark.one_database

ANSWER = "/letters/questions/disagree/"
SAVED = "auto-save output"
# Playwright itself looks at no page that is about to go.
SAY_CONFLICT = """() => new MutationObserver(() =>
  document.querySelector(".conflict") && console.log("conflict")
).observe(document.body, { childList: true, subtree: true })"""


agreed = reviews.agreed


def said(page: Page) -> str:
    """What the server has, as another browser of this person is shown it."""
    answer = page.request.get(ANSWER).text()
    found = re.search(r"<textarea[^>]*>\n(.*?)</textarea>", answer, re.DOTALL)
    assert found
    return found[1]


def first(method: str, page: Page, handle: Callable[[Route], None]) -> None:
    """The first request of this kind does not arrive as it was sent."""
    left: list[Callable[[Route], None]] = [handle]

    def look(route: Route) -> None:
        if route.request.method == method and left:
            left.pop()(route)
        else:
            route.continue_()

    page.route("**/letters/questions/**", look)


def write(page: Page, words: str) -> None:
    page.keyboard.press("Control+End")
    page.keyboard.type(words)


def write_and_reload(page: Page, words: str) -> None:
    """At once, however busy the machine is: the script of the page has no time to save them."""
    page.keyboard.press("Control+End")
    page.evaluate(
        """words => {
            document.execCommand("insertText", false, words);
            location.reload();
        }""",
        words,
    )


def is_reloaded(page: Page) -> None:
    until(page, "performance.getEntriesByType('navigation')[0]?.type === 'reload'")


@pytest.fixture
def answer(couple: Couple) -> Page:
    """Ana's answer to the first question, begun and saved."""
    page = couple.ana
    page.goto(ANSWER)
    page.get_by_role("textbox").focus()
    write(page, "Slower")
    expect(page.locator(SAVED)).to_have_text("Saved")
    return page


def is_whole(page: Page, words: str) -> None:
    expect(page.get_by_role("textbox")).to_have_value(words)
    expect(page.locator(SAVED)).to_have_text("Saved")
    expect(page.locator(".conflict")).to_have_count(0)
    assert said(page) == words
    # Nothing of it stays behind in the browser.
    assert page.evaluate("sessionStorage.length") == 0


def test_reloaded_at_once_the_last_words_are_there_and_one_can_go_on(answer: Page) -> None:
    words = "Slower"
    for word in (" than", " the kettle", ", and"):
        write(answer, word)
        answer.reload()
        words += word
        expect(answer.get_by_role("textbox")).to_have_value(words)
        answer.get_by_role("textbox").focus()
    write(answer, " kinder.")
    is_whole(answer, f"{words} kinder.")


@pytest.mark.parametrize("fate", ["lost", "late"])
def test_whatever_becomes_of_what_was_sent_on_leaving(
    answer: Page, troubles: Troubles, fate: str
) -> None:
    troubles.allow(r"ERR_FAILED|Failed to fetch")
    held: list[Route] = []
    first("POST", answer, Route.abort if fate == "lost" else held.append)
    write(answer, " than the kettle")
    answer.reload()
    expect(answer.get_by_role("textbox")).to_have_value("Slower than the kettle")
    answer.get_by_role("textbox").focus()
    write(answer, ", and kinder.")
    expect(answer.locator(SAVED)).to_have_text("Saved")
    for route in held:
        # The words of the page before arrive after those of this one.
        route.fetch(timeout=5000)
    is_whole(answer, "Slower than the kettle, and kinder.")


def test_on_another_page_what_was_lost_on_leaving_is_sent_again(
    answer: Page, troubles: Troubles
) -> None:
    troubles.allow(r"ERR_FAILED|Failed to fetch")
    first("POST", answer, Route.abort)
    write(answer, " than the kettle.")
    answer.goto("/letters/")
    until(answer, "sessionStorage.length === 0")
    assert said(answer) == "Slower than the kettle."


def test_nobody_else_finds_what_was_left_in_a_tab(
    answer: Page, couple: Couple, troubles: Troubles
) -> None:
    troubles.allow(r"ERR_FAILED|Failed to fetch")
    first("POST", answer, Route.abort)
    write(answer, " than the kettle.")
    answer.goto("/static/dist/app.css")  # not a page of ours
    assert "kettle" in answer.evaluate("sessionStorage.getItem('left')")
    answer.context.clear_cookies()
    lend_cookies(couple.ben.context, answer.context)
    answer.goto(ANSWER)
    expect(answer.get_by_role("textbox")).to_have_value("")
    assert answer.evaluate("sessionStorage.length") == 0
    assert said(answer) == ""


def test_who_leaves_in_a_hurry_leaves_nothing_in_the_tab(answer: Page) -> None:
    answer.route("https://www.wikipedia.org/**", lambda route: route.fulfill(body="elsewhere"))
    write(answer, " than the kettle.")
    answer.get_by_role("link", name="Leave this page").click()
    answer.wait_for_url("https://www.wikipedia.org/**")
    answer.goto("/static/dist/app.css")
    # But that somebody left, so that nobody goes back.
    assert answer.evaluate("Object.keys(sessionStorage)") == ["gone"]


@pytest.mark.parametrize("answered", ["before the page goes", "too late for it"])
def test_two_windows_of_one_person_are_still_shown_both_texts(
    answer: Page, troubles: Troubles, answered: str
) -> None:
    troubles.allow("409")
    other = answer.context.new_page()
    other.goto(ANSWER)
    other.get_by_role("textbox").fill("Kinder")
    expect(other.locator(SAVED)).to_have_text("Saved")
    held: list[Route] = []
    if answered == "before the page goes":
        first("GET", answer, held.append)
        answer.evaluate(SAY_CONFLICT)
        with answer.expect_console_message(lambda message: message.text == "conflict"):
            write_and_reload(answer, " than the kettle")
        held[0].continue_()
    else:
        first("POST", answer, held.append)
        write_and_reload(answer, " than the kettle")
    is_reloaded(answer)
    expect(answer.locator(".conflict blockquote")).to_have_text("Kinder")
    expect(answer.get_by_role("textbox")).to_have_value("Slower than the kettle")
    assert said(answer) == "Kinder"


@pytest.mark.parametrize("how", ["saved", "in mid-sentence"])
def test_back_on_a_page_the_newer_words_stay(
    answer: Page, open_browser: OpenBrowser, how: str
) -> None:
    phone = open_browser(storage_state=answer.context.storage_state())
    write(answer, " than the kettle")
    if how == "saved":
        expect(answer.locator(SAVED)).to_have_text("Saved")
    answer.goto("/letters/")
    worker.until(lambda: said(phone) == "Slower than the kettle")
    phone.goto(ANSWER)
    expect(phone.get_by_role("textbox")).to_have_value("Slower than the kettle")
    phone.get_by_role("textbox").fill("Slower than the kettle, and kinder.")
    expect(phone.locator(SAVED)).to_have_text("Saved")
    answer.go_back()
    expect(answer.get_by_role("textbox")).to_have_value("Slower than the kettle, and kinder.")
    answer.get_by_role("textbox").focus()
    write(answer, " Always.")
    is_whole(answer, "Slower than the kettle, and kinder. Always.")


def goes_on(area: Locator) -> None:
    """Typed, reloaded at once, typed on, reloaded at once."""
    page = area.page
    for word, words in (("A lift", "A lift"), (" home.", "A lift home.")):
        for shut in page.locator("details:not([open])", has=area).all():
            shut.locator("summary").first.click()
        area.focus()
        write(page, word)
        page.reload()
        expect(area).to_have_value(words)
    expect(page.locator("auto-save output").first).not_to_have_text("Saving…")
    expect(page.locator(".conflict")).to_have_count(0)


@pytest.mark.parametrize(
    "address",
    [
        "/letters/values/",
        "/letters/blueprint/way-in/",
        "/principles/kindness/",
        "/practices/repair/",
        "/home/",
    ],
)
def test_every_field_that_saves_as_one_types_keeps_its_last_words(
    couple: Couple, address: str
) -> None:
    page = couple.ana
    page.goto(address)
    if address == "/letters/values/":
        page.get_by_label("A value").fill("Patience")
        page.keyboard.press("Enter")
        page.locator(".values h2 a, .values a").first.click()
    goes_on(page.locator("auto-save textarea").last)


class Sent:
    """What a page sends to save its words, on its way: the next page comes when a request has been
    answered that was not held back."""

    def __init__(self, page: Page, hold: int = 0) -> None:
        self.to_hold, self.held, self.waiting = hold, list[Route](), list[Route]()
        self.is_answered = False
        form = page.locator("auto-save form").last
        self.address = form.evaluate("form => form.action")
        page.route("**/*", self.look)

    def look(self, route: Route) -> None:
        request = route.request
        if request.method == "POST" and request.url == self.address:
            if len(self.held) < self.to_hold:
                self.held.append(route)
                return
            route.fulfill(response=route.fetch())
            self.is_answered = True
            for each in self.waiting:
                each.continue_()
            self.waiting.clear()
        elif request.is_navigation_request() and not self.is_answered:
            self.waiting.append(route)
        else:
            route.continue_()


def open_area(page: Page) -> Locator:
    area = page.locator("auto-save textarea").last
    for shut in page.locator("details:not([open])", has=area).all():
        shut.locator("summary").first.click()
    return area


@pytest.fixture(params=["answer", "value", "pledge", "draft", "line", "mark", "passage"])
def saving(request: pytest.FixtureRequest, couple: Couple) -> Page:
    """A page with a form that saves as one types."""
    if request.param == "mark":
        begin(request.getfixturevalue("agreed"))
        return couple.ana
    if request.param == "passage":
        letter: Letter = request.getfixturevalue("letter")
        couple.ana.goto(f"{letter.url}passage/")
        return couple.ana
    addresses = {
        "answer": ANSWER,
        "value": "/letters/values/",
        "pledge": "/principles/kindness/",
        "draft": "/practices/repair/",
        "line": "/home/",
    }
    couple.ana.goto(addresses[request.param])
    if request.param == "value":
        couple.ana.get_by_label("A value").fill("Patience")
        couple.ana.keyboard.press("Enter")
        couple.ana.locator(".values h2 a, .values a").first.click()
    return couple.ana


def test_what_was_sent_first_and_arrives_last_takes_nothing_away(saving: Page) -> None:
    sent = Sent(saving, hold=1)
    open_area(saving).focus()
    with saving.expect_request(lambda request: request.url == sent.address):
        write(saving, "Slower")
    write_and_reload(saving, " than the kettle")
    is_reloaded(saving)
    expect(open_area(saving)).to_have_value("Slower than the kettle")
    sent.held[0].fetch(timeout=5000)
    again = saving.context.new_page()
    again.goto(saving.url)
    expect(open_area(again)).to_have_value("Slower than the kettle")
    # And one goes on where one is.
    open_area(saving).focus()
    write(saving, ", and kinder.")
    expect(saving.locator(SAVED).last).to_have_text("Saved")
    expect(saving.locator(".conflict")).to_have_count(0)


def test_a_conflict_that_comes_while_the_page_goes_is_shown_by_the_next(
    saving: Page, troubles: Troubles
) -> None:
    troubles.allow("409")
    other = saving.context.new_page()
    other.goto(saving.url)
    open_area(other).fill("Kinder")
    expect(other.locator(SAVED).last).to_have_text("Saved")
    Sent(saving)
    open_area(saving).focus()
    write_and_reload(saving, "Slower")
    is_reloaded(saving)
    expect(saving.locator(".conflict").last).to_contain_text("Kinder")
    expect(open_area(saving)).to_have_value("Slower")


def test_a_page_that_comes_back_whole_takes_nothing_away_that_the_next_one_left(
    answer: Page, troubles: Troubles
) -> None:
    """No browser keeps these pages whole at the moment; where one does, they hear this event."""
    troubles.allow("409|ERR_FAILED|Failed to fetch")
    first("POST", answer, Route.abort)
    write(answer, " than the kettle")
    answer.evaluate(
        """address => {
            const said = { text: "Slower, and kinder.", revision: "1", tab_id: "b:1" };
            const forms = { [address]: { at: Date.now(), fields: Object.entries(said) } };
            const left = { of: document.body.dataset.seat, forms };
            sessionStorage.setItem("left", JSON.stringify(left));
            dispatchEvent(new PageTransitionEvent("pageshow", { persisted: true }));
        }""",
        ANSWER,
    )
    expect(answer.locator(SAVED)).to_have_text("Saved")
    assert said(answer) == "Slower than the kettle"
    answer.reload()
    expect(answer.locator(".conflict blockquote")).to_have_text("Slower than the kettle")
    expect(answer.get_by_role("textbox")).to_have_value("Slower, and kinder.")


def test_a_passage_keeps_its_last_words_beside_the_letter_and_on_its_page(letter: Letter) -> None:
    page = letter.ana.page
    page.goto(f"{letter.url}passage/")
    goes_on(page.locator("auto-save textarea"))
    page.goto(letter.url)
    area = page.locator("auto-save textarea")
    expect(area).to_have_value("A lift home.")
    area.focus()
    write(page, " And back.")
    page.reload()
    expect(area).to_have_value("A lift home. And back.")


def test_marks_of_a_review_keep_their_last_words(agreed: Couple) -> None:
    begin(agreed)
    page = agreed.ana
    item(page, "We come back").get_by_label("Wobbling").check()
    note(page, "We come back").focus()
    write(page, "We were late")
    page.reload()
    expect(item(page, "We come back").get_by_label("Wobbling")).to_be_checked()
    expect(note(page, "We come back")).to_have_value("We were late")
    note(page, "We come back").focus()
    write(page, " once.")
    page.get_by_label("Something you would like to thank Ben for").fill("The soup.")
    page.reload()
    expect(note(page, "We come back")).to_have_value("We were late once.")
    expect(page.get_by_label("Something you would like to thank Ben for")).to_have_value(
        "The soup."
    )
    # It says so here, unless what was sent on leaving had arrived before the page came again.
    expect(page.locator("#marks output")).to_have_text(re.compile("^(Saved)?$"))
    expect(page.locator(".conflict")).to_have_count(0)
    page.reload()
    expect(note(page, "We come back")).to_have_value("We were late once.")
