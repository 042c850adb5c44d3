"""Who does not want to be seen in the joint letter is not, on any of their devices."""

import pytest
from playwright.sync_api import WebSocket, expect

from letters.live import protocol
from tests.browser.conftest import OpenBrowser
from tests.browser.cookies import lend_cookies
from tests.browser.writing import Letter, Writer


@pytest.mark.slow
def test_presence_can_be_turned_off_and_then_truly_is(
    letter: Letter, open_browser: OpenBrowser
) -> None:
    ana, ben, url = letter
    third = open_browser(viewport={"width": 390, "height": 844})
    lend_cookies(ana.page.context, third.context)
    phone = Writer(third)
    phone.open(url)
    heard: list[bytes] = []

    def hear(frame: bytes | str) -> None:
        assert isinstance(frame, bytes)
        heard.append(frame)

    def listen(socket: WebSocket) -> None:
        if "/sync" in socket.url:
            socket.on("framereceived", hear)

    ben.page.on("websocket", listen)
    ben.page.reload()
    ben.is_saved()
    expect(ben.other).to_have_text("Ana is here")

    ana.page.get_by_role("button", name="Do not show me").click()
    for page in (ana.page, phone.page):
        expect(page.get_by_text("not shown here")).to_be_visible()
        expect(page.get_by_role("button", name="Show me again")).to_be_visible()
    ana.hears("You are not shown any more, and do not see the other.")
    expect(ben.other).to_be_hidden()
    expect(ana.other).to_be_hidden()

    # From here on nothing but words goes to Ben, and those in one piece.
    ana.is_saved()
    heard.clear()
    ana.at(1)
    ana.type("unseen")
    ana.is_saved()
    letter.sees("p: unseen")
    expect(ben.caret_of_other).to_have_count(0)
    assert {frame[0] for frame in heard} <= {protocol.SYNC, protocol.BARRIER, protocol.AWARENESS}
    assert not any(b"Ana" in frame for frame in heard)

    # Ben at his cursor is not seen either.
    ben.at(1)
    ben.type("!")
    ana.sees("p: unseen!")
    expect(ana.caret_of_other).to_have_count(0)
    assert ana.other.is_hidden()

    ana.page.reload()
    ana.is_saved()
    expect(ana.page.get_by_text("not shown here")).to_be_visible()
    assert ben.other.is_hidden()
    ana.page.get_by_role("button", name="Show me again").press("Enter")
    expect(ana.other).to_have_text("Ben is here")
    expect(ben.other).to_have_text("Ana is here")
