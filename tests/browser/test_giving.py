"""Giving letters, as two people meet it in three browsers: at once, together, and on a day."""

from typing import NamedTuple

import pytest
from playwright.sync_api import Page, expect

from tests.browser.barriers import no_barriers
from tests.browser.conftest import Couple, OpenBrowser
from tests.server import Server

STAY, ASK, LATER = "I want to stay in the room.", "I want to ask once more.", "And to come back."

BEGIN = """
from couples.models import User
from letters.text.document import Kind
from letters.models import Letter
person = User.objects.get(email="{email}")
letter = Letter.begin_personal(person)
letter.add(person, Kind.LINE, "{line}")
print(letter.pk)
"""
ADD = """
from couples.models import User
from letters.text.document import Kind
from letters.models import Letter
Letter.objects.get(pk="{pk}").add(User.objects.get(email="{email}"), Kind.LINE, "{line}")
"""
YESTERDAY = """
from datetime import timedelta
from django.utils import timezone
from letters.models import Opening
day = timezone.localdate() - timedelta(days=1)
Opening.objects.filter(pk="{pk}").update(opens_on=day)
"""


class Three(NamedTuple):
    """Ana at her desk, and Ben at his and on a phone."""

    ana: Page
    ben: Page
    phone: Page
    couple: Couple
    server: Server

    def letter(self, email: str, line: str) -> str:
        return self.server.shell(BEGIN.format(email=email, line=line)).split()[-1]

    def everywhere(self, address: str) -> None:
        for page in (self.ana, self.ben, self.phone):
            visit(page, address)


@pytest.fixture
def three(couple: Couple, open_browser: OpenBrowser, server: Server) -> Three:
    state = couple.ben.context.storage_state()
    phone = open_browser(storage_state=state, viewport={"width": 390, "height": 844})
    return Three(couple.ana, couple.ben, phone, couple, server)


def visit(page: Page, address: str) -> None:
    page.goto(address)
    expect(page.locator("html")).to_have_attribute("data-live", "on")


@pytest.mark.slow
def test_a_letter_is_given_and_given_again_and_taken_back(
    three: Three, open_browser: OpenBrowser
) -> None:
    ana, ben, phone, couple, server = three
    letter = three.letter(couple.ana_email, STAY)
    ana.goto(f"/letters/{letter}/share/")
    no_barriers(ana)
    ana.get_by_role("button", name="Share these words with Ben").click()
    expect(ana.get_by_role("heading", name="What you gave")).to_be_visible()
    first = ana.url
    for page in (ben, phone):
        visit(page, first)
        expect(page.locator(".letter .line")).to_have_text(STAY)

    # She writes on, and he sees nothing of it before she gives it again.
    server.shell(ADD.format(pk=letter, email=couple.ana_email, line=LATER))
    ben.reload()
    expect(ben.locator(".letter .line")).to_have_text(STAY)
    visit(ben, first)
    ana.goto(f"/letters/{letter}/share/")
    ana.get_by_text("Look at it with the changes").click()
    expect(ana.locator(".giving ins")).to_contain_text(LATER)
    ana.get_by_label("Show Ben what changed").check()
    no_barriers(ana)
    ana.get_by_role("button", name="Share these words with Ben").click()
    for page in (ben, phone):
        page.get_by_role("link", name="There are newer words").click()
        expect(page.locator(".letter ins")).to_contain_text(LATER)
        expect(page.locator("html")).to_have_attribute("data-live", "on")
    no_barriers(ben, phone)
    ben.get_by_role("link", name="Read it without the marks").click()
    expect(ben.locator(".letter .line")).to_have_text([STAY, LATER])
    expect(ben.locator(".letter ins")).to_have_count(0)
    expect(ben.locator("html")).to_have_attribute("data-live", "on")

    # She takes it back, without JavaScript; it goes from his open pages, and the older one, too.
    second = ana.url
    plain = open_browser(java_script_enabled=False, storage_state=ana.context.storage_state())
    plain.goto(second)
    plain.get_by_text("Take it back").click()
    expect(plain.get_by_text("What Ben has read was read.")).to_be_visible()
    plain.get_by_role("button", name="Take this letter back").click()
    expect(plain.get_by_text("What Ben had read by then was read.")).to_be_visible()
    for page in (ben, phone):
        expect(page.get_by_role("heading", name="Ana took this letter back")).to_be_visible()
        expect(page.get_by_text(STAY)).to_have_count(0)
        visit(page, first)
        expect(page.get_by_role("heading", name="Ana took this letter back")).to_be_visible()
        assert STAY not in page.content()
    no_barriers(ben, phone)


def test_two_letters_open_at_the_same_moment(three: Three) -> None:
    ana, ben, phone, couple, _server = three
    three.letter(couple.ana_email, STAY)
    three.letter(couple.ben_email, ASK)
    ana.goto("/letters/reveal/")
    no_barriers(ana)
    ana.get_by_role("button", name="Propose it to Ben").click()
    expect(ana.get_by_role("heading", name="Which letter do you bring?")).to_be_visible()
    address = ana.url
    three.everywhere(address)
    ana.get_by_role("link", name="Look at the letter").click()
    expect(ana.get_by_role("button", name="I am ready with these words")).to_be_visible()
    no_barriers(ana)
    ana.get_by_role("button", name="I am ready with these words").click()
    expect(ana.get_by_role("heading", name="You are ready")).to_be_visible()
    expect(ana.locator("html")).to_have_attribute("data-live", "on")

    # His pages hear that she is ready, and no more.
    for page in (ben, phone):
        expect(page.get_by_text("Ana is ready.")).to_be_visible()
        assert STAY not in page.content()
    no_barriers(ana, ben)
    ana.get_by_role("button", name="Not ready after all").click()
    for page in (ben, phone):
        expect(page.get_by_text("Not both of you are ready.")).to_be_visible()
    ana.get_by_role("link", name="Look at the letter").click()
    ana.get_by_role("button", name="I am ready with these words").click()
    expect(ana.get_by_role("heading", name="You are ready")).to_be_visible()
    expect(ana.locator("html")).to_have_attribute("data-live", "on")

    # He is ready on the phone; all three open pages show both letters.
    phone.get_by_role("link", name="Look at the letter").click()
    phone.get_by_role("button", name="I am ready with these words").click()
    for page in (phone, ana, ben):
        expect(page.get_by_role("heading", name="Both letters are open")).to_be_visible()
        expect(page.locator(".letter .line")).to_have_text([STAY, ASK])
    no_barriers(ana, ben, phone)


def test_a_withdrawn_reveal_shows_nothing(three: Three) -> None:
    ana, ben, phone, couple, _server = three
    three.letter(couple.ana_email, STAY)
    ana.goto("/letters/reveal/")
    ana.get_by_role("button", name="Propose it to Ben").click()
    expect(ana.get_by_role("heading", name="Which letter do you bring?")).to_be_visible()
    three.everywhere(ana.url)
    ana.get_by_role("link", name="Look at the letter").click()
    ana.get_by_role("button", name="I am ready with these words").click()
    expect(ben.get_by_text("Ana is ready.")).to_be_visible()
    expect(ana.locator("html")).to_have_attribute("data-live", "on")
    ben.get_by_text("Withdraw from this").click()
    ben.get_by_role("button", name="Withdraw; nothing is shown").click()
    for page in (ana, ben, phone):
        expect(page.get_by_role("heading", name="This was withdrawn")).to_be_visible()
        assert STAY not in page.content()
    no_barriers(ana, phone)


def test_a_letter_waits_for_its_day(three: Three) -> None:
    ana, ben, phone, couple, server = three
    letter = three.letter(couple.ana_email, STAY)
    ana.goto(f"/letters/{letter}/put-away/")
    no_barriers(ana)
    ana.get_by_label("Which day?").fill("2050-05-03")
    ana.get_by_role("button", name="Put these words away until then").click()
    expect(
        ana.get_by_role("heading", name="Your letter for Ben waits for 3 May 2050")
    ).to_be_visible()
    address = ana.url
    three.everywhere(address)
    for page in (ben, phone):
        expect(
            page.get_by_role("heading", name="A letter from Ana waits for 3 May 2050")
        ).to_be_visible()
        assert STAY not in page.content()
    no_barriers(ben, phone)

    # The day comes. It waits on his home page, and opens by his own act.
    server.shell(YESTERDAY.format(pk=address.rstrip("/").rpartition("/")[2]))
    phone.goto("/home/")
    phone.get_by_role("listitem").filter(has_text="The day it waited for is here").get_by_role(
        "link"
    ).click()
    expect(phone.get_by_role("button", name="Open the letter")).to_be_visible()
    assert STAY not in phone.content()
    no_barriers(phone)
    phone.get_by_role("button", name="Open the letter").click()
    expect(phone.locator(".letter .line")).to_have_text(STAY)
    ben.reload()
    expect(ben.locator(".letter .line")).to_have_text(STAY)
    no_barriers(ben, phone)
    ana.goto("/letters/")
    assert "opened" not in ana.locator("main").inner_text()


def test_a_letter_for_a_hard_day(three: Three, open_browser: OpenBrowser) -> None:
    """Chosen with the keyboard and opened without JavaScript."""
    ana, ben, _phone, couple, _server = three
    letter = three.letter(couple.ana_email, STAY)
    ana.goto(f"/letters/{letter}/put-away/")
    ana.get_by_label("On a day").focus()
    ana.keyboard.press("ArrowDown")
    expect(ana.get_by_label("Which day?")).to_be_hidden()
    ana.get_by_role("button", name="Put these words away until then").click()
    expect(ana.get_by_role("heading", name="waits for a hard day")).to_be_visible()
    plain = open_browser(java_script_enabled=False, storage_state=ben.context.storage_state())
    plain.goto("/letters/")
    plain.get_by_role("listitem").filter(has_text="Waits for a hard day").get_by_role(
        "link"
    ).click()
    assert STAY not in plain.content()
    plain.get_by_role("button", name="Open the letter").click()
    expect(plain.locator(".letter .line")).to_have_text(STAY)
    # She takes it back: nobody opens it again, and nobody tells her that somebody had.
    visit(ben, plain.url)
    ana.get_by_text("Take it back").click()
    ana.get_by_role("button", name="Take this letter back").click()
    expect(ana.get_by_text("If it had been opened by then, it was read")).to_be_visible()
    expect(ben.get_by_role("heading", name="Ana took this letter back")).to_be_visible()
    assert STAY not in ben.content()


def test_days_are_those_of_the_place_one_chose(three: Three) -> None:
    ana, ben, _phone, _couple, _server = three
    ana.goto("/home/us/")
    no_barriers(ana)
    ana.get_by_label("Where your days begin").select_option("Asia/Kathmandu")
    ana.get_by_role("button", name="Save the place").click()
    expect(ana.get_by_text("Days and hours on your pages are those of this place.")).to_be_visible()
    expect(ana.get_by_label("Where your days begin")).to_have_value("Asia/Kathmandu")
    ana.get_by_role("button", name="Stop showing that I am there").click()
    expect(ana.get_by_role("button", name="Show that I am there")).to_be_visible()
    no_barriers(ana)
    ben.goto("/home/us/")
    expect(ben.get_by_label("Where your days begin")).to_have_value("")
