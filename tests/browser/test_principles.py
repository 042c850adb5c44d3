"""Agreements and pledges as only a browser shows them: two people, two windows, no reload."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Couple, OpenBrowser, Troubles
from tests.browser.cookies import lend_cookies

pytestmark = pytest.mark.one_database

pytestmark = pytest.mark.browser

REPAIR = "/principles/repair/"
# What was wrong with a form is answered with 409 and 422, which a browser notes in its console.
EXPECTED = r"status of (409|422)"


def both_at(couple: Couple, path: str = REPAIR) -> tuple[Page, Page]:
    for page in (couple.ana, couple.ben):
        page.goto(path)
        expect(page.locator("html[data-live=on]")).to_be_attached()
    return couple.ana, couple.ben


def propose(page: Page, words: str) -> None:
    page.locator("#proposal-text").fill(words)
    page.get_by_role("button", name="Propose these words").click()


def test_both_sign_and_see_each_others_signature_at_once(couple: Couple) -> None:
    ana, ben = both_at(couple)
    propose(ana, "We come back within the hour.")
    agreement = ben.locator("#agreement")
    expect(agreement).to_contain_text("We come back within the hour.")
    ben.get_by_role("button", name="Sign these words").click()
    # Whoever cannot see the lines is told, and stays where the button was.
    expect(ben.locator("#stands")).to_be_focused()
    expect(ana.locator("#agreement .sign")).to_contain_text("Ben")
    ana.get_by_role("button", name="Sign these words").click()
    for page in (ana, ben):
        expect(page.locator("#agreement")).to_contain_text("Held by both since")
        expect(page.locator("#earlier")).to_contain_text("One wording so far")
    ben.get_by_role("button", name="Withdraw my signature").click()
    expect(ana.locator("#agreement")).to_contain_text("no name here so far")


def test_what_one_is_typing_survives_the_others_words(couple: Couple, troubles: Troubles) -> None:
    troubles.allow(EXPECTED)
    ana, ben = both_at(couple)
    typing = ben.get_by_label("Words for us")
    typing.press_sequentially("We come")
    propose(ana, "We pick up.")
    expect(ben.locator("#agreement")).to_contain_text("We pick up.")
    expect(ben.locator("#late")).to_contain_text("Ana proposed words while you were writing.")
    expect(typing).to_be_focused()
    typing.press_sequentially(" running.")
    expect(typing).to_have_value("We come running.")
    ben.get_by_role("button", name="Propose these words").click()
    both = ben.locator("#propose .conflict")
    expect(both).to_be_focused()
    expect(both).to_contain_text("Both versions are here; nothing is lost.")
    expect(both.get_by_role("blockquote")).to_have_text("We pick up.")
    expect(ben.get_by_label("Your words")).to_have_value("We come running.")
    propose(ben, "We pick up, and we come.")
    expect(ana.locator("#agreement")).to_contain_text("and we come.")


def test_a_sentence_beside_the_field_and_the_words_in_it(
    couple: Couple, troubles: Troubles
) -> None:
    troubles.allow(EXPECTED)
    ana, _ben = both_at(couple)
    propose(ana, "We come back.")
    ana.get_by_role("link", name="Propose other words").click()
    expect(ana.locator("#proposal-text")).to_have_value("We come back.")
    ana.get_by_role("button", name="Propose these words").click()
    expect(ana.locator("#proposal-error")).to_contain_text("These are the words as they stand.")
    propose(ana, "We. " * 300)
    expect(ana.locator("#proposal-error")).to_contain_text("1000 fit")
    expect(ana.locator("#proposal-text")).to_have_value("We. " * 300)
    expect(ana.locator("#proposal-text")).to_be_focused()
    # With the words thrown away by going back, the agreement is as it was.
    ana.get_by_role("link", name="Leave the words as they are").click()
    expect(ana.locator("#agreement .words")).to_have_text("We come back.")
    expect(ana.locator("#proposal-text")).to_have_count(0)


def test_a_pledge_is_kept_as_one_types_and_shared_as_previewed(couple: Couple) -> None:
    ana, ben = both_at(couple)
    mine, said = ana.locator("#pledge-text"), ana.locator("auto-save output")
    mine.press_sequentially("When I have hurt you,")
    expect(said).to_have_text("Saved")
    mine.press_sequentially(" I will come back first.")
    expect(said).to_have_text("Saving…")
    expect(said).to_have_text("Saved")
    ana.reload()
    expect(mine).to_have_value("When I have hurt you, I will come back first.")
    ana.get_by_role("link", name="Show it to Ben").click()
    expect(ana.locator("article")).to_have_text("When I have hurt you, I will come back first.")
    assert "come back first" not in ben.content()
    ana.get_by_role("button", name="Share these words with Ben").click()
    expect(ben.locator("#theirs")).to_contain_text("I will come back first.")
    mine.fill("Something that Ben does not read.")
    expect(said).to_have_text("Saved")
    ben.reload()
    expect(ben.locator("#theirs")).to_contain_text("I will come back first.")
    assert "does not read" not in ben.content()
    ana.get_by_role("button", name="Take it back").click()
    expect(ben.locator("#theirs")).not_to_contain_text("come back first")


def test_two_windows_on_one_pledge_lose_nothing(couple: Couple, troubles: Troubles) -> None:
    troubles.allow(EXPECTED)
    one = couple.ana
    one.goto(REPAIR)
    two = one.context.new_page()
    two.goto(REPAIR)
    one.locator("#pledge-text").fill("I will come back first.")
    expect(one.locator("auto-save output")).to_have_text("Saved")
    two.locator("#pledge-text").fill("I will put the kettle on.")
    beside = two.locator("#pledge .conflict")
    expect(beside.get_by_role("blockquote")).to_have_text("I will come back first.")
    expect(two.locator("#pledge-text")).to_have_value("I will put the kettle on.")
    two.locator("#pledge-text").fill("I will put the kettle on, for two.")
    expect(two.locator("auto-save output")).to_have_text("Saved")
    two.reload()
    expect(beside).to_have_count(0)
    expect(two.locator("#pledge-text")).to_have_value("I will put the kettle on, for two.")


@pytest.mark.slow
def test_it_all_works_without_javascript(
    couple: Couple, open_browser: OpenBrowser, troubles: Troubles
) -> None:
    troubles.allow(EXPECTED)
    ben = couple.ben
    ben.goto(REPAIR)
    ana = open_browser(java_script_enabled=False)
    lend_cookies(couple.ana.context, ana.context)
    ana.goto(REPAIR)
    ana.locator("#pledge-text").fill("I will come back first.")
    ana.get_by_role("button", name="Save", exact=True).click()
    expect(ana.locator("#pledge-text")).to_have_value("I will come back first.")
    ana.get_by_role("link", name="Show it to Ben").click()
    ana.get_by_role("button", name="Share these words with Ben").click()
    expect(ana.locator("#pledge")).to_contain_text("Ben can read what you shared")
    propose(ana, "We come back.")
    ana.get_by_role("button", name="Sign these words").click()
    expect(ana.locator("#agreement .sign")).to_contain_text("signed")
    ana.get_by_role("link", name="Propose other words").click()
    propose(ben, "We come back the same day.")
    expect(ben.locator("#propose .conflict")).to_be_visible()
    propose(ben, "We come back the same day.")
    expect(ben.locator("#agreement")).to_contain_text("the same day")
    propose(ana, "We come back tonight.")
    expect(ana.locator("#propose")).to_contain_text("Ben changed these words")
    expect(ana.locator("#proposal-text")).to_have_value("We come back tonight.")
    propose(ana, "We come back tonight.")
    ana.get_by_role("button", name="Take these words back").click()
    expect(ana.locator("#agreement")).to_contain_text("the same day")
    ana.get_by_role("link", name="Every wording, and what changed").click()
    expect(ana.locator("li.wording")).to_have_count(3)
    expect(ana.locator("li.wording").nth(1).locator("ins")).to_contain_text("the same day")
