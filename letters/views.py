from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from couples.http import PartnerRequest, partner_required
from letters import document
from letters import questions as catalog
from letters.forms import AnswerForm
from letters.models import Letter, Reflection, Share
from letters.models import reflection as answers
from letters.models import share as shares
from letters.models.letter import NotTogether


@require_safe
@partner_required
def letters(request: PartnerRequest) -> HttpResponse:
    given = list(Share.objects.visible_to(request.partner).newest_of_each_letter())
    mine = list(Letter.objects.visible_to(request.partner).order_by("-created_at"))
    context = {
        "joint": [letter for letter in mine if not letter.is_personal],
        "personal": [letter for letter in mine if letter.is_personal],
        "given_by_other": [share for share in given if share.giver_id != request.partner.pk],
        "given_by_me": {share.letter_id for share in given if share.giver_id == request.partner.pk},
        "answered": Reflection.objects.visible_to(request.partner).count(),
        "questions": len(catalog.QUESTIONS),
    }
    template = "letters/letters.html#list" if request.htmx else "letters/letters.html"
    return render(request, template, context)


# -- Finding the words ---------------------------------------------------------------------------


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


# -- Letters -------------------------------------------------------------------------------------


@require_POST
@partner_required
def letter_begin(request: PartnerRequest) -> HttpResponse:
    return redirect("letters:letter", Letter.begin_personal(request.user).pk)


@require_POST
@partner_required
def letter_begin_joint(request: PartnerRequest) -> HttpResponse:
    try:
        joint = Letter.begin_joint(request.partner.workspace)
    except NotTogether:
        messages.info(request, _("A letter written together takes two. Your own is here for you."))
        return redirect("letters:letters")
    return redirect("letters:letter", joint.pk)


@require_safe
@partner_required
def letter(request: PartnerRequest, pk: UUID) -> HttpResponse:
    letter = _find(request, pk)
    if not letter.is_writable:
        return redirect("letters:letter_read", pk)
    context = {
        "letter": letter,
        "letter_html": document.to_html(document.blocks(document.load(letter))),
        "presence": "on" if not letter.is_personal else "off",
        "answers": [
            (catalog.get(answer.question), answer.lines)
            for answer in Reflection.objects.visible_to(request.partner)
            if answer.lines
        ],
    }
    return render(request, "letters/letter.html", context)


@require_safe
@partner_required
def letter_read(request: PartnerRequest, pk: UUID) -> HttpResponse:
    letter = _find(request, pk)
    html = document.to_html(document.blocks(document.load(letter)))
    return render(request, "letters/read.html", {"letter": letter, "html": html})


@require_http_methods(["GET", "POST"])
@partner_required
def letter_share(request: PartnerRequest, pk: UUID) -> HttpResponse:
    """Preview the exact words, then give exactly these."""
    letter = _find(request, pk)
    if not letter.is_personal:
        raise Http404
    if request.partner.is_alone:
        return render(request, "letters/share_alone.html", {"letter": letter})
    changed = False
    if request.method == "POST":
        try:
            share = Share.give(letter, request.partner, request.POST.get("digest", ""))
        except NotTogether:
            return redirect("letters:letter_share", letter.pk)
        except shares.Changed:
            changed = True
        else:
            return redirect("letters:share", share.pk)
    blocks = document.blocks(document.load(letter))
    context = {
        "letter": letter,
        "html": document.to_html(blocks),
        "digest": document.digest(blocks),
        "changed": changed,
    }
    return render(request, "letters/share.html", context, status=409 if changed else 200)


@require_safe
@partner_required
def share(request: PartnerRequest, pk: UUID) -> HttpResponse:
    share = get_object_or_404(
        Share.objects.visible_to(request.partner).select_related("giver__user", "recipient__user"),
        pk=pk,
    )
    return render(request, "letters/shared.html", {"share": share})


def _find(request: PartnerRequest, pk: UUID) -> Letter:
    return get_object_or_404(Letter.objects.visible_to(request.partner).with_seats(), pk=pk)
