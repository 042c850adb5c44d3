"""The rules of trust, walked from end to end: what is private is nowhere that another can look.

Ana writes into every private place, each under words of its own (private_texts.py), on a real
server; Ben, who lives with her, an outsider, one who left and a visitor then ask for every page,
partial and file, and what their sockets hear, the mails and the log are searched as well. What
somebody writes in a reply to a note before it is sent is kept by their page alone.

That lengths and times do not tell either is tested beside what it is about: passages in
test_passage.py, reveals in test_reveal_page.py, letters that wait in test_opening_page.py, values
in test_our_values.py, practices in tests/principles/practices/test_moment_blind.py, reviews in
test_review_blind.py. Here are the pages of somebody whose partner writes alone, and of somebody
whose partner reads.
"""

import asyncio
import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.apps import apps
from django.test import Client
from django.urls import get_resolver, reverse

from couples.models import User
from letters.models import Letter
from tests import database_split
from tests.answers import Answer
from tests.clients.http import HttpClient, listen, mails
from tests.clients.socket import Page
from tests.clients.websocket import WebSocket
from tests.letters.private_texts import Diary
from tests.letters.writing import write
from tests.people import Resident
from tests.responses import HTMX, everything
from tests.server import Server
from tests.test_routes import ALONE, ANAS, BOTH, OURS, ROUTES, World
from tests.worker import working

MAKE = """
import json, time
from django.conf import settings
from django.test import Client
from couples.models import Invitation, User, Workspace
from tests.principles.practices.steps import switch_on
from tests.test_routes import ROUTES, World

def cookie(user):
    client = Client()
    client.force_login(user)
    session = client.session
    # As if they had just given their password: some pages ask for that.
    session["account_authentication_methods"] = [{"method": "password", "at": time.time()}]
    session.save()
    return client.cookies[settings.SESSION_COOKIE_NAME].value

names = ("Ana", "Ben", "Cleo", "Eve")
people = [User.objects.create_user(f"{name.lower()}@home.example", name) for name in names]
ana, ben, cleo, eve = people
Workspace.begin(ana), Workspace.begin(cleo)
Invitation.make(ana.partner).accept(eve).confirm()
eve.partner.leave()
ana = User.objects.get(pk=ana.pk)
Invitation.make(ana.partner).accept(ben).confirm()
ana, ben = (User.objects.get(pk=person.pk) for person in (ana, ben))
switch_on(ana, ben)
world = World(ana, ben)
print(json.dumps({
    "cookies": {person.name: cookie(person) for person in people},
    "ids": {name: [str(arg) for arg in world.args(name)] for name in ROUTES},
    "personal": str(world.personal.pk),
}))
"""
# What Ben may do by himself and would end or open something.
ENDS = {"couples:leave", "letters:opening_open", "letters:reveal_withdraw"}
QUERIES = (
    "",
    "?all",
    "?notes=1",
    "?as=json",
    "?as=text",
    "?as=markdown",
    "?against=before",
    "?against=now",
)


class Home:
    """One home on a real server, and those who are not at home there."""

    def __init__(self, server: Server) -> None:
        made = json.loads(server.shell(MAKE).splitlines()[-1])
        self.server = server
        self.ids: dict[str, list[str]] = made["ids"]
        self.personal: str = made["personal"]
        self.cookies: dict[str, str] = made["cookies"]
        self.visitors = {name: HttpClient(server, key) for name, key in self.cookies.items()}
        self.ana = self.visitors.pop("Ana")
        self.visitors["anonymous"] = HttpClient(server)

    @property
    def joint(self) -> str:
        return self.ids["letters:letter"][0]

    def page(self, name: str, letter: str) -> Page:
        return Page(self.server.base_url, letter, f"session={self.cookies[name]}")

    async def listen(self, heard: list[bytes], name: str) -> WebSocket:
        """The socket for nudges."""
        return await listen(self.server, self.cookies[name], heard.append)

    async def overhear(self, heard: list[bytes], name: str, letter: str) -> Page:
        """The socket of a letter."""
        page = self.page(name, letter)
        hear = page._hear

        def listen(frame: bytes) -> None:
            heard.append(frame)
            hear(frame)

        page._hear = listen
        return await page.open()

    async def type(self, letter: str, words: str) -> None:
        page = await self.page("Ana", letter).open()
        page.type(words)
        await page.saved()
        await page.close()

    def addresses(self, private: list[str]) -> Iterator[tuple[str, str]]:
        """Every route with what it is for, and every route of letters with the names of what is
        private, in each form that it has; where there are two databases, half of these on each."""
        for name, ids in self.ids.items():
            yield name, reverse(name, args=ids)
        for name in ALONE:
            yield name, reverse(name, args=[self.personal, *ALONE[name][1:]])
        of_letters = (name for name in ROUTES if name.startswith("letters:"))
        for name in filter(database_split.is_the_one_for, of_letters):
            for pk in private:
                for args in arguments(name, pk):
                    yield name, reverse(name, args=args)


def arguments(name: str, pk: str) -> list[list[str]]:
    """How this route can be asked for something of this name."""
    [(pattern, _names)] = get_resolver("letters.urls").reverse_dict.getlist(name.split(":")[1])[0][
        0
    ]
    kinds = re.findall(r"%\((\w+)\)s", pattern)
    if "pk" not in kinds:
        return []
    ways = [("form", ["pdf", "md", "txt"]), ("number", ["1"]), ("line", ["1"]), ("letter", [pk])]
    args = [[pk]]
    for kind, values in ways:
        if kind in kinds:
            args = [[*each, value] for each in args for value in values]
    return args


@pytest.fixture
def home(start_server: Callable[..., Server]) -> Iterator[Home]:
    server = start_server(LOG_LEVEL="DEBUG")
    with working(server):
        yield Home(server)


def told(canaries: dict[str, str], text: str) -> list[str]:
    """The places whose words are in it."""
    found = [place for place, words in canaries.items() if words in text]
    return [*found, "tests/test_routes.py"] if ANAS in text else found


@pytest.mark.slow
async def test_what_is_private_is_nowhere_that_another_can_look(home: Home) -> None:
    loop = asyncio.get_running_loop()
    frames: dict[str, list[bytes]] = {"nudges": [], "letter": [], "Cleo": []}
    sockets = [
        await home.listen(frames["nudges"], "Ben"),
        await home.listen(frames["Cleo"], "Cleo"),
    ]
    beside = await home.overhear(frames["letter"], "Ben", home.joint)

    def write(letter: str, words: str) -> None:
        asyncio.run_coroutine_threadsafe(home.type(letter, words), loop).result(30)

    diary = Diary(home.ana, write)
    await asyncio.to_thread(diary.alone, home.joint)
    nudged = len(frames["nudges"])
    await asyncio.to_thread(diary.given, *home.ids["letters:reveal"])
    await home.type(home.joint, "What both write. ")
    await beside.until(lambda: "What both write." in beside.text)
    for letter in [*diary.letters, home.personal]:
        with pytest.raises(ConnectionError):
            await home.overhear(frames["letter"], "Ben", letter)

    assert len(diary.canaries) > 30
    assert await asyncio.to_thread(diary.missing) == []
    # The crawl presses every button, too: what it nudges itself is not what Ana's writing told.
    given = list(frames["nudges"])
    wrong = await asyncio.to_thread(lambda: list(crawl(home, diary)))
    assert wrong == []
    # Nobody has done anything to it either.
    assert await asyncio.to_thread(diary.missing) == []

    assert nudged == 0
    assert given
    assert {json.loads(frame)["topic"] for frame in given} <= TOPICS
    heard = b"".join(frame for each in frames.values() for frame in each)
    assert b"What both write." in heard
    assert told(diary.canaries, heard.decode(errors="replace")) == []
    await beside.close()
    for socket in sockets:
        await socket.close()
    sent = mails(home.server)
    assert sent
    assert [told(diary.canaries, mail) for mail in sent] == [[]] * len(sent)
    log = home.server.log.read_text(errors="replace")
    assert "/letters/" in log
    assert told(diary.canaries, log) == []


# What Ben's open pages are told of while Ana gives: words of ours, and none of hers.
TOPICS = {"letters", "home", "reveal", "values"}


def crawl(home: Home, diary: Diary) -> Iterator[str]:
    """What is found by somebody who looks for it, where there is something to find."""
    for name, address in dict.fromkeys(home.addresses(diary.everything())):
        own = address == reverse(name, args=home.ids[name])
        for who, visitor in home.visitors.items():
            if who in ("Eve", "anonymous") and not own:
                continue
            asked = [(visitor.get(address), ""), (visitor.get(address, HTMX), " in part")]
            if who == "Ben" and own and ROUTES[name].reads != BOTH:
                asked += [(visitor.get(address + query), query) for query in QUERIES]
            for answer, how in asked:
                where = f"{who} {address}{how}: {answer.status_code}"
                if answer.status_code >= 500:
                    yield where
                yield from (f"{where} {place}" for place in told(diary.canaries, answer.text))
                if who != "Ben" and OURS in answer.text:
                    yield f"{where} what both share"
    for name, address in dict.fromkeys(home.addresses(diary.everything())):
        if name not in ENDS:
            for who in ("Cleo", "Ben"):
                answer = home.visitors[who].post(address, {}, HTMX)
                where = f"{who} posts {address}: {answer.status_code}"
                yield from (f"{where} {place}" for place in told(diary.canaries, answer.text))


# -- Lengths, times, and who has read ------------------------------------------------------------


@pytest.fixture
def joint(ana: Resident, ben: Resident) -> Letter:
    return Letter.begin_joint(ana.partner)


def pages_of(joint: Letter) -> list[str]:
    """Every page that takes no name of anything, and those of the letter of both."""
    named = {"letters": joint.pk}
    pages = [reverse(name) for name, route in ROUTES.items() if not route.args]
    for name in ("couples:us", "principles:ours_pdf"):
        pages.remove(reverse(name))  # they show the time of day
    for name in ("letter", "letter_read", "letter_authors", "notes", "passage", "versions", "seal"):
        pages.append(reverse(f"letters:{name}", args=[named["letters"]]))
    for name in ("principle", "wordings", "ways"):
        pages.append(reverse(f"principles:{name}", args=["kindness"]))
    return pages


@pytest.mark.slow
@pytest.mark.django_db
def test_nothing_that_is_written_alone_changes_a_page_of_the_partner(
    as_ana: Client,
    as_ben: Client,
    ana: Resident,
    joint: Letter,
    nudges: list[str],
    django_capture_on_commit_callbacks: Callable[..., Any],
) -> None:
    """Neither its words nor its size, its headers or its cookies."""
    pages = pages_of(joint)
    everything(as_ben, *pages)  # the first look brings the pause, once
    before = everything(as_ben, *pages)

    def add(letter: str, words: str) -> None:
        write(Letter.objects.get(pk=letter), ana, words)

    diary = Diary(as_ana, add)
    with django_capture_on_commit_callbacks(execute=True):
        diary.alone(str(joint.pk))
    assert diary.missing() == []
    after = everything(as_ben, *pages)
    assert [page for page in before if after[page] != before[page]] == []
    assert nudges == []


@pytest.mark.slow
@pytest.mark.django_db
def test_nobody_is_told_what_the_other_has_read(
    ana: Resident,
    ben: Resident,
    as_ana: Client,
    as_ben: Client,
    nudges: list[str],
    django_capture_on_commit_callbacks: Callable[..., Any],
) -> None:
    """Ben reads everything. No page of Ana's is another one after that, and no row of anybody's
    but himself."""
    world = World(ana, ben)
    hers = [reverse(name, args=world.args(name)) for name in ROUTES]
    hers.remove(reverse("couples:us"))  # it shows the time of day
    hers = [page for page in hers if is_a_page(as_ana.get(page))]
    assert len(hers) > 40
    before, rows = everything(as_ana, *hers), stored(ben)
    with django_capture_on_commit_callbacks(execute=True):
        for name in ROUTES:
            address = reverse(name, args=world.args(name))
            for headers in ({}, HTMX):
                as_ben.get(address, headers=headers)
    assert stored(ben) == rows
    after = everything(as_ana, *hers)
    assert [page for page in before if after[page] != before[page]] == []
    assert nudges == []


def is_a_page(response: Answer) -> bool:
    return response.status_code == 200 and response["Content-Type"] != "application/pdf"


def stored(reader: User) -> dict[str, list[Any]]:
    """All rows of ours but those that are this person's own."""
    found = {}
    for app in ("couples", "principles", "letters"):
        for model in apps.get_app_config(app).get_models():
            rows = model._base_manager.all()
            if any(field.name == "person" for field in model._meta.get_fields()):
                rows = rows.exclude(person=reader)
            found[model.__name__] = sorted(map(repr, rows.values_list()))
    return found
