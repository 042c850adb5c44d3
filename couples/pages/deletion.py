"""Deleting one's account: what becomes of what, said before; asked for; and taken back."""

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from couples.account import deletion
from couples.models import Couple
from couples.pages.forms import DeletionForm
from couples.web.decorators import UserRequest, user_required


@require_http_methods(["GET", "POST"])
@user_required
@reauthentication_required  # type: ignore[untyped-decorator]  # allauth has no types
def delete(request: UserRequest) -> HttpResponse:
    """A fresh sign-in, and one's own address typed: a press of a button is not enough."""
    form = DeletionForm(request.user, request.POST or None)
    if form.is_valid():
        deletion.ask(request.user)
        messages.success(request, _("Asked for. You have a week to change your mind."))
        return redirect("couples:us")
    partner = request.user.partner
    context = {
        "form": form,
        "days": deletion.GRACE.days,
        "other": partner.other() if partner else None,
        "has_kept": Couple.objects.kept_by(request.user).exists(),
    }
    status = 422 if form.is_bound else 200
    return render(request, "couples/delete.html", context, status=status)


@require_POST
@user_required
def keep(request: UserRequest) -> HttpResponse:
    deletion.keep(request.user)
    messages.success(request, _("Your account stays, with everything in it."))
    return redirect("couples:us")
