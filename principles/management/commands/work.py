"""`manage.py work`: sends mails, and reminders as they fall due, and deletes accounts whose week is
over. Any number may run at once."""

import logging
import os
import time
from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand
from django.db import close_old_connections
from django.utils import timezone

from couples.account.deletion import delete_due
from couples.mail.delivery import deliver_next
from couples.mail.outbox import LEASE
from couples.models import Session
from principles.daily.models.reminder import Reminder

log = logging.getLogger(__name__)

# Somebody may be waiting for a code: the outbox is asked often, and that is one look at an index.
PAUSE = 1.0
PAUSE_AFTER_AN_ERROR = 5.0
BETWEEN_REMINDERS = 15.0


class Command(BaseCommand):
    help = "Sends mails, and reminders as they fall due, until it is stopped."
    requires_system_checks = []  # some ask the database, which may be away for a moment

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
        self.lease = timedelta(seconds=lease)
        self.reminders_at = 0.0
        try:
            while not with_parent or os.getppid() == with_parent:
                pause = self.turn(once)
                if pause and once:
                    return
                time.sleep(pause)
        except KeyboardInterrupt:
            return

    def turn(self, once: bool) -> float:
        """One mail, so that an urgent one waits for no more than that; how long to wait then."""
        try:
            close_old_connections()
            if time.monotonic() >= self.reminders_at:
                # First, so that reminders that cannot be written hold up no mail.
                self.reminders_at = time.monotonic() + BETWEEN_REMINDERS
                Reminder.write_mails(timezone.now())
                Session.objects.over().delete()
                delete_due(timezone.now())
            return 0.0 if deliver_next(lease=self.lease) else PAUSE
        except Exception:
            if once:
                raise
            log.exception("The worker was stopped by an error, and goes on in a moment.")
            return PAUSE_AFTER_AN_ERROR
