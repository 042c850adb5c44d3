"""An agreement, part by part, as it is read: to show it, to print it, and to tell what changed."""

from collections.abc import Iterator
from typing import NamedTuple

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from couples.difference import Segment, difference
from principles.agreements.models.agreement import Agreement, Words
from principles.agreements.models.wording import Wording


class Part(NamedTuple):
    """`who` is the CSS class of the person whose line it is, empty for what is both's."""

    label: str
    text: str
    who: str = ""


class Change(NamedTuple):
    label: str
    who: str
    segments: list[Segment]


def parts(wording: Wording) -> list[Part]:
    """Everything but the sentence itself, as far as it was said; from those who signed it, by the
    names that they had then."""
    every = _every(wording.words, wording.agreement, wording.names())
    return [part for part in every if part.text]


def changes(
    before: Words, after: Words, agreement: Agreement, names: tuple[str, str] | None = None
) -> list[Change]:
    """What changed in the parts, without those that are empty on both sides. The two are called
    what they are called now, or by these names."""
    one, two = agreement.couple.people
    names = names or (one.name, two.name)
    pairs = zip(_every(before, agreement, names), _every(after, agreement, names), strict=True)
    return [
        Change(new.label, new.who, difference(old.text, new.text))
        for old, new in pairs
        if old.text or new.text
    ]


def _every(words: Words, agreement: Agreement, names: tuple[str, str]) -> Iterator[Part]:
    for name, partner, line in zip(
        names, agreement.couple.people, (words.line_one, words.line_two), strict=True
    ):
        yield _from(name, partner.who, line)
    yield Part(_("Hardest when"), words.hardest_when)
    yield Part(_("If we miss it, it is named"), words.missed_named_by)
    yield Part(_("It is put right"), words.repaired_how)
    yield Part(_("By when"), words.repaired_by)
    day = date_format(words.again_on, "j F Y") if words.again_on else ""
    yield Part(_("We look again on"), day)


def _from(name: str, who: str, line: str) -> Part:
    return Part(_("It looks like this, from %(name)s") % {"name": name}, line, who)
