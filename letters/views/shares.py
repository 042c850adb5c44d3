from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from couples.http import PartnerRequest, partner_required
from letters import document
from letters.models import Share
from letters.models import share as shares
from letters.models.letter import NotTogether
from letters.views.letters import find_letter


@require_http_methods(["GET", "POST"])
@partner_required
def letter_share(request: PartnerRequest, pk: UUID) -> HttpResponse:
    """Preview the exact words, then give exactly these."""
    letter = find_letter(request, pk)
    if not letter.is_personal:
        raise Http404
    if request.partner.is_alone:
        return render(request, "letters/share_alone.html", {"letter": letter})
    changed = False
    if request.method == "POST":
        try:
            share = Share.give(letter, request.partner, request.POST.get("digest", ""))
        except NotTogether:
            return redirect("letters:letter_share", letter.pk)
        except shares.Changed:
            changed = True
        else:
            return redirect("letters:share", share.pk)
    blocks = document.blocks(document.load(letter))
    context = {
        "letter": letter,
        "html": document.to_html(blocks),
        "digest": document.digest(blocks),
        "changed": changed,
    }
    return render(request, "letters/share.html", context, status=409 if changed else 200)


@require_safe
@partner_required
def share(request: PartnerRequest, pk: UUID) -> HttpResponse:
    share = get_object_or_404(
        Share.objects.visible_to(request.partner).select_related("giver__user", "recipient__user"),
        pk=pk,
    )
    return render(request, "letters/shared.html", {"share": share})
