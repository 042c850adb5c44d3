"""Everything that two people hold to, on one sheet: to read, to print, to take along."""

from collections.abc import Sequence

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from couples.pdf import client as pdf
from couples.pdf.client import direction
from couples.web.decorators import PartnerRequest, partner_required
from principles.agreements.models.wording import Wording
from principles.agreements.parts import parts


@require_safe
@partner_required
def ours(request: PartnerRequest) -> HttpResponse:
    held = _held(request)
    return render(
        request,
        "principles/agreements/ours.html",
        {
            "rows": [(each, parts(each)) for each in held],
            "unset": pdf.unset(_sheet(held)),
        },
    )


@require_safe
@partner_required
def ours_text(request: PartnerRequest) -> HttpResponse:
    lines = [_("What we hold to"), date_format(timezone.localdate(), "j F Y"), ""]
    for wording in _held(request):
        lines += [str(wording.agreement.as_principle.name), wording.text]
        lines += [f"{part.label}: {part.text}" for part in parts(wording)]
        lines += [
            _("Signed by %(name)s on %(day)s")
            % {
                "name": line.name,
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
    """The sheet for the fridge; where no PDF can be made, the page says how else."""
    try:
        content = pdf.to_pdf(_sheet(_held(request)))
    except pdf.NoPdf as reason:
        return render(
            request, "principles/agreements/ours_no_pdf.html", {"later": reason.later}, status=503
        )
    return HttpResponse(
        content,
        content_type="application/pdf",
        headers={"Content-Disposition": 'attachment; filename="ours.pdf"'},
    )


def _sheet(held: Sequence[Wording]) -> str:
    def paragraph(css_class: str, text: str) -> SafeString:
        return format_html('<p class="{}" dir="{}">{}</p>', css_class, direction(text), text)

    def section(wording: Wording) -> SafeString:
        shown = parts(wording)
        names = " · ".join(line.name for line in wording.lines())
        since = wording.held_since
        day = date_format(timezone.localtime(since), "j F Y") if since else ""
        return format_html(
            '<div class="held"><h2>{}</h2>{}{}{}</div>',
            wording.agreement.as_principle.name,
            paragraph("words", wording.text),
            format_html_join(
                "", "{}", ((paragraph("part", f"{part.label}: {part.text}"),) for part in shown)
            ),
            paragraph("signed", f"{names}, {day}"),
        )

    return format_html(
        '<!doctype html><html lang="{}"><meta charset="utf-8"><title>{}</title>'
        '<body class="ours"><h1>{}</h1>{}</body></html>',
        get_language() or settings.LANGUAGE_CODE,
        _("What we hold to"),
        _("What we hold to"),
        format_html_join("", "{}", ((section(wording),) for wording in held)),
    )


def _held(request: PartnerRequest) -> list[Wording]:
    """With the names of both, and their signatures."""
    return Wording.objects.in_force(request.partner.couple)
