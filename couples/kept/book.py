"""What two people keep of the time in which they shared a home, once one of them has left.

One rule for all of it: both read everything that both could read on the day that it ended, the same
for both, as it stood then and under the names that they had. What only one of them could read stays
with that one: private writing belongs to a person anyway, and what they had begun with the other
and not given stands in chapters that only they have.

Each app tells its chapters through a function that `settings.KEPT` names. It is not told who
looks, so it cannot tell one of them more than the other; those that `settings.KEPT_ALONE` names are
told, and answer with what that person could read: their own words, and calls, of which whoever
called is not to find out which of them reached the other.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from uuid import UUID

from django.conf import settings
from django.db.models import Model, QuerySet
from django.shortcuts import get_object_or_404
from django.utils.functional import Promise
from django.utils.module_loading import import_string
from django.utils.safestring import SafeString

from couples.models import Couple, Partner, User

type Words = str | Promise


@dataclass(frozen=True)
class Text:
    """Words, and what they are called. `html` and `markdown` are for those with marks in them."""

    label: Words
    words: str
    html: SafeString | None = None
    markdown: str = ""


@dataclass(frozen=True)
class Entry:
    """One thing of a chapter. With `url` it has a page of its own; `again` is where two who have
    come back together take it up again."""

    title: Words
    texts: Sequence[Text]
    url: str = ""
    again: str = ""


@dataclass(frozen=True)
class Chapter[M: Model]:
    """`rows` are in the order in which they are read; `entry` makes of each what is read of it."""

    slug: str
    title: Words
    rows: QuerySet[M]
    entry: Callable[[M], Entry]

    def entries(self) -> Iterator[Entry]:
        return (self.entry(row) for row in self.rows)


@dataclass(frozen=True)
class Book:
    """What one of the two keeps of a couple that has ended."""

    couple: Couple
    me: Partner

    @classmethod
    def of(cls, user: User, pk: UUID) -> "Book":
        """Raises Http404 for a couple that is not theirs, or has not ended."""
        kept = Couple.objects.kept_by(user).with_people()
        return cls.open(user, get_object_or_404(kept, pk=pk))

    @classmethod
    def all_of(cls, user: User) -> "list[Book]":
        """The last one first."""
        kept = Couple.objects.kept_by(user).with_people().order_by("-ended_at")
        return [cls.open(user, couple) for couple in kept]

    @classmethod
    def open(cls, user: User, couple: Couple) -> "Book":
        me = next(each for each in couple.people if each.user_id == user.pk)
        return cls(couple.as_it_was(), me)

    @property
    def other(self) -> Partner:
        return self.couple.other_than(self.me)

    def of_both(self) -> list[Chapter[Model]]:
        """The same for both."""
        return list(chain.from_iterable(import_string(path)(self.couple) for path in settings.KEPT))

    def of_one(self) -> list[Chapter[Model]]:
        """What the other has never read, or where it is not told whether they have."""
        tell = (import_string(path) for path in settings.KEPT_ALONE)
        return list(chain.from_iterable(each(self.couple, self.me) for each in tell))

    def chapters(self) -> list[Chapter[Model]]:
        return in_use([*self.of_both(), *self.of_one()])


def in_use(chapters: Sequence[Chapter[Model]]) -> list[Chapter[Model]]:
    """Those in which something stands."""
    return [each for each in chapters if each.rows.exists()]
