"""Group commit: together, in order, and called saved only afterwards."""

import asyncio
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from functools import partial
from threading import Thread
from time import sleep
from typing import Any
from uuid import UUID

import pytest
from django.db import connection, connections, transaction

from letters.live import group_commit as commits
from letters.live.group_commit import Batch, Commit, Part
from letters.live.loading import in_thread
from letters.models import Document, Entry, Hidden, Letter, Update
from letters.text import crdt
from tests.conftest import TEST_DATABASE
from tests.people import Resident

pytestmark = pytest.mark.django_db(transaction=True)

NOW = datetime(2030, 1, 1, tzinfo=UTC)


class Writer:
    """A source that remembers what it is told."""

    def __init__(self, letter: Letter) -> None:
        self.letter_id = letter.pk
        self.owner_id = letter.key_owner_id
        self.batch: Batch | None = None
        self.seqs: list[int] = []
        self.failures = 0

    def written(self, seqs: list[int]) -> None:
        self.seqs += seqs

    def unwritable(self) -> None:
        self.failures += 1


async def landed(*writers: Writer) -> None:
    async with asyncio.timeout(10):
        for writer in writers:
            while writer.batch is not None:
                await writer.batch.landed(writer)


def part(*updates: bytes, hidden: Hidden | None = None) -> Part:
    return Part(list(updates), [], [], hidden)


@pytest.fixture
def letters(sol: Resident) -> list[Letter]:
    return [Letter.begin_personal(sol) for _ in range(3)]


@pytest.fixture
async def commit() -> Any:
    commit = Commit()
    yield commit
    await commit.stop(patience=0.1)


def rows(letter: Letter) -> list[tuple[int, list[bytes]]]:
    """The rows as the ORM's own encrypted field opens them."""
    found = Update.objects.filter(letter=letter).order_by("seq")
    return [(row.seq, list(crdt.unpack(row.data))) for row in found]


# -- Rows ----------------------------------------------------------------------------------------


def test_a_row_holds_the_bytes_that_were_sent_and_the_orm_can_read_it(
    letters: list[Letter],
) -> None:
    one, two, three = letters
    entries = [Entry(x.pk, x.key_owner_id, [b"first", b"second " * 99]) for x in (one, two)]
    assert Update.objects.append(entries) == ({one.pk: [1], two.pk: [1]}, set())
    assert Update.objects.append(entries[:1]) == ({one.pk: [2]}, set())
    assert rows(one) == [(1, [b"first", b"second " * 99]), (2, [b"first", b"second " * 99])]
    assert len(rows(two)) == 1
    assert rows(three) == []


def test_what_the_orm_writes_is_read_back_with_the_rest(letters: list[Letter]) -> None:
    letter = letters[0]
    Update.objects.create(letter=letter, seq=1, data=crdt.pack([b"by the orm"]))
    Document.objects.filter(letter=letter).update(seq=1)
    Update.objects.append([Entry(letter.pk, letter.key_owner_id, [b"by the commit"])])
    log = Document.read(letter.pk, after=0)
    assert (log.seq, log.updates) == (2, [b"by the orm", b"by the commit"])


def test_letters_that_are_gone_are_missing_from_the_answer(letters: list[Letter]) -> None:
    one, two, _ = letters
    entries = [Entry(letter.pk, letter.key_owner_id, [b"x"]) for letter in (one, two)]
    two.delete()
    for wait in (True, False):
        written = Update.objects.append(entries, wait=wait)
        assert list(written.seqs) == [one.pk]
        assert not written.locked


def test_two_rooms_of_one_letter_in_one_commit_are_both_written(letters: list[Letter]) -> None:
    """One was abandoned when it could not be read, and its successor is open already."""
    letter = letters[0]
    entries = [Entry(letter.pk, letter.key_owner_id, [data]) for data in (b"old", b"new")]
    assert Update.objects.append(entries) == ({letter.pk: [1, 2]}, set())
    assert rows(letter) == [(1, [b"old"]), (2, [b"new"])]


def test_two_processes_number_the_rows_of_a_letter_without_gaps(letters: list[Letter]) -> None:
    """Both write to the same letters, named in opposite order: neither numbers nor locks clash."""
    seqs: dict[UUID, list[int]] = {letter.pk: [] for letter in letters}
    start = threading.Barrier(2)

    def write(mine: list[Letter]) -> None:
        start.wait()
        for number in range(25):
            data = [b"%d" % number]
            entries = [Entry(letter.pk, letter.key_owner_id, data) for letter in mine]
            for letter_id, found in Update.objects.append(entries).seqs.items():
                seqs[letter_id] += found
        connections.close_all()

    threads = [Thread(target=write, args=[order]) for order in (letters, letters[::-1])]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(sorted(found) == list(range(1, 51)) for found in seqs.values())


# -- Together, and then "saved" ------------------------------------------------------------------


async def test_what_is_typed_meanwhile_goes_into_one_row(
    commit: Commit, letters: list[Letter]
) -> None:
    one, two = (Writer(letter) for letter in letters[:2])
    commit.add(one, part(b"first"))
    await asyncio.sleep(0)  # the first commit is on its way now
    await asyncio.sleep(0)
    for number in range(20):
        commit.add(one, part(b"%d" % number))
        commit.add(two, part(b"%d" % number))
    assert commit.held(two) == [b"%d" % number for number in range(20)]
    await landed(one, two)
    assert one.seqs == [1, 2]
    assert two.seqs == [1]
    assert commit.held(one) == []
    kept = await in_thread(rows, letters[0])
    assert kept == [(1, [b"first"]), (2, [b"%d" % number for number in range(20)])]


async def test_saved_is_said_after_the_commit_and_not_before(
    commit: Commit, letters: list[Letter]
) -> None:
    writer = Writer(letters[0])
    with database_away():
        commit.add(writer, part(b"x"))
        assert writer.batch is not None
        said = asyncio.create_task(writer.batch.landed(writer))
        await asyncio.sleep(0.4)
        assert not said.done()
        assert commit.held(writer) == [b"x"]
    await asyncio.wait_for(said, 10)
    assert await in_thread(rows, letters[0]) == [(1, [b"x"])]


async def test_a_database_that_comes_back_gets_everything(
    commit: Commit, letters: list[Letter], caplog: pytest.LogCaptureFixture
) -> None:
    writers = [Writer(letter) for letter in letters]
    with database_away():
        for number in range(30):
            for writer in writers:
                commit.add(writer, part(b"%d" % number))
            await asyncio.sleep(0.02)
        assert not any(writer.seqs or writer.failures for writer in writers)
    await landed(*writers)
    for letter in letters:
        kept = await in_thread(rows, letter)
        assert [row for _, updates in kept for row in updates] == [b"%d" % n for n in range(30)]
    assert "trying again" in caplog.text


async def test_a_letter_that_cannot_be_written_holds_up_no_other(
    commit: Commit, letters: list[Letter], caplog: pytest.LogCaptureFixture
) -> None:
    broken, gone, fine = (Writer(letter) for letter in letters)
    # Its next number is taken.
    await in_thread(lambda: Update.objects.create(letter=letters[0], seq=1, data=b""))
    await in_thread(letters[1].delete)
    for writer in (broken, gone, fine):
        commit.add(writer, part(b"x"))
    await landed(broken, gone, fine)
    assert (broken.failures, gone.failures, fine.failures) == (1, 1, 0)
    assert fine.seqs == [1]
    assert "cannot be written" in caplog.text


async def test_memory_for_what_waits_is_bounded(
    commit: Commit, letters: list[Letter], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(commits, "MAX_HELD", 1000)
    writer = Writer(letters[0])
    with database_away():
        full = [commit.full]
        commit.add(writer, part(b"x" * 600))
        await asyncio.sleep(0.05)
        commit.add(writer, part(b"x" * 600))
        full.append(commit.full)
    await landed(writer)
    full.append(commit.full)
    assert full == [False, True, False]


async def test_stopping_writes_what_is_held(letters: list[Letter]) -> None:
    commit = Commit()
    writer = Writer(letters[0])
    for number in range(3):
        commit.add(writer, part(b"%d" % number))
        await asyncio.sleep(0)
    await commit.stop(patience=10)
    kept = await in_thread(rows, letters[0])
    assert [row for _, updates in kept for row in updates] == [b"0", b"1", b"2"]


async def test_stopping_does_not_wait_for_ever(letters: list[Letter]) -> None:
    commit = Commit()
    writer = Writer(letters[0])
    with database_away():
        commit.add(writer, part(b"x"))
        await asyncio.wait_for(commit.stop(patience=0.2), 9)
    assert (writer.seqs, writer.failures) == ([], 1)


async def test_what_is_hidden_has_rows_of_its_own_in_the_order_of_writing(
    commit: Commit, letters: list[Letter], sol: Resident
) -> None:
    writer = Writer(letters[0])
    until = [Hidden(sol.pk, datetime(2030, 1, day, tzinfo=UTC)) for day in (1, 2)]
    said = [(b"a", None), (b"b", until[0]), (b"c", until[0]), (b"d", until[1]), (b"e", None)]
    for update, hidden in said:
        commit.add(writer, part(update, hidden=hidden))
    await landed(writer)
    assert writer.seqs == [1, 2, 3, 4]
    found = await in_thread(lambda: list(Update.objects.order_by("seq")))
    assert [(list(crdt.unpack(row.data)), row.by, row.hidden_until) for row in found] == [
        ([b"a"], None, None),
        ([b"b", b"c"], *until[0]),
        ([b"d"], *until[1]),
        ([b"e"], None, None),
    ]


# -- One that holds up no other ------------------------------------------------------------------


@contextmanager
def row_locked(letter: Letter) -> Iterator[None]:
    """Somebody holds the letter, as a signature does; on SQLite that holds everything."""
    locked, go = threading.Event(), threading.Event()

    def keep() -> None:
        with transaction.atomic():
            Document.objects.select_for_update().get(pk=letter.pk)
            locked.set()
            go.wait(10)
        connections.close_all()

    thread = Thread(target=keep)
    thread.start()
    locked.wait(10)
    try:
        yield
    finally:
        go.set()
        thread.join()


needs_row_locks = pytest.mark.skipif(
    TEST_DATABASE == "sqlite", reason="SQLite knows no locks of rows"
)


@needs_row_locks
async def test_a_letter_whose_row_is_locked_is_written_apart_and_in_its_order(
    commit: Commit, letters: list[Letter]
) -> None:
    locked, *others = (Writer(letter) for letter in letters)
    behind: list[int] = []
    with row_locked(letters[0]):
        for number in range(8):
            for writer in (locked, *others):
                commit.add(writer, part(b"%d" % number))
            assert locked.batch is not None
            locked.batch.when_written(locked, partial(behind.append, number))
            await landed(*others)
        assert locked.seqs == behind == []
        assert commit.held(locked) == [b"%d" % number for number in range(8)]
        assert all(writer.seqs for writer in others)
    await landed(locked)
    assert behind == list(range(8))
    kept = await in_thread(rows, letters[0])
    assert [row for _, updates in kept for row in updates] == [b"%d" % n for n in range(8)]
    assert [seq for seq, _ in kept] == locked.seqs == list(range(1, len(kept) + 1))
    # And then it is one among the others again.
    commit.add(locked, part(b"after"))
    await landed(locked)
    assert not commit.apart


@needs_row_locks
async def test_more_locked_letters_than_threads_are_all_written_in_the_end(
    commit: Commit, sol: Resident
) -> None:
    letters = await in_thread(lambda: [Letter.begin_personal(sol) for _ in range(7)])
    writers = [Writer(letter) for letter in letters]
    free = writers[-1]
    with ExitStack() as locks:
        for letter in letters[:-1]:
            locks.enter_context(row_locked(letter))
        for writer in writers:
            commit.add(writer, part(b"x"))
        await landed(free)
        commit.add(free, part(b"y"))
        await landed(free)
        assert not any(writer.seqs for writer in writers[:-1])
    await landed(*writers)
    assert [writer.seqs for writer in writers] == [[1]] * 6 + [[1, 2]]


@needs_row_locks
async def test_a_locked_letter_that_is_closed_by_who_holds_it_cannot_be_written(
    commit: Commit, letters: list[Letter]
) -> None:
    """Both have sealed it: what was on its way comes too late, and is not called saved."""
    writer, other = (Writer(letter) for letter in letters[:2])
    with row_locked(letters[0]):
        commit.add(writer, part(b"x"))
        commit.add(other, part(b"x"))
        await landed(other)
    await landed(writer)
    assert (writer.seqs, writer.failures) == ([1], 0)
    await in_thread(lambda: Document.objects.filter(pk=letters[0].pk).update(closed_at=NOW))
    commit.add(writer, part(b"y"))
    commit.add(other, part(b"y"))
    await landed(writer, other)
    assert (writer.seqs, writer.failures, other.seqs) == ([1], 1, [1, 2])


async def test_an_error_in_one_rooms_books_costs_no_other_its_saved(
    commit: Commit, letters: list[Letter], caplog: pytest.LogCaptureFixture
) -> None:
    class Muddled(Writer):
        def written(self, seqs: list[int]) -> None:
            raise RuntimeError("lost the books")

    writers = [Muddled(letters[0]), Writer(letters[1]), Writer(letters[2])]
    saved: list[int] = []
    for number, writer in enumerate(writers):
        commit.add(writer, part(b"x"))
        assert writer.batch is not None
        writer.batch.when_written(writer, partial(saved.append, number))
        writer.batch.when_written(writer, lambda: 1 / 0)
    await landed(*writers)
    assert saved == [0, 1, 2]
    assert [writer.seqs for writer in writers] == [[], [1], [1]]
    assert caplog.text.count("could not take note") == 1
    # The next commit is not kept from taking off, either.
    commit.add(writers[1], part(b"y"))
    await landed(*writers)
    assert writers[1].seqs == [1, 2]


# -- A database that does not answer -------------------------------------------------------------


@contextmanager
def database_away() -> Iterator[None]:
    """The database refuses for as long as the block runs: SQLite's file is locked by somebody
    else for longer than anybody waits; PostgreSQL ends every connection that wants to write."""
    if connection.vendor == "sqlite":
        options = connections.settings["default"]["OPTIONS"]
        patience, options["timeout"] = options["timeout"], 0.05
        other = sqlite3.connect(connection.settings_dict["NAME"], isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        try:
            yield
        finally:
            options["timeout"] = patience
            other.execute("ROLLBACK")
            other.close()
        return
    back, ready = threading.Event(), threading.Event()

    def keep_away() -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("LOCK TABLE letters_document IN ACCESS EXCLUSIVE MODE")
            ready.set()
            while not back.wait(0.02):
                cursor.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_locks"
                    " WHERE NOT granted AND relation = 'letters_document'::regclass"
                )
        connections.close_all()

    thread = Thread(target=keep_away)
    thread.start()
    ready.wait()
    try:
        yield
    finally:
        back.set()
        thread.join()
        sleep(0)
