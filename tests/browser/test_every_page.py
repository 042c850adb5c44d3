"""No barriers on any page in any state: what is found by people who follow every link, make every
mistake and press every button.

Ana and Ben live together and have one of everything; so had Eve and Fay, until Eve left. Sol is
alone, and a guest has no account. What else only two people at once come to is looked at where it
is tested: the letters, the review and the practices.
"""

import json
from collections.abc import Iterator

import pytest

from tests.browser.barriers import barriers
from tests.browser.conftest import OpenBrowser, Troubles
from tests.browser.explorer import Explorer, Parts, Seen
from tests.server import Server
from tests.test_routes import ROUTES

pytestmark = [pytest.mark.one_database, pytest.mark.slow]

MAKE = """
import json
from datetime import time
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils.timezone import now
from couples.models import Invitation, User, Workspace
from principles.models import Reminder
from tests.test_routes import ROUTES, World

def cookie(user):
    client = Client()
    client.force_login(user)
    session = client.session
    # As if they had just given their password: some pages ask for that.
    session["account_authentication_methods"] = [{"method": "password", "at": now().timestamp()}]
    session.save()
    return client.cookies[settings.SESSION_COOKIE_NAME].value

def couple(one, other):
    Workspace.begin(one)
    Invitation.make(one.partner).accept(other).confirm()
    one, other = (User.objects.get(pk=person.pk) for person in (one, other))
    return World(one, other)

names = ("Ana", "Ben", "Sol", "Eve", "Fay")
people = [User.objects.create_user(f"{name.lower()}-TAG@every.example", name) for name in names]
ana, ben, sol, eve, fay = people
ours = couple(ana, ben)
couple(eve, fay).ana.partner.leave()
Workspace.begin(sol)
cookies = {person.name.lower(): cookie(person) for person in people}
by_mail = [
    reverse("couples:invitation", args=[Invitation.make(sol.partner).token]),
    reverse("principles:reminder_off", args=[Reminder.set(sol, time(20), 1, now()).token]),
]
every = [reverse(name, args=ours.args(name)) for name in ROUTES]
print(json.dumps([cookies, by_mail, every]))
"""
# What would end the exploring, and what is a file.
LAST = frozenset({"account_logout", "couples:leave", "usersessions_list"})
FILES = frozenset({name for name in ROUTES if name.endswith(("_pdf", "_keep", "_text", "_file"))})
SIGN_IN = ("/account/signup/", "/account/login/", "/account/login/code/", "/nothing/here/")


class Inspector:
    """Draws what is new, wide and light, then small and dark."""

    def __init__(self, explorer: Explorer) -> None:
        self.explorer = explorer
        self.sheet = explorer.page.context.new_page()
        self.drawn = 0
        self.barriers: list[str] = []

    def look(self, found: Iterator[Seen]) -> None:
        for seen in found:
            self.drawn += 1
            self._draw(seen)
            self._examine(seen, "light")
            self.sheet.set_viewport_size({"width": 390, "height": 844})
            self.sheet.emulate_media(color_scheme="dark")
            self._examine(seen, "dark", only=("color-contrast", "target-size"))
            self.sheet.set_viewport_size({"width": 1280, "height": 900})
            self.sheet.emulate_media(color_scheme="light")

    def _draw(self, seen: Seen) -> None:
        again = seen.may_be_asked and seen.status == 200
        if not again:
            # As it was answered, once.
            html = {"body": seen.html, "content_type": "text/html; charset=utf-8"}
            self.sheet.route(seen.at, lambda route: route.fulfill(**html), times=1)
        self.sheet.goto(seen.at)
        if again and self.sheet.locator("letter-editor").count():
            self.sheet.locator("letter-editor[data-ready]").wait_for()
        self.sheet.evaluate("document.querySelectorAll('details').forEach((x) => (x.open = true))")

    def _examine(self, seen: Seen, how: str, only: tuple[str, ...] = ()) -> None:
        where = f"{seen.status} {seen.at} {how}"
        self.barriers += [f"{where}: {each}" for each in barriers(self.sheet, only=only)]


@pytest.mark.parametrize(
    ("people", "least"),
    [
        pytest.param(["ana", "ben"], 150, id="two"),
        pytest.param(["guest", "sol", "eve", "fay"], 60, id="alone"),
    ],
)
def test_no_page_has_a_barrier(
    people: list[str],
    least: int,
    open_browser: OpenBrowser,
    server: Server,
    troubles: Troubles,
) -> None:
    # What is sent badly is refused, and what is drawn again has no line: the console says so.
    troubles.allow("status of 4|ERR_BLOCKED_BY_LOCAL_NETWORK_ACCESS_CHECKS")
    made = server.shell(MAKE.replace("TAG", people[0])).splitlines()[-1]
    cookies, by_mail, every = json.loads(made)
    starts = {"guest": ["/", *SIGN_IN, *by_mail], "ana": every, "ben": by_mail}
    parts = Parts()

    def come(name: str) -> Inspector:
        page = open_browser()
        if name in cookies:
            session, url = cookies[name], server.base_url
            page.context.add_cookies([{"name": "session", "value": session, "url": url}])
        page.goto("/about/")
        return Inspector(Explorer(page, parts, last=LAST, files=FILES))

    inspectors = {name: come(name) for name in people}
    for name, inspector in inspectors.items():
        explorer = inspector.explorer
        inspector.look(explorer.look("/home/", *starts.get(name, ())))
        inspector.look(explorer.send_badly())
    # What one does makes pages of the other that neither has seen.
    for inspector in [*inspectors.values()] * 2:
        inspector.look(inspector.explorer.press(40))
    assert not [wrong for each in inspectors.values() for wrong in each.explorer.wrong]
    barriers = [barrier for each in inspectors.values() for barrier in each.barriers]
    assert not barriers, "\n".join(barriers)
    assert sum(each.drawn for each in inspectors.values()) >= least
