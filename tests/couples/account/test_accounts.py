"""Arriving: sign-up, sign-in by password or by a code in the mail, signing out."""

import re
from pathlib import Path

import allauth
import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from couples.models import User
from tests.conftest import Mailbox
from tests.people import PASSWORD, Resident

pytestmark = pytest.mark.django_db


SIGN_UP = {"name": "Ana", "email": "ana@home.example", "password1": PASSWORD}


def test_signing_up_leads_to_the_first_question(client: Client) -> None:
    response = client.post(reverse("account_signup"), SIGN_UP)
    assert response["Location"] == reverse("couples:begin")
    user = User.objects.get()
    assert (user.name, user.email) == ("Ana", "ana@home.example")
    assert user.check_password(PASSWORD)


def test_signing_up_on_the_way_leads_back_to_the_invitation(client: Client) -> None:
    response = client.post(
        f"{reverse('account_signup')}?next=/i/token/", SIGN_UP | {"next": "/i/token/"}
    )
    assert response["Location"] == "/i/token/"


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"email": "ana at home"}, "valid email address"),
        ({"email": ""}, "required"),
        ({"name": ""}, "required"),
        ({"name": "A" * 61}, "at most 60"),
        ({"password1": "short"}, "at least 10 characters"),
    ],
)
def test_what_is_wrong_is_said_beside_the_field_and_the_rest_is_kept(
    client: Client, wrong: dict[str, str], said: str
) -> None:
    response = client.post(reverse("account_signup"), SIGN_UP | wrong)
    assert response.status_code == 200
    assert re.search(f'class="error"[^>]*>[^<]*{said}', response.text)
    kept = next(value for key, value in SIGN_UP.items() if key not in (*wrong, "password1"))
    assert kept in response.text
    assert not User.objects.exists()


def test_an_address_has_one_account_however_it_is_spelled(client: Client, ana: Resident) -> None:
    client.post(reverse("account_signup"), SIGN_UP | {"email": "ANA@home.example"})
    assert User.objects.filter(email__iexact=ana.email).count() == 1


def test_signing_in_with_a_password(client: Client, ana: Resident) -> None:
    answer = {"login": "Ana@Home.Example", "password": PASSWORD}
    assert client.post(reverse("account_login"), answer)["Location"] == reverse("couples:home")


def test_a_wrong_password_says_so_and_keeps_the_address(client: Client, ana: Resident) -> None:
    response = client.post(reverse("account_login"), {"login": ana.email, "password": "guess" * 3})
    assert "not correct" in response.text
    assert ana.email in response.text


def test_signing_in_by_a_code_in_the_mail(client: Client, ana: Resident, mailbox: Mailbox) -> None:
    client.post(reverse("account_request_login_code"), {"email": ana.email})
    (message,) = mailbox()
    assert "Ana" not in message.subject + str(message.body)
    code = re.search(r"Your code is ([\w-]+)\.", str(message.body))
    assert code
    page = client.get(reverse("account_confirm_login_code"))
    assert ana.email in page.text
    response = client.post(reverse("account_confirm_login_code"), {"code": code[1]})
    assert response["Location"] == reverse("couples:home")


def test_a_wrong_code_opens_nothing(client: Client, ana: Resident) -> None:
    client.post(reverse("account_request_login_code"), {"email": ana.email})
    response = client.post(reverse("account_confirm_login_code"), {"code": "WRONG1"})
    assert "That is not the code" in response.text
    assert "_auth_user_id" not in client.session


def test_without_a_mail_server_the_pages_say_where_mail_goes(
    client: Client, settings: Settings
) -> None:
    settings.MAIL_GOES_TO_FILES = True
    for name in ("account_signup", "account_request_login_code"):
        assert "var/mail/" in client.get(reverse(name)).text
    settings.MAIL_GOES_TO_FILES = False
    for name in ("account_signup", "account_request_login_code"):
        assert "var/mail/" not in client.get(reverse(name)).text


def test_signing_out(as_ana: Client) -> None:
    assert as_ana.get(reverse("account_logout")).status_code == 200
    assert as_ana.post(reverse("account_logout"))["Location"] == reverse("couples:front")
    assert as_ana.get(reverse("couples:home"))["Location"].startswith(reverse("account_login"))


@pytest.mark.parametrize(
    "name",
    [
        "account_email",
        "account_change_password",
        "account_reauthenticate",
        "account_logout",
        "usersessions_list",
    ],
)
def test_the_account_pages_open_and_are_ours_to_look_at(as_ana: Client, name: str) -> None:
    response = as_ana.get(reverse(name), follow=True)
    assert response.status_code == 200
    assert 'class="bar"' in response.text


@pytest.mark.parametrize("name", ["account_login", "account_signup", "account_reset_password"])
def test_the_entrance_pages_open(client: Client, name: str) -> None:
    assert 'class="bar"' in client.get(reverse(name)).text


def test_pages_of_signed_in_people_are_never_stored(as_ana: Client, client: Client) -> None:
    assert "no-store" in as_ana.get(reverse("couples:home"))["Cache-Control"]
    assert "no-store" in as_ana.get(reverse("letters:questions"))["Cache-Control"]


def test_every_page_carries_the_policy(client: Client) -> None:
    policy = client.get("/")["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self'")
    assert "unsafe" not in policy
    assert "nonce" not in policy


# -- allauth's pages, in our words ---------------------------------------------------------------

# Pages that cannot come up with our settings: telephones, passkeys, several addresses, other codes.
NEVER = re.compile(r"phone|passkey|^base_|^email\.html|verification_code|password_reset_code")


def test_every_page_and_message_of_allauth_is_in_our_words() -> None:
    theirs = Path(allauth.__file__).parent / "templates"
    ours = Path(settings.BASE_DIR, "templates")
    pages = [*(theirs / "account").glob("*.html"), *(theirs / "usersessions").glob("user*.html")]
    said = [*theirs.glob("account/messages/*"), *theirs.glob("usersessions/messages/*")]
    missing = [
        each.name
        for each in (*pages, *said)
        if not NEVER.search(each.name) and not (ours / each.relative_to(theirs)).exists()
    ]
    assert missing == []


def test_a_forgotten_password_from_the_first_page_to_the_last(
    client: Client, ana: Resident, mailbox: Mailbox
) -> None:
    page = client.get(reverse("account_reset_password"))
    assert "It happens. We send a link" in page.text
    answer = client.post(reverse("account_reset_password"), {"email": ana.email}, follow=True)
    assert "Look at your mail" in answer.text
    (message,) = mailbox()
    link = re.search(r"http://testserver(/account/password/reset/key/\S+)", str(message.body))
    assert link
    form = client.get(link[1], follow=True)
    assert "A new password" in form.text
    assert "The new one, once more" in form.text
    new = {"password1": "a swim before breakfast", "password2": "a swim before breakfast"}
    answer = client.post(form.request["PATH_INFO"], new, follow=True)
    assert "The new password holds" in answer.text
    assert "This link has run out" in client.get(link[1], follow=True).text


def test_changing_the_password_is_said_in_our_words(as_ana: Client, ana: Resident) -> None:
    address = reverse("account_change_password")
    assert "Your password until now" in as_ana.get(address).text
    wrong = {"oldpassword": "guess", "password1": PASSWORD, "password2": PASSWORD}
    assert "That is not your password until now." in as_ana.post(address, wrong).text
    new = {"password1": "a swim before breakfast", "password2": "a swim before breakfast"}
    answer = as_ana.post(address, {"oldpassword": PASSWORD} | new, follow=True)
    assert "The new password holds from now on." in answer.text


def test_a_confirmed_address_and_a_link_that_has_run_out(client: Client, mailbox: Mailbox) -> None:
    client.post(reverse("account_signup"), SIGN_UP)
    (message,) = mailbox()
    link = re.search(r"http://testserver(/account/confirm-email/\S+)", str(message.body))
    assert link
    assert "Is this your address?" in client.get(link[1]).text
    answer = client.post(link[1], follow=True)
    assert "ana@home.example is yours." in answer.text
    assert "This link has run out" in client.get("/account/confirm-email/guess/").text
