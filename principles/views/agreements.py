"""Our agreement: proposing words, signing them, going back on either, and what was said before."""

from dataclasses import dataclass
from itertools import zip_longest
from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from couples.http import PartnerRequest, partner_required
from principles.difference import Segment, difference
from principles.forms import ProposalForm, first_error
from principles.models import Agreement, Wording
from principles.models.agreement import Changed, Line, NotTogether, Signed, Unchanged
from principles.page import load, principle_or_404
from principles.standing import overtaken
from principles.views.principles import Proposal, show

PAGE = 20


@require_http_methods(["GET", "POST"])
@partner_required
def propose(request: PartnerRequest, slug: str) -> HttpResponse:
    """The form for other words, opened and with `?close` put away again; and the act itself."""
    if request.method == "POST":
        return _propose(request, slug)
    page = load(request.partner, principle_or_404(slug))
    proposal = None
    if page.other is not None and "close" not in request.GET:
        proposal = Proposal(
            text=page.wording.text if page.wording else "",
            base=page.wording.number if page.wording else 0,
        )
    return show(request, page, "propose", proposal=proposal)


def _propose(request: PartnerRequest, slug: str) -> HttpResponse:
    principle, partner, other = principle_or_404(slug), request.partner, request.partner.other()
    form = ProposalForm(request.POST)
    error, newest = "", None
    if not form.is_valid():
        error = first_error(form, "text")
    elif other is None or form.cleaned_data["reader"] != str(other.pk):
        error = _not_together()
    else:
        try:
            agreement = Agreement.of(partner, slug)
            agreement.propose(partner, form.cleaned_data["text"], form.cleaned_data["base"])
            return _done(request, slug, "proposed")
        except Unchanged:
            error = _("These are the words as they stand. Change something, or sign them.")
        except NotTogether:
            error = _not_together()
        except Changed as conflict:
            newest = conflict.newest
    base = form.cleaned_data["base"]
    proposal = Proposal(
        text=request.POST.get("text", ""),
        # After both texts were shown, the next attempt starts from what was shown.
        base=newest.number if newest else base,
        error=error,
        overtaken=overtaken(newest, base, partner) if newest else "",
        newest=newest,
    )
    page = load(partner, principle)
    return show(request, page, "proposed", proposal=proposal, status=422 if error else 409)


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
    for signature in wording.signatures.standing().filter(partner=request.partner):
        signature.withdraw()
    return _done(request, slug)


@require_POST
@partner_required
def wording_take_back(request: PartnerRequest, slug: str, pk: UUID) -> HttpResponse:
    wording = _find(request, slug, pk)
    try:
        wording.take_back(request.partner)
    except Signed:
        sentence = _("Words that somebody signed stay. You can propose others in their place.")
        return _refused(request, slug, sentence)
    except Changed:
        return _refused(request, slug, _("Other words have taken the place of these already."))
    except NotTogether:
        return _refused(request, slug, _("These words belong to an earlier time."))
    return _done(request, slug)


@dataclass(frozen=True)
class Earlier:
    """One wording in the history, and how it differs from the one before."""

    wording: Wording
    segments: list[Segment]
    is_newest: bool

    @property
    def signatures(self) -> list[Line]:
        """Every signature there ever was, with who signed."""
        agreement = self.wording.agreement
        people = {agreement.one_id: agreement.one, agreement.two_id: agreement.two}
        return [Line(people[each.partner_id], each) for each in self.wording.signatures.all()]


@require_GET
@partner_required
def wordings(request: PartnerRequest, slug: str) -> HttpResponse:
    principle, partner, other = principle_or_404(slug), request.partner, request.partner.other()
    visible = Wording.objects.visible_to(partner).filter(agreement__principle=slug)
    every = (
        visible.with_signatures()
        .select_related("proposer__user")
        .order_by("-agreement_id", "-number")
    )
    page = Paginator(every, PAGE).get_page(request.GET.get("page"))
    first = (page.number - 1) * PAGE
    # One more than is shown, so that the last one on the page has its predecessor.
    shown = list(every[first : first + PAGE + 1])
    newest = visible.between(partner, other).newest().first() if other else None
    earlier = [
        Earlier(wording, _since(before, wording), is_newest=wording == newest)
        for wording, before in zip_longest(shown, shown[1:])
    ]
    return render(
        request,
        "principles/wordings.html",
        {"principle": principle, "page": page, "earlier": earlier[:PAGE]},
    )


def _since(before: Wording | None, wording: Wording) -> list[Segment]:
    """What changed; nothing to say about the first words of an agreement."""
    if before is None or before.agreement_id != wording.agreement_id:
        return []
    return difference(before.text, wording.text)


def _find(request: PartnerRequest, slug: str, pk: UUID) -> Wording:
    principle_or_404(slug)
    visible = Wording.objects.visible_to(request.partner).select_related("agreement__workspace")
    return get_object_or_404(visible, pk=pk, agreement__principle=slug)


def _done(request: PartnerRequest, slug: str, part: str = "live") -> HttpResponse:
    if not request.htmx:
        return redirect(reverse("principles:principle", args=[slug]) + "#agreement")
    return show(request, load(request.partner, principle_or_404(slug)), part, acted=True)


def _refused(request: PartnerRequest, slug: str, sentence: str) -> HttpResponse:
    page = load(request.partner, principle_or_404(slug))
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
