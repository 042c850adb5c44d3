"""Another master key takes the place of the one there was, and nothing becomes unreadable."""

import base64
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from _bootstrap import ROOT
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command

from couples.crypto import keyring
from couples.crypto.keyring import Binding, DataKey, KeyRing, decrypt, encrypt
from couples.ids import uuid7

pytestmark = pytest.mark.django_db

BINDING = Binding("letters_reflection", "row", "text")
OLD, NEW = os.urandom(32), os.urandom(32)


def use(**masters: bytes) -> KeyRing:
    """As a process does that starts with these, in this order."""
    keyring._ring = KeyRing(masters)
    return keyring._ring


def test_what_was_written_opens_with_the_new_key_alone(capsys: pytest.CaptureFixture[str]) -> None:
    use(old=OLD)
    written = [encrypt(uuid7(), BINDING, b"kettle %d" % number) for number in range(5)]
    # A server that has been running all the time knows both.
    meanwhile = use(new=NEW, old=OLD)
    call_command("rotate_master_key")
    assert "5 data keys are wrapped with “new” now." in capsys.readouterr().out
    for ring in (meanwhile, use(new=NEW)):
        keyring._ring = ring
        assert [decrypt(BINDING, each) for each in written] == [b"kettle %d" % n for n in range(5)]
    use(old=OLD)
    with pytest.raises(ImproperlyConfigured, match="does not hold the key “new”"):
        decrypt(BINDING, written[0])


def test_a_second_time_there_is_nothing_to_do() -> None:
    use(old=OLD).for_owner(uuid7())
    ring = use(new=NEW, old=OLD)
    assert (ring.rewrap(), ring.rewrap()) == (1, 0)


def test_without_the_old_key_nothing_is_changed() -> None:
    use(old=OLD).for_owner(uuid7())
    use(older=os.urandom(32)).for_owner(uuid7())
    before = list(DataKey.objects.order_by("id").values_list("master", "wrapped"))
    use(new=NEW, old=OLD)
    with pytest.raises(CommandError, match="does not hold the key “older”"):
        call_command("rotate_master_key")
    assert list(DataKey.objects.order_by("id").values_list("master", "wrapped")) == before


def test_a_key_that_is_destroyed_meanwhile_stays_destroyed() -> None:
    use(old=OLD).for_owner(uuid7())
    ring = use(new=NEW, old=OLD)
    row = DataKey.objects.get()
    DataKey.objects.all().delete()
    assert ring._rewrap(row) == 0
    assert not DataKey.objects.exists()


def test_a_server_that_still_makes_keys_with_the_old_one_is_told_of(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    use(old=OLD).for_owner(uuid7())
    ring = use(new=NEW, old=OLD)

    def and_then_another(this: KeyRing = ring) -> int:
        count = KeyRing.rewrap(this)
        KeyRing({"old": OLD}).for_owner(uuid7())
        return count

    monkeypatch.setattr(ring, "rewrap", and_then_another)
    with pytest.raises(CommandError, match="1 were made meanwhile with another one"):
        call_command("rotate_master_key")


BEGIN = """
import django; django.setup()
from couples.crypto.keyring import Binding, DataKey, KeyRing, decrypt, encrypt, ring
BINDING = Binding("letters_reflection", "row", "text")
"""
MANY = """
from uuid import uuid4
for number in range(1200):
    print(encrypt(uuid4(), BINDING, b"kettle").hex())
"""
OPEN = """
for line in open({place!r}):
    assert decrypt(BINDING, bytes.fromhex(line)) == b"kettle"
print(*sorted(DataKey.objects.values_list("master", flat=True).distinct()))
"""
# In the middle of the second transaction.
DIES = """
import os, signal
rewrap, done = KeyRing._rewrap, []
def dying(self, row):
    done.append(row)
    return rewrap(self, row) if len(done) < 700 else os.kill(os.getpid(), signal.SIGKILL)
KeyRing._rewrap = dying
ring().rewrap()
"""


def test_killed_half_way_it_goes_on_where_it_was(
    new_databases: Callable[[], dict[str, str]], tmp_path: Path
) -> None:
    old, new = (base64.urlsafe_b64encode(key).decode() for key in (OLD, NEW))
    databases = new_databases()

    def run(code: str, masters: str) -> subprocess.CompletedProcess[str]:
        env = os.environ | databases | {"MASTER_KEYS": masters}
        command = [sys.executable, "-c", BEGIN + code]
        return subprocess.run(command, env=env, cwd=ROOT, capture_output=True, text=True)

    place = tmp_path / "written"
    place.write_text(run(MANY, f"old:{old}").stdout)
    look = OPEN.format(place=str(place))
    assert run(DIES, f"new:{new},old:{old}").returncode == -signal.SIGKILL
    assert run(look, f"new:{new},old:{old}").stdout == "new old\n"
    assert run("print(ring().rewrap())", f"new:{new},old:{old}").stdout == "700\n"
    assert run(look, f"new:{new}").stdout == "new\n"
