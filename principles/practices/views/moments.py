"""One moment of two people, and everything that can be done with it; a verb, a view."""

from collections.abc import Callable
from functools import partial
from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from couples.autosave import saved
from couples.forms import uuid
from couples.kept.addresses import or_kept
from couples.models import Couple, Partner
from couples.web.decorators import PartnerRequest, partner_required
from couples.web.once import once
from principles import catalog
from principles.agreements.models import wording
from principles.agreements.models.agreement import Changed as AgreementChanged
from principles.agreements.models.agreement import Unchanged
from principles.practices.forms import (
    NOTHING,
    LineForm,
    SharesForm,
    Sheet,
    answer_fields,
    side_sheet,
)
from principles.practices.models.area import Area
from principles.practices.models.decision import Answer, Decision, Idea, NotForBoth
from principles.practices.models.moment import Moment, NothingSaid, Refused
from principles.practices.models.offer import Offer
from principles.practices.models.repair import Mark, Repair
from principles.practices.page import (
    SORRY,
    back_to,
    find,
    find_any,
    on_any_moment,
    on_moment,
    show,
)


@require_GET
@or_kept(lambda pk: Couple.objects.filter(moments=pk), "practices")
@partner_required
def moment(request: PartnerRequest, pk: UUID) -> HttpResponse:
    return show(request, find_any(request, pk))


@require_POST
@partner_required
@on_any_moment
def moment_suspend(request: PartnerRequest, moment: Moment) -> HttpResponse:
    moment.suspend(request.partner)
    return back_to(moment)


@require_POST
@partner_required
@on_any_moment
def moment_resume(request: PartnerRequest, moment: Moment) -> HttpResponse:
    moment.resume(request.partner)
    return back_to(moment)


# -- Offer → response ----------------------------------------------------------------------------


@require_POST
@partner_required
@on_moment(Offer)
def moment_withdraw(request: PartnerRequest, offer: Offer) -> HttpResponse:
    offer.withdraw(request.partner)
    return back_to(offer)


@require_POST
@partner_required
@once
@on_moment(Offer)
def moment_respond(request: PartnerRequest, offer: Offer) -> HttpResponse:
    form = LineForm(request.POST)
    choice = request.POST.get("choice", "")
    if offer.practice.response(choice) is None:
        raise Http404
    if not form.is_valid():
        return show(request, offer, line=form, status=422)
    offer.respond(request.partner, choice, form.words)
    return back_to(offer)


@require_POST
@partner_required
@once
@on_moment(Offer)
def moment_follow(request: PartnerRequest, offer: Offer) -> HttpResponse:
    form = LineForm(request.POST)
    if form.is_valid() and not form.words:
        form.add_error("text", str(NOTHING))
    if not form.is_valid():
        return show(request, offer, after=form, status=422)
    offer.follow(request.partner, form.words)
    return back_to(offer)


# -- Blind → reveal ------------------------------------------------------------------------------


@require_POST
@partner_required
@on_moment(Decision)
def decision_write(request: PartnerRequest, decision: Decision) -> HttpResponse:
    """Keep an answer as it is typed. The other one's pages are not told."""
    return _autosave(request, decision, _answer_sheet(request, decision))


@require_POST
@partner_required
@on_moment(Decision)
def decision_ready(request: PartnerRequest, decision: Decision) -> HttpResponse:
    """Ready, with what stands in the form at that moment: the last words typed count."""
    sheet = _answer_sheet(request, decision)
    try:
        status = sheet.save(partial(decision.ready, request.partner))
    except NothingSaid:
        status = 422
        if decision.takes_a_yes:
            sheet.miss("choice", message=_("Yes, or not yet? One of the two."))
        else:
            sheet.miss("text")
    if status != 200:
        return show(request, decision, sheet=sheet, status=status)
    return back_to(decision)


@require_POST
@partner_required
@on_moment(Decision)
def decision_unready(request: PartnerRequest, decision: Decision) -> HttpResponse:
    decision.unready(request.partner)
    return back_to(decision)


@require_POST
@partner_required
@on_moment(Decision)
def decision_stop(request: PartnerRequest, decision: Decision) -> HttpResponse:
    decision.stop(request.partner)
    return back_to(decision)


@require_POST
@partner_required
@once
@on_moment(Decision)
def decision_again(request: PartnerRequest, decision: Decision) -> HttpResponse:
    return _with_line(request, decision, decision.again)


@require_POST
@partner_required
@once
@on_moment(Decision)
def idea_add(request: PartnerRequest, decision: Decision) -> HttpResponse:
    return _with_line(request, decision, decision.add_idea)


@require_POST
@partner_required
@on_moment(Decision)
def idea_mark(request: PartnerRequest, decision: Decision, idea: UUID) -> HttpResponse:
    works = request.POST.get("works") == "yes"
    decision.mark(request.partner, _idea(decision, idea), works)
    return back_to(decision)


@require_POST
@partner_required
@on_moment(Decision)
def idea_take_back(request: PartnerRequest, decision: Decision, idea: UUID) -> HttpResponse:
    decision.take_back(request.partner, _idea(decision, idea))
    return back_to(decision)


@require_POST
@partner_required
@on_moment(Decision)
def idea_choose(request: PartnerRequest, decision: Decision, idea: UUID) -> HttpResponse:
    """A decision; with a principle, its words are proposed for the agreement there as well."""
    chosen = _idea(decision, idea)
    principle = request.POST.get("principle", "")
    if principle and principle not in catalog.BY_SLUG:
        raise Http404
    if principle and len(chosen.text) > wording.LONGEST:
        sorry = _(
            "Words for an agreement have at most %(most)d characters. Choose this as a decision, or"
            " add it again, shorter."
        )
        return show(request, decision, sorry=sorry % {"most": wording.LONGEST}, status=422)
    try:
        decision.choose(request.partner, chosen, principle)
    except NotForBoth:
        sorry = _("It does not work for both of you by now. Look again.")
        return show(request, decision, sorry=sorry, status=409)
    except (AgreementChanged, Unchanged):
        sorry = _("The agreement there says something else by now, so nothing was proposed.")
        return show(request, find(request, decision.pk, Decision), sorry=sorry, status=409)
    if principle:
        return redirect("principles:principle", principle)
    return back_to(decision)


# -- Mutual marks --------------------------------------------------------------------------------


@require_POST
@partner_required
@on_moment(Repair)
def side_write(request: PartnerRequest, repair: Repair) -> HttpResponse:
    sheet = side_sheet(repair.draft_of(request.partner), request.POST)
    return _autosave(request, repair, sheet)


@require_POST
@partner_required
@once
@on_moment(Repair)
def side_tell(request: PartnerRequest, repair: Repair) -> HttpResponse:
    """Tell exactly these words to both."""
    sheet = side_sheet(repair.draft_of(request.partner), request.POST)
    try:
        status = sheet.save(partial(repair.tell, request.partner))
    except NothingSaid:
        status = 422
        sheet.miss("story")
    if status != 200:
        return show(request, repair, sheet=sheet, status=status)
    return back_to(repair)


@require_POST
@partner_required
@on_moment(Repair)
def repair_mark(request: PartnerRequest, repair: Repair) -> HttpResponse:
    what = request.POST.get("what", "")
    if what not in Mark.What.values:
        raise Http404
    repair.mark(request.partner, what, request.POST.get("is_so") == "yes")
    return back_to(repair)


@require_POST
@partner_required
@on_moment(Repair)
def repair_reopen(request: PartnerRequest, repair: Repair) -> HttpResponse:
    repair.reopen(request.partner)
    return back_to(repair)


@require_POST
@partner_required
@once
@on_moment(Area)
def area_propose(request: PartnerRequest, area: Area) -> HttpResponse:
    form = SharesForm(area, request.POST)
    if not form.is_valid():
        return show(request, area, shares=form, status=422)
    area.propose(request.partner, form.shares, form.cleaned_data["text"])
    return back_to(area)


@require_POST
@partner_required
@on_moment(Area)
def area_agree(request: PartnerRequest, area: Area) -> HttpResponse:
    seen = uuid(request.POST.get("seen"))
    if seen is None:
        raise Http404
    area.agree(request.partner, seen)
    return back_to(area)


@require_POST
@partner_required
@on_moment(Area)
def area_take_back(request: PartnerRequest, area: Area) -> HttpResponse:
    area.take_back(request.partner)
    return back_to(area)


# -- How it is done ------------------------------------------------------------------------------


def _idea(decision: Decision, pk: Any) -> Idea:
    return get_object_or_404(Idea.objects.filter(moment=decision.pk), pk=pk)


def _answer_sheet(request: PartnerRequest, decision: Decision) -> Sheet:
    kept = decision.round.answer_of(request.partner) or Answer()
    return Sheet(answer_fields(decision.practice), kept, data=request.POST)


def _with_line(
    request: PartnerRequest, decision: Decision, verb: Callable[[Partner, str], object]
) -> HttpResponse:
    form = LineForm(request.POST)
    if not form.is_valid():
        return show(request, decision, line=form, status=422)
    try:
        verb(request.partner, form.words)
    except NothingSaid:
        form.add_error("text", str(NOTHING))
        return show(request, decision, line=form, status=422)
    return back_to(decision)


def _autosave(request: PartnerRequest, moment: Decision | Repair, sheet: Sheet) -> HttpResponse:
    try:
        status = sheet.save(partial(moment.write, request.partner))
    except Refused as refused:
        return show(request, moment, sorry=SORRY[refused.state], partial="sorry", status=409)
    if status != 200:
        return show(request, moment, sheet=sheet, partial="sheet", status=status)
    if request.htmx:
        return saved(sheet.written.revision)
    return back_to(moment)
