"""One function for each mail. None carries a name, a word of anybody's writing, or who wrote."""

from urllib.parse import urljoin

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from couples.mail.outbox import Kind, OutgoingMail
from couples.models import Invitation, User


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


def send_deletion(user: User) -> None:
    """That it was asked for, to whoever reads their mail: it may not have been them."""
    assert user.deletes_at is not None, "it was asked for"  # noqa: S101
    context = {
        "day": date_format(localtime(user.deletes_at, user.zone), "j F Y"),
        "link": urljoin(settings.BASE_URL, reverse("couples:us")),
    }
    OutgoingMail.put(
        Kind.ACCOUNT,
        to=user.email,
        subject=_("Your account will be deleted"),
        body=render_to_string("couples/mail/deletion.txt", context),
    )
