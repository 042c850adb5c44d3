"""The people that the tests are about."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from couples.models import Invitation, Partner, User, Workspace

PASSWORD = "a walk after every dinner"

if TYPE_CHECKING:

    class Resident(User):
        """Somebody who lives in a home, so that a test need not ask whether they have a seat."""

        @property
        def partner(self) -> Partner: ...

else:
    Resident = User


def make_user(name: str) -> User:
    return User.objects.create_user(f"{name.lower()}@home.example", name, PASSWORD)


@dataclass
class Household:
    ana: Resident
    ben: Resident
    eve: User


def make_household() -> Household:
    """Ana's home. Eve lived in it and left; Ben lives in it now."""
    ana, ben, eve = (make_user(name) for name in ("Ana", "Ben", "Eve"))
    Workspace.begin(ana)
    Invitation.make(ana.partner).accept(eve)
    eve.partner.leave()
    Invitation.make(ana.partner).accept(ben)
    # Everybody as if just loaded: no seat remembered from before.
    return Household(*(User.objects.get(pk=person.pk) for person in (ana, ben, eve)))
