"""Our agreement: proposing words, signing them, going back on either, and what was said before."""

from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from itertools import zip_longest
from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render, resolve_url
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django_htmx.http import HttpResponseClientRedirect

from couples.difference import Segment, difference
from couples.forms import number
from couples.models import Couple
from couples.refusals import NotTogether, Refusal
from couples.web.decorators import PartnerRequest, partner_required
from couples.web.once import once
from principles.agreements.forms import ProposalForm
from principles.agreements.hints import hints
from principles.agreements.models.agreement import (
    Agreement,
    Changed,
    Signed,
    Unchanged,
    Words,
    line_of,
)
from principles.agreements.models.missed import Missed
from principles.agreements.models.suspension import NotYours, Suspension
from principles.agreements.models.wording import Line, Wording, WordingQuerySet
from principles.agreements.parts import Change, Part, changes, parts
from principles.agreements.status_text import overtaken
from principles.pages.principle import load, principle_or_404
from principles.pages.principles import Proposal, show
from principles.reviews.models.review import Review

PAGE = 20


@require_http_methods(["GET", "POST"])
@partner_required
@once
def propose(request: PartnerRequest, slug: str) -> HttpResponse:
    """The form for other words, opened and with `?close` put away again; and the act itself."""
    if request.method == "POST":
        return _propose(request, slug)
    page = load(request.partner, principle_or_404(request.partner, slug))
    proposal = None
    if page.other is not None and "close" not in request.GET:
        form = ProposalForm.start_from(page.wording, request.partner)
        proposal = Proposal(form, base=page.wording.number if page.wording else 0)
    return show(request, page, "propose", proposal=proposal, review=_review(request))


def _propose(request: PartnerRequest, slug: str) -> HttpResponse:
    partner = request.partner
    principle = principle_or_404(partner, slug)
    page = load(partner, principle)
    form = ProposalForm(request.POST)
    if not form.is_valid():
        proposal = Proposal(form, base=form.cleaned_data["base"])
        return show(request, page, "proposed", proposal=proposal, status=422)
    base = form.cleaned_data["base"]
    other = page.other
    if other is None or form.cleaned_data["reader"] != str(other.pk):
        proposal = Proposal(form, base=base, error=_not_together())
        return show(request, page, "proposed", proposal=proposal, status=422)
    words = form.words_over(page.wording, partner, is_one=partner.seat < other.seat)
    meant = sha256(repr(words).encode()).hexdigest()
    found = hints(words, (partner.name, other.name))
    if found and form.cleaned_data["kept"] != meant:
        beside = {hint.part: hint.sentence for hint in found}
        beside["mine"] = beside.pop(line_of(partner.seat < other.seat), "")
        proposal = Proposal(form, base=base, hints=beside, kept=meant)
        return show(request, page, "proposed", proposal=proposal)
    try:
        Agreement.of(partner, principle).put(partner, words, base)
    except Unchanged:
        error = _("These are the words as they stand. Change something, or sign them.")
        proposal = Proposal(form, base=base, error=error)
    except NotTogether:
        proposal = Proposal(form, base=base, error=_not_together())
    except Changed as conflict:
        proposal = _overtaken(request, form, words, base, conflict.newest)
        page = load(partner, principle)
        return show(request, page, "proposed", proposal=proposal, status=409)
    else:
        if review := _review(request):
            back = resolve_url("principles:review", review)
            return HttpResponseClientRedirect(back) if request.htmx else redirect(back)
        return _done(request, slug, "proposed")
    return show(request, page, "proposed", proposal=proposal, status=422)


def _review(request: PartnerRequest) -> UUID | None:
    """The review that these words come out of, and that their writer goes back to."""
    try:
        asked = UUID((request.POST or request.GET).get("review", ""))
    except ValueError:
        return None
    return asked if Review.objects.visible_to(request.partner).filter(pk=asked) else None


def _overtaken(
    request: PartnerRequest, form: ProposalForm, words: Words, base: int, newest: Wording | None
) -> Proposal:
    """Both texts, and the next attempt starts from what was shown."""
    if newest is None:
        return Proposal(form, overtaken=overtaken(None, base, request.partner))
    return Proposal(
        form,
        base=newest.number,
        overtaken=overtaken(newest, base, request.partner),
        newest=newest,
        difference=difference(newest.text, words.text),
        changes=changes(newest.words, words, newest.agreement),
    )


def _not_together() -> str:
    return _(
        "Nothing was proposed: who lives here has changed since you opened this page."
        " Your words are still here."
    )


@require_POST
@partner_required
def wording_sign(request: PartnerRequest, slug: str, pk: UUID) -> HttpResponse:
    wording = _find(request, slug, pk)
    try:
        wording.sign(request.partner)
    except Changed as conflict:
        return _refused(request, slug, _unsigned(request, conflict.newest, wording))
    except NotTogether:
        return _refused(request, slug, _("Nothing is signed: an agreement takes the two of you."))
    return _done(request, slug)


@require_POST
@partner_required
def wording_withdraw(request: PartnerRequest, slug: str, pk: UUID) -> HttpResponse:
    wording = _find(request, slug, pk)
    for signature in wording.signatures.active().filter(partner=request.partner):
        signature.withdraw()
    return _done(request, slug)


@require_POST
@partner_required
def wording_take_back(request: PartnerRequest, slug: str, pk: UUID) -> HttpResponse:
    wording = _find(request, slug, pk)
    return _act(request, slug, lambda: wording.take_back(request.partner))


@require_POST
@partner_required
def wording_again(request: PartnerRequest, pk: UUID) -> HttpResponse:
    """Two who have come back together begin with words that both had signed: proposed anew, and
    without a signature. The other's line is theirs to write again."""
    kept = Wording.objects.filter(agreement__couple__in=Couple.objects.kept_by(request.user))
    before = get_object_or_404(kept.with_signatures(), pk=pk, agreement__own=None)
    now = before.agreement.couple.together_again()
    if before.held_since is None or now is None or request.partner.couple != now:
        raise NotTogether
    then = next(p for p in before.agreement.couple.people if p.user_id == request.user.pk)
    agreement = Agreement.of(request.partner, before.agreement.principle)
    newest = agreement.newest()
    base = newest.number if newest else 0
    parts = before.words._asdict()
    for part in ("text", "line_one", "line_two", "again_on"):
        del parts[part]
    try:
        agreement.propose(request.partner, before.text, base, mine=before.own_line(then), **parts)
    except (Changed, Unchanged):
        pass  # the page shows what stands there
    return redirect("principles:principle", agreement.principle)


# -- Put aside, and missed ------------------------------------------------------------------------


@require_POST
@partner_required
def agreement_pause(request: PartnerRequest, slug: str) -> HttpResponse:
    return _put_aside(request, slug, Suspension.Kind.PAUSED)


@require_POST
@partner_required
def agreement_retire(request: PartnerRequest, slug: str) -> HttpResponse:
    return _put_aside(request, slug, Suspension.Kind.RETIRED)


def _put_aside(request: PartnerRequest, slug: str, kind: Suspension.Kind) -> HttpResponse:
    agreement = _ours(request, slug)
    return _act(request, slug, lambda: Suspension.begin(agreement, request.partner, kind))


@require_POST
@partner_required
def agreement_take_up(request: PartnerRequest, slug: str) -> HttpResponse:
    suspension = _ours(request, slug).suspension
    if suspension is None:
        return _done(request, slug)
    return _act(request, slug, lambda: suspension.take_up(request.partner))


@require_POST
@partner_required
def agreement_missed(request: PartnerRequest, slug: str) -> HttpResponse:
    agreement = _ours(request, slug)
    return _act(request, slug, lambda: Missed.note(agreement, request.partner))


@require_POST
@partner_required
def agreement_put_right(request: PartnerRequest, slug: str) -> HttpResponse:
    noted = Missed.objects.filter(agreement=_ours(request, slug))
    missed = noted.select_related("agreement__couple").first()
    if missed is None:
        return _done(request, slug)
    return _act(request, slug, lambda: missed.put_right(request.partner))


# Why something did not happen to an agreement.
SORRY: dict[type[Refusal], Promise] = {
    NotTogether: gettext_lazy("These words belong to an earlier time."),
    NotYours: gettext_lazy(
        "It comes back when both of you sign its words anew: propose them again."
    ),
    Signed: gettext_lazy("Words that somebody signed stay. You can propose others in their place."),
    Changed: gettext_lazy("Other words have taken the place of these already."),
}


def _act(request: PartnerRequest, slug: str, verb: Callable[[], object]) -> HttpResponse:
    """Do it, and show the agreement; where it is not possible any more, say why."""
    try:
        verb()
    except tuple(SORRY) as refusal:
        return _refused(request, slug, str(SORRY[type(refusal)]))
    return _done(request, slug)


def _ours(request: PartnerRequest, slug: str) -> Agreement:
    """The agreement of the two who live here now."""
    ours = Agreement.objects.filter(couple=request.partner.couple).select_related("couple")
    return get_object_or_404(ours, principle=slug)


# -- Every wording -------------------------------------------------------------------------------


@dataclass(frozen=True)
class Earlier:
    """One wording in the history, and how it differs from another."""

    wording: Wording
    # The one that it is compared with, if there is one.
    before: Wording | None
    is_newest: bool = False

    @property
    def segments(self) -> list[Segment]:
        return difference(self.before.text, self.wording.text) if self.before else []

    @property
    def changes(self) -> list[Change]:
        before = self.before.words if self.before else self.wording.words
        after = self.wording
        return changes(before, after.words, after.agreement, after.names())

    @property
    def parts(self) -> list[Part]:
        return parts(self.wording)

    @property
    def signatures(self) -> list[Line]:
        """Every signature there ever was, with who signed."""
        people = {each.pk: each for each in self.wording.agreement.couple.people}
        return [Line(people[each.partner_id], each) for each in self.wording.signatures.all()]


@require_GET
@partner_required
def wordings(request: PartnerRequest, slug: str) -> HttpResponse:
    """The history; with `?one=2&two=5` the difference between any two of it."""
    partner, couple = request.partner, request.partner.couple
    principle = principle_or_404(partner, slug)
    visible = Wording.objects.visible_to(partner).filter(agreement__principle=slug)
    every = visible.with_signatures().select_related("proposer")
    every = every.order_by("-agreement_id", "-number")
    page = Paginator(every, PAGE).get_page(request.GET.get("page"))
    first = (page.number - 1) * PAGE
    # One more than is shown, so that the last one on the page has its predecessor.
    shown = list(every[first : first + PAGE + 1])
    newest = visible.of(couple).newest().first() if couple else None
    earlier = [
        Earlier(wording, _predecessor(before, wording), is_newest=wording == newest)
        for wording, before in zip_longest(shown, shown[1:])
    ]
    context = {
        "principle": principle,
        "page": page,
        "earlier": earlier[:PAGE],
        "compared": _compared(request, every.of(couple)) if couple else None,
    }
    return render(request, "principles/agreements/wordings.html", context)


def _predecessor(before: Wording | None, wording: Wording) -> Wording | None:
    """The first words of an agreement have none."""
    return before if before and before.agreement_id == wording.agreement_id else None


def _compared(request: PartnerRequest, ours: WordingQuerySet) -> Earlier | None:
    asked = sorted({number(request.GET.get("one")), number(request.GET.get("two"))})
    found = {wording.number: wording for wording in ours.filter(number__in=asked)}
    if len(found) < 2:
        return None
    return Earlier(found[asked[1]], found[asked[0]])


def _find(request: PartnerRequest, slug: str, pk: UUID) -> Wording:
    principle_or_404(request.partner, slug)
    visible = Wording.objects.visible_to(request.partner).select_related("agreement__couple")
    return get_object_or_404(visible, pk=pk, agreement__principle=slug)


def _done(request: PartnerRequest, slug: str, part: str = "live") -> HttpResponse:
    if not request.htmx:
        return redirect(reverse("principles:principle", args=[slug]) + "#agreement")
    return show(
        request, load(request.partner, principle_or_404(request.partner, slug)), part, acted=True
    )


def _refused(request: PartnerRequest, slug: str, sentence: str) -> HttpResponse:
    page = load(request.partner, principle_or_404(request.partner, slug))
    return show(request, page, "live", refusal=sentence, status=409)


def _unsigned(request: PartnerRequest, newest: Wording | None, seen: Wording) -> str:
    if newest is None or newest.number < seen.number:
        return _("These words were taken back before you signed. Nothing is signed.")
    if newest.proposer_id == request.partner.pk:
        return _("You changed the words in another window. Nothing is signed.")
    other = request.partner.other()
    return _(
        "%(name)s changed the words before you signed. Nothing is signed: read the new ones first."
    ) % {"name": other.name if other else ""}
