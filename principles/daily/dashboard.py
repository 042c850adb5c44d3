"""What the principles have to say on the home page: see couples/pages/dashboard.py."""

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.text import Truncator
from django.utils.translation import gettext as _

from couples.models import Couple, Partner
from couples.pages.dashboard import Line, Part
from couples.prepared import prepared
from principles.agreements.models.wording import Wording, signed_by
from principles.agreements.status_text import unsigned as unsigned_words
from principles.daily.forms import DayLineForm
from principles.daily.today import Today, look


def today(partner: Partner) -> list[Part]:
    """One principle and one small way, and what this person said of it."""
    return [part_of(look(partner))]


def part_of(today: Today) -> Part:
    return Part("principles/daily/_today.html", {"today": today, "form": DayLineForm.of(today.day)})


def waiting(partner: Partner) -> list[Line]:
    """The words that this person has not signed."""
    other = partner.other()
    if other is None:
        return []
    return [
        Line(
            title=_("“%(words)s”") % {"words": Truncator(wording.text).chars(90)},
            detail=unsigned_words(wording, partner, other, vars(wording)["other_signed"]),
            url=reverse("principles:principle", args=[wording.agreement.principle]) + "#agreement",
            action=_("Read"),
        )
        for wording in _unsigned(partner.couple, partner, other)
    ]


@prepared
def _unsigned(couple: Couple | None, partner: Partner, other: Partner) -> QuerySet[Wording]:
    newest = Wording.objects.of(couple).newest().select_related("agreement__couple")
    unsigned = newest.unsigned_by(partner).order_by("proposed_at")
    return unsigned.annotate(other_signed=signed_by(other))


def here(partner: Partner) -> list[Line]:
    detail = (
        _("What each means on an ordinary day, and a pledge that is yours.")
        if partner.is_alone
        else _("What each means on an ordinary day, your pledge, and what you both signed.")
    )
    return [
        Line(
            title=_("Ten principles"),
            detail=detail,
            url=reverse("principles:principles"),
            action=_("Open"),
        )
    ]
