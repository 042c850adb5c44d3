"""What one person sees of a review, at the stage and the step where it is now."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_htmx.http import reswap, retarget

from couples.difference import Segment, difference
from couples.forms import plain, uuid
from couples.models import Partner
from couples.prepared import prepared
from couples.web.decorators import PartnerRequest, acting_on
from principles.agreements.models.suspension import Suspension
from principles.agreements.models.wording import Wording
from principles.agreements.status_text import stands
from principles.practices.models.draft import Draft
from principles.reviews.forms import MarkSheet, NextDateForm, PartSheet
from principles.reviews.models.part import ReviewPart, desk
from principles.reviews.models.review import Review, ReviewItem, ReviewMark
from principles.reviews.models.stage import Refused, Stage, Step

# Why something did not happen, at the stage where the review is by now.
SORRY = {
    Stage.MARKING: gettext_lazy("Nothing is shown before both of you are done."),
    Stage.DONE: gettext_lazy(
        "In another window you said that you are done. To change a mark, take that back first."
    ),
    Stage.REVEALED: gettext_lazy("Both of you are done, and what you each said stays as it is."),
    Stage.CLOSED: gettext_lazy("This review is closed, and what you each said stays as it is."),
    Stage.STOPPED: gettext_lazy("This review was stopped. Nothing of it is kept."),
}

# The parts of the page that an open page asks for again, and where they stand.
PARTS = {
    **dict.fromkeys(("body", "marks", "status", "sorry"), "principles/reviews/review.html"),
    **dict.fromkeys(("where", "now", "changed", "desk"), "principles/reviews/_steps.html"),
}

DECIDED = {
    ReviewItem.Outcome.KEEP: gettext_lazy("You both keep it as it is."),
    ReviewItem.Outcome.REWORD: gettext_lazy("You both want other words for it."),
    ReviewItem.Outcome.PAUSE: gettext_lazy(
        "You paused it together. Either of you can take it up again, on its own page."
    ),
    ReviewItem.Outcome.RETIRE: gettext_lazy(
        "You retired it together. Its words stay to read, and nothing is asked of either of you."
    ),
}

# What both decided, as the agreement then lies aside.
ASIDE: dict[str, str] = {
    ReviewItem.Outcome.PAUSE: Suspension.Kind.PAUSED,
    ReviewItem.Outcome.RETIRE: Suspension.Kind.RETIRED,
}


class Row(NamedTuple):
    """An item with what each of some people said about it."""

    item: ReviewItem
    said: list[tuple[Partner, ReviewMark | None]]
    parts: list[tuple[Partner, str]] = []

    @property
    def is_due(self) -> bool:
        return self.item.is_due

    @property
    def has_parts(self) -> bool:
        return any(text for _person, text in self.parts)

    @property
    def decided(self) -> str | Promise:
        return DECIDED[ReviewItem.Outcome(self.item.outcome)] if self.item.outcome else ""


class Wish(NamedTuple):
    value: str
    label: str | Promise
    is_mine: bool
    is_theirs: bool


@dataclass(frozen=True)
class Talk:
    """The item that both talk about, with what each wishes for it and wrote as their part."""

    row: Row
    wishes: list[Wish]
    other: Partner
    mine: str
    # How the agreement stands by now, where it is not as it was when the review began.
    note: str

    @property
    def stands(self) -> str | Promise:
        mine = any(wish.is_mine for wish in self.wishes)
        theirs = any(wish.is_theirs for wish in self.wishes)
        if self.row.item.outcome:
            return self.row.decided
        if mine and theirs:
            return _("You would each do something else. Nothing changes until you say the same.")
        if theirs:
            sentence = _("%(name)s has said it. Nothing changes until both say the same.")
        elif mine:
            sentence = _("You have said it. Nothing changes until both say the same.")
        else:
            return _("Nothing changes until you both say the same.")
        return sentence % {"name": self.other.name}


class Change(NamedTuple):
    """An agreement that is not as it was when the review began, or is not to stay so."""

    item: ReviewItem
    # Words that came beside the old ones; None as long as there are none.
    wording: Wording | None
    may_sign: bool
    segments: list[Segment]
    # How it stands, where that is neither what stood before nor what both decided.
    note: str = ""

    @property
    def decided(self) -> str | Promise:
        return DECIDED[ReviewItem.Outcome(self.item.outcome)] if self.item.outcome else ""

    @property
    def asks_for_words(self) -> bool:
        return self.wording is None and self.item.outcome == ReviewItem.Outcome.REWORD

    @property
    def is_signed(self) -> bool:
        return self.wording is not None and self.wording.held_since is not None


def find_review(request: PartnerRequest, pk: UUID) -> Review:
    found = _review.first(request.partner, pk)
    if found is None:
        raise Http404
    return found


@prepared
def _review(partner: Partner, pk: UUID) -> QuerySet[Review]:
    return Review.objects.visible_to(partner).with_people().filter(pk=pk)


def show(
    request: PartnerRequest,
    review: Review,
    part: str = "",
    *,
    refused: Refused | None = None,
    sheet: MarkSheet | None = None,
    item: ReviewItem | None = None,
    part_sheet: PartSheet | None = None,
    status: int = 200,
    **context: Any,
) -> HttpResponse:
    """The review as it stands for this person; only a part of the page when htmx asks for one.

    `item` is what they act upon, where that is not what both talk about any more.
    """
    stage = review.stage_for(request.partner)
    part = part if request.htmx else ""
    context |= {
        "review": review,
        "stage": stage.value,
        "other": review.couple.other_than(request.partner),
        "part": part,
        "at": request.GET.get("at", ""),
        "desk": part_sheet,
    }
    if part_sheet is not None:
        item = part_sheet.item
    if refused is not None:
        status = 409
        context |= _sorry(request, review, refused, sheet)
    match stage:
        case Stage.MARKING | Stage.DONE:
            context |= _marking(request, review, stage, part, sheet)
        case Stage.REVEALED:
            context |= _steps(request, review, part, item, _asked(request, part, context))
            _add_next(request, review, part, context)
        case Stage.CLOSED:
            context = _closed(request, review, part) | context
    name = f"{PARTS[part]}#{part}" if part else "principles/reviews/review.html"
    response = render(request, name, context, status=status)
    # Whatever part of a page was acted on: what is over now stands in place of all of it.
    return reswap(retarget(response, "#review-body"), "outerHTML") if refused else response


def _refused(request: PartnerRequest, review: Review, refused: Refused) -> HttpResponse:
    return show(request, review, "body", refused=refused)


on_review = acting_on(find_review, Refused, _refused)


def _sorry(
    request: PartnerRequest, review: Review, refused: Refused, sheet: MarkSheet | None
) -> dict[str, Any]:
    """Why something did not happen, and what was typed for it."""
    sentence: str | Promise = SORRY[refused.stage]
    if refused.stage is Stage.STOPPED and not review.closed_at:
        other = review.couple.other_than(request.partner)
        sentence = _("It ended when %(name)s left.") % {"name": other.name}
    return {"sorry": sentence, "not_kept": _not_kept(request, sheet)}


def _marking(
    request: PartnerRequest, review: Review, stage: Stage, part: str, sheet: MarkSheet | None
) -> dict[str, Any]:
    """Until both are done each sees their own marks, and of the other only whether they are."""
    partner = request.partner
    context: dict[str, Any] = {
        "other_is_done": review.couple.other_than(partner).pk in review.done_ids
    }
    if part == "status":
        return context
    if stage is Stage.MARKING:
        sheet = sheet or MarkSheet(review, partner)
        return context | {"sheet": sheet, "minutes": minutes(len(sheet.forms))}
    return context | {
        "rows": _rows(review, partner),
        "thanked": review.thanks_of(partner).text,
    }


def _asked(request: PartnerRequest, part: str, context: dict[str, Any]) -> str:
    """The step that is asked for, by the part of the page or by its address."""
    if part == "changed" or context.keys() & {"date_form", "refusal"}:
        return Step.NEXT
    return Step.TALK if part == "now" else request.GET.get("step", "")


def _add_next(request: PartnerRequest, review: Review, part: str, context: dict[str, Any]) -> None:
    """What is filled in at a step: one's own part of what both talk about, or the next date."""
    talk = context.get("talk")
    if context["desk"] is None and part != "now" and talk:
        context["desk"] = PartSheet(talk.row.item, request.partner, talk.mine)
    if context["step"] == Step.NEXT:
        context.setdefault("date_form", NextDateForm(like=_before(review)))


def _closed(request: PartnerRequest, review: Review, part: str) -> dict[str, Any]:
    rows = _rows(review, *review.couple.people)
    context = {
        "thanks": _thanks(review),
        "rows": rows,
        "carries_the_date": review.carries_the_date,
        "date_form": NextDateForm(like=review, moving=True),
        "unsaid": _unsaid(request.partner, rows),
    }
    # A page that was open when the other closed may still sign on it.
    return context | (_changed(review, request.partner) if part == "changed" else {})


def _steps(
    request: PartnerRequest, review: Review, part: str, item: ReviewItem | None, asked: str
) -> dict[str, Any]:
    """Once both can see: one step at a time, the one where the two are or another."""
    step = Step.TALK if item else Step(asked if asked in Step else review.step)
    both = Step(review.step)
    shown = item.pk if item else uuid(request.GET.get("item")) or review.chosen_id
    context: dict[str, Any] = {
        "step": step.value,
        "steps": [(each, each == step) for each in Step],
        "at": where(step, shown),
        "both_at": where(both, review.chosen_id),
        "both": both,
        # Whoever looks at another step by themselves is not taken along.
        "by_oneself": step != both,
    }
    if part == "where":
        del context["at"]
        context["by_oneself"] = "alone" in request.GET
        return context
    match step:
        case Step.THANKS:
            context["thanks"] = _thanks(review)
        case Step.SAID:
            context["rows"] = _rows(review, *review.couple.people)
        case Step.TALK:
            context["talk"] = _talk(review, request.partner, shown)
        case Step.NEXT:
            context |= _changed(review, request.partner)
    return context


def where(step: Step, item: UUID | None) -> str:
    """A name for what a page shows; another one when the two went on from there."""
    return f"{step}-{item.hex[-12:]}" if step == Step.TALK and item else step.value


def minutes(items: int) -> int:
    """About how long it takes two people who sit down together, to the next five minutes."""
    return 10 + -(-2 * items // 5) * 5


def _before(review: Review) -> Review | None:
    """The review before this one, which set its date."""
    same = Review.objects.closed().filter(couple=review.couple_id)
    return same.exclude(pk=review.pk).newest_first().first()


def _thanks(review: Review) -> list[tuple[Partner, str]]:
    by_partner = {each.partner_id: each for each in review.appreciations.select_related("partner")}
    for each in by_partner.values():
        each.review = review
    people = review.couple.people
    return [(one, by_partner[one.pk].text if one.pk in by_partner else "") for one in people]


def _rows(review: Review, *people: Partner, only: UUID | None = None) -> list[Row]:
    """What these people said about each item. Of both only after the reveal."""
    found = ReviewMark.objects.of(review).filter(partner__in=people)
    parts = ReviewPart.objects.of(review).filter(partner__in=people)
    items = review.items.with_words()
    if only is not None:
        found, parts = found.filter(item=only), parts.filter(item=only)
        items = items.filter(pk=only)
    marks = {(mark.item_id, mark.partner_id): mark for mark in found}
    texts: dict[tuple[Any, Any], str] = {}
    if review.revealed_at:
        texts = {(part.item_id, part.partner_id): part.text for part in parts}
    return [
        Row(
            item,
            [(person, marks.get((item.pk, person.pk))) for person in people],
            [(person, texts.get((item.pk, person.pk), "")) for person in people],
        )
        for item in items
    ]


def _talk(review: Review, partner: Partner, item: UUID | None) -> Talk | None:
    rows = _rows(review, *review.couple.people, only=item) if item else []
    if not rows:
        return None
    (row,) = rows
    newest = Wording.objects.filter(agreement=row.item.wording.agreement).newest()
    standing = newest.with_signatures().first()
    note = _note(row.item, standing, partner)
    if standing is not None and standing.pk != row.item.wording_id:
        note = _("Other words stand beside these by now.")
    wishes = {part.partner_id: part.wish for part in ReviewPart.objects.filter(item=row.item)}
    other = review.couple.other_than(partner)
    return Talk(
        row,
        [
            Wish(value, label, wishes.get(partner.pk) == value, wishes.get(other.pk) == value)
            for value, label in ReviewItem.Outcome.choices
        ],
        other,
        mine=next(text for person, text in row.parts if person == partner),
        note=note,
    )


def _changed(review: Review, partner: Partner) -> dict[str, Any]:
    """What both decided to change, words that somebody proposed meanwhile, and what one of them put
    aside; and the principles of which the page wants to hear."""
    items = list(review.items.with_words())
    newest = Wording.objects.filter(agreement__in=[item.wording.agreement_id for item in items])
    standing = {each.agreement_id: each for each in newest.newest().with_signatures()}
    changes = [_change(item, standing.get(item.wording.agreement_id), partner) for item in items]
    quiet = ("", ReviewItem.Outcome.KEEP)
    return {
        "changes": [
            each for each in changes if each.wording or each.note or each.item.outcome not in quiet
        ],
        "slugs": [item.wording.agreement.principle for item in items],
    }


def _change(item: ReviewItem, newest: Wording | None, partner: Partner) -> Change:
    if newest is None or newest.pk == item.wording_id:
        return Change(item, None, False, [], _note(item, newest, partner))
    segments = difference(item.wording.text, newest.text)
    return Change(item, newest, newest.signature_of(partner) is None, segments)


def _note(item: ReviewItem, newest: Wording | None, partner: Partner) -> str:
    """How words stand that one of the two withdrew from or put aside meanwhile."""
    own = item.wording.agreement.own
    if own is not None and own.retired_at:
        return _("This principle is put away by now.")
    if newest is None or (newest.held_since and newest.suspension is None):
        return ""
    if newest.suspension and ASIDE.get(item.outcome) == newest.suspension.kind:
        return ""
    return stands(newest, partner, item.review.couple.other_than(partner))


def _unsaid(partner: Partner, rows: Iterable[Row]) -> list[str]:
    """What this person wrote as their part and never said. Only they see it."""
    shown = {text for row in rows for _person, text in row.parts}
    kinds = [desk(row.item) for row in rows]
    written = [each.text for each in Draft.objects.of(partner.user).filter(kind__in=kinds)]
    return [words for words in written if words and words not in shown]


def _not_kept(request: PartnerRequest, sheet: MarkSheet | None) -> list[str]:
    """Words that came too late. They go back to the page, so that nothing typed is lost."""
    kept = {mark.note for mark in sheet.marks.values()} if sheet else set()
    if sheet:
        kept.add(sheet.thanks.standing)
    names = [name for name in request.POST if name.endswith(("-note", "-text"))]
    typed = [plain(request.POST[name]) for name in names]
    return [words for words in typed if words and words not in kept]
