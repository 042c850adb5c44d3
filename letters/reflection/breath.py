"""The pause: one breath before writing.

It lies on the way from another page of this place into the writing, once in a sitting. Who comes by
an address of their own, such as a bookmark or a link in a mail, goes straight in. Only the browser
knows that it was taken, by a cookie that says nothing else; no time is written down here.
"""

from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Concatenate
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from couples.web.addresses import split
from couples.web.decorators import PartnerRequest

COOKIE = "pause"
TAKEN, OFF = "taken", "off"
# Nobody sits longer than this, and tomorrow is another sitting.
SITTING = timedelta(hours=12)
FOR_GOOD = timedelta(days=400)


def lies_before[**P](
    view: Callable[Concatenate[PartnerRequest, P], HttpResponse],
) -> Callable[Concatenate[PartnerRequest, P], HttpResponse]:
    """For pages where one writes. It only stands before a page that is there to be seen."""

    @wraps(view)
    def wrapped(request: PartnerRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        response = view(request, *args, **kwargs)
        if response.status_code != 200 or request.htmx or was_taken(request):
            return response
        if came_from_here(request):
            way_on = urlencode({"next": request.get_full_path()})
            return redirect(f"{reverse('letters:pause')}?{way_on}")
        # Who is in already is not stopped on the way back from the next page.
        return remember(response, TAKEN)

    return wrapped


def was_taken(request: HttpRequest) -> bool:
    return request.COOKIES.get(COOKIE) in (TAKEN, OFF)


def is_off(request: HttpRequest) -> bool:
    return request.COOKIES.get(COOKIE) == OFF


def came_from_here(request: HttpRequest) -> bool:
    """Whether another page of this place led here; the pause itself leads on, even where the
    browser keeps no cookie."""
    came_from = split(request.headers.get("Referer", ""))
    return came_from.netloc == request.get_host() and came_from.path != reverse("letters:pause")


def remember(response: HttpResponse, state: str) -> HttpResponse:
    response.set_cookie(
        COOKIE,
        state,
        max_age=FOR_GOOD if state == OFF else SITTING,
        path=reverse("letters:letters"),
        secure=settings.HTTPS,
        httponly=True,
        samesite="Lax",
    )
    return response


def forget(response: HttpResponse) -> HttpResponse:
    response.delete_cookie(COOKIE, path=reverse("letters:letters"))
    return response
