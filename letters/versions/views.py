from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from couples.models.submission import Again
from couples.refusals import Full
from couples.web.decorators import PartnerRequest, partner_required
from couples.web.once import claim_of
from letters.letter.access import find_letter
from letters.text import difference, document
from letters.versions.models import LONGEST_NAME, Closed, Version

PAGE = 30


@require_http_methods(["GET", "POST"])
@partner_required
def versions(request: PartnerRequest, pk: UUID) -> HttpResponse:
    """What the letter said before, newest first; and a name for what it says now."""
    letter = find_letter(request, pk)
    Version.take_of_day(letter)
    error = ""
    name = " ".join(request.POST.get("name", "").split())
    if request.method == "POST" and letter.is_writable:
        if not name:
            error = _("Give it a name that you will know again.")
        elif len(name) > LONGEST_NAME:
            error = _("That is too long for a name: %(most)d characters fit.") % {
                "most": LONGEST_NAME
            }
        else:
            place = reverse("letters:versions", args=[pk])
            claim = claim_of(request, place)
            try:
                Version.take(letter, Version.Kind.NAMED, by=request.user, name=name, claim=claim)
            except Full as full:
                error = str(full.sentence)
            except Again:
                return redirect(place)  # pressed twice, it is kept once
            else:
                messages.success(request, _("Kept under that name."))
                return redirect(place)
    found = Version.objects.filter(letter=letter).defer("words", "packed").order_by("-number")
    page = Paginator(found.with_people().select_related("seal"), PAGE).get_page(
        request.GET.get("page")
    )
    context = {"letter": letter, "page": page, "error": error, "name": name}
    context["longest"] = LONGEST_NAME
    return render(request, "letters/versions/versions.html", context, status=422 if error else 200)


def find_version(request: PartnerRequest, pk: UUID, number: int) -> Version:
    visible = Version.objects.visible_to(request.partner).with_people()
    people = visible.select_related("letter__couple", "by", "restored", "seal")
    return get_object_or_404(people, letter=pk, number=number)


@require_safe
@partner_required
def version(request: PartnerRequest, pk: UUID, number: int) -> HttpResponse:
    """The letter as it was; with what changed since the version before, or until now."""
    version = find_version(request, pk, number)
    against = request.GET.get("against", "")
    before = version.before()
    if against == "before" and before is not None:
        changes = difference.blocks(before.blocks, version.blocks)
    elif against == "now":
        now = document.blocks(version.letter.load(request.user))
        changes = difference.blocks(version.blocks, now)
    else:
        against, changes = "", None
    context = {
        "version": version,
        "letter": version.letter,
        "before": before,
        "against": against,
        "changes": changes,
        "html": document.to_html(version.blocks) if changes is None else "",
    }
    return render(request, "letters/versions/version.html", context)


@require_POST
@partner_required
def version_delete(request: PartnerRequest, pk: UUID, number: int) -> HttpResponse:
    """Of a letter of one's own. In one of both, nobody takes what both could read."""
    version = find_version(request, pk, number)
    if not version.letter.is_personal:
        raise Http404
    version.delete()
    messages.success(request, _("Gone, for good."))
    return redirect("letters:versions", pk)


@require_POST
@partner_required
def version_restore(request: PartnerRequest, pk: UUID, number: int) -> HttpResponse:
    version = find_version(request, pk, number)
    try:
        restored = version.restore(request.user)
    except Closed:
        messages.info(request, _("The letter is not written on any more, so nothing was changed."))
        return redirect("letters:version", pk, number)
    if restored is None:
        messages.info(request, _("The letter says exactly this already."))
    else:
        messages.success(
            request, _("The letter says this again. What it said until now is a version, too.")
        )
    return redirect("letters:versions", pk)
