"""The picture over time."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from couples.web.decorators import PartnerRequest, partner_required
from principles.reviews import picture as pictures


@require_GET
@partner_required
def picture(request: PartnerRequest) -> HttpResponse:
    """All strips, by pages; or for htmx, with `?of=repair`, the strip of one principle."""
    slug = request.GET.get("of", "") if request.htmx else ""
    shown = pictures.load(request.partner, request.GET.get("page"), slug)
    name = "principles/reviews/picture.html"
    return render(request, f"{name}#one" if slug else name, {"picture": shown})
