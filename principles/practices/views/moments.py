"""One moment of two people, and everything that can be done with it; a verb, a view."""

from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from couples.autosave import EditConflict, saved
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
from principles.practices.page import BY_KIND, SORRY, act, find, show


@require_GET
@partner_required
def moment(request: PartnerRequest, pk: UUID) -> HttpResponse:
    return show(request, _any(request, pk))


@require_POST
@partner_required
def moment_suspend(request: PartnerRequest, pk: UUID) -> HttpResponse:
    moment = _any(request, pk)
    return act(request, moment, moment.suspend)


@require_POST
@partner_required
def moment_resume(request: PartnerRequest, pk: UUID) -> HttpResponse:
    moment = _any(request, pk)
    return act(request, moment, moment.resume)


# -- Offer → response ----------------------------------------------------------------------------


@require_POST
@partner_required
def moment_withdraw(request: PartnerRequest, pk: UUID) -> HttpResponse:
    offer = find(request, pk, Offer)
    return act(request, offer, offer.withdraw)


@require_POST
@partner_required
@once
def moment_respond(request: PartnerRequest, pk: UUID) -> HttpResponse:
    offer = find(request, pk, Offer)
    form = LineForm(request.POST)
    choice = request.POST.get("choice", "")
    if offer.practice.response(choice) is None:
        raise Http404
    if not form.is_valid():
        return show(request, offer, line=form, status=422)
    return act(request, offer, offer.respond, choice, form.words)


@require_POST
@partner_required
@once
def moment_follow(request: PartnerRequest, pk: UUID) -> HttpResponse:
    offer = find(request, pk, Offer)
    form = LineForm(request.POST)
    if form.is_valid() and not form.words:
        form.add_error("text", str(NOTHING))
    if not form.is_valid():
        return show(request, offer, after=form, status=422)
    return act(request, offer, offer.follow, form.words)


# -- Blind → reveal ------------------------------------------------------------------------------


@require_POST
@partner_required
def decision_write(request: PartnerRequest, pk: UUID) -> HttpResponse:
    """Keep an answer as it is typed. The other one's pages are not told."""
    decision = find(request, pk, Decision)
    return _autosave(request, decision, _answer_sheet(request, decision))


@require_POST
@partner_required
def decision_ready(request: PartnerRequest, pk: UUID) -> HttpResponse:
    """Ready, with what stands in the form at that moment: the last words typed count."""
    decision = find(request, pk, Decision)
    sheet = _answer_sheet(request, decision)
    if not sheet.form.is_valid():
        return show(request, decision, sheet=sheet, status=422)
    try:
        decision.ready(request.partner, sheet.form.packed, sheet.revision, sheet.window)
    except NothingSaid:
        if decision.takes_a_yes:
            sheet.miss("choice", message=_("Yes, or not yet? One of the two."))
        else:
            sheet.miss("text")
        return show(request, decision, sheet=sheet, status=422)
    except EditConflict as changed:
        sheet.collide(changed.current)
        return show(request, decision, sheet=sheet, status=409)
    except Refused as refused:
        return show(request, decision, sorry=SORRY[refused.state], status=409)
    return redirect("principles:moment", pk)


@require_POST
@partner_required
def decision_unready(request: PartnerRequest, pk: UUID) -> HttpResponse:
    decision = find(request, pk, Decision)
    return act(request, decision, decision.unready)


@require_POST
@partner_required
def decision_stop(request: PartnerRequest, pk: UUID) -> HttpResponse:
    decision = find(request, pk, Decision)
    return act(request, decision, decision.stop)


@require_POST
@partner_required
@once
def decision_again(request: PartnerRequest, pk: UUID) -> HttpResponse:
    return _with_line(request, find(request, pk, Decision), "again")


@require_POST
@partner_required
@once
def idea_add(request: PartnerRequest, pk: UUID) -> HttpResponse:
    return _with_line(request, find(request, pk, Decision), "add_idea")


@require_POST
@partner_required
def idea_mark(request: PartnerRequest, pk: UUID, idea: UUID) -> HttpResponse:
    decision = find(request, pk, Decision)
    works = request.POST.get("works") == "yes"
    return act(request, decision, decision.mark, _idea(decision, idea), works)


@require_POST
@partner_required
def idea_take_back(request: PartnerRequest, pk: UUID, idea: UUID) -> HttpResponse:
    decision = find(request, pk, Decision)
    return act(request, decision, decision.take_back, _idea(decision, idea))


@require_POST
@partner_required
def idea_choose(request: PartnerRequest, pk: UUID, idea: UUID) -> HttpResponse:
    """A decision; with a principle, its words are proposed for the agreement there as well."""
    decision = find(request, pk, Decision)
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
        return show(request, find(request, pk, Decision), sorry=sorry, status=409)
    except Refused as refused:
        return show(request, decision, sorry=SORRY[refused.state], status=409)
    if principle:
        return redirect("principles:principle", principle)
    return redirect("principles:moment", pk)


# -- Mutual marks --------------------------------------------------------------------------------


@require_POST
@partner_required
def side_write(request: PartnerRequest, pk: UUID) -> HttpResponse:
    repair = find(request, pk, Repair)
    sheet = side_sheet(repair.draft_of(request.partner), request.POST)
    return _autosave(request, repair, sheet)


@require_POST
@partner_required
@once
def side_tell(request: PartnerRequest, pk: UUID) -> HttpResponse:
    """Tell exactly these words to both."""
    repair = find(request, pk, Repair)
    sheet = side_sheet(repair.draft_of(request.partner), request.POST)
    if not sheet.form.is_valid():
        return show(request, repair, sheet=sheet, status=422)
    try:
        repair.tell(request.partner, sheet.form.packed, sheet.revision, sheet.window)
    except NothingSaid:
        sheet.miss("story")
        return show(request, repair, sheet=sheet, status=422)
    except EditConflict as changed:
        sheet.collide(changed.current)
        return show(request, repair, sheet=sheet, status=409)
    except Refused as refused:
        return show(request, repair, sorry=SORRY[refused.state], status=409)
    return redirect("principles:moment", pk)


@require_POST
@partner_required
def repair_mark(request: PartnerRequest, pk: UUID) -> HttpResponse:
    repair = find(request, pk, Repair)
    what = request.POST.get("what", "")
    if what not in Mark.What.values:
        raise Http404
    return act(request, repair, repair.mark, what, request.POST.get("is_so") == "yes")


@require_POST
@partner_required
def repair_reopen(request: PartnerRequest, pk: UUID) -> HttpResponse:
    repair = find(request, pk, Repair)
    return act(request, repair, repair.reopen)


@require_POST
@partner_required
@once
def area_propose(request: PartnerRequest, pk: UUID) -> HttpResponse:
    area = find(request, pk, Area)
    form = SharesForm(area, request.POST)
    if not form.is_valid():
        return show(request, area, shares=form, status=422)
    return act(request, area, area.propose, form.shares, form.cleaned_data["text"])


@require_POST
@partner_required
def area_agree(request: PartnerRequest, pk: UUID) -> HttpResponse:
    area = find(request, pk, Area)
    try:
        seen = UUID(request.POST.get("seen", ""))
    except ValueError:
        raise Http404 from None
    return act(request, area, area.agree, seen)


@require_POST
@partner_required
def area_take_back(request: PartnerRequest, pk: UUID) -> HttpResponse:
    area = find(request, pk, Area)
    return act(request, area, area.take_back)


# -- How it is done ------------------------------------------------------------------------------


def _any(request: PartnerRequest, pk: UUID) -> Moment:
    """A moment of whatever shape it is."""
    found = Moment.objects.filter(pk=pk).found_by(request.partner)
    slug = found.values_list("kind", flat=True).first()
    if slug is None:
        raise Http404
    return find(request, pk, BY_KIND[slug])


def _idea(decision: Decision, pk: Any) -> Idea:
    return get_object_or_404(Idea.objects.filter(moment=decision.pk), pk=pk)


def _answer_sheet(request: PartnerRequest, decision: Decision) -> Sheet:
    kept = decision.round.answer_of(request.partner) or Answer()
    return Sheet(answer_fields(decision.practice), kept, data=request.POST)


def _with_line(request: PartnerRequest, decision: Decision, verb: str) -> HttpResponse:
    form = LineForm(request.POST)
    if not form.is_valid():
        return show(request, decision, line=form, status=422)
    try:
        return act(request, decision, getattr(decision, verb), form.words)
    except NothingSaid:
        form.add_error("text", str(NOTHING))
        return show(request, decision, line=form, status=422)


def _autosave(request: PartnerRequest, moment: Decision | Repair, sheet: Sheet) -> HttpResponse:
    if not sheet.form.is_valid():
        return show(request, moment, sheet=sheet, partial="sheet", status=422)
    try:
        kept = moment.write(request.partner, sheet.form.packed, sheet.revision, sheet.window)
    except EditConflict as changed:
        sheet.collide(changed.current)
        return show(request, moment, sheet=sheet, partial="sheet", status=409)
    except Refused as refused:
        return show(request, moment, sorry=SORRY[refused.state], partial="sorry", status=409)
    if request.htmx:
        return saved(kept.revision)
    return redirect("principles:moment", moment.pk)
