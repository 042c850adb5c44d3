"""Two people who share a home, from the day that both were there to the day that one of them left.

What two people share hangs on this row and not on their home: in a home people change, and whoever
moves in later finds nothing of those before.

A couple ends for ever. From that day nobody adds to what the two shared, changes it or takes
anything of it back: every act on it locks a couple that has not ended. Both keep the same copy to
read, of everything that both could read then: couples/kept/book.py. Two who come back together
are another couple, and the copy is theirs as it was.

The order of locks, for the whole project: the person (`user.lock()`), the home (`workspace.lock()`,
several of them by id), the couple, and then the thing itself: a review, a moment, a letter before
its document. Whoever takes one of these takes none to its left afterwards. Rows that only point at
a locked one do not wait, because all are locked FOR NO KEY UPDATE.
"""

from datetime import datetime
from typing import Any, Self
from uuid import UUID

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from couples.crypto.fields import EncryptedTextField
from couples.ids import uuid7
from couples.models.user import User
from couples.models.workspace import Partner, Workspace
from couples.refusals import NotTogether


class CoupleQuerySet(models.QuerySet["Couple"]):
    def of(self, partner: Partner) -> Self:
        """Those that this person is or was one of, from their seat."""
        return self.filter(Q(one=partner) | Q(two=partner))

    def visible_to(self, partner: Partner) -> Self:
        """The same while it lasts: what an ended one shared is on no page of the home any more,
        neither for whoever left nor for whoever stayed."""
        return self.of(partner).active() if partner.left_at is None else self.none()

    def of_user(self, user: User) -> Self:
        """All that this person ever was one of, with a home or without."""
        seats = Partner.objects.filter(user=user).values("pk")
        # One or the other in one condition would lead PostgreSQL to read the whole table.
        of_one = Couple.objects.filter(one__in=seats).values("pk")
        of_two = Couple.objects.filter(two__in=seats).values("pk")
        return self.filter(pk__in=of_one.union(of_two))

    def kept_by(self, user: User) -> Self:
        """Those of this person that have ended. What both could read on that day is theirs to read
        for as long as they have an account, with or without a home."""
        return self.of_user(user).exclude(ended_at=None)

    def of_rows(self, given: "models.QuerySet[Any]") -> Self:
        """Those between whose two these rows were given: the fields of both are called giver and
        recipient."""
        seats = given.values_list("giver", "recipient").first() or (None, None)
        return self.filter(one__in=seats, two__in=seats)

    def active(self) -> Self:
        return self.filter(ended_at=None)

    def now_of(self, partner: Partner) -> "models.QuerySet[Couple, UUID]":
        """The id of the one couple that this person is one of now, for `couple=…`. As a list, for
        `couple__in=…`, it would lead SQLite to read the whole of a table that it filters."""
        return self.visible_to(partner).values_list("pk", flat=True)[:1]

    def with_people(self) -> Self:
        return self.select_related("one__user", "two__user")

    def lock(self) -> "Couple":
        """The one of these that has not ended: nobody leaves before the transaction ends. Raises
        NotTogether where there is none."""
        rows = self.active().with_people().select_for_update(of=("self",), no_key=True)
        couple = rows.first()
        if couple is None:
            raise NotTogether
        return couple


class Couple(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="couples")
    # By seat. What both said outlives the seat of one of them.
    one = models.ForeignKey(Partner, on_delete=models.RESTRICT, related_name="+")
    two = models.ForeignKey(Partner, on_delete=models.RESTRICT, related_name="+")
    began_at = models.DateTimeField(default=timezone.now, editable=False)
    ended_at = models.DateTimeField(null=True, blank=True)
    # What the two were called on that day: nobody learns here what the other is called later.
    name_one = EncryptedTextField(null=True)
    name_two = EncryptedTextField(null=True)
    # Since when one of them calls the other. Every page loads the couple anyway, and so learns
    # without another question whether there is something to show over it.
    calling_since = models.DateTimeField(null=True, blank=True)

    objects = CoupleQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(one=F("two")), name="a_couple_is_two"),
            models.UniqueConstraint(fields=["one", "two"], name="a_couple_is_one_row"),
            models.UniqueConstraint(
                fields=["workspace"], condition=Q(ended_at=None), name="one_couple_per_home"
            ),
        ]

    def __str__(self) -> str:
        return f"couple {self.id}"

    @classmethod
    def begin(cls, first: Partner, second: Partner) -> "Couple":
        one, two = sorted((first, second), key=lambda partner: partner.seat)
        return cls.objects.create(workspace_id=one.workspace_id, one=one, two=two)

    @property
    def people(self) -> tuple[Partner, Partner]:
        """Both, in the same order for whoever looks."""
        return self.one, self.two

    @property
    def ids(self) -> set[UUID]:
        """The ids of both partners, without loading them."""
        return {self.one_id, self.two_id}

    @property
    def key_owner_id(self) -> UUID:
        return self.workspace_id

    def other_than(self, partner: Partner) -> Partner:
        return self.two if self.one_id == partner.pk else self.one

    def either_way(self, giver: str, reader: str) -> Q:
        """In a query of what one person gave another: what either of these two gave the other.
        `giver` and `reader` are the fields that hold the seats."""
        return Q(**{giver: self.one_id, reader: self.two_id}) | Q(
            **{giver: self.two_id, reader: self.one_id}
        )

    def end(self, at: datetime) -> None:
        """For ever. Called by Partner.leave(), which holds the home."""
        self.ended_at, self.name_one, self.name_two = at, self.one.name, self.two.name
        self.save(update_fields=["ended_at", "name_one", "name_two"])

    def together_again(self) -> "Couple | None":
        """The couple that the same two are now, once this one has ended and both came back."""
        people = (self.one.user_id, self.two.user_id)
        now = Couple.objects.active().exclude(pk=self.pk)
        return now.filter(one__user__in=people, two__user__in=people).first()

    def as_it_was(self) -> Self:
        """With the two called what they were called on the day that it ended."""
        if self.name_one is not None and self.name_two is not None:
            self.one.user.name, self.two.user.name = self.name_one, self.name_two
        return self

    def lock(self, by: Partner | None = None) -> None:
        """Nobody leaves before the transaction ends. Raises NotTogether once it has ended, or where
        `by` is not one of the two."""
        these = Couple.objects.filter(pk=self.pk)
        (these if by is None else these.visible_to(by)).lock()

    def lock_row(self) -> None:
        """The same where it may have ended: what that means is for the caller to say."""
        rows = Couple.objects.select_for_update(no_key=True)
        self.refresh_from_db(fields=["ended_at"], from_queryset=rows)
