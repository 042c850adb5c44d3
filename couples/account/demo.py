"""The couple to look around with, whose password is published: for `bin/serve --demo` alone.

They stay in the database afterwards, so what counts is how the server was started now.
"""

from typing import Any
from uuid import UUID

from allauth.account.auth_backends import AuthenticationBackend as AllauthBackend
from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest

from couples.models import Partner, User

PASSWORD = "a walk after every dinner"  # noqa: S105 # published
ANA, BEN = "ana@demo.example", "ben@demo.example"


def demo(request: HttpRequest) -> dict[str, Any]:
    """Template context: every page says it, and the sign-in page how."""
    there = {"ana": ANA, "ben": BEN, "password": PASSWORD}
    return {"demo": there if settings.DEMO else None}


def is_closed(user: object) -> bool:
    return getattr(user, "email", None) in (ANA, BEN) and not settings.DEMO


class AuthenticationBackend(AllauthBackend):
    """Asked for every page of a session as well."""

    def get_user(self, user_id: UUID) -> User | None:
        """With their seat, for which every page would ask next: one query for both."""
        seat = Partner.objects.seat_of(user_id)
        if seat is None:
            found: User | None = super().get_user(user_id)
            return found
        user = seat.user
        user.partner = seat
        return user if self.user_can_authenticate(user) else None

    def user_can_authenticate(self, user: AbstractBaseUser | AnonymousUser | None) -> bool:
        return not is_closed(user) and bool(super().user_can_authenticate(user))

    def _authenticate_by_email(self, email: str, password: str) -> User | None:
        """By an account's own address; see couples/account/confirmation.py."""
        person: User | None = self._check_password(User.objects.by_address(email), password)
        return person
