"""`manage.py work`: sends reminders as they fall due. Any number may run at once."""

import logging
import os
import time
from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand
from django.db import close_old_connections
from django.utils import timezone

from principles.models.reminder import LEASE, Reminder, ReminderMail

log = logging.getLogger(__name__)

PAUSE = 15.0


class Command(BaseCommand):
    help = "Sends reminders as they fall due, until it is stopped."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--once", action="store_true", help="send what is due now, and end")
        parser.add_argument(
            "--lease", type=float, default=LEASE.total_seconds(), help="seconds for one mail"
        )
        parser.add_argument(
            "--with-parent", type=int, metavar="PID", help="end when that process, its parent, ends"
        )

    def handle(
        self, *_args: Any, once: bool, lease: float, with_parent: int | None, **_options: Any
    ) -> None:
        try:
            while True:
                try:
                    close_old_connections()
                    Reminder.write_mails(timezone.now())
                    ReminderMail.send_all(timedelta(seconds=lease))
                except Exception:
                    if once:
                        raise
                    # A mail server that is away: it is tried again, and nothing is forgotten.
                    log.exception("Reminders could not be sent.")
                if once:
                    return
                waited = 0.0
                while waited < PAUSE and not (with_parent and os.getppid() != with_parent):
                    time.sleep(1.0)
                    waited += 1.0
                if with_parent and os.getppid() != with_parent:
                    return
        except KeyboardInterrupt:
            return
