"""Blind means blind on a real line, too: what an open page of the other is sent, and what it gets.

Ana's browser holds the socket of a real server open and asks for her pages. Ben goes through
everything that he does unseen, three times: with next to nothing, with a lot of words that occur
nowhere else, and leaving everything open. Whatever he wrote, her frames are the same few topics, in
the same order; for what is private there is none at all. Her pages are equally long, with the same
headers. The pages themselves are compared in test_review_blind.py and test_moment_blind.py.
"""

import asyncio
import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.urls import reverse

from principles.catalog import practices
from principles.catalog.kinds import Shape
from tests.clients.http import HttpClient, listen, mails
from tests.server import Server

BLIND = practices.of_shape(Shape.BLIND)
CANARY = "kanarienvogel-3350"
HTMX = {"HX-Request": "true"}
MAKE = """
import json
from django.conf import settings
from django.test import Client
from couples.models import Invitation, User, Workspace
from principles.models import Review
from tests.principles.practices.steps import give, switch_on, tell
from tests.principles.reviews.steps import begin, close, reveal

def cookie(user):
    client = Client()
    client.force_login(user)
    return client.cookies[settings.SESSION_COOKIE_NAME].value

people = [User.objects.create_user(f"{name.lower()}@home.example", name) for name in ("Ana", "Ben")]
Workspace.begin(people[0])
Invitation.make(people[0].partner).accept(people[1]).confirm()
ana, ben = (User.objects.get(pk=person.pk) for person in people)
close(begin(ana, ben), ana, ben)
review = Review.begin(ana.partner)
made = {
    kind: give(ana, kind, "The dog.") for kind in ("joint-decisions", "ws", "repair", "share-power")
}
tell(made["repair"], ana)
switch_on(ana, ben)
for _soup in range(9):  # so many that one more changes no list
    give(ben, "supporters", "The soup.")
print(json.dumps({
    "ana": cookie(ana), "ben": cookie(ben),
    "review": str(review.pk), "items": [str(item.pk) for item in review.items.all()],
    "moments": {kind: str(moment.pk) for kind, moment in made.items()},
}))
"""


class Blind:
    """One home on a real server, in the middle of everything that is done unseen."""

    def __init__(self, server: Server) -> None:
        made = json.loads(server.shell(MAKE).splitlines()[-1])
        self.server = server
        self.session: str = made["ana"]
        self.ana, self.ben = HttpClient(server, made["ana"]), HttpClient(server, made["ben"])
        self.review: str = made["review"]
        self.items: list[str] = made["items"]
        self.moments: dict[str, str] = made["moments"]
        self.revisions: dict[str, str] = {}

    def at(self, name: str, *args: str) -> str:
        return reverse(f"principles:{name}", args=args)

    def save(self, where: str, key: str, said: dict[str, str]) -> None:
        """As his page does while he types."""
        sent = said | {"tab_id": "his", "revision": self.revisions.get(key, "")}
        answer = self.ben.post(where, sent, HTMX)
        assert answer.status_code == 200, answer.text
        self.revisions[key] = answer["X-Revision"]

    def leave(self, where: str, said: dict[str, str] | None = None) -> None:
        """As his page does when he presses a button."""
        assert self.ben.post(where, said or {}).status_code == 302

    # -- Private ---------------------------------------------------------------------------------

    def marks(self, answer: str, text: str) -> dict[str, str]:
        said = {"thanks-text": text}
        for item in self.items:
            said |= {f"{item}-answer": answer, f"{item}-note": text}
        return said

    def write_alone(self, answer: str, text: str) -> None:
        """Everything that is typed and not given: marks, needs, answers, a side, drafts."""
        self.save(self.at("review_mark", self.review), "review", self.marks(answer, text))
        choice = "yes" if answer else ""
        for kind in BLIND:
            said = {"choice": choice, "text": text}
            self.save(self.at("decision_write", self.moments[kind]), kind, said)
        said = {"story": text, "part": text}
        self.save(self.at("side_write", self.moments["repair"]), "side", said)
        for kind in practices.SLUGS:
            said = {"feel": text, "about": text, "need": text} if kind == "kindness" else {}
            self.save(self.at("draft_write", kind), f"draft {kind}", {"text": text} | said)

    # -- Seen, but not what ----------------------------------------------------------------------

    def get_done(self, answer: str, text: str) -> None:
        """He is ready everywhere: that she may know, and nothing else."""
        self.leave(self.at("review_done", self.review), self.marks(answer, text) | self.now())
        for kind in BLIND:
            said = {"choice": "yes" if answer == "holding" else "not-yet", "text": text or "x"}
            said |= {"tab_id": "his", "revision": self.revisions[kind]}
            self.leave(self.at("decision_ready", self.moments[kind]), said)

    def think_again(self) -> None:
        self.leave(self.at("review_take_back", self.review))
        for kind in BLIND:
            self.leave(self.at("decision_unready", self.moments[kind]))
            fresh = self.ben.get(self.at("moment", self.moments[kind])).text
            [self.revisions[kind]] = re.findall(r'name="revision" value="(\d+)"', fresh)

    def be_refused(self) -> None:
        """What is too long to be kept comes back to the one who typed it, and may be logged."""
        said = self.marks("", CANARY * 200) | self.now()
        assert self.ben.post(self.at("review_mark", self.review), said, HTMX).status_code == 422

    def now(self) -> dict[str, str]:
        return {"tab_id": "his", "revision": self.revisions["review"]}

    def put_in_the_jar(self) -> None:
        """Something that both see, after which nothing from before can still be on its way."""
        said = {"sort": "us", "text": "The soup.", "tab_id": "jar"}
        said["revision"] = self.revisions["draft supporters"]
        self.leave(self.at("draft_give", "supporters"), said)
        self.revisions["draft supporters"] = str(int(said["revision"]) + 2)

    # -- What she gets ---------------------------------------------------------------------------

    def her_pages(self) -> list[str]:
        moments = [self.at("moment", pk) for pk in self.moments.values()]
        pages = ["principles", "practices", "decisions", "call", "call_layer", "days", "reviews"]
        pages = [self.at(name) for name in [*pages, "ours", "ours_text", "own_words", "kept"]]
        for kind in (*BLIND, "repair", "transparent", "kindness"):
            pages += [self.at("practice", kind), self.at("history", kind)]
        pages += [self.at("principle", "repair"), self.at("review", self.review), *moments]
        return [*pages, reverse("couples:home"), reverse("letters:words_export")]

    def her_parts(self) -> list[str]:
        """What an open page of hers asks for when it is nudged."""
        review = self.at("review", self.review)
        parts = [f"{review}?part={part}" for part in ("status", "body", "where")]
        for pk in self.moments.values():
            parts += [f"{self.at('moment', pk)}?part={part}" for part in ("now", "act")]
        parts += [self.at("practice", kind) for kind in ("joint-decisions", "transparent")]
        return [*parts, self.at("reviews"), reverse("couples:home")]

    def what_she_gets(self) -> dict[str, tuple[int, list[str]]]:
        """How long each answer is as it comes over the line, and every header."""
        answers = {page: self.ana.get(page) for page in self.her_pages()}
        answers |= {f"htmx {part}": self.ana.get(part, HTMX) for part in self.her_parts()}
        for where, answer in answers.items():
            assert answer.status_code in (200, 204), where
            assert CANARY not in answer.text, where
            assert "Last-Modified" not in answer.headers, where
        return {
            where: (len(answer.text), as_sent(answer.headers)) for where, answer in answers.items()
        }


def as_sent(headers: dict[str, str]) -> list[str]:
    """The headers, without the time of day."""
    return sorted(
        re.sub(r"\w{3}, \d\d.\w{3}.\d{4} \d\d:\d\d:\d\d GMT", "", f"{name}: {value}")
        for name, value in headers.items()
    )


@pytest.fixture
def blind(start_server: Callable[..., Server]) -> Blind:
    return Blind(start_server(LOG_LEVEL="DEBUG"))


@pytest.mark.slow
async def test_frames_and_sizes_do_not_tell_what_is_written_unseen(blind: Blind) -> None:
    frames: asyncio.Queue[bytes] = asyncio.Queue()
    socket = await listen(blind.server, blind.session, frames.put_nowait)

    async def hear(act: Callable[..., Any], *said: str) -> list[str]:
        """What her socket is told while he does it."""
        await asyncio.to_thread(act, *said)
        await asyncio.to_thread(blind.put_in_the_jar)
        topics: list[str] = []
        async with asyncio.timeout(60):
            while topics[-2:] != both("supporters"):
                frame = json.loads(await frames.get())
                assert frame.keys() == {"topic"}
                topics.append(frame["topic"])
        return topics[:-2]

    async def she_gets() -> dict[str, Any]:
        return await asyncio.to_thread(blind.what_she_gets)

    def his_page() -> str:
        return blind.ben.get(blind.at("review", blind.review)).text

    # Each draft has been begun.
    assert await hear(blind.write_alone, "", "") == []
    unwritten = await she_gets()
    ways = [("holding", "x"), ("wobbling", f"{CANARY} {'a lot of words ' * 40}"), ("", "")]
    told, ready = [], []
    for answer, text in ways:
        # Typed again and again, as a page does.
        for how_often in range(2):
            assert await hear(blind.write_alone, answer, text and f"{text}{how_often}") == []
        assert await hear(blind.be_refused) == []
        assert (CANARY in await asyncio.to_thread(his_page)) is (CANARY in text)
        assert await she_gets() == unwritten
        told.append(await hear(blind.get_done, answer, text))
        ready.append(await she_gets())
        assert await hear(blind.think_again) == told[0]
    assert told == [["review", "home", *both("joint-decisions"), *both("ws")]] * len(ways)
    assert ready == [ready[0]] * len(ways)
    assert ready[0] != unwritten
    await socket.close()
    log = blind.server.log.read_text(errors="replace")
    assert f"/reviews/{blind.review}/mark/" in log
    assert CANARY not in log
    assert CANARY not in str(mails(blind.server))


def both(kind: str) -> list[str]:
    return [f"moment-{kind}", "home"]
