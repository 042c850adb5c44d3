"""What the letters say on the home page."""

from datetime import timedelta

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from couples.home import Line
from couples.models import Partner
from letters.models import Letter, Share

# Nothing here knows whether a letter was opened; after a week it is simply among the letters.
NEWS = timedelta(days=7)


def waiting(partner: Partner) -> list[Line]:
    """The letters that the other has given. Whether they were opened is known to nobody."""
    if partner.is_alone:
        return []
    given = Share.objects.visible_to(partner).exclude(giver=partner)
    given = given.filter(shared_at__gt=timezone.now() - NEWS)
    newest = given.order_by("-shared_at").select_related("giver__user").first()
    if newest is None:
        return []
    return [
        Line(
            title=_("A letter from %(name)s") % {"name": newest.giver.name},
            detail=_("Given on %(date)s.") % {"date": date_format(newest.shared_at, "j F")},
            url=reverse("letters:share", args=[newest.pk]),
            action=_("Read"),
        )
    ]


def here(partner: Partner) -> list[Line]:
    letters = list(Letter.objects.visible_to(partner).order_by("-created_at")[:20])
    joint = next((letter for letter in letters if not letter.is_personal), None)
    own = next((letter for letter in letters if letter.is_personal), None)
    lines = []
    if joint is not None:
        lines.append(
            Line(
                title=_("Our letter"),
                detail=_("Begun on %(date)s. Both of you can write at once.")
                % {"date": date_format(joint.created_at, "j F")},
                url=reverse("letters:letter", args=[joint.pk]),
                action=_("Open"),
            )
        )
    if own is not None:
        lines.append(
            Line(
                title=_("Your own letter"),
                detail=_("Begun on %(date)s. Yours alone until you share it.")
                % {"date": date_format(own.created_at, "j F")},
                url=reverse("letters:letter", args=[own.pk]),
                action=_("Write"),
            )
        )
    else:
        lines.append(
            Line(
                title=_("Six questions, and a letter"),
                detail=_("Nothing here yet. Start with one line; no one sees it."),
                url=reverse("letters:questions"),
                action=_("Begin"),
            )
        )
    return lines
