"""What every request of a signed-in person carries: their seat, and with it their home."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, cast
from uuid import UUID

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, resolve_url
from django_htmx.middleware import HtmxDetails

from couples import nudges
from couples.models import Partner, User
from couples.refusals import NotTogether, Refusal
from couples.web.addresses import split
from couples.web.unsaved_input import give_back, words_of


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


type RowView[M] = Callable[Concatenate[PartnerRequest, M, ...], HttpResponse]


def acting_on[M, E: Refusal](
    find: Callable[[PartnerRequest, UUID], M],
    refusal: type[E],
    answer: Callable[[PartnerRequest, M, E], HttpResponse],
) -> Callable[[RowView[M]], RowView[UUID]]:
    """For views of one row: they are given what `find` finds under the address, and where it
    refuses what they do, `answer` shows it as it stands now."""

    def decorator(view: RowView[M]) -> RowView[UUID]:
        @wraps(view)
        def wrapped(request: PartnerRequest, pk: UUID, **more: Any) -> HttpResponse:
            found = find(request, pk)
            try:
                return view(request, found, **more)
            except refusal as refused:
                return answer(request, found, refused)

        return wrapped

    return decorator
