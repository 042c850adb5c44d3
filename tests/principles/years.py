"""Five years of daily use by one couple, written in a few seconds."""

from datetime import UTC, datetime, timedelta

from principles import catalog
from principles.catalog import practices
from principles.catalog.kinds import Shape
from principles.models import (
    Agreement,
    Day,
    Decision,
    Moment,
    OwnPrinciple,
    Pledge,
    Repair,
    Response,
    Review,
    ReviewItem,
    ReviewMark,
    SharedDay,
    Way,
)
from principles.practices import packed
from principles.reviews.models.review import ReviewDone
from tests.people import Resident
from tests.principles.agreements.steps import hold
from tests.principles.practices.steps import OFFERS, give, ready, tell, words

DAYS, REVIEWS, MOMENTS = 1800, 250, 3000


def live_through(ana: Resident, ben: Resident, until: datetime | None = None) -> None:
    """`until` is the last moment of it, now where it is not given."""
    until = until or datetime.now(UTC)
    agree(ana, ben)
    days(ana, ben, until)
    reviews(ana, until)
    moments(ana, ben, until)


def agree(ana: Resident, ben: Resident) -> None:
    for slug in catalog.BY_SLUG:
        for number in range(6):
            hold(ana, ben, f"We do this, number {number}.", slug)
        for person in (ana, ben):
            mine = Pledge.of(person, slug)
            mine.write("I will.", mine.revision)
        for number in range(3):
            Way.add(ana.partner, slug, f"A way of ours, number {number}.")
    for name in ("We eat together", "We walk", "We answer the door together"):
        own = OwnPrinciple.propose(ana.partner, name)
        own.agree(ben.partner)
        wording = Agreement.of(ana.partner, own.principle).propose(ana.partner, "We do.")
        for person in (ana, ben):
            wording.sign(person.partner)


def days(ana: Resident, ben: Resident, until: datetime) -> None:
    slugs = list(catalog.BY_SLUG)
    for person, other in ((ana, ben), (ben, ana)):
        lived = Day.objects.bulk_create(
            Day(
                person=person,
                on=(until - timedelta(days=ago)).date(),
                principle=slugs[ago % 10],
                way="A small way.",
                outcome=Day.Outcome.DONE if ago % 3 else Day.Outcome.NOT_TODAY,
                text="It went well enough." if ago % 5 == 0 else "",
                revision=int(ago % 5 == 0),
            )
            for ago in range(DAYS)
        )
        SharedDay.objects.bulk_create(
            SharedDay(
                day=day,
                workspace=person.partner.workspace,
                giver=person.partner,
                reader=other.partner,
                on=day.on,
                principle=day.principle,
                words=day.text,
            )
            for day in lived
            if day.text
        )


def reviews(ana: Resident, until: datetime) -> None:
    """All but the newest closed; that one is open."""
    first = Review.begin(ana.partner)
    couple = first.couple
    one, two = couple.people
    held = [item.wording for item in first.items.all()]
    marks = ("holding", "wobbling", "reword", "")
    for ago in range(REVIEWS - 1, 0, -1):
        at = until - timedelta(days=7 * ago)
        review = Review.objects.create(
            couple=couple,
            began_at=at,
            revealed_at=at,
            closed_at=at,
            next_on=(at + timedelta(days=7)).date(),
        )
        items = ReviewItem.objects.bulk_create(
            ReviewItem(review=review, wording=wording, position=place)
            for place, wording in enumerate(held)
        )
        ReviewMark.objects.bulk_create(
            ReviewMark(item=item, partner=person, answer=marks[(ago + item.position) % 4])
            for item in items
            for person in (one, two)
        )
        ReviewDone.objects.bulk_create(
            ReviewDone(review=review, partner=person) for person in (one, two)
        )


def moments(ana: Resident, ben: Resident, until: datetime) -> None:
    one, two = (person.partner for person in (ana, ben))
    answers = {slug: practices.BY_SLUG[slug].responses for slug in OFFERS}
    given = Moment.objects.bulk_create(
        Moment(
            kind=slug,
            couple=one.couple,
            begun_by=one if number % 2 else two,
            text=packed.pack(words(slug, f"Number {number}.")),
            given_at=until - timedelta(hours=14 * number),
        )
        for number in range(MOMENTS - 100)
        for slug in [OFFERS[number % len(OFFERS)]]
    )
    Response.objects.bulk_create(
        Response(
            moment=moment,
            partner=two if moment.begun_by_id == one.pk else one,
            choice=answers[moment.kind][0].value,
        )
        for moment in given[40:]
        if answers[moment.kind]
    )
    for number in range(25):
        for kind in (*practices.of_shape(Shape.BLIND), "repair", "share-power"):
            moment = give(ana if number % 2 else ben, kind, f"Number {number}")
            if isinstance(moment, Decision):
                for person in (ana, ben):
                    ready(moment, person)
            elif isinstance(moment, Repair):
                for person in (ana, ben):
                    tell(moment, person)
