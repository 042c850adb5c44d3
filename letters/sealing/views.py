from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from couples.forms import uuid
from couples.pdf import client as pdf
from couples.refusals import NotTogether
from couples.web.decorators import PartnerRequest, UserRequest, partner_required, user_required
from couples.web.once import once
from letters.giving.models.share import Changed
from letters.letter.access import find_letter
from letters.letter.models.letter import Letter
from letters.sealing.models import Seal, Sealed
from letters.text import difference, document
from letters.versions.models import Closed


def find_joint(request: PartnerRequest, pk: UUID) -> Letter:
    letter = find_letter(request, pk)
    if letter.is_personal:
        raise Http404
    return letter


@require_http_methods(["GET", "POST"])
@partner_required
def seal(request: PartnerRequest, pk: UUID) -> HttpResponse:
    """Exactly the words, and one's name under them."""
    letter = find_joint(request, pk)
    if letter.closed_at is not None:
        return redirect("letters:sealed", pk)
    if not letter.is_writable:
        return redirect("letters:letter_read", pk)
    changed = False
    if request.method == "POST":
        try:
            signed = Seal.sign(
                letter,
                request.partner,
                request.POST.get("digest", ""),
                uuid(request.POST.get("seal")),
            )
        except Closed:
            return redirect("letters:sealed", pk)
        except NotTogether:
            return redirect("letters:letter_read", pk)
        except Changed:
            changed = True
        else:
            return redirect("letters:sealed" if signed.sealed_at else "letters:seal", pk)
    context = _words(letter, request) | {"changed": changed}
    template = (
        "letters/sealing/seal.html#words"
        if request.htmx and not changed
        else "letters/sealing/seal.html"
    )
    return render(request, template, context, status=409 if changed else 200)


def _words(letter: Letter, request: PartnerRequest) -> dict[str, Any]:
    """What the letter says now, and what was signed."""
    doc = letter.load(request.user)
    now = document.blocks(doc)
    standing = Seal.objects.open().filter(letter=letter).with_signatures().first()
    context: dict[str, Any] = {
        "letter": letter,
        "seal": standing,
        "html": document.to_html(now),
        "digest": document.digest(now),
        "is_undecided": document.is_undecided(doc),
        "says_something": any(block.text.strip() for block in now[1:]),
    }
    if standing is not None:
        context["mine"] = standing.is_signed_by(request.partner)
        context["differs"] = standing.digest != context["digest"]
        if context["differs"]:
            context["changes"] = difference.blocks(standing.blocks, now)
            context["signed_html"] = document.to_html(standing.blocks)
    return context


@require_POST
@partner_required
def seal_withdraw(request: PartnerRequest, pk: UUID) -> HttpResponse:
    letter = find_joint(request, pk)
    standing = Seal.objects.active().filter(letter=letter).first()
    if standing is not None:
        try:
            standing.withdraw(request.partner)
        except Sealed:
            return redirect("letters:sealed", pk)
    return redirect("letters:seal", pk)


@require_safe
@user_required
def sealed(request: UserRequest, pk: UUID) -> HttpResponse:
    """What both signed, for each of them, with or without a home."""
    mine = Seal.objects.signed_by(request.user).with_signatures()
    seal = get_object_or_404(mine, letter=pk)
    html = document.to_html(seal.blocks)
    context = {
        "seal": seal,
        "html": html,
        "unset": pdf.unset("".join([html, *(each.name for each in seal.signatures.all())])),
        "together": seal.couple.ended_at is None,
    }
    return render(request, "letters/sealing/sealed.html", context)


@require_POST
@partner_required
@once
def seal_grow(request: PartnerRequest, pk: UUID) -> HttpResponse:
    """A new letter that begins with the words of a sealed one."""
    find_joint(request, pk)
    seal = get_object_or_404(Seal.objects.sealed(), letter=pk)
    try:
        letter, is_new = seal.grow(request.partner)
    except NotTogether:
        return redirect("letters:sealed", pk)
    if not is_new:
        messages.info(request, _("You have an open letter already. Seal that one first."))
    return redirect("letters:letter", letter.pk)
