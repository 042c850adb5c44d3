"""Days as the pages write them."""

from datetime import date, datetime

from django.utils import timezone
from django.utils.dateformat import format as date_format
from django.utils.translation import pgettext


def day(moment: date | datetime | None) -> str:
    """3 November, or 3 November 2024 when that was in another year."""
    if moment is None:
        return ""
    on = timezone.localtime(moment) if isinstance(moment, datetime) else moment
    if on.year == timezone.localdate().year:
        return date_format(on, pgettext("a day of this year", "j F"))
    return date_format(on, pgettext("a day of another year", "j F Y"))
