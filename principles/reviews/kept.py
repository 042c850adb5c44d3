"""What two people keep of their reviews, once one of them has left; see couples/kept/book.py."""

from collections.abc import Iterator
from typing import Any

from django.db.models import Prefetch, Q
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from couples.kept.book import Chapter, Entry, Text
from couples.models import Couple, Partner
from principles.agreements.models.wording import Wording
from principles.reviews.models.mark import Appreciation, ReviewItem, ReviewMark
from principles.reviews.models.part import ReviewPart
from principles.reviews.models.review import Review


def of_both(couple: Couple) -> list[Chapter[Any]]:
    rows = Review.objects.filter(couple=couple).exclude(revealed_at=None)
    return [_chapter("reviews", _("Reviews"), rows, couple, couple.people)]


def of_one(couple: Couple, me: Partner) -> list[Chapter[Any]]:
    """What this person marked in a review that was not revealed."""
    unseen = Review.objects.filter(couple=couple, revealed_at=None)
    said = ~Q(answer="") | Q(revision__gt=0)
    marked = ReviewItem.objects.filter(
        marks__in=ReviewMark.objects.filter(said, partner=me)
    ).values("review")
    thanked = Appreciation.objects.filter(partner=me).exclude(revision=0).values("review")
    rows = unseen.filter(Q(pk__in=marked) | Q(pk__in=thanked))
    title = _("Yours alone: marked in a review, and not shown")
    return [_chapter("own-reviews", title, rows, couple, (me,))]


def _chapter(
    slug: str, title: str, rows: Any, couple: Couple, people: tuple[Partner, ...]
) -> Chapter[Any]:
    """With what these people said, and no row of anybody else's brought from the database."""
    theirs = Q(partner__in=people)
    wordings = Wording.objects.select_related("agreement__couple", "agreement__own__couple")
    rows = rows.select_related("couple").prefetch_related(
        Prefetch("appreciations", Appreciation.objects.filter(theirs).order_by("partner__seat")),
        Prefetch("items", ReviewItem.objects.order_by("position")),
        Prefetch("items__wording", wordings),
        Prefetch("items__marks", ReviewMark.objects.filter(theirs).order_by("partner__seat")),
        Prefetch("items__parts", ReviewPart.objects.filter(theirs).order_by("partner__seat")),
    )
    return Chapter(slug, title, rows.newest_first(), lambda review: _entry(couple, review))


def _entry(couple: Couple, review: Review) -> Entry:
    day = date_format(localtime(review.began_at), "j F Y")
    return Entry(day, [Text(label, text) for label, text in _said(couple, review) if text])


def _said(couple: Couple, review: Review) -> Iterator[tuple[str, str]]:
    review.couple = couple
    names = {each.pk: each.name for each in couple.people}
    for each in review.appreciations.all():
        each.review = review
        yield _("%(name)s gave thanks") % {"name": names[each.partner_id]}, each.text
    for item in review.items.all():
        item.review = review
        yield str(item.principle.name), item.wording.text
        for mark in item.marks.all():
            mark.item = item
            answer = str(mark.get_answer_display()) if mark.answer else ""
            yield names[mark.partner_id], "\n".join(filter(None, (answer, mark.note)))
        if item.pk == review.chosen_id:
            yield "", _("Chosen to talk about")
        for part in item.parts.all():
            part.item = item
            yield _("%(name)s’s part") % {"name": names[part.partner_id]}, part.text
            wish = str(ReviewItem.Outcome(part.wish).label) if part.wish else ""
            yield _("%(name)s would") % {"name": names[part.partner_id]}, wish
        if item.outcome:
            yield _("Decided by both"), str(ReviewItem.Outcome(item.outcome).label)
    if review.next_on:
        yield _("To look again on"), date_format(review.next_on, "j F Y")
