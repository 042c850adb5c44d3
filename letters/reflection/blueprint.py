"""The inner blueprint: four private pages for one person, and a way in for those who were taught
not to look there. What is written is kept as Reflections, like the answers to the six questions."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.utils.functional import _StrPromise


@dataclass(frozen=True, slots=True, eq=False)
class Prompt:
    slug: str
    text: _StrPromise
    help: _StrPromise | str = ""
    line_start: _StrPromise | str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Page:
    slug: str
    title: _StrPromise
    lead: _StrPromise
    prompts: tuple[Prompt, ...]


PAGES: tuple[Page, ...] = (
    Page(
        slug="closeness",
        title=_("Closeness and distance"),
        lead=_("How near is near enough, and what you do when that changes."),
        prompts=(
            Prompt(
                "closeness-first",
                _("When you were small and something hurt, where did you go with it?"),
                _("To somebody, to a place, or nowhere. What happened when you got there?"),
            ),
            Prompt(
                "closeness-nearer",
                _("Somebody you love comes nearer than you expected. What do you do first?"),
            ),
            Prompt(
                "closeness-quiet",
                _("Somebody you love goes quiet. What do you tell yourself about it?"),
                _("The first explanation that comes, not the reasonable one."),
            ),
            Prompt(
                "closeness-signs",
                _("How do you show that you want to be near, without saying so?"),
                _("A cup put down beside them. A question about the car."),
            ),
            Prompt(
                "closeness-alone",
                _("When is being alone a rest for you, and when is it a place to hide?"),
            ),
            Prompt(
                "closeness-back",
                _("After you have been far away for a while, what makes it easier to come back?"),
            ),
        ),
    ),
    Page(
        slug="reactions",
        title=_("Automatic reactions"),
        lead=_("What you do before you have decided anything. Everybody has some of these."),
        prompts=(
            Prompt(
                "reactions-minute",
                _("Think of a time when you were sharper, or more silent, than you meant to be."),
                _("Go back one minute. Who stood where, and what had just been said?"),
            ),
            Prompt(
                "reactions-small",
                _("Which small thing gets a large answer from you?"),
                _("A tone, a look at the clock, a door that closes a little too hard."),
            ),
            Prompt(
                "reactions-body",
                _("Where in your body do you notice it first?"),
                _("Jaw, stomach, hands. “Nowhere” is an answer, too."),
            ),
            Prompt(
                "reactions-then",
                _("And then, what do you do?"),
                _("Leave the room, explain, make a joke, fix something, go cold, say sorry."),
            ),
            Prompt(
                "reactions-learned",
                _("Who did it like that before you, and what was it good for?"),
            ),
            Prompt(
                "reactions-seconds",
                _("What has given you a few seconds more, even once?"),
            ),
        ),
    ),
    Page(
        slug="hopes",
        title=_("Hopes"),
        lead=_("They may be large or no larger than a Tuesday. Nobody will ask you to be modest."),
        prompts=(
            Prompt(
                "hopes-seen",
                _("What have you seen between two people that you would like for yourself?"),
                _("In a film, on a train, at your neighbours’ table."),
            ),
            Prompt(
                "hopes-tuesday",
                _("An ordinary Tuesday, some years from now, that you are glad to wake up in."),
                _("What has happened by noon?"),
            ),
            Prompt(
                "hopes-known",
                _("What would you like somebody to know about you without being told each time?"),
            ),
            Prompt("hopes-aloud", _("What would you like to be able to say out loud at home?")),
            Prompt(
                "hopes-given",
                _("What do you give already, and hope that somebody notices?"),
            ),
            Prompt(
                "hopes-dare",
                _("What would you try, if you knew it would be met kindly?"),
            ),
        ),
    ),
    Page(
        slug="fears",
        title=_("Fears"),
        lead=_("Write about those that let themselves be written about. The others can wait."),
        prompts=(
            Prompt(
                "fears-sentence",
                _("Which sentence would be hard to hear from somebody you love?"),
            ),
            Prompt("fears-before", _("What do you do so that nobody gets to say it?")),
            Prompt(
                "fears-found-out",
                _("What might somebody find out about you, once they know you well?"),
                _("Not the facts of it, if you would rather not. What you think it would mean."),
            ),
            Prompt(
                "fears-too-big",
                _("When were you left alone with something that was too big for one person?"),
            ),
            Prompt(
                "fears-after",
                _("If this fear were trying to look after you, what would it be looking after?"),
            ),
            Prompt(
                "fears-less",
                _("What would make it a little smaller?"),
                _("From yourself, and from somebody else. Small and certain is plenty."),
            ),
        ),
    ),
)

WAY_IN = Prompt(
    slug="way-in",
    text=_("Start with one line"),
    help=_("Choose a beginning, or write over it."),
)

# How a first line could begin, for somebody who has never written one of this kind.
FIRST_LINES: tuple[_StrPromise, ...] = (
    _("Nobody has ever asked me about …"),
    _("The last time I fixed something instead of saying something, it was …"),
    _("If a friend told me he felt like this, I would tell him …"),
    _("What I know about myself, and do not say, is …"),
)

BY_SLUG: Mapping[str, Page] = MappingProxyType({page.slug: page for page in PAGES})
PROMPTS: Mapping[str, Prompt] = MappingProxyType(
    {prompt.slug: prompt for page in PAGES for prompt in page.prompts} | {WAY_IN.slug: WAY_IN}
)


def get(slug: str) -> Page | None:
    return BY_SLUG.get(slug)


def page_of(slug: str) -> Page | None:
    """The page that asks this; none for the way in."""
    return next((p for p in PAGES if any(each.slug == slug for each in p.prompts)), None)
