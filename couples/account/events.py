"""Signing in and out, and changes of what one signs in with, for the log: in ids, and where from.

Where from is a sign that is another one tomorrow: enough to see that a hundred guesses are one
guesser's, and not an address.
"""

from typing import Any

from allauth.account import signals
from allauth.core.internal.ratelimit import get_ip
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.core.exceptions import PermissionDenied
from django.dispatch import Signal
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import salted_hmac

from couples.web.logs import note

NAMES: dict[Signal, str] = {
    user_logged_in: "signed in",
    user_logged_out: "signed out",
    user_login_failed: "sign-in failed",
    signals.login_code_rejected: "code refused",
    signals.user_signed_up: "account made",
    signals.password_set: "password set",
    signals.password_changed: "password changed",
    signals.password_reset: "password reset",
    signals.email_confirmed: "address confirmed",
    signals.email_changed: "address changed",
}


def source(request: HttpRequest | None) -> str:
    try:
        address = get_ip(request)
    except (PermissionDenied, AttributeError):
        return "-"
    day = timezone.now().date().isoformat()
    return salted_hmac("couples.events", f"{day} {address}", algorithm="sha256").hexdigest()[:10]


def tell(signal: Signal, request: HttpRequest | None = None, **facts: Any) -> None:
    address = facts.get("email_address")
    person = address.user_id if address is not None else getattr(facts.get("user"), "pk", None)
    note(NAMES[signal], person=person or "-", source=source(request))


def listen() -> None:
    for signal in NAMES:
        signal.connect(_tell, dispatch_uid="couples.account.events")


def _tell(*, signal: Signal, **facts: Any) -> None:
    facts.pop("sender")
    tell(signal, **facts)
