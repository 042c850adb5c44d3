"""What one person wrote in what they did with somebody with whom they do not live any more.

Everybody keeps their own writing and what both decided. Nothing else of the other's is here, and
none of it is brought from the database: only one's own rows are, and those that both agreed on.
"""

from collections.abc import Iterator
from typing import Any

from django.db.models import Prefetch, Q, QuerySet
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from couples.models import Partner, User
from principles.catalog.kinds import Field
from principles.practices.forms import SIDE, answer_fields
from principles.practices.models.area import Proposal
from principles.practices.models.decision import Answer, Idea, Round
from principles.practices.models.moment import Moment
from principles.practices.models.repair import Side
from principles.practices.page import fields_of

type Labelled = Iterator[tuple[Any, str]]


def of(person: User) -> QuerySet[Moment]:
    """The moments, each with what this person may still read of it."""
    mine = Q(partner__user=person)
    return (
        Moment.objects.kept_by(person)
        .newest_first()
        .with_people()
        .prefetch_related(
            Prefetch("sides", Side.objects.filter(mine).select_related("partner")),
            Prefetch("rounds", Round.objects.order_by("number")),
            Prefetch("rounds__answers", Answer.objects.filter(mine).select_related("partner")),
            Prefetch("ideas", Idea.objects.filter(mine | Q(chosen_at__isnull=False))),
            Prefetch("proposals", Proposal.objects.filter(mine | Q(agreed_at__isnull=False))),
        )
    )


def texts_of(moment: Moment, person: User) -> list[tuple[str, str]]:
    """Each of it, with what it is called."""
    me = next(each for each in moment.couple.people if each.user_id == person.pk)
    return [(str(label), text) for label, text in _labelled(moment, me) if text]


def _labelled(moment: Moment, me: Partner) -> Labelled:
    mine = moment.begun_by_id == me.pk
    if mine:
        yield from fields_of(moment.practice, moment.parts)
    response = getattr(moment, "response", None)
    if response is not None and response.partner_id == me.pk:
        yield _("What you answered"), f"{response.label}\n{response.text}".strip()
    if mine:
        yield _("How it went"), moment.afterwards
    for side in moment.sides.all():
        yield from _by_label(SIDE, side.parts)
    for each in moment.rounds.all():
        for answer in each.answers.all():
            yield from _answer(moment, answer)
    yield from _ideas(moment, me)
    yield from _shares(moment, me)
    if moment.settled_at and moment.kind == "joint-decisions":
        yield _("What you both decided"), max(moment.rounds.all(), key=_number).text


def _answer(moment: Moment, answer: Answer) -> Labelled:
    label = _("What you needed") if moment.kind == "ws" else _("What you answered")
    choices = [each.choices for each in answer_fields(moment.practice) if each.choices]
    chosen = [str(each.label) for some in choices for each in some if each.value == answer.choice]
    yield label, "\n".join([*chosen, answer.words]).strip()


def _ideas(moment: Moment, me: Partner) -> Labelled:
    for idea in moment.ideas.all():
        if idea.partner_id == me.pk:
            yield _("An idea of yours"), idea.text
    for idea in moment.ideas.all():
        if idea.chosen_at:
            yield _("What you both decided"), idea.text


def _shares(moment: Moment, me: Partner) -> Labelled:
    agreed = [each for each in moment.proposals.all() if each.agreed_at]
    for each in moment.proposals.all():
        if each.partner_id == me.pk and each.agreed_at is None:
            yield _("What you said"), _shared(each)
    if agreed:
        holding = max(agreed, key=lambda each: (each.agreed_at, each.pk))
        yield _("What you both agreed on"), f"{moment.subject}\n{_shared(holding)}"


def _shared(proposal: Proposal) -> str:
    lines = [
        _("Keeps it going: %(who)s") % {"who": proposal.leader},
        _("Has the last word: %(who)s") % {"who": proposal.decider},
        proposal.text,
    ]
    if proposal.again_on:
        lines.append(_("To look at again on %(day)s") % {"day": date_format(proposal.again_on)})
    return "\n".join(line for line in lines if line)


def _by_label(fields: tuple[Field, ...], parts: dict[str, str]) -> Labelled:
    for each in fields:
        yield each.label, parts.get(each.name, "")


def _number(each: Round) -> int:
    return each.number
