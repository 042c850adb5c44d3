"""Back on a page that saves as one types: the newer words stay, or both are shown."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.browser import test_review as reviews
from tests.browser.conftest import Couple, OpenBrowser, Troubles
from tests.browser.test_review import begin, note
from tests.browser.waiting import until

pytestmark = pytest.mark.one_database

agreed = reviews.agreed

OLDER, NEWER = "Slower than", "Slower than the kettle"

# What a browser keeps of a page, it keeps as the page is left. Some keep what a form asks them not
# to keep, or bring a whole tab back after a crash.
ASK_FOR_NOTHING = """document.querySelectorAll("form")
  .forEach(form => form.removeAttribute("autocomplete"))"""

SAYS = """words => [document.body.innerText,
  ...[...document.querySelectorAll("textarea")].map(each => each.value)]
  .some(each => each.includes(words))"""


def area_of(page: Page) -> Locator:
    area = page.locator("auto-save textarea").last
    for shut in page.locator("details:not([open])", has=area).all():
        shut.locator("summary").first.click()
    return area


def output_of(area: Locator) -> Locator:
    return area.locator("xpath=ancestor::auto-save").locator("output")


def write(page: Page, words: str, area: Callable[[Page], Locator]) -> None:
    area(page).focus()
    page.keyboard.press("Control+End")
    page.keyboard.type(words)
    expect(output_of(area(page))).to_have_text("Saved")


def comes_back(page: Page, phone: Page, area: Callable[[Page], Locator]) -> None:
    """Ana writes and goes on to another page; on her phone she writes more; then she goes back."""
    address = page.url
    write(page, "Slower", area)
    write(page, " than", area)
    page.evaluate(ASK_FOR_NOTHING)
    page.goto("/letters/questions/")
    phone.goto(address)
    expect(area(phone)).to_have_value(OLDER)
    write(phone, " the kettle", area)
    page.go_back()
    until(page, SAYS, NEWER)
    # And the next key takes nothing away without a question.
    area(page).focus()
    page.keyboard.press("Control+End")
    page.keyboard.type(".")
    page.wait_for_timeout(900)
    again = phone.context.new_page()
    again.goto(address)
    shown = again.evaluate(
        """() => [document.body.innerText, ...[...document.querySelectorAll("textarea")]
          .map(each => each.value)].join("|")"""
    )
    assert NEWER in shown


@pytest.mark.parametrize(
    "address",
    [
        "/letters/questions/disagree/",
        "/letters/blueprint/way-in/",
        "/principles/kindness/",
        "/practices/repair/",
        "/home/",
    ],
)
def test_what_the_browser_gives_back_takes_nothing_away(
    couple: Couple, open_browser: OpenBrowser, troubles: Troubles, address: str
) -> None:
    troubles.allow("409")
    couple.ana.goto(address)
    phone = open_browser(storage_state=couple.ana.context.storage_state())
    comes_back(couple.ana, phone, area_of)


def test_marks_of_a_review_are_not_taken_away_either(
    agreed: Couple, open_browser: OpenBrowser, troubles: Troubles
) -> None:
    troubles.allow("409")
    begin(agreed)
    phone = open_browser(storage_state=agreed.ana.context.storage_state())
    comes_back(agreed.ana, phone, lambda page: note(page, "We come back"))


def test_no_field_remembers_which_page_this_is(couple: Couple) -> None:
    """A browser gives back hidden fields that a script has changed: none is."""
    page = couple.ana
    page.goto("/letters/questions/disagree/")
    hidden = "form => [form.elements.revision.value, form.elements.tab_id.value]"
    form = page.locator("auto-save form")
    before = form.evaluate(hidden)
    write(page, "Slower", area_of)
    page.keyboard.type(" than")
    page.reload()
    expect(area_of(page)).to_have_value(OLDER)
    assert form.evaluate(hidden)[1] != before[1]
    write(page, " the kettle", area_of)
    sent = form.evaluate("form => [...new FormData(form)]")
    said = dict(sent)
    names = [each.partition(":")[0] for each in said["tab_id"].split(" ")]
    assert names[0] == form.evaluate(hidden)[1]
    # Where a timer was quicker than the reload, there was nothing to take over.
    assert set(names[1:]) <= {before[1]}
    assert form.evaluate(hidden)[0] != said["revision"]


def test_what_is_typed_before_the_script_is_there_is_saved(couple: Couple) -> None:
    page = couple.ana
    held: list[Route] = []
    page.route("**/dist/app*.js", lambda route: held.append(route))
    page.goto("/letters/questions/disagree/", wait_until="commit")
    page.get_by_role("textbox").fill(OLDER)
    for route in held:
        route.continue_()
    expect(page.locator("auto-save output")).to_have_text("Saved")
    page.unroute("**/dist/app*.js")
    page.reload()
    expect(page.get_by_role("textbox")).to_have_value(OLDER)
