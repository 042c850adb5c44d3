"""What is looked at in a review, and what each person says about it."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple, Self
from uuid import UUID

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from couples.autosave import Autosaved, AutosavedText
from couples.crypto.fields import EncryptedTextField
from couples.ids import uuid7
from couples.models import Partner
from principles import catalog
from principles.agreements.models.suspension import Suspension
from principles.agreements.models.wording import Wording

if TYPE_CHECKING:
    from principles.reviews.models.review import Review


class Said(NamedTuple):
    """What one person says about one item; an empty answer leaves it open."""

    answer: str
    note: str


OPEN = Said("", "")


class ReviewItemQuerySet(models.QuerySet["ReviewItem"]):
    def with_words(self) -> Self:
        return self.select_related("wording__agreement__couple", "wording__agreement__own__couple")


class ReviewItem(models.Model):
    """One agreement in a review, in the exact words that bound when it began."""

    class Outcome(models.TextChoices):
        KEEP = "keep", _("Keep it as it is")
        REWORD = "reword", _("Find other words")
        PAUSE = "pause", _("Pause it for a while")
        RETIRE = "retire", _("Retire it")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    review = models.ForeignKey("Review", on_delete=models.CASCADE, related_name="items")
    wording = models.ForeignKey(Wording, on_delete=models.RESTRICT, related_name="+")
    position = models.PositiveSmallIntegerField()
    # What becomes of it, once both have said the same; see principles/reviews/models/part.py.
    outcome = models.CharField(max_length=6, choices=Outcome, blank=True)

    objects = ReviewItemQuerySet.as_manager()

    class Meta:
        ordering = ("position",)
        constraints = [
            models.UniqueConstraint(fields=["review", "wording"], name="words_are_marked_once"),
            models.UniqueConstraint(fields=["review", "position"], name="items_keep_their_order"),
            models.CheckConstraint(
                condition=Q(outcome__in=["", "keep", "reword", "pause", "retire"]),
                name="an_item_comes_to_one_of_four_or_stays_open",
            ),
        ]

    def __str__(self) -> str:
        return f"item {self.position} of {self.review_id}"

    @property
    def principle(self) -> catalog.Principle:
        return self.wording.agreement.as_principle

    @property
    def is_due(self) -> bool:
        """They wanted to look at it again by now."""
        day = self.wording.again_on
        return day is not None and day <= timezone.localdate()

    def come_to(self, outcome: str) -> None:
        """Both said this. Called by ReviewPart.wish_for(), which holds couple and review."""
        self.outcome = outcome
        self.save(update_fields=["outcome"])
        if outcome in (self.Outcome.PAUSE, self.Outcome.RETIRE):
            kind = (
                Suspension.Kind.PAUSED if outcome == self.Outcome.PAUSE else Suspension.Kind.RETIRED
            )
            Suspension.begin_together(self.wording.agreement, kind)


class ReviewMarkQuerySet(models.QuerySet["ReviewMark"]):
    def of(self, review: "Review") -> Self:
        """Everything that was marked in a review, with what it takes to open the notes."""
        return self.filter(item__review=review).select_related(
            "item__review__couple", "partner__user"
        )

    def by(self, partner: Partner) -> Self:
        return self.filter(partner=partner)

    def by_item(self) -> "dict[UUID, ReviewMark]":
        return {mark.item_id: mark for mark in self}

    def write(self, marks: Iterable["ReviewMark"]) -> None:
        """Write new and changed marks, in one query however many there are."""
        self.bulk_create(
            marks,
            update_conflicts=True,
            unique_fields=["id"],
            update_fields=["answer", "note", "revision", "tab_id"],
        )


class ReviewMark(Autosaved):
    """What one person says about one item: theirs alone until both are done, then of both."""

    class Answer(models.TextChoices):
        HOLDING = "holding", _("Holding")
        WOBBLING = "wobbling", _("Wobbling")
        REWORD = "reword", _("Reword")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    item = models.ForeignKey(ReviewItem, on_delete=models.CASCADE, related_name="marks")
    partner = models.ForeignKey(Partner, on_delete=models.CASCADE, related_name="+")
    answer = models.CharField(max_length=8, choices=Answer, blank=True)
    note = EncryptedTextField()

    objects = ReviewMarkQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["item", "partner"], name="one_mark_each"),
            models.CheckConstraint(
                condition=Q(answer__in=["", "holding", "wobbling", "reword"]),
                name="a_mark_is_one_of_three_or_left_open",
            ),
        ]

    def __str__(self) -> str:
        return f"mark {self.id}"

    @property
    def said(self) -> Said:
        return Said(self.answer, self.note)

    @property
    def key_owner_id(self) -> UUID:
        review = self.item.review
        return review.couple.workspace_id if review.revealed_at else self.partner.user_id


class Appreciation(AutosavedText):
    """What one person thanks the other for: blind like the marks, and shown before them."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    review = models.ForeignKey("Review", on_delete=models.CASCADE, related_name="appreciations")
    partner = models.ForeignKey(Partner, on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["review", "partner"], name="one_appreciation_each")
        ]

    def __str__(self) -> str:
        return f"appreciation {self.id}"

    @property
    def key_owner_id(self) -> UUID:
        review = self.review
        return review.couple.workspace_id if review.revealed_at else self.partner.user_id


def revision(said: Iterable[Autosaved]) -> int:
    """Of all that one person says in a review: the newest of its parts."""
    return max((each.revision for each in said), default=0)
