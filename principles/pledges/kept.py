"""What two people keep of pledges that they shared; see couples/kept/book.py."""

from typing import Any

from django.utils.translation import gettext as _

from couples.kept.book import Chapter, Entry, Text
from couples.models import Couple
from principles.agreements.kept import principle_name
from principles.pledges.models import SharedPledge


def of_both(couple: Couple) -> list[Chapter[Any]]:
    shared = SharedPledge.objects.filter(couple.either_way("partner", "reader"))
    names = {each.pk: each.name for each in couple.people}

    def entry(pledge: SharedPledge) -> Entry:
        name = principle_name(couple, pledge.principle)
        return Entry(f"{names[pledge.partner_id]} · {name}", [Text("", pledge.text)])

    return [Chapter("pledges", _("Pledges that were shared"), shared.order_by("pk"), entry)]
