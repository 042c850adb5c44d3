"""`manage.py restore WRITING KEYS`: what `backup` made, into two empty databases."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import BaseCommand, CommandError

from couples.backup import copies
from couples.backup.errors import BackupError


class Command(BaseCommand):
    help = (
        "Brings back what `backup` made, into empty databases that no server has open. Whatever is"
        " wrong with the copies or with MASTER_KEYS is said before anything is changed."
    )
    requires_system_checks = []  # some ask the database, which is empty

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("writing", type=Path, help="the folder with the writing")
        parser.add_argument("keys", type=Path, help="the one with the keys, of then or later")

    def handle(self, *_args: Any, writing: Path, keys: Path, **_options: Any) -> None:
        try:
            copies.restore(writing, keys)
        except (BackupError, ImproperlyConfigured) as error:
            raise CommandError(f"{error} Nothing was changed.") from error
        self.stdout.write("Everything is there again, as it was; everybody signs in anew.")
