"""What goes with an account in letters; see couples/account/deletion.py."""

from collections.abc import Sequence
from uuid import UUID

from couples.models import Partner, User
from letters.giving.models.opening import OpenedBy, Opening
from letters.giving.models.reveal import Choice
from letters.giving.models.share import Share
from letters.letter.models.letter import Letter
from letters.sealing.models import Seal, SealSignature, Unsealing
from letters.versions.models import Version


def delete(_person: User, seats: Sequence[Partner], homes: Sequence[UUID]) -> None:
    """What lies under their key but hangs on a seat: chosen for a reveal that never opened, put
    away for a day that had not come. And what the database protects in homes that go."""
    Choice.objects.filter(partner__in=seats).delete()
    OpenedBy.objects.filter(partner__in=seats).delete()
    Opening.objects.filter(giver__in=seats, is_kept=False).delete()
    Share.objects.filter(giver__in=seats).exclude(taken_back_at=None).delete()
    _unseal(homes)


def _unseal(homes: Sequence[UUID]) -> None:
    letters = Letter.objects.filter(couple__workspace__in=homes)
    ids = list(letters.values_list("pk", flat=True))
    Unsealing.objects.bulk_create(Unsealing(letter_id=pk) for pk in ids)
    SealSignature.objects.filter(seal__letter__in=ids).delete()
    Seal.objects.filter(letter__in=ids).delete()
    Version.objects.filter(letter__in=ids).delete()
    letters.delete()
    Unsealing.objects.filter(letter_id__in=ids).delete()
