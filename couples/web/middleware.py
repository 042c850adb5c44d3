"""What is done to every request, whoever it comes from."""

from collections.abc import Callable
from typing import Any, cast

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.cache import add_never_cache_headers

from couples.models import User


class ReadableMiddleware:
    """Our pages send UTF-8, whatever somebody says of it: in other encodings there are characters
    that no page can show. And there is no NUL, which PostgreSQL refuses to look for, in a cookie,
    or in what is sent to the pages of allauth, which look for it; our own forms say so beside the
    field, and no address of ours that is looked for takes one."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.encoding = "utf-8"
        cookies = request.COOKIES.items()
        request.COOKIES = {name: value for name, value in cookies if "\0" not in value}
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponse], *_arguments: Any
    ) -> None:
        if (
            view.__module__.startswith(("allauth.", "couples.account."))
            and request.method == "POST"
        ):
            sent = (text for _name, each in request.POST.lists() for text in each)
            if any("\0" in text for text in sent):
                raise Http404


def no_store_middleware(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Pages of signed-in people are never kept by a cache or by the browser's back button: after
    signing out on a shared computer nothing can be paged back to."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if request.user.is_authenticated:
            add_never_cache_headers(response)
        return response

    return middleware


def session_use_middleware(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """A session lasts longer for what the person does; what a page asks for by itself, because of
    something that the other did, is not their doing."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        by_itself = request.method == "GET" and "HX-Request" in request.headers
        if request.user.is_authenticated and not by_itself:
            cast(Any, request.session).use()  # our store: couples/account/sessions.py
        return response

    return middleware


def zone_middleware(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Days and hours are those of whoever looks. The person is loaded anyway, for the frame of the
    page."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if not isinstance(request.user, User):
            return get_response(request)
        with timezone.override(request.user.zone):
            return get_response(request)

    return middleware
