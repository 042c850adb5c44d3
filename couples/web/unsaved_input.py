"""What was sent and could not be kept goes back to whoever typed it, on the page that says so.

Where htmx or our own scripts send, the page stays and the words with it; this is for forms that the
browser sends itself, on its way to another page.
"""

import logging
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.crypto import constant_time_compare, salted_hmac
from django.views.decorators.cache import never_cache

from couples.forms import plain
from couples.web.addresses import is_ours

# The field of a form that says on whose page it stands.
WHOSE = "whose"

logger = logging.getLogger(__name__)

# Of what is too much for us to keep, so much is still given back.
MOST = 4 * 1024 * 1024


def whose(user: AbstractBaseUser) -> str:
    """Says of a form on whose page it stands, and to nobody else who that is."""
    return salted_hmac("couples.unsaved_input", str(user.pk), algorithm="sha256").hexdigest()[:16]


def words_of(request: HttpRequest, *, of_anybody: bool = False) -> list[str]:
    """What somebody typed, in the order of the form: all with a space in it or with other letters
    than a key, a date or a choice has; and no password. Only from pages of ours, so that no other
    site can put words on one; and only from pages of whoever is signed in, if anybody is, because
    a browser sends a form again when somebody pages back to it. The pages that say what went wrong
    ask for them, so nothing that is wrong with a request is raised here."""
    try:
        sent = _sent(request) if _is_from_here(request) else QueryDict()
        return _typed(sent) if of_anybody or _is_theirs(request, sent) else []
    except Exception as error:
        # Nothing of it belongs into the log.
        logger.warning("What was typed could not be read: %s", type(error).__name__)
        return []


def _is_from_here(request: HttpRequest) -> bool:
    return is_ours(request.headers.get("Origin", ""), request.get_host())


def _is_theirs(request: HttpRequest, sent: QueryDict) -> bool:
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return True
    return constant_time_compare(sent.get(WHOSE, ""), whose(user))


def _sent(request: HttpRequest) -> QueryDict:
    return request.POST or _unread(request)


def _typed(sent: QueryDict) -> list[str]:
    typed = [
        # Half a character, as some encodings can say it, is on no page.
        plain(words).encode(errors="replace").decode()
        for name, each in sent.lists()
        if "password" not in name
        for words in each
    ]
    return [words for words in typed if " " in words or "\n" in words or not words.isascii()]


def _unread(request: HttpRequest) -> QueryDict:
    """What was too much to be read as a form. A browser sends it so; our scripts stay on their
    page, and the words with them."""
    length = int(request.META.get("CONTENT_LENGTH") or 0)
    if request.content_type != "application/x-www-form-urlencoded" or not 0 < length <= MOST:
        return QueryDict()
    return QueryDict(request.read(), encoding="utf-8")


@never_cache
def give_back(request: HttpRequest, template: str, status: int, **context: Any) -> HttpResponse:
    """The page that says what is so, with the words; nobody pages back to them."""
    return render(request, template, {"not_kept": words_of(request)} | context, status=status)
