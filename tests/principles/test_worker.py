"""Pages, the worker and a mail server that is in trouble, each a process of its own."""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.urls import reverse

from tests.clients.http import HttpClient
from tests.clients.mail import mail_server
from tests.server import Server
from tests.worker import NOBODY, make_due, until, work, working

MAKE = """
import json
from django.conf import settings
from django.test import Client
from couples.models import Invitation
from tests.people import make_household, make_user
from couples.models import Workspace
made = make_household()
sol = make_user("Sol")
Invitation.make(Workspace.begin(sol))
cookies = []
for user in (made.ana, sol):
    client = Client()
    client.force_login(user)
    cookies.append(client.cookies[settings.SESSION_COOKIE_NAME].value)
print(json.dumps(cookies))
"""
CALL_OUT = """
import os
from couples.models import User
from principles.models import Call, CallSwitch
from principles.practices.models import call
ana, ben = (User.objects.get(email=f"{who}@home.example").partner for who in ("ana", "ben"))
CallSwitch.set(ana, on=True)
CallSwitch.set(ben, on=True, mail=True)
started = Call.start(ana)
assert call.send(started.pk)
os._exit(0)  # the moment that it is committed
"""
LEFT = """
from couples.models import OutgoingMail
print(OutgoingMail.objects.count())
"""


def ask_for_every_mail(server: Server, session: str) -> list[int]:
    """Four pages at once, as many as there are threads for pages; how each answered."""
    somebody, sol = HttpClient(server), HttpClient(server, session)
    new = {"name": "Cleo", "email": "cleo@home.example", "password1": "a walk after dinner"}
    asked = [
        (somebody, reverse("account_signup"), new),
        (somebody, reverse("account_request_login_code"), {"email": "ana@home.example"}),
        (somebody, reverse("account_reset_password"), {"email": "ben@home.example"}),
        (sol, reverse("couples:invite_mail"), {"email": "cleo@home.example"}),
    ]
    with ThreadPoolExecutor(4) as threads:
        answers = [threads.submit(who.post, path, data) for who, path, data in asked]
        return [answer.result().status_code for answer in answers]


def left(server: Server) -> int:
    return int(server.shell(LEFT).splitlines()[-1])


@pytest.mark.parametrize("trouble", ["refuses", "is slow", "is away"])
def test_a_mail_server_in_trouble_neither_fails_nor_holds_up_a_page(
    trouble: str, start_server: Callable[..., Server]
) -> None:
    with mail_server() as mail:
        address = NOBODY if trouble == "is away" else mail.url
        if trouble == "refuses":
            mail.refusals[""] = "451 later"
        if trouble == "is slow":
            mail.greeting.clear()
        server = start_server(EMAIL_URL=address)
        session = json.loads(server.shell(MAKE).splitlines()[-1])[1]
        assert ask_for_every_mail(server, session) == [302] * 4
        # No page has even knocked there.
        assert mail.visits == 0
        assert left(server) == 4
        with working(server, address):
            if trouble != "is away":
                until(lambda: mail.visits)
            # While the worker is held up, no page is.
            assert HttpClient(server).get("/").status_code == 200
            assert mail.received == []
        assert left(server) == 4
        mail.greeting.set()
        mail.refusals.clear()
        make_due(server)
        with working(server, mail.url):
            until(lambda: left(server) == 0)
        to = sorted(message["To"].partition("@")[0] for message in mail.received)
        assert to == ["ana", "ben", "cleo", "cleo"]


@pytest.mark.slow
def test_a_call_arrives_though_its_process_ends_and_the_mail_server_refuses_once(
    start_server: Callable[..., Server],
) -> None:
    server = start_server()
    server.shell(MAKE)
    server.run("manage.py", "shell", "--command", CALL_OUT)
    with mail_server() as mail:
        mail.refusals[""] = "451 later"
        with working(server, mail.url):
            until(lambda: mail.offers)
        mail.refusals.clear()
        # That worker was killed, and another one comes.
        make_due(server)
        with working(server, mail.url):
            until(lambda: left(server) == 0)
        [message] = mail.received
        assert message["To"] == "ben@home.example"
        assert message["Subject"] == "Please open your home now"


def test_the_worker_survives_a_database_that_is_away(start_server: Callable[..., Server]) -> None:
    server = start_server()
    nowhere = {"DATABASE_URL": "sqlite:////nowhere/at-all.sqlite3"}
    with working(server, NOBODY, **nowhere) as process:
        until(lambda: "goes on in a moment" in server.log.read_text())
        assert process.poll() is None
    assert work(server, NOBODY, "--once", **nowhere).wait(60) != 0
