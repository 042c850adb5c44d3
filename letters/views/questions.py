from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from couples.http import PartnerRequest, partner_required
from letters import questions as catalog
from letters.forms import AnswerForm
from letters.models import Reflection
from letters.models import reflection as answers


@require_safe
@partner_required
def questions(request: PartnerRequest) -> HttpResponse:
    kept = {answer.question: answer for answer in Reflection.objects.visible_to(request.partner)}
    forms = [
        (question, AnswerForm.for_question(question, kept.get(question.slug)))
        for question in catalog.QUESTIONS
    ]
    return render(request, "letters/questions.html", {"forms": forms})


@require_POST
@partner_required
def answer(request: PartnerRequest, slug: str) -> HttpResponse:
    """Keep an answer as it is typed; the page's own Save button comes here, too."""
    question = catalog.get(slug)
    if question is None:
        raise Http404
    form = AnswerForm(request.POST, auto_id=f"{slug}-%s")
    context = {"question": question, "form": form}
    if not form.is_valid():
        return _answer_page(request, context, 422)
    try:
        said = form.cleaned_data
        kept = Reflection.answer(
            request.user, question, said["text"], said["revision"], said["window"]
        )
    except answers.Changed as changed:
        # The next save is a choice made with both texts in view.
        context["form"] = form.based_on(changed.current)
        return _answer_page(request, context | {"elsewhere": changed.current.text}, 409)
    if not request.htmx:
        return redirect("letters:questions")
    return HttpResponse(headers={"X-Revision": str(kept.revision)})


def _answer_page(request: PartnerRequest, context: dict[str, object], status: int) -> HttpResponse:
    template = "letters/questions.html#answer" if request.htmx else "letters/answer.html"
    return render(request, template, context, status=status)
