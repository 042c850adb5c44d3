"""Real Chromium against the real server: one browser context for each person.

These tests never use the ORM of their own process: it has another database than the server.
`server.shell(…)` runs code beside the server instead.
"""

import json
import os
import re
import signal
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from _chromium import installed_chromium
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect
from playwright.sync_api import Error as PlaywrightError

from tests.browser.flags import FLAGS
from tests.browser.writing import Letter, Writer
from tests.server import Server

# Patience for a busy machine; what must be quick is measured in its own test.
expect.set_options(timeout=15_000)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    chromium = installed_chromium()
    named = {"executable_path": chromium} if chromium else {}
    return browser_type_launch_args | named | {"args": FLAGS}


@pytest.fixture(scope="session", autouse=True)
def before_playwright(django_db_setup: None) -> None:
    """Its event loop runs in this thread, where Django would make no database any more."""


@pytest.fixture(scope="session")
def server(start_server: Callable[..., Server]) -> Server:
    """The running application, shared by all browser tests; each makes people of its own."""
    return start_server()


@pytest.fixture(scope="session")
def base_url(server: Server) -> str:
    return server.base_url


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, Any], base_url: str) -> dict[str, Any]:
    return browser_context_args | {
        "base_url": base_url,
        "locale": "en-GB",
        "reduced_motion": "reduce",
    }


class Troubles:
    """What the pages of a test complained about: console errors, broken rules, exceptions."""

    def __init__(self) -> None:
        self.heard: list[str] = []
        self.allowed: list[str] = []

    def allow(self, pattern: str) -> None:
        """Let complaints pass that match, in a test that brings them about on purpose."""
        self.allowed.append(pattern)

    def listen(self, page: Page) -> None:
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.heard.append(f"{page.url}: exception: {error}"))

    def _console(self, message: ConsoleMessage) -> None:
        # Chromium reports a violated Content-Security-Policy as an error, too.
        if message.type == "error":
            self.heard.append(f"{message.location.get('url', '')}: {message.text}")

    @property
    def unexpected(self) -> list[str]:
        return [
            line
            for line in self.heard
            if not any(re.search(pattern, line) for pattern in self.allowed)
        ]


@pytest.fixture
def troubles() -> Iterator[Troubles]:
    """Fails the test when a page complained; `troubles.allow(…)` expects a complaint."""
    troubles = Troubles()
    yield troubles
    assert not troubles.unexpected, "\n".join(["The pages complained:", *troubles.unexpected])


type OpenBrowser = Callable[..., Page]


@pytest.fixture
def open_browser(
    new_context: Callable[..., BrowserContext], troubles: Troubles, base_url: str
) -> OpenBrowser:
    """Opens a browser of its own (no cookies shared) and returns its page. Takes the arguments of
    Playwright's new_context, such as `viewport` or `java_script_enabled`. The pause before writing
    is turned off in it; who wants it clears the cookie of that name."""

    def open_browser(**how: Any) -> Page:
        context = new_context(**({"viewport": {"width": 1280, "height": 900}} | how))
        context.add_cookies([{"name": "pause", "value": "off", "url": f"{base_url}/letters/"}])
        context.on("page", troubles.listen)
        return context.new_page()

    return open_browser


type Frozen = Callable[[], AbstractContextManager[None]]


@pytest.fixture
def frozen(server: Server) -> Frozen:
    """`with frozen():` the server holds still: nothing is answered, and no line is cut."""

    @contextmanager
    def frozen() -> Iterator[None]:
        assert server.process
        server.process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            server.process.send_signal(signal.SIGCONT)

    return frozen


# -- People who live here already ----------------------------------------------------------------

MAKE_COUPLE = """
import json
from django.conf import settings
from django.test import Client
from couples.models import Invitation, User, Workspace

def sign_in(user):
    client = Client()
    client.force_login(user)
    return client.cookies[settings.SESSION_COOKIE_NAME]

settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
tag = "{tag}"
ana = User.objects.create_user(f"ana-{{tag}}@home.example", "Ana", "{password}")
ben = User.objects.create_user(f"ben-{{tag}}@home.example", "Ben", "{password}")
Workspace.begin(ana)
Invitation.make(ana.partner).accept(ben).confirm()
print(json.dumps([[user.email, cookie.key, cookie.value] for user in (ana, ben)
                  for cookie in [sign_in(user)]]))
"""
PASSWORD = "a walk after every dinner"


class Couple(NamedTuple):
    """Ana and Ben, signed in, each in a browser of their own."""

    ana: Page
    ben: Page
    ana_email: str
    ben_email: str


@pytest.fixture
def couple(server: Server, open_browser: OpenBrowser) -> Couple:
    """A couple that nobody else uses, signed in, before the first page is opened."""
    code = MAKE_COUPLE.format(tag=os.urandom(4).hex(), password=PASSWORD)
    pages, emails = [], []
    for email, name, value in json.loads(server.shell(code).splitlines()[-1]):
        page = open_browser()
        page.context.add_cookies([{"name": name, "value": value, "url": server.base_url}])
        pages.append(page)
        emails.append(email)
    ana, ben = pages
    return Couple(ana, ben, *emails)


@pytest.fixture
def ana_page(couple: Couple) -> Page:
    return couple.ana


@pytest.fixture
def ben_page(couple: Couple) -> Page:
    return couple.ben


@pytest.fixture
def letter(couple: Couple) -> Letter:
    """A new joint letter, open before both."""
    ana, ben = Writer(couple.ana), Writer(couple.ben)
    couple.ana.goto("/letters/")
    couple.ana.get_by_role("button", name="Begin our letter").click()
    ana.is_saved()
    ben.open(couple.ana.url)
    expect(ana.other).to_have_text("Ben is here")
    return Letter(ana, ben, couple.ana.url)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Any:
    """Show what the server said and what the pages looked like, when a test fails."""
    report = yield
    if report.failed:
        given = getattr(item, "funcargs", {})
        if isinstance(server := given.get("server"), Server):
            report.sections.append(("server log", server.log_tail()))
        if isinstance(browser := given.get("browser"), Browser) and call.when == "call":
            pictures = "\n".join(map(str, photograph(browser, item)))
            report.sections.append(("what the pages looked like", pictures))
    return report


def photograph(browser: Browser, item: pytest.Item) -> Iterator[Path]:
    """The pages that are open. Playwright's own option does it for each test, and throws most away
    once it is over: on a long page that takes seconds."""
    folder = Path(item.config.option.output, re.sub(r"\W+", "-", item.name))
    pages = [page for context in browser.contexts for page in context.pages]
    for number, page in enumerate(pages, start=1):
        path = folder / f"{number}.png"
        try:
            page.screenshot(path=path, full_page=True, timeout=5_000)
        except PlaywrightError:
            continue  # it has crashed, or is where no picture can be taken
        yield path
