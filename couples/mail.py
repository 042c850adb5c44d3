"""One function for each mail. None carries a name, a word of anybody's writing, or who wrote."""

from django.core.mail import send_mail
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from couples.models import Invitation


def send_invitation(invitation: Invitation, email: str) -> None:
    """The address is used for this one mail and kept nowhere."""
    send_mail(
        subject=_("An invitation for you"),
        message=render_to_string("couples/mail/invitation.txt", {"link": invitation.link}),
        from_email=None,
        recipient_list=[email],
    )
