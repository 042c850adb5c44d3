"""Being signed in: what a copy of the database is good for, how long it lasts, and how it ends."""

import re
from typing import Any

import pytest
from django.contrib.sessions.backends.base import UpdateError
from django.core.exceptions import ImproperlyConfigured
from django.db import connections
from django.test import Client
from django.urls import reverse

from couples.account.sessions import SessionStore
from couples.crypto import keyring
from couples.models import Session
from tests.conftest import Mailbox, signed_in
from tests.people import PASSWORD, Resident

pytestmark = pytest.mark.django_db

HOME, LIST = reverse("couples:home"), reverse("usersessions_list")


def cookie(client: Client) -> str:
    return client.cookies["session"].value


def is_in(client: Client) -> bool:
    return client.get(HOME).status_code == 200


def plain(value: object) -> str:
    if isinstance(value, bytes | memoryview):
        return bytes(value).decode("latin-1")
    return str(value)


def everything_stored() -> bytes:
    """Every value of every column of both databases."""
    found: list[str] = []
    for alias in ("default", "keys"):
        with connections[alias].cursor() as cursor:
            for table in connections[alias].introspection.table_names():
                cursor.execute(f'SELECT * FROM "{table}"')  # noqa: S608 # a name from the database
                found += (plain(value) for row in cursor.fetchall() for value in row)
    return "\n".join(found).encode()


@pytest.mark.each_database
def test_no_key_code_or_token_lies_in_the_database(ana: Resident, mailbox: Mailbox) -> None:
    client = Client(headers={"user-agent": "A canary among browsers"})
    client.post(reverse("account_request_login_code"), {"email": ana.email})
    code = re.search(r"Your code is ([\w-]+)\.", str(mailbox()[-1].body))
    assert code
    other = signed_in(ana)
    other.post(reverse("principles:reminder"), {"at": "08:00", "weekdays": "0"})
    ana.refresh_from_db()
    token = ana.reminder.token
    assert other.post(reverse("principles:reminder_off", args=[token])).status_code == 200
    before_signing_in = cookie(client)
    stored = everything_stored()
    client.post(reverse("account_confirm_login_code"), {"code": code[1]})
    assert is_in(client)
    stored += everything_stored()
    assert ana.email.encode() in stored
    secrets = [code[1], token, before_signing_in, cookie(client), cookie(other)]
    assert [each for each in secrets if each.encode() in stored] == []
    for word in (b"canary among browsers", b"_auth_user", b"account_login", b"127.0.0.1"):
        assert word not in stored


@pytest.mark.each_database
def test_the_names_of_the_rows_sign_nobody_in(ana: Resident) -> None:
    mine = signed_in(ana)
    assert is_in(mine)
    for key_hash in Session.objects.values_list("pk", flat=True):
        for guess in (key_hash, key_hash[:32], key_hash[:40]):
            thief = Client()
            thief.cookies["session"] = guess
            assert not is_in(thief)
    assert is_in(mine)


def test_what_a_session_holds_opens_in_its_own_row_alone(ana: Resident, ben: Resident) -> None:
    """Ana's content under Ben's name would make him her."""
    hers, his = signed_in(ana), signed_in(ben)
    stored: Any = Session.objects.by_key(cookie(hers)).values_list("data", flat=True)[0]
    with connections["default"].cursor() as cursor:
        cursor.execute(
            "UPDATE couples_session SET data = %s WHERE key_hash = %s",
            [bytes(stored), Session.objects.by_key(cookie(his)).get().pk],
        )
    assert not is_in(his)
    assert is_in(hers)


def test_without_the_master_key_a_copy_opens_nothing(ana: Resident, settings: Any) -> None:
    mine = signed_in(ana)
    key = cookie(mine)
    settings.MASTER_KEYS = {"test": b"another key of thirty-two bytes!"}
    keyring._ring = None
    with pytest.raises(ImproperlyConfigured, match="not the one that the stored data"):
        SessionStore(key).load()


def test_a_change_of_the_master_key_signs_nobody_out(ana: Resident, settings: Any) -> None:
    mine = signed_in(ana)
    settings.MASTER_KEYS = {"new": b"another key of thirty-two bytes!"} | settings.MASTER_KEYS
    keyring._ring = None
    assert is_in(mine)


# -- Elsewhere -----------------------------------------------------------------------------------


def test_each_browser_is_listed_and_one_is_ended(ana: Resident) -> None:
    def sign_in(agent: str) -> Client:
        client = Client(headers={"user-agent": agent})
        client.post(reverse("account_login"), {"login": ana.email, "password": PASSWORD})
        return client

    phone, laptop, tablet = (sign_in(agent) for agent in ("phone", "laptop", "tablet"))
    page = phone.get(LIST).text
    assert page.count("Another browser") == 2
    assert page.count("This browser") == 1
    assert re.findall(r'class="agent"[^>]*>(\w+)', page) == ["tablet", "laptop", "phone"]
    assert cookie(laptop) not in page
    end(phone, Session.objects.by_key(cookie(laptop)).get().pk)
    assert [is_in(each) for each in (phone, laptop, tablet)] == [True, False, True]
    end(phone, "")
    assert [is_in(each) for each in (phone, laptop, tablet)] == [True, False, False]
    assert "Sign all the others out" not in phone.get(LIST).text


def end(client: Client, which: str) -> str:
    return client.post(LIST, {"session": which} if which else {}, follow=True).text


def test_nobody_ends_the_sessions_of_somebody_else(ana: Resident, ben: Resident) -> None:
    hers, his = signed_in(ana), signed_in(ben)
    end(his, Session.objects.by_key(cookie(hers)).get().pk)
    end(his, "")
    assert is_in(hers)


def test_another_password_leaves_no_session_of_before(ana: Resident) -> None:
    mine, other = signed_in(ana), signed_in(ana)
    new = {"password1": "a swim before breakfast", "password2": "a swim before breakfast"}
    mine.post(reverse("account_change_password"), {"oldpassword": PASSWORD} | new)
    assert is_in(mine)
    assert not is_in(other)
    assert Session.objects.of(ana).count() == 1


def test_signing_out_leaves_no_row(ana: Resident) -> None:
    mine = signed_in(ana)
    key = cookie(mine)
    mine.post(reverse("account_logout"))
    assert not Session.objects.by_key(key).exists()


def test_a_session_that_was_ended_does_not_come_back(ana: Resident) -> None:
    """A page that is being made meanwhile saves what it has, and makes no row of it."""
    mine = signed_in(ana)
    session = SessionStore(cookie(mine))
    session["seen"] = True
    Session.objects.of(ana).delete()
    with pytest.raises(UpdateError):
        session.save()
    assert not Session.objects.exists()
