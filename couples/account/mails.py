"""One function for each mail. None carries a name, a word of anybody's writing, or who wrote."""

from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from couples.mail.outbox import Kind, OutgoingMail
from couples.models import Invitation


def send_invitation(invitation: Invitation, email: str) -> None:
    """The address is used for this one mail and kept nowhere afterwards."""
    OutgoingMail.put(
        Kind.INVITATION,
        to=email,
        subject=_("An invitation for you"),
        body=render_to_string("couples/mail/invitation.txt", {"link": invitation.link}),
        home=invitation.workspace_id,
        about=invitation.pk,
    )
