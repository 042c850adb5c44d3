"""Words of somebody who does not show themselves: for their own pages until a clock strikes."""

from datetime import UTC, datetime
from typing import NamedTuple
from uuid import UUID

from django.utils import timezone

STROKE = 5.0  # seconds


class Hidden(NamedTuple):
    """Words that are for their writer alone until then."""

    by: UUID
    until: datetime


def hidden_now(by: UUID) -> Hidden:
    """What this person writes at this moment."""
    return Hidden(by, shown_at(timezone.now()))


def shown_at(now: datetime) -> datetime:
    return datetime.fromtimestamp((now.timestamp() // STROKE + 2) * STROKE, UTC)
