"""Another browser of somebody who is signed in."""

from playwright.sync_api import BrowserContext


def lend_cookies(there: BrowserContext, here: BrowserContext) -> None:
    """Whoever is signed in there is signed in here, too."""
    here.add_cookies(there.cookies())  # type: ignore[arg-type] # what one gives, the other takes
