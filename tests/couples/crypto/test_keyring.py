import base64
import os
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import connections

from couples.crypto import keyring
from couples.crypto.keyring import Binding, DataKey, DecryptionError, KeyRing, decrypt, encrypt
from couples.ids import uuid7
from tests.server import Server

pytestmark = pytest.mark.django_db

BINDING = Binding("letters_reflection", "row", "text")


def test_what_is_sealed_opens_again_in_its_place() -> None:
    encrypted = encrypt(uuid7(), BINDING, b"kettle")
    assert b"kettle" not in encrypted
    assert decrypt(BINDING, encrypted) == b"kettle"


@pytest.mark.parametrize(
    "elsewhere",
    [
        BINDING._replace(table="principles_pledge"),
        BINDING._replace(row="another"),
        BINDING._replace(field="note"),
        Binding("letters_reflectionrow", "", "text"),
    ],
)
def test_a_moved_ciphertext_is_refused(elsewhere: Binding) -> None:
    encrypted = encrypt(uuid7(), BINDING, b"kettle")
    with pytest.raises(DecryptionError):
        decrypt(elsewhere, encrypted)


@pytest.mark.parametrize("position", [0, 1, 20, 30, -1])
def test_a_changed_byte_is_refused(position: int) -> None:
    encrypted = bytearray(encrypt(uuid7(), BINDING, b"kettle"))
    encrypted[position] ^= 1
    with pytest.raises(DecryptionError):
        decrypt(BINDING, bytes(encrypted))


@pytest.mark.parametrize("length", [0, 1, 17, 29, 44])
def test_a_cut_ciphertext_is_refused(length: int) -> None:
    with pytest.raises(DecryptionError):
        decrypt(BINDING, encrypt(uuid7(), BINDING, b"kettle")[:length])


def test_the_key_of_one_owner_does_not_open_what_another_sealed() -> None:
    ours, theirs = encrypt(uuid7(), BINDING, b"kettle"), encrypt(uuid7(), BINDING, b"kettle")
    swapped = theirs[: keyring.HEADER] + ours[keyring.HEADER :]
    with pytest.raises(DecryptionError):
        decrypt(BINDING, swapped)


def test_the_same_words_never_look_the_same() -> None:
    owner = uuid7()
    assert encrypt(owner, BINDING, b"yes") != encrypt(owner, BINDING, b"yes")


def test_data_keys_live_in_the_key_store_only() -> None:
    encrypt(uuid7(), BINDING, b"kettle")
    assert DataKey.objects.db == "keys"
    assert "couples_datakey" not in connections["default"].introspection.table_names()
    assert "couples_user" not in connections["keys"].introspection.table_names()


def test_a_data_key_is_stored_wrapped() -> None:
    key_id, opened = keyring.ring().for_owner(uuid7())
    wrapped = bytes(DataKey.objects.get(id=key_id).wrapped)
    assert len(wrapped) == 12 + 32 + 16
    encrypted = opened.encrypt(b"0" * 12, b"kettle", None)
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    with pytest.raises(InvalidTag):
        AESGCM(wrapped[12:44]).decrypt(b"0" * 12, encrypted, None)


def test_an_older_master_key_still_opens_and_the_first_one_seals() -> None:
    old, new = os.urandom(32), os.urandom(32)
    owner = uuid7()
    before, _ = KeyRing({"old": old}).for_owner(owner)
    ring = KeyRing({"new": new, "old": old})
    assert ring.for_owner(owner)[0] == before
    later, _ = ring.for_owner(uuid7())
    assert DataKey.objects.get(id=later).master == "new"


def test_a_missing_master_key_is_named() -> None:
    KeyRing({"old": os.urandom(32)}).for_owner(uuid7())
    with pytest.raises(ImproperlyConfigured, match="does not hold the key “old”"):
        KeyRing({"new": os.urandom(32)}).check()


def test_a_wrong_master_key_is_named() -> None:
    KeyRing({"k1": os.urandom(32)}).for_owner(uuid7())
    with pytest.raises(ImproperlyConfigured, match="holds a key “k1”, but not the one"):
        KeyRing({"k1": os.urandom(32)}).check()


def test_a_key_row_given_to_another_owner_does_not_open() -> None:
    ring = KeyRing({"k1": os.urandom(32)})
    key_id, _ = ring.for_owner(uuid7())
    DataKey.objects.filter(id=key_id).update(owner=uuid7())
    with pytest.raises(ImproperlyConfigured):
        ring.check()


@pytest.mark.django_db(transaction=True)
def test_an_owner_gets_one_key_however_many_ask_at_once() -> None:
    owner = uuid7()

    def ask(_: int) -> UUID:
        try:
            return KeyRing(settings.MASTER_KEYS).for_owner(owner)[0]
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as threads:
        assert len(set(threads.map(ask, range(8)))) == 1
    assert DataKey.objects.filter(owner=owner).count() == 1


def test_the_wrong_master_key_stops_the_server_with_one_sentence(
    new_databases: Callable[[], dict[str, str]], start_server: Callable[..., Server]
) -> None:
    server = start_server()
    server.shell(
        "from couples.crypto import keyring; from couples.ids import uuid7;"
        "keyring.encrypt(uuid7(), keyring.Binding('a', 'b', 'c'), b'x')"
    )
    server.kill()
    wrong = "test:" + base64.urlsafe_b64encode(os.urandom(32)).decode()
    done = subprocess.run(
        [sys.executable, "-m", "uvicorn", "config.asgi:application", "--port", str(server.port)],
        env=server.environment | {"MASTER_KEYS": wrong},
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert done.returncode != 0
    assert "MASTER_KEYS holds a key “test”, but not the one" in done.stderr
    assert "Traceback" not in done.stderr
