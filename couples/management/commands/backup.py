"""`manage.py backup WRITING KEYS`: copies of both databases, while they are in use."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from couples.backup import copies
from couples.backup.errors import BackupError


class Command(BaseCommand):
    help = (
        "Copies the writing and the keys into two new folders, while servers run. Keep the two"
        " apart, and MASTER_KEYS apart from both: whoever has all three can read everything."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("writing", type=Path, help="a folder that is not there yet")
        parser.add_argument("keys", type=Path, help="another one")

    def handle(self, *_args: Any, writing: Path, keys: Path, **_options: Any) -> None:
        try:
            copies.save(writing, keys)
        except OSError as error:
            raise CommandError(f"{error.filename}: {error.strerror}.") from error
        except BackupError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"The writing is copied to {writing}, the keys to {keys}.")
