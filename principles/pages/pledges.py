"""My pledge: kept as one types, and shared as the exact words that were previewed."""

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from couples.autosave import EditConflict, saved
from couples.forms import number
from couples.web.decorators import PartnerRequest, partner_required
from principles.pages.principle import load, principle_or_404
from principles.pages.principles import show
from principles.pledges.forms import PledgeForm
from principles.pledges.models import NotAsSeen, Pledge, SharedPledge


@require_POST
@partner_required
def pledge(request: PartnerRequest, slug: str) -> HttpResponse:
    """Keep the words as they are typed."""
    page = load(request.partner, principle_or_404(request.partner, slug))
    form = PledgeForm(request.POST, auto_id="pledge-%s")
    if not form.is_valid():
        return show(request, page, "pledge_form", pledge_form=form, status=422)
    mine = Pledge.of(request.user, slug)
    try:
        mine.write(form.cleaned_data["text"], *form.known)
    except EditConflict as changed:
        other = changed.current
        again = form.based_on(other.revision)
        return show(
            request, page, "pledge_form", pledge_form=again, elsewhere=other.text, status=409
        )
    if request.htmx:
        return saved(mine.revision)
    messages.success(request, _("Your pledge is kept."))
    return _back(slug)


@require_http_methods(["GET", "POST"])
@partner_required
def pledge_share(request: PartnerRequest, slug: str) -> HttpResponse:
    """First the exact words as the other would see them, then the act."""
    principle, other = principle_or_404(request.partner, slug), request.partner.other()
    mine = _mine(request, slug).first()
    changed = False
    if request.method == "POST" and mine is not None and other is not None:
        try:
            if request.POST.get("reader") != str(other.pk):
                raise NotAsSeen
            mine.share(request.partner, other, seen=number(request.POST.get("revision")))
        except NotAsSeen:
            changed = True
            mine.refresh_from_db()
        else:
            said = _("%(name)s can read these words now.") % {"name": other.name}
            messages.success(request, said)
            return _back(slug)
    given = _given(request, slug)
    return render(
        request,
        "principles/pledges/pledge_share.html",
        {
            "principle": principle,
            "pledge": mine,
            "other": other,
            "given": given.first(),
            "changed": changed,
        },
        status=409 if changed else 200,
    )


@require_POST
@partner_required
def pledge_take_back(request: PartnerRequest, slug: str) -> HttpResponse:
    for given in _given(request, slug):
        given.take_back()
        messages.success(
            request,
            _("From now on only you can read it. What was read was read."),
        )
    return _back(slug)


def _mine(request: PartnerRequest, slug: str) -> QuerySet[Pledge]:
    principle_or_404(request.partner, slug)
    return Pledge.objects.visible_to(request.partner).filter(principle=slug)


def _given(request: PartnerRequest, slug: str) -> QuerySet[SharedPledge]:
    principle_or_404(request.partner, slug)
    visible = SharedPledge.objects.visible_to(request.partner)
    return visible.filter(partner=request.partner, principle=slug)


def _back(slug: str) -> HttpResponse:
    return redirect(reverse("principles:principle", args=[slug]) + "#pledge")
