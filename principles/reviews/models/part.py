"""What two people say once both can see: each their own part in it, and what is to become of it.

Nothing here is blind any more, and nothing happens because one of them wants it: an item comes to
something when both say the same of it.
"""

from typing import TYPE_CHECKING, Self
from uuid import UUID

from django.db import models, transaction
from django.db.models import Q

from couples.crypto.fields import EncryptedTextField
from couples.ids import uuid7
from couples.models import Partner
from couples.refusals import Refusal
from principles.practices.models.draft import Draft
from principles.reviews.models.mark import ReviewItem

if TYPE_CHECKING:
    from principles.reviews.models.review import Review


class Decided(Refusal):
    """Both have said the same already; what comes after that is on the principle's own page."""


class ReviewPartQuerySet(models.QuerySet["ReviewPart"]):
    def of(self, review: "Review") -> Self:
        return self.filter(item__review=review).select_related(
            "item__review__couple", "partner__user"
        )


class ReviewPart(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    item = models.ForeignKey(ReviewItem, on_delete=models.CASCADE, related_name="parts")
    partner = models.ForeignKey(Partner, on_delete=models.CASCADE, related_name="+")
    # "My part was …"
    text = EncryptedTextField()
    # What this person would do with it.
    wish = models.CharField(max_length=6, choices=ReviewItem.Outcome, blank=True)

    objects = ReviewPartQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["item", "partner"], name="one_part_each"),
            models.CheckConstraint(
                condition=Q(wish__in=["", *ReviewItem.Outcome.values]),
                name="a_wish_is_one_of_four_or_left_open",
            ),
        ]

    def __str__(self) -> str:
        return f"part {self.id}"

    @property
    def key_owner_id(self) -> UUID:
        return self.item.review.couple.workspace_id

    @classmethod
    def say(
        cls, item: ReviewItem, partner: Partner, text: str, base: int, tab_id: str = ""
    ) -> None:
        """Say one's own part, say it differently, or with no words take it back. Until then it lies
        on the person's desk; `base` and `tab_id` are of that draft.

        Raises Changed when another window of theirs wrote other words meanwhile, and Refused when
        the review is over.
        """
        with transaction.atomic():
            draft = Draft.lock(partner.user, desk(item))
            item.review.lock()
            draft.save_revision(text, base, tab_id)
            draft.clear()
            mine = cls._of(item, partner)
            mine.text = text
            mine.save()
            item.review.nudge()

    @classmethod
    def wish_for(cls, item: ReviewItem, partner: Partner, wish: str) -> None:
        """Say what to do with it; with an empty wish, leave that open again. When the other said
        the same, it is decided, and what is paused or retired is so from now on, for both.

        Raises Decided when it was decided before, and Refused when the review is over.
        """
        with transaction.atomic():
            # The agreement may be put aside: that takes the couple's row first, as leaving does.
            item.review.couple.lock_row()
            item.review.lock()
            item.refresh_from_db(fields=["outcome"])
            if item.outcome:
                if item.outcome == wish:
                    return
                raise Decided
            mine = cls._of(item, partner)
            mine.wish = wish
            mine.save()
            if wish and cls.objects.filter(item=item, wish=wish).count() == 2:
                item.come_to(wish)
            item.review.nudge()

    @classmethod
    def _of(cls, item: ReviewItem, partner: Partner) -> "ReviewPart":
        found = cls.objects.filter(item=item, partner=partner).select_related(
            "item__review__couple"
        )
        return found.first() or cls(item=item, partner=partner)


def desk(item: ReviewItem) -> str:
    """Where the words lie that somebody writes about an item and has not said yet."""
    return f"part-{item.pk.hex[-12:]}"
