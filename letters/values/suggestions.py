"""Plain words for values, to browse. None of them is better than one's own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise


@dataclass(frozen=True, slots=True, eq=False)
class Group:
    """Words that are neighbours: two people who each chose one of them are near each other."""

    slug: str
    title: _StrPromise
    words: tuple[_StrPromise, ...]


GROUPS: tuple[Group, ...] = (
    Group(
        "calm",
        _("Keeping calm"),
        (_("Patience"), _("Calm"), _("Gentleness"), _("Taking time"), _("A long breath")),
    ),
    Group(
        "straight",
        _("Being straight"),
        (
            _("Honesty"),
            _("Openness"),
            _("Plain words"),
            _("Keeping promises"),
            _("Owning my part"),
        ),
    ),
    Group(
        "warm",
        _("Warmth"),
        (_("Kindness"), _("Tenderness"), _("Affection"), _("Warmth"), _("A door that is open")),
    ),
    Group(
        "beside",
        _("Standing beside"),
        (_("Loyalty"), _("Reliability"), _("Being there"), _("Trust"), _("Discretion")),
    ),
    Group(
        "fair",
        _("Fairness"),
        (_("Fairness"), _("Respect"), _("Listening"), _("Sharing the load"), _("An equal say")),
    ),
    Group(
        "brave",
        _("Courage"),
        (
            _("Courage"),
            _("Saying it first"),
            _("Asking for help"),
            _("Apologising"),
            _("Standing up for us"),
        ),
    ),
    Group(
        "play",
        _("Play"),
        (_("Humour"), _("Playfulness"), _("Curiosity"), _("Adventure"), _("Music in the kitchen")),
    ),
    Group(
        "care",
        _("Looking after"),
        (_("Care"), _("Attention"), _("Generosity"), _("Noticing"), _("Rest")),
    ),
    Group(
        "free",
        _("Room of one’s own"),
        (_("Independence"), _("Friendship"), _("Privacy"), _("Solitude"), _("Letting be")),
    ),
    Group(
        "roots",
        _("Roots"),
        (_("Family"), _("Faith"), _("Tradition"), _("Simplicity"), _("Hospitality")),
    ),
    Group(
        "grow",
        _("Growing"),
        (_("Learning"), _("Forgiveness"), _("Hope"), _("Gratitude"), _("Changing my mind")),
    ),
)
