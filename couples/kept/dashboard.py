"""What is kept from earlier, on the home page; see couples/pages/dashboard.py."""

from django.urls import reverse
from django.utils.translation import gettext as _

from couples.models import Couple, Partner
from couples.pages.dashboard import Line


def here(partner: Partner) -> list[Line]:
    """For somebody who lives alone: whoever lives with somebody finds it on their own page."""
    if not partner.is_alone or not Couple.objects.kept_by(partner.user).exists():
        return []
    return [
        Line(
            title=_("From before"),
            detail=_("What you shared with somebody until one of you left."),
            url=reverse("couples:kept"),
            action=_("Read"),
        )
    ]
