"""Long letters are reckoned about in a process of their own, and the result is the same."""

import os
import pickle
import signal
import subprocess
import sys
import time
from pathlib import Path

import _bootstrap as house
import pytest

from couples.models import User
from letters.models import Letter, Version
from letters.text import document, offload
from letters.text.authorship import Authors
from letters.text.edit import Editor
from letters.text.model import Kind
from tests.letters.live.offloaded import die, divide, process
from tests.letters.writing import write
from tests.people import Resident

DEAR = document.first_page(["a line"])


@pytest.fixture
def long_letters(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every letter is one."""
    monkeypatch.setattr(offload, "LONG", 0)


def test_a_short_letter_is_looked_through_where_it_is() -> None:
    assert offload.offload(process, [b"x" * (offload.LONG - 1)])[0] == os.getpid()


def test_a_long_one_is_another_process_s_of_low_priority_and_without_settings() -> None:
    pid, niceness, is_configured, surroundings = offload.offload(process, [b"x" * offload.LONG])
    assert pid != os.getpid()
    assert niceness >= offload.NICE
    assert not is_configured
    assert not {"SECRET_KEY", "MASTER_KEYS", "DATABASE_URL"} & surroundings
    assert offload.offload(process, [b"x"] * offload.LONG)[0] == pid


@pytest.mark.usefixtures("long_letters")
def test_where_the_process_dies_the_letter_is_looked_through_here_and_then_there_is_a_new_one(
    caplog: pytest.LogCaptureFixture,
) -> None:
    before = offload.offload(process, [])[0]
    assert offload.offload(die, [], os.getpid()) == "told"
    assert "beside the others" in caplog.text
    after = offload.offload(process, [])[0]
    assert after not in (before, os.getpid())


@pytest.mark.usefixtures("long_letters")
def test_what_goes_wrong_in_the_process_is_raised_here() -> None:
    with pytest.raises(ZeroDivisionError):
        offload.offload(divide, [])
    assert offload.offload(process, [])[0] != os.getpid()


@pytest.mark.usefixtures("long_letters")
def test_what_cannot_be_handed_over_is_in_nobodys_way() -> None:
    before = offload.offload(process, [])[0]
    with pytest.raises((AttributeError, pickle.PicklingError)):
        offload.offload(process, [], b"x" * 100_000, lambda: None)
    assert offload.offload(process, [])[0] == before


@pytest.mark.usefixtures("long_letters")
def test_the_process_says_the_same() -> None:
    authors = Authors()
    assert offload.offload(offload.tell, [DEAR], authors) == offload.tell([DEAR], authors)
    blocks = [document.Block(Kind.LINE, (document.Run("Other words."),))]
    made = offload.offload(offload.edit, [DEAR], User().pk, Editor.bring, blocks)
    told = offload.tell([DEAR, made.update], authors)
    assert told.digest == document.digest(blocks)


@pytest.mark.django_db
@pytest.mark.usefixtures("long_letters")
def test_versions_of_a_long_letter_are_taken_and_brought_back(
    letter: Letter, ana: Resident, ben: Resident
) -> None:
    write(letter, ana, "From Ana.")
    one = Version.take(letter, Version.Kind.NAMED, by=ana, name="one")
    write(letter, ben, "From Ben.")
    two = Version.take(letter, Version.Kind.AUTOMATIC)
    assert one
    assert two
    assert list(two.writers.all()) == [ben]
    again = one.restore(ben)
    assert again
    assert again.authored == one.authored
    assert {run.person_id for run in again.authored[1].runs} == {ana.pk}


@pytest.mark.skipif(sys.platform == "win32", reason="nobody is killed there")
def test_a_server_that_is_killed_leaves_no_process_behind() -> None:
    script = (
        "from letters.text import offload; from tests.letters.live.offloaded import process\n"
        "print(offload.offload(process, [b'x' * offload.LONG])[0], flush=True); input()"
    )
    running = subprocess.Popen(
        [sys.executable, "-c", script],
        cwd=house.ROOT,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert running.stdout
    child = int(running.stdout.readline())
    assert is_running(child)
    running.send_signal(signal.SIGKILL)
    running.communicate()
    for _ in range(600):
        if not is_running(child):
            return
        time.sleep(0.1)
    pytest.fail("it is still there after a minute")


def is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    # Where nobody looks after orphans it stays, as a zombie.
    stat = Path("/proc", str(pid), "stat")
    return not (stat.exists() and stat.read_text().rpartition(")")[2].split()[0] == "Z")
