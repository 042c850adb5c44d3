"""Which letter an address means, for whoever asks."""

from uuid import UUID

from django.db.models import QuerySet
from django.http import Http404

from couples.models import Partner
from couples.prepared import prepared
from couples.web.decorators import PartnerRequest
from letters.letter.models.letter import Letter


def find_letter(request: PartnerRequest, pk: UUID) -> Letter:
    """The letter, if this person may read it; 404 otherwise."""
    found = _letter.first(request.partner, pk)
    if found is None:
        raise Http404
    return found


@prepared
def _letter(partner: Partner, pk: UUID) -> QuerySet[Letter]:
    return Letter.objects.visible_to(partner).with_people().filter(pk=pk)
