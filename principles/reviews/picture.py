"""The picture over time: for each principle a strip of what two people said in past reviews.

It shows and counts nothing: each review is a place, each mark a shape. What is not closed and shown
to both is not in it.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple
from uuid import UUID

from django.core.paginator import Page, Paginator

from couples.models import Partner
from principles import catalog
from principles.reviews.models.review import Review, ReviewItem, ReviewMark

# As many as fit beside each other on a phone, at a size that can be read.
PAGE = 12
# One place in the drawing, and where its middle lies; see templates/principles/reviews/_strip.html.
WIDTH = 28


class Cell(NamedTuple):
    """What was said of one agreement in one review, and what both decided."""

    review: Review
    item: ReviewItem
    one: ReviewMark | None
    two: ReviewMark | None
    # Where it lies in the drawing.
    x: int

    @property
    def upper(self) -> str:
        return (self.one and self.one.answer) or "open"

    @property
    def lower(self) -> str:
        return (self.two and self.two.answer) or "open"


@dataclass
class Strip:
    principle: catalog.Principle
    reviews: list[Review]
    cells: list[Cell] = field(default_factory=list)

    @property
    def width(self) -> int:
        return WIDTH * PAGE

    @property
    def newest_first(self) -> list[Cell]:
        return self.cells[::-1]

    @property
    def first(self) -> Review:
        return self.reviews[0]

    @property
    def last(self) -> Review:
        return self.reviews[-1]


@dataclass
class Picture:
    page: Page[Review]
    # Oldest first, as they are drawn.
    reviews: list[Review]
    strips: list[Strip]

    @property
    def newest(self) -> Review | None:
        return self.reviews[-1] if self.reviews else None

    @property
    def people(self) -> tuple[Partner, Partner] | None:
        return self.newest.couple.people if self.newest else None


def load(partner: Partner, number: str | None = None, slug: str = "") -> Picture:
    """Of the two who live here; of somebody alone, with whoever they last looked back with. With
    `slug` only one principle."""
    past = Review.objects.visible_to(partner).past().with_people().newest_first()
    couple = partner.couple
    newest = None if couple else past.first()
    ours = past.filter(couple=newest.couple_id if newest else couple)
    page = Paginator(ours, PAGE).get_page(number)
    reviews = list(page)[::-1]
    return Picture(page, reviews, _strips(reviews, slug))


def _strips(reviews: list[Review], slug: str) -> list[Strip]:
    items = ReviewItem.objects.with_words().filter(review__in=reviews)
    if slug:
        items = items.filter(wording__agreement__principle=slug)
    found = list(items)
    marks = _marks(found)
    places = {review.pk: place for place, review in enumerate(reviews)}
    strips: dict[str, Strip] = {}
    for item in sorted(found, key=lambda item: places[item.review_id]):
        principle = item.principle
        strip = strips.setdefault(principle.slug, Strip(principle, reviews))
        place = places[item.review_id]
        review = reviews[place]
        of_item = marks[item.pk]
        x = place * WIDTH + WIDTH // 2
        one, two = of_item.get(review.couple.one_id), of_item.get(review.couple.two_id)
        strip.cells.append(Cell(review, item, one, two, x))
    return sorted(strips.values(), key=_order)


def _marks(items: Iterable[ReviewItem]) -> dict[UUID, dict[UUID, ReviewMark]]:
    """By item and by seat; without the notes, which nobody opens for a picture."""
    marks: dict[UUID, dict[UUID, ReviewMark]] = defaultdict(dict)
    for mark in ReviewMark.objects.filter(item__in=items).defer("note"):
        marks[mark.item_id][mark.partner_id] = mark
    return marks


def _order(strip: Strip) -> tuple[int, int]:
    """The ten in their order, then those of one's own in the order that the two gave them."""
    own = strip.cells[-1].item.wording.agreement.own
    if own is not None:
        return len(catalog.PRINCIPLES), own.position
    return list(catalog.BY_SLUG).index(strip.principle.slug), 0
