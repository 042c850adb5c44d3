"""An input method in Firefox, which ends a composition in another order than Chromium."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser import firefox
from tests.browser.conftest import Couple
from tests.browser.firefox import Firefox
from tests.browser.writing import Writer

pytestmark = [
    pytest.mark.one_database,
    pytest.mark.skipif(not firefox.PROGRAM, reason="no Firefox is installed: firefox-esr has it"),
]

BLOCK = """return document.querySelectorAll("[data-letter] > p")[1].textContent"""
AT_THE_END = """
const letter = document.querySelector("[data-letter]");
letter.focus();
getSelection().selectAllChildren(letter.lastElementChild);
getSelection().collapseToEnd();
"""


@pytest.fixture
def browser_of_ana(tmp_path: Path) -> Iterator[Firefox]:
    started = Firefox(tmp_path / "firefox")
    yield started
    started.close()


@pytest.mark.parametrize("where", ["Home", "End"])
def test_a_composed_word_is_there_once_when_the_other_writes_in_its_paragraph(
    couple: Couple, browser_of_ana: Firefox, base_url: str, where: str
) -> None:
    ben, ana = Writer(couple.ben), browser_of_ana
    couple.ben.goto("/letters/")
    couple.ben.get_by_role("button", name="Begin our letter").click()
    ben.is_saved()
    ben.at(1)
    ben.type("a")
    ben.is_saved()
    ana.go(f"{base_url}/static/dist/app.css")
    ana.take_cookies([*couple.ana.context.cookies(f"{base_url}/letters/")])
    ana.go(couple.ben.url)
    ana.until(BLOCK, "a")
    ana.until("return document.querySelector('[data-status]').textContent.trim()", "Saved")
    ana.run(AT_THE_END)
    wanted = "a"
    for word, steps in (("日本", ["n", "に", "にほ", "にほん"]), ("漢字", ["k", "か", "かん"])):
        ben.at(1, where)
        for step in steps:
            ana.compose(step)
            ben.type(".")
        ana.compose(word, commit=True)
        dots = "." * len(steps)
        wanted = f"{dots}{wanted}{word}" if where == "Home" else wanted
        if where == "End":
            ana.until(f"{BLOCK}.split('{word}').length - 1", 1)
            break
        ana.until(BLOCK, wanted)
        ben.sees(f"p: {wanted}")
    ana.until("return document.querySelector('[data-status]').textContent.trim()", "Saved")
    ben.is_saved()
    assert ben.block(1).text_content() == ana.run(BLOCK)
