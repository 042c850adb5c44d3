"""Looking back: the reviews of two people, and for one a quiet look at their own pledges."""

from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from couples.autosave import saved
from couples.kept.addresses import or_kept
from couples.models import Couple, Partner
from couples.prepared import prepared
from couples.refusals import NotTogether
from couples.web.decorators import PartnerRequest, partner_required
from principles import catalog
from principles.agreements.models.wording import Wording
from principles.pledges.models import Pledge
from principles.reviews.forms import MarkSheet
from principles.reviews.models.review import Review
from principles.reviews.models.stage import NotYet, Refused, Stage
from principles.reviews.page import find_review, on_review, show

PAGE = 20

# What an open page asks for again; the second only while both can see.
ASKED_FOR = ("body", "status", "where", "now", "changed")
OF_STEPS = ("now", "changed")


class Line(NamedTuple):
    """Words that somebody wrote, or both signed, under a principle."""

    principle: catalog.Principle
    text: str
    # The day on which they wanted to look at it again, once that has come.
    due: date | None = None


@require_GET
@partner_required
def reviews(request: PartnerRequest) -> HttpResponse:
    partner = request.partner
    past = Paginator(_past(partner), PAGE).get_page(request.GET.get("page"))
    context: dict[str, Any] = {"past": past}
    if partner.is_alone:
        context["pledges"] = _pledges(partner)
    else:
        context["running"] = running = _running.first(partner)
        context["dated"] = _dated.first(partner)
        context["agreed"] = [] if running else _agreed(partner)
    name = "principles/reviews/reviews.html"
    return render(request, f"{name}#now" if request.htmx else name, context)


def _past(partner: Partner) -> QuerySet[Review]:
    past = Review.objects.visible_to(partner).past().with_people()
    return past.select_related("chosen__wording__agreement__couple").newest_first()


@prepared
def _running(partner: Partner) -> QuerySet[Review]:
    return Review.objects.visible_to(partner).open().with_people()


@prepared
def _dated(partner: Partner) -> QuerySet[Review]:
    return Review.objects.visible_to(partner).closed().newest_first()


@require_POST
@partner_required
def review_begin(request: PartnerRequest) -> HttpResponse:
    try:
        review = Review.begin(request.partner)
    except (NotTogether, NotYet):
        # That page says what is missing, and where to find it.
        return redirect("principles:reviews")
    return redirect("principles:review", review.pk)


@require_GET
@or_kept(lambda pk: Couple.objects.filter(reviews=pk), "reviews")
@partner_required
def review(request: PartnerRequest, pk: UUID) -> HttpResponse:
    """The whole page, or for htmx the part that an open page asks for anew."""
    review = find_review(request, pk)
    part = request.GET.get("part", "")
    if request.htmx and part in OF_STEPS and review.stage is not Stage.REVEALED:
        # Over meanwhile: what stands there stays, and "where" says so beside it.
        return HttpResponse(status=204)
    return show(request, review, part if part in ASKED_FOR else "")


# -- Until both are done -------------------------------------------------------------------------


@require_POST
@partner_required
def review_mark(request: PartnerRequest, pk: UUID) -> HttpResponse:
    """Keep the marks as they stand in the form. The other one's pages are not told."""
    review = find_review(request, pk)
    sheet = MarkSheet(review, request.partner, request.POST)
    if not sheet.is_valid():
        return show(request, review, "marks", sheet=sheet, status=422)
    try:
        if not review.mark(request.partner, sheet.said, sheet.page.known, sheet.thanked):
            return show(request, review, "marks", sheet=sheet.beside(), status=409)
    except Refused as refused:
        return show(request, review, "sorry", refused=refused, sheet=sheet)
    if request.htmx:
        return saved(MarkSheet(review, request.partner).revision)
    messages.success(request, _("Saved."))
    return redirect("principles:review", pk)


@require_POST
@partner_required
def review_done(request: PartnerRequest, pk: UUID) -> HttpResponse:
    """Done, with what stands in the form at that moment: the last words typed count."""
    review = find_review(request, pk)
    sheet = MarkSheet(review, request.partner, request.POST)
    if not sheet.is_valid():
        return show(request, review, "body", sheet=sheet, status=422)
    try:
        if not review.done(request.partner, sheet.said, sheet.page.known, sheet.thanked):
            return show(request, review, "body", sheet=sheet.beside(), status=409)
    except Refused as refused:
        return show(request, review, "body", refused=refused, sheet=sheet)
    return answer(request, review)


@require_POST
@partner_required
@on_review
def review_take_back(request: PartnerRequest, review: Review) -> HttpResponse:
    review.take_back(request.partner)
    return redirect("principles:review", review.pk)


@require_POST
@partner_required
@on_review
def review_stop(request: PartnerRequest, review: Review) -> HttpResponse:
    review.stop()
    return redirect("principles:review", review.pk)


# -- The page ------------------------------------------------------------------------------------


def answer(request: PartnerRequest, review: Review, part: str = "body") -> HttpResponse:
    """After a change: htmx gets the part of the page that changed, everyone else a redirect."""
    if request.htmx:
        return show(request, review, part)
    return redirect("principles:review", review.pk)


def _agreed(partner: Partner) -> list[Line]:
    binding = Wording.objects.in_force(partner.couple)
    today = timezone.localdate()
    return [
        Line(
            each.agreement.as_principle,
            each.text,
            each.again_on if each.again_on and each.again_on <= today else None,
        )
        for each in binding
    ]


def _pledges(partner: Partner) -> list[Line]:
    """One's own pledges that have words, in the order of the principles."""
    mine = {pledge.principle: pledge.text for pledge in Pledge.objects.visible_to(partner)}
    return [Line(each, mine[each.slug]) for each in catalog.PRINCIPLES if mine.get(each.slug)]
