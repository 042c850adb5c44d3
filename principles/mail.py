"""The mails of the principles: see couples/mail.py for what none of them carries."""

from django.conf import settings
from django.core.mail import send_mail
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from couples.models import User


def send_call(to: User) -> None:
    """That it is about now is all it says: no name, no reason, and nothing to answer by mail."""
    send_mail(
        subject=_("Please open your home now"),
        message=render_to_string(
            "principles/mail/call.txt", {"link": f"{settings.BASE_URL}/home/"}
        ),
        from_email=None,
        recipient_list=[to.email],
    )
