"""Giving a letter, reading what was given, and taking it back."""

from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from couples.kept.addresses import or_kept
from couples.models import Couple
from couples.pdf import client as pdf
from couples.refusals import NotTogether
from couples.web.decorators import PartnerRequest, partner_required
from letters.giving.models import share as shares
from letters.giving.models.share import Share
from letters.letter.access import find_letter
from letters.letter.models.letter import Letter
from letters.text import difference, document


def find_own_letter(request: PartnerRequest, pk: UUID) -> Letter:
    """A letter that is this person's alone to give; 404 otherwise."""
    letter = find_letter(request, pk)
    if not letter.is_personal:
        raise Http404
    return letter


def preview(letter: Letter) -> dict[str, Any]:
    """The exact words that would be given, and their name."""
    blocks = document.blocks(letter.load())
    return {
        "letter": letter,
        "blocks": blocks,
        "html": document.to_html(blocks),
        "digest": document.digest(blocks),
    }


@require_http_methods(["GET", "POST"])
@partner_required
def letter_share(request: PartnerRequest, pk: UUID) -> HttpResponse:
    """Preview the exact words, then give exactly these."""
    letter = find_own_letter(request, pk)
    other = request.partner.other()
    if other is None:
        return render(request, "letters/giving/share_alone.html", {"letter": letter})
    changed = False
    if request.method == "POST":
        try:
            share = Share.give(
                letter,
                request.partner,
                request.POST.get("digest", ""),
                show_changes="show_changes" in request.POST,
                to=request.POST.get("reader", ""),
            )
        except NotTogether:
            return redirect("letters:letter_share", letter.pk)
        except shares.Changed:
            changed = True
        else:
            return redirect("letters:share", share.pk)
    context = preview(letter) | {"other": other, "changed": changed}
    given = Share.objects.filter(letter=letter, recipient=other).last_given()
    if given is not None:
        context["given"] = given
        context["changes"] = difference.blocks(given.blocks, context["blocks"])
    return render(request, "letters/giving/share.html", context, status=409 if changed else 200)


@require_safe
@or_kept(lambda pk: Couple.objects.of_rows(Share.objects.filter(pk=pk)), "given")
@partner_required
def share(request: PartnerRequest, pk: UUID) -> HttpResponse:
    """What was given, for both. The reader sees what changed where the author chose to show it,
    since the words before or since those that they choose."""
    share = _find(request, pk)
    context: dict[str, Any] = {"share": share, "mine": share.giver_id == request.partner.pk}
    if share.taken_back_at is None:
        context["unset"] = pdf.unset(share.html + share.giver.name)
        context["newer"] = share.newer()
        context["earlier"] = earlier = share.earlier()
        chosen = request.GET.get("since", "")
        since = next((each for each in earlier if str(each.pk) == chosen), None)
        if since is None and earlier and chosen != "nothing":
            since = earlier[0]
        if since is not None:
            context["since"] = since
            context["changes"] = difference.blocks(since.blocks, share.blocks)
    name = "letters/giving/shared.html"
    return render(request, f"{name}#letter" if request.htmx else name, context)


@require_POST
@partner_required
def share_take_back(request: PartnerRequest, pk: UUID) -> HttpResponse:
    share = _find(request, pk)
    if share.giver_id != request.partner.pk:
        raise Http404
    share.take_back()
    return redirect("letters:share", pk)


def _find(request: PartnerRequest, pk: UUID) -> Share:
    mine = Share.objects.visible_to(request.partner)
    return get_object_or_404(mine.select_related("giver__user", "recipient__user"), pk=pk)
