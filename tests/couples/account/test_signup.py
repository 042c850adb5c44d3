"""Making an account with a finger that presses twice: one account, and its owner is in."""

import re

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from couples.models import User
from tests.conftest import Mailbox
from tests.people import PASSWORD, Resident
from tests.races import while_another

pytestmark = pytest.mark.django_db


SIGN_UP, BEGIN = reverse("account_signup"), reverse("couples:begin")
SENT = {"name": "Kim", "email": "kim@home.example", "password1": PASSWORD}


def form(client: Client) -> dict[str, str]:
    """What the page sends, with its own token."""
    found = re.search(r'name="once" value="([\w-]{22})"', client.get(SIGN_UP).text)
    assert found
    return SENT | {"once": found[1]}


def test_the_second_press_signs_in_whom_the_first_has_made(
    client: Client, mailbox: Mailbox
) -> None:
    sent = form(client)
    assert client.post(SIGN_UP, sent)["Location"] == BEGIN
    # The answer to the first, and its cookies, never came.
    other = Client()
    answer = other.post(SIGN_UP, sent)
    assert answer["Location"] == BEGIN
    assert other.get(BEGIN).status_code == 200
    assert User.objects.count() == 1
    assert len(mailbox()) == 1


def test_it_leads_on_to_the_invitation_as_the_first_would_have(client: Client) -> None:
    sent = form(client) | {"next": "/i/token/"}
    assert client.post(SIGN_UP, sent)["Location"] == "/i/token/"
    assert Client().post(SIGN_UP, sent)["Location"] == "/i/token/"


@pytest.mark.parametrize("wrong", [{"password1": f"{PASSWORD}!"}, {"once": "x" * 22}, {"once": ""}])
def test_nobody_comes_in_without_the_form_and_the_password(
    client: Client, wrong: dict[str, str]
) -> None:
    sent = form(client)
    client.post(SIGN_UP, sent)
    other = Client()
    other.post(SIGN_UP, sent | wrong)
    assert other.get(BEGIN)["Location"].startswith(reverse("account_login"))
    assert User.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_presses_at_the_same_moment_make_one_account() -> None:
    one, two = Client(), Client()
    sent = form(one)
    answers = while_another(lambda: one.post(SIGN_UP, sent), lambda: two.post(SIGN_UP, sent))
    assert [answer["Location"] for answer in answers] == [BEGIN, BEGIN]
    assert User.objects.count() == 1
    assert two.get(BEGIN).status_code == 200


@pytest.mark.django_db(transaction=True)
def test_two_people_with_one_address_make_one_account() -> None:
    one, two = Client(), Client()
    sent = [form(one), form(two) | {"password1": "another evening walk"}]
    while_another(lambda: one.post(SIGN_UP, sent[0]), lambda: two.post(SIGN_UP, sent[1]))
    assert User.objects.count() == 1
    assert two.get(BEGIN)["Location"].startswith(reverse("account_login"))


@pytest.mark.django_db(transaction=True)
def test_no_password_is_hashed_while_everybody_waits_for_the_database(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It takes half a second, and SQLite has one lock for all that is written."""
    held: list[bool] = []
    set_password = User.set_password

    def watched(self: User, raw_password: str | None) -> None:
        held.append(connection.in_atomic_block)
        set_password(self, raw_password)

    monkeypatch.setattr(User, "set_password", watched)
    assert client.post(SIGN_UP, form(client))["Location"] == BEGIN
    assert held == [False]


@pytest.mark.parametrize("name", ["account_signup", "account_login"])
def test_the_cookies_of_the_first_press_do_not_refuse_the_second(name: str, ana: Resident) -> None:
    """The first answer has signed this browser in, and its old page is pressed again."""
    browser = Client(enforce_csrf_checks=True)
    page = browser.get(reverse(name)).text
    old = re.search(r'csrfmiddlewaretoken" value="(\w+)"', page)
    assert old
    sent = form(browser) | {"login": ana.email, "password": PASSWORD, "csrfmiddlewaretoken": old[1]}
    first = browser.post(reverse(name), sent)
    again = browser.post(reverse(name), sent)
    assert (first.status_code, again.status_code) == (302, 302)
    assert browser.get(again["Location"], follow=True).status_code == 200
