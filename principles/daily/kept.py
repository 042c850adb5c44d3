"""What two people keep of their days, once one of them has left; see couples/kept/book.py."""

from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from couples.kept.book import Chapter, Entry, Text
from couples.models import Couple
from principles.agreements.kept import principle_name
from principles.daily.models.day import SharedDay, Way


def of_both(couple: Couple) -> list[Chapter[Any]]:
    lines = SharedDay.objects.filter(couple.either_way("giver", "reader"))
    names = {each.pk: each.name for each in couple.people}

    def line(shared: SharedDay) -> Entry:
        title = f"{names[shared.giver_id]} · {date_format(shared.on, 'j F Y')}"
        return Entry(title, [Text(principle_name(couple, shared.principle), shared.words)])

    def way(each: Way) -> Entry:
        each.couple = couple
        return Entry(principle_name(couple, each.principle), [Text("", each.text)])

    return [
        Chapter("days", _("Lines of a day"), lines.order_by("-on", "-pk"), line),
        Chapter("ways", _("Small ways of our own"), Way.objects.filter(couple=couple), way),
    ]
