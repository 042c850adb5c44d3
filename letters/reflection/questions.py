"""The six questions that come before a letter. Any order, none required, answers private."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.utils.functional import _StrPromise


# Compared by identity: lazy words change with the reader's language, so they make no stable hash.
@dataclass(frozen=True, slots=True, eq=False)
class Question:
    """One of the six. `line_start` is how a line of the letter that answers it could begin."""

    slug: str
    text: _StrPromise
    help: _StrPromise
    line_start: _StrPromise


QUESTIONS: tuple[Question, ...] = (
    Question(
        slug="disagree",
        text=_("When we disagree, who do I want to be?"),
        help=_(
            "Take one real disagreement. A small one will do: the heating, the in-laws, the plan "
            "for Saturday."
        ),
        line_start=_("When we disagree, I want to be someone who …"),
    ),
    Question(
        slug="hard-day",
        text=_("On a hard day, what can you count on from me?"),
        help=_("Small and certain is plenty. A lift home counts, and so does not asking."),
        line_start=_("On a hard day, I want to be the one who …"),
    ),
    Question(
        slug="after-an-evening",
        text=_("When we have spent an evening together, how do I hope you leave it?"),
        help=_(
            "Picture the end of it: the coats, the last light, the call that neither of you ends. "
            "One word is enough to begin with."
        ),
        line_start=_("I want to be company that leaves you …"),
    ),
    Question(
        slug="known-for",
        text=_("What would I like to be known for, by us?"),
        help=_(
            "Not at work, and not in a speech. Across the kitchen table, years in, when the two of "
            "you talk about you."
        ),
        line_start=_("I want to be known, by us, for …"),
    ),
    Question(
        slug="true-of-us",
        text=_("What do I want to be true of us, most of all when nothing is easy?"),
        help=_("Think of the week with the flu, the bill and the broken boiler. What stays?"),
        line_start=_("When nothing is easy, I want us to be two people who …"),
    ),
    Question(
        slug="years-from-now",
        text=_("Years from now, which values will I be glad I kept?"),
        help=_(
            "A value can be one plain word, such as patience. It can also be a habit, such as "
            "coming to the door."
        ),
        line_start=_("Years from now, I want to be glad that I …"),
    ),
)

BY_SLUG: Mapping[str, Question] = MappingProxyType({each.slug: each for each in QUESTIONS})


def get(slug: str) -> Question | None:
    return BY_SLUG.get(slug)
