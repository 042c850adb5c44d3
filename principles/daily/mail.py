"""The mail of a day: see couples/account/mails.py for what no mail carries."""

from datetime import datetime
from uuid import UUID

from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from couples.mail.outbox import Kind, OutgoingMail
from couples.models import User
from couples.web.addresses import absolute


def send_reminder(to: User, token: str, about: UUID, since: datetime) -> None:
    """Nothing intimate in its subject, its body or its addresses."""
    off = absolute("principles:reminder_off", token)
    OutgoingMail.put(
        Kind.REMINDER,
        to=to.email,
        subject=_("A small thing for today"),
        body=render_to_string(
            "principles/daily/reminder.txt", {"home": absolute("couples:home"), "off": off}
        ),
        headers={
            # One tap in the mail program itself (RFC 8058).
            "List-Unsubscribe": f"<{off}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        },
        about=about,
        since=since,
    )
