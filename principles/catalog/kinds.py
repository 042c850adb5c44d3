"""What a living practice is made of: its shape, its states, what it asks and what it answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from principles.catalog.sentences import Sentences

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise


class Shape(StrEnum):
    OFFER = "offer"
    BLIND = "blind"
    MARKS = "marks"


class State(StrEnum):
    """Where a moment is for one of the two. Which ones occur depends on the kind: see `states`."""

    # Offer → response
    PENDING = "pending"  # an emergency that can still be undone
    GIVEN = "given"
    ANSWERED = "answered"
    LATER = "later"  # answered with a "not now"
    FOLLOWED = "followed"
    WITHDRAWN = "withdrawn"
    ENDED = "ended"
    # Blind → reveal
    OPEN = "open"
    READY = "ready"  # who looks is ready, the other is not
    TABLE = "table"
    NEEDS = "needs"
    DECIDED = "decided"
    STOPPED = "stopped"
    # Mutual marks
    TOLD = "told"  # who looks has said theirs, the other has not
    MARKING = "marking"
    MENDED = "mended"
    DIFFERENT = "different"
    AGREED = "agreed"
    SUSPENDED = "suspended"


@dataclass(frozen=True, eq=False)
class Choice:
    """Something to choose. `later` is a "not now": another answer may follow it."""

    value: str
    label: _StrPromise
    later: bool = False


@dataclass(frozen=True, eq=False)
class Field:
    """One thing to write or choose. `alone` is the question for somebody who lives alone."""

    name: str
    label: _StrPromise
    alone: _StrPromise | None = None
    choices: tuple[Choice, ...] = ()
    required: bool = True
    rows: int = 2


KEEP = _("Keep it for myself")


@dataclass(frozen=True, eq=False)
class Kind:
    slug: str
    shape: Shape
    name: _StrPromise
    lead: _StrPromise
    alone: _StrPromise
    # What is written before it is given, and the button that gives it.
    fields: tuple[Field, ...]
    give: _StrPromise
    empty: _StrPromise
    states: tuple[State, ...]
    sentences: Mapping[str, Sentences]
    keep: _StrPromise = KEEP
    responses: tuple[Choice, ...] = ()
    # How it went: asked of the one who began, once it was answered.
    after: _StrPromise | None = None

    def sentence(self, state: State, began: bool, name: str) -> str:
        """What one of the two reads about a moment in this state; `name` is the other one's."""
        sentences = self.sentences[state]
        return str(sentences.began if began else sentences.other) % {"name": name}

    def response(self, value: str) -> Choice | None:
        return next((each for each in self.responses if each.value == value), None)
