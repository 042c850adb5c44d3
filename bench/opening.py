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

from bench import browser, machine, servers
from bench.figures import Budget, milliseconds, ratios, significant, table, times
from letters.live import protocol
from tests.clients.socket import Page

BOUND = 2.0


@dataclass(frozen=True)
class Extent:
    """How much is measured."""

    edits: tuple[int, ...] = (1_000, 10_000, 100_000)
    rounds: int = 9
    blocks: tuple[int, ...] = (1, 2_000)  # in the browser


QUICK = Extent(rounds=3)
SMOKE = Extent(edits=(500,), rounds=1, blocks=(1, 20))


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
    browsers: dict[str, dict[int, browser.Opened]]
    disturbed: str


# -- Measuring -----------------------------------------------------------------------------------


def measure(databases: Sequence[str], extent: Extent, place: Path) -> Result:
    others = machine.Others()
    result = Result(defaultdict(dict), {}, "")
    for database in databases:
        house.say(f"Starting the application on {database} …")
        with servers.app(database, place) as server:
            for edits in extent.edits:
                house.say(f"{server.name}: writing a letter in {edits:,} edits …")
                made = server.people("opening", str(edits), str(extent.rounds + 1))
                found = Measured(*(made[name] for name in ("characters", "stored", "at_once")))
                found.rows = made["rows"]
                with machine.pinned(machine.client_cores()), others.watched(server.pids):
                    asyncio.run(open_all(server, made, found))
                result.databases[server.name][edits] = found
            house.say(f"{server.name}: in the browser …")
            blocks = server.people("blocks", *map(str, extent.blocks))
            result.browsers[server.name] = browser.measure(server, blocks, extent.rounds)
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

    def _hear_sync(self, step: int, data: bytes, receipt: bytes) -> None:
        if step == protocol.STEP_1:
            return
        self.heard.append(data)
        if step == protocol.STEP_2:
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
CLIENTS = (2_863_311_531, 3_435_973_837)
PER_ROW = 3


def strokes(page: bytes, edits: int, enter: float = 0.0) -> tuple[list[bytes], str]:
    """So many edits of two people in a letter that began as `page`, as updates; and what they
    wrote. Now and then one presses Enter, with this chance before each edit."""
    import pycrdt

    dice = random.Random(7)
    docs, texts = [], []
    for client_id in CLIENTS:
        doc: Any = pycrdt.Doc(client_id=client_id)
        doc.apply_update(page)
        docs.append(doc)
        texts.append(doc.get("letter", type=pycrdt.Text))
    # Both write on where the first page ends; all of it is ASCII, so each character is one byte.
    start, greeting = len(texts[0]), len(str(texts[0]))
    made: list[bytes] = []
    watching = [doc.observe(lambda event: made.append(event.update)) for doc in docs]
    texts[0].insert(start, "W", {})
    docs[1].apply_update(made[0])
    del made[1:]
    place, who, left, word = 1, 0, 30, ""
    while len(made) < edits:
        if left == 0:
            # Somebody goes on, perhaps elsewhere.
            who, left = dice.randrange(2), dice.randint(20, 120)
            place = dice.choice([len(texts[who]) - start, dice.randint(1, place)])
        left -= 1
        before = len(made)
        if enter and dice.random() < enter:
            texts[who].insert_embed(start + place, pycrdt.Map({"k": "paragraph"}), {})
            place += 1
        elif place > 1 and dice.random() < 0.08:
            place -= 1
            del texts[who][start + place : start + place + 1]
        else:
            word = word or dice.choice(WORDS) + " "
            texts[who].insert(start + place, word[0], {})
            word, place = word[1:], place + 1
        docs[1 - who].apply_update(made[before])
        del made[before + 1 :]  # what the other heard is no edit
    del watching
    return made, str(texts[0])[greeting:]


def letters(edits: int, copies: int) -> dict[str, Any]:
    """In the server's environment: letters that were typed, beside others that say the same."""
    import pycrdt

    from bench.people import cookie, couple
    from letters.live.maintenance import COMPACT_EVERY
    from letters.models import Document, Letter
    from letters.text import document

    # A couple has one open letter; here the earlier ones need to stay open, so each is one's own.
    ana, _ = couple(f"opening-{edits}")

    def begin() -> Letter:
        letter = Letter.begin_personal(ana)
        register(letter, ana, ana)
        return letter

    def like(first: Letter) -> Letter:
        """Another one with the same snapshot."""
        letter = begin()
        mine, theirs = (Document.objects.get(letter=each) for each in (letter, first))
        for column in Document._meta.concrete_fields:
            if column.name not in {"letter", "seq", "snapshot_seq"}:
                setattr(mine, column.name, getattr(theirs, column.name))
        mine.save()
        return letter

    typed = begin()
    page = typed.document.snapshot
    updates, text = strokes(page, edits)
    rows = in_rows(updates)
    tail = min(len(rows), COMPACT_EVERY - 1)
    fold(typed, rows[: len(rows) - tail])

    doc: Any = pycrdt.Doc(client_id=CLIENTS[0])
    written = begin()
    doc.apply_update(written.document.snapshot)
    before = doc.get_state()
    whole = doc.get("letter", type=pycrdt.Text)
    whole.insert(len(whole), text, {})
    fold(written, [[doc.get_update(before)]])

    pairs = []
    for _ in range(copies):
        pair = like(typed), like(written)
        append(pair[0], rows[len(rows) - tail :])
        pairs.append([str(letter.pk) for letter in pair])
    said = document.blocks(Letter.objects.get(pk=pairs[0][0]).load())
    assert said[-1].text == text.rstrip() or said[-1].text == text
    snapshots = [Document.objects.get(letter=letter).snapshot for letter in (typed, written)]
    return {
        "cookie": cookie(ana),
        "letters": pairs,
        "characters": len(text),
        "stored": len(snapshots[0]) + sum(len(update) for row in rows[-tail:] for update in row),
        "at_once": len(snapshots[1]),
        "rows": tail,
    }


def register(letter: Any, *people: Any) -> None:
    """Whose the two pages are."""
    from letters.models import Client

    for client_id, person in zip(CLIENTS, people, strict=True):
        Client.register(letter, client_id, person.pk)


def in_rows(updates: list[bytes]) -> list[list[bytes]]:
    """As the room writes them: a row for a few edits."""
    return [updates[at : at + PER_ROW] for at in range(0, len(updates), PER_ROW)]


def append(letter: Any, rows: list[list[bytes]]) -> None:
    from django.db import transaction

    from letters.models import Entry, Update

    with transaction.atomic():
        for row in rows:
            Update.objects.append([Entry(letter.pk, letter.key_owner_id, row)])


def fold(letter: Any, rows: list[list[bytes]]) -> None:
    """The same, with a snapshot after so many rows."""
    from letters.live.maintenance import COMPACT_EVERY
    from letters.models import Document

    for at in range(0, len(rows), COMPACT_EVERY):
        append(letter, rows[at : at + COMPACT_EVERY])
        Document.compact(letter.pk)


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
    parts.append(browser.report(result.browsers))
    if result.disturbed:
        parts.append(result.disturbed)
    return "\n\n".join(parts)


def budgets(result: Result) -> list[Budget]:
    return [
        Budget(f"cold open, {max(curve):,} edits, {name}", curve[max(curve)].ratio, BOUND)
        for name, curve in result.databases.items()
    ]
