from uuid import UUID

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from couples.account import mails as mail
from couples.models import Acceptance, Couple, Invitation, User, Workspace
from couples.models.invitation import InvitationStatus, NotOpen
from couples.names import SameName, is_taken
from couples.pages import dashboard as home_page
from couples.pages.forms import InvitationMailForm, NameForm, ZoneForm
from couples.pages.qr import qr_svg
from couples.web import limits
from couples.web.decorators import PartnerRequest, UserRequest, partner_required, user_required
from couples.web.once import once


@require_safe
def front(request: HttpRequest) -> HttpResponse:
    if request.user.is_authenticated:
        return redirect("couples:home")
    return render(request, "couples/front.html")


@require_safe
def about(request: HttpRequest) -> HttpResponse:
    return render(request, "couples/about.html")


@require_safe
def privacy(request: HttpRequest) -> HttpResponse:
    return render(request, "couples/privacy.html")


@require_safe
def safety(request: HttpRequest) -> HttpResponse:
    return render(request, "couples/safety.html")


@require_http_methods(["GET", "POST"])
@user_required
def begin(request: UserRequest) -> HttpResponse:
    """The one question after signing up: together, or on my own first."""
    if request.method == "POST":
        Workspace.begin(request.user)
        return redirect(
            "couples:invite" if request.POST.get("how") == "together" else "couples:home"
        )
    if request.user.partner is not None:
        return redirect("couples:home")
    return render(request, "couples/begin.html", {"has_kept": _has_kept(request)})


@require_safe
@partner_required
def home(request: PartnerRequest) -> HttpResponse:
    partner = request.partner
    return render(
        request,
        "couples/home.html#waiting" if request.htmx else "couples/home.html",
        {
            "today": home_page.ask("today", partner),
            "waiting": home_page.ask("waiting", partner),
            "here": home_page.ask("here", partner),
            "aside": home_page.ask("aside", partner),
        },
    )


# -- Inviting ------------------------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
@partner_required
@once
def invite(request: PartnerRequest) -> HttpResponse:
    if request.method == "POST":
        if request.partner.is_alone:
            Invitation.make(request.partner, mail="mail" in request.POST)
        return redirect("couples:invite")
    return _invite_page(request, InvitationMailForm())


@require_POST
@partner_required
@once
def invite_mail(request: PartnerRequest) -> HttpResponse:
    form = InvitationMailForm(request.POST)
    invitation = request.partner.workspace.invitations.open().first()
    if invitation is None:
        return redirect("couples:invite")
    if not form.is_valid():
        return _invite_page(request, form, status=422)
    email = form.cleaned_data["email"]
    if not limits.allows(request, "invite_mail", email.lower()):
        form.add_error(
            "email", _("That was a lot in a short time. The link can be sent by any means.")
        )
        return _invite_page(request, form, status=429)
    mail.send_invitation(invitation, email)
    messages.success(request, _("The invitation is on its way."))
    return redirect("couples:invite")


@require_POST
@partner_required
def invite_revoke(request: PartnerRequest) -> HttpResponse:
    for invitation in request.partner.workspace.invitations.open():
        invitation.revoke()
    messages.success(request, _("The link no longer opens anything."))
    return redirect("couples:invite")


@require_POST
@partner_required
def invite_confirm(request: PartnerRequest, pk: UUID) -> HttpResponse:
    """Yes, this is who was meant."""
    came = Acceptance.objects.asked_of(request.partner).filter(pk=pk).first()
    if came is None:
        return _not_asked(request)
    try:
        came.confirm()
    except NotOpen as refused:
        if refused.status is InvitationStatus.TOGETHER:
            return redirect("couples:home")
        if refused.status is InvitationStatus.SAME_NAME:
            text = _("You are both called %(name)s. Choose another name first, then say yes.")
            messages.info(request, text % {"name": came.user.name})
            return redirect("couples:us")
        return _not_asked(request)
    messages.success(
        request,
        _("You share a home with %(name)s now. What you wrote alone is still yours alone.")
        % {"name": came.user.name},
    )
    return redirect("couples:home")


@require_POST
@partner_required
def invite_refuse(request: PartnerRequest, pk: UUID) -> HttpResponse:
    came = Acceptance.objects.asked_of(request.partner).filter(pk=pk).first()
    if came is None:
        return _not_asked(request)
    came.refuse()
    text = _("That was not who you meant. Nothing was shown. The link still works for one person.")
    messages.success(request, text)
    return redirect("couples:invite")


def _not_asked(request: PartnerRequest) -> HttpResponse:
    """Taken back meanwhile, answered on another device, or never there."""
    if not request.partner.is_alone:
        return redirect("couples:home")
    messages.info(request, _("This question is not open any more."))
    return redirect("couples:invite")


def _invite_page(
    request: PartnerRequest, form: InvitationMailForm, status: int = 200
) -> HttpResponse:
    invitation = request.partner.workspace.invitations.open().first()
    context = {
        "invitation": invitation,
        "qr": qr_svg(invitation.link) if invitation else "",
        "came": Acceptance.objects.asked_of(request.partner).order_by("pk"),
        "form": form,
    }
    return render(request, "couples/invite.html", context, status=status)


# -- Being invited -------------------------------------------------------------------------------


# Those at which there is something to do, or nothing wrong.
FINE = {
    InvitationStatus.OPEN,
    InvitationStatus.OWN,
    InvitationStatus.SAME_NAME,
    InvitationStatus.TOGETHER,
    InvitationStatus.WAITING,
}


@require_safe
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    return _invitation_page(request, _find(token))


def _invitation_page(
    request: HttpRequest, invitation: Invitation, form: NameForm | None = None
) -> HttpResponse:
    user = request.user if isinstance(request.user, User) else None
    found = invitation.status_for(user)
    context = {
        "invitation": invitation,
        "status": found,
        "inviter": invitation.inviter.name,
        "form": form or (NameForm() if found is InvitationStatus.SAME_NAME else None),
    }
    if user is not None and found is InvitationStatus.WAITING:
        context["mine"] = invitation.acceptances.get(user=user)
    status = 422 if form else 200 if found in FINE else 410
    return render(request, "couples/invitation.html", context, status=status)


@require_POST
@user_required
def invitation_accept(request: UserRequest, token: str) -> HttpResponse:
    invitation = _find(token)
    form = NameForm(request.POST) if "name" in request.POST else None
    if form and not form.is_valid():
        return _invitation_page(request, invitation, form)
    try:
        name = form.cleaned_data["name"] if form else ""
        invitation.accept(request.user, name, mail="mail" in request.POST)
        # Whoever had no home has one to write in, from now on and whatever the answer is.
        Workspace.begin(request.user)
    except NotOpen as refused:
        if form is None or refused.status is not InvitationStatus.SAME_NAME:
            return redirect("couples:invitation", token)
        form.add_error("name", is_taken(invitation.inviter.name))
        return _invitation_page(request, invitation, form)
    return redirect("couples:invitation", token)


@require_POST
def invitation_decline(request: HttpRequest, token: str) -> HttpResponse:
    """No; from whoever has said yes already, that is taken back."""
    invitation = _find(token)
    mine = None
    if isinstance(request.user, User):
        mine = invitation.acceptances.open().filter(user=request.user).first()
    if mine is None:
        invitation.decline()
        return redirect("couples:invitation", token)
    try:
        mine.withdraw()
    except NotOpen:
        return redirect("couples:home")
    return redirect("couples:invitation", token)


def _find(token: str) -> Invitation:
    invitation = Invitation.objects.by_token(token)
    if invitation is None:
        raise Http404
    return invitation


# -- You and your home ---------------------------------------------------------------------------


# Whoever has no home has an account all the same.
@require_safe
@user_required
def us(request: UserRequest) -> HttpResponse:
    return _us_page(request)


@require_POST
@user_required
def us_name(request: UserRequest) -> HttpResponse:
    form = NameForm(request.POST)
    if not form.is_valid():
        return _us_page(request, form=form)
    try:
        request.user.rename(form.cleaned_data["name"])
    except SameName as same:
        form.add_error("name", is_taken(same.name))
        return _us_page(request, form=form)
    messages.success(request, _("Saved."))
    return redirect("couples:us")


@require_POST
@user_required
def us_zone(request: UserRequest) -> HttpResponse:
    form = ZoneForm(request.POST, now=request.user.time_zone)
    if not form.is_valid():
        return _us_page(request, zone_form=form)
    request.user.live_in(form.cleaned_data["zone"])
    messages.success(request, _("Saved. Days and hours on your pages are those of this place."))
    return redirect("couples:us")


@require_POST
@partner_required
def us_presence(request: PartnerRequest) -> HttpResponse:
    """The switch stands on this page and in the joint letter, which asks with fetch()."""
    request.user.show_presence(request.POST.get("shown") == "on")
    if request.htmx:
        return HttpResponse(status=204)
    messages.success(
        request,
        _("In a letter of both of you, each now sees that the other is there.")
        if request.user.shows_presence
        else _("In a letter of both of you, nobody sees that you are there."),
    )
    return redirect("couples:us")


def _us_page(
    request: UserRequest, *, form: NameForm | None = None, zone_form: ZoneForm | None = None
) -> HttpResponse:
    """The page; with the form that was refused, where one was."""
    context = {
        "form": form or NameForm(initial={"name": request.user.name}),
        "zone_form": zone_form or ZoneForm(now=request.user.time_zone),
        "now": timezone.now(),
        "has_kept": _has_kept(request),
    }
    status = 422 if form or zone_form else 200
    return render(request, "couples/us.html", context, status=status)


def _has_kept(request: UserRequest) -> bool:
    return Couple.objects.kept_by(request.user).exists()


@require_http_methods(["GET", "POST"])
@partner_required
@reauthentication_required  # type: ignore[untyped-decorator]  # allauth has no types
def leave(request: PartnerRequest) -> HttpResponse:
    """Leaving takes one person and a fresh sign-in, and happens now."""
    if request.method == "POST":
        request.partner.leave()
        messages.success(request, _("You have left. Everything you wrote is still yours."))
        return redirect("couples:begin")
    return render(request, "couples/leave.html")
