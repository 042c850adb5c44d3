"""The time zones that somebody can live in."""

from functools import cache
from itertools import groupby
from zoneinfo import available_timezones

# In the database of zones, and no places: what this computer happens to be set to, and "not set".
NO_PLACES = {"Factory", "localtime"}


@cache
def zones() -> frozenset[str]:
    return frozenset(available_timezones() - NO_PLACES)


REGIONS = {
    *("Africa", "America", "Antarctica", "Arctic", "Asia"),
    *("Atlantic", "Australia", "Europe", "Indian", "Pacific"),
}


@cache
def zones_by_region() -> list[tuple[str, list[tuple[str, str]]]]:
    """Those named after a place, as groups of a list. Older names are understood, not offered."""
    named = sorted(name for name in zones() if name.partition("/")[0] in REGIONS)
    return [
        (region, [(name, name.partition("/")[2].replace("_", " ")) for name in names])
        for region, names in groupby(named, key=lambda name: name.partition("/")[0])
    ]
