"""Writing from right to left, and writing a lot."""

import pytest
from playwright.sync_api import expect

from tests.browser.writing import Letter

pytestmark = pytest.mark.one_database

HEBREW, ARABIC = "אני רוצה להישאר.", "أريد أن أبقى."
CARET = """() => {
  const { left, right } = getSelection().getRangeAt(0).getBoundingClientRect();
  return (left + right) / 2;
}"""


def test_hebrew_and_arabic_run_from_right_to_left_beside_english(letter: Letter) -> None:
    ana, ben, _ = letter
    ana.at(1)
    ana.type(HEBREW)
    ana.press("Enter")
    ana.type("I want to stay. ")
    ana.press("Enter")
    ana.type(ARABIC)
    ben.sees(f"p: {HEBREW}", "line: I want to stay. ", f"line: {ARABIC}")
    for writer in (ana, ben):
        for block, direction in ((1, "rtl"), (2, "ltr"), (3, "rtl")):
            expect(writer.block(block)).to_have_css("direction", direction)
    # The caret goes left as one writes, and Backspace takes the last letter away.
    ana.at(1, "Home")
    begin = ana.page.evaluate(CARET)
    ana.press("End")
    assert ana.page.evaluate(CARET) < begin
    ana.press("Backspace", "Backspace")
    ben.sees(f"p: {HEBREW[:-2]}", "line: I want to stay. ", f"line: {ARABIC}")
    letter.is_saved()
    page = ana.page.context.new_page()
    page.goto(f"{letter.url}read/")
    expect(page.locator(".letter p").nth(1)).to_have_css("direction", "rtl")


def test_with_fifty_kilobytes_of_text_both_go_on_writing(letter: Letter) -> None:
    ana, ben, _ = letter
    ana.at(1)
    paragraph = "When one of us is frightened, the other comes. " * 10
    ana.paste(text="\n\n".join([paragraph.strip()] * 106))
    letter.is_saved()
    assert sum(map(len, ben.blocks)) > 50_000
    ana.at(0)
    ana.press("Control+End")
    ana.type(" The end, by Ana.")
    ben.at(50)
    ben.type(" And the middle, by Ben.")
    letter.is_saved()
    for writer in (ana, ben):
        expect(writer.block(106)).to_contain_text("The end, by Ana.")
        expect(writer.block(50)).to_contain_text("And the middle, by Ben.")
    ana.open(letter.url)
    assert ana.blocks == ben.blocks
