"""Pages that mean harm: what they send closes their own connection or does nothing, whatever they
write is read as plain words, and nobody writes under somebody else's name."""

import asyncio
import json
import random
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, NamedTuple
from uuid import uuid4

import pycrdt
import pytest
from django.test import Client as Browser
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from letters.letter.models import authors
from letters.live import protocol
from letters.live.loading import in_thread
from letters.live.receipts import Receipts
from letters.live.registry import Rooms
from letters.models import Attribution, Client, Document, Entry, Letter, Update
from letters.text import authored, crdt, document
from letters.text.ids import PAGES, Id, Span
from letters.text.lib0 import uint
from letters.text.model import HARD_LIMIT, base36
from letters.text.updates import ERASED, FORMAT, GONE, STRING, entry, parse, string, write
from tests.clients.socket import Page, agree, decision, returned
from tests.letters.joint_letters import Served, make_couples
from tests.letters.live.inprocess import LocalPage, empty, lose, process, raw_rows, written
from tests.people import Resident
from tests.server import Server

MB = 2**20
# Far above what any of these needs, far below what would hurt a small machine.
BEARABLE = 160 * MB


# -- A real server -------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def server(start_server: Callable[..., Server]) -> Server:
    return start_server()


@pytest.fixture(scope="module")
def couples(server: Server) -> Iterator[Served]:
    return iter(make_couples(server, 4))


@pytest.fixture
def couple(couples: Iterator[Served]) -> Served:
    return next(couples)


def memory(server: Server) -> int:
    """What the server and its children hold in memory, in bytes."""
    assert server.process is not None
    total = 0
    for status in Path("/proc").glob("[0-9]*/status"):
        try:
            lines = status.read_text().splitlines()
        except OSError:  # it has just ended
            continue
        fields = {name: value.split() for name, _, value in (line.partition(":") for line in lines)}
        if str(server.process.pid) in (fields["Pid"][0], fields["PPid"][0]) and "VmRSS" in fields:
            total += int(fields["VmRSS"][0]) * 1024
    return total


def mutated(chance: random.Random, frame: bytes) -> bytes:
    changed = bytearray(frame)
    for _ in range(chance.randint(1, 5)):
        place = chance.randrange(len(changed) + 1)
        changed[place : place + chance.randint(0, 3)] = chance.randbytes(chance.randint(0, 3))
    return bytes(changed)


def honest(page: Page) -> list[bytes]:
    """Frames that this page could send next."""
    twin = Page("", "", "", pycrdt.Doc(client_id=page.client_id))
    twin.doc.apply_update(page.doc.get_update())
    frames: list[bytes] = []
    twin.doc.observe(lambda event: frames.append(protocol.sync(protocol.UPDATE, event.update)))
    twin.split(kind="line")
    twin.type("hello 👍")
    at = twin.marker(-1)
    twin.mark(at + 1, 5, {"em": True, f"note:{uuid4()}": True})
    name = twin.suggest("proposed", at + 3)
    twin.suggest_without(at + 1, 2)
    twin.suggest_kind(-1, "closing")
    twin.set_kind(-1, "paragraph")
    twin.erase(at + 1, 3)
    asked = {"n": 1, "verdict": "accept", "of": [{"id": name, "seen": 0, "ranges": [[1, 2, 3]]}]}
    frames += [
        protocol.sync(protocol.STEP_1, twin.doc.get_state()),
        protocol.sync(protocol.STEP_2, twin.doc.get_update()),
        protocol.awareness([protocol.Presence(page.client_id, 1, '{"cursor": {"anchor": 1}}')]),
        bytes((protocol.BARRIER, 1)),
        returned(b"some update", bytes(16)),
        decision(asked),
    ]
    return frames


@pytest.mark.slow
async def test_a_thousand_bad_frames_cost_nobody_else_anything(couple: Served) -> None:
    chance = random.Random(7)
    ana, ben = await couple.both()
    ana.type("before ")
    await ana.saved()
    before = await asyncio.to_thread(memory, couple.server)
    for _ in range(60):
        frames = honest(ben)
        for _ in range(18):
            frame = mutated(chance, chance.choice(frames))
            ben.socket.send(frame if chance.random() < 0.8 else chance.randbytes(len(frame)))
        # What Ben sends may happen to be a block, or an erasure; she goes on at the beginning.
        ana.write("x", at=1)
        await ana.saved()
        await ben.close()
        ben = await couple.page(couple.ben).open()
    ana.write("after ", at=1)
    await ana.saved()
    assert await asyncio.to_thread(memory, couple.server) - before < BEARABLE
    assert ana.connected
    stood = couple.server.shell(
        "from letters.text import document\nfrom letters.models import Letter\n"
        f"letter = Letter.objects.get(pk={couple.joint!r})\n"
        "print(document.to_text(document.blocks(letter.load())))"
    )
    assert "after " + "x" * 60 in stood
    log = couple.server.log_tail()
    assert "Traceback" not in log
    assert "panicked" not in log or "could not be loaded" not in log


async def test_a_letter_is_not_filled_beyond_its_size(couple: Served) -> None:
    ana, ben = await couple.both()
    ana.type("before")
    await ana.saved()
    before = await asyncio.to_thread(memory, couple.server)
    for size in (5 * MB, 2 * MB, MB, HARD_LIMIT) * 2:
        ben.type("x" * size)
        assert await ben.closed() in (4413, 1009)
        ben = await couple.page(couple.ben).open()
    assert await asyncio.to_thread(memory, couple.server) - before < BEARABLE
    # In pieces that are small enough each.
    while ben.connected:
        ben.type("y" * (MB // 8))
        await asyncio.sleep(0.01)
    assert await ben.closed() == 4413
    late = await couple.page(couple.ben).open()
    assert len(late.text) <= HARD_LIMIT
    await late.until(lambda: late.text.startswith("before"))
    late.rub_out(6, len(late.text))
    await late.saved()
    await agree(ana, late)
    ana.type(", after")
    await ana.saved()


# -- Words that would like to be more ------------------------------------------------------------

# Nothing of this comes in through a socket; whatever did get in, the pages show as plain words.
WORDS = [
    *("<script>alert(1)</script>", "\"'><svg onload=alert(1)>", "javascript:alert(1)", "plain"),
    *("</p><script>alert(1)</script>", "\x00\x1b[2J", "a\u2028b\ue000c"),
]
KINDS = [
    *("script", "p onclick=x", "img/src=x/onerror=alert(1)", "style", "iframe", "", "\x00"),
    *("paragraph", "line", "one line", "__proto__", "</p><script>alert(1)</script>"),
]
MARKS = [
    *("strong", "em", "note:x", "ins:1_1", "del:1_1", "ins:", "del:1_1.x", "kind:1_1", "onclick"),
    *("href", "style", "class", "<b>", "constructor", "__proto__"),
    "note:00000000-0000-4000-8000-000000000001",
]
VALUES: list[Any] = [
    *({}, {"id": "<x>"}, ["a", {"b": 1}], 1e308, True, False, None, [], 0, -1.5, "x" * 2000),
    *("one", "two", "one 1.1.1", "one 1", "one ..", '"><img src=x>', "javascript:alert(1)"),
]
marks = st.dictionaries(st.sampled_from(MARKS), st.sampled_from(VALUES), max_size=3)
pieces = st.one_of(
    st.tuples(st.sampled_from(WORDS), marks),
    st.tuples(
        st.dictionaries(st.sampled_from(["k", *MARKS]), st.sampled_from([*KINDS, "one line"])),
        marks,
    ),
    st.tuples(st.sampled_from(VALUES), marks),
)


class Letterhead(HTMLParser):
    """Every element of a page that stands in its letter, with its attributes."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.depth = 0
        self.found: set[tuple[str, tuple[str, ...]]] = set()
        self.feed(html)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        if self.depth:
            self.found.add((tag, tuple(name for name, _ in attributes)))
        opens = "letter" in (dict(attributes).get("class") or "").split()
        if opens or (self.depth and tag != "br"):
            self.depth += 1

    def handle_endtag(self, tag: str) -> None:
        if self.depth:
            self.depth -= 1


HARMLESS = {
    *(("p", ("dir",)), ("p", ("class", "dir")), ("span", ("class",))),
    *(("strong", ()), ("em", ()), ("br", ()), ("sup", ("class",))),
    ("a", ("href", "id", "aria-label")),
}


@pytest.mark.django_db
@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(planted=st.lists(pieces, min_size=1, max_size=6))
def test_no_words_become_markup_on_any_page(
    planted: list[Any], letter: Letter, ben: Resident, as_ana: Browser
) -> None:
    doc: Any = pycrdt.Doc()
    Client.register(letter, doc.client_id, ben.pk)
    doc.apply_update(Document.objects.get(letter=letter).snapshot)
    before = doc.get_state()
    text = doc.get("letter", type=pycrdt.Text)
    for content, attributes in planted:
        if isinstance(content, str):
            text.insert(len(text), content, dict(attributes))
        else:
            embedded = pycrdt.Map(content) if isinstance(content, dict) else content
            text.insert_embed(len(text), embedded, dict(attributes))
    update = doc.get_update(before)
    Update.objects.append([Entry(letter.pk, letter.key_owner_id, [update])])
    for path in ("", "read/", "read/?notes=1", "authors/", "letter.md", "letter.txt"):
        answer = as_ana.get(f"/letters/{letter.pk}/{path}")
        assert answer.status_code == 200, path
        html = answer.content.decode()
        if "letter." not in path:
            for harm in ("<script>alert", "<svg onload", "<img src=x", "<iframe"):
                assert harm not in html
        if path in ("read/", "read/?notes=1", "authors/"):
            assert Letterhead(html).found <= HARMLESS
    authored.to_json(authors.read(letter))
    assert Document.compact(letter.pk) in (True, False)


# -- What makes an edit a valid one --------------------------------------------------------------

transactional = pytest.mark.django_db(transaction=True)

ROOT = b"\x01" + string("letter")
SECRET = "geheimwort"  # stands in every refused frame, and in no line of the log
REFUSED = (1008, 4400)


def told(
    content: bytes, kind: int = STRING, left: Id | None = None, right: Id | None = None
) -> bytes:
    """A struct beside these."""
    info = kind | (128 if left else 0) | (64 if right else 0)
    beside = b"".join(uint(id.client) + uint(id.clock) for id in (left, right) if id)
    return bytes((info,)) + beside + content


class Ground(NamedTuple):
    """Her page and his, which will send what no honest page sends."""

    hers: Page
    his: Page

    @property
    def clock(self) -> int:
        return self.clock_of(self.his.client_id)

    def clock_of(self, client: int) -> int:
        return crdt.state(self.his.doc.get_state()).get(client, 0)

    def id(self, text: str) -> Id:
        """Of the first character of this text."""
        found = self.his.signs(named=True)
        at = "".join(sign.text or "\n" for sign in found).index(text)
        return found[at].name

    def marker(self, block: int) -> Id:
        return [sign.name for sign in self.his.signs(named=True) if sign.kind][block]

    @property
    def last(self) -> Id:
        return self.id(".")

    def own(
        self, *structs: bytes, erased: tuple[Span, ...] = (), clock: int | None = None
    ) -> bytes:
        """An update under his own client id."""
        return write(self.his.client_id, self.clock if clock is None else clock, structs, erased)

    def words(self, words: str = SECRET, left: Id | None = None) -> bytes:
        return self.own(told(string(words), STRING, left or self.last))

    def format(self, key: str, value: str) -> bytes:
        return self.own(told(string(key) + string(value), FORMAT, self.id("words")))

    def block(self, *entries: tuple[str, str]) -> bytes:
        """A marker behind the last word, and what its map says."""
        marker = told(b"\x01", 7, self.last)
        parent = Id(self.his.client_id, self.clock)
        return self.own(marker, *(entry(k, v, parent=parent, after=None) for k, v in entries))


async def begin(hers: Page, his: Page) -> Ground:
    hers.type("Her words 😀 stay.")
    await hers.saved()
    await his.until(lambda: his.text == hers.text)
    his.write("Mine, ", at=his.marker(-1) + 1)
    await his.saved()
    await hers.until(lambda: hers.text == his.text)
    return Ground(hers, his)


@pytest.fixture
async def ground(rooms: Rooms, letter: Letter, ana: Resident, ben: Resident) -> Ground:
    hers = await LocalPage(rooms, letter, ana).open()
    his = await LocalPage(rooms, letter, ben).open()
    return await begin(hers, his)


def foreign(ground: Ground) -> dict[str, bytes]:
    hers, first = ground.hers.client_id, ground.marker(0).client
    text = told(string(SECRET), STRING, ground.last)
    return {
        "hers, who is connected": write(hers, ground.clock_of(hers), [text]),
        "hers, further on": write(hers, ground.clock_of(hers) + 7, [text]),
        "the server's": write(first, ground.clock_of(first), [text]),
        "nobody's": write(12345, 0, [text]),
        "nothing of hers": b"\x02"
        + b"\x01"
        + uint(hers)
        + uint(ground.clock_of(hers))
        + text
        + ground.own(text)[1:],
        "a gap of hers": write(hers, ground.clock_of(hers), [b"\x0a\x05", text]),
    }


def clocks(ground: Ground) -> dict[str, bytes]:
    hers, his = ground.hers.client_id, ground.his.client_id
    text = told(string(SECRET), STRING, ground.last)
    later = Id(hers, ground.clock_of(hers) + 3)
    return {
        "ahead": ground.own(text, clock=ground.clock + 1),
        "far ahead": ground.own(text, clock=2**30),
        "beyond all bounds": ground.own(text, clock=2**31),
        "with a gap": ground.own(b"\x0a\x05", text),
        "beside what is not there yet": ground.own(told(string(SECRET), STRING, later)),
        "between what is not there yet": ground.own(
            told(string(SECRET), STRING, ground.last, later)
        ),
        "beside itself": ground.own(told(string(SECRET), STRING, Id(his, ground.clock))),
        "in what is not there yet": ground.own(entry("k", "line", parent=later, after=None)),
        "one client in two places": b"\x02"
        + ground.own(text)[1:-1]
        + ground.own(told(string("x"), STRING, ground.last), clock=ground.clock + len(SECRET))[1:],
        "in a longer spelling": ground.own(text).replace(
            uint(his), uint(his)[:-1] + bytes((uint(his)[-1] | 128, 0))
        ),
    }


def erasures(ground: Ground) -> dict[str, bytes]:
    hers, his = ground.hers.client_id, ground.his.client_id
    first, pair = ground.marker(0), ground.id("😀")
    emoji = told(string("😀"), STRING, ground.last)
    now = ground.clock_of(hers)
    return {
        "all that she will type": write(0, 0, [], [(hers, now, 2**30)]),
        "one that she will type": write(0, 0, [], [(hers, now, now + 1)]),
        "hers, and what she will type": write(0, 0, [], [(hers, 0, now + 9)]),
        "what he will type": write(0, 0, [], [(his, ground.clock, ground.clock + 5)]),
        "nobody's": write(0, 0, [], [(12345, 0, 2**30)]),
        "the first block": write(0, 0, [], [(*first, first.clock + 1)]),
        "all that there is": write(0, 0, [], [(first.client, 0, ground.clock_of(first.client))]),
        "half of an emoji": write(0, 0, [], [(*pair, pair.clock + 1)]),
        "its other half": write(0, 0, [], [(pair.client, pair.clock + 1, pair.clock + 2)]),
        "half of his own": ground.own(emoji, erased=((his, ground.clock, ground.clock + 1),)),
    }


def places(ground: Ground) -> dict[str, bytes]:
    his, first, pair = ground.his.client_id, ground.marker(0), ground.id("😀")
    text, gone = string(SECRET), Id(his, ground.clock + 2)
    low = Id(pair.client, pair.clock + 1)
    tape = b"\x00" + uint(3)
    fresh = Id(his, ground.clock)
    return {
        "before the first block": ground.own(told(text, STRING, None, first)),
        "at the very beginning": ground.own(told(ROOT + text)),
        "a block before it": ground.own(told(b"\x01", 7, None, first)),
        "behind nothing, before the first block": ground.own(tape, told(text, STRING, gone, first)),
        "behind nothing": ground.own(tape, told(text, STRING, gone)),
        "behind nothing, before her words": ground.own(
            tape, told(text, STRING, gone, ground.id("words"))
        ),
        "before nothing": ground.own(tape, told(text, STRING, ground.last, gone)),
        "before nothing and behind nothing": ground.own(tape, told(text, STRING, None, gone)),
        "in an emoji": ground.own(told(text, STRING, pair, low)),
        "behind half an emoji": ground.own(told(text, STRING, pair)),
        "before half an emoji": ground.own(told(text, STRING, ground.id("words"), low)),
        "in an emoji of one's own": ground.own(
            told(string("😀"), STRING, ground.last),
            told(text, STRING, fresh, Id(his, fresh.clock + 1)),
        ),
        "in the map of a block": ground.own(told(text, STRING, Id(first.client, first.clock + 1))),
        "before a value of a map": ground.own(
            told(text, STRING, ground.last, Id(first.client, first.clock + 1))
        ),
    }


def roots(ground: Ground) -> dict[str, bytes]:
    text, value = string(SECRET), b"\x01\x77" + string(SECRET)

    def under(name: str, key: str | None, content: bytes, kind: int) -> bytes:
        keyed = kind | (32 if key is not None else 0)
        named = b"\x01" + string(name) + (string(key) if key is not None else b"")
        return ground.own(bytes((keyed,)) + named + content)

    return {
        "another text": under("other", None, text, STRING),
        "another map": under("other", "a", value, 8),
        "the letter as a map": under("letter", "a", value, 8),
        "the letter as a tree": under("letter", None, b"\x03" + string("p"), 7),
        "the letter as a list": under("letter", None, value, 8),
        "a type in the letter": under("letter", "a", b"\x00", 7),
        "what was decided": under("decided", "1_1", value, 8),
        "what was decided, erased": under("decided", "1_1", uint(1), ERASED),
        "what was decided as a text": under("decided", None, text, STRING),
        "her placing": under("placed", "one", b"\x01\x77" + string(str(uuid4())), 8),
        "her placing, erased": under("placed", "one", uint(1), ERASED),
        "a placing of no passage": under("placed", "two", value, 8),
        "a placing of nobody": under("placed", "three", b"\x01\x77" + string(str(uuid4())), 8),
        "a placing as a text": under("placed", None, text, STRING),
        "a placing that is a map": under("placed", "two", b"\x01", 7),
    }


def contents(ground: Ground) -> dict[str, bytes]:
    def put(content: bytes, kind: int) -> bytes:
        return ground.own(told(content, kind, ground.last))

    odd = ["\x00", "\x1b", "\n", "\r", "\x0b", "\x0c", "\t", "\x7f", "\x85", "\u2029", "\ue000"]
    odd += ["\uf8ff", "\ufff9", "\ufffc", "\ufffe", "\uffff", "\U000f0000", "\U0010ffff"]
    invalid = [b"\xff", b"\xed\xa0\x80", b"\xc0\x80", b"\xf4\x90\x80\x80", b"\x80", b"\xe2\x80"]
    return {
        "an embed": put(string('{"a":1}'), 5),
        "JSON": put(b"\x01" + string(f'"{SECRET}"'), 2),
        "bytes": put(string(SECRET), 3),
        "a document": put(string(SECRET) + b"\x76\x00", 9),
        "a value in the text": put(b"\x01\x77" + string(SECRET), 8),
        "a kind that nobody knows": put(string(SECRET), 11),
        **{f"a type: {number}": put(uint(number), 7) for number in (0, 2, 4, 6, 7, 12)},
        **{f"an element: {number}": put(uint(number) + string("p"), 7) for number in (3, 5)},
        "a text of no length": put(string(""), STRING),
        "nothing erased": put(uint(0), ERASED),
        "nothing gone": ground.own(bytes((GONE, 0))),
        **{f"the sign {ord(sign):x}": ground.words(SECRET + sign) for sign in odd},
        **{f"no UTF-8: {bad!r}": put(uint(len(bad)) + bad, STRING) for bad in invalid},
        "something behind the end": ground.words() + b"\x00",
        "no end": ground.words()[:-1],
        "two structs that are one": ground.words().replace(b"\x01\x01", b"\x01\x02", 1),
    }


def formats(ground: Ground) -> dict[str, bytes]:
    his, hers = (f"{base36(page.client_id)}_0" for page in (ground.his, ground.hers))
    note = f"note:{uuid4()}"
    id = base36(ground.id("words").client) + ".0.5"
    wanted = {
        *(("strong", "1"), ("strong", '"x"'), ("strong", "false"), ("strong", "{}"), ("em", "[]")),
        *(
            ("href", '"x"'),
            ("k", '"line"'),
            ("insertion", "true"),
            ("__proto__", "true"),
            ("", "true"),
        ),
        *(
            ("note:x", "true"),
            (note.upper(), "true"),
            (note, '"x"'),
            (note, "1"),
            (f"{note}0", "true"),
        ),
        *((f"ins:{his}", "true"), (f"ins:{his}", '"three"'), (f"ins:{his}", '"two "')),
        *((f"del:{his}", '"two"'), (f"del:{his}", f'"two {id} "'), (f"del:{his}", '"two 1.1"')),
        *(
            (f"kind:{his}", '"two line"'),
            ("ins:", '"two"'),
            ("ins:1_", '"two"'),
            ("ins:A_1", '"two"'),
        ),
        # In her name: her seat, or a name that her page makes.
        *((f"ins:{his}", '"one"'), (f"del:{his}", f'"one {id}"')),
        *((f"ins:{hers}", '"one"'), (f"ins:{hers}", '"two"'), (f"del:{hers}", f'"two {id}"')),
    }
    return {f"{key}: {value}": ground.format(key, value) for key, value in wanted}


def blocks(ground: Ground) -> dict[str, bytes]:
    his, hers = (f"{base36(page.client_id)}_0" for page in (ground.his, ground.hers))
    wanted = {
        *(("k", SECRET), ("k", ""), ("kind", "line"), ("strong", "true"), ("__proto__", "x")),
        *((f"ins:{his}", "three"), (f"ins:{his}", "two line"), (f"del:{his}", "two 1.1.1")),
        *((f"kind:{his}", "two"), (f"kind:{his}", "two heading"), (f"kind:{his}", "line")),
        *((f"ins:{his}", "one"), (f"del:{his}", "one"), (f"kind:{his}", "one line")),
        *((f"ins:{hers}", "one"), (f"del:{hers}", "two"), (f"kind:{hers}", "one line")),
    }
    first, mine = ground.marker(0), Id(ground.his.client_id, ground.clock)
    block = told(b"\x01", 7, ground.last)
    many = b"\x28\x00" + uint(mine.client) + uint(mine.clock) + string("k")
    return {
        **{f"{key}: {value}": ground.block((key, value)) for key, value in wanted},
        "the first one, to be taken out": ground.own(
            entry(f"del:{his}", "two", parent=first, after=None)
        ),
        "a value of numbers": ground.own(block, many + b"\x01\x7d\x01"),
        "two values": ground.own(block, many + b"\x02\x77" + string("line") * 2),
        "no value": ground.own(block, many + b"\x01\x7e"),
        "a map in it": ground.own(block, b"\x27\x00" + many[2:] + b"\x01"),
        "a text in it": ground.own(block, b"\x24\x00" + many[2:] + string(SECRET)),
        "a child of it": ground.own(
            block, b"\x04\x00" + uint(mine.client) + uint(mine.clock) + string(SECRET)
        ),
        "within a word": ground.own(entry("k", "line", parent=ground.id("words"), after=None)),
    }


ATTACKS = [foreign, clocks, erasures, places, roots, contents, formats, blocks]


@transactional
@pytest.mark.parametrize("attacks", ATTACKS, ids=lambda attacks: attacks.__name__)
async def test_an_edit_that_no_page_makes_changes_nothing(
    attacks: Callable[[Ground], dict[str, bytes]],
    ground: Ground,
    letter: Letter,
    caplog: pytest.LogCaptureFixture,
) -> None:
    hers, his = ground
    caplog.set_level("DEBUG")
    heard: list[bytes] = []
    hers.on_update = heard.append
    for name, update in attacks(ground).items():
        for step in (protocol.UPDATE, protocol.STEP_2):
            before = await in_thread(raw_rows, letter)
            shown = hers.shows()
            his.send(protocol.sync(step, update))
            assert await his.closed() in REFUSED, name
            assert await in_thread(raw_rows, letter) == before, name
            await his.open()
            await his.saved()
            assert his.shows() == hers.shows() == shown, name
    assert heard == []
    assert hers.connected
    assert SECRET not in caplog.text
    assert "words" not in caplog.text
    # And what she types from now on is all there.
    hers.type(" And more.")
    await hers.saved()
    assert await written(letter) == "Mine, Her words 😀 stay. And more."
    await agree(hers, his)


async def test_a_real_server_lets_nothing_of_it_in(couple: Served) -> None:
    ground = await begin(*await couple.both())
    hers, his = ground
    shown = hers.shows()
    for attacks in ATTACKS:
        for name, update in attacks(ground).items():
            his.send(protocol.sync(protocol.STEP_2, update))
            assert await his.closed() in REFUSED, name
            await his.open()
            await his.saved()
    assert hers.connected
    assert hers.shows() == his.shows() == shown
    hers.type(" And more.")
    await hers.saved()
    assert written_by(couple) == hers.says()
    log = couple.server.log_tail()
    assert "Traceback" not in log
    assert SECRET not in log


def written_by(couple: Served) -> list[tuple[str, str]]:
    code = (
        "import json\nfrom letters.text import document\nfrom letters.models import Letter\n"
        f"letter = Letter.objects.get(pk={couple.joint!r})\n"
        "print(json.dumps([(b.kind, b.text) for b in document.blocks(letter.load())]))"
    )
    return [tuple(block) for block in json.loads(couple.server.shell(code).splitlines()[-1])]


@transactional
async def test_what_is_known_already_changes_nothing_and_costs_nobody_the_line(
    ground: Ground, letter: Letter
) -> None:
    """Frames may come twice; and a clock from before, with other words, is a clock from before."""
    his = ground.his
    before = await in_thread(raw_rows, letter)
    for words in ("Mine, ", SECRET[:6]):
        again = ground.own(told(string(words), STRING, ground.marker(-1)), clock=0)
        for step in (protocol.UPDATE, protocol.STEP_2):
            his.send(protocol.sync(step, again))
            await his.saved()
    assert await in_thread(raw_rows, letter) == before
    assert await written(letter) == "Mine, Her words 😀 stay."


@transactional
async def test_a_personal_letter_knows_no_notes_and_no_suggestions(
    rooms: Rooms, ana: Resident
) -> None:
    letter = await in_thread(Letter.begin_personal, ana)
    page = await LocalPage(rooms, letter, ana).open()
    page.type("Her words.")
    await page.saved()
    ground = Ground(page, page)
    name = page.name()
    await agree(page)
    for update in (
        ground.format(f"note:{uuid4()}", "true"),
        ground.format(f"ins:{name}", '"one"'),
        ground.block((f"ins:{name}", "one")),
        ground.own(entry("one", str(uuid4()), parent="placed", after=None)),
    ):
        page.send(protocol.sync(protocol.UPDATE, update))
        assert await page.closed() == 4400
        await page.open()
        await page.saved()
    page.send(decision({"n": 1, "verdict": "decline", "of": []}))
    assert await page.closed() == 4400
    assert await written(letter) == "Her words."


@transactional
async def test_a_late_page_may_still_set_the_kind_of_a_block_that_is_gone(
    rooms: Rooms, letter: Letter, ana: Resident, ben: Resident
) -> None:
    hers = await LocalPage(rooms, letter, ana).open()
    his = await LocalPage(rooms, letter, ben).open()
    hers.split()
    hers.type("last")
    await hers.saved()
    await agree(hers, his)
    await his.leave()
    for kind in ("line", "closing", "line"):
        his.set_kind(-1, kind)
    his.type(" words")
    hers.erase(hers.marker(-1))
    await hers.saved()
    await hers.leave()
    await empty(rooms)  # of what is gone nothing is left but its ids
    await his.open()
    await his.saved()
    his.write("!", at=len(his.signs()))
    await his.saved()
    await hers.open()
    await agree(hers, his)
    assert hers.says()[-1] == ("paragraph", "last words!")


# -- In the other's name -------------------------------------------------------------------------


@transactional
async def test_her_marks_around_his_words_mean_nothing(ground: Ground, letter: Letter) -> None:
    """Yjs writes the other's marks anew around words that are typed in between, so they may come
    again. What a mark is about is told by ids: on other words it has no effect."""
    hers, his = ground
    added = hers.suggest(" Added.")
    out = hers.suggest_without(hers.marker(-1) + 7, 9)
    await hers.saved()
    await agree(hers, his)
    marks = {k: v for sign in his.signs() for k, v in sign.marks.items() if not sign.kind}
    assert set(marks) == {f"ins:{added}", f"del:{out}"}
    at = his.marker(0) + 1
    his.write("His. ", at=at, marks=marks)
    his.mark(at + 5, 4, marks)
    await his.saved()
    await agree(hers, his)
    told = [block.text for block in await in_thread(lambda: document.blocks(letter.load()))]
    assert told == ["His. Dear Relationship,", "Mine, Her words 😀 stay."]
    # Declined and accepted, they take nothing of his.
    await his.settled("accept", out)
    await his.settled("decline", added)
    await agree(hers, his)
    assert his.says() == [
        ("salutation", "His. Dear Relationship,"),
        ("paragraph", "Mine,  😀 stay."),
    ]


@transactional
async def test_nobody_accepts_their_own_suggestion_for_the_other(
    ground: Ground, letter: Letter
) -> None:
    hers, his = ground
    word = his.suggest(" his word")
    out = his.suggest_without(his.marker(-1) + 1, 5)
    block = his.suggest_split(his.marker(-1) + 6)
    kind = his.suggest_kind(0, "line")
    await his.saved()
    await agree(hers, his)
    before = await in_thread(raw_rows, letter)
    for name in (word, out, block, kind):
        asked = his.decide("accept", name)
        assert await his.closed() == 4400
        assert not asked.done()
        his.decisions.clear()
        await his.open()
        await his.saved()
    assert await in_thread(raw_rows, letter) == before
    assert hers.says() == [
        ("salutation", "Dear Relationship,"),
        ("paragraph", "Mine, Her words 😀 stay."),
    ]
    # To take it back is theirs, and to accept the other's.
    await his.settled("decline", out)
    await hers.settled("accept", word)
    await agree(hers, his)
    assert hers.says()[-1][1] == "Mine, Her words 😀 stay. his word"


@transactional
async def test_what_was_decided_is_nobodys_to_write_or_to_take_out(
    ground: Ground, letter: Letter
) -> None:
    hers, his = ground
    name = his.suggest(" his word")
    await his.saved()
    await agree(hers, his)
    await hers.settled("accept", name)
    placed = str(uuid4())
    hers.doc.get("placed", type=pycrdt.Map)["one"] = placed
    await hers.saved()
    await his.until(lambda: his.says()[-1][1].endswith("his word"))
    structs = parse(his.doc.get_update()).structs
    entries = {str(s.parent): s.id for s in structs if s.parent in ("decided", "placed")}
    decided, placing = entries["decided"], entries["placed"]
    verdict = json.dumps({"verdict": "decline", "n": 9, "ranges": []})
    for update in (
        write(0, 0, [], [(*decided, decided.clock + 1)]),
        write(0, 0, [], [(*placing, placing.clock + 1)]),
        ground.own(entry(name, verdict, parent="decided", after=decided)),
        ground.own(told(uint(1), ERASED, decided)),
        ground.own(entry("one", str(uuid4()), parent="placed", after=placing)),
        ground.own(told(uint(1), ERASED, placing)),
    ):
        for step in (protocol.UPDATE, protocol.STEP_2):
            his.send(protocol.sync(step, update))
            assert await his.closed() == 4400
            await his.open()
            await his.saved()
    stored = await in_thread(letter.load)
    assert stored.get("placed", type=pycrdt.Map)["one"] == placed
    assert json.loads(stored.get("decided", type=pycrdt.Map)[name])["verdict"] == "accept"
    # One's own is one's own, and tells no lie about what gave way to it.
    his.doc.get("placed", type=pycrdt.Map)["two"] = placed
    his.doc.get("placed", type=pycrdt.Map)["two"] = str(uuid4())
    await his.saved()
    for page in (hers, his):
        await page.close()
        await page.open()
        await page.saved()


@transactional
async def test_two_devices_that_place_at_once_shut_nobody_out(
    rooms: Rooms, letter: Letter, ana: Resident, ben: Resident
) -> None:
    """One of the two entries gives way, and every page tells of that."""
    one = await LocalPage(rooms, letter, ana, pycrdt.Doc(client_id=2000)).open()
    two = await LocalPage(rooms, letter, ana, pycrdt.Doc(client_id=1000)).open()
    his = await LocalPage(rooms, letter, ben).open()
    await asyncio.gather(one.saved(), two.saved(), his.saved())
    for page in (one, two):
        page.doc.get("placed", type=pycrdt.Map)["one"] = str(uuid4())
    await asyncio.gather(one.saved(), two.saved(), his.saved())
    for page in (his, one, two):
        await page.leave()
        page.type("x")
        await page.open()
        await page.saved()


def about(*ranges: object, id: object = "1_1", seen: object = 0) -> dict[str, Any]:
    of = [{"id": id, "seen": seen, "ranges": list(ranges)}]
    return {"n": 1, "verdict": "accept", "of": of}


BAD_DECISIONS: dict[str, Any] = {
    "no object": [1],
    "nothing": {},
    "no number": {"verdict": "accept", "of": []},
    "a number that is none": {"n": True, "verdict": "accept", "of": []},
    "a number below": {"n": -1, "verdict": "accept", "of": []},
    "a number beyond": {"n": 2**31, "verdict": "accept", "of": []},
    "another verdict": {"n": 1, "verdict": "maybe", "of": []},
    "a verdict of a list": {"n": 1, "verdict": ["accept"], "of": []},
    "of a text": {"n": 1, "verdict": "accept", "of": "1_1"},
    "another name": about(id="x"),
    "a name of a number": about(id=1),
    "seen as a text": about(seen=""),
    "ranges of two": about([1, 2]),
    "ranges below": about([1, -2, 9]),
    "ranges of texts": about("abc"),
    "too many": {"n": 1, "verdict": "accept", "of": about()["of"] * 501},
    "too many ranges": about(*[[1, 2, 3]] * 20_001),
}


@transactional
async def test_a_decision_that_nobody_can_have_made_is_refused(
    ground: Ground, letter: Letter, caplog: pytest.LogCaptureFixture
) -> None:
    hers, his = ground
    before = await in_thread(raw_rows, letter)
    frames = {name: decision(asked) for name, asked in BAD_DECISIONS.items()}
    raw = [b"{", b"\xff\xfe", b"[" * 100_000, b'{"n":' + b"1" * 5000 + b"}", b'"' + SECRET.encode()]
    frames |= {repr(data[:9]): bytes((protocol.DECISION,)) + uint(len(data)) + data for data in raw}
    for name, frame in frames.items():
        his.send(frame)
        assert await his.closed() == 4400, name
        await his.open()
        await his.saved()
    his.send(decision({"n": 1, "verdict": "accept", "of": []})[:-1])
    assert await his.closed() == 4400
    assert await in_thread(raw_rows, letter) == before
    assert hers.connected
    assert SECRET not in caplog.text


@transactional
async def test_decisions_are_settled_in_their_order_and_keep_no_thread_from_others(
    ground: Ground, letter: Letter, rooms: Rooms, sol: Resident
) -> None:
    hers, his = ground
    name = his.suggest(" his word")
    await his.saved()
    await agree(hers, his)
    unknown = {"verdict": "accept", "of": [{"id": "1_1", "seen": 0, "ranges": [[1, 2, 3]]}]}
    for number in range(100, 200):
        his.send(decision({"n": number, **unknown}))
    other = await in_thread(Letter.begin_personal, sol)
    page = await asyncio.wait_for(LocalPage(rooms, other, sol).open(), 2)
    page.type("meanwhile")
    await page.saved()
    first, second = hers.decide("accept", name), hers.decide("decline", name)
    await asyncio.gather(first, second)
    await his.saved()
    await agree(hers, his)
    assert hers.says()[-1][1] == "Mine, Her words 😀 stay. his word"


# -- Under somebody else's client id -------------------------------------------------------------


async def said(letter: Letter) -> list[tuple[str, object]]:
    """The last block and who wrote which part of it."""
    (*_, last) = await in_thread(authors.read, letter)
    return [(run.text, run.person_id) for run in last.runs]


@transactional
async def test_what_stands_on_the_first_page_is_nobodys_and_no_page_can_claim_it(
    ground: Ground, letter: Letter, ben: Resident
) -> None:
    """Pages come with client ids of 32 bits, and the server's own lie beyond (test_sync.py)."""
    assert ground.marker(0).client >= PAGES
    salutation, _ = await in_thread(authors.read, letter)
    assert {run.person_id for run in salutation.runs} == {None}


@transactional
async def test_a_page_forgotten_for_its_silence_is_known_again_when_it_writes(
    rooms: Rooms, letter: Letter, ana: Resident
) -> None:
    page = await LocalPage(rooms, letter, ana).open()
    await in_thread(Client.objects.filter(client_id=page.client_id).delete)
    page.type("At last.")
    await page.saved()
    assert await said(letter) == [("At last.", ana.pk)]


@transactional
async def test_what_another_process_wrote_keeps_its_author(
    rooms: Rooms, letter: Letter, ana: Resident, ben: Resident
) -> None:
    async with process() as elsewhere:
        hers = await LocalPage(rooms, letter, ana).open()
        his = await LocalPage(rooms, letter, ben).open()
        third = await LocalPage(elsewhere, letter, ben).open()  # has the room open, and behind
        hers.type("Hers.")
        await hers.saved()
        await his.until(lambda: his.text == "Hers.")
        await his.leave()
        his.rooms = elsewhere
        await his.come_back()
        elsewhere.open[letter.pk].tail.catch_up()
        await third.until(lambda: third.text == "Hers.")
        await asyncio.sleep(0.1)
        await his.come_back() if not his.connected else None
        await his.saved()
        assert await said(letter) == [("Hers.", ana.pk)]
        assert not await in_thread(Attribution.objects.filter(letter=letter).exists)


# -- What a crash took ---------------------------------------------------------------------------


@transactional
async def test_what_a_crash_swallowed_comes_back_with_the_page_that_saw_it(
    letter: Letter, ana: Resident, ben: Resident
) -> None:
    doomed = Rooms()
    hers = await LocalPage(doomed, letter, ana).open()
    his = await LocalPage(doomed, letter, ben).open()
    hers.type("kept 😀 ")
    await asyncio.gather(hers.saved(), his.saved())
    doomed.commit._take_off = lambda: None
    hers.type("lost")
    hers.rub_out(4, 6)
    await his.until(lambda: his.text == "kept lost")
    await lose(doomed, hers, his)
    assert await written(letter) == "kept 😀 "
    async with process() as rooms:
        his.rooms = rooms
        await his.open()
        await his.saved()
        assert await written(letter) == "kept lost"
        assert await said(letter) == [("kept lost", ana.pk)]
        # She had it as well, and typed on; it is there once.
        hers.rooms = rooms
        hers.type(" and found")
        await hers.open()
        await hers.saved()
        await agree(hers, his)
        assert await said(letter) == [("kept lost and found", ana.pk)]


@transactional
async def test_what_she_can_bring_herself_nobody_brings_for_her(
    letter: Letter, ana: Resident, ben: Resident
) -> None:
    doomed = Rooms()
    hers = await LocalPage(doomed, letter, ana).open()
    his = await LocalPage(doomed, letter, ben).open()
    hers.type("kept ")
    await asyncio.gather(hers.saved(), his.saved())
    doomed.commit._take_off = lambda: None
    hers.type("lost")
    await his.until(lambda: his.text == "kept lost")
    (lost,) = [kept for kept in his.kept if b"lost" in kept.update]
    await lose(doomed, hers, his)
    async with process() as rooms:
        hers.rooms = his.rooms = rooms
        twin = await LocalPage(rooms, letter, ben).open()  # a page that knows nothing of it
        await twin.saved()
        # Her page is here, but has not said yet what it knows.
        silent = LocalPage(rooms, letter, ana, pycrdt.Doc(client_id=hers.client_id))
        silent._hear = lambda frame: None
        await silent.connect()
        await twin.saved()
        for _ in range(2):
            twin.send(returned(lost.update, lost.receipt))
            await twin.saved()
        assert await written(letter) == "kept "
        await silent.leave()
        await hers.open()
        await hers.saved()
        assert await said(letter) == [("kept lost", ana.pk)]
        await his.open()
        await his.saved()
        await agree(hers, his, twin)
        # Later it is no news.
        before = await in_thread(raw_rows, letter)
        twin.send(returned(lost.update, lost.receipt))
        await twin.saved()
        assert await in_thread(raw_rows, letter) == before


@transactional
async def test_what_two_typed_into_one_another_comes_back_with_either_of_them(
    letter: Letter, ana: Resident, ben: Resident
) -> None:
    """Hers stands in his and his in hers; neither has a place without the other."""
    doomed = Rooms()
    hers = await LocalPage(doomed, letter, ana).open()
    his = await LocalPage(doomed, letter, ben).open()
    hers.type("kept ")
    await asyncio.gather(hers.saved(), his.saved())
    doomed.commit._take_off = lambda: None
    for number in range(4):
        hers.type(f"a{number} ")
        await agree(hers, his)
        his.set_kind(-1, "line" if number % 2 else "closing")
        his.type(f"b{number} ")
        await agree(hers, his)
        hers.set_kind(-1, "paragraph")
        await agree(hers, his)
    hers.rub_out(8, 11)
    his.rub_out(5, 8)
    hers.doc.get("placed", type=pycrdt.Map)["one"] = str(uuid4())
    hers.doc.get("placed", type=pycrdt.Map)["one"] = str(uuid4())
    await agree(hers, his)
    await his.until(lambda: hers.doc.get_state() == his.doc.get_state())
    await lose(doomed, hers, his)
    async with process() as rooms:
        his.rooms = rooms  # she is gone for good
        await his.open()
        await his.saved()
        assert his.text == await written(letter) == "kept a1 b1 a2 b2 a3 b3 "
        assert [(words.strip(), person) for words, person in await said(letter)] == [
            *(("kept a1", ana.pk), ("b1", ben.pk), ("a2", ana.pk)),
            *(("b2", ben.pk), ("a3", ana.pk), ("b3", ben.pk)),
        ]
        late = await LocalPage(rooms, letter, ana).open()
        await agree(his, late)


@transactional
async def test_a_receipt_for_her_words_brings_no_others_in_her_name(
    letter: Letter, ana: Resident, ben: Resident
) -> None:
    doomed = Rooms()
    hers = await LocalPage(doomed, letter, ana).open()
    his = await LocalPage(doomed, letter, ben).open()
    hers.type("kept.")
    await asyncio.gather(hers.saved(), his.saved())
    ground = Ground(hers, his)
    forged = write(
        hers.client_id,
        ground.clock_of(hers.client_id),
        [told(string(SECRET), STRING, ground.last)],
    )
    doomed.commit._take_off = lambda: None
    hers.type("lost")
    await his.until(lambda: his.text == "kept.lost")
    (lost,) = [kept for kept in his.kept if b"lost" in kept.update]
    await lose(doomed, hers, his)
    async with process() as rooms:
        for words, code in (
            (forged, 1008),
            (forged[:-1] + b"\x01" + uint(77) + b"\x01\x00\x05", 1008),
        ):
            page = LocalPage(rooms, letter, ben)
            page._answer = lambda state: None
            await page.open()
            page.send(returned(lost.update, lost.receipt))
            page.send(protocol.sync(protocol.STEP_2, words))
            assert await page.closed() == code
            assert await written(letter) == "kept."
        his.rooms = rooms
        await his.open()
        await his.saved()
        assert await said(letter) == [("kept.lost", ana.pk)]


@transactional
async def test_what_this_server_has_never_told_is_not_brought_back(
    ground: Ground, letter: Letter, rooms: Rooms, caplog: pytest.LogCaptureFixture
) -> None:
    hers, his = ground
    update = write(12345, 0, [told(string(SECRET), STRING, ground.last)])
    ahead = write(
        hers.client_id, ground.clock_of(hers.client_id), [told(string(SECRET), STRING, ground.last)]
    )
    hers.type(" Her last.")
    await his.until(lambda: his.text.endswith("last."))
    kept = his.kept[-1]
    await hers.saved()
    other = Receipts(uuid4())
    forged = {
        "no receipt": (update, bytes(16)),
        "of another letter": (update, other.of(update)),
        "under her id": (ahead, bytes(16)),
        "of other words": (update, kept.receipt),
        "of words that were changed": (kept.update.replace(b"Her", b"His"), kept.receipt),
        "one byte off": (kept.update, bytes([kept.receipt[0] ^ 1]) + kept.receipt[1:]),
        "nothing": (b"", bytes(16)),
    }
    before = await in_thread(raw_rows, letter)
    for name, frame in forged.items():
        his.kept.clear()
        his.send(returned(*frame))
        assert await his.closed() == 4400, name
        await his.open()
        await his.saved()
    # What was told, but follows something that is not there.
    late = Receipts(letter.pk)
    gap = write(12345, 7, [told(string(SECRET), STRING, ground.last)])
    gone = write(0, 0, [], [(hers.client_id, 0, 2**30)])
    for update in (gap, gone):
        his.kept.clear()
        his.send(returned(update, late.of(update)))
        assert await his.closed() == 1008
        await his.open()
        await his.saved()
    assert await in_thread(raw_rows, letter) == before
    assert hers.shows() == his.shows()
    assert SECRET not in caplog.text


# -- Awareness -----------------------------------------------------------------------------------


@transactional
async def test_a_presence_that_would_break_the_other_page_is_refused(ground: Ground) -> None:
    hers, his = ground
    for clock in (2**53, 2**60):
        his.send(protocol.awareness([protocol.Presence(his.client_id, clock, "{}")]))
        assert await his.closed() == 4400
        await his.open()
    his.send(protocol.awareness([protocol.Presence(2**53, 1, "{}")]))
    assert await his.closed() == 4400
    await his.open()
    his.appear(cursor=[1] * 1000)
    await hers.until(lambda: his.client_id in hers.presences)
    await hers.saved()
