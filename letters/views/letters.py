from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from couples.http import PartnerRequest, partner_required
from letters import document
from letters import questions as catalog
from letters.models import Letter, Reflection, Share
from letters.models.letter import NotTogether


def find_letter(request: PartnerRequest, pk: UUID) -> Letter:
    """The letter, if this person may read it; 404 otherwise."""
    return get_object_or_404(Letter.objects.visible_to(request.partner).with_seats(), pk=pk)


@require_safe
@partner_required
def letters(request: PartnerRequest) -> HttpResponse:
    given = list(Share.objects.visible_to(request.partner).newest_of_each_letter())
    mine = list(Letter.objects.visible_to(request.partner).order_by("-created_at"))
    context = {
        "joint": [letter for letter in mine if not letter.is_personal],
        "personal": [letter for letter in mine if letter.is_personal],
        "given_by_other": [share for share in given if share.giver_id != request.partner.pk],
        "given_by_me": {share.letter_id for share in given if share.giver_id == request.partner.pk},
        "answered": Reflection.objects.visible_to(request.partner).count(),
        "questions": len(catalog.QUESTIONS),
    }
    template = "letters/letters.html#list" if request.htmx else "letters/letters.html"
    return render(request, template, context)


@require_POST
@partner_required
def letter_begin(request: PartnerRequest) -> HttpResponse:
    return redirect("letters:letter", Letter.begin_personal(request.user).pk)


@require_POST
@partner_required
def letter_begin_joint(request: PartnerRequest) -> HttpResponse:
    try:
        joint = Letter.begin_joint(request.partner.workspace)
    except NotTogether:
        messages.info(request, _("A letter written together takes two. Your own is here for you."))
        return redirect("letters:letters")
    return redirect("letters:letter", joint.pk)


@require_safe
@partner_required
def letter(request: PartnerRequest, pk: UUID) -> HttpResponse:
    letter = find_letter(request, pk)
    if not letter.is_writable:
        return redirect("letters:letter_read", pk)
    context = {
        "letter": letter,
        "letter_html": document.to_html(document.blocks(document.load(letter))),
        "presence": "none"
        if letter.is_personal
        else ("on" if request.user.shows_presence else "off"),
        "answers": [
            (catalog.get(answer.question), answer.lines)
            for answer in Reflection.objects.visible_to(request.partner)
            if answer.lines
        ],
    }
    return render(request, "letters/letter.html", context)


@require_safe
@partner_required
def letter_read(request: PartnerRequest, pk: UUID) -> HttpResponse:
    letter = find_letter(request, pk)
    html = document.to_html(document.blocks(document.load(letter)))
    return render(request, "letters/read.html", {"letter": letter, "html": html})
