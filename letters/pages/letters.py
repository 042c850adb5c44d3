from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.timezone import localdate, localtime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from couples.forms import number
from couples.kept.addresses import or_kept
from couples.models import Couple, Partner
from couples.pdf import client as pdf
from couples.prepared import prepared
from couples.refusals import NotTogether
from couples.web.decorators import PartnerRequest, partner_required
from couples.web.once import once
from letters.giving.models.opening import Opening
from letters.giving.models.reveal import Choice
from letters.giving.models.share import Share
from letters.giving.views.shares import find_own_letter
from letters.letter.access import find_letter
from letters.letter.models import authors
from letters.letter.models.letter import Letter
from letters.notes.models.note import Note, in_order
from letters.notes.models.passage import Passage
from letters.reflection import breath, lines
from letters.reflection import questions as catalog
from letters.reflection.models import Reflection
from letters.text import document

our_letter_or_kept = or_kept(lambda pk: Couple.objects.filter(letters=pk), "our-letter")

# So many lie on top of each pile; the others are one page further, and so many on each.
FEW = 7
PAGE = 100


class Pile[T](NamedTuple):
    """Letters of one kind, newest first, and how many older ones there are."""

    top: Sequence[T]
    below: int

    @classmethod
    def of(cls, letters: Sequence[T], page: int) -> "Pile[T]":
        """Those of a page; before the first page there are only a few."""
        first, last = ((page - 1) * PAGE, page * PAGE) if page else (0, FEW)
        return cls(letters[first:last], max(0, len(letters) - last))


def _begun(own: Sequence[Letter]) -> dict[UUID, str]:
    """The day of each, by which one tells them apart; with the hour, where a day saw several."""
    days = Counter(localdate(letter.created_at) for letter in own)
    return {
        letter.pk: date_format(
            localtime(letter.created_at),
            "j F Y" if days[localdate(letter.created_at)] == 1 else "j F Y, H:i",
        )
        for letter in own
    }


@prepared
def _given(partner: Partner) -> QuerySet[Share]:
    return Share.objects.visible_to(partner).newest_of_each_letter().defer("words")


@prepared
def _letters(partner: Partner) -> QuerySet[Letter]:
    return Letter.objects.visible_to(partner).with_people().order_by("-created_at")


@prepared
def _left_over(partner: Partner) -> QuerySet[Passage]:
    return Passage.objects.left_over(partner)


@require_safe
@partner_required
def letters(request: PartnerRequest) -> HttpResponse:
    """The newest letters; with `?all` each pile whole, with `?all=2` what comes after that."""
    page = max(1, number(request.GET["all"])) if "all" in request.GET else 0
    given = _given(request.partner)
    mine = _letters(request.partner)
    joint = [letter for letter in mine if not letter.is_personal]
    own = [letter for letter in mine if letter.is_personal]
    when = _begun(own)
    given_by_me = {
        share.letter_id: share for share in given if share.giver_id == request.partner.pk
    }
    context = {
        "joint": next((letter for letter in joint if letter.is_writable), None),
        "past": Pile.of(
            [
                (letter, letter.couple.other_than(request.partner))
                for letter in joint
                if letter.couple and not letter.is_writable
            ],
            page,
        ),
        "personal": Pile.of(
            [(letter, given_by_me.get(letter.pk), when[letter.pk]) for letter in own], page
        ),
        "given_by_other": Pile.of(
            [share for share in given if share.giver_id != request.partner.pk], page
        ),
        "anything_given": bool(given),
        "page": page,
        "next_page": page + 1,
        "quietly": [each for each in _left_over(request.partner) if each.text.strip()],
        "openings": Opening.listed_for(request.partner, timezone.now()),
        "answered": Reflection.objects.visible_to(request.partner).answers().count(),
        "questions": len(catalog.QUESTIONS),
    }
    template = "letters/letter/letters.html#list" if request.htmx else "letters/letter/letters.html"
    return render(request, template, context)


@require_POST
@partner_required
@once
def letter_begin(request: PartnerRequest) -> HttpResponse:
    return redirect("letters:letter", Letter.begin_personal(request.user).pk)


@require_POST
@partner_required
def letter_delete(request: PartnerRequest, pk: UUID) -> HttpResponse:
    """A letter of one's own, with its versions. What was given of it stays with the other."""
    letter = find_own_letter(request, pk)
    for choice in Choice.objects.filter(letter=letter).select_related("reveal__couple"):
        choice.reveal.unready(request.partner)
    letter.delete()
    messages.success(request, _("Gone, for good."))
    return redirect("letters:letters")


@require_POST
@partner_required
def letter_begin_joint(request: PartnerRequest) -> HttpResponse:
    try:
        joint = Letter.begin_joint(request.partner)
    except NotTogether:
        messages.info(request, _("A letter written together takes two. Your own is here for you."))
        return redirect("letters:letters")
    return redirect("letters:letter", joint.pk)


@require_POST
@partner_required
@once
def letter_again(request: PartnerRequest, pk: UUID) -> HttpResponse:
    """Two who have come back together begin with the words that their letter had."""
    kept = Letter.objects.joint().filter(couple__in=Couple.objects.kept_by(request.user))
    before = get_object_or_404(kept.with_people(), pk=pk)
    now = before.couple.together_again() if before.couple else None
    if now is None:
        raise NotTogether
    letter, is_new = Letter.grow(request.partner, now, authors.read(before))
    if not is_new:
        messages.info(request, _("You have an open letter already. Seal that one first."))
    return redirect("letters:letter", letter.pk)


@require_safe
@our_letter_or_kept
@partner_required
@breath.lies_before
def letter(request: PartnerRequest, pk: UUID) -> HttpResponse:
    letter = find_letter(request, pk)
    if not letter.is_writable:
        return redirect("letters:sealed" if letter.closed_at else "letters:letter_read", pk)
    context = {
        "letter": letter,
        "letter_html": document.to_html(document.blocks(letter.load(request.user))),
        "presence": "none"
        if letter.is_personal
        else ("on" if request.user.shows_presence else "off"),
        "lines": lines.own(request.partner),
    }
    return render(request, "letters/letter/letter.html", context)


@require_safe
@our_letter_or_kept
@partner_required
def letter_read(request: PartnerRequest, pk: UUID) -> HttpResponse:
    """The letter on paper; with `?notes=1` with what stands beside a joint one."""
    letter = find_letter(request, pk)
    noted = "notes" in request.GET and not letter.is_personal
    blocks = document.blocks(letter.load(request.user), noted=noted)
    notes = in_order(Note.objects.of(letter), blocks) if noted else []
    html = document.to_html_with_notes(blocks, {str(note.pk): note.number for note in notes})
    beside = [r.text + r.author.name for note in notes for r in note.remarks]
    context = {
        "letter": letter,
        "html": html,
        "notes": notes,
        "noted": noted,
        "unset": pdf.unset("".join([html, *beside])),
    }
    return render(request, "letters/letter/read.html", context)
