"""What the practices put on the home page; see couples/pages/dashboard.py."""

from datetime import date

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from couples.models import Partner
from couples.pages.dashboard import Line, Part
from couples.prepared import prepared
from principles.catalog import practices
from principles.catalog.kinds import Shape, State
from principles.practices.models.area import Proposal
from principles.practices.models.decision import Answer, Round
from principles.practices.models.moment import Moment
from principles.practices.models.repair import Side
from principles.practices.models.switch import CallSwitch

MOST = 6


def waits_for(partner: Partner, other: Partner, today: date) -> QuerySet[Moment]:
    """What the other gave and this person has not answered; what both do and this person has not
    done their part in. It says nothing about what has been looked at."""
    offers = Q(kind__in=practices.of_shape(Shape.OFFER)) & ~Q(kind__in=("emergency", "supporters"))
    unanswered = offers & Q(begun_by=other, response=None, withdrawn_at=None, followed_at=None)
    theirs = {"moment": OuterRef("pk")}
    running = Round.objects.filter(**theirs, revealed_at=None)
    ready = Answer.objects.filter(
        round__moment=OuterRef("pk"),
        round__revealed_at=None,
        partner=partner,
        ready_at__isnull=False,
    )
    told = Side.objects.filter(**theirs, partner=partner, given_at__isnull=False)
    standing = Proposal.objects.filter(**theirs, closed_at=None)
    undecided = Q(kind__in=practices.of_shape(Shape.BLIND)) & Exists(running) & ~Exists(ready)
    untold = Q(kind="repair") & ~Exists(told)
    unagreed = Q(kind="share-power") & Exists(standing.filter(partner=other))
    later = Proposal.objects.filter(moment=OuterRef("moment"), agreed_at__gt=OuterRef("agreed_at"))
    due = Proposal.objects.filter(**theirs, agreed_at__isnull=False, again_on__lte=today).exclude(
        Exists(later)
    )
    looked_at = Q(kind="share-power") & Exists(due)
    return (
        Moment.objects.visible_to(partner)
        .open()
        .filter(unanswered | undecided | untold | unagreed | looked_at)
        .annotate(proposed=Exists(standing.filter(partner=other)))
    )


@prepared
def _newest(partner: Partner, other: Partner, today: date) -> QuerySet[Moment]:
    return waits_for(partner, other, today).order_by("-given_at")[: MOST + 1]


def waiting(partner: Partner) -> list[Line]:
    """The newest that waits for this person, and where the rest is. Read with one query."""
    other = partner.other()
    if other is None:
        return []
    rows = _newest(partner, other, timezone.localdate())
    lines = [_line(moment, partner, other) for moment in rows]
    if len(lines) > MOST:
        where = _("Older ones wait on the pages of their practices.")
        lines[MOST:] = [Line(_("And more"), where, reverse("principles:practices"), _("Look"))]
    return lines


def waiting_kinds(partner: Partner) -> set[str]:
    """Of what waits for this person."""
    other = partner.other()
    return set(_kinds(partner, other, timezone.localdate())) if other else set()


@prepared
def _kinds(partner: Partner, other: Partner, today: date) -> QuerySet[Moment, str]:
    return waits_for(partner, other, today).values_list("kind", flat=True).distinct()


def _line(moment: Moment, partner: Partner, other: Partner) -> Line:
    kind = moment.practice
    state = State.GIVEN if kind.shape is Shape.OFFER else State.OPEN
    if kind.slug == "share-power" and not vars(moment)["proposed"]:
        detail = _("You wanted to look at this again.")
    elif kind.slug == "share-power":
        detail = _("%(name)s says how it could be.") % {"name": other.name}
    else:
        detail = kind.sentence(state, moment.begun_by_id == partner.pk, other.name)
    return Line(
        title=kind.name if kind.shape is Shape.OFFER else moment.subject or kind.name,
        detail=detail,
        url=reverse("principles:moment", args=[moment.pk]),
        action=_("Open"),
    )


def here(partner: Partner) -> list[Line]:
    detail = (
        _("Ten small things to do, all of which work for one.")
        if partner.is_alone
        else _("Ask for backing, tell the news, mend, decide, or draw one from the jar.")
    )
    return [Line(_("What we do here"), detail, reverse("principles:practices"), _("Open"))]


def aside(partner: Partner) -> list[Part]:
    """The one large button, for whoever has switched it on for themselves."""
    if partner.is_alone or not CallSwitch.of(partner).is_on:
        return []
    return [Part("principles/practices/_home_call.html")]
