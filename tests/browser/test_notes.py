"""Notes beside the letter, as two people leave them: the words move, the notes stay with them."""

import pytest
from playwright.sync_api import Dialog, Locator, expect

from tests.browser.barriers import no_barriers
from tests.browser.conftest import Couple, OpenBrowser, Troubles
from tests.browser.cookies import lend_cookies
from tests.browser.writing import CUT, Letter, Writer

pytestmark = pytest.mark.one_database

SELECT = """(letter, words) => {
  const walker = document.createTreeWalker(letter, NodeFilter.SHOW_TEXT);
  const texts = [];
  while (walker.nextNode()) texts.push(walker.currentNode);
  const at = texts.map((text) => text.data).join("").indexOf(words);
  const place = (offset) => {
    for (const text of texts) {
      if (offset <= text.length) return [text, offset];
      offset -= text.length;
    }
  };
  letter.focus();
  getSelection().setBaseAndExtent(...place(at), ...place(at + words.length));
  return at >= 0;
}"""


class Margin:
    """What one person does beside the letter."""

    def __init__(self, writer: Writer) -> None:
        self.writer = writer
        self.page = writer.page
        self.section = self.page.locator("[data-notes]")
        self.threads = self.section.locator("[data-open] > [data-kind=comment]")
        self.new = self.section.locator("[data-note-new]")
        self.noted = writer.letter.locator(".noted")

    def select(self, words: str) -> None:
        assert self.writer.letter.evaluate(SELECT, words), words
        self.page.wait_for_timeout(60)  # until the editor has heard of it

    def note(self, words: str, text: str) -> None:
        self.select(words)
        self.writer.press("Alt+Shift+M")
        expect(self.new.get_by_label("Your note")).to_be_focused()
        self.writer.type(text)
        self.writer.press("Control+Enter")
        expect(self.thread(text)).to_be_visible()
        expect(self.writer.letter).to_be_focused()

    def thread(self, text: str) -> Locator:
        return self.threads.filter(has_text=text)

    def gone(self, text: str) -> Locator:
        return self.thread(text).get_by_text("About words that are no longer here.")

    def has_noted(self, words: str) -> None:
        """A caret of the other one may stand within them."""
        for _ in range(300):
            if "".join(self.noted.all_text_contents()) == words:
                return
            self.page.wait_for_timeout(50)
        assert "".join(self.noted.all_text_contents()) == words


@pytest.fixture
def two(letter: Letter) -> tuple[Margin, Margin]:
    letter.ana.at(1)
    letter.ana.type("I know the kettle by heart.")
    letter.ana.press("Enter")
    letter.ana.type("And the stairs at night.")
    letter.ana.is_saved()
    letter.ben.sees("p: I know the kettle by heart.", "p: And the stairs at night.")
    return Margin(letter.ana), Margin(letter.ben)


@pytest.mark.slow
@pytest.mark.each_database
def test_a_note_is_seen_at_once_answered_and_stays_with_its_words(
    letter: Letter, two: tuple[Margin, Margin], troubles: Troubles
) -> None:
    ana, ben = two
    asked: list[str] = []
    ben.note("the kettle", "Which one?")
    expect(ana.thread("Which one?")).to_be_visible()
    ana.has_noted("the kettle")
    letter.ana.hears("Ben left a note.")
    letter.ben.hears("Your note is kept, beside the letter.")

    # What Ana is typing stays while Ben adds to the thread.
    ana.thread("Which one?").locator(".reply summary").click()
    reply = ana.thread("Which one?").get_by_label("Your reply")
    reply.click()
    letter.ana.type("The one wi")
    # Leaving now would lose it, so the page asks.

    def stay(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    ana.page.once("dialog", stay)
    ana.page.evaluate("location.assign('/letters/')")
    ana.page.wait_for_timeout(300)
    assert asked == ["beforeunload"]
    ben.thread("Which one?").locator(".reply summary").click()
    ben.thread("Which one?").get_by_label("Your reply").fill("The red one?")
    ben.thread("Which one?").locator(".reply button").click()
    expect(ana.thread("The red one?")).to_be_visible()
    expect(reply).to_be_focused()
    letter.ana.type("th the dent.")
    letter.ana.press("Control+Enter")
    expect(ben.thread("The one with the dent.")).to_be_visible()

    # Words before it, a paragraph parted within it, the whole passage cut and put elsewhere.
    letter.ben.at(1, "Home")
    letter.ben.type("By now ")
    ana.has_noted("the kettle")
    ana.select("kettle")
    letter.ana.press("ArrowLeft", "Enter")
    ben.has_noted("the kettle")
    letter.ana.press("Backspace")
    ben.has_noted("the kettle")
    ana.select(" the kettle")
    letter.ana.press("Control+x")
    expect(ben.noted).to_have_count(0)
    expect(ben.gone("Which one?")).to_be_visible()
    letter.ana.at(2)
    letter.ana.press("Control+v")
    letter.sees("p: By now I know by heart.", "p: And the stairs at night. the kettle")
    ben.has_noted("the kettle")
    expect(ben.gone("Which one?")).to_be_hidden()

    # A copy is a copy of the words.
    ana.select("the kettle")
    letter.ana.press("Control+c")
    letter.ana.at(1)
    letter.ana.press("Control+v")
    letter.ana.is_saved()
    ben.has_noted("the kettle")

    no_barriers(ana.page)
    ben.thread("Which one?").get_by_role("button", name="Resolved").click()
    expect(ana.threads).to_have_count(0)
    expect(ana.noted).to_have_count(0)
    ana.section.locator("summary", has_text="Resolved").click()
    expect(ana.section.locator("[data-resolved]")).to_contain_text("Which one?")
    no_barriers(ana.page)
    ana.section.get_by_role("button", name="Open it again").click()
    expect(ben.thread("Which one?")).to_be_visible()
    ben.has_noted("the kettle")

    letter.is_saved()
    ana.page.goto(f"{letter.url}read/")
    expect(ana.page.locator("main")).not_to_contain_text("Which one?")
    ana.page.goto(f"{letter.url}read/?notes=1")
    expect(ana.page.locator("#note-1")).to_contain_text("Which one?")
    no_barriers(ana.page)
    ana.page.goto(f"{letter.url}notes/")
    expect(ana.page.locator("main")).to_contain_text("The one with the dent.")
    no_barriers(ana.page)


def test_undo_takes_back_words_and_never_a_note(letter: Letter, two: tuple[Margin, Margin]) -> None:
    ana, ben = two
    ana.page.wait_for_timeout(600)  # what is undone in one step
    letter.ana.type(" And rain.")
    letter.ana.is_saved()
    ana.note("kettle", "Ours")
    ana.note("rain", "When?")
    letter.ana.press("Control+z")
    letter.sees("p: I know the kettle by heart.", "p: And the stairs at night.")
    ben.has_noted("kettle")
    expect(ben.gone("When?")).to_be_visible()
    letter.ana.press("Control+y")
    letter.sees("p: I know the kettle by heart.", "p: And the stairs at night. And rain.")
    expect(ben.gone("Ours")).to_be_hidden()
    # A note lies outside the undo of the one who left it.
    letter.ben.at(2)
    letter.ben.type("!")
    ben.note("stairs", "Creaking")
    letter.ben.press("Control+z")
    ana.writer.sees("p: I know the kettle by heart.", "p: And the stairs at night. And rain.")
    expect(ana.noted.filter(has_text="stairs")).to_have_count(1)


def test_two_notes_on_overlapping_words_at_once(letter: Letter, two: tuple[Margin, Margin]) -> None:
    ana, ben = two
    for margin, words, text in ((ana, "know the kettle", "Hers"), (ben, "the kettle by", "His")):
        margin.select(words)
        margin.writer.press("Alt+Shift+M")
        margin.new.get_by_label("Your note").fill(text)
    # Ben's words shift under his open form.
    letter.ana.page.evaluate("scrollTo(0, 0)")
    for margin in two:
        margin.new.get_by_role("button", name="Leave this note").click()
    for margin in two:
        expect(margin.threads).to_have_count(2)
        expect(margin.threads.first).to_contain_text("Hers")
        expect(margin.noted.filter(has_text="the kettle")).not_to_have_count(0)
    letter.is_saved()
    ana.page.goto(f"{letter.url}read/?notes=1")
    expect(ana.page.locator("#words-1")).to_be_visible()
    expect(ana.page.locator("#words-2")).to_be_visible()


def test_a_line_gets_a_heart_and_loses_it(letter: Letter, two: tuple[Margin, Margin]) -> None:
    ana, _ben = two
    letter.ben.at(2)
    heart = letter.ben.tool("A heart for this line")
    expect(heart).to_have_attribute("aria-pressed", "false")
    heart.click()
    signs = letter.ana.letter.locator("[data-signs='♥']")
    expect(signs).to_have_text("And the stairs at night.")
    expect(ana.section).to_contain_text("Ben ♥ gives this a heart:")
    expect(heart).to_have_attribute("aria-pressed", "true")
    letter.ben.tool("Tell me more about this line").click()
    expect(letter.ana.letter.locator("[data-signs='♥ …']")).to_have_count(1)
    expect(letter.ana.tool("A heart for this line")).to_have_attribute("aria-pressed", "false")
    heart.click()
    expect(letter.ana.letter.locator("[data-signs='…']")).to_have_count(1)
    expect(ana.section).not_to_contain_text("heart")
    # With its line goes what was felt about it.
    letter.ana.at(2, "Home")
    letter.ana.press("Shift+End", "Delete")
    expect(ana.section.locator("[data-note]:visible")).to_have_count(0)


def test_what_was_typed_stays_when_there_is_no_line(
    letter: Letter, two: tuple[Margin, Margin], troubles: Troubles
) -> None:
    troubles.allow(CUT)
    troubles.allow("Failed to load resource")
    ana, ben = two
    ana.select("kettle")
    letter.ana.tool("Note: comment on these words").click()
    area = ana.new.get_by_label("Your note")
    expect(area).to_be_focused()
    letter.ana.type("Ours?")
    no_barriers(ana.page)
    ana.page.context.set_offline(True)
    ana.new.get_by_role("button", name="Leave this note").click()
    expect(ana.new.get_by_role("alert")).to_contain_text("did not go through")
    expect(area).to_have_value("Ours?")
    expect(ana.noted).to_have_count(0)
    # Meanwhile the words move; the note goes where they are by then.
    letter.ben.at(1, "Home")
    letter.ben.type("Well, ")
    ana.page.context.set_offline(False)
    letter.ana.sees("p: Well, I know the kettle by heart.", "p: And the stairs at night.")
    ana.new.get_by_role("button", name="Leave this note").click()
    ben.has_noted("kettle")
    expect(ben.threads).to_have_count(1)
    # Nothing to say is said beside the field.
    ana.select("stairs")
    letter.ana.press("Alt+Shift+M")
    expect(area).to_be_focused()
    letter.ana.press("Control+Enter")
    expect(ana.new.get_by_role("alert")).to_have_text("There are no words yet.")
    letter.ana.press("Escape")
    expect(letter.ana.letter).to_be_focused()
    expect(ana.new).to_be_hidden()


def test_a_note_of_another_letter_stays_there(letter: Letter, two: tuple[Margin, Margin]) -> None:
    _ana, _ = two
    letter.ana.at(2)
    letter.ana.paste(html='<p>Pasted <mark class="note" data-note="elsewhere">words</mark></p>')
    letter.ana.is_saved()
    assert letter.ana.letter.locator("mark").count() == 0


def test_on_a_phone_the_form_comes_into_view(
    letter: Letter, couple: Couple, open_browser: OpenBrowser, two: tuple[Margin, Margin]
) -> None:
    phone = open_browser(viewport={"width": 390, "height": 700}, has_touch=True)
    lend_cookies(couple.ana.context, phone.context)
    mine = Margin(Writer(phone))
    mine.writer.open(letter.url)
    mine.select("kettle")
    mine.writer.tool("Note: comment on these words").click()
    area = mine.new.get_by_label("Your note")
    expect(area).to_be_focused()
    expect(area).to_be_in_viewport(ratio=1)
    phone.keyboard.type("From the train")
    mine.new.get_by_role("button", name="Leave this note").click()
    expect(two[1].thread("From the train")).to_be_visible()
    expect(mine.noted).to_be_in_viewport()
