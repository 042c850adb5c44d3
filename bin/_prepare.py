"""One start of Django for everything that must be done before serving: `migrate`, `collectstatic`.

Runs with the application's own Python; bin/serve and the browser tests call it.
"""

import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")


def prepare(steps: list[str]) -> None:
    import django
    from django.core.management import call_command
    from django.db import connections

    django.setup()
    from couples.crypto import keyring

    if "migrate" in steps:
        for alias in connections:
            call_command("migrate", database=alias, interactive=False, verbosity=0)
        keyring.ring().check()
    if "collectstatic" in steps:
        call_command("collectstatic", interactive=False, verbosity=0)


if __name__ == "__main__":
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import CommandError
    from django.db import DatabaseError

    try:
        prepare(sys.argv[1:])
    except (ImproperlyConfigured, CommandError) as error:
        sys.exit(f"Dear Relationship cannot start: {error}")
    except DatabaseError as error:
        sys.exit(f"Dear Relationship cannot start: the database said “{str(error).strip()}”.")
