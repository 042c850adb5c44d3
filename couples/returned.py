"""What was sent and could not be kept goes back to whoever typed it, on the page that says so.

Where htmx or our own scripts send, the page stays and the words with it; this is for forms that the
browser sends itself, on its way to another page.
"""

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, HttpResponse, HttpResponseServerError, UnreadablePostError
from django.shortcuts import render
from django.template.loader import render_to_string
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import requires_csrf_token

from couples.forms import plain


def words_of(request: HttpRequest) -> list[str]:
    """What somebody typed, in the order of the form: all with a space in it or with other letters
    than a key, a date or a choice has; and no password. Only from pages of ours, so that no other
    site can put words on one."""
    origin = request.headers.get("Origin", "")
    if origin != settings.BASE_URL and urlsplit(origin).netloc != request.get_host():
        return []
    try:
        sent = request.POST.lists()
    except (SuspiciousOperation, UnreadablePostError):
        return []  # too much, or cut off
    typed = [plain(words) for name, each in sent if "password" not in name for words in each]
    return [words for words in typed if " " in words or "\n" in words or not words.isascii()]


@never_cache
def give_back(request: HttpRequest, template: str, status: int, **context: Any) -> HttpResponse:
    """The page that says what is so, with the words; nobody pages back to them."""
    return render(request, template, {"not_kept": words_of(request)} | context, status=status)


@requires_csrf_token
def nothing_here(request: HttpRequest, exception: Exception) -> HttpResponse:
    return give_back(request, "404.html", 404)


@never_cache
@requires_csrf_token
def broken(request: HttpRequest) -> HttpResponse:
    """Says so without asking the database, which may be what is broken."""
    return HttpResponseServerError(render_to_string("500.html", {"not_kept": words_of(request)}))
