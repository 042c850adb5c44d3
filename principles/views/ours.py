"""Everything that two people hold to, on one sheet: to read, to print, to take along."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from couples.http import PartnerRequest, partner_required
from principles.models import Wording
from principles.shape import parts


@require_safe
@partner_required
def ours(request: PartnerRequest) -> HttpResponse:
    held = _held(request)
    return render(
        request,
        "principles/ours.html",
        {"rows": [(each, parts(each.words, each.agreement)) for each in held]},
    )


@require_safe
@partner_required
def ours_text(request: PartnerRequest) -> HttpResponse:
    lines = [_("What we hold to"), date_format(timezone.localdate(), "j F Y"), ""]
    for wording in _held(request):
        lines += [str(wording.agreement.as_principle.name), wording.text]
        lines += [f"{part.label}: {part.text}" for part in parts(wording.words, wording.agreement)]
        lines += [
            _("Signed by %(name)s on %(day)s")
            % {
                "name": line.partner.name,
                "day": date_format(timezone.localtime(line.signature.signed_at), "j F Y"),
            }
            for line in wording.lines()
            if line.signature
        ]
        lines.append("")
    return HttpResponse(
        "\n".join(lines),
        content_type="text/plain; charset=utf-8",
        headers={
            "Content-Disposition": 'attachment; filename="ours.txt"',
            "Cache-Control": "no-store, private",
        },
    )


@require_safe
@partner_required
def ours_pdf(request: PartnerRequest) -> HttpResponse:
    return redirect("principles:ours")


def _held(request: PartnerRequest) -> list[Wording]:
    """With the names of both, and their signatures."""
    return Wording.objects.binding(request.partner.workspace)
