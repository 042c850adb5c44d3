"""How long a letter takes to open in a real browser: from asking for its page until it can be
written in and stands there whole, with the room closed before.

A letter of two thousand blocks takes turns with one that has a single line, so that what any
letter page costs can be told from what the blocks cost.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from statistics import median
from typing import Any

import _bootstrap as house
from _chromium import installed_chromium

from bench import machine
from bench.figures import milliseconds, ratios, table, times

PATIENCE = 60.0
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync"]

WATCH = """(() => {
  const look = () => {
    const letter = document.querySelector("[data-letter]");
    const blocks = letter?.isContentEditable ? letter.querySelectorAll(":scope > p").length : 0;
    if (blocks <= BLOCKS) return requestAnimationFrame(look);
    // Once it was drawn.
    requestAnimationFrame(() => setTimeout(() => {
      const [page] = performance.getEntriesByType("navigation");
      window.opened = [performance.now(), performance.now() - page.responseEnd];
    }));
  };
  requestAnimationFrame(look);
})()"""


@dataclass
class Opened:
    """Seconds, a value for each round: all in all, and since the page had arrived."""

    whole: list[float] = field(default_factory=list)
    script: list[float] = field(default_factory=list)

    @property
    def middle(self) -> tuple[float, float]:
        return median(self.whole), median(self.script)


def measure(server: Any, made: dict[str, dict[str, str]], rounds: int) -> dict[int, Opened]:
    """By how many blocks the letters have. The first round warms up and does not count."""
    found = {int(blocks): Opened() for blocks in made}
    with chromium() as browser:
        for number in range(rounds + 1):
            for blocks, letter in made.items():
                whole, script = visit(browser, server, letter, int(blocks))
                if number:
                    found[int(blocks)].whole.append(whole)
                    found[int(blocks)].script.append(script)
    return found


@contextmanager
def chromium() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with machine.pinned(machine.client_cores()), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=installed_chromium(), args=FLAGS)
        try:
            yield browser
        finally:
            browser.close()


def visit(browser: Any, server: Any, letter: dict[str, str], blocks: int) -> tuple[float, float]:
    context = browser.new_context(base_url=server.base_url, locale="en-GB")
    name, _, value = letter["cookie"].partition("=")
    context.add_cookies(
        [
            {"name": name, "value": value, "url": server.base_url},
            # No pause before writing.
            {"name": "pause", "value": "off", "url": f"{server.base_url}/letters/"},
        ]
    )
    page = context.new_page()
    page.add_init_script(WATCH.replace("BLOCKS", str(blocks)))
    page.goto(f"/letters/{letter['id']}/", wait_until="commit")
    deadline = time.monotonic() + PATIENCE
    while (opened := page.evaluate("window.opened")) is None:
        if time.monotonic() > deadline:
            raise house.Problem(f"a letter of {blocks:,} blocks did not open in the browser.")
        time.sleep(0.05)
    context.close()
    time.sleep(0.5)  # the room closes
    return opened[0] / 1000, opened[1] / 1000


def report(found: dict[str, dict[int, Opened]]) -> str:
    return table(
        ("in the browser", "blocks", "open, ms", "ratio", "after the page came, ms", "ratio"),
        [
            (
                name,
                f"{blocks:,}",
                milliseconds(opened.middle[0]),
                times(ratios(opened.whole, shortest.whole)),
                milliseconds(opened.middle[1]),
                times(ratios(opened.script, shortest.script)),
            )
            for name, letters in found.items()
            for shortest in [letters[min(letters)]]
            for blocks, opened in letters.items()
        ],
    )


# -- Written in the server's environment ---------------------------------------------------------

LINE = "I want to listen before my answer is ready."


def letters(counts: list[int]) -> dict[int, dict[str, str]]:
    """A joint letter for each number of lines that stand in it beside the salutation."""
    from bench.people import cookie, couple
    from letters.models import Letter
    from letters.text import document

    made = {}
    for count in counts:
        ana, _ = couple(f"{count}-lines")
        letter = Letter.begin_joint(ana.partner)
        letter.document.snapshot = document.first_page([LINE] * count)
        letter.document.save(update_fields=["snapshot"])
        made[count] = {"id": str(letter.pk), "cookie": cookie(ana)}
    return made
