"""What goes with an account in principles; see couples/account/deletion.py."""

from collections.abc import Sequence
from uuid import UUID

from couples.models import Partner, User
from principles.practices.models.decision import Answer
from principles.practices.models.moment import Moment
from principles.practices.models.offer import Drawn
from principles.practices.models.repair import Side
from principles.practices.models.switch import CallSwitch, Sending
from principles.reviews.models.mark import Appreciation, ReviewMark


def delete(_person: User, seats: Sequence[Partner], _homes: Sequence[UUID]) -> None:
    """What lies under their key but hangs on a seat: answered, told or marked, and never shown.
    What nobody else could read of calls: their switches, and those that reached nobody."""
    Answer.objects.filter(partner__in=seats, round__revealed_at=None).delete()
    Side.objects.filter(partner__in=seats, given_at=None).delete()
    ReviewMark.objects.filter(partner__in=seats, item__review__revealed_at=None).delete()
    Appreciation.objects.filter(partner__in=seats, review__revealed_at=None).delete()
    Drawn.objects.filter(partner__in=seats).delete()
    CallSwitch.objects.filter(partner__in=seats).delete()
    Sending.objects.filter(by__in=seats).delete()
    Moment.objects.filter(kind="emergency", begun_by__in=seats, reached_at=None).delete()
