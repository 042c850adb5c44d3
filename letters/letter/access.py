"""Which letter an address means, for whoever asks."""

from uuid import UUID

from django.shortcuts import get_object_or_404

from couples.web.decorators import PartnerRequest
from letters.letter.models.letter import Letter


def find_letter(request: PartnerRequest, pk: UUID) -> Letter:
    """The letter, if this person may read it; 404 otherwise."""
    return get_object_or_404(Letter.objects.visible_to(request.partner).with_people(), pk=pk)
