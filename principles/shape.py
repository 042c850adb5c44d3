"""An agreement, part by part, as it is read: to show it, to print it, and to tell what changed."""

from collections.abc import Iterator
from typing import NamedTuple

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from couples.models import Partner
from principles.difference import Segment, difference
from principles.models import Agreement, Words


class Part(NamedTuple):
    """`who` is the CSS class of the person whose line it is, empty for what is both's."""

    label: str
    text: str
    who: str = ""


class Change(NamedTuple):
    label: str
    who: str
    segments: list[Segment]


def parts(words: Words, agreement: Agreement) -> list[Part]:
    """Everything but the sentence itself, as far as it was said."""
    return [part for part in _every(words, agreement) if part.text]


def changes(before: Words, after: Words, agreement: Agreement) -> list[Change]:
    """What changed in the parts, without those that are empty on both sides."""
    pairs = zip(_every(before, agreement), _every(after, agreement), strict=True)
    return [
        Change(new.label, new.who, difference(old.text, new.text))
        for old, new in pairs
        if old.text or new.text
    ]


def _every(words: Words, agreement: Agreement) -> Iterator[Part]:
    yield _from(agreement.one, words.one)
    yield _from(agreement.two, words.two)
    yield Part(_("Hardest when"), words.hardest)
    yield Part(_("If we miss it, it is named"), words.named)
    yield Part(_("It is put right"), words.repaired)
    yield Part(_("By when"), words.by)
    day = date_format(words.again_on, "j F Y") if words.again_on else ""
    yield Part(_("We look again on"), day)


def _from(partner: Partner, line: str) -> Part:
    return Part(_("It looks like this, from %(name)s") % {"name": partner.name}, line, partner.who)
