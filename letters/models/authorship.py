"""Whose words they are where the page that they came from does not tell.

Yjs names the page that put a text where it is, and `Client` the person at that page. But the editor
makes text anew whenever the shape of a letter changes: who presses Enter in the middle of the
other's paragraph has "written" its second half. What the ledger finds out about such text is kept
here, as ranges of ids.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable
from itertools import batched
from operator import itemgetter
from uuid import UUID

from django.db import models

from couples.models import User
from letters import structs
from letters.ledger import Ledger
from letters.models.document import Brought, Client


class AttributionQuerySet(models.QuerySet["Attribution"]):
    def ledger(self, letter_id: UUID) -> Ledger:
        """What is known of a letter's authors. To be read after the log that it is used for: what
        is folded in between is then known twice, not never."""
        owners = Client.objects.filter(letter=letter_id).values_list("client_id", "person_id")
        ranges = self.filter(letter=letter_id).order_by("client_id", "clock")
        ledger = Ledger(dict(owners))
        for client_id, clock, length, person_id in ranges.values_list(
            "client_id", "clock", "length", "person_id"
        ):
            ledger.add(client_id, clock, length, person_id)
        ledger.news.clear()
        return ledger

    def remember(self, letter_id: UUID, ledger: Ledger) -> None:
        """Write down what the ledger has learned."""
        self.bulk_create(
            [
                Attribution(
                    letter_id=letter_id,
                    client_id=client_id,
                    clock=clock,
                    length=length,
                    person_id=person_id,
                )
                for client_id, clock, length, person_id in ledger.news
            ],
            ignore_conflicts=True,
        )

    def bring(self, letter_id: UUID, brought: Iterable[Brought]) -> None:
        """What came through somebody else than the client's person is theirs."""
        for one in brought:
            Attribution.objects.get_or_create(
                letter_id=letter_id,
                client_id=one.client_id,
                clock=one.clock,
                defaults={"length": one.end - one.clock, "person_id": one.person_id},
            )

    def forget(
        self, letter_id: UUID, ledger: Ledger, snapshot: bytes, state: dict[int, int]
    ) -> None:
        """Drop what is known of text that is gone: what lies before `state` and stands no more in
        the snapshot."""
        if not any(ledger.ranges()):
            return
        standing: defaultdict[int, list[tuple[int, int]]] = defaultdict(list)
        for text in structs.contents(snapshot).texts:
            standing[text.client].append((text.clock, text.clock + len(text.units)))
        gone: defaultdict[int, list[int]] = defaultdict(list)
        for client_id, clock, length, _ in ledger.ranges():
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
