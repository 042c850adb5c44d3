"""What one person sees on the page of one moment, and how it is answered."""

from collections.abc import Callable
from typing import Any, cast
from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext_lazy as _

from couples.forms import plain
from couples.web.decorators import PartnerRequest, RowView, acting_on
from principles import catalog
from principles.catalog.kinds import Kind, State
from principles.catalog.practices import BY_SLUG
from principles.practices.forms import SIDE, LineForm, SharesForm, Sheet, answer_fields, side_sheet
from principles.practices.models.area import Area
from principles.practices.models.call import Call
from principles.practices.models.decision import Answer, Decision
from principles.practices.models.draft import Draft
from principles.practices.models.moment import Moment, Refused
from principles.practices.models.offer import Offer
from principles.practices.models.repair import Mark, Repair

SHAPES: tuple[type[Moment], ...] = (Offer, Call, Decision, Repair, Area)
BY_KIND = {kind: shape for shape in SHAPES for kind in shape.KINDS}
TEMPLATES = {
    Offer: "principles/practices/offer.html",
    Call: "principles/practices/call.html",
    Decision: "principles/practices/decision.html",
    Repair: "principles/practices/repair.html",
    Area: "principles/practices/area.html",
}

# Why something did not happen, in the state where the moment is by now.
SORRY = {
    State.PENDING: _("It has not gone out yet."),
    State.GIVEN: _("This was not possible the way it stands now."),
    State.ANSWERED: _("There is an answer by now, so it stays as it is."),
    State.LATER: _("There is an answer by now, so it stays as it is."),
    State.FOLLOWED: _("How it went is said already."),
    State.WITHDRAWN: _("It was taken back in the meantime."),
    State.ENDED: _("It is over."),
    State.OPEN: _("Nothing is shown before both of you are ready."),
    State.READY: _("You said that you are ready. To change your answer, take that back first."),
    State.TABLE: _("Both answers are open, and they stay as they are."),
    State.NEEDS: _("What you both need is open, and it stays as it is."),
    State.DECIDED: _("It is decided. If that was too quick, put it as a new question."),
    State.STOPPED: _("This was stopped. Nothing of it is kept."),
    State.TOLD: _("Something else is said here by now. Look again."),
    State.MARKING: _("This side is told already. To add something, write it below."),
    State.MENDED: _("It is mended. To go on, open it again first."),
    State.DIFFERENT: _("Something else is said here by now. Look again before you agree."),
    State.AGREED: _("This is what holds already."),
    State.SUSPENDED: _("This rests at present. Take it up again first."),
}
# The fields of a moment's page in which somebody writes.
WRITTEN = ("text", *(each.name for each in SIDE))


def kind_or_404(slug: str) -> Kind:
    kind = BY_SLUG.get(slug)
    if kind is None:
        raise Http404
    return kind


def find[M: Moment](request: PartnerRequest, pk: UUID, shape: type[M]) -> M:
    """Forbidden and missing are the same."""
    found = shape.objects.filter(pk=pk).found_by(request.partner).whole().first()
    if found is None:
        raise Http404
    return cast(M, found)


def find_any(request: PartnerRequest, pk: UUID) -> Moment:
    """A moment of whatever shape it is."""
    found = Moment.objects.filter(pk=pk).found_by(request.partner)
    slug = found.values_list("kind", flat=True).first()
    if slug is None:
        raise Http404
    return find(request, pk, BY_KIND[slug])


def back_to(moment: Moment) -> HttpResponse:
    return redirect("principles:moment", moment.pk)


def _refused(request: PartnerRequest, moment: Moment, refused: Refused) -> HttpResponse:
    return show(request, moment, sorry=SORRY[refused.state], status=409)


on_any_moment = acting_on(find_any, Refused, _refused)


def on_moment[M: Moment](shape: type[M]) -> Callable[[RowView[M]], RowView[UUID]]:
    """Views of a moment of this shape; of another it is not found."""

    def find_one(request: PartnerRequest, pk: UUID) -> M:
        return find(request, pk, shape)

    return acting_on(find_one, Refused, _refused)


def show(
    request: PartnerRequest, moment: Moment, *, status: int = 200, partial: str = "", **context: Any
) -> HttpResponse:
    """The page; or for htmx the part that is asked for, and nothing when that has not changed.

    `partial` is what is answered to htmx alone: what saves itself gets back the form, or a sentence
    in its place.
    """
    partner = request.partner
    state = moment.state_for(partner)
    key = _key(moment, state)
    part = request.GET.get("part", "") if request.htmx and request.method == "GET" else ""
    if part == "act" and request.GET.get("key") == key:
        # Somebody may be typing there.
        return HttpResponse(status=204)
    context = {
        "moment": moment,
        "kind": moment.practice,
        "state": state.value,
        "sentence": moment.sentence(partner),
        "mine": moment.begun_by_id == partner.pk,
        "me": partner,
        "other": moment.couple.other_than(partner),
        "key": key,
    } | context
    if "sorry" in context:
        context["not_kept"] = _not_kept(request)
    _add_shape(moment, context)
    partial = partial if request.htmx else ""
    template = TEMPLATES[type(moment)]
    if partial or part in ("now", "act"):
        template = f"{template}#{partial or part}"
    response = render(request, template, context, status=status)
    patch_vary_headers(response, ["HX-Request"])
    return response


def _not_kept(request: PartnerRequest) -> list[str]:
    """What came too late goes back to the page, so that nothing typed is lost."""
    typed = [plain(request.POST.get(name, "")) for name in WRITTEN]
    return [words for words in typed if words]


def _add_shape(moment: Moment, context: dict[str, Any]) -> None:
    match moment:
        case Offer():
            _offer(moment, context)
        case Decision():
            _decision(moment, context)
        case Repair():
            _repair(moment, context)
        case Area():
            _area(moment, context)


def _key(moment: Moment, state: State) -> str:
    """Names the form that a person is shown; it is fetched anew only when that changes."""
    match moment:
        case Repair():
            return str(state) if state in (State.MENDED, State.SUSPENDED) else "write"
        case Area():
            return str(state) if state is State.SUSPENDED else "propose"
        case _:
            return str(state)


def _offer(moment: Offer, context: dict[str, Any]) -> None:
    partner = context["me"]
    context |= {
        "answer": moment.answer,
        "may_respond": moment.may_respond(partner),
        "may_withdraw": moment.may_withdraw(partner),
        "may_follow": moment.may_follow(partner),
        "fields": fields_of(moment.practice, moment.parts),
    }
    if isinstance(moment, Call):
        wait = (moment.given_at - timezone.now()).total_seconds()
        context["undo"] = max(0, int(wait * 1000)) + 300
        context["is_left"] = moment.is_left_with(partner)
        context["people"] = Draft.on_desk(partner.user, moment.kind).parts.get("text", "")
    _ask(context, "line", _("A line with it, if you like"))
    if context["may_follow"]:
        _ask(context, "after", moment.practice.after)


def _ask(context: dict[str, Any], name: str, label: Any, before: str = "") -> None:
    """A line to fill in; or what was filled in and has to be mended, under the same question."""
    form = context.get(name) or LineForm(initial={"text": before})
    context[name] = form.asking(label)


def fields_of(kind: Kind, texts: dict[str, str]) -> list[tuple[Any, str]]:
    """What was said in each field, by its label; what was chosen in the words of the choice."""
    found = []
    for each in kind.fields:
        text = texts.get(each.name, "")
        chosen = [str(choice.label) for choice in each.choices if choice.value == text]
        if text:
            found.append(("" if chosen else each.label, chosen[0] if chosen else text))
    return found


def _decision(moment: Decision, context: dict[str, Any]) -> None:
    partner = context["me"]
    state = State(context["state"])
    mine = moment.round.answer_of(partner)
    context |= {"other_is_ready": moment.other_is_ready(partner)}
    if state is State.OPEN:
        kept = mine or Answer()
        context.setdefault("sheet", Sheet(answer_fields(moment.practice), kept))
    elif state is State.READY:
        context["my_answer"] = mine
    elif state is State.TABLE:
        _ask(context, "line", _("How would you say it now?"), moment.question)
    elif state is State.NEEDS:
        _ask(context, "line", _("An idea. Silly ones count."))
    context["rounds"] = [
        (each, [(person, each.answer_of(person)) for person in moment.couple.people])
        for each in reversed(moment.rounds_so_far)
        if each.revealed_at
    ]
    if moment.kind == "ws":
        context["ideas"] = _ideas(moment, partner)
        context["principles"] = catalog.PRINCIPLES


def _ideas(moment: Decision, partner: Any) -> list[dict[str, Any]]:
    other = moment.couple.other_than(partner)
    shown = []
    for idea in moment.ideas.select_related("partner__user").prefetch_related("marks"):
        for_whom = {mark.partner_id for mark in idea.marks.all()}
        shown.append(
            {
                "idea": idea,
                "mine": idea.partner_id == partner.pk,
                "for_me": partner.pk in for_whom,
                "for_other": other.pk in for_whom,
            }
        )
    return shown


def _repair(moment: Repair, context: dict[str, Any]) -> None:
    partner, state = context["me"], State(context["state"])
    if state not in (State.MENDED, State.SUSPENDED):
        context.setdefault("sheet", side_sheet(moment.draft_of(partner)))
    context["told"] = moment.told
    context["marks"] = [
        (
            what,
            [(person, (person.pk, what.value) in moment.marked) for person in moment.couple.people],
        )
        for what in Mark.What
    ]
    context["may_mark"] = state is State.MARKING
    context["my_marks"] = {what for person, what in moment.marked if person == partner.pk}


def _area(moment: Area, context: dict[str, Any]) -> None:
    partner, other = context["me"], context["other"]
    mine, theirs, holding = (
        moment.proposal_of(partner),
        moment.proposal_of(other),
        moment.holding,
    )
    base = mine or holding
    start = base.shares._asdict() | {"text": base.text} if base else {}
    context |= {"my_proposal": mine, "their_proposal": theirs, "holding": holding}
    context.setdefault("shares", SharesForm(moment, initial=start))
