"""A reminder by mail: off until a person turns it on, and off again with one tap."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from couples.web.decorators import PartnerRequest, partner_required
from principles.daily.forms import ReminderForm
from principles.daily.models.reminder import Reminder


@require_http_methods(["GET", "POST"])
@partner_required
def reminder(request: PartnerRequest) -> HttpResponse:
    mine = Reminder.objects.filter(person=request.user).first()
    if request.method == "POST" and request.POST.get("turn") == "off":
        if mine is not None:
            mine.turn_off()
        return redirect("principles:reminder")
    if request.method == "POST":
        form = ReminderForm(request.POST)
        if form.is_valid():
            Reminder.set(request.user, form.cleaned_data["at"], form.weekdays, timezone.now())
            return redirect("principles:reminder")
    else:
        form = ReminderForm.of(mine)
    return render(
        request,
        "principles/daily/reminder.html",
        {"form": form, "reminder": mine},
        status=422 if form.errors else 200,
    )


# Mail programs send the POST of RFC 8058 without our cookies; the address itself is the secret.
@csrf_exempt
@require_http_methods(["GET", "POST"])
def reminder_off(request: HttpRequest, token: str) -> HttpResponse:
    """Opened by whoever has the mail; a link alone changes nothing, because scanners follow it."""
    mine = get_object_or_404(Reminder.objects.by_token(token))
    if request.method == "POST":
        mine.turn_off()
    return render(request, "principles/daily/reminder_off.html", {"is_on": mine.is_on})
