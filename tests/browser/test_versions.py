"""Versions and the letter that is open before two people."""

import pytest
from playwright.sync_api import expect

from tests.browser.barriers import no_barriers
from tests.browser.conftest import OpenBrowser
from tests.browser.writing import Letter, Writer


@pytest.mark.slow
def test_a_named_version_comes_back_into_the_open_letter(
    letter: Letter, open_browser: OpenBrowser
) -> None:
    ana, ben, url = letter
    phone = Writer(open_browser(storage_state=ben.page.context.storage_state()))
    phone.open(url)
    ana.at(1)
    ana.type("We walk after dinner.")
    ana.press("Enter")
    ana.type("We call when it gets late.")
    letter.is_saved()
    other = ana.page.context.new_page()
    other.goto(letter.url)
    other.get_by_role("link", name="Earlier versions").click()
    expect(other.get_by_role("heading", name="What the letter said before")).to_be_visible()
    no_barriers(other)
    other.get_by_label("A name for what it says now").fill("before June")
    other.get_by_role("button", name="Keep it under this name").click()
    expect(other.locator(".list b").first).to_have_text("before June")

    ben.at(1)
    for _ in range(len("dinner.")):
        ben.press("Backspace")
    ben.type("breakfast.")
    letter.sees("p: We walk after breakfast.", "p: We call when it gets late.")
    letter.is_saved()
    # Ben stays where he is and types on, while Ana brings the words back.
    ben.at(2)
    other.reload()
    other.locator(".list > li", has_text="before June").get_by_role("link").click()
    expect(other.get_by_role("heading", name="before June")).to_be_visible()
    no_barriers(other)
    other.get_by_role("link", name="What changed since").click()
    expect(other.locator(".letter ins")).to_contain_text("breakfast")
    expect(other.locator(".letter del")).to_contain_text("dinner")
    no_barriers(other)
    ben.type(" Always")
    other.get_by_role("button", name="Bring these words back").click()
    expect(other.locator(".list b").first).to_contain_text("Brought back")
    ben.type(".")
    for writer in (ana, ben, phone):
        expect(writer.block(1)).to_have_text("We walk after dinner.")
    letter.is_saved()
    assert ana.blocks == ben.blocks
    phone.sees(*ana.blocks[1:])
    no_barriers(other)
    # What it said in between is there as well.
    other.get_by_role("link", name="Look at it").nth(1).click()
    expect(other.locator(".letter")).to_contain_text("We walk after breakfast.")


@pytest.mark.slow
def test_a_letter_that_is_nearly_full_says_so_and_loses_nothing(letter: Letter) -> None:
    ana, ben, _ = letter
    size = ana.page.locator("[data-size]")
    expect(size).to_be_hidden()
    ana.at(1)
    ana.paste(text="word " * 19_200)
    expect(size).to_contain_text("more fit into this one")
    ana.is_saved()
    ana.paste(text="more " * 1_000)
    expect(size).to_contain_text("so it was not put in")
    ana.type("!")
    expect(size).to_contain_text("more fit into this one")
    ana.paste(text="x" * (100_000 - size_of(ana)))
    expect(size).to_contain_text("is full. Everything in it is kept.")
    ana.type("?")
    expect(size).to_contain_text("so it was not put in")
    letter.is_saved()
    assert ana.blocks == ben.blocks
    assert "?" not in ana.blocks[-1]


def size_of(writer: Writer) -> int:
    """Characters, and one for every block after the first."""
    return sum(len(block.split(": ", 1)[1]) + 1 for block in writer.blocks) - 1
