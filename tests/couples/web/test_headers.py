"""What browsers are told, and what a page must be to be taken for one of ours."""

import json
import os
import subprocess
import sys

import _bootstrap as house
import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from couples.realtime.socket_auth import same_site
from tests.answers import Answer


def settings_of(*names: str, **variables: str) -> list[object]:
    """What production makes of these variables."""
    code = (
        "import json, sys; from django.conf import settings;"
        " print(json.dumps([getattr(settings, name) for name in sys.argv[1:]]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *names],
        cwd=house.ROOT,
        env=os.environ | {"BASE_URL": "https://home.example", "ALLOWED_HOSTS": ""} | variables,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    found: list[object] = json.loads(done.stdout)
    return found


HSTS = [f"SECURE_HSTS_{name}" for name in ("SECONDS", "INCLUDE_SUBDOMAINS", "PRELOAD")]


def test_https_is_for_this_host_alone_unless_more_is_asked_for() -> None:
    assert settings_of(*HSTS) == [31536000, False, False]
    asked = {"HSTS_INCLUDE_SUBDOMAINS": "true", "HSTS_PRELOAD": "true"}
    assert settings_of(*HSTS, **asked) == [31536000, True, True]


def test_the_list_of_browsers_takes_no_host_without_its_subdomains() -> None:
    with pytest.raises(AssertionError, match="HSTS_PRELOAD"):
        settings_of(*HSTS, HSTS_PRELOAD="true")


@pytest.mark.django_db
def test_every_answer_says_whose_it_is_and_what_it_never_asks_for(
    as_ana: Client, client: Client
) -> None:
    answers: list[Answer] = [client.get("/"), client.get("/nothing/"), as_ana.get("/home/")]
    for answer in answers:
        assert answer["Cross-Origin-Resource-Policy"] == "same-origin"
        assert answer["Cross-Origin-Opener-Policy"] == "same-origin"
        assert "camera=(), " in answer["Permissions-Policy"]


@pytest.mark.parametrize(
    ("origin", "host", "ours"),
    [
        ("https://home.example", "home.example", True),
        ("https://home.example", "127.0.0.1:8000", True),
        ("https://localhost", "localhost", True),
        ("http://home.example", "home.example", False),
        ("http://localhost", "localhost", False),
        ("https://home.example:8443", "home.example", False),
        ("https://other.example", "other.example", False),
        ("", "home.example", False),
        ("null", "home.example", False),
    ],
)
def test_a_page_over_http_holds_no_socket_of_a_site_over_https(
    settings: Settings, origin: str, host: str, ours: bool
) -> None:
    settings.BASE_URL = "https://home.example"
    settings.ALLOWED_HOSTS = ["home.example", "localhost", "127.0.0.1"]
    assert same_site(origin, host) is ours


@pytest.mark.django_db
def test_words_go_back_to_no_page_over_http(settings: Settings, client: Client) -> None:
    sent = {"text": "The dog, on Sunday."}
    here = {"Origin": "http://testserver"}
    assert "The dog" in client.post(reverse("couples:us_name"), sent, headers=here).text
    settings.BASE_URL = "https://testserver"
    assert "The dog" not in client.post(reverse("couples:us_name"), sent, headers=here).text
