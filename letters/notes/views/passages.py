from uuid import UUID

from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from couples.autosave import EditConflict, saved
from couples.forms import uuid
from couples.web.decorators import PartnerRequest, partner_required
from letters.letter.models.letter import Letter
from letters.notes.forms import PassageForm
from letters.notes.models.passage import OnItsWay, Passage


@require_http_methods(["GET", "HEAD", "POST"])
@partner_required
def passage(request: PartnerRequest, pk: UUID) -> HttpResponse:
    """Read it; kept as it is typed."""
    if request.method != "POST":
        return _passage(request, _letter(request, pk))
    letter = _writable(request, pk)
    form = PassageForm(request.POST, auto_id="passage-%s")
    context = {"letter": letter, "form": form}
    if not form.is_valid():
        return _draft(request, context, 422)
    try:
        kept = Passage.keep(letter, request.user, form.cleaned_data["text"], *form.known)
    except EditConflict as changed:
        context["form"] = form.based_on(changed.current.revision)
        return _draft(request, context | {"elsewhere": changed.current.text}, 409)
    if not request.htmx:
        return redirect("letters:passage", letter.pk)
    return saved(kept.revision)


@require_POST
@partner_required
def passage_take(request: PartnerRequest, pk: UUID) -> HttpResponse:
    """The blocks to be put into the letter by the page, and the name of this placing. 409 with the
    passage as it is now where nothing may be inserted."""
    letter = _writable(request, pk)
    base, again = _whole(request, "revision"), uuid(request.POST.get("again"))
    try:
        taken = Passage.take(letter, request.user, base, again)
    except (EditConflict, OnItsWay):
        return _passage(request, letter, status=409)
    blocks = [[block.kind.value, block.text] for block in taken.blocks]
    return JsonResponse({"placing": str(taken.placing), "blocks": blocks})


@require_POST
@partner_required
def passage_placed(request: PartnerRequest, pk: UUID) -> HttpResponse:
    """The page says that the letter is saved; the letter itself is asked."""
    letter = _writable(request, pk)
    if placing := uuid(request.POST.get("placing")):
        Passage(letter=letter, person=request.user).settle(placing)
    return _passage(request, letter)


@require_POST
@partner_required
def passage_discard(request: PartnerRequest, pk: UUID) -> HttpResponse:
    letter = _writable(request, pk)
    if placing := uuid(request.POST.get("placing")):
        Passage(letter=letter, person=request.user).discard(placing)
    return _passage(request, letter)


def _letter(request: PartnerRequest, pk: UUID) -> Letter:
    """A joint letter that is open to this person, or one for which they once wrote something:
    private words stay with their author."""
    joint = Letter.objects.joint().with_couple()
    letter = joint.visible_to(request.partner).filter(pk=pk).first()
    if letter is None:
        mine = Passage.objects.visible_to(request.partner).filter(letter=pk)
        letter = get_object_or_404(joint, pk__in=mine.values("letter"))
    return letter


def _writable(request: PartnerRequest, pk: UUID) -> Letter:
    joint = Letter.objects.joint().writable_by(request.partner).with_couple()
    return get_object_or_404(joint, pk=pk)


def _passage(request: PartnerRequest, letter: Letter, status: int = 200) -> HttpResponse:
    passage = Passage.of(letter, request.user)
    context = {"letter": letter, "passage": passage, "form": PassageForm.of(passage)}
    template = "letters/notes/passage.html#quiet" if request.htmx else "letters/notes/passage.html"
    return render(request, template, context, status=status)


def _draft(request: PartnerRequest, context: dict[str, object], status: int) -> HttpResponse:
    template = "letters/notes/passage.html#draft" if request.htmx else "letters/notes/passage.html"
    return render(request, template, context, status=status)


def _whole(request: PartnerRequest, name: str) -> int:
    try:
        return int(request.POST.get(name, ""))
    except ValueError:
        raise Http404 from None
