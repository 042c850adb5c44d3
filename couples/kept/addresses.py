"""Addresses from the time together lead to what is kept of it."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect

from couples.models import Couple, User

type View = Callable[..., HttpResponse]


def or_kept(couple_of: Callable[[UUID], QuerySet[Couple]], chapter: str) -> Callable[[View], View]:
    """For the page of one row that two people share: where they have parted since, each of them is
    led to the chapter of what they keep. For everybody else it is what it was."""

    def decorator(view: View) -> View:
        @wraps(view)
        def wrapped(request: HttpRequest, pk: UUID, **more: Any) -> HttpResponse:
            if getattr(request.user, "partner", "") is None:
                return _kept(request, pk) or view(request, pk, **more)
            try:
                return view(request, pk, **more)
            except Http404:
                if (kept := _kept(request, pk)) is None:
                    raise
                return kept

        return wrapped

    def _kept(request: HttpRequest, pk: UUID) -> HttpResponse | None:
        reads = request.method in ("GET", "HEAD") and "HX-Request" not in request.headers
        if not reads or not isinstance(request.user, User):
            return None
        couple = Couple.objects.kept_by(request.user).filter(pk__in=couple_of(pk).values("pk"))
        found = couple.values_list("pk", flat=True).first()
        return redirect("couples:kept_chapter", found, chapter) if found else None

    return decorator
