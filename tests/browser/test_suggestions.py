"""Suggest mode: what one of the two would change, and what the other makes of it."""

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.barriers import no_barriers
from tests.browser.conftest import Couple, OpenBrowser, Troubles
from tests.browser.writing import CUT, Letter, Writer, compose, pick
from tests.server import Server

pytestmark = pytest.mark.one_database

PATIENCE = 300  # times 50 ms

# The letter with its proposals: [-out-] and {+in+}, with the first letter of the seat of each; what
# is proposed about a block stands before it, in brackets. Proposals that overlap have no order of
# their own, and one stretch may be several elements.
PROPOSED = """letter => {
  const BY_SIGN = (one, other) =>
    other.slice(0, 3).localeCompare(one.slice(0, 3)) || one.localeCompare(other);
  const SIGNS = { ins: ["{", "+", "}"], del: ["[", "-", "]"] };
  const tell = (block) => {
    let [text, open] = ["", []];
    const within = (wanted) => {
      let same = 0;
      while (same < open.length && open[same] === wanted[same]) same += 1;
      for (const each of open.slice(same).reverse()) text += SIGNS[each.slice(0, 3)][2];
      for (const each of wanted.slice(same)) {
        const [begins, sign] = SIGNS[each.slice(0, 3)];
        text += begins + each.slice(3) + sign;
      }
      open = wanted;
    };
    const walk = (node, around) => {
      if (node.nodeType === Node.TEXT_NODE || node.matches("br:not([class])")) {
        within([...around].sort(BY_SIGN));
        text += node.data ?? "/";
      } else if (!node.matches(".caret, .ProseMirror-trailingBreak, .ProseMirror-separator")) {
        const seat = node.classList.contains("one") ? "1" : "2";
        const mine = node.matches("ins, del") ? [node.localName + seat] : [];
        for (const each of node.childNodes) walk(each, new Set([...around, ...mine]));
      }
    };
    for (const each of block.childNodes) walk(each, new Set());
    within([]);
    return text;
  };
  return [...letter.querySelectorAll(":scope > p")].map((block) =>
    block.dataset.break ? `(${block.dataset.break})${tell(block)}` : tell(block),
  );
}"""


def proposed(writer: Writer) -> list[str]:
    blocks: list[str] = writer.letter.evaluate(PROPOSED)
    return blocks[1:]


def shows(writer: Writer, *blocks: str) -> None:
    for _ in range(PATIENCE):
        if proposed(writer) == list(blocks):
            return
        writer.page.wait_for_timeout(50)
    assert proposed(writer) == list(blocks)


def both_show(letter: Letter, *blocks: str) -> None:
    shows(letter.ana, *blocks)
    shows(letter.ben, *blocks)


def items(writer: Writer) -> Locator:
    return writer.page.locator("[data-suggestion-list] > li")


def suggest(writer: Writer) -> None:
    writer.tool("Suggest").click()
    expect(writer.tool("Suggest")).to_have_attribute("aria-pressed", "true")


def written(letter: Letter, *paragraphs: str) -> Letter:
    """The letter with these paragraphs, by Ana."""
    letter.ana.at(1)
    for index, text in enumerate(paragraphs):
        if index:
            letter.ana.press("Enter")
        letter.ana.type(text)
    letter.sees(*(f"p: {text}" for text in paragraphs))
    return letter


# -- Making one ----------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.each_database
def test_words_are_proposed_accepted_declined_and_taken_back(letter: Letter) -> None:
    ana, ben, _ = written(letter, "We walk.", "We talk.")
    suggest(ben)
    ben.hears("waits until Ana accepts it")
    pick(ben, 1, "walk", "before")
    ben.type("often ")
    both_show(letter, "We {2+often }walk.", "We talk.")
    expect(items(ana)).to_have_count(1)
    expect(items(ana).locator("[data-says]")).to_have_text("Ben would add")
    expect(items(ana).locator("ins")).to_have_text("often ")
    expect(items(ben).get_by_role("button", name="Take back")).to_be_visible()
    expect(items(ben).get_by_role("button", name="Accept")).to_be_hidden()
    expect(items(ana).get_by_role("button", name="Take back")).to_be_hidden()
    letter.is_saved()
    assert letter.as_read() == ["Dear Relationship,", "We walk.", "We talk."]

    items(ana).get_by_role("button", name="Accept").click()
    both_show(letter, "We often walk.", "We talk.")
    expect(ana.page.locator("[data-suggestions]")).to_be_hidden()

    ben.at(2, "End")
    for _ in range(5):
        ben.press("Backspace")
    ben.type("sing.")
    both_show(letter, "We often walk.", "We {2+sing.}[2-talk.]")
    expect(items(ana).locator("[data-says]")).to_have_text("Ben would change")
    letter.is_saved()
    assert letter.as_read()[2] == "We talk."
    items(ana).get_by_role("button", name="Decline").click()
    both_show(letter, "We often walk.", "We talk.")

    ben.at(2, "End")
    ben.type(" A lot.")
    both_show(letter, "We often walk.", "We talk.{2+ A lot.}")
    items(ben).get_by_role("button", name="Take back").click()
    both_show(letter, "We often walk.", "We talk.")
    expect(ben.letter).to_be_focused()
    letter.is_saved()
    assert letter.as_read() == ["Dear Relationship,", "We often walk.", "We talk."]


def test_deleting_marks_and_goes_on(letter: Letter) -> None:
    ben = written(letter, "one two three").ben
    suggest(ben)
    ben.at(1, "Home")
    ben.press("Delete", "Delete")
    ben.press("End", "Backspace", "Backspace")
    both_show(letter, "[2-on]e two thr[2-ee]")
    assert items(ben).count() == 2
    pick(ben, 1, "two ")
    ben.press("Control+x")
    both_show(letter, "[2-on]e [2-two ]thr[2-ee]")
    # Writing over words: the old ones stay, marked, and both are one suggestion.
    pick(ben, 1, "th")
    ben.type("fo")
    both_show(letter, "[2-on]e [2-two th]{2+fo}r[2-ee]")
    assert items(ben).count() == 3
    ben.press("Backspace")
    both_show(letter, "[2-on]e [2-two th]{2+f}r[2-ee]")
    ben.press("Backspace", "Backspace", "Backspace", "Backspace")
    both_show(letter, "[2-on]e [2-two th]r[2-ee]")
    ben.type("x")
    both_show(letter, "[2-on]e [2-two]{2+x}[2- th]r[2-ee]")
    letter.is_saved()
    assert letter.as_read()[1] == "one two three"


@pytest.mark.slow
def test_paragraphs_are_proposed_with_their_words(letter: Letter) -> None:
    ana, ben, _ = written(letter, "First.", "Second.")
    suggest(ben)
    ben.at(1)
    ben.press("Enter")
    ben.type("Between.")
    pick(ben, 3, "Sec", "after")
    ben.press("Enter")
    ben.type("x")
    both_show(letter, "First.", "(ins-two){2+Between.}", "Sec", "(ins-two){2+x}ond.")
    expect(ana.block(2)).to_have_attribute("data-proposed", "Ben: new paragraph")
    expect(items(ana).first.locator("[data-says]")).to_have_text("Ben would add")
    expect(items(ana).first.locator("[data-also]")).to_have_text("Ben would begin a new paragraph")
    letter.is_saved()
    assert letter.as_read() == ["Dear Relationship,", "First.", "Second."]
    items(ana).nth(1).get_by_role("button", name="Accept").click()
    both_show(letter, "First.", "(ins-two){2+Between.}", "Sec", "xond.")
    items(ana).first.get_by_role("button", name="Decline").click()
    both_show(letter, "First.", "Sec", "xond.")
    letter.is_saved()
    assert letter.as_read() == ["Dear Relationship,", "First.", "Sec", "xond."]
    # Enter alone, and back again.
    ben.at(1)
    ben.press("Enter")
    both_show(letter, "First.", "(ins-two)", "Sec", "xond.")
    expect(items(ana).locator("[data-says]")).to_have_text("Ben would begin a new paragraph")
    expect(items(ana).locator(".words")).to_be_hidden()
    ben.press("Backspace")
    both_show(letter, "First.", "Sec", "xond.")


@pytest.mark.slow
def test_joins_are_proposed(letter: Letter) -> None:
    ana, ben, _ = written(letter, "First.", "Sec", "ond.")
    suggest(ben)
    ben.at(3, "Home")
    ben.press("Backspace")
    both_show(letter, "First.", "Sec", "(del-two)ond.")
    expect(items(ana).locator("[data-says]")).to_have_text("Ben would join two paragraphs")
    expect(ana.block(3)).to_have_attribute("data-proposed", "Ben: join with the one above")
    letter.is_saved()
    assert letter.as_read() == ["Dear Relationship,", "First.", "Sec", "ond."]
    items(ana).get_by_role("button", name="Accept").click()
    both_show(letter, "First.", "Second.")
    letter.is_saved()
    assert letter.as_read() == ["Dear Relationship,", "First.", "Second."]

    # From the end of the paragraph before, declined; and with the words on both sides.
    ben.at(1)
    ben.press("Delete")
    both_show(letter, "First.", "(del-two)Second.")
    items(ana).get_by_role("button", name="Decline").click()
    both_show(letter, "First.", "Second.")
    ben.at(1, "Home")
    ben.press("Shift+ArrowDown", "Shift+End", "Backspace")
    both_show(letter, "[2-First.]", "(del-two)[2-Second.]")
    letter.is_saved()
    assert letter.as_read() == ["Dear Relationship,", "First.", "Second."]
    ben.press("Control+a", "Delete")
    shows(ben, "(del-two)[2-First.]", "(del-two)[2-Second.]")
    assert ben.blocks[0] == "dear: Dear Relationship,"
    expect(items(ana)).to_have_count(2)
    ana.page.get_by_role("button", name="Decline all").click()
    both_show(letter, "First.", "Second.")


def test_kinds_are_proposed(letter: Letter) -> None:
    ana, ben, _ = written(letter, "We walk.", "We talk.")
    suggest(ben)
    ben.at(1)
    ben.tool("Line").click()
    both_show(letter, "(kind-two-line)We walk.", "We talk.")
    expect(items(ana).locator("[data-says]")).to_have_text("Ben would make it a line")
    expect(ana.block(1)).to_have_attribute("data-proposed", "Ben: make it a line")
    letter.sees("p: We walk.", "p: We talk.")
    items(ana).get_by_role("button", name="Accept").click()
    letter.sees("line: We walk.", "p: We talk.")
    # Backspace takes a kind away, and then proposes the join.
    ben.at(1, "Home")
    ben.press("Backspace")
    both_show(letter, "(kind-two-paragraph)We walk.", "We talk.")
    items(ana).get_by_role("button", name="Decline").click()
    letter.sees("line: We walk.", "p: We talk.")
    # What is mine is a line as soon as I write it as one.
    ben.at(2)
    ben.press("Enter")
    ben.type("I want to stay.")
    both_show(letter, "We walk.", "We talk.", "(ins-two){2+I want to stay.}")
    letter.sees("line: We walk.", "p: We talk.", "line: I want to stay.")
    items(ben).get_by_role("button", name="Take back").click()
    letter.sees("line: We walk.", "p: We talk.")


def test_no_sign_in_the_words_means_anything(letter: Letter) -> None:
    ana, ben, _ = written(letter, "Press it.")
    suggest(ben)
    ben.at(1)
    ben.type(" Then ↵ twice, see ¶ 3.")
    expect(items(ana).locator("ins")).to_have_text(" Then ↵ twice, see ¶ 3.")
    items(ana).get_by_role("button", name="Accept").click()
    both_show(letter, "Press it. Then ↵ twice, see ¶ 3.")
    letter.is_saved()
    assert letter.as_read() == ["Dear Relationship,", "Press it. Then ↵ twice, see ¶ 3."]


def test_paste_and_lines_are_proposals_too(letter: Letter) -> None:
    ana, ben, _ = written(letter, "Hello you.")
    suggest(ben)
    pick(ben, 1, "you", "before")
    ben.paste(text="one\ntwo\n\nthree ")
    both_show(letter, "Hello {2+one/two}", "(ins-two){2+three }you.")
    bring = "text => document.dispatchEvent(new CustomEvent('insert-line', { detail: { text } }))"
    ben.page.evaluate(bring, "I want to stay.")
    both_show(
        letter,
        "Hello {2+one/two}",
        "(ins-two){2+three }you.",
        "(ins-two){2+I want to stay.}",
    )
    letter.is_saved()
    assert letter.as_read() == ["Dear Relationship,", "Hello you."]
    ana.page.get_by_role("button", name="Accept all").click()
    both_show(letter, "Hello one/two", "three you.", "I want to stay.")
    assert ana.blocks[-1].startswith("line")
    letter.is_saved()
    assert letter.as_read()[1:] == ["Hello onetwo", "three you.", "I want to stay."]
    # What is copied from a suggestion is somebody's no more.
    ben.at(2)
    ben.type("new")
    html = ben.letter.locator("ins").first.evaluate("element => element.outerHTML")
    ben.tool("Suggest").click()
    ben.at(1)
    ben.paste(html=html)
    both_show(letter, "Hello one/twonew", "three you.{2+new}", "I want to stay.")


@pytest.mark.slow
def test_composed_words_are_proposed(letter: Letter) -> None:
    ben = written(letter, "abc def").ben
    keyboard = ben.page.context.new_cdp_session(ben.page)
    suggest(ben)
    ben.at(1, "End")
    compose(keyboard, ["n", "に", "にほ", "にほん"])
    keyboard.send("Input.insertText", {"text": "日本"})
    both_show(letter, "abc def{2+日本}")
    # Over chosen words.
    pick(ben, 1, "abc ")
    compose(keyboard, ["k", "か", "かn"])
    keyboard.send("Input.insertText", {"text": "漢"})
    both_show(letter, "[2-abc ]{2+漢}def{2+日本}")
    # As a phone does it: the word before the caret is composed anew.
    ben.press("End")
    for _ in range(2):
        ben.press("ArrowLeft")
    compose(keyboard, ["deft"], replacementStart=5, replacementEnd=8)
    keyboard.send("Input.insertText", {"text": "deft"})
    letter.is_saved()
    assert proposed(letter.ana) == proposed(ben)
    assert letter.as_read()[1] == "abc def"


def test_a_word_is_composed_anew_while_the_other_writes(letter: Letter) -> None:
    """Letters in its midst go only when it is done; until then nothing tears it."""
    ana, ben, _ = written(letter, "abc def ghi")
    keyboard = ben.page.context.new_cdp_session(ben.page)
    suggest(ben)
    pick(ben, 1, "def")
    compose(keyboard, ["d", "do", "dog"])
    ana.at(1, "Home")
    ana.type("Oh, ")
    expect(ana.block(1)).to_have_text("Oh, abc def ghi")
    compose(keyboard, ["dogs"])
    keyboard.send("Input.insertText", {"text": "dogs"})
    both_show(letter, "Oh, abc [2-def]{2+dogs} ghi")
    expect(items(ana)).to_have_count(1)
    ben.type("!")
    both_show(letter, "Oh, abc [2-def]{2+dogs!} ghi")
    letter.is_saved()
    assert letter.as_read()[1] == "Oh, abc def ghi"


# -- Two of them ---------------------------------------------------------------------------------


def test_both_suggest_at_once(letter: Letter) -> None:
    ana, ben, url = written(letter, "one two three four")
    suggest(ana)
    suggest(ben)
    pick(ana, 1, "one two ")
    pick(ben, 1, "two three ")
    ana.type("A")
    ben.type("B")
    letter.is_saved()
    for _ in range(PATIENCE):
        if items(ana).count() == items(ben).count() == 2 and proposed(ana) == proposed(ben):
            break
        ana.page.wait_for_timeout(50)
    assert proposed(ana) == proposed(ben)
    text = ana.blocks[1]
    assert all(word in text for word in ("one", "two", "three", "four", "A", "B"))
    assert letter.as_read()[1] == "one two three four"
    # They outlive the page.
    before = proposed(ana)
    ben.open(url)
    assert proposed(ben) == before
    # Deleting what the other one proposes is a proposal as well.
    items(ben).filter(has_text="Ana would").get_by_role("button", name="Decline").click()
    items(ana).filter(has_text="Ben would").get_by_role("button", name="Accept").click()
    both_show(letter, "one Bfour")
    ana.at(1)
    ana.type("+")
    suggest(ben)
    ben.at(1)
    ben.press("Backspace")
    both_show(letter, "one Bfour{1+[2-+]}")
    items(ben).filter(has_text="Ana would").get_by_role("button", name="Accept").click()
    both_show(letter, "one Bfour[2-+]")


def test_accepting_while_the_other_types_in_it_loses_nothing(letter: Letter) -> None:
    ana, ben, _ = written(letter, "Start. End.")
    suggest(ben)
    pick(ben, 1, "End", "before")
    ben.type("middle")
    expect(items(ana)).to_have_count(1)
    accept = items(ana).get_by_role("button", name="Accept")
    ben.type("b" * 10)
    accept.evaluate("button => setTimeout(() => button.click(), 30)")
    ben.type("c" * 40)
    expect(ana.block(1)).to_contain_text("c" * 40)
    letter.is_saved()
    assert ana.blocks == ben.blocks
    assert proposed(ana) == proposed(ben)
    assert ana.blocks[1] == f"p: Start. middle{'b' * 10}{'c' * 40}End."


def test_undo_takes_back_a_suggestion_of_mine_only(letter: Letter) -> None:
    ana, ben, _ = written(letter, "one two")
    ana.is_saved()
    suggest(ben)
    ben.at(1)
    ben.type(" three")
    both_show(letter, "one two{2+ three}")
    ana.at(1, "Home")
    ana.type("0 ")
    both_show(letter, "0 one two{2+ three}")
    ben.page.wait_for_timeout(600)
    ben.press("Home", "Delete")
    both_show(letter, "[2-0] one two{2+ three}")
    ben.press("Control+z")
    both_show(letter, "0 one two{2+ three}")
    ben.press("Control+z")
    both_show(letter, "0 one two")
    ben.press("Control+y", "Control+y")
    both_show(letter, "[2-0] one two{2+ three}")
    # What is decided is a fact between the two: undo is about what I wrote.
    items(ben).first.get_by_role("button", name="Take back").click()
    both_show(letter, "0 one two{2+ three}")


def test_who_writes_among_words_that_are_to_go_keeps_their_own(letter: Letter) -> None:
    ana, ben, _ = written(letter, "one two")
    suggest(ben)
    ben.at(1)
    ben.press("Shift+Home", "Backspace")
    both_show(letter, "[2-one two]")
    ana.at(1, "Home")
    ana.press("ArrowRight")
    ana.type("X")
    both_show(letter, "[2-o]X[2-ne two]")
    items(ana).get_by_role("button", name="Accept").click()
    both_show(letter, "X")


@pytest.mark.slow
def test_a_decision_waits_for_the_connection(letter: Letter, troubles: Troubles) -> None:
    troubles.allow(CUT)
    ana, ben, _ = written(letter, "one two")
    suggest(ben)
    ben.at(1)
    ben.type(" three")
    both_show(letter, "one two{2+ three}")
    letter.is_saved()
    ana.page.context.set_offline(True)
    ana.is_offline()
    items(ana).get_by_role("button", name="Accept").click()
    expect(ana.letter).to_be_focused()
    expect(items(ana).locator("[data-waiting]")).to_have_text(
        "Waiting for the connection. Leave this page open."
    )
    expect(items(ana).get_by_role("button", name="Accept")).to_be_disabled()
    expect(items(ana).get_by_role("button", name="Decline")).to_be_disabled()
    no_barriers(ana.page)
    # What comes meanwhile was not seen.
    ben.type(" four")
    ben.is_saved()
    ana.page.context.set_offline(False)
    both_show(letter, "one two three{2+ four}")
    expect(items(ana).get_by_role("button", name="Accept")).to_be_enabled()
    letter.is_saved()
    assert letter.as_read()[1] == "one two three"


@pytest.mark.slow
@pytest.mark.parametrize("first", ["accept", "back"])
def test_accepted_and_taken_back_at_once_is_one_of_the_two(
    letter: Letter, troubles: Troubles, first: str
) -> None:
    troubles.allow(CUT)
    ana, ben, _ = written(letter, "one two")
    suggest(ben)
    pick(ben, 1, "two")
    ben.type("three")
    both_show(letter, "one [2-two]{2+three}")
    letter.is_saved()
    for writer in (ana, ben):
        writer.page.context.set_offline(True)
        writer.is_offline()
    items(ana).get_by_role("button", name="Accept").click()
    items(ben).get_by_role("button", name="Take back").click()
    for writer in (ana, ben) if first == "accept" else (ben, ana):
        writer.page.context.set_offline(False)
        writer.is_saved()
        expect(items(writer)).to_have_count(0)
    both_show(letter, "one three" if first == "accept" else "one two")
    assert letter.as_read()[1] == ("one three" if first == "accept" else "one two")


# -- Everyone ------------------------------------------------------------------------------------


def test_suggestions_by_keyboard_alone(letter: Letter) -> None:
    ana, ben, _ = written(letter, "one two")
    ben.at(1)
    ben.press("Alt+F10", "End", "ArrowLeft", "ArrowLeft", "Enter")
    expect(ben.tool("Suggest")).to_have_attribute("aria-pressed", "true")
    ben.press("Escape", "End")
    ben.type(" three")
    both_show(letter, "one two{2+ three}")
    ana.at(1, "Home")
    ana.press("End")
    ana.hears("Ben would add three")
    ana.press("Home", "Alt+Shift+S")
    expect(items(ana).get_by_role("button", name="Show it")).to_be_focused()
    ana.press("Enter")
    expect(ana.letter).to_be_focused()
    expect(items(ana)).to_have_attribute("data-here", "")
    ana.press("Alt+Shift+S", "Escape")
    expect(ana.letter).to_be_focused()
    ana.press("Alt+Shift+S", "Shift+Tab", "Shift+Tab", "Enter")
    both_show(letter, "one two three")
    expect(ana.letter).to_be_focused()
    ana.hears("Accepted.")


def test_the_page_with_suggestions_is_accessible(letter: Letter, couple: Couple) -> None:
    ana, ben, _ = written(letter, "one two")
    suggest(ben)
    ben.at(1)
    ben.type(" three")
    ben.press("Home", "Delete")
    expect(items(ana)).to_have_count(2)
    no_barriers(ana.page)
    ana.page.emulate_media(color_scheme="dark")
    no_barriers(ana.page)
    assert ana.page.locator("[style]").count() == 0


@pytest.mark.slow
def test_on_a_phone_the_buttons_are_near_the_text(
    letter: Letter, open_browser: OpenBrowser
) -> None:
    ana, ben, url = written(letter, "one two")
    suggest(ben)
    ben.at(1)
    ben.type(" three")
    ben.is_saved()
    phone = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
    storage = ana.page.context.storage_state()
    mine = Writer(open_browser(storage_state=storage, **phone))
    mine.open(url)
    near = mine.page.locator(".suggestion-here")
    expect(near).to_be_hidden()
    mine.letter.locator("ins").tap(position={"x": 30, "y": 10})  # beside the caret of another page
    accept = near.get_by_role("button", name="Accept")
    box = accept.bounding_box()
    assert box
    assert box["width"] >= 44
    assert box["height"] >= 44
    accept.tap()
    both_show(letter, "one two three")
    expect(near).to_be_hidden()


ABSURD = """
from couples.models import User
from letters.text import document
from letters.live.group_commit import Entry
from letters.models import Letter
from letters.letter.models.client import Client
from letters.letter.models.document import Update
import pycrdt

letter = Letter.objects.get(pk="{pk}")
doc = letter.load()
Client.register(letter, doc.client_id, User.objects.get(email="{email}").pk)
before = doc.get_state()
text = doc.get("letter", type=pycrdt.Text)
marks = [
    {{"ins:" + "x" * 100_000: "two"}},
    {{"ins:1_1": "three"}},
    {{"del:1_1": "one caret"}},
    {{"ins:__proto__": "one"}},
    {{"del:1_1": "two 1.0.9"}},
    {{"ins:1_1": "two"}},
    {{"del:1_1": True}},
]
start = str(text).index("one")
for index, mark in enumerate(marks):
    at = start + index * 4
    text.format(at, at + 3, mark)
for run, _ in text.diff():
    if isinstance(run, pycrdt.Map):
        run["kind:1_1"] = "one <b>"
Update.objects.append([Entry(letter.pk, letter.key_owner_id, [doc.get_update(before)])])
"""


def test_absurd_marks_are_nobody_s_and_do_no_harm(
    letter: Letter, couple: Couple, server: Server
) -> None:
    """The server lets no such thing in. Should one have got there, or Yjs have stretched a mark
    over words that it is not about, it says nothing."""
    ana, ben, url = written(letter, "one two six ten five and so on")
    letter.is_saved()
    for writer in (ana, ben):
        writer.page.goto("about:blank")
    pk = url.rstrip("/").rpartition("/")[2]
    server.shell(ABSURD.format(pk=pk, email=couple.ben_email))
    ana.open(url)
    ben.open(url)
    expect(ana.page.locator("[data-suggestions]")).to_be_hidden()
    assert ana.letter.locator("ins, del, [data-break], [data-proposed]").count() == 0
    suggest(ben)
    ben.at(1, "Home")
    ben.press("Delete", "ArrowRight")
    ben.type("!")
    both_show(letter, "[2-o]n{2+!}e two six ten five and so on")
    expect(items(ana)).to_have_count(2)
    ana.page.get_by_role("button", name="Accept all").click()
    both_show(letter, "n!e two six ten five and so on")
    letter.is_saved()
    assert letter.as_read()[1] == "n!e two six ten five and so on"


def test_the_letter_keeps_to_its_size_while_suggesting(letter: Letter) -> None:
    """Words that are proposed to go still count, so writing over them makes the letter longer."""
    ana, ben, _ = letter
    ben.at(1)
    ben.paste(text="x" * 60_000)
    suggest(ben)
    ben.press("Control+a")
    ben.paste(text="y" * 60_000)
    ben.hears("That is more than one letter can carry, so it was not put in.")
    ben.press("Control+a", "Delete")
    expect(items(ana)).to_have_count(1)
    assert len(ana.blocks[1]) == len("p: ") + 60_000


def test_who_has_left_sees_no_suggestion_any_more(
    letter: Letter, couple: Couple, server: Server
) -> None:
    ana, ben, _ = written(letter, "one two")
    suggest(ben)
    ben.at(1)
    ben.type(" three")
    letter.is_saved()
    expect(items(ana)).to_have_count(1)
    server.shell(
        "from couples.models import User\n"
        f"User.objects.get(email={couple.ana_email!r}).partner.leave()"
    )
    expect(ana.page.get_by_role("heading", name="This page is closed")).to_be_visible()
    expect(items(ana)).to_have_count(0)
    assert "one two" not in ana.page.content()
