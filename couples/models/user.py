"""A person with an account. Private writing belongs to the person, not to a home."""

from datetime import tzinfo
from typing import TYPE_CHECKING, ClassVar
from uuid import UUID
from zoneinfo import ZoneInfo

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models, transaction
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.timezone import get_default_timezone
from django.utils.translation import gettext_lazy as _

from couples.ids import uuid7
from couples.names import SameName, look_alike
from couples.zones import zones

if TYPE_CHECKING:
    from couples.models.workspace import Partner


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, name: str, password: str | None = None) -> "User":
        user = self.model(email=self.normalize_email(email), name=name)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email__iexact=username)

    def by_address(self, email: str) -> "User | None":
        """Whose own address it is. Compared once more here: to a database, letters of other
        alphabets may be the same that no mailbox takes for the same."""
        found = self.filter(email__iexact=email).first()
        return found if found is not None and found.email.lower() == email.lower() else None

    def locked(self, pk: UUID) -> "User":
        """This person, whose row is held until the transaction ends; see models/couple.py."""
        return self.select_for_update(no_key=True).get(pk=pk)


class User(AbstractBaseUser):
    """Signs in by email. There is no staff flag, because nobody reads others' pages here."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    email = models.EmailField(_("email"), max_length=254, unique=True)
    name = models.CharField(_("name"), max_length=60)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    # A name of the IANA database; empty until the browser or the person has told.
    time_zone = models.CharField(max_length=64, blank=True)
    presence_off_at = models.DateTimeField(null=True, blank=True)
    # When the account goes, once that was asked for; and when it went, of what stays behind of it:
    # see couples/account/deletion.py.
    deletes_at = models.DateTimeField(null=True, blank=True)
    deleted_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    class Meta:
        constraints = [models.UniqueConstraint(Lower("email"), name="one_account_per_email")]

    def __str__(self) -> str:
        return self.name

    @property
    def key_owner_id(self) -> UUID:
        return self.id

    def lock(self) -> None:
        """Hold this person's row until the transaction ends; see couples/models/couple.py."""
        type(self).objects.locked(self.pk)

    @cached_property
    def partner(self) -> "Partner | None":
        """The person's seat in their present home, or None."""
        return self.seats.model.objects.seat_of(self.pk)

    @property
    def zone(self) -> tzinfo:
        """Where this person's days begin and end."""
        return ZoneInfo(self.time_zone) if self.time_zone in zones() else get_default_timezone()

    def live_in(self, time_zone: str) -> None:
        """Raises ValueError for a zone that nobody knows."""
        if time_zone not in zones():
            raise ValueError(time_zone)
        self.time_zone = time_zone
        self.save(update_fields=["time_zone"])

    @property
    def shows_presence(self) -> bool:
        return self.presence_off_at is None

    def show_presence(self, shown: bool) -> None:
        """Whether the other sees, inside a joint letter, that this person is there."""
        if shown != self.shows_presence:
            self.presence_off_at = None if shown else timezone.now()
            self.save(update_fields=["presence_off_at"])

    def rename(self, name: str) -> None:
        """Raises SameName where the other of the two is called that: whoever reads a name has to
        know which of them it is."""
        with transaction.atomic():
            self.lock()
            if self.partner is not None:
                self.partner.workspace.lock()
                for other in self.partner.others_here():
                    if look_alike(other.name, name):
                        raise SameName(other.name)
            self.name = name
            self.save(update_fields=["name"])
