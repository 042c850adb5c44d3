"""Today, the days before it, and the small ways that people add of their own."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from couples import autosave
from couples.forms import number
from couples.web.decorators import PartnerRequest, partner_required
from couples.web.once import once
from principles import catalog
from principles.daily.dashboard import part_of
from principles.daily.forms import DayLineForm, WayForm
from principles.daily.models.day import Day, NotAsSeen, SharedDay, TooMany, Way
from principles.daily.today import Today, look, way_for
from principles.pages.principle import principle_or_404

PAGE = 60


@require_safe
@partner_required
def today(request: PartnerRequest) -> HttpResponse:
    if not request.htmx:
        return redirect("couples:home")
    return render(request, "principles/daily/_given_today.html", {"today": _shown(request)})


@require_POST
@partner_required
def today_say(request: PartnerRequest) -> HttpResponse:
    outcome = request.POST.get("outcome", "")
    if outcome not in {"", *Day.Outcome.values}:
        raise Http404
    now = _shown(request)
    try:
        _today(request, now).say(outcome, request.GET.get("principle", ""))
    except NotAsSeen:
        return _turned(request, now)
    return _done(request, now)


@require_POST
@partner_required
def today_choose(request: PartnerRequest) -> HttpResponse:
    principle = catalog.get(request.POST.get("principle", ""))
    if principle is None:
        raise Http404
    now = _shown(request)
    way = str(way_for(request.partner, principle, now.on))
    _today(request, now).turn_to(principle.slug, way)
    return _done(request, now)


@require_POST
@partner_required
def today_line(request: PartnerRequest) -> HttpResponse:
    """Keep the line as it is typed."""
    form = DayLineForm(request.POST, auto_id="today-%s")
    now = _shown(request)
    context = {"about": now.about, "form": form}
    if not form.is_valid():
        return _line(request, context, 422)
    text = form.cleaned_data["text"]
    if now.day is None and not text:
        return autosave.saved(0)
    day = _today(request, now)
    try:
        day.keep(text, *form.known)
    except autosave.EditConflict as changed:
        context["form"] = form.based_on(changed.current.revision)
        return _line(request, context | {"elsewhere": changed.current.text}, 409)
    if request.htmx:
        return autosave.saved(day.revision)
    _say_which_day(request, now)
    return redirect("couples:home")


def _line(request: PartnerRequest, context: dict[str, Any], status: int) -> HttpResponse:
    name = "principles/pledges/_line.html" if request.htmx else "principles/pledges/line.html"
    return render(request, name, context, status=status)


@require_safe
@partner_required
def days(request: PartnerRequest) -> HttpResponse:
    """What one said of one's days, the newest first; and what the other gave of theirs."""
    mine = Day.objects.visible_to(request.partner).readable()
    page = Paginator(mine, PAGE).get_page(request.GET.get("page"))
    given = SharedDay.objects.visible_to(request.partner)
    shown = [day.on for day in page]
    if shown and page.has_next():
        given = given.filter(on__gte=shown[-1])
    if shown and page.has_previous():
        given = given.filter(on__lte=shown[0])
    by_day: dict[Any, list[SharedDay]] = {}
    for each in given.select_related("giver__user")[: PAGE * 2]:
        if each.giver_id != request.partner.pk:
            by_day.setdefault(each.on, []).append(each)
    rows = sorted({*shown, *by_day}, reverse=True)
    own = {day.on: day for day in page}
    context = {
        "page": page,
        "rows": [(on, own.get(on), by_day.get(on, ())) for on in rows],
        "names": {slug: each.name for slug, each in catalog.BY_SLUG.items()},
    }
    return render(request, "principles/daily/days.html", context)


@require_http_methods(["GET", "POST"])
@partner_required
def day_share(request: PartnerRequest, pk: UUID) -> HttpResponse:
    """Preview the exact line, then give exactly that."""
    day = get_object_or_404(Day.objects.visible_to(request.partner), pk=pk)
    other = request.partner.other()
    if other is None or not day.text:
        raise Http404
    changed = False
    if request.method == "POST":
        seen = request.POST.get("reader") == str(other.pk)
        try:
            revision = number(request.POST.get("revision"))
            day.share(request.partner, other if seen else None, revision)
        except NotAsSeen:
            changed = True
        else:
            return redirect("couples:home")
    return render(
        request,
        "principles/daily/day_share.html",
        {"day": day, "other": other, "changed": changed},
        status=409 if changed else 200,
    )


@require_POST
@partner_required
def day_take_back(request: PartnerRequest, pk: UUID) -> HttpResponse:
    get_object_or_404(Day.objects.visible_to(request.partner), pk=pk)
    for shared in SharedDay.objects.filter(day=pk, giver__user=request.user):
        shared.take_back()
    return redirect("couples:home")


# -- Small ways of one's own ---------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
@partner_required
@once
def ways(request: PartnerRequest, slug: str) -> HttpResponse:
    principle = principle_or_404(request.partner, slug)
    form = WayForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            Way.add(request.partner, slug, form.cleaned_data["text"])
            return redirect("principles:ways", slug)
        except TooMany:
            form.add_error("text", _("That is a hundred already. Let one go before the next."))
    own = Way.objects.visible_to(request.partner).filter(principle=slug)
    return render(
        request,
        "principles/daily/ways.html",
        {"principle": principle, "form": form, "own": own},
        status=422 if form.errors else 200,
    )


@require_POST
@partner_required
def way_remove(request: PartnerRequest, slug: str, pk: UUID) -> HttpResponse:
    get_object_or_404(Way.objects.visible_to(request.partner), pk=pk, principle=slug).delete()
    return redirect("principles:ways", slug)


def _shown(request: PartnerRequest) -> Today:
    """What the page shows that asks: the day and the principle that it was made with."""
    shown = catalog.get(request.GET.get("principle", ""))
    on: date | None = None
    try:
        on = date.fromisoformat(request.GET["on"])
    except (KeyError, ValueError):
        pass
    # Where somebody has just gone west, their pages are a day ahead.
    if on is not None and on > timezone.localdate() + timedelta(days=1):
        raise Http404
    return look(request.partner, on, shown)


def _today(request: PartnerRequest, now: Today) -> Day:
    return Day.of(request.user, now.on, now.principle.slug, str(now.way))


def _part(request: PartnerRequest, on: date, status: int = 200, sorry: str = "") -> HttpResponse:
    part = part_of(look(request.partner, on))
    return render(request, part.template, {"here": part.context, "sorry": sorry}, status=status)


def _done(request: PartnerRequest, now: Today) -> HttpResponse:
    if request.htmx:
        return _part(request, now.on)
    _say_which_day(request, now)
    return redirect(reverse("couples:home") + "#today")


def _say_which_day(request: PartnerRequest, now: Today) -> None:
    if now.is_past:
        text = _("Kept with %(day)s.") % {"day": date_format(now.on, "l j F")}
        messages.success(request, text)


def _turned(request: PartnerRequest, now: Today) -> HttpResponse:
    sorry = _("You took another one for that day in another window. It stands here now.")
    if request.htmx:
        return _part(request, now.on, 409, sorry)
    messages.info(request, sorry)
    return redirect(reverse("couples:home") + "#today")
