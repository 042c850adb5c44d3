"""What the tests have done in the other process. It loads nothing of Django's."""

import os
from collections.abc import Sequence


def process(_updates: Sequence[bytes]) -> tuple[int, int, bool, set[str]]:
    from django.conf import settings

    return os.getpid(), os.nice(0), settings.configured, set(os.environ)


def die(_updates: Sequence[bytes], here: int) -> str:
    if os.getpid() != here:
        os._exit(1)
    return "told"


def divide(_updates: Sequence[bytes]) -> float:
    return 1 / 0
