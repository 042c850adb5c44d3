"""What stands over every page while somebody needs somebody."""

from typing import Any

from django.http import HttpRequest

from couples.models import User
from principles.practices.models.call import Call, open_for

HUSHED = "hushed"


def layer(request: HttpRequest) -> dict[str, Any]:
    """The other's call, which covers the page, and one's own, which is a line. One query, and none
    in a home where nobody calls."""
    user = getattr(request, "user", None)
    partner = user.partner if isinstance(user, User) else None
    if partner is None or partner.is_alone:
        return {}
    theirs = mine = None
    for call in open_for(partner):
        if call.begun_by_id == partner.pk:
            mine = call
        else:
            theirs = call
    return {
        "call": theirs,
        "hushed": theirs is not None and _is_hushed(request, theirs),
        "my_call": mine,
        "other": partner.other(),
        "back": request.path if request.method == "GET" else "",
    }


def hush(request: HttpRequest, call: Call) -> None:
    """Only this browser knows; sending it again brings it back."""
    request.session[HUSHED] = _name(call)


def _is_hushed(request: HttpRequest, call: Call) -> bool:
    return bool(request.session.get(HUSHED) == _name(call))


def _name(call: Call) -> str:
    return f"{call.pk} {call.sent_at.isoformat() if call.sent_at else ''}"
