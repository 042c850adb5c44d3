"""Whose account it is. One whose address nobody has confirmed is nobody's: somebody else may have
made it, with a password of their own. Whoever confirms the address, by the link or by a code, has
it alone from then on.

An account is opened by its own address and by no other: one that only waits to take its place is an
`EmailAddress` that nobody signs in with.
"""

from allauth.account.internal import flows
from allauth.account.models import EmailAddress
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.hashers import make_password
from django.db import IntegrityError, transaction
from django.http import HttpRequest
from django.utils.translation import gettext as _

from couples.models import Session, User


def own_address(person: User) -> EmailAddress:
    """The row of the address that this person signs in with."""
    address: EmailAddress
    address, _made = EmailAddress.objects.get_or_create(
        user=person, email=person.email.lower(), defaults={"primary": True}
    )
    return address


def is_unclaimed(person: User) -> bool:
    """Whether nobody has confirmed an address of this account yet."""
    return not EmailAddress.objects.filter(user=person, verified=True).exists()


def is_change(address: EmailAddress) -> bool:
    """Whether it waits to take the place of another one."""
    return bool(address.email.lower() != address.user.email.lower())


def is_taken(address: EmailAddress) -> bool:
    """Whether another account signs in with it, confirmed or not."""
    others = User.objects.exclude(pk=address.user_id)
    return others.filter(email__iexact=address.email).exists() or not address.can_set_verified()


def confirm(request: HttpRequest, address: EmailAddress, password: str = "") -> bool:
    """The address is that of its account from now on, or, where another one has it, nothing has
    changed. Of an account that was nobody's the sessions and the password end; `password` is the
    new one, and without it a code in the mail leads in."""
    # Half a second, before anything is locked.
    hashed = make_password(password or None)
    try:
        with transaction.atomic():
            person = User.objects.locked(address.user_id)
            address = EmailAddress.objects.select_related("user").get(pk=address.pk)
            claimed = is_unclaimed(person)
            if is_taken(address):
                return False
            # One that waits for the same place waits no more, and is told of nothing.
            others = EmailAddress.objects.filter(user=person).exclude(pk=address.pk)
            others.exclude(email=person.email.lower()).delete()
            flows.email_verification.verify_email(request, address)
            if claimed:
                User.objects.filter(pk=person.pk).update(password=hashed)
                Session.objects.of(person).delete()
    except (EmailAddress.DoesNotExist, IntegrityError):
        return False
    if claimed:
        _begin_anew(request, User.objects.get(pk=person.pk))
    return True


def _begin_anew(request: HttpRequest, person: User) -> None:
    if request.user.is_authenticated and request.user.pk == person.pk:
        update_session_auth_hash(request, person)
    ended = _(
        "Whoever was signed in before is signed out, and the password from before no longer works."
    )
    if not person.has_usable_password():
        ended += " " + _("You can choose one of your own, or sign in by a code in your mail.")
    messages.success(request, ended)
