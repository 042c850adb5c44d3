"""The ten, and the page of one of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django.utils.functional import Promise
from django.views.decorators.http import require_GET

from couples.difference import Segment
from couples.forms import number
from couples.models import Couple, Partner
from couples.prepared import prepared
from couples.web.decorators import PartnerRequest, partner_required
from principles import catalog
from principles.agreements.forms import ProposalForm
from principles.agreements.models.own_principle import OwnPrinciple
from principles.agreements.models.wording import Wording
from principles.agreements.parts import Change
from principles.agreements.status_text import overtaken, stands
from principles.catalog import Principle
from principles.pages.principle import Page, load, principle_or_404
from principles.pledges.forms import PledgeForm
from principles.pledges.models import Pledge, SharedPledge


@dataclass(frozen=True)
class Row:
    """One of the ten in the list, as it stands for the one who looks."""

    principle: Principle
    wording: Wording | None
    stands: str
    pledge: Pledge | None
    given: SharedPledge | None
    received: SharedPledge | None

    @property
    def gist(self) -> str:
        """The first sentence of its essence, for as long as there are no words of their own."""
        first, stop, _rest = str(self.principle.essence).partition(".")
        return first + stop


@require_GET
@partner_required
def principles(request: PartnerRequest) -> HttpResponse:
    page = "principles/agreements/principles.html"
    return render(
        request,
        f"{page}#ten" if request.htmx else page,
        _ten_and_own(request.partner),
    )


def _ten_and_own(partner: Partner) -> dict[str, Any]:
    other = partner.other()
    couple = partner.couple
    ours = _own_principles(couple) if couple else []
    agreed = [own for own in ours if own.agreed_at and not own.retired_at]
    rows = _rows(partner, [*catalog.PRINCIPLES, *(own.principle for own in agreed)])
    ten = len(catalog.PRINCIPLES)
    return {
        "rows": rows[:ten],
        "own": list(zip(agreed, rows[ten:], strict=True)),
        "proposed": [own for own in ours if not own.agreed_at],
        "put_away": [own for own in ours if own.agreed_at and own.retired_at],
        "other": other,
    }


def _rows(partner: Partner, principles: Sequence[Principle]) -> list[Row]:
    other = partner.other()
    wordings: dict[str, Wording] = {}
    if other is not None:
        newest = _newest_wordings(partner.couple)
        wordings = {wording.agreement.principle: wording for wording in newest}
    pledges = {each.principle: each for each in _pledges(partner)}
    shared = _shared_pledges(partner)
    given = {each.principle: each for each in shared if each.partner_id == partner.pk}
    received = {each.principle: each for each in shared if each.reader_id == partner.pk}
    return [
        Row(
            principle=each,
            wording=wordings.get(each.slug),
            stands=stands(wordings.get(each.slug), partner, other) if other else "",
            pledge=pledges.get(each.slug),
            given=given.get(each.slug),
            received=received.get(each.slug),
        )
        for each in principles
    ]


@prepared
def _own_principles(couple: Couple) -> QuerySet[OwnPrinciple]:
    return couple.own_principles.select_related("couple")


@prepared
def _newest_wordings(couple: Couple | None) -> QuerySet[Wording]:
    return Wording.objects.of(couple).newest().with_signatures()


@prepared
def _pledges(partner: Partner) -> QuerySet[Pledge]:
    return Pledge.objects.visible_to(partner)


@prepared
def _shared_pledges(partner: Partner) -> QuerySet[SharedPledge]:
    return SharedPledge.objects.visible_to(partner)


@require_GET
@partner_required
def principle(request: PartnerRequest, slug: str) -> HttpResponse:
    page = load(request.partner, principle_or_404(request.partner, slug))
    if request.htmx:
        # A page on which something is being written tells which words that started from.
        base = request.GET.get("base")
        late = overtaken(page.wording, number(base), request.partner) if base else ""
        return show(request, page, "live", late=late)
    return show(request, page)


@dataclass(frozen=True)
class Proposal:
    """The open form for new words: what is in it, what it started from, and what went wrong."""

    form: ProposalForm
    base: int = 0
    error: str = ""
    # Said when other words stand by now than those that the writer saw.
    overtaken: str = ""
    newest: Wording | None = None
    difference: Sequence[Segment] = ()
    changes: Sequence[Change] = ()
    # What could be asked of these words, by part; and the words that were meant, if sent again.
    hints: Mapping[str, str | Promise] = MappingProxyType({})
    kept: str = ""


def show(
    request: PartnerRequest,
    page: Page,
    part: str = "",
    *,
    status: int = 200,
    **context: Any,
) -> HttpResponse:
    """The page, or for htmx one part of it. Without words yet, the form for the first is open."""
    if page.other is not None and page.wording is None:
        form = ProposalForm.start_from(None, request.partner)
        context.setdefault("proposal", Proposal(form))
    context.setdefault("pledge_form", PledgeForm.of(page.pledge))
    template = "principles/agreements/principle.html"
    response = render(
        request,
        f"{template}#{part}" if part and request.htmx else template,
        {"page": page, "principle": page.principle, "wording": page.wording, **context},
        status=status,
    )
    patch_vary_headers(response, ["HX-Request"])
    return response
