"""A pledge: what one person will do for a principle, in their own words.

The pledge belongs to the person, lies under the person's key, and travels along when they move.
Sharing it copies its exact words under the home's key, for one reader; what is changed afterwards
stays private until it is shared again.
"""

from typing import Self
from uuid import UUID

from django.db import models, transaction
from django.db.models import F, Q
from django.utils import timezone

from couples import nudges
from couples.autosave import AutosavedText
from couples.crypto.fields import EncryptedTextField
from couples.ids import uuid7
from couples.models import Couple, Partner, User, Workspace
from couples.refusals import Refusal

LONGEST = 1000


class NotAsSeen(Refusal):
    """The words, or the person who would read them, are not those of the preview any more."""


class PledgeQuerySet(models.QuerySet["Pledge"]):
    def visible_to(self, partner: Partner) -> Self:
        """One's own. There is no way to the other's but what they shared."""
        return self.filter(user=partner.user_id)


class Pledge(AutosavedText):
    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="pledges")
    principle = models.CharField(max_length=40)

    objects = PledgeQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "principle"], name="one_pledge_per_principle_and_person"
            ),
        ]

    def __str__(self) -> str:
        return f"pledge {self.id}"

    @property
    def key_owner_id(self) -> UUID:
        return self.user_id

    @classmethod
    def of(cls, user: User, principle: str) -> "Pledge":
        """The person's pledge; begun with their first words."""
        pledge, _created = cls.objects.get_or_create(user=user, principle=principle)
        return pledge

    def write(self, text: str, base: int, tab_id: str = "") -> None:
        """Keep these words. Raises EditConflict."""
        with transaction.atomic():
            self._hold()
            self.save_revision(text, base, tab_id)

    def share(self, giver: Partner, reader: Partner, seen: int) -> "SharedPledge":
        """Show these exact words to the other one, in place of what was shared before.

        `seen` is the revision that the preview showed. Raises NotAsSeen when the words have
        changed since, or when the reader is not the one who lives here now.
        """
        with transaction.atomic():
            giver.workspace.lock()
            self._hold()
            active = Partner.objects.active().filter(workspace=giver.workspace_id)
            here = set(active.values_list("pk", flat=True))
            if seen != self.revision or not self.text or here != {giver.pk, reader.pk}:
                raise NotAsSeen
            given = SharedPledge.objects.filter(partner=giver, reader=reader)
            given.filter(principle=self.principle).delete()
            shared = SharedPledge.objects.create(
                workspace=giver.workspace,
                partner=giver,
                reader=reader,
                principle=self.principle,
                text=self.text,
            )
            shared.nudge()
        return shared

    def _hold(self) -> None:
        """Read this row again, and let nobody else write it until the transaction ends."""
        self.refresh_from_db(from_queryset=Pledge.objects.select_for_update())


class SharedPledgeQuerySet(models.QuerySet["SharedPledge"]):
    def visible_to(self, partner: Partner) -> Self:
        """What this person gave, and what was given to them, by the two who live here now."""
        return self.filter(
            Q(partner=partner) | Q(reader=partner), partner__left_at=None, reader__left_at=None
        )


class SharedPledge(models.Model):
    """The exact words that somebody chose to show; the row is there for as long as they are."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    workspace = models.ForeignKey(
        Workspace, on_delete=models.CASCADE, related_name="shared_pledges"
    )
    partner = models.ForeignKey(Partner, on_delete=models.CASCADE, related_name="shared_pledges")
    # Sharing is with a person: who moves in later has not been shown anything.
    reader = models.ForeignKey(Partner, on_delete=models.CASCADE, related_name="+")
    principle = models.CharField(max_length=40)
    text = EncryptedTextField()
    shared_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = SharedPledgeQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["partner", "reader", "principle"], name="one_shared_pledge_each"
            ),
            models.CheckConstraint(
                condition=~Q(partner=F("reader")), name="a_pledge_is_shared_with_somebody_else"
            ),
        ]

    def __str__(self) -> str:
        return f"shared pledge {self.id}"

    @property
    def key_owner_id(self) -> UUID:
        return self.workspace_id

    def take_back(self) -> None:
        """From now on nobody but its owner can read it. What was read was read. Raises
        NotTogether once one of the two has left."""
        with transaction.atomic():
            Couple.objects.of(self.partner).lock()
            self.nudge()
            self.delete()

    def nudge(self) -> None:
        nudges.nudge(self.workspace_id, f"pledge-{self.principle}")
        nudges.nudge(self.workspace_id, "home")
