from collections.abc import Sequence
from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from couples.pdf.client import NoPdf
from couples.web.decorators import PartnerRequest, UserRequest, partner_required, user_required
from letters.export.keepsake import Aside, Keepsake
from letters.giving.models.opening import Opening, Stage
from letters.giving.models.share import Share, read
from letters.letter.access import find_letter
from letters.letter.models.letter import Letter
from letters.notes.models.note import Note, in_order
from letters.sealing.models import Seal
from letters.text import document
from letters.text.document import Block

TYPES = {
    "pdf": "application/pdf",
    "md": "text/markdown; charset=utf-8",
    "txt": "text/plain; charset=utf-8",
}


@require_safe
@partner_required
def letter_keep(request: PartnerRequest, pk: UUID, form: str) -> HttpResponse:
    """The letter as a file; with `?notes=1` what stands beside a joint one comes along."""
    letter = find_letter(request, pk)
    noted = "notes" in request.GET and not letter.is_personal
    blocks = document.blocks(letter.load(request.user), noted=noted)
    keepsake = Keepsake(blocks, notes=asides(letter, blocks) if noted else ())
    return as_file(request, keepsake, form, reverse("letters:letter_read", args=[pk]))


@require_safe
@partner_required
def share_keep(request: PartnerRequest, pk: UUID, form: str) -> HttpResponse:
    given = Share.objects.visible_to(request.partner).given().select_related("giver__user")
    share = get_object_or_404(given, pk=pk)
    under = _("Given by %(name)s on %(date)s.") % {
        "name": share.giver.name,
        "date": date_format(localtime(share.shared_at), "j F Y"),
    }
    keepsake = Keepsake(share.blocks, under)
    return as_file(request, keepsake, form, reverse("letters:share", args=[pk]))


@require_safe
@partner_required
def opening_keep(request: PartnerRequest, pk: UUID, form: str) -> HttpResponse:
    """A letter that waited, once this person has opened it."""
    waiting = Opening.objects.visible_to(request.partner)
    opening = get_object_or_404(waiting.select_related("giver__user", "recipient__user"), pk=pk)
    if opening.stage_for(request.partner, timezone.now()) is not Stage.OPENED:
        raise Http404
    keepsake = Keepsake(read(opening.words))
    return as_file(request, keepsake, form, reverse("letters:opening", args=[pk]))


@require_safe
@user_required
def seal_keep(request: UserRequest, pk: UUID, form: str) -> HttpResponse:
    """What two sealed, for both of them, wherever they live now."""
    seal = get_object_or_404(Seal.objects.signed_by(request.user).with_signatures(), pk=pk)
    names = [signature.name for signature in seal.signatures.all()]
    under = _("Sealed by %(one)s and %(two)s on %(date)s.") % {
        "one": names[0],
        "two": names[1],
        "date": date_format(localtime(seal.sealed_at), "j F Y"),
    }
    keepsake = Keepsake(seal.blocks, under)
    return as_file(request, keepsake, form, reverse("letters:letters"))


def asides(letter: Letter, blocks: Sequence[Block]) -> list[Aside]:
    """What stands beside the letter, numbered as its words come."""
    quietly = {Note.Kind.HEART: _("a heart"), Note.Kind.MORE: _("tell me more")}
    return [
        Aside(
            str(note.pk),
            note.number,
            note.quote,
            [(remark.author.name, remark.text) for remark in note.remarks]
            if note.is_thread
            else [(note.author.name, quietly[Note.Kind(note.kind)])],
        )
        for note in in_order(Note.objects.of(letter), blocks)
    ]


def as_file(request: UserRequest, keepsake: Keepsake, form: str, back: str) -> HttpResponse:
    """The download. Its name says nothing of what is in it. `back` is the page that shows it."""
    match form:
        case "txt":
            content: str | bytes = keepsake.to_text()
        case "md":
            content = keepsake.to_markdown()
        case "pdf":
            try:
                content = keepsake.to_pdf()
            except NoPdf as reason:
                context = {"back": back, "later": reason.later, "here": request.path[: -len(form)]}
                return render(request, "letters/export/keepsake_no_pdf.html", context, status=503)
        case _:
            raise Http404
    response = HttpResponse(content, content_type=TYPES[form])
    response["Content-Disposition"] = f'attachment; filename="letter.{form}"'
    return response
