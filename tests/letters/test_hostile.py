"""Pages that mean harm: what they send closes their own connection or does nothing, whatever they
write is read as plain words, and nobody writes under somebody else's name."""

import asyncio
import random
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pycrdt
import pytest
from django.test import Client as Browser
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bench.client import Page, agree
from couples.models import User
from letters import authors, crdt, wire
from letters.loading import in_thread
from letters.models import Attribution, Client, Document, Entry, Letter, Update
from letters.rooms import Rooms
from tests.letters.inprocess import LocalPage, empty, written
from tests.letters.served import Served, make_couples
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
    doc: Any = pycrdt.Doc(client_id=page.client_id)
    doc.apply_update(page.doc.get_update())
    frames: list[bytes] = []
    doc.observe(lambda event: frames.append(wire.sync(wire.UPDATE, event.update)))
    blocks = doc.get("letter", type=pycrdt.XmlFragment).children
    blocks.append(pycrdt.XmlElement("line", {"a": "b"}, contents=[pycrdt.XmlText("hello 👍")]))
    text = blocks[len(blocks) - 1].children[0]
    text.format(0, 5, {"em": {}, "note": {"id": "x"}})
    text.insert_embed(2, {"any": [1.5, None, True]})
    del text[0:3]
    frames += [
        wire.sync(wire.STEP_1, doc.get_state()),
        wire.sync(wire.STEP_2, doc.get_update()),
        wire.awareness([wire.Presence(page.client_id, 1, '{"user": {"name": "Ben"}}')]),
        bytes((wire.BARRIER, 1)),
    ]
    return frames


async def test_a_thousand_bad_frames_cost_nobody_else_anything(couple: Served) -> None:
    chance = random.Random(7)
    ana, ben = await couple.both()
    ana.type("before ")
    await ana.saved()
    # What Ben sends may happen to be a paragraph; she goes on in hers.
    hers = ana.paragraph
    assert hers is not None
    before = await asyncio.to_thread(memory, couple.server)
    for _ in range(60):
        frames = honest(ben)
        for _ in range(18):
            frame = mutated(chance, chance.choice(frames))
            ben.socket.send(frame if chance.random() < 0.8 else chance.randbytes(len(frame)))
        hers += "x"
        await ana.saved()
        await ben.close()
        ben = await couple.page(couple.ben).open()
    hers += " after"
    await ana.saved()
    assert await asyncio.to_thread(memory, couple.server) - before < BEARABLE
    assert ana.connected
    stood = couple.server.shell(
        "from letters import document\nfrom letters.models import Letter\n"
        f"letter = Letter.objects.get(pk={couple.joint!r})\n"
        "print(document.to_text(document.blocks(document.load(letter))))"
    )
    assert "before " + "x" * 60 + " after" in stood
    log = couple.server.log_tail()
    assert "Traceback" not in log
    assert "panicked" not in log or "could not be loaded" not in log


async def test_a_letter_is_not_filled_beyond_its_size(couple: Served) -> None:
    ana, ben = await couple.both()
    ana.type("before")
    await ana.saved()
    before = await asyncio.to_thread(memory, couple.server)
    for _ in range(8):
        ben.type("x" * (2 * MB))
        assert await ben.closed() in (4413, 1009)
        ben = await couple.page(couple.ben).open()
    assert await asyncio.to_thread(memory, couple.server) - before < BEARABLE
    # In pieces that are small enough each.
    while ben.connected:
        ben.type("y" * (MB // 8))
        await asyncio.sleep(0.01)
    assert await ben.closed() == 4413
    late = await couple.page(couple.ben).open()
    assert len(late.text) <= MB
    await late.until(lambda: late.text.startswith("before"))
    late.erase(6, len(late.text))
    await late.saved()
    await agree(ana, late)
    ana.type(", after")
    await ana.saved()


# -- Words that would like to be more ------------------------------------------------------------

NASTY = [
    *("script", "p onclick=x", "img/src=x/onerror=alert(1)", "style", "iframe", "a", "", "\x00"),
    *("paragraph", "line", "signature", "hard_break", "letter", "__proto__", "</p><script>"),
]
WORDS = ["<script>alert(1)</script>", "\"'><svg onload=alert(1)>", "javascript:alert(1)", "plain"]
MARKS = [
    *("strong", "em", "note", "insertion", "deletion", "insertion--AAAA", "note--", "--"),
    *("onclick", "href", "style", "class", "script", "<b>", "constructor", "__proto__"),
]
VALUES: list[Any] = [
    *(
        {},
        {"id": "<x>"},
        {"id": None},
        {"id": ["a", {"b": 1}]},
        {"id": "../" * 50, "who": "one two"},
    ),
    *({"id": 1e308, "who": {"toString": "x"}}, {"who": '"><img src=x>'}, "javascript:alert(1)"),
    *(True, False, None, [], 0, -1.5, {"id": "x" * 2000}),
]
values = st.sampled_from(VALUES)
texts = st.lists(
    st.tuples(st.sampled_from(WORDS), st.dictionaries(st.sampled_from(MARKS), values, max_size=3)),
    min_size=1,
    max_size=3,
)
nodes: st.SearchStrategy[Any] = st.recursive(
    texts,
    lambda inner: st.tuples(
        st.sampled_from(NASTY),
        st.dictionaries(st.sampled_from(["onclick", "src", "style", "id"]), st.sampled_from(WORDS)),
        st.lists(inner, max_size=3),
    ),
    max_leaves=8,
)


def plant(children: Any, node: Any) -> None:
    if isinstance(node, list):
        children.append(pycrdt.XmlText("."))
        text = children[len(children) - 1]
        for words, marks in node:
            text.insert(len(text), words, dict(marks))
        return
    name, attributes, inner = node
    children.append(pycrdt.XmlElement(name, dict(attributes)))
    for child in inner:
        plant(children[len(children) - 1].children, child)


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
@given(planted=st.lists(nodes, min_size=1, max_size=4))
def test_no_words_become_markup_on_any_page(
    planted: list[Any], letter: Letter, ben: User, as_ana: Browser
) -> None:
    doc: Any = pycrdt.Doc()
    Client.register(letter, doc.client_id, ben.pk)
    doc.apply_update(Document.objects.get(letter=letter).snapshot)
    before = doc.get_state()
    root = doc.get("letter", type=pycrdt.XmlFragment)
    for node in planted:
        plant(root.children, node)
    update = doc.get_update(before)
    crdt.weigh(update)
    Update.objects.append([Entry(letter.pk, letter.key_owner_id, [update])])
    for path in ("", "read/", "read/?notes=1", "authors/"):
        answer = as_ana.get(f"/letters/{letter.pk}/{path}")
        assert answer.status_code == 200, path
        html = answer.content.decode()
        for harm in ("<script>alert", "<svg onload", "<img src=x", "<iframe"):
            assert harm not in html
        if path:
            assert Letterhead(html).found <= HARMLESS
    authors.to_json(authors.read(letter))
    assert Document.compact(letter.pk) in (True, False)


# -- Under somebody else's name ------------------------------------------------------------------

transactional = pytest.mark.django_db(transaction=True)


class Theirs(LocalPage):
    """A page of a certain person."""

    def __init__(self, rooms: Rooms, letter: Letter, person: User, doc: Any = None) -> None:
        super().__init__(rooms, letter, doc)
        self.person = person

    async def connect(self) -> None:
        await in_thread(Client.register, self.letter, self.client_id, self.person.pk)
        await super().connect()


async def said(letter: Letter) -> list[tuple[str, object]]:
    """The last block and who wrote which part of it."""
    (*_, last) = await in_thread(authors.read, letter)
    return [(run.text, run.person_id) for run in last.runs]


def forged(page: LocalPage, client_id: int, words: str) -> bytes:
    """An update that writes behind the last words, under a client id of one's choice."""
    doc: Any = pycrdt.Doc(client_id=client_id)
    doc.apply_update(page.doc.get_update())
    before = doc.get_state()
    root = doc.get("letter", type=pycrdt.XmlFragment)
    text = root.children[len(root.children) - 1].children[0]
    text.insert(len(text), words)
    update: bytes = doc.get_update(before)
    return update


@transactional
async def test_a_page_writes_under_its_own_client_id_only(
    rooms: Rooms, letter: Letter, ana: User, ben: User
) -> None:
    hers = await Theirs(rooms, letter, ana).open()
    his = await Theirs(rooms, letter, ben).open()
    hers.type("Hers.")
    await hers.saved()
    await his.until(lambda: his.text == "Hers.")
    for client_id in (hers.client_id, 12345):
        his.socket.send(wire.sync(wire.UPDATE, forged(his, client_id, " Not hers.")))
        # It may come back: Yjs takes a new client id where two have the same.
        assert await his.closed() == 1008
        await his.open()
    assert hers.connected
    assert await said(letter) == [("Hers.", ana.pk)]


@transactional
async def test_a_client_id_in_a_longer_spelling_is_somebody_elses(
    rooms: Rooms, letter: Letter, ben: User
) -> None:
    page = await Theirs(rooms, letter, ben, pycrdt.Doc(client_id=7)).open()
    page.type("x")
    await page.saved()
    update = forged(page, 7, "y")
    assert update[:3] == b"\x01\x01\x07"
    page.socket.send(wire.sync(wire.UPDATE, b"\x01\x01\x87\x00" + update[3:]))
    assert await page.closed() == 1008


@transactional
async def test_what_is_brought_under_anothers_name_is_by_whoever_brought_it(
    rooms: Rooms, letter: Letter, ana: User, ben: User
) -> None:
    hers = await Theirs(rooms, letter, ana).open()
    his = await Theirs(rooms, letter, ben).open()
    hers.type("Hers.")
    await hers.saved()
    await his.until(lambda: his.text == "Hers.")
    his.socket.send(wire.sync(wire.STEP_2, forged(his, hers.client_id, " Not hers.")))
    await his.saved()
    assert await said(letter) == [("Hers.", ana.pk), (" Not hers.", ben.pk)]
    his.socket.send(wire.sync(wire.STEP_2, forged(his, 12345, " Nobody's.")))
    await his.saved()
    for _ in range(2):
        first, *rest = await said(letter)
        assert first == ("Hers.", ana.pk)
        assert {person for _, person in rest} == {ben.pk}
        assert len("".join(words for words, _ in rest)) == len(" Not hers. Nobody's.")
        if hers.connected:
            await hers.leave()
            await his.leave()
            await empty(rooms)


@transactional
async def test_what_a_crash_swallowed_comes_back_with_the_page_that_saw_it(
    rooms: Rooms, letter: Letter, ana: User, ben: User
) -> None:
    hers = await Theirs(rooms, letter, ana).open()
    his = await Theirs(rooms, letter, ben).open()
    hers.type("kept ")
    await hers.saved()
    await his.until(lambda: his.text == "kept ")
    # Relayed, and then the power went: nothing of it is written.
    lost = forged(hers, hers.client_id, "lost")
    his.doc.apply_update(lost)
    await his.leave()
    await hers.leave()
    await empty(rooms)
    await his.open()
    await his.saved()
    assert await written(letter) == "kept lost"
    assert await said(letter) == [("kept ", ana.pk), ("lost", ben.pk)]


@transactional
async def test_what_another_process_wrote_is_not_taken_for_brought(
    rooms: Rooms, letter: Letter, ana: User, ben: User
) -> None:
    from tests.letters.inprocess import process

    async with process() as elsewhere:
        hers = await Theirs(rooms, letter, ana).open()
        his = await Theirs(rooms, letter, ben).open()
        third = await Theirs(elsewhere, letter, ben).open()  # has the room open, and behind
        hers.type("Hers.")
        await hers.saved()
        await his.until(lambda: his.text == "Hers.")
        await his.leave()
        his.rooms = elsewhere
        await his.open()
        await his.saved()
        await third.until(lambda: third.text == "Hers.")
        assert await said(letter) == [("Hers.", ana.pk)]
        assert not await in_thread(Attribution.objects.filter(letter=letter).exists)


@transactional
async def test_a_page_forgotten_for_its_silence_is_known_again_when_it_writes(
    rooms: Rooms, letter: Letter, ana: User
) -> None:
    page = await Theirs(rooms, letter, ana).open()
    await in_thread(Client.objects.filter(client_id=page.client_id).delete)
    page.type("At last.")
    await page.saved()
    assert await said(letter) == [("At last.", ana.pk)]
