"""The browser of the tests: Chromium without windows, in which they take a quarter less time."""

import os
import shutil
import sys

import _bootstrap as house

NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
LAUNCH = """
from playwright.sync_api import sync_playwright
with sync_playwright() as playwright:
    print(playwright.chromium.launch().version)
"""


def installed_chromium() -> str | None:
    """The one that CHROMIUM names or this machine has; without one Playwright takes its own."""
    named = os.environ.get("CHROMIUM")
    if named and house.answers(named, "--version") is None:
        raise house.Problem(f"CHROMIUM names {named}, which does not start.")
    places = [named, *map(shutil.which, NAMES)]
    return next((place for place in places if place and house.answers(place, "--version")), None)


def bring_chromium() -> str:
    """As above, or nothing where it is Playwright's own that has been brought."""
    found = installed_chromium()
    if found or house.answers(sys.executable, "-c", LAUNCH):
        return found or ""
    house.say("Bringing Chromium …")
    playwright = [sys.executable, "-m", "playwright"]
    try:
        house.run(*playwright, "install", "--only-shell", "chromium")
    except house.Problem:  # this machine reaches no more than package registries
        house.bring_system_package(NAMES[0])
        return installed_chromium() or ""
    if house.answers(sys.executable, "-c", LAUNCH) is None:  # its libraries are missing
        house.as_root(f"{' '.join(playwright)} install-deps chromium")
    return ""
