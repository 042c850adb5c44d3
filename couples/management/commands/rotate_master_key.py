"""`manage.py rotate_master_key`: every data key is wrapped with the first of MASTER_KEYS."""

from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import BaseCommand, CommandError

from couples.crypto import keyring
from couples.crypto.keyring import DataKey


class Command(BaseCommand):
    help = (
        "Wraps every data key with the first of MASTER_KEYS, so that the others can be taken out."
        " May be stopped at any time, and run beside servers that know all of them."
    )

    def handle(self, *_args: Any, **_options: Any) -> None:
        ring = keyring.ring()
        try:
            count = ring.rewrap()
        except ImproperlyConfigured as error:
            raise CommandError(str(error)) from error
        # A server that was started before the new one came first makes keys with the old one.
        left = DataKey.objects.exclude(master=ring.current).count()
        self.stdout.write(f"{count} data keys are wrapped with “{ring.current}” now.")
        if left:
            raise CommandError(
                f"{left} were made meanwhile with another one: start every server anew, with"
                f" “{ring.current}” as the first of MASTER_KEYS, and run this again."
            )
        self.stdout.write("None is left that wants another one.")
