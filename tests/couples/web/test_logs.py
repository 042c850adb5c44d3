"""The log says what an operator looks for, and has nobody's words, addresses or secrets."""

import asyncio
import json
import logging
import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.db import OperationalError
from django.urls import reverse

from couples.web.logs import Json, Lines
from tests.clients.http import HttpClient, mails
from tests.clients.websocket import WebSocket
from tests.server import Server

PASSWORD = "kanarienvogel of a password"
WORDS = "kanarienvogel in the kitchen"
EMAIL = "kanarienvogel@home.example"
FORM = {"name": "Kanarienvogel", "email": EMAIL, "password1": PASSWORD}


class Browser(HttpClient):
    """Keeps the cookies that it is given."""

    def post(self, path: str, data: Any, headers: dict[str, str] | None = None) -> Any:
        answer = super().post(path, data, headers)
        for given in re.findall(r"\('set-cookie', '(session=\w+)", answer.text, re.IGNORECASE):
            self.cookie = f"{given}; csrf={'a' * 32}"
        csrf = re.findall(r"\('set-cookie', 'csrf=(\w+)", answer.text, re.IGNORECASE)
        if csrf:
            self.cookie = re.sub(r"csrf=\w+", f"csrf={'a' * 32}", self.cookie)
        return answer


def events(server: Server) -> list[dict[str, Any]]:
    lines = [json.loads(line) for line in server.log_tail(10**6).splitlines()]
    assert all(datetime.fromisoformat(line["time"]).tzinfo for line in lines)
    return lines


@pytest.mark.slow
@pytest.mark.each_database
def test_what_happened_is_told_in_ids(start_server: Callable[..., Server]) -> None:
    server = start_server(LOG_FORMAT="json", LOG_LEVEL="DEBUG")
    browser = Browser(server)
    browser.post("/account/signup/", FORM)
    browser.post("/account/logout/", {})
    for _try in range(7):
        browser.post("/account/login/", {"login": EMAIL, "password": f"{WORDS} guess"})
    browser.post("/account/login/", {"login": EMAIL, "password": PASSWORD})
    browser.post("/account/login/code/", {"email": EMAIL})
    browser.post("/account/login/code/confirm/", {"code": "WRONG1"})
    browser.post("/account/password/reset/", {"email": EMAIL})
    letter = "/letters/0190b2e4-7a8e-7cc1-9d3e-0242ac120002/"
    browser.get(f"{letter}?q={WORDS.replace(' ', '+')}")
    browser.get(f"/i/{'kanarienvogel' * 3}/")
    browser.get("/nothing%0aline/")
    browser.post("/home/us/name/", {"name": WORDS * 2000})
    browser.post("/home/us/name/", {"name": WORDS * 200_000})

    async def knock() -> None:
        for origin in ("https://elsewhere.example", server.base_url):
            socket = WebSocket(lambda message: None)
            await socket.open(server.base_url + "/live", {"Origin": origin})
            await socket.closed

    asyncio.run(knock())
    said = [(line["message"], line.get("what")) for line in events(server)]
    for expected in (
        ("account made", None),
        ("signed in", None),
        ("signed out", None),
        ("sign-in failed", None),
        ("limit reached", "sign-in"),
        ("code refused", None),
        ("socket refused", None),
        ("request refused", None),
    ):
        assert expected in said, said
    (made,) = (line for line in events(server) if line["message"] == "account made")
    failed = [line for line in events(server) if line["message"] == "sign-in failed"]
    assert re.fullmatch("[0-9a-f-]{36}", made["person"])
    assert {line["source"] for line in failed} == {made["source"]}
    log = server.log_tail(10**6)
    secrets = re.findall(
        r"(?:reset/key/|confirm-email/|code is )([\w:-]+)", " ".join(mails(server))
    )
    assert secrets
    for canary in ("kanarienvogel", "home.example", "127.0.0.1", *secrets):
        assert canary not in log.replace(server.base_url, "").lower(), canary


def raised(error: Exception) -> logging.LogRecord:
    def act() -> None:
        raise error

    try:
        act()
    except Exception as caught:
        info = (type(caught), caught, caught.__traceback__)
    return logging.LogRecord("letters", logging.ERROR, "", 1, "It broke\nFAKE line", None, info)


@pytest.mark.parametrize("form", [Lines("%(asctime)s %(message)s"), Json()])
def test_an_exception_says_where_and_quotes_nobody(form: logging.Formatter) -> None:
    line = form.format(raised(ValueError(f"Key (text)=({WORDS}) exists")))
    assert "ValueError" in line
    assert "in act" in line
    assert WORDS not in line
    assert "\nFAKE" not in line
    assert "no such host" in form.format(raised(OperationalError("no such host")))


def test_a_line_has_its_time_with_the_zone() -> None:
    record = logging.LogRecord("events", logging.INFO, "", 1, "signed in", None, None)
    record.facts = {"person": "x"}
    line = Lines("%(asctime)s %(message)s").format(record)
    assert re.fullmatch(
        r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}[+-]\d\d:\d\d signed in person=x", line
    )


@pytest.mark.django_db
def test_too_many_of_allauths_forms_are_answered_on_a_page_of_ours(client: Any) -> None:
    for _press in range(21):
        answer = client.post(reverse("account_signup"), {})
    assert answer.status_code == 429
    assert "That was a lot in a short time" in answer.text
