"""An invitation: a single-use, expiring, revocable link into a home, stored as a hash.

A link says nothing about who follows it. So nobody sits down in a home by following one: they say
yes, and the one who invited is asked whether this is who was meant. Until both have said yes there
is no couple, and neither sees anything of the other's but the name of the one who invited and, in
the question, name and address of the one who came.
"""

import hashlib
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Self
from urllib.parse import urljoin

from django.conf import settings
from django.db import models, transaction
from django.db.models import Q
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from couples import nudges
from couples.ids import uuid7
from couples.mail.outbox import Kind, OutgoingMail
from couples.models.couple import Couple
from couples.models.user import User
from couples.models.workspace import Partner, Workspace
from couples.names import look_alike
from couples.refusals import Refusal

# Of a link, and of a yes that nobody has answered: an old one is not to count one day by surprise.
LIFETIME = timedelta(days=14)
# So many may have come with one link. It was meant for one.
MOST = 5


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
    WAITING = "waiting"  # this person has said yes, and the question is open
    REFUSED = "refused"
    CROWDED = "crowded"


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
        Acceptance.objects.filter(invitation__in=self.values("pk")).delete()
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
    # Whoever invites wants one mail, when somebody has come.
    mail_at = models.DateTimeField(null=True, blank=True)

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
    def make(cls, inviter: Partner, *, mail: bool = False) -> "Invitation":
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
                mail_at=timezone.now() if mail else None,
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
        mine = self.acceptances.filter(user=user).first() if user is not None else None
        if mine is not None and mine.refused_at:
            return InvitationStatus.REFUSED
        if mine is not None and mine.is_open:
            return InvitationStatus.WAITING
        if self.declined_at:
            return InvitationStatus.DECLINED
        if self.revoked_at or self.inviter.left_at:
            return InvitationStatus.REVOKED
        if self.expires_at <= timezone.now():
            return InvitationStatus.EXPIRED
        if user is not None and self.inviter.user_id == user.pk:
            return InvitationStatus.OWN
        if self.acceptances.open().count() >= MOST:
            return InvitationStatus.CROWDED
        return self.room_for(user)

    def room_for(self, user: User | None) -> InvitationStatus:
        """Whether these two can live together now, whatever became of the link."""
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

    def accept(self, user: User, name: str = "", *, mail: bool = False) -> "Acceptance":
        """This person's yes; twice is once. Raises NotOpen when that cannot be (any more).

        With a name the person is called that from now on: two who share a home have two names.
        """
        with transaction.atomic():
            user.lock()
            self.workspace.lock()
            self.refresh_from_db()
            self.inviter.refresh_from_db()
            user.__dict__.pop("partner", None)
            before, user.name = user.name, name or user.name
            status = self.status_for(user)
            if status is InvitationStatus.WAITING:
                return self.acceptances.get(user=user)
            if status is not InvitationStatus.OPEN:
                user.name = before
                raise NotOpen(status)
            if name:
                user.save(update_fields=["name"])
            self.acceptances.filter(user=user).delete()  # one that has run out
            self._tell_inviter()
            nudges.nudge(self.workspace_id, "home")
            return self.acceptances.create(user=user, mail_at=timezone.now() if mail else None)

    def _tell_inviter(self) -> None:
        """The one mail, with the first who comes."""
        if self.mail_at is not None:
            send_news(self.inviter.user, home=self.workspace, about=self)
            self.mail_at = None
            self.save(update_fields=["mail_at"])

    def _seat(self, user: User) -> Partner:
        """The other seat, and what was before ends. Everything is locked."""
        if user.partner is not None:
            before = user.partner.workspace_id
            user.partner.leave()
            nudges.nudge(before, "home")
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
        """Say no. Who declined, and why, is not kept. Those who have said yes are still waiting."""
        type(self).objects.open().filter(pk=self.pk).update(declined_at=timezone.now())
        nudges.nudge(self.workspace_id, "home")

    def revoke(self) -> None:
        with transaction.atomic():
            self.workspace.lock()
            type(self).objects.open().filter(pk=self.pk).revoke()


class AcceptanceQuerySet(models.QuerySet["Acceptance"]):
    def open(self) -> Self:
        """Those that nobody has answered, of an invitation that still leads somewhere."""
        return self.filter(
            refused_at=None,
            created_at__gt=timezone.now() - LIFETIME,
            invitation__accepted_at=None,
            invitation__revoked_at=None,
            invitation__inviter__left_at=None,
        )

    def asked_of(self, inviter: Partner) -> Self:
        return self.open().filter(invitation__inviter=inviter).select_related("user")

    def of(self, user: User) -> Self:
        """Their own, which they wait with."""
        return self.open().filter(user=user).select_related("invitation__inviter__user")


class Acceptance(models.Model):
    """Somebody who came with the link and said yes, until the one who invited has answered."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    invitation = models.ForeignKey(Invitation, on_delete=models.CASCADE, related_name="acceptances")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    refused_at = models.DateTimeField(null=True, blank=True)
    # They want one mail, when they live together.
    mail_at = models.DateTimeField(null=True, blank=True)

    objects = AcceptanceQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["invitation", "user"], name="one_yes_each")]

    def __str__(self) -> str:
        return f"acceptance {self.id}"

    @property
    def runs_out_at(self) -> datetime:
        return self.created_at + LIFETIME

    @property
    def is_open(self) -> bool:
        return type(self).objects.open().filter(pk=self.pk).exists()

    def confirm(self) -> Partner:
        """The yes of the one who invited: from now on the two live together. Raises NotOpen when
        that cannot be (any more): the other yes was taken back, or either lives with somebody.

        Whoever lived alone brings their private pages along: those belong to the person.
        """
        invitation, user = self.invitation, self.user
        with transaction.atomic():
            user.lock()
            mine = Partner.objects.active().filter(user=user).first()
            homes = {invitation.workspace_id} | ({mine.workspace_id} if mine else set())
            # Both homes, in one order for everybody: two people who invited each other and say yes
            # at the same moment wait for one another here.
            rows = Workspace.objects.select_for_update(no_key=True)
            list(rows.filter(pk__in=homes).order_by("pk"))
            invitation.refresh_from_db()
            invitation.inviter.refresh_from_db()
            user.refresh_from_db()
            user.__dict__.pop("partner", None)
            if not self.is_open:
                raise NotOpen(invitation.status_for(user))
            status = invitation.room_for(user)
            if status is not InvitationStatus.OPEN:
                raise NotOpen(status)
            partner = invitation._seat(user)
            if self.mail_at is not None:
                send_news(user, home=invitation.workspace, about=invitation)
            # Whatever else either of them is waiting with or asked is settled.
            over = Q(user=user) | Q(user=invitation.inviter.user) | Q(invitation=invitation)
            Acceptance.objects.filter(over).delete()
        return partner

    def refuse(self) -> None:
        """The no of the one who invited. The link goes on working for whoever it was meant for, and
        not for this person."""
        with transaction.atomic():
            self.invitation.workspace.lock()
            if type(self).objects.open().filter(pk=self.pk).update(refused_at=timezone.now()):
                self._nudge_waiting()

    def withdraw(self) -> None:
        """Take the yes back; of it nothing is kept. Raises NotOpen once it was answered."""
        with transaction.atomic():
            self.user.lock()
            gone, _rows = type(self).objects.open().filter(pk=self.pk).delete()
            if not gone:
                raise NotOpen(InvitationStatus.USED)
            nudges.nudge(self.invitation.workspace_id, "home")

    def _nudge_waiting(self) -> None:
        home = Partner.objects.active().filter(user=self.user_id).values_list("workspace_id")
        for (workspace_id,) in home:
            nudges.nudge(workspace_id, "home")


def send_news(to: User, *, home: Workspace, about: Invitation) -> None:
    """One mail that says to look, and nothing else: no name, and not what there is."""
    link = urljoin(settings.BASE_URL, reverse("couples:home"))
    OutgoingMail.put(
        Kind.INVITATION,
        to=to.email,
        subject=_("Something new at home"),
        body=render_to_string("couples/mail/news.txt", {"link": link}),
        home=home.pk,
        about=about.pk,
    )
