"""The mails of the principles: see couples/mail/messages.py for what none of them carries."""

from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _

from couples.mail.outbox import Kind, OutgoingMail
from couples.models import User


def send_call(to: User, home: UUID, about: UUID, since: datetime) -> None:
    """That it is about now is all it says: no name, no reason, and nothing to answer by mail."""
    OutgoingMail.put(
        Kind.CALL,
        to=to.email,
        subject=_("Please open your home now"),
        body=render_to_string("principles/practices/call.txt", {"link": _link("couples:home")}),
        home=home,
        about=about,
        since=since,
    )


def send_reminder(to: User, token: str, about: UUID, since: datetime) -> None:
    """Nothing intimate in its subject, its body or its addresses."""
    off = _link("principles:reminder_off", token)
    OutgoingMail.put(
        Kind.REMINDER,
        to=to.email,
        subject=_("A small thing for today"),
        body=render_to_string(
            "principles/daily/reminder.txt", {"home": _link("couples:home"), "off": off}
        ),
        headers={
            # One tap in the mail program itself (RFC 8058).
            "List-Unsubscribe": f"<{off}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        },
        about=about,
        since=since,
    )


def _link(name: str, *args: str) -> str:
    return settings.BASE_URL + reverse(name, args=args)
