"""How often something may be done, counted for all processes together."""

import logging
import re

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from config import settings as production
from couples.models import Invitation, Limit
from tests.conftest import Mailbox, signed_in
from tests.people import PASSWORD, Resident
from tests.races import while_another

pytestmark = pytest.mark.django_db

LOGIN = reverse("account_login")
CODE = reverse("account_request_login_code")
MAIL = reverse("couples:invite_mail")


def at(address: str) -> Client:
    """Somebody who comes from there."""
    return Client(REMOTE_ADDR=address)


def try_password(client: Client, email: str, password: str) -> str:
    answer = client.post(LOGIN, {"login": email, "password": password})
    return answer.headers.get("Location") or answer.text


@pytest.mark.each_database
def test_what_was_counted_lies_in_the_database_and_names_nobody(ana: Resident) -> None:
    try_password(at("203.0.113.7"), ana.email, "a wrong guess")
    rows = list(Limit.objects.values_list("cache_key", "value"))
    assert rows
    text = str(rows)
    assert "203.0.113" not in text
    assert ana.email not in text
    assert all(re.fullmatch("[0-9a-f]{64}", key) for key, _value in rows)


@pytest.mark.each_database
def test_what_has_run_out_does_not_count(ana: Resident) -> None:
    stranger = at("203.0.113.7")
    for _try in range(6):
        said = try_password(stranger, ana.email, "a wrong guess")
    assert "several times in a row" in said
    Limit.objects.update(expires=timezone.now())
    assert try_password(stranger, ana.email, PASSWORD) == reverse("couples:home")


@pytest.mark.each_database
@pytest.mark.django_db(transaction=True)
def test_of_two_processes_at_once_one_is_counted_after_the_other() -> None:
    results = while_another(lambda: cache.add("a lock", 1), lambda: cache.add("a lock", 1))
    assert sorted(results) == [False, True]


# -- Signing in ----------------------------------------------------------------------------------


def test_a_stranger_who_guesses_locks_nobody_out(ana: Resident) -> None:
    stranger = at("203.0.113.7")
    for _try in range(6):
        said = try_password(stranger, ana.email, "a wrong guess")
    assert "several times in a row" in said
    assert "code" in said
    # Not even with the right one, from there; from anywhere else, at once.
    assert "several times in a row" in try_password(stranger, ana.email, PASSWORD)
    assert try_password(at("198.51.100.4"), ana.email, PASSWORD) == reverse("couples:home")


def test_guessing_from_everywhere_ends_and_a_code_still_leads_in(
    ana: Resident, mailbox: Mailbox
) -> None:
    for machine in range(25):
        for _try in range(4):
            try_password(at(f"203.0.113.{machine}"), ana.email, "a wrong guess")
    home = at("198.51.100.4")
    assert "several times in a row" in try_password(home, ana.email, PASSWORD)
    home.post(CODE, {"email": ana.email})
    code = re.search(r"Your code is ([\w-]+)\.", str(mailbox()[-1].body))
    assert code
    answer = home.post(reverse("account_confirm_login_code"), {"code": code[1]})
    assert answer["Location"] == reverse("couples:home")


def test_codes_asked_for_by_a_stranger_keep_none_from_their_owner(
    ana: Resident, mailbox: Mailbox
) -> None:
    for _try in range(8):
        at("203.0.113.7").post(CODE, {"email": ana.email})
    assert len(mailbox()) < 8
    before = len(mailbox())
    at("198.51.100.4").post(CODE, {"email": ana.email})
    assert len(mailbox()) == before + 1


# -- Mails to strangers --------------------------------------------------------------------------


def test_nobody_is_sent_forty_invitations(sol: Resident, cleo: Resident, mailbox: Mailbox) -> None:
    for person in (sol, cleo):
        Invitation.make(person.partner)
    browser = signed_in(sol)
    for _press in range(10):
        answer = browser.post(MAIL, {"email": "stranger@home.example"})
    assert answer.status_code == 429
    assert "a lot in a short time" in answer.text
    assert "stranger@home.example" in answer.text
    assert len(mailbox()) == 2
    # Nor by many, nor each of many by one.
    signed_in(cleo).post(MAIL, {"email": "Stranger@Home.example"})
    assert len(mailbox()) == 2
    for number in range(10):
        browser.post(MAIL, {"email": f"stranger.{number}@home.example"})
    assert len(mailbox()) <= 6


def test_whatever_is_asked_for_an_address_is_sent_so_many_mails(
    ana: Resident, mailbox: Mailbox, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    for machine in range(30):
        stranger = at(f"203.0.113.{machine}")
        stranger.post(CODE, {"email": ana.email})
        stranger.post(reverse("account_reset_password"), {"email": ana.email})
    assert 10 <= len(mailbox()) <= 30
    assert ana.email not in caplog.text


def test_production_counts_where_all_processes_look() -> None:
    assert production.CACHES["default"]["BACKEND"] == (
        "django.core.cache.backends.db.DatabaseCache"
    )
