"""What is brought along from elsewhere: the paragraphs and the emphasis, and nothing else.

The files in pasted/ are what these programs put on the clipboard, in small.
"""

from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import Couple
from tests.browser.writing import Writer

pytestmark = pytest.mark.one_database

PASTED = Path(__file__).parent / "pasted"
INSIDE = """letter => [...letter.querySelectorAll(":scope > p:not(.dear)")].map((p) => {
  const copy = p.cloneNode(true);
  copy.querySelectorAll(".ProseMirror-separator, .ProseMirror-trailingBreak")
    .forEach((each) => each.remove());
  return copy.innerHTML.replaceAll("&nbsp;", " ");
}).filter((words) => words.trim())"""
FOREIGN = "[style], [class*=Mso], a, img[src], table, ul, b, i"
SHOWN = {
    "word": [
        "Dear us",
        "When it is loud, we are <strong>slow</strong>. When one is <em>frightened</em>, the "
        "<em><strong>other</strong></em> comes.",
        "·      The kettle",
        "A place, in red ink",
    ],
    "docs": [
        "When it is loud, we are <strong>slow</strong><em> and kind</em>.",
        "First row<br>second row",
        "The kettle",
        "A place",
    ],
    "outlook": [
        "Dear Ben,",
        "We were <strong>late</strong> and <em>sorry</em>.<br>Both of us.",
        "<strong>From:</strong> Ben &lt;ben@home.example&gt;",
        "Home",
    ],
    "mail": [
        "Dear Ben,",
        "we were <strong>late</strong> and <em>sorry</em>.",
        "Both of <strong>us</strong>.",
        "On Mon, 2 Nov 2026, Ben wrote:",
        "See you there.",
    ],
}


def own_letter(page: Page) -> Writer:
    ana = Writer(page)
    page.goto("/letters/")
    page.get_by_role("button", name="Begin your letter").click()
    ana.is_saved()
    return ana


def test_words_from_word_docs_and_mail_come_as_words(couple: Couple) -> None:
    ana = own_letter(couple.ana)
    asked: list[str] = []
    ana.page.on("request", lambda request: asked.append(request.url))
    for name, shown in SHOWN.items():
        ana.at(1, "Control+a")
        ana.press("Delete")
        ana.paste(html=(PASTED / f"{name}.html").read_text(), text="not this")
        inside = ana.letter.evaluate(INSIDE)
        assert [" ".join(words.split()) for words in inside] == [
            " ".join(words.split()) for words in shown
        ], name
        assert ana.letter.locator(FOREIGN).count() == 0
    assert not [url for url in asked if "elsewhere.example" in url or url.startswith("file:")]
    # It is saved as it is shown.
    ana.is_saved()
    ana.page.goto(f"{ana.page.url}read/")
    assert [" ".join(text.split()) for text in ana.page.locator(".letter p").all_inner_texts()][
        :2
    ] == ["Dear Ben,", "we were late and sorry."]
