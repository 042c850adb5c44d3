"""Written quietly: the other sees nothing of it, and then all of it at once."""

import re

import pytest
from playwright.sync_api import Page, ViewportSize, expect

from tests.browser.barriers import no_barriers
from tests.browser.conftest import Couple, OpenBrowser, Troubles
from tests.browser.cookies import lend_cookies
from tests.browser.writing import CUT, Letter, Writer

pytestmark = pytest.mark.one_database

CANARY = "quiet canary"
PHONE: ViewportSize = {"width": 390, "height": 844}


class Quietly:
    def __init__(self, page: Page) -> None:
        self.page = page
        self.section = page.locator("[data-quietly]")
        self.area = self.section.get_by_label("A passage for our letter")
        self.output = self.section.locator("output")
        self.place = self.section.get_by_role("button", name="Place it in our letter")
        self.said = self.section.locator("[data-quietly-say]")

    def open(self) -> None:
        self.section.locator("> summary").click()
        expect(self.area).to_be_visible()

    def write(self, text: str) -> None:
        self.area.fill(text)
        expect(self.output).to_have_text("Saved")


@pytest.fixture
def quietly(letter: Letter) -> Quietly:
    letter.ana.at(1)
    letter.ana.type("Before.")
    letter.ana.press("Enter")
    letter.ana.type("After.")
    letter.ana.at(1)
    letter.ana.is_saved()
    quietly = Quietly(letter.ana.page)
    quietly.open()
    return quietly


@pytest.mark.slow
@pytest.mark.each_database
def test_a_passage_is_written_placed_once_and_undone_in_one_step(
    letter: Letter, quietly: Quietly, open_browser: OpenBrowser
) -> None:
    frames: list[str | bytes] = []
    letter.ben.page.on(
        "websocket", lambda line: line.on("framereceived", lambda frame: frames.append(frame))
    )
    letter.ben.page.reload()
    letter.ben.is_saved()
    expect(letter.ben.caret_of_other).to_have_count(0)
    heard = len(frames)
    quietly.write(f"One {CANARY}.\nAnd on.\n\nI want to be slower.")
    no_barriers(quietly.page)
    letter.ben.page.wait_for_timeout(500)
    # Nothing of it went to Ben, and no sign that anything was typed.
    assert not any(CANARY in str(frame) for frame in frames)
    assert len(frames) <= heard + 4  # an answer to a barrier, at most
    expect(letter.ben.caret_of_other).to_have_count(0)

    # The words wait for their author, in another window, too.
    quietly.page.reload()
    letter.ana.is_saved()
    expect(quietly.area).to_have_value(f"One {CANARY}.\nAnd on.\n\nI want to be slower.")
    phone = open_browser(storage_state=quietly.page.context.storage_state(), viewport=PHONE)
    on_phone = Writer(phone)
    on_phone.open(letter.url)
    expect(Quietly(phone).area).to_have_value(f"One {CANARY}.\nAnd on.\n\nI want to be slower.")
    letter.ana.at(1)
    quietly.place.focus()
    quietly.page.keyboard.press("Enter")
    letter.sees("p: Before.", f"p: One {CANARY}.And on.", "line: I want to be slower.", "p: After.")
    on_phone.sees(*letter.ana.blocks[1:])
    expect(quietly.said).to_have_text("It stands in our letter now.")
    expect(quietly.area).to_have_value("")
    expect(letter.ana.letter).to_be_focused()
    letter.is_saved()
    letter.ana.press("Control+z")
    letter.sees("p: Before.", "p: After.")
    letter.ana.press("Control+y")
    letter.sees("p: Before.", f"p: One {CANARY}.And on.", "line: I want to be slower.", "p: After.")


@pytest.mark.slow
def test_placed_while_suggesting_it_is_a_suggestion(letter: Letter, quietly: Quietly) -> None:
    letter.ana.tool("Suggest").click()
    letter.ana.at(1)
    quietly.write("Perhaps.")
    quietly.place.click()
    expect(quietly.said).to_have_text("It waits in our letter, as a suggestion of yours.")
    expect(quietly.area).to_have_value("")
    expect(letter.ben.letter.locator("ins")).to_have_text("Perhaps.")
    letter.is_saved()
    assert not any("Perhaps." in text for text in letter.as_read())
    suggested = letter.ben.page.locator("[data-suggestion-list]")
    suggested.get_by_role("button", name="Accept", exact=True).click()
    letter.sees("p: Before.", "p: Perhaps.", "p: After.")


@pytest.mark.slow
def test_two_windows_place_it_once(
    letter: Letter, quietly: Quietly, couple: Couple, troubles: Troubles
) -> None:
    troubles.allow("409")
    quietly.write("Once.")
    other = couple.ana.context.new_page()
    other.goto(letter.url)
    second = Quietly(other)
    expect(second.area).to_have_value("Once.")
    # Both at once: each page takes the words before it inserts them.
    for page in (quietly, second):
        page.place.evaluate("button => setTimeout(() => (button.click(), button.click()), 50)")
    expect(letter.ben.letter).to_contain_text("Once.")
    letter.is_saved()
    letter.ben.page.wait_for_timeout(600)
    assert "".join(letter.ben.blocks).count("Once.") == 1
    other.reload()
    expect(second.section.locator("textarea")).to_have_value("")


@pytest.mark.slow
def test_a_page_that_dies_between_loses_nothing_and_doubles_nothing(
    letter: Letter, quietly: Quietly, troubles: Troubles
) -> None:
    troubles.allow(CUT)
    troubles.allow("Failed to load resource")
    quietly.write("Kept.")
    page = quietly.page
    # The answer with the words never arrives.
    page.route(re.compile("/passage/take/"), lambda route: (route.fetch(), route.abort())[1])
    quietly.place.click()
    expect(quietly.said).to_contain_text("there is no connection")
    expect(quietly.area).to_have_value("Kept.")
    page.unroute_all()
    page.reload()
    expect(quietly.section.locator(".conflict")).to_contain_text("have not arrived")
    # The letter is saved, and the page dies before it can say so.
    page.route(re.compile("/passage/placed/"), lambda route: route.abort())
    quietly.section.get_by_role("button", name="Place it again").click()
    expect(letter.ben.letter).to_contain_text("Kept.")
    letter.is_saved()
    page.unroute_all()
    page.reload()
    letter.ana.is_saved()
    quietly.open()
    expect(quietly.area).to_have_value("")
    assert "".join(letter.ben.blocks).count("Kept.") == 1


def test_without_a_line_it_stays_here(letter: Letter, quietly: Quietly, troubles: Troubles) -> None:
    troubles.allow(CUT)
    troubles.allow("Failed to load resource")
    quietly.write("Later.")
    quietly.page.context.set_offline(True)
    quietly.place.click()
    expect(quietly.said).to_contain_text("there is no connection")
    letter.ana.sees("p: Before.", "p: After.")
    quietly.page.context.set_offline(False)
    expect(quietly.place).to_be_enabled()
    quietly.place.click()
    letter.sees("p: Before.", "p: Later.", "p: After.")


def test_the_page_alone_reads_without_javascript(
    letter: Letter, couple: Couple, open_browser: OpenBrowser
) -> None:
    page = open_browser(java_script_enabled=False)
    lend_cookies(couple.ana.context, page.context)
    page.goto(f"{letter.url}passage/")
    page.get_by_label("A passage for our letter").fill("By hand.")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_label("A passage for our letter")).to_have_value("By hand.")
