"""Whose words they are where the page that they came from does not tell.

Yjs names the page that put a text where it is, and `Client` the person at that page. But who takes
an erasure back, or moves words, has typed what another person wrote. What was found out about such
text when it arrived is kept here, as ranges of ids.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable
from itertools import batched
from operator import itemgetter
from uuid import UUID

from django.db import models

from couples.models import User
from letters.letter.models.client import Client
from letters.text.authorship import Attribution as Attributed
from letters.text.authorship import Authors
from letters.text.updates import parse


class AttributionQuerySet(models.QuerySet["Attribution"]):
    def authors(self, letter_id: UUID) -> Authors:
        """What is known of a letter's authors. To be read after the log that it is used for."""
        owners = Client.objects.filter(letter=letter_id).values_list("client_id", "person_id")
        ranges = self.filter(letter=letter_id).order_by("client_id", "clock")
        authors = Authors(dict(owners))
        for known in ranges.values_list("client_id", "clock", "length", "person_id"):
            authors.add(*known)
        authors.take_news()
        return authors

    def remember(self, letter_id: UUID, attributions: Iterable[Attributed]) -> None:
        """Write down what was found out. Who is gone by now is nobody."""
        told = list(attributions)
        people = User.objects.in_bulk({one.person_id for one in told if one.person_id})
        self.bulk_create(
            [
                Attribution(
                    letter_id=letter_id,
                    client_id=one.client,
                    clock=one.clock,
                    length=one.length,
                    person_id=one.person_id if one.person_id in people else None,
                )
                for one in told
            ],
            ignore_conflicts=True,
        )

    def forget(self, letter_id: UUID, snapshot: bytes, state: dict[int, int]) -> None:
        """Drop what is known of text that is gone: what lies before `state` and stands no more in
        the snapshot."""
        known = list(self.filter(letter=letter_id).values_list("client_id", "clock", "length"))
        if not known:
            return
        standing: defaultdict[int, list[tuple[int, int]]] = defaultdict(list)
        for text in parse(snapshot).texts:
            standing[text.client].append((text.clock, text.clock + text.length))
        gone: defaultdict[int, list[int]] = defaultdict(list)
        for client_id, clock, length in known:
            spans = standing[client_id]
            place = bisect_left(spans, clock + length, key=itemgetter(0)) - 1
            stands = place >= 0 and spans[place][1] > clock
            if not stands and clock + length <= state.get(client_id, 0):
                gone[client_id].append(clock)
        for client_id, clocks in gone.items():
            for some in batched(clocks, 500, strict=False):
                self.filter(letter=letter_id, client_id=client_id, clock__in=some).delete()


class Attribution(models.Model):
    """Text that was written by somebody else than the client's person; by nobody who is known,
    where that is null."""

    pk = models.CompositePrimaryKey("letter_id", "client_id", "clock")
    letter = models.ForeignKey(
        "letters.Letter", on_delete=models.CASCADE, related_name="+", db_index=False
    )
    client_id = models.PositiveBigIntegerField()
    clock = models.PositiveBigIntegerField()
    length = models.PositiveIntegerField()
    person = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")

    objects = AttributionQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.length} of client {self.client_id} from {self.clock}"
