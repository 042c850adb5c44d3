"""An invitation: a single-use, expiring, revocable link into a home, stored as a hash."""

import hashlib
from datetime import timedelta
from enum import StrEnum
from typing import Self
from urllib.parse import urljoin

from django.conf import settings
from django.db import models, transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import salted_hmac

from couples import nudges
from couples.ids import uuid7
from couples.mail.outbox import OutgoingMail
from couples.models.couple import Couple
from couples.models.user import User
from couples.models.workspace import Partner, Workspace
from couples.names import look_alike
from couples.refusals import Refusal

LIFETIME = timedelta(days=14)


class InvitationStatus(StrEnum):
    """What an invitation is to the person who opens it."""

    OPEN = "open"
    OWN = "own"
    USED = "used"
    DECLINED = "declined"
    REVOKED = "revoked"
    EXPIRED = "expired"
    FULL = "full"
    SHARED_ALREADY = "shared-already"
    TOGETHER = "together"
    SAME_NAME = "same-name"


class NotOpen(Refusal):
    """The invitation cannot be accepted (any more); `status` says why."""

    def __init__(self, status: InvitationStatus) -> None:
        super().__init__(status.value)
        self.status = status


def digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def open(self) -> Self:
        return self.filter(
            accepted_at=None, declined_at=None, revoked_at=None, expires_at__gt=timezone.now()
        )

    def revoke(self) -> None:
        """The links open nothing any more, and what was not sent yet is not sent."""
        OutgoingMail.objects.filter(about__in=self.values("pk")).delete()
        self.update(revoked_at=timezone.now())

    def by_token(self, token: str) -> "Invitation | None":
        return (
            self.filter(token_hash=digest(token))
            .select_related("inviter__user", "workspace")
            .first()
        )


class Invitation(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="invitations")
    inviter = models.ForeignKey(Partner, on_delete=models.CASCADE, related_name="invitations")
    token_hash = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, blank=True)
    accepted_by = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    declined_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["workspace"],
                condition=Q(accepted_at=None, declined_at=None, revoked_at=None),
                name="one_open_invitation_per_home",
            )
        ]

    def __str__(self) -> str:
        return f"invitation {self.id}"

    @classmethod
    def make(cls, inviter: Partner) -> "Invitation":
        """A new invitation; one that was open before stops working."""
        with transaction.atomic():
            inviter.workspace.lock()
            cls.objects.filter(
                workspace=inviter.workspace, accepted_at=None, declined_at=None, revoked_at=None
            ).revoke()
            invitation = cls(
                workspace=inviter.workspace,
                inviter=inviter,
                expires_at=timezone.now() + LIFETIME,
            )
            invitation.token_hash = digest(invitation.token)
            invitation.save(force_insert=True)
        return invitation

    @property
    def token(self) -> str:
        """The secret of the link. It is derived, so that the page can show the link again while
        the database holds only its hash."""
        return salted_hmac("couples.invitation", str(self.pk), algorithm="sha256").hexdigest()[:43]

    @property
    def link(self) -> str:
        return urljoin(settings.BASE_URL, reverse("couples:invitation", args=[self.token]))

    def status_for(self, user: User | None) -> InvitationStatus:
        if self.accepted_at:
            return InvitationStatus.USED
        if user is not None and self._is_with(user):
            return InvitationStatus.TOGETHER
        if self.declined_at:
            return InvitationStatus.DECLINED
        if self.revoked_at or self.inviter.left_at:
            return InvitationStatus.REVOKED
        if self.expires_at <= timezone.now():
            return InvitationStatus.EXPIRED
        if user is not None and self.inviter.user_id == user.pk:
            return InvitationStatus.OWN
        living_here = Partner.objects.active().filter(workspace=self.workspace_id).count()
        if living_here != 1:
            return InvitationStatus.FULL
        if user is not None and user.partner is not None and not user.partner.is_alone:
            return InvitationStatus.SHARED_ALREADY
        if user is not None and look_alike(user.name, self.inviter.name):
            return InvitationStatus.SAME_NAME
        return InvitationStatus.OPEN

    def _is_with(self, user: User) -> bool:
        """Whether this person lives with the inviter by now: two invited each other, and the other
        invitation was accepted first."""
        other = user.partner.other() if user.partner is not None else None
        return other is not None and other.user_id == self.inviter.user_id

    def accept(self, user: User, name: str = "") -> Partner:
        """Seat the person in the home. Raises NotOpen when that cannot be (any more).

        Whoever lived alone brings their private pages along: those belong to the person. With a
        name the person is called that from now on: two who share a home have two names.
        """
        with transaction.atomic():
            user.lock()
            mine = Partner.objects.active().filter(user=user).first()
            homes = {self.workspace_id} | ({mine.workspace_id} if mine else set())
            # Both homes, in one order for everybody: two people who invited each other and accept
            # at the same moment wait for one another here.
            rows = Workspace.objects.select_for_update(no_key=True)
            list(rows.filter(pk__in=homes).order_by("pk"))
            self.refresh_from_db()
            self.inviter.refresh_from_db()
            user.__dict__.pop("partner", None)
            before, user.name = user.name, name or user.name
            status = self.status_for(user)
            if status is not InvitationStatus.OPEN:
                user.name = before
                raise NotOpen(status)
            if name:
                user.save(update_fields=["name"])
            if user.partner is not None:
                user.partner.leave()
            partner = Partner.objects.create(
                workspace=self.workspace, user=user, seat=2 if self.inviter.seat == 1 else 1
            )
            Couple.begin(self.inviter, partner)
            self.accepted_at, self.accepted_by = timezone.now(), user
            self.save(update_fields=["accepted_at", "accepted_by"])
            user.__dict__.pop("partner", None)
            nudges.nudge(self.workspace_id, "home")
        return partner

    def decline(self) -> None:
        """Say no. Who declined, and why, is not kept."""
        type(self).objects.open().filter(pk=self.pk).update(declined_at=timezone.now())
        nudges.nudge(self.workspace_id, "home")

    def revoke(self) -> None:
        with transaction.atomic():
            type(self).objects.open().filter(pk=self.pk).revoke()
