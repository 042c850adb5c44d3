"""Whom we believe about where somebody comes from, and where our links lead."""

import re
from collections.abc import Callable
from contextlib import closing
from http.client import HTTPConnection

import pytest
from django.test import Client
from django.urls import reverse

from tests.clients.http import HttpClient
from tests.conftest import Mailbox
from tests.people import Resident
from tests.server import Server

GUESS = {"login": "nobody@home.example", "password": "a guess"}


def tries(server: Server) -> list[int]:
    """What a guesser hears who says each time that they come from elsewhere."""
    visitor = HttpClient(server)
    return [
        visitor.post("/account/login/", GUESS, {"X-Forwarded-For": f"203.0.113.{n}"}).text.count(
            "several times in a row"
        )
        for n in range(7)
    ]


@pytest.mark.slow
def test_nobody_is_believed_but_the_proxy(start_server: Callable[..., Server]) -> None:
    assert sum(tries(start_server())) == 2
    behind = start_server(BEHIND_PROXY="true")
    assert sum(tries(behind)) == 0
    assert sum(tries(start_server(BEHIND_PROXY="true", TRUSTED_PROXIES="192.0.2.1"))) == 2


@pytest.mark.slow
def test_https_is_what_the_proxy_says_and_nobody_else(
    start_server: Callable[..., Server],
) -> None:
    for variables, status in (
        ({"BEHIND_PROXY": "true"}, 200),
        ({"BEHIND_PROXY": "true", "TRUSTED_PROXIES": "192.0.2.0/24"}, 301),
        ({}, 301),
    ):
        server = start_server(
            BASE_URL="https://home.example", ALLOWED_HOSTS="home.example", **variables
        )
        with closing(HTTPConnection("127.0.0.1", server.port, timeout=30)) as line:
            line.request("GET", "/", headers={"Host": "home.example", "X-Forwarded-Proto": "https"})
            assert line.getresponse().status == status


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("page", "email"),
    [
        ("account_reset_password", "ana@home.example"),
        ("account_reset_password", "nobody@home.example"),
        ("account_request_login_code", "nobody@home.example"),
        ("account_signup", "kim@home.example"),
    ],
)
def test_links_in_mails_lead_to_us_whatever_the_request_calls_us(
    client: Client, ana: Resident, mailbox: Mailbox, page: str, email: str
) -> None:
    form = {"email": email, "name": "Kim", "password1": "a walk after every dinner"}
    client.post(reverse(page), form, headers={"Host": "localhost:1234"})
    (mail,) = mailbox()
    assert "localhost" not in str(mail.body)
    assert re.search(r"http://testserver/account/\S+", str(mail.body))
