"""Pages of an awkward width, and what stands on them of an awkward length."""

from typing import Literal

import pytest
from playwright.sync_api import Page, expect

from tests.browser.barriers import no_barriers
from tests.browser.conftest import Couple, OpenBrowser
from tests.server import Server

pytestmark = pytest.mark.one_database

BOXES = """() => [...document.querySelectorAll(".bar > .name, .bar nav a, .bar > .exit")]
  .map(each => each.getBoundingClientRect().toJSON())"""
NAMES = """
from couples.models import User
for email, letter in (("{one}", "W"), ("{two}", "M")):
    User.objects.filter(email=email).update(name=letter * 60)
"""


def overlap(one: dict[str, float], two: dict[str, float]) -> bool:
    return (
        one["left"] < two["right"] - 1
        and two["left"] < one["right"] - 1
        and one["top"] < two["bottom"] - 1
        and two["top"] < one["bottom"] - 1
    )


def test_the_menu_is_whole_at_every_width(couple: Couple) -> None:
    page = couple.ana
    page.goto("/home/")
    for width in (320, 390, 600, *range(636, 664, 2), 700, 768, 900, 1280):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") <= width, width
        boxes = page.evaluate(BOXES)
        assert len(boxes) == 6
        for number, box in enumerate(boxes):
            assert box["left"] >= 0, (width, box)
            assert box["right"] <= width, (width, box)
            assert not any(overlap(box, other) for other in boxes[:number]), (width, box)


WEEK = """() => [...document.querySelectorAll(".days-of-week label")].map(label => {
  const name = label.querySelector("[aria-hidden]");
  return {top: label.offsetTop, width: label.offsetWidth,
          box: label.querySelector("input").offsetWidth,
          lines: name.getClientRects().length, cut: name.scrollWidth > label.clientWidth};
})"""


@pytest.mark.parametrize("width", [320, 390, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_week_of_a_reminder_is_one_line_of_small_boxes(
    couple: Couple, width: int, scheme: Literal["light", "dark"]
) -> None:
    page = couple.ana
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 844})
    page.goto("/reminder/")
    week = page.evaluate(WEEK)
    assert len(week) == 7
    assert len({day["top"] for day in week}) == 1
    for day in week:
        assert day["box"] <= 28, day
        assert day["lines"] == 1, day
        assert not day["cut"], day
        assert day["width"] <= 90, day
    # Each is a target of its own, with the whole name of its day.
    monday = page.get_by_role("checkbox", name="Monday")
    before = monday.is_checked()
    page.locator(".days-of-week label").first.click()
    expect(monday).to_be_checked(checked=not before)
    no_barriers(page)


@pytest.mark.parametrize(
    "address",
    [
        "/home/",
        "/home/us/",
        "/home/invite/",
        "/home/leave/",
        "/letters/",
        "/letters/values/ours/",
        "/principles/",
        "/principles/repair/",
        "/practices/share-power/",
        "/practices/supporters/",
        "/reviews/",
    ],
)
def test_a_name_of_sixty_w_fits_on_a_telephone(
    couple: Couple, server: Server, address: str
) -> None:
    server.shell(NAMES.format(one=couple.ana_email, two=couple.ben_email))
    page = couple.ana
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(address)
    fits(page)


def test_such_a_name_fits_in_the_areas_of_our_life_and_on_an_invitation(
    couple: Couple, server: Server, open_browser: OpenBrowser
) -> None:
    server.shell(NAMES.format(one=couple.ana_email, two=couple.ben_email))
    page = couple.ana
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto("/practices/share-power/")
    page.get_by_role("textbox").first.fill("The money")
    page.locator("main form button[formaction*=give]").click()
    page.wait_for_url("**/moments/**")
    fits(page)


WIDER = """() => [...document.querySelectorAll("main *")]
  .filter(each => each.getBoundingClientRect().right > innerWidth + 1)
  .map(each => `${each.tagName}.${each.className}`)"""


def fits(page: Page) -> None:
    assert page.evaluate("document.documentElement.scrollWidth") <= 390, page.evaluate(WIDER)
