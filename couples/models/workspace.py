"""A home: the shared place of one couple, with two seats and never three."""

from typing import TYPE_CHECKING, Self
from uuid import UUID

from django.conf import settings
from django.db import models, transaction
from django.db.models import FilteredRelation, Q
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.module_loading import import_string

from couples.ids import uuid7
from couples.models.user import User
from couples.prepared import prepared

if TYPE_CHECKING:
    from couples.models.couple import Couple


class Workspace(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    def __str__(self) -> str:
        return f"home {self.id}"

    @property
    def key_owner_id(self) -> UUID:
        return self.id

    @classmethod
    def begin(cls, user: User) -> "Partner":
        """The person's home: a new one, unless they live in one already."""
        with transaction.atomic():
            # Two clicks on "begin" race for the person's row, not for the constraint.
            user.lock()
            partner = Partner.objects.active().filter(user=user).first()
            if partner is None:
                partner = Partner.objects.create(workspace=cls.objects.create(), user=user, seat=1)
        return partner

    def lock(self) -> Self:
        """Hold this home's row until the transaction ends; see couples/models/couple.py."""
        type(self).objects.select_for_update(no_key=True).get(pk=self.pk)
        return self


class PartnerQuerySet(models.QuerySet["Partner"]):
    def active(self) -> Self:
        return self.filter(left_at=None)

    def seat_of(self, user_id: UUID) -> "Partner | None":
        """The person's seat in their present home, and who else lives there: every page shows both,
        so all of it comes in one query."""
        mine = _seats_of.first(user_id)
        if mine is not None:
            # Django sets the filtered relation only where there is one.
            mine.couple = vars(mine).pop("now", None)
        return mine


@prepared
def _seats_of(user: UUID) -> "models.QuerySet[Partner]":
    now = FilteredRelation("workspace__couples", condition=Q(workspace__couples__ended_at=None))
    related = ("workspace", "user", "now__one__user", "now__two__user")
    return Partner.objects.active().filter(user=user).annotate(now=now).select_related(*related)


class Partner(models.Model):
    """One person's seat in one home. Leaving empties the seat and keeps the row."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="partners")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="seats")
    seat = models.PositiveSmallIntegerField()
    joined_at = models.DateTimeField(default=timezone.now)
    left_at = models.DateTimeField(null=True, blank=True)

    objects = PartnerQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(seat__in=(1, 2)), name="a_home_has_two_seats"),
            models.UniqueConstraint(
                fields=["workspace", "seat"],
                condition=Q(left_at=None),
                name="one_active_partner_per_seat",
            ),
            models.UniqueConstraint(
                fields=["user"], condition=Q(left_at=None), name="one_active_home_per_person"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        return self.user.name

    @property
    def who(self) -> str:
        """The CSS class of this person: the same colour and line for everybody who looks."""
        return "one" if self.seat == 1 else "two"

    def others_here(self) -> PartnerQuerySet:
        """The other, looked for now; nobody, where one is alone."""
        here = Partner.objects.active().filter(workspace=self.workspace_id)
        return here.exclude(pk=self.pk).select_related("user")

    @cached_property
    def couple(self) -> "Couple | None":
        """This person and the other who lives here now."""
        couples = self.workspace.couples.all()
        return couples.active().of(self).with_people().first()

    def other(self) -> "Partner | None":
        """The other person who lives here now."""
        return self.couple.other_than(self) if self.couple else None

    @property
    def is_alone(self) -> bool:
        return self.couple is None

    def leave(self) -> None:
        """One person's act, at once. The other is not asked; nobody's words are erased, and both
        keep what both could read (couples/kept/book.py). What else ends with it is known to the
        apps above, through functions that `settings.LEAVING` names."""
        with transaction.atomic():
            self.workspace.lock()
            now = timezone.now()
            for couple in self.workspace.couples.active().of(self).with_people():
                couple.end(now)
            self.workspace.invitations.open().revoke()
            self.workspace.outgoing_mails.all().delete()
            Partner.objects.active().filter(pk=self.pk).update(left_at=now)
            self.left_at = now
            for path in settings.LEAVING:
                import_string(path)(self)
