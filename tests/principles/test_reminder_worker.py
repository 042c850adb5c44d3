"""The worker as a process of its own, against a mail server of its own, killed in the middle."""

import subprocess
import sys
from collections.abc import Callable

import _bootstrap as house

from tests.principles.smtp import mail_server
from tests.server import Server

MAKE_IT_DUE = """
from datetime import time, timedelta
from django.utils import timezone
from couples.models import User
from principles.models import Reminder
user = User.objects.create_user("ana@home.example", "Ana", "a walk after every dinner")
now = timezone.now()
Reminder.set(user, time(8), 0b1111111, now)
Reminder.objects.update(next_at=now - timedelta(minutes=1))
"""


def work(server: Server, mail: str, *options: str) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        [sys.executable, "manage.py", "work", "--once", *options],
        cwd=house.ROOT,
        env=server.environment | {"EMAIL_URL": mail},
    )


def test_one_mail_though_the_worker_is_killed_in_the_middle(
    start_server: Callable[..., Server],
) -> None:
    server = start_server()
    server.shell(MAKE_IT_DUE)
    with mail_server() as mail:
        # The mail server has it all, and has not said so yet.
        mail.answering.clear()
        first = work(server, mail.url)
        assert mail.arrived.wait(60)
        first.kill()
        first.wait()
        mail.answering.set()
        # Another worker leaves alone what the first may still be sending ...
        assert work(server, mail.url).wait(60) == 0
        assert len(mail.received) == 1
        # ... and then brings it to an end, as the same mail: whoever has it already drops it.
        for _ in range(3):
            assert work(server, mail.url, "--lease", "0").wait(60) == 0
        names = [message["Message-ID"] for message in mail.received]
        assert len(names) == 2
        assert len(set(names)) == 1


def test_killed_before_anything_was_sent_it_is_sent_by_the_next(
    start_server: Callable[..., Server],
) -> None:
    server = start_server()
    server.shell(MAKE_IT_DUE)
    nobody = "smtp://127.0.0.1:9"  # nobody listens there
    assert work(server, nobody).wait(60) != 0
    with mail_server() as mail:
        for _ in range(3):
            assert work(server, mail.url, "--lease", "0").wait(60) == 0
        assert len(mail.received) == 1
