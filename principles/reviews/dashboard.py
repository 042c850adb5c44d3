"""What reviews put on the home page; see couples/pages/dashboard.py."""

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from couples.days import day
from couples.models import Partner
from couples.pages.dashboard import Line, Part
from couples.prepared import prepared
from principles.reviews.models.review import Review, ReviewDone


def waiting(partner: Partner) -> list[Line]:
    """An open review that this person has not finished, or that both can read now."""
    return [_line(review) for review in _unfinished(partner)]


@prepared
def _unfinished(partner: Partner) -> QuerySet[Review]:
    i_am_done = Exists(ReviewDone.objects.filter(review=OuterRef("pk"), partner=partner))
    running = Review.objects.visible_to(partner).open()
    return running.filter(Q(revealed_at__isnull=False) | ~i_am_done)


def _line(review: Review) -> Line:
    address = reverse("principles:review", args=[review.pk])
    if review.revealed_at:
        detail = _("Both of you are done. You can both read it now.")
        return Line(_("Looking back together"), detail, address, _("Read"))
    began = {"date": day(review.began_at)}
    detail = _("Open since %(date)s. It takes ten minutes, or a week.") % began
    return Line(_("Looking back together"), detail, address, _("Open"))


def aside(partner: Partner) -> list[Part]:
    """The day that two people set for their next review; while one is open, that says enough."""
    dated = _dated.first(partner)
    if dated is None or dated.next_on is None:
        return []
    passed = dated.next_on < localdate()
    return [Part("principles/reviews/_next.html", {"review": dated, "passed": passed})]


@prepared
def _dated(partner: Partner) -> QuerySet[Review]:
    mine = Review.objects.visible_to(partner)
    running = mine.open().filter(couple=OuterRef("couple"))
    return mine.closed().exclude(Exists(running)).newest_first()
