"""Two letters that open at the same moment."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from couples.kept.addresses import or_kept
from couples.models import Couple
from couples.refusals import NotTogether
from couples.web.decorators import PartnerRequest, acting_on, partner_required
from letters.giving.models import share as shares
from letters.giving.models.reveal import Refused, Reveal, Stage
from letters.giving.views.shares import find_own_letter, preview
from letters.letter.models.letter import Letter
from letters.text import document

# Why something did not happen, at the stage where the reveal is by now.
SORRY = {
    Stage.CHOOSING: gettext_lazy("Nothing is opened before both of you are ready."),
    Stage.OPENED: gettext_lazy("Both of you were ready, and both letters are open."),
    Stage.WITHDRAWN: gettext_lazy("This was withdrawn before. Nothing of it was shown."),
    Stage.ENDED: gettext_lazy("One of you has left. Nothing of it was shown."),
}


def find_reveal(request: PartnerRequest, pk: UUID) -> Reveal:
    return get_object_or_404(Reveal.objects.visible_to(request.partner).with_people(), pk=pk)


def _page(request: PartnerRequest, reveal: Reveal, refused: Refused | None = None) -> HttpResponse:
    """The reveal as it stands for this person."""
    other = reveal.couple.other_than(request.partner)
    ready = reveal.ready_ids()
    stage = reveal.stage
    if stage is Stage.CHOOSING and request.partner.pk in ready:
        stage = Stage.READY
    context: dict[str, Any] = {
        "reveal": reveal,
        "stage": stage.value,
        "other": other,
        "other_is_ready": other.pk in ready,
        "sorry": SORRY[refused.stage] if refused else "",
    }
    match stage:
        case Stage.CHOOSING:
            own = Letter.objects.visible_to(request.partner).personal()
            context["letters"] = own.order_by("-created_at")
        case Stage.READY:
            mine = reveal.choices.get(partner=request.partner)
            context["choice"] = mine
            context["html"] = document.to_html(shares.read(mine.words))
        case Stage.OPENED:
            given = reveal.shares.select_related("giver__user").order_by("giver__seat")
            context["shares"] = given
    name = "letters/giving/reveal.html"
    status = 409 if refused else 200
    return render(request, f"{name}#body" if request.htmx else name, context, status=status)


def _opened(pk: UUID) -> QuerySet[Reveal]:
    return Reveal.objects.filter(pk=pk).exclude(opened_at=None)


on_reveal = acting_on(find_reveal, Refused, _page)


@require_http_methods(["GET", "POST"])
@partner_required
def reveal_propose(request: PartnerRequest) -> HttpResponse:
    """What it is; and the one that is open, where there is one."""
    if request.partner.is_alone:
        return render(request, "letters/giving/share_alone.html")
    if request.method == "POST":
        try:
            return redirect("letters:reveal", Reveal.propose(request.partner).pk)
        except NotTogether:
            return redirect("letters:reveal_propose")
    running = Reveal.objects.visible_to(request.partner).open().first()
    if running is not None:
        return redirect("letters:reveal", running.pk)
    return render(request, "letters/giving/reveal_propose.html", {"other": request.partner.other()})


@require_safe
@or_kept(lambda pk: Couple.objects.filter(reveals__in=_opened(pk)), "given")
@partner_required
@on_reveal
def reveal(request: PartnerRequest, reveal: Reveal) -> HttpResponse:
    return _page(request, reveal)


@require_http_methods(["GET", "POST"])
@partner_required
@on_reveal
def reveal_ready(request: PartnerRequest, reveal: Reveal, letter: UUID) -> HttpResponse:
    """Preview the exact words, then be ready with exactly these."""
    own = find_own_letter(request, letter)
    if reveal.stage is not Stage.CHOOSING:
        return redirect("letters:reveal", reveal.pk)
    changed = False
    if request.method == "POST":
        try:
            reveal.ready(request.partner, own, request.POST.get("digest", ""))
        except shares.Changed:
            changed = True
        else:
            return redirect("letters:reveal", reveal.pk)
    context = preview(own) | {
        "reveal": reveal,
        "other": reveal.couple.other_than(request.partner),
        "changed": changed,
    }
    return render(
        request, "letters/giving/reveal_ready.html", context, status=409 if changed else 200
    )


@require_POST
@partner_required
@on_reveal
def reveal_unready(request: PartnerRequest, reveal: Reveal) -> HttpResponse:
    reveal.unready(request.partner)
    return redirect("letters:reveal", reveal.pk)


@require_POST
@partner_required
@on_reveal
def reveal_withdraw(request: PartnerRequest, reveal: Reveal) -> HttpResponse:
    reveal.withdraw()
    return redirect("letters:reveal", reveal.pk)
