"""You and your home, as only a browser shows it."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Couple, OpenBrowser

pytestmark = pytest.mark.one_database


@pytest.mark.parametrize(("clock", "place"), [("Europe/Lisbon", "Lisbon"), ("UTC", "Not said yet")])
def test_the_clock_of_a_device_proposes_a_place_and_only_one_that_there_is(
    couple: Couple, open_browser: OpenBrowser, clock: str, place: str
) -> None:
    """Browsers that keep to themselves where they are say UTC, which is no place on the list."""
    state = couple.ana.context.storage_state()
    page = open_browser(storage_state=state, timezone_id=clock)
    page.goto("/home/us/")
    expect(page.get_by_label("Where your days begin").locator("option:checked")).to_have_text(place)
