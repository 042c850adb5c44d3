"""What one person sees on the page of one principle."""

from dataclasses import dataclass, field
from secrets import token_hex

from django.http import Http404
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from couples.models import Partner
from principles import catalog
from principles.catalog import Principle
from principles.models import Pledge, SharedPledge, Wording
from principles.standing import footnote, stands

PLACES = (
    _("Principle one of ten"),
    _("Principle two of ten"),
    _("Principle three of ten"),
    _("Principle four of ten"),
    _("Principle five of ten"),
    _("Principle six of ten"),
    _("Principle seven of ten"),
    _("Principle eight of ten"),
    _("Principle nine of ten"),
    _("Principle ten of ten"),
)


def principle_or_404(slug: str) -> Principle:
    principle = catalog.get(slug)
    if principle is None:
        raise Http404
    return principle


def offset(partner: Partner) -> int:
    """The home's own turn in the round of days: both who live there meet the same words."""
    return partner.workspace_id.int % (len(catalog.PRINCIPLES) * 12)


@dataclass
class Page:
    """Read with four queries, whatever there is."""

    principle: Principle
    partner: Partner
    other: Partner | None
    pledge: Pledge
    given: SharedPledge | None
    received: SharedPledge | None
    wording: Wording | None
    # How many wordings these two had; those with somebody who has left stand in `past`.
    count: int
    past: list[Wording]
    # Tells one open page from another, where two save the same pledge.
    window: str = field(default_factory=lambda: token_hex(8))

    @property
    def place(self) -> Promise:
        return PLACES[self._index]

    @property
    def previous(self) -> Principle:
        return catalog.PRINCIPLES[self._index - 1]

    @property
    def next(self) -> Principle:
        return catalog.PRINCIPLES[(self._index + 1) % len(catalog.PRINCIPLES)]

    @property
    def ways(self) -> list[Promise]:
        """Its small ways, beginning with another one every day."""
        ways = self.principle.ways
        first = (timezone.localdate().toordinal() + offset(self.partner)) % len(ways)
        return [*ways[first:], *ways[:first]]

    @property
    def stands(self) -> str:
        return stands(self.wording, self.partner, self.other) if self.other else ""

    @property
    def footnote(self) -> str:
        """What the signatures above it do not say already."""
        return footnote(self.wording, self.partner) if self.wording else ""

    @property
    def may_sign(self) -> bool:
        return self.wording is not None and self.wording.signature_of(self.partner) is None

    @property
    def may_withdraw(self) -> bool:
        return self.wording is not None and self.wording.signature_of(self.partner) is not None

    @property
    def may_take_back(self) -> bool:
        return (
            self.wording is not None
            and self.wording.proposer_id == self.partner.pk
            and not self.wording.signatures.all()
        )

    @property
    def _index(self) -> int:
        return catalog.PRINCIPLES.index(self.principle)


def load(partner: Partner, principle: Principle) -> Page:
    other = partner.other()
    slug = principle.slug
    pledge = Pledge.objects.visible_to(partner).filter(principle=slug).first()
    shared = list(SharedPledge.objects.visible_to(partner).filter(principle=slug))
    wordings = Wording.objects.visible_to(partner).filter(agreement__principle=slug).recent()
    couple = {partner, other}
    present: list[Wording] = []
    past: list[Wording] = []
    for wording in wordings.with_signatures():
        ours = {wording.agreement.one, wording.agreement.two} == couple
        (present if ours else past).append(wording)
    return Page(
        principle=principle,
        partner=partner,
        other=other,
        pledge=pledge or Pledge(user=partner.user, principle=slug),
        given=next((each for each in shared if each.partner_id == partner.pk), None),
        received=next((each for each in shared if each.reader_id == partner.pk), None),
        wording=next((each for each in present if each.taken_back_at is None), None),
        count=max((each.number for each in present), default=0),
        past=past,
    )
