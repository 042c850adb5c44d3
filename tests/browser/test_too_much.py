"""More than a page can send in one go: the words stay, and nobody sends them again and again."""

import pytest
from playwright.sync_api import Request, expect

from tests.browser.conftest import Couple, Troubles

pytestmark = pytest.mark.one_database

ANSWER = "/letters/questions/disagree/"
TYPE = """(field, words) => {
  field.value = words;
  field.dispatchEvent(new Event("input", { bubbles: true }));
}"""


def test_what_is_too_much_stays_on_its_page_and_is_sent_once(
    couple: Couple, troubles: Troubles
) -> None:
    troubles.allow("413")
    page = couple.ana
    page.clock.install()
    page.goto(ANSWER)
    sent: list[Request] = []
    page.on("request", lambda request: sent.append(request) if request.method == "POST" else None)
    words, said = page.locator("auto-save textarea"), page.locator("auto-save output")
    # Out of sight: nobody waits until a browser has laid out three million letters.
    words.evaluate("field => { field.hidden = true; }")
    words.evaluate(TYPE, "x" * 3_000_000)
    page.clock.run_for(1_000)
    expect(said).to_contain_text("more than can be saved at once")
    page.clock.run_for(60_000)
    assert len(sent) == 1
    assert words.evaluate("field => field.value.length") == 3_000_000
    # Shorter, it is saved as ever.
    words.evaluate(TYPE, "Slower.")
    page.clock.run_for(1_000)
    expect(said).to_have_text("Saved")
