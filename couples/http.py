"""What every request of a signed-in person carries: their seat, and with it their home."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, cast

from allauth.account.utils import get_next_redirect_url
from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404, HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect, resolve_url
from django.utils import timezone
from django.utils.cache import add_never_cache_headers
from django_htmx.middleware import HtmxDetails

from couples import nudges
from couples.addresses import split
from couples.models import Partner, User
from couples.refusals import NotTogether, Refusal
from couples.unsaved_input import give_back, words_of


class UserRequest(HttpRequest):
    user: User
    htmx: HtmxDetails


class PartnerRequest(UserRequest):
    partner: Partner
    # The last nudge of the home before this page was begun; see couples/nudges.py.
    live_since: str


def user_required[**P](
    view: Callable[Concatenate[UserRequest, P], HttpResponse],
) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    """Only for signed-in people; others go to the sign-in page, and what they typed stays. What a
    view does not answer of what changed at that very moment is answered here."""

    @wraps(view)
    def wrapped(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if not request.user.is_authenticated:
            return _sign_in_first(request)
        try:
            return view(cast(UserRequest, request), *args, **kwargs)
        except Refusal as refusal:
            return _refused(request, refusal)
        except ObjectDoesNotExist as gone:
            raise Http404 from gone

    return wrapped


def _refused(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    """Who has left meanwhile is not told of: it looks like any page that is not there. A script
    stays on its page with what was typed, and hears the same."""
    if isinstance(refusal, NotTogether) or "HX-Request" in request.headers:
        raise Http404 from refusal
    return give_back(request, "409.html", 409, refusal=refusal)


def _sign_in_first(request: HttpRequest) -> HttpResponse:
    sign_in = redirect_to_login(_after_signing_in(request))
    # What a script sent has not left its page.
    if "HX-Request" in request.headers or not words_of(request):
        return sign_in
    return give_back(request, "couples/signed_out.html", 403, sign_in=sign_in.url)


def _after_signing_in(request: HttpRequest) -> str:
    """The page itself; for what was sent, the page that it was sent from."""
    if request.method in ("GET", "HEAD"):
        return request.get_full_path()
    page = split(request.headers.get("Referer", ""))
    if page.netloc != request.get_host():
        return resolve_url(settings.LOGIN_REDIRECT_URL)
    return page._replace(scheme="", netloc="").geturl()


def partner_required[**P](
    view: Callable[Concatenate[PartnerRequest, P], HttpResponse],
) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    """Only for people with a home; who has none yet is asked how they want to begin."""

    @wraps(view)
    def wrapped(request: UserRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        partner = request.user.partner
        if partner is None:
            return redirect("couples:begin")
        mine = cast(PartnerRequest, request)
        mine.partner = partner
        # Before anything is read for the page.
        mine.live_since = nudges.hub.last(partner.workspace_id)
        return view(mine, *args, **kwargs)

    return user_required(wrapped)


def grown_old(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The answer to a page that is older than the last sign-in. A page goes on with the new token
    that comes along, if it belongs to who is signed in: what one person typed is not saved as
    somebody else's. Pages of other sites can neither ask with that header nor read the answer."""
    if isinstance(request.user, User) and _leads_in(request):
        # The first of two presses has signed them in, and with that made this token an old one.
        return redirect(get_next_redirect_url(request) or settings.LOGIN_REDIRECT_URL)
    response = give_back(request, "403_csrf.html", 403)
    partner = request.user.partner if isinstance(request.user, User) else None
    if partner is not None and request.headers.get("X-Seat") == str(partner.pk):
        response["X-CSRFToken"] = get_token(request)
    return response


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
        if view.__module__.startswith("allauth.") and request.method == "POST":
            sent = (text for _name, each in request.POST.lists() for text in each)
            if any("\0" in text for text in sent):
                raise Http404


def _leads_in(request: HttpRequest) -> bool:
    found = request.resolver_match
    return found is not None and found.url_name in (
        "account_signup",
        "account_login",
        "account_confirm_login_code",
    )


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
