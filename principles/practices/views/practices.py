"""The ten practices: the page of each, what is being written there, what is kept, what has been."""

from functools import partial
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from couples.autosave import saved
from couples.refusals import NotTogether
from couples.web.decorators import PartnerRequest, partner_required
from couples.web.once import once
from principles import catalog
from principles.catalog import practices
from principles.catalog.kinds import Kind, Shape
from principles.practices.dashboard import waiting_kinds
from principles.practices.forms import Sheet
from principles.practices.models.call import open_for
from principles.practices.models.decision import Decision
from principles.practices.models.draft import Draft, Kept
from principles.practices.models.offer import Offer, draw
from principles.practices.models.switch import CallSwitch
from principles.practices.page import BY_KIND, back_to, fields_of, kind_or_404

PAGE = 20
SHORT = 8
JAR = "supporters"


@require_GET
@partner_required
def all_practices(request: PartnerRequest) -> HttpResponse:
    kinds = waiting_kinds(request.partner)
    rows = [(catalog.BY_SLUG[kind.slug], kind, kind.slug in kinds) for kind in practices.KINDS]
    return render(request, "principles/practices/practices.html", {"rows": rows})


@require_GET
@partner_required
def practice(request: PartnerRequest, kind: str) -> HttpResponse:
    practice = kind_or_404(kind)
    return show(request, practice, **_drawn(request, practice))


@require_POST
@partner_required
def draft_write(request: PartnerRequest, kind: str) -> HttpResponse:
    """Keep what is being written. Nobody else's pages are told."""
    practice = kind_or_404(kind)
    sheet = _sheet(request, practice)
    status = sheet.save(partial(Draft.write, request.user, kind))
    if status != 200:
        return show(request, practice, sheet=sheet, part="desk", status=status)
    if request.htmx:
        return saved(sheet.written.revision)
    messages.success(request, _("Saved."))
    return redirect("principles:practice", kind)


@require_POST
@partner_required
@once
def draft_keep(request: PartnerRequest, kind: str) -> HttpResponse:
    practice = kind_or_404(kind)
    sheet = _sheet(request, practice)
    if kind == "emergency":
        raise Http404
    if sheet.form.is_valid() and not sheet.form.packed:
        sheet.miss(next(each.name for each in practice.fields if not each.choices))
    status = sheet.save(partial(Draft.keep, request.user, kind))
    if status != 200:
        return show(request, practice, sheet=sheet, status=status)
    messages.success(request, _("Kept. Only you can read it."))
    return redirect("principles:practice", kind)


@require_POST
@partner_required
@once
def draft_give(request: PartnerRequest, kind: str) -> HttpResponse:
    """Give exactly these words, or begin with them what the two do together."""
    practice = kind_or_404(kind)
    sheet = _sheet(request, practice)
    if kind == "emergency":
        raise Http404
    if sheet.form.is_valid():
        sheet.miss(*_missing(practice, sheet))
    try:
        status = sheet.save(partial(BY_KIND[kind].begin, request.partner, kind))
    except NotTogether:
        sheet.error = _("There is nobody here to give it to. It stays yours.")
        status = 409
    if status != 200:
        return show(request, practice, sheet=sheet, status=status)
    return back_to(sheet.written)


def _missing(practice: Kind, sheet: Sheet) -> list[str]:
    """What has to be written to give it, and is not."""
    return [
        each.name
        for each in practice.fields
        if each.required and not each.choices and not sheet.form.cleaned_data.get(each.name)
    ]


# -- What is kept --------------------------------------------------------------------------------


@require_GET
@partner_required
def kept_words(request: PartnerRequest, kind: str) -> HttpResponse:
    """What this person kept for themselves."""
    practice = kind_or_404(kind)
    mine = Kept.objects.of(request.user).filter(kind=kind).newest_first()
    page = Paginator(mine, PAGE).get_page(request.GET.get("page"))
    rows = [(each, fields_of(practice, each.parts)) for each in page]
    return render(
        request, "principles/practices/kept.html", {"kind": practice, "page": page, "rows": rows}
    )


@require_POST
@partner_required
@once
def kept_take_up(request: PartnerRequest, pk: UUID) -> HttpResponse:
    kept = _kept(request, pk)
    if kept.take_up():
        return redirect("principles:practice", kept.kind)
    messages.info(request, _("Something else is being written there. Keep or give that first."))
    return redirect("principles:kept_words", kept.kind)


@require_POST
@partner_required
def kept_discard(request: PartnerRequest, pk: UUID) -> HttpResponse:
    kept = _kept(request, pk)
    kept.delete()
    messages.success(request, _("Gone, for good."))
    return redirect("principles:kept_words", kept.kind)


# -- What has been -------------------------------------------------------------------------------


@require_GET
@partner_required
def history(request: PartnerRequest, kind: str) -> HttpResponse:
    practice = kind_or_404(kind)
    shape = BY_KIND[kind]
    rows = shape.objects.visible_to(request.partner).filter(kind=kind, withdrawn_at=None)
    page = Paginator(rows.whole().newest_first(), PAGE).get_page(request.GET.get("page"))
    return render(
        request,
        "principles/practices/history.html",
        {"kind": practice, "page": page, "rows": _rows(request, page, practice)},
    )


@require_GET
@partner_required
def decisions(request: PartnerRequest) -> HttpResponse:
    """The log: everything that both decided, whichever way they came to it."""
    decided = Decision.objects.visible_to(request.partner).exclude(settled_at=None)
    decided = decided.with_people().prefetch_related("rounds", "ideas")
    page = Paginator(decided.order_by("-settled_at", "-pk"), PAGE).get_page(request.GET.get("page"))
    return render(request, "principles/practices/decisions.html", {"page": page})


# -- The jar -------------------------------------------------------------------------------------


@require_POST
@partner_required
@once
def jar_draw(request: PartnerRequest) -> HttpResponse:
    """Draw one. Nobody is told, and no page of the other shows that somebody drew. The page that
    shows it can be loaded again without drawing another."""
    alone = request.partner.is_alone
    drawn = Kept.draw(request.user, JAR) if alone else draw(request.partner)
    query = urlencode({"drawn": drawn.pk if drawn else ""})
    return redirect(f"{reverse('principles:practice', args=[JAR])}?{query}")


def _drawn(request: PartnerRequest, kind: Kind) -> dict[str, Any]:
    """What the page shows as drawn; nothing, if that is not there any more."""
    name = request.GET.get("drawn")
    if kind.slug != JAR or name is None:
        return {}
    if not name:
        return {"drew": True}
    try:
        pk = UUID(name)
    except ValueError:
        return {}
    if request.partner.is_alone:
        kept = Kept.objects.of(request.user).filter(kind=JAR, pk=pk).first()
        return {"drawn": fields_of(kind, kept.parts)} if kept else {}
    jar = Offer.objects.visible_to(request.partner).filter(kind=JAR, withdrawn_at=None)
    offer = jar.with_people().filter(pk=pk).first()
    if offer is None:
        return {}
    return {"drawn": fields_of(kind, offer.parts), "drawn_from": offer}


# -- The page ------------------------------------------------------------------------------------


def show(
    request: PartnerRequest,
    kind: Kind,
    *,
    sheet: Sheet | None = None,
    part: str = "",
    status: int = 200,
    **context: Any,
) -> HttpResponse:
    partner = request.partner
    if request.htmx and request.method == "GET":
        part = "running"
    template = "principles/practices/practice.html"
    if part == "desk" and request.htmx:
        alone: dict[str, Any] = {"kind": kind, "sheet": sheet}
        if not partner.is_alone:
            alone["give"] = str(kind.give) % {"name": partner.other()}
        return render(request, f"{template}#desk", alone, status=status)
    if part != "running":
        desk = Draft.on_desk(request.user, kind.slug)
        context["sheet"] = sheet or Sheet(kind.fields, desk, partner.is_alone)
        context["has_kept"] = Kept.objects.of(request.user).filter(kind=kind.slug).exists()
        context["principle"] = catalog.BY_SLUG[kind.slug]
    if not partner.is_alone:
        running = list(_running(partner, kind)[: SHORT + 1])
        context["other"] = partner.other()
        context["rows"] = _rows(request, running[:SHORT], kind)
        context["has_more"] = len(running) > SHORT
        context["give"] = str(kind.give) % {"name": partner.other()}
        if kind.slug == "emergency":
            context["switch"] = CallSwitch.of(partner)
            context["people"] = Draft.on_desk(request.user, kind.slug).parts.get("text", "")
    context |= {"kind": kind, "offer": kind.shape is Shape.OFFER}
    return render(
        request, f"{template}#running" if part == "running" else template, context, status=status
    )


def _running(partner: Any, kind: Kind) -> Any:
    """The newest of it; what is over is in the history."""
    rows = BY_KIND[kind.slug].objects.visible_to(partner).filter(kind=kind.slug)
    if kind.slug == "emergency":
        # Not what stood here before this person switched it off.
        rows = rows.filter(pk__in=[call.pk for call in open_for(partner)])
    rows = rows.filter(closed_at=None, followed_at=None)
    if kind.slug != "share-power":
        rows = rows.filter(settled_at=None)
    return rows.whole().newest_first()


def _rows(request: HttpRequest, moments: Any, kind: Kind) -> list[dict[str, Any]]:
    partner = request.partner  # type: ignore[attr-defined]
    return [
        {
            "moment": each,
            # A question that was put anew stands there as it was put last.
            "what": Truncated({"text": each.question} if kind.shape is Shape.BLIND else each.parts),
            "sentence": each.sentence(partner),
            "from": each.giver,
        }
        for each in moments
    ]


class Truncated(str):
    """The first words of what was said, for a line in a list."""

    def __new__(cls, parts: dict[str, str]) -> "Truncated":
        long = " ".join(
            parts[name] for name in ("text", "feel", "about", "need") if parts.get(name)
        )
        return super().__new__(cls, long if len(long) <= 90 else f"{long[:89].rstrip()}…")


def _sheet(request: PartnerRequest, kind: Kind) -> Sheet:
    draft = Draft.on_desk(request.user, kind.slug)
    return Sheet(kind.fields, draft, request.partner.is_alone, request.POST)


def _kept(request: PartnerRequest, pk: UUID) -> Kept:
    return get_object_or_404(Kept.objects.of(request.user), pk=pk)
