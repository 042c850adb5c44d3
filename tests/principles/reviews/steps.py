"""Reviews for the tests: agreements that both signed, a review of them, and what is said in it."""

from datetime import date, timedelta
from typing import Any

from django.utils import timezone

from couples.models import Couple
from principles import catalog
from principles.models import Agreement, Review, Wording
from principles.reviews.models.mark import Said
from tests.people import Resident


def agree(one: Resident, two: Resident, principle: str, text: str) -> Wording:
    """An agreement that both signed."""
    wording = Agreement.of(one.partner, principle).propose(one.partner, text)
    wording.sign(one.partner)
    wording.sign(two.partner)
    return wording


def begin(one: Resident, two: Resident, how_many: int = 2) -> Review:
    """A review that has just begun, of as many agreements."""
    for principle in catalog.PRINCIPLES[:how_many]:
        ours = Agreement.objects.filter(couple__in=Couple.objects.of(one.partner).active())
        if not ours.filter(principle=principle.slug):
            agree(one, two, principle.slug, f"We look after {principle.slug}.")
    return Review.begin(one.partner)


def again(review: Review) -> Review:
    """The review as a request finds it: nothing remembered."""
    return Review.objects.with_people().get(pk=review.pk)


def said(review: Review, *each: Said) -> dict[Any, Said]:
    """What somebody says about the items, in their order."""
    return dict(zip(review.items.values_list("pk", flat=True), each, strict=False))


def sent(review: Review, *each: Said) -> dict[str, str]:
    """The same as the fields of the form."""
    fields: dict[str, str] = {}
    for pk, (answer, note) in said(review, *each).items():
        fields |= {f"{pk}-answer": answer, f"{pk}-note": note}
    return fields


def reveal(review: Review, one: Resident, two: Resident) -> Review:
    """Both are done: the first holds, and the second wobbles with a note."""
    again(review).done(one.partner, said(review, Said("holding", "")))
    again(review).done(two.partner, said(review, Said("wobbling", "Some days the kettle wins.")))
    return again(review)


def close(review: Review, one: Resident, two: Resident, next_on: date | None = None) -> Review:
    reveal(review, one, two).close(next_on or timezone.localdate() + timedelta(weeks=2))
    return again(review)
