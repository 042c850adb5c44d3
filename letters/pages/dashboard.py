"""What the letters say on the home page."""

from datetime import date, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import CharField, Exists, F, OuterRef, QuerySet, Value
from django.db.models.functions import Cast
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from couples.models import Partner
from couples.pages.dashboard import Line
from couples.prepared import prepared
from letters.giving.models.opening import Opening
from letters.giving.models.reveal import Choice, Reveal
from letters.giving.models.share import Share
from letters.letter.models.letter import Letter
from letters.sealing.models import Seal

# Nothing here knows whether a letter was opened; after a week it is simply among the letters.
NEWS = timedelta(days=7)


class Waits(NamedTuple):
    """Something that waits for this person. All kinds come in one query, so they are alike."""

    kind: str
    pk: UUID
    at: datetime
    name: str


def waiting(partner: Partner) -> list[Line]:
    """What the other gave or proposed, and letters whose day has come. Whether any of it was read
    is known to nobody."""
    if partner.is_alone:
        return []
    today = timezone.localdate(timezone=partner.user.zone)
    rows = [Waits(*row) for row in _all(partner, timezone.now() - NEWS, today)]
    rows.sort(key=lambda row: row.at, reverse=True)
    # Of the letters that were given the newest stands for all; the others are among the letters.
    newest = next((row for row in rows if row.kind == "share"), None)
    return [_line(row) for row in rows if row.kind != "share" or row is newest]


@prepared
def _all(partner: Partner, since: datetime, today: date) -> QuerySet[Any, tuple[Any, ...]]:
    given = _alike(_given(partner, since), Value("share"), "shared_at", "giver")
    due = _alike(_due(partner, today), F("audience"), "put_away_at", "giver")
    proposed = _alike(_proposed(partner), Value("reveal"), "proposed_at", "proposer")
    signed = _alike(_signed(partner), Value("seal"), "seals__proposed_at", "seals__proposer")
    return given.union(due, proposed, signed, all=True)


def _given(partner: Partner, since: datetime) -> QuerySet[Share]:
    recent = Share.objects.given().filter(shared_at__gt=since)
    return recent.filter(recipient=partner, giver__left_at=None)


def _due(partner: Partner, today: date) -> QuerySet[Opening]:
    """Those whose day has begun where this person is; a hard day is for nobody to announce."""
    closed = Opening.objects.for_reader(partner).still_closed_to(partner)
    return closed.filter(opens_on__lte=today, giver__left_at=None, recipient__left_at=None)


def _proposed(partner: Partner) -> QuerySet[Reveal]:
    i_am_ready = Choice.objects.filter(reveal=OuterRef("pk"), partner=partner)
    return Reveal.objects.visible_to(partner).open().filter(~Exists(i_am_ready))


def _signed(partner: Partner) -> QuerySet[Letter]:
    """Letters that the other has signed, and this person has not."""
    return Letter.objects.filter(seals__in=Seal.objects.waiting_for(partner))


def _alike(rows: QuerySet[Any], kind: Any, at: str, who: str) -> QuerySet[Any, Any]:
    """The columns of Waits."""
    columns = {"waits": Cast(kind, CharField()), "at": F(at), "name": F(f"{who}__user__name")}
    alike: QuerySet[Any, Any] = rows.annotate(**columns).values_list("waits", "pk", "at", "name")
    return alike


def _line(row: Waits) -> Line:
    name = {"name": row.name}
    match row.kind:
        case "share":
            date = {"date": date_format(localtime(row.at), "j F")}
            address = reverse("letters:share", args=[row.pk])
            return Line(
                _("A letter from %(name)s") % name,
                _("Given on %(date)s.") % date,
                address,
                _("Read"),
            )
        case "reveal":
            detail = _("Yours and theirs open together, once you are both ready.")
            address = reverse("letters:reveal", args=[row.pk])
            return Line(_("Two letters, one moment"), detail, address, _("Choose yours"))
        case "seal":
            title = _("%(name)s signed our letter") % name
            address = reverse("letters:seal", args=[row.pk])
            return Line(title, _("If you sign it as well, it is sealed."), address, _("Read"))
        case _:
            to_us = row.kind == Opening.Audience.BOTH
            title = _("A letter to both of you") if to_us else _("A letter from %(name)s") % name
            address = reverse("letters:opening", args=[row.pk])
            return Line(title, _("The day it waited for is here."), address, _("Open"))


def _left(letter: Letter, partner: Partner) -> Line:
    """What two wrote before one of them left: it is read."""
    other = letter.couple.other_than(partner) if letter.couple else None
    return Line(
        title=_("Your letter with %(name)s") % {"name": other.name if other else ""},
        detail=_("Begun on %(date)s. It is not written on any more.")
        % {"date": date_format(localtime(letter.created_at), "j F")},
        url=reverse("letters:letter_read", args=[letter.pk]),
        action=_("Read"),
    )


def here(partner: Partner) -> list[Line]:
    """The letter of the two, one's own, and for someone alone what else there is to write."""
    letters = _newest(partner)
    unsealed = [each for each in letters if not each.is_personal and each.closed_at is None]
    joint = next((letter for letter in unsealed if letter.is_writable), None)
    own = next((letter for letter in letters if letter.is_personal), None)
    lines = []
    if joint is not None:
        lines.append(_joint(joint))
    elif unsealed and partner.is_alone:
        lines.append(_left(unsealed[0], partner))
    lines.append(_own(own) if own is not None else _first_words())
    return lines + (_alone() if partner.is_alone else [])


@prepared
def _newest(partner: Partner) -> QuerySet[Letter]:
    return Letter.objects.visible_to(partner).with_people().order_by("-created_at")[:20]


def _joint(letter: Letter) -> Line:
    return Line(
        title=_("Our letter"),
        detail=_("Begun on %(date)s. Both of you can write at once.")
        % {"date": date_format(localtime(letter.created_at), "j F")},
        url=reverse("letters:letter", args=[letter.pk]),
        action=_("Open"),
    )


def _own(letter: Letter) -> Line:
    return Line(
        title=_("Your own letter"),
        detail=_("Begun on %(date)s. Yours alone until you share it.")
        % {"date": date_format(localtime(letter.created_at), "j F")},
        url=reverse("letters:letter", args=[letter.pk]),
        action=_("Write"),
    )


def _first_words() -> Line:
    return Line(
        title=_("Six questions, and a letter"),
        detail=_("Nothing here yet. Start with one line; no one sees it."),
        url=reverse("letters:questions"),
        action=_("Begin"),
    )


def _alone() -> list[Line]:
    return [
        Line(
            title=_("Your values"),
            detail=_("What you would like to be held to, in your own words."),
            url=reverse("letters:values"),
            action=_("Open"),
        ),
        Line(
            title=_("The inner blueprint"),
            detail=_("Four private pages: closeness and distance, reactions, hopes, fears."),
            url=reverse("letters:blueprint"),
            action=_("Open"),
        ),
    ]
