"""Whoever does not show themselves: no name, no cursor, no rhythm, and no view of the other."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from couples.models import User
from letters.letter import hidden
from letters.live import protocol
from letters.live.loading import in_thread
from letters.live.registry import Rooms
from letters.models import Document, Letter, Update, Version
from letters.text import crdt, document
from letters.text.model import Kind
from tests.clients.socket import Page, agree
from tests.conftest import signed_in
from tests.letters.joint_letters import make_couples
from tests.letters.live.inprocess import LocalPage, empty, process
from tests.people import Household, Resident
from tests.server import Server

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
async def unseen(rooms: Rooms, letter: Letter, ben: Resident) -> LocalPage:
    """Ben's page. He does not show himself."""
    await in_thread(ben.show_presence, False)
    return await LocalPage(rooms, letter, ben).open()


@pytest.fixture
async def seen(rooms: Rooms, letter: Letter, ana: Resident, unseen: LocalPage) -> LocalPage:
    return await Listener(rooms, letter, ana).open()


class Listener(LocalPage):
    """Remembers what it was sent, but for what it asked for."""

    heard: list[bytes]
    greeting = b""

    def _hear(self, frame: bytes) -> None:
        if not hasattr(self, "heard"):
            self.heard = []
        if frame[:2] == bytes((protocol.SYNC, protocol.STEP_1)):
            self.greeting = protocol.payload(frame, 2)
        if frame[0] not in (protocol.BARRIER, protocol.DECISION):
            self.heard.append(frame)
        super()._hear(frame)


class Clock:
    """Strikes when it is told to, wherever it is asked for the time."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = datetime(2030, 5, 3, 12, tzinfo=UTC) + timedelta(seconds=1)
        self.waiting: list[tuple[datetime, Any]] = []
        loop = asyncio.get_running_loop()
        call_later = loop.call_later

        def later(delay: float, function: Any, *args: Any) -> Any:
            if getattr(function, "__name__", "") != "_release":
                return call_later(delay, function, *args)
            self.waiting.append((self.now + timedelta(seconds=delay), lambda: function(*args)))
            return asyncio.TimerHandle(0, function, args, loop)

        monkeypatch.setattr(loop, "call_later", later, raising=False)
        monkeypatch.setattr(timezone, "now", lambda: self.now)

    def go_on(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)
        due = [strike for at, strike in self.waiting if at <= self.now]
        self.waiting = [(at, strike) for at, strike in self.waiting if at > self.now]
        for strike in due:
            strike()


@pytest.fixture
async def clock(monkeypatch: pytest.MonkeyPatch, seen: LocalPage, unseen: LocalPage) -> Clock:
    """Both are here, and everything has been said."""
    await asyncio.gather(seen.saved(), unseen.saved())
    return Clock(monkeypatch)


async def everything(letter: Letter, reader: User) -> list[str]:
    blocks = await in_thread(lambda: document.blocks(letter.load(reader)))
    return [block.text for block in blocks]


async def said(letter: Letter, reader: User) -> list[str]:
    return (await everything(letter, reader))[1:]


# -- Who is here ---------------------------------------------------------------------------------


async def test_nothing_that_an_unseen_page_says_of_itself_reaches_the_other(
    seen: LocalPage, unseen: LocalPage, rooms: Rooms, letter: Letter
) -> None:
    unseen.appear(cursor={"anchor": 1})
    late = await LocalPage(rooms, letter).open()
    unseen.socket.send(protocol.awareness([protocol.Presence(unseen.client_id, 9, protocol.GONE)]))
    await unseen.saved()  # all of it has been handled
    await asyncio.gather(seen.saved(), late.saved())
    assert seen.presences == late.presences == {}


async def test_an_unseen_page_does_not_see_either(seen: LocalPage, unseen: LocalPage) -> None:
    seen.appear(cursor=1)
    await seen.until(lambda: seen.client_id in seen.presences)
    unseen.socket.send(bytes([protocol.QUERY_AWARENESS]))
    await unseen.saved()
    assert unseen.presences == {}
    # ... and a page that goes away is no news either.
    seen.socket.abort()
    await unseen.saved()
    assert unseen.presences == {}


async def test_nobody_can_tell_from_frames_whether_an_unseen_page_is_open(
    rooms: Rooms, letter: Letter, ana: Resident, ben: Resident
) -> None:
    """A room that is open already answers in another order and other pieces; where one of the two
    does not show themselves, it does not."""
    await in_thread(ben.show_presence, False)

    async def greeting() -> list[bytes]:
        page = Listener(rooms, letter, ana)
        await page.open()
        await page.saved()
        await page.leave()
        return [frame[:2] for frame in page.heard]

    writer = await LocalPage(rooms, letter, ben).open()
    writer.type("some words, ")
    await writer.saved()
    writer.type("in two rows")
    await writer.saved()
    await writer.leave()
    await empty(rooms)
    nobody = await greeting()
    await empty(rooms)
    his = await LocalPage(rooms, letter, ben).open()
    somebody = await greeting()
    his.appear(cursor=1)
    his.type("!")
    await his.saved()
    writing = await greeting()
    assert nobody == somebody == writing == [b"\x65\x01", b"\x00\x00", b"\x00\x01"]


async def test_an_unseen_page_that_comes_and_goes_sends_nobody_anything(
    rooms: Rooms, letter: Letter, seen: Listener, unseen: LocalPage, ben: Resident
) -> None:
    await seen.saved()
    seen.heard.clear()
    other = await LocalPage(rooms, letter, ben).open()
    other.appear(cursor=1)
    await other.saved()
    await other.leave()
    await unseen.leave()
    await seen.saved()
    assert seen.heard == []


async def test_his_pages_do_not_use_up_hers(
    rooms: Rooms, letter: Letter, seen: LocalPage, unseen: LocalPage, ben: Resident
) -> None:
    """A refused socket would tell that somebody is here."""
    for _ in range(30):
        page = await LocalPage(rooms, letter, ben).open(wait=False)
        await asyncio.sleep(0)
    assert await page.closed() == 1013
    for _ in range(5):
        await LocalPage(rooms, letter).open()


# -- What is written -----------------------------------------------------------------------------


async def test_words_of_an_unseen_page_come_everywhere_in_one_piece_and_at_one_moment(
    seen: Listener,
    unseen: LocalPage,
    clock: Clock,
    rooms: Rooms,
    letter: Letter,
    ana: Resident,
    ben: Resident,
) -> None:
    as_ana, as_ben = await in_thread(lambda: (signed_in(ana), signed_in(ben)))

    async def everywhere(reader: Resident, browser: Client, process: Rooms) -> list[bool]:
        """Whether his words are on the read page, in an answer to a page that knows nothing, in
        what a greeting says is known, in a version, and in what one can keep."""
        page = Listener(process, letter, reader)
        await page.open()
        await page.saved()
        told = crdt.state(page.greeting).get(unseen.client_id, 0)
        pages = [await in_thread(lambda path=path: browser.get(path)) for path in paths]
        version = await in_thread(
            lambda: Version.take(letter, Version.Kind.NAMED, by=reader, name="now")
        )
        assert version
        await page.leave()
        return [
            *("slowly" in answer.content.decode() for answer in pages),
            "slowly" in page.text,
            told > before,
            "slowly" in version.blocks[-1].text,
            "slowly" in str(await said(letter, reader)),
        ]

    paths = [
        reverse("letters:letter", args=[letter.pk]),
        reverse("letters:letter_read", args=[letter.pk]),
        reverse("letters:letter_authors", args=[letter.pk]),
        *(reverse("letters:letter_keep", args=[letter.pk, form]) for form in ("txt", "md")),
    ]
    before = crdt.state(unseen.doc.get_state()).get(unseen.client_id, 0)
    seen.heard.clear()
    for word in ("slowly", " and", " surely"):
        unseen.type(word)
        await unseen.saved()  # saved at once, like everybody's
        clock.go_on(1)
    async with process() as elsewhere:
        for server in (rooms, elsewhere):
            assert not any(await everywhere(ana, as_ana, server))
            assert all(await everywhere(ben, as_ben, server))
        clock.go_on(5.9)  # one second before the stroke
        assert not any(await everywhere(ana, as_ana, rooms))
        assert not any(await everywhere(ana, as_ana, elsewhere))
        assert seen.heard == []
        assert seen.text == ""
        clock.go_on(0.2)
        await agree(seen, unseen)
        assert seen.text == "slowly and surely"
        assert [frame[:2] for frame in seen.heard] == [bytes((protocol.SYNC, protocol.UPDATE))]
        for server in (rooms, elsewhere):
            assert all(await everywhere(ana, as_ana, server))


async def test_the_pages_of_another_process_have_them_at_the_same_moment(
    seen: LocalPage, unseen: LocalPage, clock: Clock, letter: Letter, ana: Resident, ben: Resident
) -> None:
    async with process() as elsewhere:
        hers = await LocalPage(elsewhere, letter, ana).open()
        his = await LocalPage(elsewhere, letter, ben).open()
        await asyncio.gather(hers.saved(), his.saved())
        unseen.type("hello")
        await unseen.saved()
        elsewhere.open[letter.pk].tail.catch_up()
        await his.until(lambda: his.text == "hello")  # his own, on his other device
        clock.go_on(8.9)
        await hers.saved()
        assert seen.text == hers.text == ""
        clock.go_on(0.2)
        await agree(seen, hers, unseen)
        assert hers.text == "hello"


async def test_what_an_unseen_page_decides_or_takes_out_waits_as_well(
    seen: LocalPage, unseen: LocalPage, clock: Clock, letter: Letter, ana: Resident
) -> None:
    seen.type("kept, gone")
    name = seen.suggest(" and proposed")
    await seen.saved()
    await agree(seen, unseen)
    before = [("salutation", "Dear Relationship,"), ("paragraph", "kept, gone")]
    assert seen.says() == before
    await unseen.settled("accept", name)
    await unseen.until(lambda: unseen.says()[-1][1] == "kept, gone and proposed")
    unseen.erase(unseen.marker(-1) + 5, 6)
    await unseen.saved()
    await seen.saved()
    assert seen.says() == before
    assert await said(letter, ana) == ["kept, gone"]
    clock.go_on(10)
    await seen.until(lambda: seen.says()[-1][1] == "kept and proposed")
    assert await said(letter, ana) == ["kept and proposed"]


async def test_both_unseen_have_each_other_s_words_later_and_their_own_at_once(
    rooms: Rooms, letter: Letter, ana: Resident, ben: Resident, monkeypatch: pytest.MonkeyPatch
) -> None:
    for person in (ana, ben):
        await in_thread(person.show_presence, False)
    hers = await LocalPage(rooms, letter, ana).open()
    tablet = await LocalPage(rooms, letter, ana).open()
    his = await LocalPage(rooms, letter, ben).open()
    await asyncio.gather(hers.saved(), his.saved(), tablet.saved())
    clock = Clock(monkeypatch)
    hers.write("From her. ", at=1)
    his.type("from him")
    await asyncio.gather(hers.saved(), his.saved())
    await tablet.until(lambda: tablet.shows()[0][1].startswith("From her."))
    dear = "Dear Relationship,"
    assert [await everything(letter, person) for person in (ana, ben)] == [
        [f"From her. {dear}"],
        [dear, "from him"],
    ]
    for page in (hers, his):
        await page.leave()
        await page.open()
        await page.saved()
    assert [text for _, text in hers.shows()] == [f"From her. {dear}", ""]
    assert [text for _, text in his.shows()] == [dear, "from him"]
    clock.go_on(10)
    await agree(hers, his, tablet)
    assert await everything(letter, ana) == [f"From her. {dear}", "from him"]


async def test_what_the_server_does_for_somebody_is_made_of_what_they_see(
    seen: LocalPage, unseen: LocalPage, clock: Clock, letter: Letter, ana: Resident, ben: Resident
) -> None:
    """A restore that takes out words which have not reached her would tell of them."""
    seen.type("old words")
    await seen.saved()
    old = await in_thread(lambda: Version.take(letter, Version.Kind.NAMED, by=ana, name="old"))
    seen.type(", and new ones")
    await seen.saved()
    await agree(seen, unseen)
    unseen.split()
    unseen.type("hidden as yet")
    await unseen.saved()
    row = await in_thread(lambda: Document.objects.get(pk=letter.pk).seq)
    assert old is not None
    await in_thread(old.restore, ana)
    assert await said(letter, ana) == ["old words"]
    assert await said(letter, ben) == ["old words", "hidden as yet"]
    log = await in_thread(lambda: Document.read(letter.pk, row, reader=ana.pk))
    seen_by_her = (await in_thread(letter.load, ana)).get_state()
    assert all(crdt.reaches(seen_by_her, update) for update in log.updates)
    clock.go_on(10)
    await agree(seen, unseen)
    assert seen.says()[1:] == [("paragraph", "old words"), ("paragraph", "hidden as yet")]


async def test_what_the_server_does_for_an_unseen_person_waits_as_well(
    seen: LocalPage, unseen: LocalPage, clock: Clock, letter: Letter, ana: Resident, ben: Resident
) -> None:
    unseen.type("typed")
    await unseen.saved()
    him = await in_thread(lambda: User.objects.get(pk=ben.pk))
    await in_thread(letter.add, him, Kind.LINE, "added")
    await unseen.until(lambda: ("line", "added") in unseen.says())
    await seen.saved()
    assert await said(letter, ana) == []
    assert ("line", "added") not in seen.says()
    clock.go_on(10)
    await agree(seen, unseen)
    assert seen.says()[1:] == [("paragraph", "typed"), ("line", "added")]


async def test_what_is_hidden_stays_in_the_log_when_the_letter_is_folded(
    seen: LocalPage, unseen: LocalPage, clock: Clock, rooms: Rooms, letter: Letter, ana: Resident
) -> None:
    seen.type("hers ")
    await seen.saved()
    await agree(seen, unseen)
    unseen.type("his")
    await unseen.saved()
    seen.type(", after", at=4)
    await seen.saved()
    assert await in_thread(Document.compact, letter.pk)
    assert unseen.person

    def rows() -> list[tuple[int, Any]]:
        return list(Update.objects.order_by("seq").values_list("seq", "by"))

    assert await in_thread(rows) == [(2, unseen.person.pk), (3, None)]
    assert await said(letter, ana) == ["hers, after "]
    assert not await in_thread(Document.compact, letter.pk)
    await unseen.leave()
    await seen.leave()
    await empty(rooms)
    assert await in_thread(rows) == [(2, unseen.person.pk), (3, None)]
    clock.go_on(10)
    assert await said(letter, ana) == ["hers, after his"]
    assert await in_thread(Document.compact, letter.pk)
    assert await in_thread(rows) == []
    assert await said(letter, ana) == ["hers, after his"]


async def test_what_an_unseen_page_brings_back_of_its_own_waits_as_well(
    seen: LocalPage, unseen: LocalPage, clock: Clock, rooms: Rooms, letter: Letter, ben: Resident
) -> None:
    """His other device brings what he had typed before the server went down."""
    other = await LocalPage(rooms, letter, ben).open()
    await other.saved()
    lost = await in_thread(lambda: Update.objects.count())
    unseen.type("his")
    await other.until(lambda: other.text == "his")
    await unseen.saved()
    for page in (unseen, other, seen):
        await page.leave()
    await empty(rooms)
    await in_thread(lambda: Update.objects.filter(seq__gt=lost).delete())
    await in_thread(lambda: Document.objects.update(seq=lost))
    other.barriers.clear()
    await seen.open()
    await other.open()
    await other.saved()
    await seen.saved()
    assert await said(letter, ben) == ["his"]
    assert seen.text == ""
    clock.go_on(10)
    await agree(seen, other)


# -- Versions ------------------------------------------------------------------------------------


async def test_no_version_tells_when_somebody_wrote_or_left(
    seen: LocalPage, unseen: LocalPage, clock: Clock, rooms: Rooms, letter: Letter, ana: Resident
) -> None:
    def versions() -> list[Version]:
        return list(Version.objects.filter(letter=letter).order_by("number"))

    room = rooms.open[letter.pk]
    unseen.type("of today")
    await unseen.saved()
    clock.go_on(20)
    await agree(seen, unseen)
    room.maintenance.take_version()
    await unseen.leave()
    await seen.leave()
    await empty(rooms)
    assert await in_thread(versions) == []
    # From the next day on there is one of the end of this one, for whoever looks first.
    await in_thread(Version.take_of_day, await in_thread(_fresh, letter))
    assert await in_thread(versions) == []
    clock.go_on(12 * 3600)
    await in_thread(Version.take_of_day, await in_thread(_fresh, letter))
    await in_thread(Version.take_of_day, await in_thread(_fresh, letter))
    (version,) = await in_thread(versions)
    assert version.is_quiet
    assert version.blocks[-1].text == "of today"
    browser = await in_thread(signed_in, ana)
    page = await in_thread(lambda: browser.get(reverse("letters:versions", args=[letter.pk])))
    html = page.content.decode()
    assert "12:00" not in html
    assert "May 3" in html or "3 May" in html


def _fresh(letter: Letter) -> Letter:
    return Letter.objects.with_people().get(pk=letter.pk)


def test_the_moment_in_which_something_shows_is_a_stroke_for_everybody_alike() -> None:
    start = datetime(2030, 5, 3, 12, tzinfo=UTC)
    shown = {hidden.shown_at(start + timedelta(seconds=n / 10)) for n in range(50)}
    assert shown == {start + timedelta(seconds=10)}
    assert hidden.shown_at(start + timedelta(seconds=5)) == start + timedelta(seconds=15)


# -- On the real server --------------------------------------------------------------------------


def told(page: Page) -> list[int]:
    """What the server says about being seen, as it says it."""
    heard: list[int] = []
    hear = page._hear

    def listen(frame: bytes) -> None:
        if frame[0] == protocol.PRESENCE:
            heard.append(frame[1])
        hear(frame)

    page._hear = listen
    return heard


async def test_changing_ones_mind_reaches_the_pages_that_are_open(
    start_server: Callable[..., Server],
) -> None:
    server = start_server()
    (couple,) = make_couples(server, 1)
    ben = couple.page(couple.ben)
    heard = told(ben)
    await ben.open()
    assert heard == [1]
    server.shell(
        "from couples.models import User\n"
        f"User.objects.get(pk={couple.ben_user!r}).show_presence(False)"
    )
    assert await ben.closed() == 1012  # which means: come back
    await ben.come_back()
    assert heard == [1, 0]


@pytest.mark.slow
async def test_words_of_an_unseen_page_come_later_on_a_real_server(
    start_server: Callable[..., Server],
) -> None:
    server = start_server()
    (couple,) = make_couples(server, 1)
    server.shell(
        "from couples.models import User\n"
        f"User.objects.get(pk={couple.ben_user!r}).show_presence(False)"
    )
    ana, ben = await couple.both()
    await asyncio.gather(ana.saved(), ben.saved())
    loop = asyncio.get_running_loop()
    started = loop.time()
    words: list[bytes] = []
    for number in range(8):
        ben.type(f"{number} ")
        await ben.saved()
        await asyncio.sleep(0.05)
    ana.on_update = words.append
    while ana.text != ben.text:
        await asyncio.sleep(0.02)
        assert loop.time() - started < 16
    assert loop.time() - started >= 4.5
    assert len(words) <= 2  # a stroke may have come in the middle of it


def test_the_switch_is_ones_own(as_ana: Client, household: Household) -> None:
    assert as_ana.post("/home/us/presence/", {"shown": "off"}).status_code == 302
    ana, ben = (User.objects.get(pk=each.pk) for each in (household.ana, household.ben))
    assert not ana.shows_presence
    assert ben.shows_presence
    page = as_ana.post("/home/us/presence/", {"shown": "on"}, headers={"HX-Request": "true"})
    assert page.status_code == 204
    ana.refresh_from_db()
    assert ana.shows_presence
