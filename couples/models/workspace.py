"""A home: the shared place of one couple, with two seats and never three."""

from typing import Self
from uuid import UUID

from django.conf import settings
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.module_loading import import_string

from couples.ids import uuid7
from couples.models.user import User


class Workspace(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    # Since when somebody who lives here calls the other. Every page loads the home anyway, and so
    # learns without another question whether there is something to show over it.
    calling_since = models.DateTimeField(null=True, blank=True)

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
            User.objects.select_for_update().get(pk=user.pk)
            partner = Partner.objects.active().filter(user=user).first()
            if partner is None:
                partner = Partner.objects.create(workspace=cls.objects.create(), user=user, seat=1)
        return partner

    def lock(self) -> Self:
        """Hold this home's row until the transaction ends."""
        type(self).objects.select_for_update().get(pk=self.pk)
        return self


class PartnerQuerySet(models.QuerySet["Partner"]):
    def active(self) -> Self:
        return self.filter(left_at=None)

    def seat_of(self, user: User) -> "Partner | None":
        """The person's seat in their present home. It knows the other seat, too: every page shows
        both, so both come in one query."""
        here = self.active().filter(
            workspace__partners__user=user, workspace__partners__left_at=None
        )
        mine = other = None
        for partner in here.select_related("workspace", "user"):
            if partner.user_id == user.pk:
                mine = partner
            else:
                other = partner
        if mine is not None:
            mine.__dict__["_other"] = other
        return mine


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
    def _other(self) -> "Partner | None":
        return self.others_here().first()

    def other(self) -> "Partner | None":
        """The other person who lives here now."""
        return self._other

    @property
    def is_alone(self) -> bool:
        return self.other() is None

    def leave(self) -> None:
        """One person's act, at once. The other is not asked; nobody's words are erased. What else
        ends with it is known to the apps above, through functions that `settings.LEAVING` names."""
        with transaction.atomic():
            self.workspace.lock()
            now = timezone.now()
            self.workspace.invitations.open().revoke()
            self.workspace.outgoing_mails.all().delete()
            Partner.objects.active().filter(pk=self.pk).update(left_at=now)
            self.left_at = now
            for path in settings.LEAVING:
                import_string(path)(self)
