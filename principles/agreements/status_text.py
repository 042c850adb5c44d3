"""How things stand with an agreement, said to one of the two: described, never graded."""

from django.utils.translation import gettext as _

from couples.days import day
from couples.models import Partner
from principles.agreements.models.wording import Wording


def stands(wording: Wording | None, partner: Partner, other: Partner) -> str:
    """One sentence, without the words themselves."""
    if wording is None:
        return _("No agreement yet.")
    if suspension := wording.suspension:
        for_good = suspension.is_for_good
        text = _("Retired since %(day)s.") if for_good else _("Paused since %(day)s.")
        return text % {"day": day(suspension.began_at)}
    if since := wording.held_since:
        return _("Held by both since %(day)s.") % {"day": day(since)}
    if wording.signature_of(partner):
        return _("You signed these words. They count once both have.")
    return unsigned(wording, partner, other, bool(wording.signature_of(other)))


def unsigned(wording: Wording, partner: Partner, other: Partner, other_signed: bool) -> str:
    """The same of words that this partner has not signed; looks no signature up."""
    values = {"name": other.name, "day": day(wording.proposed_at)}
    if other_signed:
        return _("%(name)s signed these words. They count once both have.") % values
    if wording.proposer_id == partner.pk:
        return _("You proposed these words on %(day)s. Neither of you has signed them.") % values
    return _("%(name)s proposed these words on %(day)s. Neither of you has signed them.") % values


def footnote(wording: Wording, partner: Partner) -> str:
    """Below two lines that say who signed: since when these words hold, or what they still are."""
    if since := wording.held_since:
        return _("Held by both since %(day)s.") % {"day": day(since)}
    values = {"day": day(wording.proposed_at)}
    if wording.proposer_id == partner.pk:
        return _("You proposed these words on %(day)s. They count once both have signed.") % values
    other = partner.other()
    return _("%(name)s proposed these words on %(day)s. They count once both have signed.") % (
        values | {"name": other.name if other else ""}
    )


def overtaken(newest: Wording | None, base: int, partner: Partner) -> str:
    """What happened to the words that somebody started from; empty when nothing did."""
    number = newest.number if newest else 0
    if number == base:
        return ""
    if newest is None or number < base:
        return _("The words that you started from have been taken back meanwhile.")
    if newest.proposer_id == partner.pk:
        return _("You changed these words in another window while you were writing here.")
    other = partner.other()
    name = {"name": other.name if other else ""}
    if base == 0:
        return _("%(name)s proposed words while you were writing.") % name
    return _("%(name)s changed these words while you were writing.") % name
