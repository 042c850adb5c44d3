"""What one person sees on the page of one principle."""

from dataclasses import dataclass
from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet
from django.http import Http404
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _

from couples.models import Partner
from couples.pages.dashboard import Part
from couples.prepared import prepared
from principles import catalog
from principles.agreements.models.agreement import Words
from principles.agreements.models.missed import Missed
from principles.agreements.models.own_principle import OwnPrinciple
from principles.agreements.models.suspension import Suspension
from principles.agreements.models.wording import Wording
from principles.agreements.parts import Part as AgreementPart
from principles.agreements.parts import parts
from principles.agreements.status_text import footnote, stands
from principles.catalog import Principle, practices
from principles.catalog.kinds import Kind
from principles.pledges.models import Pledge, SharedPledge

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


def principle_or_404(partner: Partner, slug: str) -> Principle:
    """One of the ten, or one of this person's own with somebody; put away or not."""
    principle = catalog.get(slug)
    if principle is None and slug.startswith("own-"):
        try:
            own = OwnPrinciple.objects.visible_to(partner).filter(pk=UUID(slug[4:])).first()
        except ValueError:
            own = None
        if own is not None and own.slug == slug:
            return own.principle
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

    @property
    def place(self) -> Promise:
        if self.principle.own_id:
            return _("A principle of our own")
        return PLACES[self._index]

    @property
    def previous(self) -> Principle:
        return catalog.PRINCIPLES[self._index - 1]

    @property
    def next(self) -> Principle:
        return catalog.PRINCIPLES[0 if self.principle.own_id else (self._index + 1) % 10]

    @property
    def ways(self) -> list[Promise]:
        """Its small ways, beginning with another one every day."""
        ways = self.principle.ways
        if not ways:
            return []
        first = (timezone.localdate().toordinal() + offset(self.partner)) % len(ways)
        return [*ways[first:], *ways[:first]]

    @property
    def beside(self) -> list[Part]:
        """What the apps above this one put here, asked through functions that `settings.PRINCIPLE`
        names; only when it is shown."""
        return [import_string(path)(self.partner, self.principle) for path in settings.PRINCIPLE]

    @property
    def practice(self) -> Kind | None:
        """What is done here; those of ones own have none."""
        return practices.BY_SLUG.get(self.principle.slug)

    @property
    def repair(self) -> str:
        """Where two people mend something."""
        return reverse("principles:practice", args=["repair"]) if self.other else ""

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
    def suspension(self) -> Suspension | None:
        return self.wording.suspension if self.wording else None

    @property
    def may_take_up(self) -> bool:
        return self.suspension is not None and self.suspension.may_be_taken_up_by(self.partner)

    @property
    def missed(self) -> Missed | None:
        return getattr(self.wording.agreement, "missed", None) if self.wording else None

    @property
    def may_note_a_miss(self) -> bool:
        held = self.wording is not None and self.wording.held_since is not None
        return held and self.suspension is None and self.missed is None

    @property
    def theirs(self) -> str:
        """The other's line, which nobody else words."""
        return self.wording.own_line(self.other) if self.wording and self.other else ""

    @property
    def if_missed(self) -> list[str]:
        words = self.wording.words if self.wording else Words("")
        parts = (words.missed_named_by, words.repaired_how, words.repaired_by)
        return [text for text in parts if text]

    @property
    def parts(self) -> list[AgreementPart]:
        return parts(self.wording) if self.wording else []

    @property
    def _index(self) -> int:
        if self.principle.own_id:  # after the ten, and before the first of them
            return len(catalog.PRINCIPLES)
        return catalog.PRINCIPLES.index(self.principle)


@prepared
def _pledge(partner: Partner, slug: str) -> QuerySet[Pledge]:
    return Pledge.objects.visible_to(partner).filter(principle=slug)


@prepared
def _shared_pledges(partner: Partner, slug: str) -> QuerySet[SharedPledge]:
    return SharedPledge.objects.visible_to(partner).filter(principle=slug)


@prepared
def _wordings(partner: Partner, slug: str) -> QuerySet[Wording]:
    of_this = Wording.objects.visible_to(partner).filter(agreement__principle=slug)
    return of_this.recent().with_signatures()


def load(partner: Partner, principle: Principle) -> Page:
    other = partner.other()
    slug = principle.slug
    pledge = _pledge.first(partner, slug)
    shared = _shared_pledges(partner, slug)
    present: list[Wording] = []
    past: list[Wording] = []
    for wording in _wordings(partner, slug):
        ours = wording.agreement.couple == partner.couple
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
