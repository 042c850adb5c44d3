"""Which values of two people are the same, and which are near; always with a reason one can read.

Careful on purpose: what is not recognised as near stands alone, which is no verdict. There is no
measure and no number in here.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Protocol

from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from snowballstemmer import stemmer

from letters.values.suggestions import GROUPS, Group

# Words that carry nothing by themselves, and words that turn the rest around.
SMALL = frozenset(
    ["a", "an", "the", "to", "be", "being", "my", "our", "of", "for", "with", "always"]
)
TURNING = frozenset(["not", "no", "never", "without", "dont"])
# Nouns that Snowball keeps apart from their adjectives: honesty, patience, trustworthiness.
NOUNS = {"esti": "est", "enc": "ent", "anc": "ant", "worthi": ""}


def words(text: str) -> list[str]:
    """Letters only, small, without accents."""
    plain = unicodedata.normalize("NFKD", text.casefold().replace("’", "").replace("'", ""))
    plain = "".join(each for each in plain if not unicodedata.combining(each))
    return re.findall(r"[^\W_]+", plain)


def plainly(text: str) -> str:
    """The text as it counts for being the same: “The Patience.” is “patience”."""
    found = words(text)
    return " ".join([word for word in found if word not in SMALL] or found)


def stems(found: list[str]) -> list[str]:
    # A stemmer works on itself and is not for two threads; a new one costs nothing.
    return [_adjective(each) for each in stemmer("english").stemWords(found)]


def _adjective(stem: str) -> str:
    for noun, ending in NOUNS.items():
        if stem.endswith(noun) and stem != noun:
            return stem.removesuffix(noun) + ending
    return stem


@dataclass(frozen=True)
class Meant:
    """A text as it is compared: as glanced at, the stems of its words that carry something, and
    whether a word in it turns the rest around ("not", "without")."""

    plain: str
    stems: tuple[str, ...]
    turned: bool

    @classmethod
    def by(cls, text: str) -> "Meant":
        found = words(text)
        kept = [word for word in found if word not in SMALL | TURNING]
        return cls(plainly(text), tuple(stems(kept)), bool(TURNING & set(found)))

    @property
    def word(self) -> str:
        """Its stem, where the text is one word; a phrase shares too many words with others."""
        return self.stems[0] if len(self.stems) == 1 else ""

    def names(self, other: "Meant") -> bool:
        """Whether the other's one word occurs in this text."""
        return bool(other.word) and other.word in self.stems


@lru_cache(maxsize=8)
def _suggested(_language: str | None) -> list[tuple[Group, Meant]]:
    return [(group, Meant.by(str(word))) for group in GROUPS for word in group.words]


def groups(meant: Meant) -> list[Group]:
    """The groups of suggestions that this text has a word of."""
    found: dict[str, Group] = {}
    for group, suggested in _suggested(get_language()):
        if meant.plain == suggested.plain or meant.names(suggested):
            found[group.slug] = group
    return list(found.values())


def why_near(one: str, two: str) -> Promise | str:
    """The reason why two texts are near each other, or nothing."""
    mine, theirs = Meant.by(one), Meant.by(two)
    if mine.turned or theirs.turned:
        return ""
    if mine.names(theirs) or theirs.names(mine):
        return _("They share a word.")
    shared = {group.slug for group in groups(mine)} & {group.slug for group in groups(theirs)}
    for group in GROUPS:
        if group.slug in shared:
            return _("Both belong to “%(group)s” in the suggestions.") % {"group": group.title}
    return ""


class Named(Protocol):
    """Whatever has a text and stands on one of the two lists."""

    @property
    def text(self) -> str: ...


@dataclass
class Near[T]:
    mine: list[T]
    theirs: list[T]
    why: Promise | str


@dataclass
class SideBySide[T]:
    same: list[tuple[T, T]] = field(default_factory=list)
    near: list[Near[T]] = field(default_factory=list)
    only_mine: list[T] = field(default_factory=list)
    only_theirs: list[T] = field(default_factory=list)


def side_by_side[T: Named](mine: Sequence[T], theirs: Sequence[T]) -> SideBySide[T]:
    """Both lists in my order, each value in one place."""
    found: SideBySide[T] = SideBySide()
    left = list(theirs)
    rest = []
    for value in mine:
        twin = next((each for each in left if plainly(each.text) == plainly(value.text)), None)
        if twin is None:
            rest.append(value)
        else:
            left.remove(twin)
            found.same.append((value, twin))
    for value in rest:
        row = next(
            (n for n in found.near if str(why_near(value.text, n.theirs[0].text)) == str(n.why)),
            None,
        )
        if row is not None:
            row.mine.append(value)
            continue
        near = [(each, why) for each in left if (why := why_near(value.text, each.text))]
        if not near:
            found.only_mine.append(value)
            continue
        why = near[0][1]
        neighbours = [each for each, other_why in near if str(other_why) == str(why)]
        left = [each for each in left if each not in neighbours]
        found.near.append(Near([value], neighbours, why))
    found.only_theirs = left
    return found
