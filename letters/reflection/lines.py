"""Lines for a letter, out of what its writer has written before: answers and values.

Nothing is made up here. An answer is taken apart where it ends a line or, if it is long, a
sentence; a value stands behind one opening that is always the same.
"""

import re
from collections.abc import Iterable
from typing import Any, NamedTuple

from django.db.models import QuerySet
from django.db.models import Value as Constant
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from couples.models import Partner
from couples.prepared import prepared
from letters.reflection import questions
from letters.reflection.models import Reflection
from letters.values.models import Value

# A line that is easily read at one glance is left whole.
GLANCE = 140
# A sentence ends with its mark, and the next one does not begin small (“e.g. this”).
ENDS = re.compile(r"(?<=[.!?…])[\"”’»)]*\s+(?=[^\sa-z])|(?<=[。！？])")


class Lines(NamedTuple):
    """What stands above them, and the lines as they would stand in the letter."""

    title: str | Promise
    lines: list[str]


def apart(text: str) -> list[str]:
    found = []
    for line in text.splitlines():
        words = " ".join(line.split())
        if len(words) > GLANCE:
            found += [each.strip() for each in _sentences(words)]
        else:
            found.append(words)
    return [line for line in found if line]


def _sentences(words: str) -> Iterable[str]:
    start = 0
    for end in ENDS.finditer(words):
        # Quotation marks that close the sentence stay with it.
        yield words[start : end.start() + len(end.group().rstrip())]
        start = end.end()
    yield words[start:]


def of_value(value: Value) -> list[str]:
    word = " ".join(value.text.split()).rstrip(".。")
    # Reads right for whatever follows: a word, a quality, a whole sentence.
    line = _("I want to be true to this: %(value)s.") % {"value": word}
    return [line, *apart(value.meaning)]


def own(partner: Partner) -> list[Lines]:
    """What one has written, in the order of the questions, the values last. One query for both."""
    rows = _both(partner)
    answers: dict[str, str] = {}
    values: list[Value] = []
    for question, _position, pk, text, meaning in sorted(rows, key=lambda row: row[1:3]):
        # The models' fields decrypt what lies there.
        if question:
            answers[question] = Reflection(pk=pk, text=text).text
        else:
            values.append(Value(pk=pk, text=text, meaning=meaning))
    found = [
        Lines(question.text, apart(answers[question.slug]))
        for question in questions.QUESTIONS
        if question.slug in answers
    ]
    found.append(Lines(_("Your values"), [line for value in values for line in of_value(value)]))
    return [each for each in found if each.lines]


@prepared
def _both(partner: Partner) -> QuerySet[Any, tuple[Any, ...]]:
    mine = Reflection.objects.visible_to(partner).answers()
    named = Value.objects.visible_to(partner)
    return mine.values_list("question", Constant(0), "pk", "text", "text").union(
        named.values_list(Constant(""), "position", "pk", "text", "meaning"), all=True
    )
