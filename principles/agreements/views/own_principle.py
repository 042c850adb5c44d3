"""Principles of two people's own: named by one, there once the other says yes."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from couples.refusals import Full, NotTogether, Refusal
from couples.web.decorators import PartnerRequest, partner_required
from couples.web.once import once
from principles.agreements.forms import OwnPrincipleForm
from principles.agreements.models.own_principle import OwnPrinciple, TooMany


@require_http_methods(["GET", "POST"])
@partner_required
@once
def own(request: PartnerRequest) -> HttpResponse:
    """The form for a new one."""
    form = OwnPrincipleForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            OwnPrinciple.propose(request.partner, **form.cleaned_data)
            return _back()
        except NotTogether:
            form.add_error(None, _("A principle of your own takes the two of you."))
        except Full as full:
            form.add_error(None, str(full.sentence))
        except TooMany:
            form.add_error(
                None, _("You have twenty beside the ten. Put one away before the next comes in.")
            )
    return render(
        request,
        "principles/agreements/own.html",
        {"form": form},
        status=422 if form.errors else 200,
    )


@require_POST
@partner_required
def own_agree(request: PartnerRequest, pk: UUID) -> HttpResponse:
    own = _find(request, pk)
    try:
        own.agree(request.partner)
    except Refusal:
        return _too_late(request)
    return redirect("principles:principle", own.slug)


@require_POST
@partner_required
def own_decline(request: PartnerRequest, pk: UUID) -> HttpResponse:
    try:
        _find(request, pk).decline()
    except Refusal:
        return _too_late(request)
    return _back()


@require_POST
@partner_required
def own_retire(request: PartnerRequest, pk: UUID) -> HttpResponse:
    try:
        _find(request, pk).retire()
    except Refusal:
        return _too_late(request)
    return _back()


@require_POST
@partner_required
@once
def own_again(request: PartnerRequest, pk: UUID) -> HttpResponse:
    try:
        _find(request, pk).propose_again(request.partner)
    except Refusal:
        return _too_late(request)
    return _back()


@require_POST
@partner_required
def own_move(request: PartnerRequest, pk: UUID) -> HttpResponse:
    try:
        _find(request, pk).move(up=request.POST.get("to") == "up")
    except Refusal:
        return _too_late(request)
    return _back()


def _find(request: PartnerRequest, pk: UUID) -> OwnPrinciple:
    visible = OwnPrinciple.objects.visible_to(request.partner)
    return get_object_or_404(visible.select_related("couple"), pk=pk)


def _back() -> HttpResponse:
    return redirect(reverse("principles:principles") + "#own")


def _too_late(request: PartnerRequest) -> HttpResponse:
    messages.info(request, _("That has changed meanwhile. This is how it stands now."))
    return _back()
