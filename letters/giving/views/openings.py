"""Letters that wait for a day, or for a hard day."""

from datetime import timedelta
from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from couples.ids import uuid7
from couples.kept.addresses import or_kept
from couples.models import Couple
from couples.models.submission import Again
from couples.pdf import client as pdf
from couples.refusals import NotTogether
from couples.web.decorators import PartnerRequest, partner_required
from couples.web.once import claim_of
from letters.giving.forms import OpeningForm
from letters.giving.models import share as shares
from letters.giving.models.opening import NotYet, Opening, Stage
from letters.giving.views.shares import find_own_letter, preview

# Those at which the words are on the page.
OPEN = {Stage.PUT_AWAY, Stage.OPENED}


@require_http_methods(["GET", "POST"])
@partner_required
def letter_put_away(request: PartnerRequest, pk: UUID) -> HttpResponse:
    """Preview the exact words, and choose for whom and for when exactly these wait."""
    letter = find_own_letter(request, pk)
    other = request.partner.other()
    if other is None:
        return render(request, "letters/giving/share_alone.html", {"letter": letter})
    changed, status = False, 200
    form = OpeningForm(other)
    if request.method == "POST":
        form = OpeningForm(other, request.POST)
        status = 422
        if form.is_valid():
            name = uuid7()
            place = reverse("letters:opening", args=[name])
            try:
                Opening.put_away(
                    letter,
                    request.partner,
                    request.POST.get("digest", ""),
                    form.for_whom,
                    form.opens_on,
                    to=request.POST.get("reader", ""),
                    pk=name,
                    claim=claim_of(request, place),
                )
            except Again as again:
                return redirect(again.place)
            except NotTogether:
                return redirect("letters:letter_put_away", letter.pk)
            except shares.Changed:
                changed, status = True, 409
            else:
                return redirect(place)
    context = preview(letter) | {"other": other, "form": form, "changed": changed}
    return render(request, "letters/giving/opening_new.html", context, status=status)


@require_safe
@or_kept(lambda pk: Couple.objects.of_rows(Opening.objects.filter(pk=pk, is_kept=True)), "waited")
@partner_required
def opening(request: PartnerRequest, pk: UUID) -> HttpResponse:
    opening = _find(request, pk)
    stage = opening.stage_for(request.partner, timezone.now())
    html = opening.html if stage in OPEN else ""
    context = {
        "opening": opening,
        "stage": stage.value,
        "mine": opening.giver_id == request.partner.pk,
        "html": html,
        "unset": pdf.unset(html),
        # By the calendar of whoever looks, and past everywhere: the author does not learn from it
        # where the other is.
        "is_past": opening.opens_on is not None
        and opening.opens_on < timezone.localdate() - timedelta(days=1),
    }
    name = "letters/giving/opening.html"
    return render(request, f"{name}#letter" if request.htmx else name, context)


@require_POST
@partner_required
def opening_open(request: PartnerRequest, pk: UUID) -> HttpResponse:
    """The reader's own act. Where it is too early the page says for what it waits."""
    try:
        _find(request, pk).open(request.partner, timezone.now())
    except NotYet:
        pass
    return redirect("letters:opening", pk)


@require_POST
@partner_required
def opening_take_back(request: PartnerRequest, pk: UUID) -> HttpResponse:
    opening = _find(request, pk)
    if opening.giver_id != request.partner.pk:
        raise Http404
    opening.take_back()
    return redirect("letters:opening", pk)


def _find(request: PartnerRequest, pk: UUID) -> Opening:
    mine = Opening.objects.visible_to(request.partner).with_people(request.partner)
    return get_object_or_404(mine, pk=pk)
