"""Once both can see: going on together, one to talk about, what becomes of it, the next date."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from couples.autosave import EditConflict, saved
from couples.forms import uuid
from couples.refusals import NotTogether
from couples.web.decorators import PartnerRequest, partner_required
from couples.web.once import once
from principles.agreements.models.agreement import Changed
from principles.agreements.models.wording import Wording
from principles.practices.models.draft import Draft
from principles.reviews.forms import NextDateForm, PartSheet
from principles.reviews.models.part import Decided, ReviewPart, desk
from principles.reviews.models.review import Review, ReviewItem
from principles.reviews.models.stage import Step
from principles.reviews.page import on_review, show
from principles.reviews.views.reviews import answer


@require_POST
@partner_required
@on_review
def review_go(request: PartnerRequest, review: Review) -> HttpResponse:
    step = request.POST.get("step", "")
    if step not in Step:
        raise Http404
    review.go(Step(step))
    return answer(request, review)


@require_POST
@partner_required
@on_review
def review_choose(request: PartnerRequest, review: Review) -> HttpResponse:
    review.choose(get_object_or_404(review.items, pk=uuid(request.POST.get("item"))))
    return answer(request, review)


# -- My part, and what becomes of it ------------------------------------------------------------


@require_POST
@partner_required
@on_review
def review_part_draft(request: PartnerRequest, review: Review, item: UUID) -> HttpResponse:
    """Keep what is being written. The other one's pages are not told."""
    found = _find_item(review, item)
    sheet = PartSheet(found, request.partner, "", request.POST)
    if not sheet.form.is_valid():
        return show(request, found.review, "desk", part_sheet=sheet, status=422)
    try:
        draft = Draft.write(request.user, desk(found), sheet.form.said, *sheet.page.known)
    except EditConflict as changed:
        sheet.collide(changed.current)
        return show(request, found.review, "desk", part_sheet=sheet, status=409)
    if request.htmx:
        return saved(draft.revision)
    messages.success(request, _("Saved. Only you can see it."))
    return redirect("principles:review", review.pk)


@require_POST
@partner_required
@once
@on_review
def review_part(request: PartnerRequest, review: Review, item: UUID) -> HttpResponse:
    """Say one's own part; said with no words it is taken back."""
    found = _find_item(review, item)
    sheet = PartSheet(found, request.partner, "", request.POST)
    if not sheet.form.is_valid():
        return show(request, found.review, "body", part_sheet=sheet, status=422)
    try:
        ReviewPart.say(found, request.partner, sheet.form.said, *sheet.page.known)
    except EditConflict as changed:
        sheet.collide(changed.current)
        return show(request, found.review, "body", part_sheet=sheet, status=409)
    return answer(request, found.review)


@require_POST
@partner_required
@on_review
def review_wish(request: PartnerRequest, review: Review, item: UUID) -> HttpResponse:
    """Say what to do with it; saying the same again leaves it open."""
    found = _find_item(review, item)
    wish = request.POST.get("wish", "")
    if wish and wish not in ReviewItem.Outcome:
        raise Http404
    try:
        ReviewPart.wish_for(found, request.partner, wish)
    except Decided:
        # The page says what both decided meanwhile.
        return _again(request, found, 409)
    return _again(request, found)


def _again(request: PartnerRequest, item: ReviewItem, status: int = 200) -> HttpResponse:
    if request.htmx:
        return show(request, item.review, "now", item=item, status=status)
    return redirect("principles:review", item.review_id)


# -- What changed, and the next date -------------------------------------------------------------


@require_POST
@partner_required
@on_review
def review_sign(request: PartnerRequest, review: Review, wording: UUID) -> HttpResponse:
    """Sign words that came out of this review; elsewhere they are signed on their own page."""
    ours = Wording.objects.visible_to(request.partner).select_related("agreement__couple")
    looked_at = review.items.values("wording__agreement")
    found = get_object_or_404(ours.filter(agreement__in=looked_at), pk=wording)
    refusal = ""
    try:
        found.sign(request.partner)
    except Changed:
        refusal = _("These words changed before you signed. Nothing is signed: read the new ones.")
    except NotTogether:
        refusal = _("Nothing is signed: an agreement takes the two of you.")
    if request.htmx or refusal:
        status = 409 if refusal else 200
        return show(request, review, "changed", refusal=refusal, status=status)
    return redirect("principles:review", review.pk)


@require_POST
@partner_required
@on_review
def review_close(request: PartnerRequest, review: Review) -> HttpResponse:
    form = NextDateForm(request.POST)
    if not form.is_valid():
        return show(request, review, date_form=form, status=422)
    review.close(form.next_on, form.rhythm)
    return redirect("principles:review", review.pk)


@require_POST
@partner_required
@on_review
def review_move(request: PartnerRequest, review: Review) -> HttpResponse:
    form = NextDateForm(request.POST, moving=True)
    if not form.is_valid():
        return show(request, review, date_form=form, status=422)
    review.move(form.next_on)
    return redirect("principles:review", review.pk)


def _find_item(review: Review, item: UUID) -> ReviewItem:
    found: ReviewItem = get_object_or_404(
        review.items.with_words().select_related("wording__agreement__couple"), pk=item
    )
    found.review = review
    return found
