"""Both sign one letter, each in a browser of their own."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.barriers import no_barriers
from tests.browser.conftest import OpenBrowser, Troubles
from tests.browser.writing import Letter, Writer


@pytest.mark.slow
def test_the_second_signature_closes_the_open_letter(
    letter: Letter, troubles: Troubles, open_browser: OpenBrowser
) -> None:
    troubles.allow("409")  # what a browser says by itself of a conflict
    ana, ben, _ = letter
    ana.at(1)
    ana.type("We walk after dinner.")
    letter.is_saved()
    phone = {"viewport": {"width": 390, "height": 844}}
    third = Writer(open_browser(storage_state=ben.page.context.storage_state(), **phone))
    third.open(letter.url)
    hers, his = (writer.page.context.new_page() for writer in (ana, ben))
    for page in (hers, his):
        page.goto(letter.url)
        page.get_by_role("link", name="Seal it").click()
        expect(page.get_by_role("button", name="Sign these words")).to_be_visible()
        expect(page.locator("html")).to_have_attribute("data-live", "on")
    no_barriers(hers)
    hers.get_by_role("button", name="Sign these words").click()
    expect(hers.get_by_text("Not both of you have.")).to_be_visible()
    no_barriers(hers)
    # It is on his open page at once, and he can think about it.
    button = his.get_by_role("button", name="Sign these words and seal them")
    expect(button).to_be_visible()
    no_barriers(his)

    # The words change before he signs: nothing is signed, and he sees both.
    ana.type(" And on Sundays.")
    letter.is_saved()
    button.click()
    expect(his.get_by_role("alert")).to_contain_text("Nothing was signed.")
    expect(his.locator(".letter ins")).to_contain_text("And on Sundays.")
    no_barriers(his)
    hers.reload()
    hers.get_by_role("button", name="Sign the words as they are now").click()
    button.click()

    expect(his.get_by_role("heading", name="A sealed letter")).to_be_visible()
    expect(his.locator(".sign em")).to_have_text(["Ana", "Ben"])
    no_barriers(his)
    for writer in (ana, ben, third):
        expect(writer.notice).to_contain_text("it is sealed now")
        expect(writer.letter).to_have_attribute("contenteditable", "false")
        expect(writer.status).to_have_text("Not saving")
    ana.notice.get_by_role("link", name="Read the sealed letter").click()
    expect(ana.page.locator(".letter p").last).to_have_text(
        re.compile("^We walk after dinner. And on Sundays.$")
    )
    # A new one grows from it.
    his.get_by_role("button", name="Begin a new letter from this one").click()
    expect(his.locator("[data-letter]")).to_contain_text("And on Sundays.")
