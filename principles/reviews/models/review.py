"""A review: two people mark what they agreed on, unseen by each other, and then see both at once.

Its life is told by its timestamps. Begun: each marks alone. `revealed_at`: both were done, and
everything was shown to both at that moment. `closed_at`: it is over; without `revealed_at` it was
stopped, and nothing of it was ever shown.
"""

from collections.abc import Mapping
from datetime import date
from typing import Self
from uuid import UUID

from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.functional import cached_property

from couples import nudges
from couples.autosave import Autosaved, EditConflict
from couples.ids import uuid7
from couples.models import Couple, Partner
from couples.prepared import prepared
from principles.agreements.models.wording import Wording
from principles.reviews.models.mark import OPEN, Said, revision
from principles.reviews.models.mark import Appreciation as Appreciation
from principles.reviews.models.mark import ReviewItem as ReviewItem
from principles.reviews.models.mark import ReviewMark as ReviewMark
from principles.reviews.models.stage import NotYet, Refused, Rhythm, Stage, Step

# The revision and the tab_id of a page that marks; none for whoever knows what stands there.
type Known = tuple[int, str] | None


class ReviewQuerySet(models.QuerySet["Review"]):
    def visible_to(self, partner: Partner) -> Self:
        """Those this person takes part in, or took part in while they lived here."""
        return self.filter(couple__in=Couple.objects.visible_to(partner))

    def open(self) -> Self:
        """Not over. A review that somebody moved out of is over, whatever its row says."""
        return self.filter(couple__ended_at=None, closed_at=None)

    def past(self) -> Self:
        """Over, and shown to both while it ran."""
        over = Q(closed_at__isnull=False) | Q(couple__ended_at__isnull=False)
        return self.filter(over, revealed_at__isnull=False)

    def closed(self) -> Self:
        """Shown and closed, of two who live here; the newest of them carries the home's date."""
        return self.filter(
            couple__ended_at=None, closed_at__isnull=False, revealed_at__isnull=False
        )

    def with_people(self) -> Self:
        return self.select_related("couple__one__user", "couple__two__user")

    def newest_first(self) -> Self:
        return self.order_by("-began_at", "-pk")


class Review(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    couple = models.ForeignKey(Couple, on_delete=models.CASCADE, related_name="reviews")
    began_at = models.DateTimeField(default=timezone.now, editable=False)
    revealed_at = models.DateTimeField(null=True, blank=True)
    chosen = models.ForeignKey(
        "ReviewItem", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    step = models.CharField(max_length=6, choices=Step, default=Step.THANKS)
    closed_at = models.DateTimeField(null=True, blank=True)
    # When to look again: a day, or None for whenever they like.
    next_on = models.DateField(null=True, blank=True)
    rhythm = models.CharField(max_length=7, choices=Rhythm, blank=True)

    objects = ReviewQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["couple"], condition=Q(closed_at=None), name="one_open_review_per_couple"
            ),
            models.CheckConstraint(
                condition=Q(chosen=None) | Q(revealed_at__isnull=False),
                name="nothing_is_chosen_before_the_reveal",
            ),
            models.CheckConstraint(
                condition=Q(next_on=None) | Q(revealed_at__isnull=False, closed_at__isnull=False),
                name="the_next_date_is_set_when_a_review_closes",
            ),
            models.CheckConstraint(
                condition=Q(step__in=Step.values), name="a_review_is_at_one_of_its_steps"
            ),
            models.CheckConstraint(
                condition=Q(rhythm__in=["", *Rhythm.values]),
                name="a_rhythm_is_one_of_three_or_none",
            ),
        ]

    def __str__(self) -> str:
        return f"review {self.id}"

    # -- What it is ------------------------------------------------------------------------------

    @property
    def stage(self) -> Stage:
        if self.closed_at or self.couple.ended_at:
            return Stage.CLOSED if self.revealed_at else Stage.STOPPED
        return Stage.REVEALED if self.revealed_at else Stage.MARKING

    def stage_for(self, partner: Partner) -> Stage:
        if self.stage is Stage.MARKING and partner.pk in self.done_ids:
            return Stage.DONE
        return self.stage

    @cached_property
    def done_ids(self) -> set[UUID]:
        """The seats of those who said that they are done."""
        return set(_done(self))

    @property
    def carries_the_date(self) -> bool:
        """Whether the date of the home's next review hangs on this one."""
        closed = Review.objects.closed().filter(couple=self.couple_id).newest_first()
        return closed.values_list("pk", flat=True).first() == self.pk

    # -- What two people do ----------------------------------------------------------------------

    @classmethod
    def begin(cls, partner: Partner) -> "Review":
        """A review of everything that binds now; or the open one, if there is one already.

        Raises NotTogether, and NotYet where there is nothing that both signed.
        """
        with transaction.atomic():
            couple = Couple.objects.of(partner).lock()
            running = cls.objects.filter(couple=couple, closed_at=None).first()
            if running is not None:
                return running
            wordings = Wording.objects.in_force(couple)
            if not wordings:
                raise NotYet
            review = cls.objects.create(couple=couple)
            ReviewItem.objects.bulk_create(
                ReviewItem(review=review, wording=wording, position=position)
                for position, wording in enumerate(wordings)
            )
            review._nudge()
        return review

    def mark(
        self,
        partner: Partner,
        said: Mapping[UUID, Said],
        known: Known = None,
        thanks: str | None = None,
    ) -> bool:
        """Keep what this person says about items, by item id, and their thanks. Nobody is told.

        False when another window of theirs said something else meanwhile: that stays, until they
        have seen it. Raises Refused once they are done, and for ever once both are.
        """
        with transaction.atomic():
            self._hold()
            return self._keep(partner, said, known, thanks)

    def done(
        self,
        partner: Partner,
        said: Mapping[UUID, Said],
        known: Known = None,
        thanks: str | None = None,
    ) -> bool:
        """This person is done, with these last marks; when both are, everything is shown.

        Raises Refused, or returns False, where mark() does: then these words are not kept.
        """
        with transaction.atomic():
            # Leaving locks the couple, too: neither can leave while both are being shown.
            self.couple.lock_row()
            self._hold()
            if partner.pk in self.done_ids:
                if not self._said_already(partner, said, thanks):
                    raise Refused(self.stage_for(partner))
                return True
            if not self._keep(partner, said, known, thanks):
                return False
            ReviewDone.objects.create(review=self, partner=partner)
            self.done_ids.add(partner.pk)
            if self.done_ids == self.couple.ids:
                self.reveal()
            self._nudge()
        return True

    def reveal(self) -> None:
        """Show everything to both and lock it. Called by done(), which holds this review.

        What was written lay encrypted with the key of its writer; now it belongs to both.
        """
        marks = list(ReviewMark.objects.of(self))
        notes = [mark.note for mark in marks]
        thanks = list(self.appreciations.select_related("partner"))
        thanked = [each.text for each in thanks]
        self.revealed_at = timezone.now()
        self.step = Step.THANKS if any(thanked) else Step.SAID
        self.save(update_fields=["revealed_at", "step"])
        for mark, note in zip(marks, notes, strict=True):
            mark.item.review, mark.note = self, note
        ReviewMark.objects.write(marks)
        for each, text in zip(thanks, thanked, strict=True):
            each.review, each.text = self, text
            each.save(update_fields=["text"])

    def take_back(self, partner: Partner) -> None:
        """Not done after all. Raises Refused when the other is done, too, and all is shown."""
        with transaction.atomic():
            self._hold()
            self._expect(Stage.MARKING)
            if self.dones.filter(partner=partner).delete()[0]:
                self._nudge()

    def stop(self) -> None:
        """End it before anything is shown. Nothing ever will be, and the marks are deleted."""
        with transaction.atomic():
            self._hold()
            if self.stage is not Stage.STOPPED:
                self._expect(Stage.MARKING)
                self._end()
                self._nudge()

    def choose(self, item: "ReviewItem") -> None:
        """The one to talk about. Either chooses, and the last one to choose is heard."""
        with transaction.atomic():
            self._hold()
            self._expect(Stage.REVEALED)
            if self.chosen_id != item.pk or self.step != Step.TALK:
                self.chosen, self.step = item, Step.TALK
                self.save(update_fields=["chosen", "step"])
                self._nudge()

    def go(self, step: Step) -> None:
        """Go ahead, or come back; the other's page comes along when nothing is typed on it."""
        with transaction.atomic():
            self.lock()
            if self.step != step:
                self.step = step
                self.save(update_fields=["step"])
                self._nudge()

    def close(self, next_on: date | None, rhythm: str = "") -> None:
        """Over, until that day, or with None until they like. When both close it at the same
        moment, the first date stands."""
        with transaction.atomic():
            self._hold()
            if self.stage is not Stage.CLOSED:
                self._expect(Stage.REVEALED)
                self.closed_at, self.next_on, self.rhythm = timezone.now(), next_on, rhythm
                self.save(update_fields=["closed_at", "next_on", "rhythm"])
                self._nudge()

    def move(self, next_on: date | None) -> None:
        """Another day for the next review. Either moves it, and nobody is told."""
        with transaction.atomic():
            self._hold()
            if not self.carries_the_date:
                raise Refused(self.stage)
            self.next_on = next_on
            self.save(update_fields=["next_on"])

    # -- How it is done --------------------------------------------------------------------------

    def lock(self) -> None:
        """Lock this review until the transaction ends. Raises Refused unless both can see now."""
        self._hold()
        self._expect(Stage.REVEALED)

    def nudge(self) -> None:
        nudges.nudge(self.couple.workspace_id, "review")

    def _hold(self) -> None:
        """Lock this review until the transaction ends, and look at it anew."""
        rows = Review.objects.select_for_update(of=("self",)).with_people()
        self.refresh_from_db(from_queryset=rows)
        self.__dict__.pop("done_ids", None)

    def _expect(self, stage: Stage) -> None:
        if self.stage is not stage:
            raise Refused(self.stage)

    def thanks_of(self, partner: Partner) -> Appreciation:
        """What this person thanks the other for; an unsaved, empty one as long as they do not."""
        found = _thanks.first(self, partner)
        thanks = found or Appreciation(partner=partner)
        thanks.review = self
        return thanks

    def _keep(
        self,
        partner: Partner,
        said: Mapping[UUID, Said],
        known: Known,
        thanks: str | None,
    ) -> bool:
        self._expect(Stage.MARKING)
        if partner.pk in self.done_ids:
            raise Refused(Stage.DONE)
        marks = ReviewMark.objects.of(self).by(partner).by_item()
        thanked = self.thanks_of(partner)
        newest = revision([*marks.values(), thanked])
        base, tab_id = known or (newest, "")
        kept_all = True

        def put(what: Autosaved, **words: str) -> bool:
            nonlocal kept_all
            try:
                return what.put(base, tab_id, revision=newest + 1, **words)
            except EditConflict:
                kept_all = False
                return False

        if thanks is not None and put(thanked, text=thanks):
            thanked.save()
        changed = []
        for item in self.items.filter(pk__in=said):
            mark = marks.get(item.pk) or ReviewMark(item=item, partner=partner)
            if put(mark, **said[item.pk]._asdict()):
                mark.item.review = self
                changed.append(mark)
        ReviewMark.objects.write(changed)
        return kept_all

    def _said_already(
        self, partner: Partner, said: Mapping[UUID, Said], thanks: str | None
    ) -> bool:
        known = ReviewMark.objects.of(self).by(partner).by_item()
        same = all(
            known[pk].said == each if pk in known else each == OPEN for pk, each in said.items()
        )
        return same and thanks in (None, self.thanks_of(partner).text)

    def _end(self) -> None:
        """Over; what was not shown until now goes without a trace."""
        if not self.revealed_at:
            self.items.all().delete()
            self.appreciations.all().delete()
            self.dones.all().delete()
        self.closed_at = timezone.now()
        self.save(update_fields=["closed_at"])

    def _nudge(self) -> None:
        self.nudge()
        nudges.nudge(self.couple.workspace_id, "home")


class ReviewDone(models.Model):
    """One person is done. It can be taken back until both are."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    review = models.ForeignKey(Review, on_delete=models.CASCADE, related_name="dones")
    partner = models.ForeignKey(Partner, on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["review", "partner"], name="done_is_said_once")
        ]

    def __str__(self) -> str:
        return f"done with {self.review_id}"


@prepared
def _done(review: Review) -> models.QuerySet[ReviewDone, UUID]:
    return review.dones.values_list("partner_id", flat=True)


@prepared
def _thanks(review: Review, partner: Partner) -> models.QuerySet[Appreciation]:
    return review.appreciations.select_related("partner").filter(partner=partner)
