"""A second look at words before they are proposed: a hint, never a refusal.

Each hint looks for a few words of the reader's language, which translators write anew: one pattern
for each, alternatives parted by `|`, `*` for the rest of a word.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from principles.agreements.models.agreement import Words


class Hint(NamedTuple):
    """`part` is the field of Words that it stands beside."""

    part: str
    sentence: str | Promise


ABSOLUTE = (
    pgettext_lazy("looked for in an agreement", "always|never|every single|no matter what|forever"),
    _(
        "“Always” and “never” are broken by the first bad Tuesday. What would you want to hold on"
        " that day?"
    ),
)
DEMAND = (
    pgettext_lazy(
        "looked for in an agreement",
        "you must|you have to|you need to|you should|you will|you shall|must not|is not allowed"
        "|are not allowed|has to ask|have to ask|needs permission|need permission|obey*",
    ),
    _("This tells somebody what to do. What could the two of you say together instead?"),
)
SURVEILLANCE = (
    pgettext_lazy(
        "looked for in an agreement",
        "password*|passcode*|pin code*|location*|gps|tracking|track each other|share our phones"
        "|check* your phone|check* each other’s phone*|check* the phone*|read* your messages"
        "|read* each other’s messages|browser history|call log*",
    ),
    _(
        "Passwords, phones and places stay each one’s own here. What is offered is worth more than"
        " what is inspected: what would you like to be told?"
    ),
)
ONE_SIDED = _("This speaks of one of you. An agreement is easier to hold when both are in it.")


def _sought(pattern: str | Promise) -> re.Pattern[str]:
    words = (re.escape(word).replace(r"\*", r"\w*") for word in str(pattern).split("|"))
    return re.compile(rf"\b(?:{'|'.join(words)})\b", re.IGNORECASE)


def hints(words: Words, names: tuple[str, str]) -> list[Hint]:
    """What these words could be asked, at most one hint for each part; `names` are the two."""
    found: dict[str, Hint] = {}
    for hint in _all(words, names):
        found.setdefault(hint.part, hint)
    return list(found.values())


def _all(words: Words, names: tuple[str, str]) -> Iterator[Hint]:
    texts = {part: text for part, text in words._asdict().items() if isinstance(text, str)}
    for pattern, sentence in (SURVEILLANCE, DEMAND, ABSOLUTE):
        sought = _sought(pattern)
        for part, text in texts.items():
            if sought.search(text.replace("'", "’")):
                yield Hint(part, sentence)
    first, *rest = re.findall(r"\w+", words.text) or [""]
    one_name = {name.casefold() for name in names} & {word.casefold() for word in (first, *rest)}
    you = _sought(pgettext_lazy("looked for in an agreement", "you|your|yours"))
    we = _sought(pgettext_lazy("looked for in an agreement", "we|us|our|each|both"))
    if (you.search(words.text) or len(one_name) == 1) and not we.search(words.text):
        yield Hint("text", ONE_SIDED)
