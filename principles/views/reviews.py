"""Looking back: the reviews of two people, and for one a quiet look at their own pledges."""

from typing import Any, NamedTuple
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from couples.http import PartnerRequest, partner_required
from couples.models import Partner
from principles import catalog
from principles.models import Pledge, Review, ReviewItem, ReviewMark, Wording
from principles.models.review import NotYet, Refused, Stage
from principles.review_forms import MarkSheet, NextDateForm, plain

PAGE = 20

# Why something did not happen, at the stage where the review is by now.
SORRY = {
    Stage.MARKING: gettext_lazy("Nothing is shown before both of you are done."),
    Stage.DONE: gettext_lazy(
        "In another window you said that you are done. To change a mark, take that back first."
    ),
    Stage.REVEALED: gettext_lazy("Both of you are done, and what you each said stays as it is."),
    Stage.CLOSED: gettext_lazy("This review is closed, and what you each said stays as it is."),
    Stage.STOPPED: gettext_lazy("This review was stopped. Nothing of it is kept."),
}

# The parts of the page that an open page asks for again; see templates/reviews/review.html.
PARTS = ("body", "status", "talk", "end")


class Row(NamedTuple):
    """An item with what each of some people said about it."""

    item: ReviewItem
    said: list[tuple[Partner, ReviewMark | None]]


class Line(NamedTuple):
    """Words that somebody wrote, or both signed, under a principle."""

    principle: catalog.Principle
    text: str


@require_GET
@partner_required
def reviews(request: PartnerRequest) -> HttpResponse:
    partner = request.partner
    mine = Review.objects.visible_to(partner)
    past = mine.past().with_people().select_related("chosen__wording__agreement").newest_first()
    context: dict[str, Any] = {"past": Paginator(past, PAGE).get_page(request.GET.get("page"))}
    if partner.is_alone:
        context["pledges"] = _pledges(partner)
    else:
        context["running"] = running = mine.open().with_people().first()
        context["dated"] = mine.dated().newest_first().first()
        context["agreed"] = [] if running else _agreed(partner)
    name = "reviews/reviews.html"
    return render(request, f"{name}#now" if request.htmx else name, context)


@require_POST
@partner_required
def review_begin(request: PartnerRequest) -> HttpResponse:
    try:
        review = Review.begin(request.partner)
    except NotYet:
        # That page says what is missing, and where to find it.
        return redirect("principles:reviews")
    return redirect("principles:review", review.pk)


@require_GET
@partner_required
def review(request: PartnerRequest, pk: UUID) -> HttpResponse:
    review = _find(request, pk)
    part = request.GET.get("part", "")
    if not request.htmx or part not in PARTS:
        return _page(request, review)
    if part == "end" and review.stage is Stage.REVEALED:
        # Somebody may be choosing a date there: nothing to put in its place until it is closed.
        return HttpResponse(status=204)
    return _page(request, review, part)


# -- Until both are done -------------------------------------------------------------------------


@require_POST
@partner_required
def review_mark(request: PartnerRequest, pk: UUID) -> HttpResponse:
    """Keep the marks as they stand in the form. The other one's pages are not told."""
    review = _find(request, pk)
    sheet = MarkSheet(review, request.partner, request.POST)
    if not sheet.is_valid():
        return _page(request, review, "marks", sheet=sheet, status=422)
    try:
        if not review.mark(request.partner, sheet.said, sheet.window):
            return _page(request, review, "marks", sheet=sheet.beside(), status=409)
    except Refused as refused:
        return _page(request, review, "sorry", refused=refused, sheet=sheet)
    if request.htmx:
        now = MarkSheet(review, request.partner)
        return HttpResponse(_("Saved"), headers={"X-Revision": now.window.seen})
    messages.success(request, _("Saved."))
    return redirect("principles:review", pk)


@require_POST
@partner_required
def review_done(request: PartnerRequest, pk: UUID) -> HttpResponse:
    """Done, with what stands in the form at that moment: the last words typed count."""
    review = _find(request, pk)
    sheet = MarkSheet(review, request.partner, request.POST)
    if not sheet.is_valid():
        return _page(request, review, "body", sheet=sheet, status=422)
    try:
        if not review.done(request.partner, sheet.said, sheet.window):
            return _page(request, review, "body", sheet=sheet.beside(), status=409)
    except Refused as refused:
        return _page(request, review, "body", refused=refused, sheet=sheet)
    return _answer(request, review, "body")


@require_POST
@partner_required
def review_take_back(request: PartnerRequest, pk: UUID) -> HttpResponse:
    review = _find(request, pk)
    try:
        review.take_back(request.partner)
    except Refused as refused:
        return _page(request, review, "body", refused=refused)
    return redirect("principles:review", pk)


@require_POST
@partner_required
def review_stop(request: PartnerRequest, pk: UUID) -> HttpResponse:
    review = _find(request, pk)
    try:
        review.stop()
    except Refused as refused:
        return _page(request, review, "body", refused=refused)
    return redirect("principles:review", pk)


# -- Once both can see ---------------------------------------------------------------------------


@require_POST
@partner_required
def review_choose(request: PartnerRequest, pk: UUID) -> HttpResponse:
    review = _find(request, pk)
    try:
        item = get_object_or_404(review.items, pk=UUID(request.POST.get("item", "")))
        review.choose(item)
    except ValueError:
        raise Http404 from None
    except Refused as refused:
        return _page(request, review, "talk", refused=refused)
    return _answer(request, review, "talk")


@require_POST
@partner_required
def review_close(request: PartnerRequest, pk: UUID) -> HttpResponse:
    review = _find(request, pk)
    form = NextDateForm(request.POST)
    if not form.is_valid():
        return _page(request, review, date_form=form, status=422)
    try:
        review.close(form.next_on)
    except Refused as refused:
        return _page(request, review, refused=refused)
    return redirect("principles:review", pk)


@require_POST
@partner_required
def review_move(request: PartnerRequest, pk: UUID) -> HttpResponse:
    review = _find(request, pk)
    form = NextDateForm(request.POST)
    if not form.is_valid():
        return _page(request, review, date_form=form, status=422)
    try:
        review.move(form.next_on)
    except Refused as refused:
        return _page(request, review, refused=refused)
    return redirect("principles:review", pk)


# -- The page ------------------------------------------------------------------------------------


def _find(request: PartnerRequest, pk: UUID) -> Review:
    return get_object_or_404(Review.objects.visible_to(request.partner).with_people(), pk=pk)


def _answer(request: PartnerRequest, review: Review, part: str) -> HttpResponse:
    """After a change: htmx gets the part of the page that changed, everyone else a redirect."""
    if request.htmx:
        return _page(request, review, part)
    return redirect("principles:review", review.pk)


def _page(
    request: PartnerRequest,
    review: Review,
    part: str = "",
    *,
    refused: Refused | None = None,
    sheet: MarkSheet | None = None,
    date_form: NextDateForm | None = None,
    status: int = 200,
) -> HttpResponse:
    """The review as it stands for this person; only a part of the page when htmx asks for one."""
    stage = review.stage_for(request.partner)
    other = review.other_than(request.partner)
    context: dict[str, Any] = {
        "review": review,
        "stage": stage.value,
        "other": other,
        "part": part if request.htmx else "",
    }
    if refused is not None:
        status = 409
        context["sorry"] = SORRY[refused.stage]
        context["not_kept"] = _not_kept(request, sheet)
    match stage:
        case Stage.MARKING | Stage.DONE:
            context["other_is_done"] = other.pk in review.done_ids
            if part != "status" and stage is Stage.MARKING:
                context["sheet"] = sheet or MarkSheet(review, request.partner)
            elif part != "status":
                context["rows"] = _rows(review, request.partner)
        case Stage.REVEALED | Stage.CLOSED:
            context["rows"] = rows = _rows(review, *review.people)
            chosen = [row.item for row in rows if row.item.pk == review.chosen_id]
            context["chosen"] = chosen[0] if chosen else None
            context["carries_the_date"] = review.carries_the_date
            context["date_form"] = date_form or NextDateForm()
    name = "reviews/review.html"
    if context["part"]:
        name += f"#{part}"
    return render(request, name, context, status=status)


def _rows(review: Review, *people: Partner) -> list[Row]:
    """What these people said about each item. Of both only after the reveal."""
    said = ReviewMark.objects.of(review).filter(partner__in=people)
    marks = {(mark.item_id, mark.partner_id): mark for mark in said}
    return [
        Row(item, [(person, marks.get((item.pk, person.pk))) for person in people])
        for item in review.items.with_words()
    ]


def _not_kept(request: PartnerRequest, sheet: MarkSheet | None) -> list[str]:
    """Notes that came too late. They go back to the page, so that nothing typed is lost."""
    kept = {mark.note for mark in sheet.marks.values()} if sheet else set()
    typed = [plain(request.POST[name]) for name in request.POST if name.endswith("-note")]
    return [words for words in typed if words and words not in kept]


def _agreed(partner: Partner) -> list[Line]:
    binding = Wording.objects.binding(partner.workspace)
    return [Line(each.agreement.as_principle, each.text) for each in binding]


def _pledges(partner: Partner) -> list[Line]:
    """One's own pledges that have words, in the order of the principles."""
    mine = {pledge.principle: pledge.text for pledge in Pledge.objects.visible_to(partner)}
    return [Line(each, mine[each.slug]) for each in catalog.PRINCIPLES if mine.get(each.slug)]
