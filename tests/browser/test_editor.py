"""The letter editor, as two people meet it: two browsers, the served app, one letter."""

import base64
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import _bootstrap as house
import pytest
from playwright.sync_api import Browser, CDPSession, Page, expect

from tests.browser.barriers import no_barriers
from tests.browser.conftest import Couple, OpenBrowser
from tests.browser.writing import Letter, Writer

pytestmark = pytest.mark.one_database


# -- Two at once ---------------------------------------------------------------------------------


@pytest.mark.each_database
def test_both_type_at_once_and_both_read_the_same(letter: Letter) -> None:
    ana, ben, _ = letter
    ana.at(1)
    ana.type("Ana: ")
    ana.press("Enter")
    ana.type("Ben: ")
    letter.sees("p: Ana: ", "p: Ben: ")
    ana.at(1)
    ben.at(2)
    for _ in range(30):
        ana.type("a")
        ben.type("b")
    letter.sees("p: Ana: " + 30 * "a", "p: Ben: " + 30 * "b")
    ben.at(1)
    for _ in range(20):
        ana.type("x")
        ben.type("y")
    letter.is_saved()
    assert ana.blocks == ben.blocks
    assert sorted(ana.blocks[1])[-40:] == 20 * ["x"] + 20 * ["y"]
    assert letter.as_read() == [text.split(": ", 1)[1] for text in ana.blocks]


def test_undo_takes_back_only_what_i_did(letter: Letter) -> None:
    ana, ben, _ = letter
    ana.at(1)
    ana.type("mine ")
    letter.sees("p: mine ")
    ben.at(1)
    ben.type("yours")
    letter.sees("p: mine yours")
    ana.press("Control+z")
    letter.sees("p: yours")
    ana.press("Control+y")
    letter.sees("p: mine yours")
    ana.tool("Undo what I did").click()
    letter.sees("p: yours")
    expect(ana.tool("Undo what I did")).to_have_attribute("aria-disabled", "true")
    ana.press("Control+Shift+z")
    letter.sees("p: mine yours")


def test_the_other_is_named_at_their_cursor(letter: Letter) -> None:
    ana, ben, _ = letter
    expect(ben.other).to_have_text("Ana is here")
    ben.at(1)
    ben.type("hello")
    expect(ana.caret_of_other).to_have_attribute("data-name", "Ben")
    expect(ana.caret_of_other).to_have_class(re.compile(r"\btwo\b"))
    expect(ana.caret_of_other).to_have_css("border-inline-start-style", "dashed")
    ana.at(1)
    expect(ben.caret_of_other).to_have_class(re.compile(r"\bone\b"))
    expect(ben.caret_of_other).to_have_css("border-inline-start-style", "solid")
    # The name goes when the cursor rests, and comes back with it.
    expect(ana.caret_of_other).to_have_class(re.compile("resting"), timeout=7_000)
    ben.type("!")
    expect(ana.caret_of_other).not_to_have_class(re.compile("resting"))
    ben.press("Shift+Home")
    expect(ana.letter.locator(".picked.two")).to_have_text("hello!")
    assert ana.page.locator("[style]").count() == 0
    ben.page.close()
    expect(ana.other).to_be_hidden()
    expect(ana.caret_of_other).to_have_count(0)


def test_a_personal_letter_shows_nobody(couple: Couple) -> None:
    ana = Writer(couple.ana)
    ana.page.goto("/letters/")
    ana.page.get_by_role("button", name="Begin your letter").click()
    ana.is_saved()
    assert ana.other.count() == 0
    ana.at(1)
    ana.type("Only me.")
    ana.is_saved()
    ana.sees("p: Only me.")


# -- Hands ---------------------------------------------------------------------------------------


def test_the_keys_make_a_letter(letter: Letter) -> None:
    ana = letter.ana
    ana.at(0)
    ana.press("Enter")
    ana.type("I want to be kind")
    ana.press("Enter")
    ana.type("and slow")
    ana.sees("line: I want to be kind", "line: and slow", "p: ")
    ana.press("Enter", "Enter")
    ana.type("one")
    ana.press("Shift+Enter")
    ana.type("two")
    ana.sees("line: I want to be kind", "line: and slow", "p: onetwo", "p: ")
    assert "<br>" in ana.block(3).inner_html()
    ana.at(2, "Home")
    ana.press("Backspace")
    ana.sees("line: I want to be kind", "p: and slow", "p: onetwo", "p: ")
    ana.at(4)
    ana.type("I want to ")
    ana.press("Backspace")  # takes the rule back, not the space
    ana.type("say")
    letter.sees("line: I want to be kind", "p: and slow", "p: onetwo", "p: I want to say")


@pytest.mark.slow
def test_undo_takes_the_caret_to_where_it_was(letter: Letter) -> None:
    ana, ben, _ = letter
    ana.at(1)
    ana.type("I want to ")
    letter.sees("line: I want to ")
    ana.press("Control+z")
    letter.sees("p: I want to")
    ana.type("!")
    letter.sees("p: I want to!")
    # What the other has made of my words stays what they made it.
    ben.at(1)
    ben.tool("Line").click()
    letter.sees("line: I want to!")
    for _ in range(3):
        ana.press("Control+z")
    letter.sees("line: ")
    letter.is_saved()


@pytest.mark.slow
def test_a_sign_beyond_the_first_plane_over_a_selection(letter: Letter) -> None:
    ana = letter.ana
    ana.at(1)
    ana.type("one 😀")
    ana.press("Enter")
    ana.type("😁 two")
    letter.sees("p: one 😀", "p: 😁 two")
    ana.at(1, "Home")
    ana.press(*["ArrowRight"] * 4, "Shift+ArrowDown", "Shift+Home", "Shift+ArrowRight")
    keyboard = ana.page.context.new_cdp_session(ana.page)
    keyboard.send("Input.dispatchKeyEvent", {"type": "keyDown", "key": "😎", "text": "😎"})
    keyboard.send("Input.dispatchKeyEvent", {"type": "keyUp", "key": "😎"})
    letter.sees("p: one 😎 two")
    # Half of it is the same: it is exchanged whole.
    ana.press("Shift+ArrowLeft")
    ana.type("😀")
    letter.sees("p: one 😀 two")
    letter.is_saved()
    assert letter.as_read()[1] == "one 😀 two"


def test_the_tab_key_leads_to_the_end_of_the_letter(letter: Letter) -> None:
    ana = letter.ana
    ana.at(1)
    ana.type("First.")
    ana.press("Enter")
    ana.type("Last.")
    ana.is_saved()
    ana.open(letter.url)
    ana.tool("Paragraph").focus()
    ana.press("Tab")
    expect(ana.letter).to_be_focused()
    ana.page.wait_for_timeout(100)
    ana.type(" Here.")
    letter.sees("p: First.", "p: Last. Here.")


def test_everything_can_be_done_with_the_keyboard(letter: Letter) -> None:
    ana, ben, _ = letter
    ana.at(1)
    ana.press("Control+b")
    expect(ana.tool("Bold")).to_have_attribute("aria-pressed", "true")
    ben.at(0)
    ben.type("!")
    expect(ana.block(0)).to_have_text("Dear Relationship,!")
    ben.press("Backspace")
    ana.type("now")
    ana.press("Control+b", "Control+i")
    ana.type("or later")
    assert "<strong>now</strong><em>or later</em>" in ana.block(1).inner_html()
    ana.press("Alt+F10")
    expect(ana.tool("Paragraph")).to_be_focused()
    ana.press("ArrowRight", "ArrowRight", "Enter")
    expect(ana.tool("Closing")).to_have_attribute("aria-pressed", "true")
    ana.press("End", "ArrowRight", "ArrowLeft", "ArrowLeft", "Space", "Home", "Escape")
    ana.type("!")
    letter.sees("p: nowor later!")
    expect(ana.page.get_by_role("textbox", name="The letter")).to_be_focused()


def test_composition_survives_the_other_one_typing(letter: Letter) -> None:
    ana, ben, _ = letter
    ana.at(1)
    ana.type("a")
    keyboard = ana.page.context.new_cdp_session(ana.page)
    ben.at(0)
    compose(keyboard, ["n", "に", "にほ", "にほん"], meanwhile=lambda: ben.type("."))
    keyboard.send("Input.insertText", {"text": "日本"})
    expect(ben.block(1)).to_have_text("a日本")
    expect(ana.block(0)).to_have_text("Dear Relationship,....")
    ben.at(1, "Home")
    compose(keyboard, ["k", "か", "かn"], meanwhile=lambda: ben.type("B"))
    keyboard.send("Input.insertText", {"text": "漢"})
    expect(ben.block(1)).to_have_text("BBBa日本漢")
    letter.is_saved()
    assert ana.blocks == ben.blocks


def compose(keyboard: CDPSession, steps: list[str], meanwhile: Any) -> None:
    for step in steps:
        keyboard.send(
            "Input.imeSetComposition",
            {"text": step, "selectionStart": len(step), "selectionEnd": len(step)},
        )
        meanwhile()


def test_paste_keeps_paragraphs_and_emphasis_only(letter: Letter) -> None:
    ana = letter.ana
    ana.at(1)
    ana.paste(
        html='<style>p { color: red }</style><b style="font-weight:normal"><h1>Title</h1>'
        '<p style="margin:0"><span style="font-weight:700">Bold</span> <a href="javascript:0">'
        '<i>slant</i></a><img src="https://elsewhere.example/x.png" onerror="alert(1)" '
        'onload="alert(2)"></p><ul><li>one<li>two</ul><script>alert(3)</script></b>'
    )
    letter.sees("p: Title", "p: Bold slant", "p: one", "p: two")
    assert "<strong>Bold</strong> <em>slant</em>" in ana.block(2).inner_html()
    assert (
        ana.letter.locator("a, script, style, [onerror], img:not(.ProseMirror-separator)").count()
        == 0
    )
    ana.press("Control+a")
    ana.paste(text="First\r\n\r\nSecond\nstill second")
    expect(ana.letter.locator("> p")).to_have_count(2)
    assert [text.split(": ", 1)[1] for text in ana.blocks] == ["First", "Secondstill second"]


def test_a_line_is_brought_in_where_the_cursor_was(letter: Letter) -> None:
    ana = letter.ana
    bring = "text => document.dispatchEvent(new CustomEvent('insert-line', { detail: { text } }))"
    ana.page.evaluate(bring, "I want to stay.")  # nobody has put the cursor anywhere yet
    letter.sees("line: I want to stay.")
    ana.hears("The line is in the letter.")
    ana.type(" Really.")
    letter.sees("line: I want to stay. Really.")
    ana.at(0)
    ana.page.evaluate(bring, "I want to ask.")
    letter.sees("line: I want to ask.", "line: I want to stay. Really.")


def test_two_things_that_happen_at_once_are_both_heard(letter: Letter) -> None:
    ana = letter.ana
    ana.at(1)
    ana.page.evaluate("""() => {
      const at = document.querySelector("[data-letter]");
      const picture = new DataTransfer();
      picture.items.add(new File(["x"], "x.png", { type: "image/png" }));
      at.dispatchEvent(new ClipboardEvent("paste", { clipboardData: picture, bubbles: true }));
      const line = { detail: { text: "I want to stay." } };
      document.dispatchEvent(new CustomEvent("insert-line", line));
    }""")
    ana.hears("a picture stays outside")
    ana.hears("The line is in the letter.")


# -- Everyone ------------------------------------------------------------------------------------


def test_the_editor_is_accessible(letter: Letter) -> None:
    letter.ben.at(1)
    letter.ben.type("hello")
    letter.ana.sees("p: hello")
    no_barriers(letter.ana.page, within="letter-editor")


def test_on_a_phone_the_tools_are_large_and_in_reach(
    letter: Letter, open_browser: OpenBrowser
) -> None:
    phone = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
    storage = letter.ana.page.context.storage_state()
    ana = Writer(open_browser(storage_state=storage, **phone))
    ana.open(letter.url)
    ana.at(1)
    for _ in range(40):
        ana.press("Enter")
    ana.type("far down")
    boxes = [
        button.bounding_box() for button in ana.page.get_by_role("toolbar").locator("button").all()
    ]
    assert all(box and box["width"] >= 44 and box["height"] >= 44 for box in boxes)
    assert all(box and box["y"] < 120 and box["x"] + box["width"] <= 390 for box in boxes)
    assert len({box["y"] for box in boxes if box}) <= 2  # calm rows
    caret = ana.block(41).bounding_box()
    assert caret
    assert 120 < caret["y"] < 844 - 64
    ana.tool("Line").tap()
    expect(ana.block(41)).to_have_class("line")


def test_without_javascript_the_letter_can_be_read(
    letter: Letter, open_browser: OpenBrowser
) -> None:
    letter.ana.at(1)
    letter.ana.type("For everyone.")
    letter.is_saved()
    storage = letter.ana.page.context.storage_state()
    page = open_browser(java_script_enabled=False, storage_state=storage)
    page.goto(letter.url)
    expect(page.locator("[data-letter] p")).to_have_text(["Dear Relationship,", "For everyone."])
    expect(page.get_by_role("toolbar")).to_be_hidden()
    expect(page.get_by_text("Writing here needs JavaScript.")).to_be_visible()


# -- What the page may say about saving ----------------------------------------------------------

SAYS = """async ([module, events, at]) => {
  const { start, reduce, look, unsaved } = await import(module);
  const state = events.reduce(reduce, start(0));
  return [look(state, at), unsaved(state)];
}"""
OPEN = [
    {"type": "up"},
    {"type": "ready"},
    {"type": "asked", "id": 1, "at": 0},
    {"type": "answered", "id": 1},
]
EDIT, ASKED = {"type": "edit", "at": 1000}, {"type": "asked", "id": 2, "at": 1000}
DOWN = {"type": "down", "at": 1100}


@pytest.fixture(scope="module")
def blank(browser: Browser) -> Iterator[Page]:
    """An empty page, in which modules can be run."""
    page = browser.new_page()
    yield page
    page.close()


@pytest.mark.parametrize(
    ("events", "at", "says", "unsaved"),
    [
        ([], 0, "opening", False),
        ([], 1500, "unopened", False),
        ([{"type": "up"}, {"type": "ready"}], 0, "connecting", False),
        (OPEN, 0, "saved", False),
        ([*OPEN, EDIT], 1000, "saving", True),
        ([*OPEN, EDIT, ASKED], 1100, "saving", True),
        ([*OPEN, EDIT, ASKED], 5000, "slow", True),
        ([*OPEN, EDIT, ASKED, {"type": "answered", "id": 2}], 1100, "saving", False),
        ([*OPEN, EDIT, ASKED, {"type": "answered", "id": 2}], 1400, "saved", False),
        # An edit after the barrier left is not covered by its answer.
        ([*OPEN, ASKED, EDIT, {"type": "answered", "id": 2}], 2000, "saving", True),
        ([*OPEN, EDIT, ASKED, {"type": "answered", "id": 1}], 2000, "saving", True),
        # An answer from before the break says nothing about after it.
        ([*OPEN, EDIT, ASKED, DOWN, {"type": "answered", "id": 2}], 1200, "saving", True),
        ([*OPEN, EDIT, ASKED, DOWN], 2600, "offline", True),
        ([*OPEN, DOWN], 1200, "connecting", False),
        ([*OPEN, DOWN, {"type": "up"}, {"type": "ready"}], 2600, "offline", False),
        ([*OPEN, DOWN, *OPEN], 2600, "saved", False),
        ([*OPEN, {"type": "stale", "at": 2000}], 2000, "offline", False),
        ([*OPEN, {"type": "offline"}], 10, "offline", False),
        ([*OPEN, {"type": "offline"}, ASKED, {"type": "answered", "id": 2}], 1400, "saved", False),
        ([*OPEN, EDIT, {"type": "closed", "code": 4401, "at": 1100}], 1100, "signed-out", True),
        ([{"type": "closed", "code": 4404, "at": 0}], 0, "not-yours", False),
        ([*OPEN, {"type": "closed", "code": 4413, "at": 0}], 0, "too-long", False),
        ([*OPEN, {"type": "closed", "code": 4400, "at": 0}], 0, "broken", False),
    ],
)
def test_the_page_never_says_saved_too_early(
    blank: Page, events: list[dict[str, Any]], at: int, says: str, unsaved: bool
) -> None:
    source = Path(house.ROOT, "letters/editor/status.js").read_bytes()
    module = "data:text/javascript;base64," + base64.b64encode(source).decode()
    assert blank.evaluate(SAYS, [module, events, at]) == [says, unsaved]
