"""Values where they are lived: what the page of a principle shows of them."""

from typing import Any

from django.db.models import QuerySet
from django.db.models import Value as Constant

from couples.crypto.fields import Encrypted
from couples.models import Partner
from couples.pages.dashboard import Part
from couples.prepared import prepared
from letters.values.models import SharedValues, Value
from principles.catalog import Principle

MINE, THEIRS = 1, 0


def beside(partner: Partner, principle: Principle) -> Part:
    """My values that this principle serves, and those that the other gave. One query: what lies
    encrypted is only read here, so both are fetched and then looked through. Values are linked to
    the ten; beside a principle of one's own there is nothing to say."""
    if principle.own_id:
        return Part("letters/letter/_served.html")
    rows = _both(partner)
    mine: list[Value] = []
    theirs: list[str] = []
    for whose, _position, pk, words, lived_in in sorted(rows, key=lambda row: row[1:3]):
        if whose == THEIRS:
            shared = SharedValues(pk=pk, words=_sealed(words))
            theirs += [each.text for each in shared.values if principle.slug in each.slugs]
        else:
            value = Value(pk=pk, text=_sealed(words), lived_in=_sealed(lived_in))
            if principle.slug in value.slugs:
                mine.append(value)
    return Part(
        "letters/letter/_served.html",
        {"mine": mine, "theirs": theirs, "any": bool(rows), "linkable": True},
    )


@prepared
def _both(partner: Partner) -> QuerySet[Any, tuple[Any, ...]]:
    own = Value.objects.visible_to(partner)
    given = SharedValues.objects.visible_to(partner).filter(reader=partner)
    return own.values_list(Constant(MINE), "position", "pk", "text", "lived_in").union(
        given.values_list(Constant(THEIRS), Constant(0), "pk", "words", "words"), all=True
    )


def _sealed(value: bytes) -> str:
    # The model's field opens it when it is looked at.
    return Encrypted(bytes(value))  # type: ignore[return-value]
