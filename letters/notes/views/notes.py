"""Notes beside a joint letter. The open letter asks for the list and sends its forms by script;
everybody else gets a page."""

from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from couples.refusals import Full
from couples.web.decorators import PartnerRequest, partner_required
from letters.letter.models.letter import Letter
from letters.notes.forms import NoteForm, RemarkForm
from letters.notes.models.note import Note, Remark, Taken, in_order
from letters.text import document


@require_safe
@partner_required
def notes(request: PartnerRequest, pk: UUID) -> HttpResponse:
    joint = Letter.objects.joint().visible_to(request.partner).with_couple()
    return _notes(request, get_object_or_404(joint, pk=pk))


@require_POST
@partner_required
def note_leave(request: PartnerRequest, pk: UUID) -> HttpResponse:
    joint = Letter.objects.joint().writable_by(request.partner).with_couple()
    letter = get_object_or_404(joint, pk=pk)
    about, words = NoteForm(request.POST), RemarkForm(request.POST)
    if not about.is_valid():
        return HttpResponse(status=400)
    kind, quote = about.cleaned_data["kind"], about.cleaned_data["quote"]
    if not words.is_valid() and (kind == Note.Kind.COMMENT or "id" in words.errors):
        return _refused(request, words, letter)
    cleaned = words.cleaned_data
    try:
        Note.leave(letter, request.partner, cleaned["id"], kind, quote, cleaned.get("text", ""))
    except Taken:
        return HttpResponse(status=400)
    except Full as full:
        return _no_room(request, words, letter, full)
    return _done(request, letter)


@require_POST
@partner_required
def note_reply(request: PartnerRequest, pk: UUID) -> HttpResponse:
    note = _note(request, pk)
    if not note.is_thread:
        raise Http404
    form = RemarkForm(request.POST)
    if not form.is_valid():
        return _refused(request, form, note.letter)
    try:
        note.reply(request.partner, form.cleaned_data["id"], form.cleaned_data["text"])
    except Taken:
        return HttpResponse(status=400)
    except Full as full:
        return _no_room(request, form, note.letter, full)
    return _done(request, note.letter)


@require_POST
@partner_required
def note_resolve(request: PartnerRequest, pk: UUID) -> HttpResponse:
    note = _note(request, pk)
    if not note.is_thread:
        raise Http404
    note.resolve(request.partner)
    return _done(request, note.letter)


@require_POST
@partner_required
def note_reopen(request: PartnerRequest, pk: UUID) -> HttpResponse:
    note = _note(request, pk)
    note.reopen()
    return _done(request, note.letter)


@require_POST
@partner_required
def note_take_back(request: PartnerRequest, pk: UUID) -> HttpResponse:
    """A reaction, by whoever left it."""
    note = _note(request, pk)
    if note.is_thread or note.author_id != request.partner.pk:
        raise Http404
    note.take_back()
    return _done(request, note.letter)


@require_POST
@partner_required
def remark_change(request: PartnerRequest, pk: UUID) -> HttpResponse:
    remark = _remark(request, pk)
    form = RemarkForm({"id": pk, "text": request.POST.get("text", "")})
    if not form.is_valid():
        return _refused(request, form, remark.note.letter)
    remark.change(form.cleaned_data["text"])
    return _done(request, remark.note.letter)


@require_POST
@partner_required
def remark_take_back(request: PartnerRequest, pk: UUID) -> HttpResponse:
    remark = _remark(request, pk)
    remark.take_back()
    return _done(request, remark.note.letter)


def _note(request: PartnerRequest, pk: UUID) -> Note:
    notes = Note.objects.open_to(request.partner).select_related("letter__couple")
    return get_object_or_404(notes, pk=pk)


def _remark(request: PartnerRequest, pk: UUID) -> Remark:
    """Nobody changes the other's words."""
    return get_object_or_404(Remark.objects.of_author(request.partner), pk=pk)


def _done(request: PartnerRequest, letter: Letter) -> HttpResponse:
    return _notes(request, letter) if request.htmx else redirect("letters:notes", letter.pk)


def _notes(request: PartnerRequest, letter: Letter) -> HttpResponse:
    """The open letter knows the order of its text itself, and which words are still there."""
    found = Note.objects.of(letter)
    context = {
        "letter": letter,
        "open": [note for note in found if note.resolved_at is None],
        "resolved": [note for note in found if note.resolved_at is not None],
    }
    if request.htmx:
        return render(request, "letters/notes/notes.html#list", context | {"live": True})
    context["open"] = in_order(found, document.blocks(letter.load(request.user), noted=True))
    return render(request, "letters/notes/notes.html", context)


def _no_room(request: PartnerRequest, form: RemarkForm, letter: Letter, full: Full) -> HttpResponse:
    form.errors.clear()
    form.add_error("text", str(full.sentence))
    return _refused(request, form, letter)


def _refused(request: PartnerRequest, form: RemarkForm, letter: Letter) -> HttpResponse:
    """What is wrong, in one sentence beside the field or on a page with what was typed."""
    if request.htmx:
        errors = [str(error) for each in form.errors.values() for error in each]
        return HttpResponse(errors[0], status=422, content_type="text/plain; charset=utf-8")
    context = {"form": form, "letter": letter, "action": request.path}
    return render(request, "letters/notes/remark.html", context, status=422)
