"""The pages for what the server did not take; config/refusals.py sends them."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

# Where the environment of a request says that it asks for one of these pages, and for which.
NOT_TAKEN = "dear.not_taken"


def not_taken_middleware(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    def middleware(request: HttpRequest) -> HttpResponse:
        status = request.META.get(NOT_TAKEN)
        return get_response(request) if status is None else page(status)

    return middleware


def page(status: int) -> HttpResponse:
    """The same for everybody: it says nothing of whoever asked. Its own status is no matter, or
    Django would log each as if it had been asked for."""
    template = "400.html" if status == 413 else f"{status}.html"
    headers = {"Cache-Control": "no-store"} | ({"Retry-After": "5"} if status == 503 else {})
    words = render_to_string(template, {"too_much": True})
    return HttpResponse(words, headers=headers)
