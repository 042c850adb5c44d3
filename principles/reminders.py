"""The reminder's mail: nothing intimate in its subject, its body or its addresses."""

from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _

from principles.models.reminder import ReminderMail


def send(mail: ReminderMail) -> None:
    """Sent again after a crash, it has the same Message-ID: mail systems keep one of the two."""
    reminder = mail.reminder
    off = settings.BASE_URL + reverse("principles:reminder_off", args=[reminder.token])
    EmailMessage(
        subject=_("A small thing for today"),
        body=render_to_string(
            "principles/mail/reminder.txt",
            {"home": settings.BASE_URL + reverse("couples:home"), "off": off},
        ),
        to=[reminder.person.email],
        headers={
            "Message-ID": f"<{mail.pk.hex}@{urlsplit(settings.BASE_URL).hostname}>",
            # One tap in the mail program itself (RFC 8058).
            "List-Unsubscribe": f"<{off}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        },
    ).send()
