"""Nobody learns from the pages who has an account: the pages are the same, and the mail differs."""

import re
from typing import ClassVar

import pytest
from django.contrib.auth.hashers import MD5PasswordHasher
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from config import settings as production
from couples.models import User
from tests.conftest import Mailbox
from tests.people import PASSWORD, Resident

pytestmark = pytest.mark.django_db

SIGN_UP = reverse("account_signup")
NEW = "kim@home.example"


class Counting(MD5PasswordHasher):
    hashed: ClassVar[list[int]] = []

    def encode(self, password: str, salt: str) -> str:
        self.hashed.append(1)
        return super().encode(password, salt)


@pytest.fixture(autouse=True)
def with_a_mail_server(settings: Settings) -> None:
    settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"
    settings.MAIL_GOES_TO_FILES = False
    settings.PASSWORD_HASHERS = [f"{__name__}.Counting"]


def test_an_address_is_confirmed_first_where_mail_goes_out() -> None:
    """A household without a mail server begins at once."""
    assert production.verification(goes_to_files=False) == "mandatory"
    assert production.verification(goes_to_files=True) == "optional"


def sign_up(email: str, **more: str) -> tuple[Client, str]:
    """What somebody is shown who makes an account, with the way there."""
    client = Client()
    Counting.hashed.clear()
    form = {"name": "Kim", "email": email, "password1": PASSWORD} | more
    answer = client.post(SIGN_UP, form)
    shown = f"{answer.status_code} {answer['Location']} {sorted(answer.cookies)}"
    shown += f" {len(Counting.hashed)} {client.get(answer['Location']).text}"
    return client, re.sub(r'(value|X-CSRFToken"): ?"\w{64}"|"\w{64}"', "", shown.replace(email, ""))


@pytest.mark.each_database
def test_signing_up_says_the_same_of_whoever_has_an_account(
    ana: Resident, mailbox: Mailbox
) -> None:
    _client, new = sign_up(NEW)
    there, known = sign_up(ana.email)
    assert new == known
    assert "Look at your mail" in new
    assert "_auth_user_id" not in there.session
    assert [mail.to for mail in mailbox()] == [[NEW], [ana.email]]
    assert "There is one already" in str(mailbox()[-1].body)
    assert User.objects.get(email=ana.email).name == "Ana"


def test_what_is_wrong_with_a_form_is_said_of_both(ana: Resident) -> None:
    answers = [
        Client().post(SIGN_UP, {"name": "Kim", "email": email, "password1": "short"}).text
        for email in (NEW, ana.email)
    ]
    assert all("at least 10 characters" in answer for answer in answers)
    assert not any("already" in answer for answer in answers)


def test_the_link_in_the_mail_leads_in_and_on(mailbox: Mailbox) -> None:
    client, _shown = sign_up(NEW, next="/i/token/")
    link = re.search(r"http://testserver(/account/confirm-email/\S+)", str(mailbox()[-1].body))
    assert link
    assert client.post(link[1])["Location"] == "/i/token/"
    assert client.get("/begin/").status_code == 200


def test_other_pages_say_the_same_as_well(ana: Resident, mailbox: Mailbox) -> None:
    for page in ("account_reset_password", "account_request_login_code"):
        answers = []
        for email in (NEW, ana.email):
            client = Client()
            answer = client.post(reverse(page), {"email": email})
            shown = client.get(answer["Location"]).text.replace(email, "")
            answers.append((answer["Location"], re.sub(r'"\w{64}"', "", shown)))
        assert answers[0] == answers[1]
    wrong = [
        Client().post(reverse("account_login"), {"login": email, "password": "a guess"}).text
        for email in (NEW, ana.email)
    ]
    assert all("not correct together" in answer for answer in wrong)
