"""The mail of a call: see couples/account/mails.py for what no mail carries."""

from datetime import datetime
from uuid import UUID

from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from couples.mail.outbox import Kind, OutgoingMail
from couples.models import User
from couples.web.addresses import absolute


def send_call(to: User, home: UUID, about: UUID, since: datetime) -> None:
    """That it is about now is all it says: no name, no reason, and nothing to answer by mail."""
    OutgoingMail.put(
        Kind.CALL,
        to=to.email,
        subject=_("Please open your home now"),
        body=render_to_string("principles/practices/call.txt", {"link": absolute("couples:home")}),
        home=home,
        about=about,
        since=since,
    )
