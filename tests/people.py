"""The people that the tests are about."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

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


def at_home(person: User) -> Resident:
    """The same person, of whom the test knows that they have a home by now."""
    return cast(Resident, person)


def anew(person: User) -> Resident:
    """Somebody who has a home, as if just loaded: no seat remembered from before."""
    return at_home(User.objects.get(pk=person.pk))


@dataclass
class Household:
    ana: Resident
    ben: Resident
    eve: User


def make_household() -> Household:
    """Ana's home. Eve lived in it and left; Ben lives in it now."""
    ana, ben, eve = (make_user(name) for name in ("Ana", "Ben", "Eve"))
    Workspace.begin(ana)
    Invitation.make(at_home(ana).partner).accept(eve).confirm()
    at_home(eve).partner.leave()
    Invitation.make(at_home(ana).partner).accept(ben).confirm()
    # Everybody as if just loaded: no seat remembered from before.
    return Household(anew(ana), anew(ben), User.objects.get(pk=eve.pk))
