from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from couples.web.decorators import PartnerRequest, partner_required
from letters.reflection import breath


@require_http_methods(["GET", "POST"])
@partner_required
def pause(request: PartnerRequest) -> HttpResponse:
    """One breath, and the way on. With a POST the person turns it off, or on again."""
    way_on = _way_on(request)
    if request.method == "POST":
        if "off" in request.POST:
            return breath.remember(redirect(way_on), breath.OFF)
        return breath.forget(redirect("letters:pause"))
    if "next" in request.GET and breath.was_taken(request):
        return redirect(way_on)
    context = {"next": way_on, "is_off": breath.is_off(request)}
    response = render(request, "letters/reflection/pause.html", context)
    return response if context["is_off"] else breath.remember(response, breath.TAKEN)


def _way_on(request: PartnerRequest) -> str:
    """Only into the letters: no link from elsewhere leads through here to anywhere else."""
    letters = reverse("letters:letters")
    way_on = request.GET.get("next") or request.POST.get("next") or ""
    inside = way_on.startswith(letters) and ".." not in way_on and "\\" not in way_on
    return way_on if inside else letters
