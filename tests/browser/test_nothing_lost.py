"""Nothing that is typed is lost: a server that dies or falls silent, a cut line, a closed door."""

import re

import pytest
from playwright.sync_api import Dialog, expect

from tests.browser.conftest import Couple, Frozen, Troubles
from tests.browser.writing import CUT, Letter
from tests.server import Server

WITHOUT_LIMIT = """
  const get = Element.prototype.getAttribute;
  Element.prototype.getAttribute = function (name) {
    return name === "limit" ? null : get.call(this, name);
  };
"""

SIGN_IN = """
from django.conf import settings
from django.test import Client
from couples.models import User
client = Client()
client.force_login(User.objects.get(email="{email}"))
print(settings.SESSION_COOKIE_NAME, client.cookies[settings.SESSION_COOKIE_NAME].value)
"""


@pytest.mark.slow
def test_a_killed_server_gets_back_what_it_had_not_saved(
    letter: Letter, server: Server, troubles: Troubles
) -> None:
    troubles.allow(CUT)
    ana, ben, _ = letter
    ana.at(1)
    ana.type("Before.x")
    ana.is_saved()
    server.kill()
    ana.press("Backspace")
    ana.type(" In mid-sentence")
    expect(ana.status).not_to_have_text("Saved")
    ana.is_offline()
    ana.hears("Offline")
    ben.at(0)
    ben.type(" both")
    server.start()
    letter.is_saved()
    ana.hears("Connected again. Everything is saved.")
    assert ana.blocks == ben.blocks
    assert letter.as_read() == ["Dear Relationship, both", "Before. In mid-sentence"]
    # Whoever does nothing meanwhile is seen again all the same.
    server.kill()
    server.start()
    letter.is_saved()
    for writer in (ana, ben):
        expect(writer.other).to_be_visible(timeout=2_000)


def test_offline_says_so_at_once_and_saves_later(letter: Letter, troubles: Troubles) -> None:
    troubles.allow(CUT)
    ana, ben, _ = letter
    ana.page.context.set_offline(True)
    ana.is_offline()
    expect(ana.other).to_be_hidden()  # nobody knows
    ana.at(1)
    ana.type("from afar")
    ben.at(0)
    ben.type("!")
    ana.page.wait_for_timeout(1_500)
    ana.is_offline()
    asked: list[str] = []

    def stay(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    ana.page.on("dialog", stay)
    ana.page.evaluate("location.assign('/letters/')")
    ana.page.wait_for_timeout(300)
    assert asked == ["beforeunload"]
    ana.page.context.set_offline(False)
    letter.is_saved()
    expect(ana.other).to_be_visible()
    assert ana.blocks == ben.blocks == ["dear: Dear Relationship,!", "p: from afar"]
    ana.page.goto("/letters/")
    assert asked == ["beforeunload"]


@pytest.mark.slow
def test_a_silent_server_is_noticed(letter: Letter, frozen: Frozen, troubles: Troubles) -> None:
    troubles.allow(CUT)
    ana = letter.ana
    ana.at(1)
    with frozen():
        ana.type("Are you there")
        expect(ana.status).to_have_text("Saving…")
        expect(ana.status).to_have_text(re.compile("^Saving is taking longer"), timeout=6_000)
        ana.is_offline(timeout=8_000)
    letter.is_saved()
    letter.sees("p: Are you there")


def test_a_change_of_kind_swallows_nothing(letter: Letter, frozen: Frozen) -> None:
    ana, ben, _ = letter
    ana.at(1)
    ana.type("We are slow")
    letter.sees("p: We are slow")
    letter.is_saved()
    ben.at(1)
    with frozen():
        ben.type(" and kind")
        ana.tool("Line").click()
    letter.sees("line: We are slow and kind")
    # The cursor is where it was.
    ben.type(".")
    letter.sees("line: We are slow and kind.")
    letter.is_saved()


@pytest.mark.slow
def test_signed_out_while_typing(letter: Letter, couple: Couple, server: Server) -> None:
    ana = letter.ana
    ana.at(1)
    ana.type("Half a")
    ana.is_saved()
    other_tab = ana.page.context.new_page()
    other_tab.goto("/home/us/")
    other_tab.get_by_role("link", name="Sign out").click()
    other_tab.locator("main").get_by_role("button").click()
    expect(ana.notice).to_contain_text(
        "You are signed out here. Your words are still on this page."
    )
    expect(ana.status).to_have_text("Not saving")
    ana.type(" sentence")
    ana.notice.get_by_role("button", name="Go on").click()
    expect(ana.notice).to_contain_text("You are signed out here.")
    with ana.page.expect_popup() as sign_in:
        ana.notice.get_by_role("link").click()
    expect(sign_in.value.get_by_label("Password")).to_be_visible()
    name, value = server.shell(SIGN_IN.format(email=couple.ana_email)).split()
    ana.page.context.add_cookies([{"name": name, "value": value, "url": server.base_url}])
    ana.notice.get_by_role("button", name="Go on").click()
    ana.is_saved()
    expect(ana.notice).to_be_hidden()
    letter.sees("p: Half a sentence")


def test_who_has_left_keeps_the_words_on_the_page(
    letter: Letter, couple: Couple, server: Server
) -> None:
    ana = letter.ana
    ana.at(1)
    ana.type("Still here to read.")
    ana.is_saved()
    server.shell(
        "from couples.models import User\n"
        f"User.objects.get(email={couple.ana_email!r}).partner.leave()"
    )
    expect(ana.notice).to_contain_text("This letter is not open for writing any more.")
    expect(ana.letter).to_have_attribute("contenteditable", "false")
    ana.sees("p: Still here to read.")


@pytest.mark.slow
def test_a_letter_that_is_too_long_says_so(letter: Letter) -> None:
    ana = letter.ana
    ana.at(1)
    ana.paste(text="x" * 100_001)
    ana.hears("more than one letter can carry")
    letter.sees("p: ")

    ana.page.add_init_script(WITHOUT_LIMIT)
    ana.open(letter.url)
    ana.at(1)
    ana.paste(text="long " * 300_000)
    expect(ana.notice).to_contain_text("longer than we can keep")
    expect(ana.notice.get_by_role("button", name="Load this page again")).to_be_visible()
    assert len(ana.blocks[1]) > 1_000_000
    ana.notice.get_by_role("button").click()
    # What was stored before it was too much is there, for both; nothing that came later.
    letter.is_saved()
    ana.page.wait_for_timeout(500)
    assert ana.blocks == letter.ben.blocks
    assert len(ana.blocks[1]) <= 400_000
