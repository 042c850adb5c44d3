"""What today brings: the calm turn of the ten, people's own small ways, and one's own choice."""

from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.functional import Promise

from couples.models import Partner
from couples.prepared import prepared
from principles import catalog
from principles.catalog import Principle
from principles.daily.models.day import Day, SharedDay, Way
from principles.pages.principle import offset


@dataclass(frozen=True)
class Today:
    on: date
    principle: Principle
    way: str | Promise
    day: Day | None
    # What the other gave of this very day.
    given: SharedDay | None = None
    mine: SharedDay | None = None

    @property
    def about(self) -> str:
        """What a page of it says with everything that is sent from there: a page may be left open
        over midnight."""
        return urlencode({"on": self.on.isoformat(), "principle": self.principle.slug})

    @property
    def is_past(self) -> bool:
        return self.on < timezone.localdate()

    @property
    def all(self) -> tuple[Principle, ...]:
        return catalog.PRINCIPLES

    @property
    def name(self) -> str:
        """It follows a colon: “Today: we repair quickly”."""
        name = str(self.principle.name)
        return name[:1].lower() + name[1:]


def ways_of(principle: Principle, own: list[Way]) -> list[str | Promise]:
    return [*principle.ways, *(way.text for way in own if way.principle == principle.slug)]


def look(partner: Partner, on: date | None = None, shown: Principle | None = None) -> Today:
    """In three queries. Of another day, or another principle than has its turn, where a page shows
    that."""
    on = on or timezone.localdate()
    day = _day.first(partner, on)
    principle = shown or catalog.for_day(on, offset(partner))[0]
    way: str | Promise
    if day is not None and day.principle in catalog.BY_SLUG:
        principle, way = catalog.BY_SLUG[day.principle], day.way
    else:
        way = way_for(partner, principle, on)
    given = mine = None
    if partner.other() is not None:
        for each in _shared(partner, on):
            if each.giver_id == partner.pk:
                mine = each
            else:
                given = each
    return Today(on, principle, way, day, given, mine)


@prepared
def _day(partner: Partner, on: date) -> QuerySet[Day]:
    return Day.objects.visible_to(partner).filter(on=on)


@prepared
def _shared(partner: Partner, on: date) -> QuerySet[SharedDay]:
    return SharedDay.objects.visible_to(partner).filter(on=on)


@prepared
def _own_ways(partner: Partner, slug: str) -> QuerySet[Way]:
    return Way.objects.visible_to(partner).filter(principle=slug)


def way_for(partner: Partner, principle: Principle, on: date) -> str | Promise:
    """The small way of a day: ours in turn, and those that people added come round like them."""
    ways = ways_of(principle, _own_ways(partner, principle.slug))
    turn = on.toordinal() + offset(partner)
    return ways[(turn // len(catalog.PRINCIPLES)) % len(ways)]
