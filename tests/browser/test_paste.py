"""What is brought along from elsewhere: the paragraphs and the emphasis, and nothing else.

The files in pasted/ are what these programs put on the clipboard, in small.
"""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Couple
from tests.browser.writing import Letter, Writer

pytestmark = pytest.mark.one_database

PASTED = Path(__file__).parent / "pasted"
INSIDE = """letter => [...letter.querySelectorAll(":scope > p:not(.dear)")].map((p) => {
  const copy = p.cloneNode(true);
  copy.querySelectorAll(".caret, .ProseMirror-separator, .ProseMirror-trailingBreak")
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


LINES = "<pre>a\n  b\nc</pre>"
GONE = 'We <del>never</del><ins>always</ins><span style="display: none"> hidden</span> walk'
TABLE = "<table><tr><td>Mon</td><td>walk</td></tr><tr><td>Tue</td><td>talk</td></tr></table>"


@pytest.mark.parametrize(
    ("html", "text", "shown"),
    [
        pytest.param(TABLE, "", ["Mon walk", "Tue talk"], id="a table"),
        pytest.param(
            'Good night <img alt="😘" src="x.png"> love', "", ["Good night 😘 love"], id="an emoji"
        ),
        pytest.param(LINES, "", ["a<br>  b<br>c"], id="lines"),
        pytest.param(GONE, "", ["We always walk"], id="what is not so any more"),
        pytest.param("<meta charset=utf-8><div><br></div>", "words", ["words"], id="empty HTML"),
    ],
)
def test_what_was_meant_comes(couple: Couple, html: str, text: str, shown: list[str]) -> None:
    ana = own_letter(couple.ana)
    ana.at(1)
    ana.type("before")
    ana.press("Shift+Home")
    ana.paste(html=html, text=text)
    assert [inside.rstrip() for inside in ana.letter.evaluate(INSIDE)] == shown
    ana.is_saved()


def test_a_picture_is_not_kept_and_takes_nothing_away(couple: Couple) -> None:
    ana = own_letter(couple.ana)
    ana.at(1)
    ana.type("These words stay.")
    ana.press("Shift+Home")
    ana.paste(html='<img src="https://elsewhere.example/x.png" alt="A kettle">')
    ana.hears("a picture stays outside")
    ana.sees("p: These words stay.")
    ana.paste(html="<p> </p>")
    ana.sees("p: These words stay.")


BREAKS = {
    "U+2028": "\u2028",
    "U+2029": "\u2029",
    "U+000B": "\v",
    "U+000C": "\f",
    "U+0085": "\u0085",
}


@pytest.mark.parametrize("sign", BREAKS.values(), ids=BREAKS.keys())
def test_whatever_breaks_a_line_is_a_soft_break(letter: Letter, sign: str) -> None:
    words = f"first line{sign}second line"
    ana, ben, url = letter
    ana.at(1)
    ana.paste(text=words)
    ana.press("Enter")
    ana.paste(html=f"<p>{words}</p>", text="not this")
    ana.press("Enter")
    ana.page.keyboard.insert_text(words)
    for writer in (ana, ben):
        expect(writer.letter.locator("> p:not(.dear)")).to_have_count(3)
        expect(writer.letter.locator("br:not(.ProseMirror-trailingBreak)")).to_have_count(3)
        assert writer.letter.evaluate(INSIDE) == 3 * ["first line<br>second line"]
    letter.is_saved()
    read = ana.page.context.new_page()
    read.goto(f"{url}read/")
    paragraphs = [text.split("\n") for text in read.locator(".letter p").all_inner_texts()[1:]]
    assert paragraphs == 3 * [["first line", "second line"]]


@pytest.mark.parametrize(
    ("text", "blocks", "breaks"),
    [
        pytest.param("\n\n".join(["ten signs "] * 3_000), 3_000, 0, id="paragraphs"),
        pytest.param("\n".join(["ten signs"] * 5_500), 1, 5_499, id="lines"),
    ],
)
def test_what_fits_is_kept(letter: Letter, text: str, blocks: int, breaks: int) -> None:
    ana, ben, url = letter
    ana.at(1)
    ana.paste(text=text)
    for writer in (ana, ben):
        expect(writer.letter.locator("> p")).to_have_count(1 + blocks)
        expect(writer.letter.locator("br:not(.ProseMirror-trailingBreak)")).to_have_count(breaks)
    letter.is_saved()
    ben.open(url)
    expect(ben.letter.locator("> p")).to_have_count(1 + blocks)
    assert ben.blocks == ana.blocks
