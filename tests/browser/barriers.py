"""What keeps somebody from using a page: what axe finds, and what is wider than the window.

A page is drawn alike whatever database it came from; where bin/test runs a test on several, axe
looks on one of them.
"""

import os
from typing import Any

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

from tests import database_split

AXE = """
async ({within, options}) => {
  const {violations} = await axe.run(within || document, {...options, resultTypes: ["violations"]});
  const found = violations.flatMap(({id, nodes}) => nodes.map(({html}) => `${id}: ${html}`));
  const {scrollWidth} = document.documentElement;
  return scrollWidth > innerWidth ? [...found, `${scrollWidth} pixels wide`] : found;
}
"""


def barriers(page: Page, within: str = "", only: tuple[str, ...] = ()) -> list[str]:
    """All on the page as it is now, or in the part of it that `within` selects; those of the rules
    `only`, if any are named."""
    if page.evaluate("typeof axe === 'undefined'"):
        page.evaluate(AXE_SCRIPT)
    options: dict[str, Any] = {"runOnly": only} if only else {}
    found: list[str] = page.evaluate(AXE, {"within": within, "options": options})
    return found


def no_barriers(*pages: Page, within: str = "") -> None:
    test = os.environ["PYTEST_CURRENT_TEST"].removesuffix(" (call)")
    if database_split.is_the_one_for(test):
        for page in pages:
            found = barriers(page, within)
            assert not found, "\n".join([page.url, *found])
