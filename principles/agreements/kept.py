"""What two people keep of their agreements, once one of them has left; see couples/kept/book.py."""

from typing import Any

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from couples.kept.book import Chapter, Entry, Text
from couples.models import Couple
from principles import catalog
from principles.agreements.models.own_principle import OwnPrinciple
from principles.agreements.models.suspension import Suspension
from principles.agreements.models.wording import Wording
from principles.agreements.parts import parts


def of_both(couple: Couple) -> list[Chapter[Any]]:
    every = Wording.objects.of(couple).with_signatures().order_by("-agreement", "-number")
    own = OwnPrinciple.objects.filter(couple=couple)
    return [
        Chapter("agreements", _("Agreements"), every, lambda each: _wording(couple, each)),
        Chapter("own-principles", _("Principles of our own"), own, lambda each: _own(couple, each)),
    ]


def principle_name(couple: Couple, slug: str) -> str:
    """Of one of the ten, or of one of their own."""
    known = catalog.BY_SLUG.get(slug)
    if known is not None:
        return str(known.name)
    own = OwnPrinciple.objects.filter(couple=couple).select_related("couple")
    return next((each.name for each in own if each.slug == slug), "")


def _wording(couple: Couple, wording: Wording) -> Entry:
    wording.agreement.couple = couple
    names = {each.pk: each.name for each in couple.people}
    day = date_format(localtime(wording.proposed_at), "j F Y")
    texts = [Text("", wording.text), *(Text(each.label, each.text) for each in parts(wording))]
    texts.append(Text("", "\n".join(_facts(wording, names))))
    again = ""
    if wording.held_since and wording.agreement.own is None:
        again = reverse("principles:wording_again", args=[wording.pk])
    return Entry(f"{wording.agreement.as_principle.name} · {day}", texts, again=again)


def _facts(wording: Wording, names: dict[Any, str]) -> list[str]:
    told = [_("Proposed by %(name)s") % {"name": names[wording.proposer_id]}]
    for each in wording.signatures.all():
        name, day = (
            each.name or names[each.partner_id],
            date_format(localtime(each.signed_at), "j F Y"),
        )
        told.append(
            _("Signed by %(name)s on %(day)s, and withdrawn")
            if each.withdrawn_at
            else _("Signed by %(name)s on %(day)s")
        )
        told[-1] %= {"name": name, "day": day}
    if wording.taken_back_at:
        told.append(_("Taken back"))
    elif wording.suspension is not None:
        told.append(str(Suspension.Kind(wording.suspension.kind).label))
    return told


def _own(couple: Couple, own: OwnPrinciple) -> Entry:
    own.couple = couple
    names = {each.pk: each.name for each in couple.people}
    told = [_("Named by %(name)s") % {"name": names[own.proposer_id]}]
    if own.retired_at:
        told.append(_("Put away"))
    elif own.agreed_at:
        told.append(
            _("Agreed on %(day)s") % {"day": date_format(localtime(own.agreed_at), "j F Y")}
        )
    return Entry(own.name, [Text("", own.essence), Text("", "\n".join(told))])
