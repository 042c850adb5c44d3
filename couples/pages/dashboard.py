"""The home page, put together from what each app has to say.

Apps are below or beside each other (letters → principles → couples), so this page asks them
through functions that `settings.HOME` names, and imports none of them.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.module_loading import import_string
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from couples.models import Acceptance, Partner

type Words = str | Promise


@dataclass(frozen=True)
class Line:
    """One thing that is here or waits: what it is, a sentence about it, and the way to it."""

    title: Words
    detail: Words
    url: str
    action: Words


@dataclass(frozen=True)
class Part:
    """A template of another app with what it shows."""

    template: str
    context: dict[str, Any] = field(default_factory=dict)


def ask[T](kind: str, partner: Partner) -> list[T]:
    """Every answer of the functions that settings.HOME[kind] names, in that order."""
    functions: list[Callable[[Partner], list[T]]] = [import_string(p) for p in settings.HOME[kind]]
    return list(chain.from_iterable(function(partner) for function in functions))


def waiting(partner: Partner) -> list[Line]:
    """For someone alone: who came with their invitation, the invitation that is on its way, and
    the one to which they said yes themselves."""
    if not partner.is_alone:
        return []
    lines = [*_asked(partner), *_accepted(partner)]
    invitation = partner.workspace.invitations.open().first()
    if lines or invitation is None:
        return lines
    return [
        Line(
            title=_("Your invitation"),
            detail=_("Nobody has opened the door with it yet. It works until %(date)s.")
            % {"date": date_format(localtime(invitation.expires_at), "j F")},
            url=reverse("couples:invite"),
            action=_("See the link"),
        )
    ]


def _asked(partner: Partner) -> list[Line]:
    return [
        Line(
            title=_("Is this %(name)s?") % {"name": came.user.name},
            detail=_("Somebody came with your invitation. Nothing is shared before you say yes."),
            url=reverse("couples:invite"),
            action=_("Answer"),
        )
        for came in Acceptance.objects.asked_of(partner).order_by("pk")
    ]


def _accepted(partner: Partner) -> list[Line]:
    return [
        Line(
            title=_("You said yes to %(name)s") % {"name": each.invitation.inviter.name},
            detail=_("It begins once both have said yes. What you write until then is yours."),
            url=reverse("couples:invitation", args=[each.invitation.token]),
            action=_("Look"),
        )
        for each in Acceptance.objects.of(partner.user).order_by("pk")
    ]
