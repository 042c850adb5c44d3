"""Who wrote what, after two people have worked over each other's words with the real editor."""

import pytest
from playwright.sync_api import Page

from tests.browser.barriers import no_barriers
from tests.browser.conftest import OpenBrowser
from tests.browser.writing import Letter

PASSAGES = """article => [...article.querySelectorAll("p")].map((block) => {
  const who = (node) => node.parentElement.closest(".by")?.matches(".one") ? "A"
    : node.parentElement.closest(".by") ? "B" : "-";
  const walk = document.createTreeWalker(block, NodeFilter.SHOW_TEXT);
  const said = [];
  while (walk.nextNode()) {
    if (walk.currentNode.parentElement.closest(".visually-hidden")) continue;
    const by = who(walk.currentNode);
    if (said.at(-1)?.[0] === by) said.at(-1)[1] += walk.currentNode.data;
    else said.push([by, walk.currentNode.data]);
  }
  return said.map(([by, words]) => `${by}: ${words}`).join("|");
})"""


@pytest.mark.slow
def test_the_authors_stay_whatever_is_done_to_the_shape_of_the_letter(
    letter: Letter, open_browser: OpenBrowser
) -> None:
    ana, ben, url = letter
    state = ben.page.context.storage_state()
    phone = open_browser(storage_state=state, viewport={"width": 390, "height": 844}).context

    def shown(*paragraphs: str) -> Page:
        letter.is_saved()
        page = phone.new_page()
        page.goto(f"{url}authors/")
        found = page.locator("article").evaluate(PASSAGES)
        assert found == ["-: Dear Relationship,", *paragraphs]
        return page

    ana.at(1)
    ana.type("I put the kettle on and wait.")
    letter.sees("p: I put the kettle on and wait.")
    ben.at(1)
    ben.type(" Yes.")
    # In the middle of her words, and a word of his own between them.
    ben.at(1, "Home")
    ben.press(*["ArrowRight"] * 20)
    ben.type("now ")
    letter.sees("p: I put the kettle on now and wait. Yes.")
    shown("A: I put the kettle on |B: now |A: and wait.|B:  Yes.").close()

    ben.at(1, "Home")
    ben.page.wait_for_timeout(600)  # what is undone in one step
    ben.press(*["ArrowRight"] * 6, "Enter")
    letter.sees("p: I put ", "p: the kettle on now and wait. Yes.")
    split = "A: the kettle on |B: now |A: and wait.|B:  Yes."
    shown("A: I put ", split).close()
    ben.press("Control+z")
    letter.sees("p: I put the kettle on now and wait. Yes.")
    whole = "A: I put the kettle on |B: now |A: and wait.|B:  Yes."
    shown(whole).close()

    # A line, and what she wrote struck by him and taken back.
    ben.at(1)
    ben.page.locator("[data-kind=line]").click()
    letter.sees("line: I put the kettle on now and wait. Yes.")
    shown(whole).close()
    ben.at(1, "Home")
    ben.page.wait_for_timeout(600)
    ben.press("Shift+End", "Delete")
    letter.sees("line: ")
    ben.press("Control+z")
    letter.sees("line: I put the kettle on now and wait. Yes.")
    shown(whole).close()

    # Cut here and pasted there, with a mark of his on it.
    ben.at(1, "Home")
    ben.page.wait_for_timeout(600)
    ben.press("Shift+End", "Control+b", "Control+x")
    ben.type("Then:")
    ben.press("Enter", "Control+v")
    page = shown("B: Then:", whole)
    assert page.locator("article strong").count() > 1
    no_barriers(page)
    page.close()
