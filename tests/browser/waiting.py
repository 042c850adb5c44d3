"""Waiting for what a script says of a page.

Playwright's `wait_for_function` asks for the second time from within the page, where the policy of
our pages allows no code that is a string.
"""

import time
from typing import Any

from playwright.sync_api import Error, Page

PATIENCE = 30.0  # seconds


def until(page: Page, script: str, arg: Any = None) -> None:
    """Wait until the script gives something true. The page may be loaded meanwhile."""
    deadline = time.monotonic() + PATIENCE
    while not _answer(page, script, arg):
        assert time.monotonic() < deadline, script
        page.wait_for_timeout(50)


def _answer(page: Page, script: str, arg: Any) -> Any:
    try:
        return page.evaluate(script, arg)
    except Error as error:
        if "navigation" in error.message or "context was destroyed" in error.message:
            return None
        raise
