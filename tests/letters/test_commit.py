"""Group commit: together, in order, and called saved only afterwards."""

import asyncio
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread
from time import sleep
from typing import Any
from uuid import UUID

import pytest
from django.db import connection, connections, transaction

from couples.models import User
from letters import commit as commits
from letters import crdt
from letters.commit import Batch, Commit
from letters.loading import in_thread
from letters.models import Document, Entry, Letter, Update

pytestmark = pytest.mark.django_db(transaction=True)


class Writer:
    """A source that remembers what it is told."""

    def __init__(self, letter: Letter) -> None:
        self.letter_id = letter.pk
        self.owner_id = letter.key_owner_id
        self.batch: Batch | None = None
        self.seqs: list[int] = []
        self.failures = 0

    def written(self, seq: int) -> None:
        self.seqs.append(seq)

    def unwritable(self) -> None:
        self.failures += 1


async def landed(*writers: Writer) -> None:
    async with asyncio.timeout(10):
        for writer in writers:
            while writer.batch is not None:
                await writer.batch.landed()


@pytest.fixture
def letters(sol: User) -> list[Letter]:
    return [Letter.begin_personal(sol) for _ in range(3)]


@pytest.fixture
async def commit() -> Any:
    commit = Commit()
    yield commit
    await commit.stop(patience=0.1)


def rows(letter: Letter) -> list[tuple[int, list[bytes]]]:
    """The rows as the ORM's own sealed field opens them."""
    found = Update.objects.filter(letter=letter).order_by("seq")
    return [(row.seq, list(crdt.unpack(row.data))) for row in found]


# -- Rows ----------------------------------------------------------------------------------------


def test_a_row_holds_the_bytes_that_were_sent_and_the_orm_can_read_it(
    letters: list[Letter],
) -> None:
    one, two, three = letters
    entries = [Entry(x.pk, x.key_owner_id, [b"first", b"second " * 99]) for x in (one, two)]
    assert Update.objects.append(entries) == {one.pk: 1, two.pk: 1}
    assert Update.objects.append(entries[:1]) == {one.pk: 2}
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
    assert Update.objects.append(entries) == {one.pk: 1}


def test_two_rooms_of_one_letter_in_one_commit_are_both_written(letters: list[Letter]) -> None:
    """One was abandoned when it could not be read, and its successor is open already."""
    letter = letters[0]
    entries = [Entry(letter.pk, letter.key_owner_id, [data]) for data in (b"old", b"new")]
    assert Update.objects.append(entries) == {letter.pk: 1}
    assert rows(letter) == [(1, [b"old", b"new"])]


def test_two_processes_number_the_rows_of_a_letter_without_gaps(letters: list[Letter]) -> None:
    """Both write to the same letters, named in opposite order: neither numbers nor locks clash."""
    seqs: dict[UUID, list[int]] = {letter.pk: [] for letter in letters}
    start = threading.Barrier(2)

    def write(mine: list[Letter]) -> None:
        start.wait()
        for number in range(25):
            data = [b"%d" % number]
            entries = [Entry(letter.pk, letter.key_owner_id, data) for letter in mine]
            for letter_id, seq in Update.objects.append(entries).items():
                seqs[letter_id].append(seq)
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
    commit.add(one, b"first")
    await asyncio.sleep(0)  # the first commit is on its way now
    await asyncio.sleep(0)
    for number in range(20):
        commit.add(one, b"%d" % number)
        commit.add(two, b"%d" % number)
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
        commit.add(writer, b"x")
        assert writer.batch is not None
        said = asyncio.create_task(writer.batch.landed())
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
                commit.add(writer, b"%d" % number)
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
        commit.add(writer, b"x")
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
        assert not commit.full
        commit.add(writer, b"x" * 600)
        await asyncio.sleep(0.05)
        commit.add(writer, b"x" * 600)
        assert commit.full
    await landed(writer)
    assert not commit.full


async def test_stopping_writes_what_is_held(letters: list[Letter]) -> None:
    commit = Commit()
    writer = Writer(letters[0])
    for number in range(3):
        commit.add(writer, b"%d" % number)
        await asyncio.sleep(0)
    await commit.stop(patience=10)
    kept = await in_thread(rows, letters[0])
    assert [row for _, updates in kept for row in updates] == [b"0", b"1", b"2"]


async def test_stopping_does_not_wait_for_ever(letters: list[Letter]) -> None:
    commit = Commit()
    writer = Writer(letters[0])
    with database_away():
        commit.add(writer, b"x")
        await asyncio.wait_for(commit.stop(patience=0.2), 9)
    assert (writer.seqs, writer.failures) == ([], 1)


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
