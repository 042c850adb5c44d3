"""What two people keep of what they did together, once one of them has left; see
couples/kept/book.py."""

from collections.abc import Iterator
from typing import Any

from django.db.models import Exists, OuterRef, Prefetch, Q
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from couples.kept.book import Chapter, Entry, Text
from couples.models import Couple, Partner
from principles.catalog.kinds import Field
from principles.practices.forms import SIDE, answer_fields
from principles.practices.models.area import Proposal
from principles.practices.models.decision import Answer, Idea, Round
from principles.practices.models.moment import Moment, MomentQuerySet
from principles.practices.models.repair import Mark, Side
from principles.practices.page import fields_of

type Labelled = Iterator[tuple[Any, str]]


def of_both(couple: Couple) -> list[Chapter[Any]]:
    """Not what was taken back; of calls see `calls`."""
    given = Moment.objects.filter(couple=couple, withdrawn_at=None).exclude(kind="emergency")
    return [_chapter("practices", _("What we did together"), given, couple)]


def calls(couple: Couple, me: Partner) -> list[Chapter[Any]]:
    """Those that this person could read: their own, and the other's that reached them. So both have
    each that reached somebody, and nothing says which did: whoever called learns of the other's
    switch no more than before."""
    mine = Q(begun_by=me) | Q(reached_at__isnull=False)
    rows = Moment.objects.filter(mine, couple=couple, kind="emergency")
    return [_chapter("calls", _("Calls, as you saw them"), rows, couple)]


def _chapter(slug: str, title: str, rows: MomentQuerySet, couple: Couple) -> Chapter[Any]:
    revealed = Round.objects.exclude(revealed_at=None).order_by("number")
    rows = rows.select_related("couple", "response").prefetch_related(
        Prefetch("sides", Side.objects.exclude(given_at=None).order_by("given_at", "pk")),
        Prefetch("rounds", revealed),
        "rounds__answers",
        Prefetch("ideas", Idea.objects.prefetch_related("marks")),
        Prefetch("marks", Mark.objects.order_by("at", "pk")),
        Prefetch("proposals", Proposal.objects.order_by("said_at", "pk")),
    )
    return Chapter(
        slug,
        title,
        rows.newest_first(),
        lambda moment: Entry(_title(couple, moment), _texts(_of_both(couple, moment))),
    )


def of_one(couple: Couple, me: Partner) -> list[Chapter[Any]]:
    """What this person answered or told, and the other has not read: it was not revealed."""
    mine = Moment.objects.filter(couple=couple)
    unseen = Round.objects.filter(revealed_at=None)
    answers = Answer.objects.filter(partner=me).select_related("partner").exclude(revision=0)
    sides = Side.objects.filter(partner=me, given_at=None).select_related("partner")
    sides = sides.exclude(revision=0)
    answered = answers.filter(round__revealed_at=None, round__moment=OuterRef("pk"))
    rows: MomentQuerySet = mine.filter(
        Exists(answered) | Exists(sides.filter(moment=OuterRef("pk")))
    ).prefetch_related(
        Prefetch("sides", sides),
        Prefetch("rounds", unseen),
        Prefetch("rounds__answers", answers),
    )
    return [
        Chapter(
            "own-practices",
            _("Yours alone: begun, and not shown"),
            rows.select_related("couple").newest_first(),
            lambda moment: Entry(_title(couple, moment), _texts(_of_one(couple, moment))),
        )
    ]


def _title(couple: Couple, moment: Moment) -> str:
    moment.couple = couple
    day = date_format(localtime(moment.given_at), "j F Y")
    return f"{moment.practice.name} · {moment.giver.name} · {day}"


def _texts(labelled: Labelled) -> list[Text]:
    return [Text(label, text) for label, text in labelled if text]


def _of_both(couple: Couple, moment: Moment) -> Labelled:
    moment.couple = couple
    names = {each.pk: each.name for each in couple.people}
    yield from fields_of(moment.practice, moment.parts)
    response = getattr(moment, "response", None)
    if response is not None:
        response.moment = moment
        text = f"{response.label}\n{response.text}".strip()
        yield _("%(name)s answered") % {"name": names[response.partner_id]}, text
    yield _("How it went"), moment.afterwards
    for side in moment.sides.all():
        yield from _side(moment, side, names[side.partner_id])
    for mark in moment.marks.all():
        yield names[mark.partner_id], str(Mark.What(mark.what).label)
    for each in moment.rounds.all():
        each.moment = moment
        if each.number > 1:
            yield _("Asked again"), each.text
        for answer in each.answers.all():
            yield _answer(each, answer, names[answer.partner_id])
    yield from _ideas(moment, names)
    for proposal in moment.proposals.all():
        proposal.moment = moment
        yield from _proposal(proposal, names[proposal.partner_id])
    if moment.settled_at and moment.kind == "joint-decisions":
        yield _("Decided by both"), date_format(localtime(moment.settled_at), "j F Y")


def _of_one(couple: Couple, moment: Moment) -> Labelled:
    moment.couple = couple
    for side in moment.sides.all():
        yield from _side(moment, side, side.partner.name)
    for each in moment.rounds.all():
        each.moment = moment
        yield _("What was asked"), each.text or moment.subject
        for answer in each.answers.all():
            yield _answer(each, answer, answer.partner.name)


def _side(moment: Moment, side: Side, name: str) -> Labelled:
    side.moment = moment
    yield from _by_label(SIDE, side.parts, name)


def _answer(asked: Round, answer: Answer, name: str) -> tuple[str, str]:
    answer.round, practice = asked, asked.moment.practice
    label = _("%(name)s needed") if practice.slug == "ws" else _("%(name)s answered")
    choices = [each.choices for each in answer_fields(practice) if each.choices]
    chosen = [str(each.label) for some in choices for each in some if each.value == answer.choice]
    return label % {"name": name}, "\n".join([*chosen, answer.words]).strip()


def _ideas(moment: Moment, names: dict[Any, str]) -> Labelled:
    for idea in moment.ideas.all():
        idea.moment = moment
        label = _("An idea of %(name)s’s") % {"name": names[idea.partner_id]}
        if idea.chosen_at:
            label = _("Chosen by both")
        for_whom = ", ".join(sorted(names[mark.partner_id] for mark in idea.marks.all()))
        works = _("Works for %(names)s") % {"names": for_whom} if for_whom else ""
        yield label, f"{idea.text}\n{works}".strip()


def _proposal(proposal: Proposal, name: str) -> Labelled:
    lines = [
        _("Keeps it going: %(who)s") % {"who": proposal.leader},
        _("Has the last word: %(who)s") % {"who": proposal.decider},
        proposal.text,
    ]
    if proposal.again_on:
        lines.append(
            _("To look at again on %(day)s") % {"day": date_format(proposal.again_on, "j F Y")}
        )
    label = _("Agreed by both") if proposal.agreed_at else _("%(name)s said") % {"name": name}
    yield label, "\n".join(line for line in lines if line)


def _by_label(fields: tuple[Field, ...], parts: dict[str, str], name: str) -> Labelled:
    for each in fields:
        yield f"{name} · {each.label}", parts.get(each.name, "")
