"""Forms that make something make it once: two presses of one button, with or without JavaScript.

The page carries the form's token (`{% once %}`). Where the act is short, `@once` puts it and the
token into one transaction. What takes longer claims the token itself, with `claim_of`, in the
transaction that it has anyway: no other person's writing waits for it.
"""

import secrets
from collections.abc import Callable
from functools import wraps
from typing import Concatenate

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from couples.models import Submission
from couples.models.submission import Again
from couples.web.decorators import UserRequest

FIELD = "once"
LONGEST = 64


def new_token() -> str:
    return secrets.token_urlsafe(16)


def token_of(request: HttpRequest) -> str:
    """Of the form that was sent; nothing for a page that is older than tokens, or a program."""
    return request.POST.get(FIELD, "")[:LONGEST]


class _NotMade(Exception):
    """Nothing came of it: the same form may be sent again."""

    def __init__(self, response: HttpResponse) -> None:
        super().__init__(response.status_code)
        self.response = response


def once[R: UserRequest, **P](
    view: Callable[Concatenate[R, P], HttpResponse],
) -> Callable[Concatenate[R, P], HttpResponse]:
    """What the view makes of a form it makes once; sent again, the form leads to the same page."""

    @wraps(view)
    def wrapped(request: R, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        token = token_of(request)
        if not token:
            return view(request, *args, **kwargs)
        try:
            with transaction.atomic():
                sent = Submission.claim(request.user, token)
                response = view(request, *args, **kwargs)
                if response.status_code >= 400:
                    raise _NotMade(response)
                sent.led_to(response.get("Location", ""))
        except _NotMade as refused:
            return refused.response
        except Again as again:
            return redirect(again.place) if again.place else HttpResponse(status=204)
        return response

    # For the test that every form which leads here has a token.
    wrapped.__dict__["makes_once"] = True
    return wrapped


def claim_of(request: UserRequest, place: str) -> Callable[[], object]:
    """To be called in the transaction of the act: raises Again (couples.models.submission) where
    this form was sent before."""
    token = token_of(request)
    return lambda: Submission.claim(request.user, token, place) if token else None
