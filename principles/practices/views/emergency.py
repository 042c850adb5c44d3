"""I need you now: the switch, the button, the layer over every page, and what follows."""

from datetime import datetime

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.formats import date_format
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.timezone import localdate, localtime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from couples.refusals import NotTogether
from couples.web.decorators import PartnerRequest, partner_required
from principles.catalog.practices import BY_SLUG
from principles.practices import emergency
from principles.practices.forms import LineForm
from principles.practices.models.call import Call, SwitchedOff, TooOften
from principles.practices.models.switch import CallSwitch
from principles.practices.page import back_to, on_moment, show
from principles.practices.views import practices


@require_http_methods(["GET", "POST"])
@partner_required
def call(request: PartnerRequest) -> HttpResponse:
    """The button. A link to it, followed without JavaScript or from elsewhere, asks once more."""
    if request.method == "GET":
        if not CallSwitch.of(request.partner).is_on:
            return redirect("principles:practice", "emergency")
        return render(
            request, "principles/practices/call_confirm.html", {"other": request.partner.other()}
        )
    try:
        started = Call.start(request.partner)
    except (NotTogether, SwitchedOff):
        return redirect("principles:practice", "emergency")
    except TooOften as often:
        sorry = _not_before(often.until)
        return practices.show(request, BY_SLUG["emergency"], sorry=sorry, status=429)
    return redirect("principles:moment", started.pk)


def _not_before(until: datetime) -> str:
    """What somebody reads who may need help this minute: first what does help."""
    here = localtime(until)
    form = "H:i" if here.date() == localdate() else "j F, H:i"
    return _(
        "Ring, or ring somebody else: that is quicker now. Calls have gone out from here already, "
        "and the next one can from %(time)s."
    ) % {"time": date_format(here, form)}


@require_POST
@partner_required
def call_switch(request: PartnerRequest) -> HttpResponse:
    """One's own switch, and whether calls come by mail as well. The other is told neither."""
    on, by_mail = (
        {"on": True, "off": False}.get(request.POST.get(name, "")) for name in ("on", "mail")
    )
    try:
        if on is False:
            Call.switch_off(request.partner)
        elif on or by_mail is not None:
            CallSwitch.set(request.partner, on=on, mail=by_mail)
            messages.success(request, _("Saved. Only you see this."))
    except NotTogether:
        pass
    return redirect("principles:practice", "emergency")


@require_GET
@partner_required
def layer(request: PartnerRequest) -> HttpResponse:
    """What stands over this person's pages at the moment; asked for on every nudge."""
    return render(request, "principles/practices/_emergency_banner.html", emergency.layer(request))


@require_POST
@partner_required
@on_moment(Call)
def call_undo(request: PartnerRequest, call: Call) -> HttpResponse:
    call.undo(request.partner)
    return redirect("principles:practice", "emergency")


@require_POST
@partner_required
@on_moment(Call)
def call_again(request: PartnerRequest, call: Call) -> HttpResponse:
    if not call.may_go_out_again and call.closed_at is None:
        sorry = _("It went out a moment ago. In a minute it can go once more; ringing is quicker.")
        return show(request, call, sorry=sorry, status=409)
    try:
        call.again(request.partner)
    except TooOften as often:
        return show(request, call, sorry=_not_before(often.until), status=429)
    return back_to(call)


@require_POST
@partner_required
@on_moment(Call)
def call_say(request: PartnerRequest, call: Call) -> HttpResponse:
    form = LineForm(request.POST)
    if not form.is_valid():
        return show(request, call, line=form, status=422)
    call.say(request.partner, form.words)
    return back_to(call)


@require_POST
@partner_required
@on_moment(Call)
def call_answer(request: PartnerRequest, call: Call) -> HttpResponse:
    """From the layer or from the page. Answered on two devices it is one answer."""
    choice = request.POST.get("choice", "")
    if call.practice.response(choice) is None:
        raise Http404
    call.respond(request.partner, choice)
    return _layer_or(request, back_to(call))


@require_POST
@partner_required
@on_moment(Call)
def call_hush(request: PartnerRequest, call: Call) -> HttpResponse:
    """Put the layer aside in this browser. Nobody is told; a thin line stays."""
    emergency.hush(request, call)
    back = request.POST.get("back", "")
    here = url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()})
    return _layer_or(request, redirect(back if here else "couples:home"))


@require_POST
@partner_required
@on_moment(Call)
def call_end(request: PartnerRequest, call: Call) -> HttpResponse:
    call.end(request.partner)
    return back_to(call)


def _layer_or(request: PartnerRequest, answer: HttpResponse) -> HttpResponse:
    """Without leaving the page, which may be a letter in the middle of a sentence."""
    if request.headers.get("HX-Request") and answer.status_code == 302:
        return render(
            request, "principles/practices/_emergency_banner.html", emergency.layer(request)
        )
    return answer
