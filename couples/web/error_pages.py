"""The pages that say what went wrong, with what was typed (see unsaved_input.py)."""

from allauth.account.utils import get_next_redirect_url
from django.conf import settings
from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.http import HttpRequest, HttpResponse, HttpResponseServerError
from django.middleware.csrf import get_token
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import requires_csrf_token

from couples.models import User
from couples.web.logs import note
from couples.web.unsaved_input import give_back, words_of

TOO_MUCH = (RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent)


@requires_csrf_token
def nothing_here(request: HttpRequest, exception: Exception) -> HttpResponse:
    return give_back(request, "404.html", 404)


@requires_csrf_token
def not_read(request: HttpRequest, exception: Exception) -> HttpResponse:
    """What was sent makes no sense; or it is more than anybody is to send, which is told apart for
    the scripts that would send it again."""
    too_much = isinstance(exception, TOO_MUCH)
    return give_back(request, "400.html", 413 if too_much else 400, too_much=too_much)


def too_often(request: HttpRequest) -> HttpResponse:
    """Of allauth's pages; ours say it beside the field."""
    note("limit reached", what=request.resolver_match and request.resolver_match.url_name)
    return give_back(request, "429.html", 429)


@never_cache
@requires_csrf_token
def broken(request: HttpRequest) -> HttpResponse:
    """Says so without asking the database, which may be what is broken, not even who that is."""
    words = words_of(request, of_anybody=True)
    return HttpResponseServerError(render_to_string("500.html", {"not_kept": words}))


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


def _leads_in(request: HttpRequest) -> bool:
    found = request.resolver_match
    return found is not None and found.url_name in (
        "account_signup",
        "account_login",
        "account_confirm_login_code",
    )
