from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from couples.models import Partner
from couples.web.decorators import PartnerRequest, partner_required
from letters.letter.access import find_letter
from letters.letter.models import authors
from letters.text import document
from letters.text.document import Block, Run

type People = Mapping[UUID | None, Partner]


@require_safe
@partner_required
def letter_authors(request: PartnerRequest, pk: UUID) -> HttpResponse:
    letter = find_letter(request, pk)
    if letter.couple is None:
        raise Http404
    people: People = {partner.user_id: partner for partner in letter.couple.people}
    blocks = authors.read(letter, request.user)
    context = {
        "letter": letter,
        "people": people.values(),
        "html": paragraphs(blocks, people),
        "unknown": any(run.person_id not in people for block in blocks for run in block.runs),
    }
    return render(request, "letters/letter/authors.html", context)


def paragraphs(blocks: Iterable[Block], people: People) -> SafeString:
    return format_html_join("\n", "{}", ((each,) for each in _paragraphs(blocks, people)))


def _paragraphs(blocks: Iterable[Block], people: People) -> Iterator[SafeString]:
    """The letter as it is read. Eyes see a line under the words; ears are told a name wherever
    another person begins to speak."""
    last: Partner | None = None
    for block in blocks:
        passages = []
        present = []
        for by, runs in groupby(block.runs, key=lambda run: people.get(run.person_id)):
            present.append(by)
            passages.append(_passage(by, runs, speaks=by != last))
            last = by
        # The bar beside a line has the colour of its author.
        alone = present[0] if len(present) == 1 else None
        css_class = " ".join(
            filter(None, (document.CSS_CLASS.get(block.kind), alone.who if alone else None))
        )
        yield format_html(
            '<p class="{}" dir="auto">{}</p>', css_class, format_html_join("", "{}", passages)
        )


def _passage(by: Partner | None, runs: Iterable[Run], *, speaks: bool) -> tuple[SafeString]:
    words = "".join(document.inline(Run(run.text, run.marks)) for run in runs)
    html = mark_safe(words)  # noqa: S308 # escaped there
    if by is not None:
        html = format_html('<span class="by {}">{}</span>', by.who, html)
    if speaks:
        name = _("%(name)s wrote:") % {"name": by.name} if by else _("There from the beginning:")
        html = format_html('<span class="visually-hidden">{} </span>{}', name, html)
    return (html,)
