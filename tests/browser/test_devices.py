"""Ana at her desk and with her phone, Ben at his: three devices, two people."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import OpenBrowser, Troubles
from tests.browser.writing import CUT, Letter, Writer

pytestmark = pytest.mark.one_database

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
SEATS = """carets => [...new Set(carets.map((caret) =>
  `${caret.classList.contains("one") ? "one" : "two"} ${caret.dataset.name}`))]"""


@pytest.mark.slow
@pytest.mark.each_database
def test_two_devices_of_one_person_are_one_person(
    letter: Letter, open_browser: OpenBrowser, troubles: Troubles
) -> None:
    troubles.allow(CUT)
    ana, ben, url = letter
    phone = Writer(open_browser(storage_state=ana.page.context.storage_state(), **PHONE))
    phone.open(url)
    ana.at(1)
    ana.type("desk")
    ben.sees("p: desk")
    phone.sees("p: desk")
    phone.at(1)
    phone.press("Enter")
    phone.type("train")
    for writer in (*letter[:2], phone):
        writer.sees("p: desk", "p: train")
    # Both of her cursors are hers; she is named once.
    expect(ben.caret_of_other).to_have_count(2)
    assert ben.caret_of_other.evaluate_all(SEATS) == ["one Ana"]
    expect(ben.other).to_have_text("Ana is here")
    ben.at(1)
    for writer in (ana, phone):
        expect(writer.other).to_have_text("Ben is here")
    # One device goes, the person stays.
    phone.page.goto("/letters/")
    expect(ben.caret_of_other).to_have_count(1)
    expect(ben.other).to_have_text("Ana is here")
    phone.open(url)

    # In a tunnel she writes on, and so do both of them at their desks, in the same line.
    phone.page.context.set_offline(True)
    phone.is_offline()
    phone.at(2)
    phone.type(" is late")
    ana.at(2, "Home")
    ana.type("the ")
    ben.at(1)
    ben.type("!")
    letter.sees("p: desk!", "p: the train")
    phone.page.context.set_offline(False)
    for writer in (*letter[:2], phone):
        writer.sees("p: desk!", "p: the train is late")
        writer.is_saved()


def test_a_page_that_slept_catches_up(
    letter: Letter, open_browser: OpenBrowser, troubles: Troubles
) -> None:
    troubles.allow(CUT)
    ana, ben, url = letter
    phone = Writer(open_browser(storage_state=ana.page.context.storage_state(), **PHONE))
    phone.open(url)
    # Nothing runs in a page that sleeps, and its line is dead when it wakes.
    sleep = phone.page.context.new_cdp_session(phone.page)
    sleep.send("Page.setWebLifecycleState", {"state": "frozen"})
    phone.page.context.set_offline(True)
    ana.at(1)
    ana.type("meanwhile")
    ben.sees("p: meanwhile")
    ben.at(1)
    ben.type(", both")
    letter.sees("p: meanwhile, both")
    letter.is_saved()
    phone.page.context.set_offline(False)
    sleep.send("Page.setWebLifecycleState", {"state": "active"})
    phone.sees("p: meanwhile, both")
    phone.at(1)
    phone.type(" awake")
    letter.sees("p: meanwhile, both awake")
    phone.is_saved()
