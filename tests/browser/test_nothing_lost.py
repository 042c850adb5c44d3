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


END = """
from couples.models import Session, User
Session.objects.of(User.objects.get(email="{email}")).delete()
"""
LEAVE = """
from couples.models import User
User.objects.get(email="{email}").partner.leave()
"""


@pytest.mark.parametrize("end", [END, LEAVE], ids=["signed out", "left"])
def test_a_letter_that_is_closed_shows_what_was_not_saved_and_no_more(
    letter: Letter, couple: Couple, server: Server, end: str
) -> None:
    ana = letter.ana
    ana.at(1)
    ana.type("Kept by both of us.")
    letter.is_saved()
    # Nothing that is typed from now on arrives.
    ana.page.evaluate("WebSocket.prototype.send = () => {}")
    ana.type(" Not kept yet.\nNor this.")
    server.shell(end.format(email=couple.ana_email))
    page = ana.page
    expect(page.get_by_role("heading", name="This page is closed")).to_be_visible()
    expect(page.locator("main blockquote")).to_have_text("Not kept yet.\nNor this.")
    assert "Kept by both" not in page.content()


def test_a_letter_where_all_is_saved_shows_nothing(
    letter: Letter, couple: Couple, server: Server
) -> None:
    ana = letter.ana
    ana.at(1)
    ana.type("Kept by both of us.")
    ana.is_saved()
    server.shell(END.format(email=couple.ana_email))
    expect(ana.page.get_by_role("heading", name="This page is closed")).to_be_visible()
    expect(ana.page.locator("[data-unsaved]")).to_be_hidden()
    assert "Kept by both" not in ana.page.content()
    expect(ana.page).to_have_title("This page is closed")


def test_whoever_is_left_has_no_letter_of_both_open_any_more(
    letter: Letter, couple: Couple, server: Server
) -> None:
    """Its socket alone is closed: they have a home still."""
    ana = letter.ana
    ana.at(1)
    ana.type("Kept by both of us.")
    letter.is_saved()
    server.shell(LEAVE.format(email=couple.ben_email))
    expect(ana.page.get_by_role("heading", name="This page is closed")).to_be_visible()
    assert "Kept by both" not in ana.page.content()


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
