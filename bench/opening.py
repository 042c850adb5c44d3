"""`bin/bench open`: how long it takes until a page has a letter that nobody has open.

A letter is typed in a thousand, ten thousand, a hundred thousand edits by two people who stop, go
back, rub out and go on elsewhere; another one has the same words, written at once. Each is opened
cold: from asking for its socket until the last byte of it has arrived. What the page then does to
make a document of the bytes is measured apart, with the engine that the server has. What was typed
is stored as a server leaves it that went down in mid-sentence, with as many rows beyond the last
snapshot as there may ever be.
"""

import asyncio
import random
import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

import _bootstrap as house

from bench import machine, servers
from bench.client import Page
from bench.figures import Budget, milliseconds, ratios, significant, table, times
from letters import wire

BOUND = 2.0


@dataclass(frozen=True)
class Extent:
    """How much is measured."""

    edits: tuple[int, ...] = (1_000, 10_000, 100_000)
    rounds: int = 9


QUICK = Extent(rounds=3)
SMOKE = Extent(edits=(500,), rounds=1)


@dataclass
class Measured:
    """One number of edits, in seconds and bytes, a value for each round."""

    characters: int = 0
    stored: int = 0
    at_once: int = 0
    rows: int = 0
    typed: list[float] = field(default_factory=list)
    written: list[float] = field(default_factory=list)
    typed_read: list[float] = field(default_factory=list)
    written_read: list[float] = field(default_factory=list)

    @property
    def ratio(self) -> float:
        return ratios(self.typed, self.written)


@dataclass
class Result:
    databases: defaultdict[str, dict[int, Measured]]
    disturbed: str


# -- Measuring -----------------------------------------------------------------------------------


def measure(databases: Sequence[str], extent: Extent, place: Path) -> Result:
    others = machine.Others()
    result = Result(defaultdict(dict), "")
    like = None
    for database in databases:
        house.say(f"Starting the application on {database} …")
        with servers.app(database, place, like) as server:
            like = server
            for edits in extent.edits:
                house.say(f"{server.name}: writing a letter in {edits:,} edits …")
                made = server.people("opening", str(edits), str(extent.rounds + 1))
                found = Measured(*(made[name] for name in ("characters", "stored", "at_once")))
                found.rows = made["rows"]
                with machine.pinned(machine.client_cores()), others.watched(server.pids):
                    asyncio.run(open_all(server, made, found))
                result.databases[server.name][edits] = found
    result.disturbed = others.sentence()
    return result


async def open_all(server: Any, made: dict[str, Any], found: Measured) -> None:
    """Each letter once: whoever leaves takes a snapshot, and the next opening is another one."""
    for number, (typed, written) in enumerate(made["letters"]):
        took = [await opened(server, made["cookie"], letter) for letter in (typed, written)]
        if number:  # the first round warms up
            found.typed.append(took[0][0])
            found.written.append(took[1][0])
            found.typed_read.append(took[0][1])
            found.written_read.append(took[1][1])


class Newcomer(Page):
    """A page that takes everything in first, and makes a document of it then."""

    def _hear_sync(self, step: int, data: bytes) -> None:
        if step == wire.STEP_1:
            return
        self.heard.append(data)
        if step == wire.STEP_2:
            self.arrived = perf_counter()
            self.synced.set()

    async def visit(self) -> tuple[float, float]:
        """How long everything took to arrive, and how long to be read."""
        self.heard: list[bytes] = []
        self.arrived = 0.0
        started = perf_counter()
        await self.open()
        await self.close()
        reading = perf_counter()
        for data in self.heard:
            self.doc.apply_update(data)
        return self.arrived - started, perf_counter() - reading


async def opened(server: Any, cookie: str, letter: str) -> tuple[float, float]:
    took = await Newcomer(f"http://127.0.0.1:{server.port}", letter, cookie).visit()
    # What the server does after the last one left is no part of the next opening.
    await asyncio.sleep(0.5)
    return took


# -- Writing -------------------------------------------------------------------------------------

WORDS = re.findall(r"\w+", "we walk after dinner and whoever is late calls before the soup is cold")


def strokes(edits: int) -> tuple[list[bytes], str]:
    """So many edits of two people, as updates; and what they wrote."""
    import pycrdt

    from letters import document

    dice = random.Random(7)
    page = document.first_page()
    docs = []
    for client_id in (2_863_311_531, 3_435_973_837):
        doc: Any = pycrdt.Doc(client_id=client_id)
        doc.apply_update(page)
        docs.append(doc)
    updates: list[bytes] = [page]

    def paragraph(doc: Any) -> Any:
        return doc.get("letter", type=pycrdt.XmlFragment).children[1].children[0]

    made: list[bytes] = []
    watching = [doc.observe(lambda event: made.append(event.update)) for doc in docs]
    first = docs[0].get("letter", type=pycrdt.XmlFragment).children[1]
    first.children.append(pycrdt.XmlText("W"))
    docs[1].apply_update(made[0])
    del made[1:]
    place, who, left, word = 1, 0, 30, ""
    while len(made) < edits:
        if left == 0:
            # Somebody goes on, perhaps elsewhere.
            who, left = dice.randrange(2), dice.randint(20, 120)
            place = dice.choice([len(paragraph(docs[who])), dice.randint(1, place)])
        left -= 1
        before = len(made)
        if place > 1 and dice.random() < 0.08:
            place -= 1
            del paragraph(docs[who])[place : place + 1]
        else:
            word = word or dice.choice(WORDS) + " "
            paragraph(docs[who]).insert(place, word[0])
            word, place = word[1:], place + 1
        docs[1 - who].apply_update(made[before])
        del made[before + 1 :]  # what the other heard is no edit
    del watching
    return updates + made, str(paragraph(docs[0]))


def letters(edits: int, copies: int) -> dict[str, Any]:
    """In the server's environment: letters that were typed, beside others that say the same."""
    import pycrdt
    from django.db import transaction

    from couples.models import Partner, User, Workspace
    from letters import crdt, document
    from letters.models import Client, Document, Entry, Letter, Update
    from letters.upkeep import COMPACT_EVERY

    ana, ben = (User.objects.create_user(f"{n}{edits}@home.example", n) for n in ("Ana", "Ben"))
    workspace = Workspace.objects.create()
    for seat, person in enumerate((ana, ben), start=1):
        Partner.objects.create(workspace=workspace, user=person, seat=seat)
    (page, *updates), text = strokes(edits)
    at_once: Any = pycrdt.Doc()
    at_once.apply_update(page)
    body = at_once.get("letter", type=pycrdt.XmlFragment).children[1]
    body.children.append(pycrdt.XmlText(text))

    def begin(snapshot: bytes) -> Letter:
        # A couple has one open letter; here the earlier ones need to stay open, so each is one's
        # own.
        letter = Letter.objects.create(kind="personal", person=ana)
        weight = crdt.weight(snapshot)
        Document.objects.create(letter=letter, snapshot=snapshot, snapshot_weight=weight)
        for client_id in (2_863_311_531, 3_435_973_837):
            Client.register(letter, client_id, ana.pk)
        return letter

    # As the room does it: a row for a few edits, a snapshot after so many rows.
    per_row = 3
    rows = [updates[at : at + per_row] for at in range(0, len(updates), per_row)]
    tail = min(len(rows), COMPACT_EVERY - 1)
    first = begin(page)
    for at in range(0, len(rows) - tail, COMPACT_EVERY):
        with transaction.atomic():
            for row in rows[at : min(at + COMPACT_EVERY, len(rows) - tail)]:
                Update.objects.append([Entry(first.pk, first.key_owner_id, row)])
        Document.compact(first.pk)
    snapshot = Document.objects.get(pk=first.pk).snapshot
    pairs = []
    for _ in range(copies):
        typed = begin(snapshot)
        with transaction.atomic():
            for row in rows[len(rows) - tail :]:
                Update.objects.append([Entry(typed.pk, typed.key_owner_id, row)])
        pairs.append((str(typed.pk), str(begin(at_once.get_update()).pk)))
    said = document.blocks(document.load(Letter.objects.get(pk=pairs[0][0])))
    assert said[-1].text == text.rstrip() or said[-1].text == text
    from bench.people import cookie

    return {
        "cookie": cookie(ana),
        "letters": pairs,
        "characters": len(text),
        "stored": len(snapshot) + sum(len(update) for row in rows[-tail:] for update in row),
        "at_once": len(at_once.get_update()),
        "rows": tail,
    }


# -- Showing -------------------------------------------------------------------------------------


def report(result: Result) -> str:
    parts = [
        table(
            (
                f"{name}: edits",
                "characters",
                "stored, KB",
                "rows to read",
                "cold open, ms",
                "written at once, KB",
                "cold open, ms",
                "ratio",
                "to read it, ms",
            ),
            [
                (
                    f"{edits:,}",
                    f"{found.characters:,}",
                    significant(found.stored / 1000),
                    str(found.rows),
                    milliseconds(median(found.typed)),
                    significant(found.at_once / 1000),
                    milliseconds(median(found.written)),
                    times(found.ratio),
                    f"{milliseconds(median(found.typed_read))} / "
                    + milliseconds(median(found.written_read)),
                )
                for edits, found in curve.items()
            ],
        )
        for name, curve in result.databases.items()
    ]
    if result.disturbed:
        parts.append(result.disturbed)
    return "\n\n".join(parts)


def budgets(result: Result) -> list[Budget]:
    return [
        Budget(f"cold open, {max(curve):,} edits, {name}", curve[max(curve)].ratio, BOUND)
        for name, curve in result.databases.items()
    ]
