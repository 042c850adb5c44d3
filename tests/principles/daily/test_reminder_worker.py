"""The reminder's way through the worker, a process of its own, killed in the middle."""

from collections.abc import Callable

import pytest

from tests.clients.mail import mail_server
from tests.server import Server
from tests.worker import NOBODY, make_due, work

MAKE_IT_DUE = """
from datetime import time, timedelta
from django.utils import timezone
from couples.models import User
from principles.models import Reminder
now = timezone.now()
for name in {names}:
    user = User.objects.create_user(f"{{name.lower()}}@home.example", name)
    Reminder.set(user, time(8), 0b1111111, now)
Reminder.objects.update(next_at=now - timedelta(minutes=1))
"""


@pytest.mark.slow
def test_one_mail_though_the_worker_is_killed_in_the_middle(
    start_server: Callable[..., Server],
) -> None:
    server = start_server()
    server.shell(MAKE_IT_DUE.format(names=["Ana"]))
    with mail_server() as mail:
        # The mail server has it all, and has not said so yet.
        mail.answering.clear()
        first = work(server, mail.url, "--once", "--lease", "3600")
        assert mail.arrived.wait(60)
        first.kill()
        first.wait()
        mail.answering.set()
        # Another worker leaves alone what the first may still be sending ...
        assert work(server, mail.url, "--once").wait(60) == 0
        assert len(mail.received) == 1
        # ... and later brings it to an end, as the same mail: whoever has it already drops it.
        make_due(server)
        for _ in range(3):
            assert work(server, mail.url, "--once").wait(60) == 0
        names = [message["Message-ID"] for message in mail.received]
        assert len(names) == 2
        assert len(set(names)) == 1


@pytest.mark.slow
def test_where_nothing_could_be_sent_it_is_sent_by_the_next(
    start_server: Callable[..., Server],
) -> None:
    server = start_server()
    server.shell(MAKE_IT_DUE.format(names=["Ana"]))
    assert work(server, NOBODY, "--once").wait(60) == 0
    with mail_server() as mail:
        make_due(server)
        for _ in range(3):
            assert work(server, mail.url, "--once").wait(60) == 0
        assert len(mail.received) == 1


@pytest.mark.slow
def test_an_address_that_is_refused_stops_nobody_elses(start_server: Callable[..., Server]) -> None:
    server = start_server()
    server.shell(MAKE_IT_DUE.format(names=["Ana", "Ben", "Cleo"]))
    with mail_server() as mail:
        mail.refusals["ana@home.example"] = "550 nobody"
        mail.refusals["ben@home.example"] = "451 later"
        assert work(server, mail.url, "--once").wait(60) == 0
        assert [message["To"] for message in mail.received] == ["cleo@home.example"]
        make_due(server)
        mail.refusals.clear()
        assert work(server, mail.url, "--once").wait(60) == 0
        # Ana's was given up.
        assert [message["To"] for message in mail.received[1:]] == ["ben@home.example"]
