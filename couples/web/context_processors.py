from typing import Any

from django.conf import settings
from django.http import HttpRequest

from couples import nudges
from couples.models import User


def surroundings(request: HttpRequest) -> dict[str, Any]:
    """Template context: the person's seat and what the frame of the page shows."""
    user = getattr(request, "user", None)
    partner = user.partner if isinstance(user, User) else None
    since = nudges.hub.last(partner.workspace_id) if partner else ""
    since = getattr(request, "live_since", since)
    return {
        "partner": partner,
        "live_since": since,
        "mail_goes_to_files": settings.MAIL_GOES_TO_FILES,
    }
