from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from couples.web.decorators import PartnerRequest, partner_required
from letters.reflection import blueprint as catalog
from letters.reflection.models import Reflection
from letters.reflection.views.questions import filled


def _written(request: PartnerRequest) -> dict[str, str]:
    mine = Reflection.objects.visible_to(request.partner).filter(question__in=catalog.PROMPTS)
    return {each.question: each.text for each in mine if each.text.strip()}


@require_safe
@partner_required
def blueprint(request: PartnerRequest) -> HttpResponse:
    written = _written(request)
    pages = [
        (page, any(prompt.slug in written for prompt in page.prompts)) for page in catalog.PAGES
    ]
    return render(
        request, "letters/reflection/blueprint.html", {"pages": pages, "anything": bool(written)}
    )


@require_safe
@partner_required
def blueprint_page(request: PartnerRequest, slug: str) -> HttpResponse:
    page = catalog.get(slug)
    if page is None:
        raise Http404
    number = catalog.PAGES.index(page)
    context = {
        "page": page,
        "forms": filled(request, page.prompts),
        "previous": catalog.PAGES[number - 1] if number else None,
        "next": catalog.PAGES[number + 1] if number + 1 < len(catalog.PAGES) else None,
    }
    return render(request, "letters/reflection/blueprint_page.html", context)


@require_safe
@partner_required
def blueprint_way_in(request: PartnerRequest) -> HttpResponse:
    """For men who were taught not to. A first line that is chosen stands in the field and is kept
    once it is written on."""
    [(prompt, form)] = filled(request, (catalog.WAY_IN,))
    start = request.GET.get("start", "")
    if start.isdecimal() and int(start[:2]) < len(catalog.FIRST_LINES):
        line = str(catalog.FIRST_LINES[int(start[:2])]).removesuffix("…")
        kept = str(form.initial["text"])
        form.initial["text"] = f"{kept.rstrip()}\n\n{line}" if kept.strip() else line
    context = {"question": prompt, "form": form, "first_lines": catalog.FIRST_LINES}
    return render(request, "letters/reflection/blueprint_way_in.html", context)


@require_safe
@partner_required
def blueprint_paper(request: PartnerRequest) -> HttpResponse:
    """Everything written here on one page, to print and take along."""
    written = _written(request)
    asked = [(page.title, page.prompts) for page in catalog.PAGES]
    asked.append((catalog.WAY_IN.text, (catalog.WAY_IN,)))
    parts = [
        (title, [(each, written[each.slug]) for each in prompts if each.slug in written])
        for title, prompts in asked
    ]
    context = {
        "parts": [part for part in parts if part[1]],
        "today": timezone.localdate(),
    }
    return render(request, "letters/reflection/blueprint_paper.html", context)
