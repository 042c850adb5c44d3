"""Being signed in: what a copy of the database is good for, how long it lasts, and how it ends."""

import re
from datetime import timedelta
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.contrib.sessions.backends.base import UpdateError
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.db import connections
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from couples.account.sessions import SessionStore
from couples.crypto import keyring
from couples.models import Session
from couples.realtime.socket_auth import OpenSocket, identify, revoked
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
    other.post(reverse("principles:reminder"), {"at": "08:00", "days": ["0"]})
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
    """With the fresh sign-in that it takes."""
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD, "next": LIST})
    return client.post(LIST, {"session": which} if which else {}, follow=True).text


def test_ending_one_asks_for_a_fresh_sign_in(ana: Resident) -> None:
    mine, other = signed_in(ana), signed_in(ana)
    answer = mine.post(LIST)
    assert answer["Location"].startswith(reverse("account_reauthenticate"))
    assert is_in(other)


NEW = {"password1": "a swim before breakfast", "password2": "a swim before breakfast"}


def changed_mails(mailbox: Mailbox) -> list[list[str]]:
    found = [mail for mail in mailbox() if mail.subject == "How you sign in has changed"]
    for mail in found:
        assert "choose a new password" in str(mail.body)
        assert "Ana" not in str(mail.body)
    return [mail.to for mail in found]


def test_what_changes_about_signing_in_is_told_by_mail(ana: Resident, mailbox: Mailbox) -> None:
    mine, _other = signed_in(ana), signed_in(ana)
    assert changed_mails(mailbox) == []
    end(mine, "")
    assert changed_mails(mailbox) == [[ana.email]]
    end(mine, "")  # nothing was there to end
    assert changed_mails(mailbox) == [[ana.email]]
    mine.post(reverse("account_change_password"), {"oldpassword": PASSWORD} | NEW)
    assert changed_mails(mailbox) == [[ana.email]] * 2


def test_another_address_is_told_to_the_one_before(ana: Resident, mailbox: Mailbox) -> None:
    EmailAddress.objects.create(user=ana, email=ana.email, verified=True, primary=True)
    mine, address = signed_in(ana), reverse("account_email")
    mine.post(reverse("account_reauthenticate"), {"password": PASSWORD, "next": address})
    mine.post(address, {"email": "new@home.example", "action_add": ""})
    link = re.search(r"http://testserver(/account/confirm-email/\S+)", str(mailbox()[-1].body))
    assert link
    mine.post(link[1])
    assert changed_mails(mailbox) == [[ana.email]]


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


# -- How long ------------------------------------------------------------------------------------


def sign_in(person: Resident, **more: str) -> Client:
    client = Client()
    client.post(reverse("account_login"), {"login": person.email, "password": PASSWORD} | more)
    return client


def row(client: Client) -> Session:
    return Session.objects.by_key(cookie(client)).get()


def age(client: Client, *, unused: timedelta, begun: timedelta) -> None:
    """As if it had begun so long ago, and was not used for so long."""
    now = timezone.now()
    mine = row(client)
    mine.used_at, mine.began_at = now - unused, now - begun
    mine.expires_at = mine.ends_at(mine.used_at)
    mine.save()


HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def test_staying_signed_in_is_asked_and_not_given(ana: Resident) -> None:
    page = Client().get(reverse("account_login")).text
    assert "Stay signed in on this device" in page
    assert "checked" not in page
    passing, staying = sign_in(ana), sign_in(ana, remember="on")
    assert not row(passing).stays
    assert passing.cookies["session"]["max-age"] == ""
    assert row(staying).stays
    assert int(staying.cookies["session"]["max-age"]) == 90 * 24 * 60 * 60


def test_a_code_asks_it_as_well(ana: Resident, mailbox: Mailbox) -> None:
    for chosen in ({}, {"remember": "on"}):
        client = Client()
        client.post(reverse("account_request_login_code"), {"email": ana.email})
        code = re.findall(r"Your code is ([\w-]+)\.", str(mailbox()[-1].body))[-1]
        client.post(reverse("account_confirm_login_code"), {"code": code} | chosen)
        assert is_in(client)
        assert row(client).stays is bool(chosen)


@pytest.mark.parametrize(
    ("remember", "unused", "begun", "holds"),
    [
        ("", 3 * HOUR, 3 * HOUR, True),
        ("", 5 * HOUR, 5 * HOUR, False),
        ("", HOUR, 23 * HOUR, True),
        ("", HOUR, 25 * HOUR, False),
        ("on", 29 * DAY, 29 * DAY, True),
        ("on", 31 * DAY, 31 * DAY, False),
        ("on", DAY, 89 * DAY, True),
        ("on", DAY, 91 * DAY, False),
    ],
)
def test_it_ends_unused_and_it_ends_at_last(
    ana: Resident, remember: str, unused: timedelta, begun: timedelta, holds: bool
) -> None:
    client = sign_in(ana, **({"remember": remember} if remember else {}))
    age(client, unused=unused, begun=begun)
    key = cookie(client)
    assert is_in(client) is holds
    assert (identify(f"session={key}") is not None) is holds


def test_what_somebody_does_makes_it_last_and_what_a_page_asks_does_not(ana: Resident) -> None:
    client = sign_in(ana)
    age(client, unused=3 * HOUR, begun=10 * HOUR)
    soon = row(client).expires_at
    client.get(HOME, headers={"HX-Request": "true"})
    assert row(client).expires_at == soon
    client.get(HOME)
    assert row(client).expires_at > soon + 2 * HOUR
    # Never beyond its longest.
    age(client, unused=HOUR, begun=23 * HOUR)
    client.get(HOME)
    assert row(client).expires_at < timezone.now() + 2 * HOUR


def test_writing_in_a_letter_makes_it_last(ana: Resident) -> None:
    client = sign_in(ana)
    age(client, unused=3 * HOUR, begun=10 * HOUR)
    soon, name = row(client).expires_at, row(client).pk
    revoked([])
    assert row(client).expires_at == soon
    ana_here = identify(f"session={cookie(client)}")
    assert ana_here is not None
    visit = OpenSocket(ana_here, None, frozenset())
    assert revoked([visit], {name}) == {}
    assert row(client).expires_at > soon + 2 * HOUR


@pytest.mark.django_db(transaction=True)
def test_the_worker_takes_away_what_is_over(ana: Resident) -> None:
    old, new = sign_in(ana), sign_in(ana)
    age(old, unused=5 * HOUR, begun=5 * HOUR)
    call_command("work", once=True)
    assert list(Session.objects.of(ana)) == [row(new)]


def test_signing_out_clears_what_the_browser_kept(ana: Resident) -> None:
    client = sign_in(ana)
    assert "does not say so is not" in client.get(reverse("account_logout")).text
    answer = client.post(reverse("account_logout"))
    # Not "cookies": that would be those of the whole domain, whoever else lives there.
    assert answer["Clear-Site-Data"] == '"cache", "storage"'
