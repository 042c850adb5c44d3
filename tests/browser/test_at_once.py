"""What two people do to one passage at the same moment, or one of them without a connection: every
word is there once, and both have the same letter."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Frozen, OpenBrowser, Troubles
from tests.browser.writing import CUT, Letter, Writer, compose, pick

pytestmark = pytest.mark.one_database

type Act = Callable[[Writer], None]
each_database = pytest.mark.each_database


def enter_at(place: int) -> Act:
    def enter(writer: Writer) -> None:
        caret_at(writer, place)
        writer.press("Enter")

    return enter


def caret_at(writer: Writer, place: int, block: int = 2) -> None:
    writer.at(block, "Home")
    writer.press(*["ArrowRight"] * place)


def join(writer: Writer) -> None:
    writer.at(2, "Home")
    writer.press("Backspace")


def join_forward(writer: Writer) -> None:
    writer.at(1, "End")
    writer.press("Delete")


def make(kind: str) -> Act:
    def make(writer: Writer) -> None:
        writer.at(2)
        writer.tool(kind).click()

    return make


def all_lines(writer: Writer) -> None:
    writer.at(2, "Control+a")
    writer.tool("Line").click()


def begun(letter: Letter, *paragraphs: str) -> Letter:
    letter.ana.at(1)
    for index, text in enumerate(paragraphs):
        if index:
            letter.ana.press("Enter")
        letter.ana.page.keyboard.insert_text(text)
    letter.sees(*(f"p: {text}" for text in paragraphs))
    letter.is_saved()
    return letter


def ends_as(letter: Letter, *blocks: str) -> None:
    """On both pages, and on the page that is read."""
    letter.sees(*blocks)
    letter.is_saved()
    assert letter.as_read()[1:] == [block.split(": ", 1)[1] for block in blocks]


ALPHA, CHARLIE = "alpha bravo", "charlie delta"
SMILE = "charlie 😀 delta"


@pytest.mark.parametrize(
    ("second", "anas", "bens", "blocks"),
    [
        pytest.param(
            CHARLIE,
            enter_at(8),
            enter_at(8),
            ["p: charlie ", "p: ", "p: delta"],
            marks=each_database,
            id="Enter at one place",
        ),
        pytest.param(
            CHARLIE,
            enter_at(3),
            enter_at(10),
            ["p: cha", "p: rlie de", "p: lta"],
            id="Enter at two places",
        ),
        pytest.param(CHARLIE, make("Line"), make("Line"), ["line: charlie delta"], id="Line, Line"),
        pytest.param(
            CHARLIE, make("Line"), enter_at(8), ["line: charlie ", "p: delta"], id="Line, Enter"
        ),
        pytest.param(
            SMILE,
            enter_at(8),
            enter_at(9),
            ["p: charlie ", "p: 😀", "p:  delta"],
            id="Enter on both sides of an emoji",
        ),
    ],
)
def test_both_at_once(
    letter: Letter, frozen: Frozen, second: str, anas: Act, bens: Act, blocks: list[str]
) -> None:
    ana, ben, _ = begun(letter, ALPHA, second)
    with frozen():
        anas(ana)
        bens(ben)
        ana.page.wait_for_timeout(150)
    ends_as(letter, f"p: {ALPHA}", *blocks)


def test_both_join_at_once(letter: Letter, frozen: Frozen) -> None:
    ana, ben, _ = begun(letter, ALPHA, CHARLIE)
    with frozen():
        join(ana)
        join(ben)
        ana.page.wait_for_timeout(150)
    ends_as(letter, "p: alpha bravocharlie delta")


def test_both_give_another_kind_at_once(letter: Letter, frozen: Frozen) -> None:
    """One of the two."""
    ana, ben, _ = begun(letter, ALPHA, CHARLIE)
    with frozen():
        make("Line")(ana)
        make("Closing")(ben)
        ana.page.wait_for_timeout(150)
    letter.is_saved()
    expect(ben.block(2)).to_have_class(ana.block(2).get_attribute("class") or "")
    kind = ana.blocks[2].split(": ")[0]
    assert kind in ("line", "closing")
    ends_as(letter, f"p: {ALPHA}", f"{kind}: {CHARLIE}")


# -- One of them without a connection ------------------------------------------------------------

GOLF = f"{CHARLIE} GOLF"


def leaves(writer: Writer) -> None:
    writer.page.goto("/letters/")


def reloads(writer: Writer) -> None:
    writer.page.reload()
    writer.is_saved()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("act", "who", "then", "blocks"),
    [
        pytest.param(
            make("Line"),
            "ben",
            leaves,
            [f"p: {ALPHA}", f"line: {GOLF}"],
            marks=each_database,
            id="Line",
        ),
        pytest.param(join, "ben", leaves, [f"p: {ALPHA}{GOLF}"], id="Backspace"),
        pytest.param(join_forward, "ben", reloads, [f"p: {ALPHA}{GOLF}"], id="Delete"),
        pytest.param(
            all_lines, "ben", reloads, [f"line: {ALPHA}", f"line: {GOLF}"], id="all of it lines"
        ),
        pytest.param(
            make("Line"),
            "phone",
            leaves,
            [f"p: {ALPHA}", f"line: {GOLF}"],
            id="Line, and words from another device of mine",
        ),
        pytest.param(
            join, "phone", reloads, [f"p: {ALPHA}{GOLF}"], id="Backspace, and another device"
        ),
    ],
)
def test_words_that_were_saved_meanwhile_stay(
    letter: Letter,
    open_browser: OpenBrowser,
    troubles: Troubles,
    act: Act,
    who: str,
    then: Act,
    blocks: list[str],
) -> None:
    troubles.allow(CUT)
    ana, ben, url = begun(letter, ALPHA, CHARLIE)
    other = ben
    if who == "phone":
        other = Writer(open_browser(storage_state=ana.page.context.storage_state()))
        other.open(url)
    ana.page.context.set_offline(True)
    ana.is_offline()
    other.at(2)
    other.type(" GOLF")
    other.is_saved()
    then(other)
    act(ana)
    assert "GOLF" not in " ".join(ana.blocks)
    ana.page.context.set_offline(False)
    salutation = "line: Dear Relationship," if act is all_lines else "dear: Dear Relationship,"
    ben.open(url)
    for writer in (ana, ben):
        writer.is_saved()
        expect(writer.letter).to_contain_text("GOLF")
        assert writer.blocks == [salutation, *blocks]
    assert letter.as_read()[1:] == [block.split(": ", 1)[1] for block in blocks]


@pytest.mark.slow
def test_two_devices_accept_one_paragraph(
    letter: Letter, open_browser: OpenBrowser, troubles: Troubles
) -> None:
    troubles.allow(CUT)
    ana, ben, url = begun(letter, "First.", "Last.")
    phone = Writer(open_browser(storage_state=ana.page.context.storage_state()))
    ben.tool("Suggest").click()
    ben.at(1)
    ben.press("Enter")
    ben.type("Between.")
    phone.open(url)
    for writer in letter[:2]:
        writer.sees("p: First.", "p: Between.", "p: Last.")
    letter.is_saved()
    phone.page.context.set_offline(True)
    phone.is_offline()
    for writer in (phone, ana):
        row = writer.page.locator("[data-suggestion-list] > li")
        row.get_by_role("button", name="Accept").click()
    expect(ana.page.locator("[data-suggestions]")).to_be_hidden()
    phone.page.context.set_offline(False)
    expect(phone.page.locator("[data-suggestions]")).to_be_hidden()
    phone.is_saved()
    phone.sees("p: First.", "p: Between.", "p: Last.")
    assert phone.letter.locator("ins, del, [data-break]").count() == 0
    ends_as(letter, "p: First.", "p: Between.", "p: Last.")


# -- Where one is --------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("at_once", [False, True])
def test_a_caret_stays_with_its_words(letter: Letter, frozen: Frozen, at_once: bool) -> None:
    ana, ben, _ = begun(letter, ALPHA)
    ben.at(1)
    caret_at(ana, 5, block=1)
    if at_once:
        with frozen():
            ana.press("Enter")
            ben.type("Z")
    else:
        ana.press("Enter")
        letter.sees("p: alpha", "p:  bravo")
        ben.type("Z")
    ends_as(letter, "p: alpha", "p:  bravoZ")
    # Joined again, bold, with something put in before it, and all of that taken back.
    ana.at(2, "Home")
    ana.press("Backspace")
    letter.sees("p: alpha bravoZ")
    ben.type("1")
    letter.sees("p: alpha bravoZ1")
    ana.at(1, "Home")
    ana.press("Shift+End", "Control+b", "Home")
    expect(ben.block(1).locator("strong")).to_have_text("alpha bravoZ1")
    ben.type("2")
    ana.page.wait_for_timeout(600)  # what is undone in one step
    ana.paste(text="one\n\ntwo ")
    letter.sees("p: one", "p: two alpha bravoZ12")
    ben.type("3")
    letter.sees("p: one", "p: two alpha bravoZ123")
    ana.press("Control+z")
    letter.sees("p: alpha bravoZ123")
    ben.type("4")
    ends_as(letter, "p: alpha bravoZ1234")


def test_a_selection_stays_with_its_words(letter: Letter) -> None:
    ana, ben, _ = begun(letter, ALPHA)
    ben.at(1, "Home")
    ben.press("Shift+End")
    ana.at(1)
    ana.tool("Line").click()
    letter.sees(f"line: {ALPHA}")
    ben.type("Q")
    ends_as(letter, "line: Q")


# -- A word that is being composed ---------------------------------------------------------------


def bold(writer: Writer) -> None:
    writer.at(2, "Home")
    writer.press("Shift+End", "Control+b")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("act", "blocks"),
    [
        pytest.param(enter_at(3), ["p: alpha bravo", "p: cha", "p: rlie 日本delta"], id="Enter"),
        pytest.param(join, ["p: alpha bravocharlie 日本delta"], id="join"),
        pytest.param(enter_at(11), ["p: alpha bravo", "p: charlie 日本de", "p: lta"], id="behind"),
        pytest.param(bold, ["p: alpha bravo", "p: charlie 日本delta"], id="bold"),
    ],
)
@pytest.mark.parametrize("mode", ["writing", "suggesting"])
def test_a_composed_word_comes_whole(
    letter: Letter, act: Act, blocks: list[str], mode: str
) -> None:
    ana, ben, _ = begun(letter, ALPHA, CHARLIE)
    if mode == "suggesting":
        ben.tool("Suggest").click()
    pick(ben, 2, "delta", "before")
    keyboard = ben.page.context.new_cdp_session(ben.page)
    compose(keyboard, ["n", "に"])
    expect(ana.block(2)).to_contain_text("に")
    act(ana)
    ana.is_saved()
    compose(keyboard, ["にほ", "にほん"])
    keyboard.send("Input.insertText", {"text": "日本"})
    letter.sees(*blocks)
    ben.type("!")
    after = [block.replace("日本", "日本!") for block in blocks]
    letter.sees(*after)
    letter.is_saved()
    if mode == "writing":
        ends_as(letter, *after)
