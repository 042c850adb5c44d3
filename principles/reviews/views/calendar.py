"""The next review in one's own calendar: an address that a person makes, renews and turns off."""

from django.http import HttpRequest, HttpResponse, HttpResponseNotFound
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from couples.web.decorators import PartnerRequest, UserRequest, partner_required, user_required
from couples.web.once import once
from principles.reviews import calendar as ics
from principles.reviews.models.feed import CalendarFeed


# Whoever has left finds the address, too: it is theirs to turn off.
@require_safe
@user_required
def calendar(request: UserRequest) -> HttpResponse:
    mine = CalendarFeed.objects.of(request.user).first()
    return render(request, "principles/reviews/calendar.html", {"feed": mine})


@require_POST
@partner_required
@once
def calendar_make(request: PartnerRequest) -> HttpResponse:
    if not request.partner.is_alone:
        CalendarFeed.make(request.user)
    return redirect("principles:calendar")


@require_POST
@user_required
def calendar_turn_off(request: UserRequest) -> HttpResponse:
    CalendarFeed.objects.of(request.user).delete()
    return redirect("principles:calendar")


# Whatever the answer is, nobody keeps it.
PRIVATE = {"Cache-Control": "private, no-store", "X-Robots-Tag": "noindex"}


# Calendars ask without our cookies; the address itself is the secret. The exemption opens nothing,
# because nothing is posted here: it only lets other methods be refused as such.
@csrf_exempt
@require_safe
def calendar_feed(request: HttpRequest, token: str) -> HttpResponse:
    feed = CalendarFeed.objects.by_token(token).first()
    if feed is None:
        # Not our page for this: it is read by a program, and would come with a cookie.
        return HttpResponseNotFound(
            _("There is nothing here."), content_type="text/plain; charset=utf-8", headers=PRIVATE
        )
    return HttpResponse(
        ics.of(feed),
        content_type="text/calendar; charset=utf-8",
        # Saved from a browser, the file would else be called like the secret.
        headers=PRIVATE | {"Content-Disposition": 'attachment; filename="calendar.ics"'},
    )
