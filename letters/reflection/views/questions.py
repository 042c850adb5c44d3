"""The six questions, all on one page or one at a time, and saving whatever is answered."""

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from couples.autosave import EditConflict, saved
from couples.web.decorators import PartnerRequest, partner_required
from letters.reflection import blueprint, breath
from letters.reflection import questions as catalog
from letters.reflection.forms import AnswerForm
from letters.reflection.models import Asked, Reflection


@require_safe
@partner_required
@breath.lies_before
def questions(request: PartnerRequest) -> HttpResponse:
    asked = filled(request, catalog.QUESTIONS)
    return render(request, "letters/reflection/questions.html", {"forms": asked})


def filled[T: Asked](request: PartnerRequest, asked: tuple[T, ...]) -> list[tuple[T, AnswerForm]]:
    """A form for each, with what is kept of it."""
    mine = Reflection.objects.visible_to(request.partner)
    kept = {each.question: each for each in mine.filter(question__in=[one.slug for one in asked])}
    return [(each, AnswerForm.for_question(each, kept.get(each.slug))) for each in asked]


@require_http_methods(["GET", "HEAD", "POST"])
@partner_required
def answer(request: PartnerRequest, slug: str) -> HttpResponse:
    """One question on a page of its own; a POST keeps the answer as it is typed, and those of the
    inner blueprint as well. The page's own Save button comes here, too."""
    asked = catalog.get(slug) or blueprint.PROMPTS.get(slug)
    if asked is None:
        raise Http404
    if request.method == "POST":
        return _keep(request, asked)
    if catalog.get(slug) is None:
        return redirect(_page_of(slug))
    return _one(request, slug)


@breath.lies_before
def _one(request: PartnerRequest, slug: str) -> HttpResponse:
    forms = filled(request, catalog.QUESTIONS)
    number = next(i for i, (question, _form) in enumerate(forms) if question.slug == slug)
    question, form = forms[number]
    context = {
        "question": question,
        "form": form,
        "alone": True,
        "number": number + 1,
        "index": [
            (i, each, bool(one.initial["text"])) for i, (each, one) in enumerate(forms, start=1)
        ],
        "previous": forms[number - 1][0] if number else None,
        "next": forms[number + 1][0] if number + 1 < len(forms) else None,
    }
    return render(request, "letters/reflection/question.html", context)


def _keep(request: PartnerRequest, asked: Asked) -> HttpResponse:
    form = AnswerForm(request.POST, auto_id=f"{asked.slug}-%s")
    context = {
        "question": asked,
        "form": form,
        "alone": "alone" in request.POST,
        "back": _page_of(asked.slug),
    }
    if not form.is_valid():
        return _answer_page(request, context, 422)
    try:
        kept = Reflection.answer(request.user, asked, form.cleaned_data["text"], *form.known)
    except EditConflict as changed:
        context["form"] = form.based_on(changed.current.revision)
        return _answer_page(request, context | {"elsewhere": changed.current.text}, 409)
    if request.htmx:
        return saved(kept.revision)
    then = catalog.get(request.POST.get("then", ""))
    if then is not None:
        return redirect("letters:answer", then.slug)
    if context["alone"]:
        return redirect("letters:answer", asked.slug)
    return redirect(_page_of(asked.slug))


def _page_of(slug: str) -> str:
    """Where this is asked among others."""
    if catalog.get(slug) is not None:
        return reverse("letters:questions") + f"#{slug}"
    page = blueprint.page_of(slug)
    if page is None:
        return reverse("letters:blueprint_way_in")
    return reverse("letters:blueprint_page", args=[page.slug]) + f"#{slug}"


def _answer_page(request: PartnerRequest, context: dict[str, object], status: int) -> HttpResponse:
    template = (
        "letters/reflection/_answer.html" if request.htmx else "letters/reflection/answer.html"
    )
    return render(request, template, context, status=status)
