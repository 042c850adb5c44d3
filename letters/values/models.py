"""Values: what a person wants to be held to, in their own words; and the list, once given.

A value belongs to the person and lies under their key, the principles it is linked to included.
Giving the list copies its exact words under the home's key, for one reader. Both lists are opened
by the second one: as long as one of the two has not given theirs, neither is read.
"""

import hashlib
import json
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Self
from uuid import UUID

from django.db import models, transaction
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone

from couples import nudges
from couples.autosave import AutosavedText
from couples.crypto.fields import EncryptedTextField
from couples.ids import uuid7
from couples.models import Couple, Partner, User, Workspace
from couples.refusals import Refusal
from letters.values.similarity import plainly
from principles import catalog
from principles.catalog import Principle

LONGEST = 120
LONGEST_MEANING = 2_000
MOST = 60


class Full(Refusal):
    """There are as many values as fit."""


class NotAsSeen(Refusal):
    """The list, or the person who would read it, is not that of the preview any more."""


def principles_of(slugs: Collection[str]) -> list[Principle]:
    return [each for each in catalog.PRINCIPLES if each.slug in slugs]


def digest(values: Sequence["Value"]) -> str:
    """A name for exactly this list, in hexadecimal."""
    rows = [[str(each.pk), each.text, each.meaning, each.lived_in] for each in values]
    return hashlib.sha256(json.dumps(rows).encode()).hexdigest()


class ValueQuerySet(models.QuerySet["Value"]):
    def visible_to(self, partner: Partner) -> Self:
        """One's own. There is no way to the other's but the list that they gave."""
        return self.filter(person=partner.user_id)

    def in_order(self) -> Self:
        return self.order_by("position", "pk")


class Value(AutosavedText):
    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    person = models.ForeignKey(User, on_delete=models.CASCADE, related_name="values")
    meaning = EncryptedTextField()
    # The slugs of the principles in which it is lived, with spaces between them.
    lived_in = EncryptedTextField()
    position = models.PositiveIntegerField()

    objects = ValueQuerySet.as_manager()

    def __str__(self) -> str:
        return f"value {self.id}"

    @property
    def key_owner_id(self) -> UUID:
        return self.person_id

    @property
    def slugs(self) -> list[str]:
        return self.lived_in.split()

    @property
    def principles(self) -> list[Principle]:
        return principles_of(self.slugs)

    @classmethod
    def name(cls, person: User, text: str) -> tuple["Value", bool]:
        """A new one at the end of the list, and True; the one that is there already under these
        words, and False. Raises Full."""
        with transaction.atomic():
            here = cls.lock(person)
            same = next((each for each in here if plainly(each.text) == plainly(text)), None)
            if same is not None:
                return same, False
            if len(here) >= MOST:
                raise Full
            last = here[-1].position if here else 0
            return cls.objects.create(person=person, text=text, position=last + 1), True

    def keep(
        self, text: str, meaning: str, slugs: Collection[str], base: int, tab_id: str = ""
    ) -> None:
        """Keep these words and links. Raises EditConflict, and DoesNotExist for a removed one."""
        lived_in = " ".join(each.slug for each in principles_of(slugs))
        with transaction.atomic():
            self.refresh_from_db(from_queryset=Value.objects.select_for_update())
            if self.put(base, tab_id, text=text, meaning=meaning, lived_in=lived_in):
                self.save()

    def move(self, steps: int) -> int:
        """Up with a negative number, down with a positive one; the new place, from 1."""
        return self._put(lambda rest, old: old + steps)

    def put_before(self, pk: UUID | None) -> int:
        """To the place before another one, at the end with None; the new place, from 1. Where the
        other one is gone by now, nothing moves."""

        def place(rest: Sequence[Value], old: int) -> int:
            if pk is None:
                return len(rest)
            return next((i for i, each in enumerate(rest) if each.pk == pk), old)

        return self._put(place)

    def remove(self) -> None:
        """Gone for good; a list that was given keeps what it had."""
        self.delete()

    def _put(self, place: Callable[[Sequence["Value"], int], int]) -> int:
        with transaction.atomic():
            here = self.lock(self.person)
            old = next((i for i, each in enumerate(here) if each.pk == self.pk), None)
            if old is None:
                raise Value.DoesNotExist
            mine = here.pop(old)
            new = min(max(place(here, old), 0), len(here))
            here.insert(new, mine)
            for number, each in enumerate(here, 1):
                if each.position != number:
                    Value.objects.filter(pk=each.pk).update(position=number)
        return new + 1

    @classmethod
    def lock(cls, person: User) -> list["Value"]:
        """This person's list; nobody else changes its order until the transaction ends."""
        person.lock()
        return list(cls.objects.filter(person=person).in_order())


@dataclass(frozen=True)
class Given:
    """One value of a list that was given."""

    text: str
    meaning: str
    slugs: Sequence[str]

    @property
    def principles(self) -> list[Principle]:
        return principles_of(self.slugs)


class SharedValuesQuerySet(models.QuerySet["SharedValues"]):
    def visible_to(self, partner: Partner) -> Self:
        """The list that one gave; and the one that one was given, once one has given one's own to
        the same person. Both must live here still."""
        mine = SharedValues.objects.filter(giver=partner, reader=OuterRef("giver"))
        return self.filter(
            Q(giver=partner) | Q(Exists(mine), reader=partner),
            giver__left_at=None,
            reader__left_at=None,
        )

    def kept_of(self, couple: Couple) -> Self:
        """Both lists, where both were given."""
        theirs = SharedValues.objects.filter(giver=OuterRef("reader"), reader=OuterRef("giver"))
        return self.filter(Exists(theirs), couple.either_way("giver", "reader"))

    def waits_for(self, partner: Partner) -> bool:
        """Whether the other has given a list; that is all there is to know before both have."""
        return self.filter(reader=partner, giver__left_at=None, reader__left_at=None).exists()


class SharedValues(models.Model):
    """One person's list of values, as it was when they gave it."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    giver = models.ForeignKey(Partner, on_delete=models.CASCADE, related_name="+")
    reader = models.ForeignKey(Partner, on_delete=models.CASCADE, related_name="+")
    words = EncryptedTextField()
    shared_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = SharedValuesQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["giver", "reader"], name="one_given_list_of_values_each"
            ),
            models.CheckConstraint(
                condition=~Q(giver=F("reader")), name="values_are_given_to_somebody_else"
            ),
        ]

    def __str__(self) -> str:
        return f"values given {self.id}"

    @property
    def key_owner_id(self) -> UUID:
        return self.workspace_id

    @property
    def values(self) -> list[Given]:
        return [Given(*each) for each in json.loads(self.words)]

    @classmethod
    def give(
        cls, giver: Partner, reader: str, seen: str, chosen: Collection[str]
    ) -> "SharedValues":
        """Give the chosen ones, in the place of what was given before. `seen` is the digest of the
        whole list as it was previewed, `reader` the seat that it was previewed for. Raises
        NotAsSeen where either has changed or none is chosen, and NotTogether where nobody is here.
        """
        with transaction.atomic():
            mine = Value.lock(giver.user)
            other = Couple.objects.of(giver).lock().other_than(giver)
            if str(other.pk) != reader or digest(mine) != seen:
                raise NotAsSeen
            given = [[v.text, v.meaning, v.slugs] for v in mine if str(v.pk) in chosen]
            if not given:
                raise NotAsSeen
            cls.objects.filter(giver=giver, reader=other).delete()
            shared = cls.objects.create(
                workspace=giver.workspace, giver=giver, reader=other, words=json.dumps(given)
            )
            nudges.nudge(giver.workspace_id, "values")
        return shared

    def take_back(self) -> None:
        """From now on neither list is read by the other. What was read was read. Raises NotTogether
        once one of the two has left."""
        with transaction.atomic():
            Couple.objects.of(self.giver).lock()
            nudges.nudge(self.workspace_id, "values")
            self.delete()
