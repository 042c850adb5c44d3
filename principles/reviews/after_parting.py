"""What one person said in reviews with somebody with whom they do not live any more.

Everybody keeps their own writing and what both decided; nothing else of the other's is brought from
the database.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from couples.models import User
from principles.reviews.models.part import ReviewPart
from principles.reviews.models.review import Appreciation, Review, ReviewItem, ReviewMark


@dataclass
class OwnItem:
    item: ReviewItem
    mark: ReviewMark | None = None
    part: str = ""


@dataclass
class OwnReview:
    review: Review
    thanks: str = ""
    items: dict[UUID, OwnItem] = field(default_factory=dict)


def look(person: User, reviews: Sequence[Review]) -> list[OwnReview]:
    """In three queries, however many reviews these are."""
    mine: dict[UUID, OwnReview] = {review.pk: OwnReview(review) for review in reviews}
    agreement = "item__wording__agreement"
    with_item = (
        "item__review__couple",
        f"{agreement}__couple",
        f"{agreement}__own__couple",
        "partner",
    )
    marks = ReviewMark.objects.filter(item__review__in=reviews, partner__user=person)
    parts = ReviewPart.objects.filter(item__review__in=reviews, partner__user=person)
    for mark in marks.select_related(*with_item).order_by("item__position"):
        mine[mark.item.review_id].items[mark.item_id] = OwnItem(mark.item, mark)
    for part in parts.select_related(*with_item).order_by("item__position"):
        items = mine[part.item.review_id].items
        items.setdefault(part.item_id, OwnItem(part.item)).part = part.text
    thanks = Appreciation.objects.filter(review__in=reviews, partner__user=person)
    for each in thanks.select_related("review__couple", "partner"):
        mine[each.review_id].thanks = each.text
    return list(mine.values())
