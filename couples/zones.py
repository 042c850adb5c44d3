"""The time zones that somebody can live in."""

from functools import cache
from zoneinfo import available_timezones

# In the database of zones, and no places: what this computer happens to be set to, and "not set".
NO_PLACES = {"Factory", "localtime"}


@cache
def zones() -> frozenset[str]:
    return frozenset(available_timezones() - NO_PLACES)
