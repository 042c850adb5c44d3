"""What reviews say on the home page."""

from datetime import timedelta

from django.db import connection
from django.template.loader import render_to_string
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django.utils.formats import date_format

from couples.models import Invitation
from principles.models import Review
from principles.reviews.dashboard import aside, waiting
from tests.people import Resident, anew
from tests.principles.reviews.steps import again, begin, close, reveal


def details(user: Resident) -> list[str]:
    return [str(line.detail) for line in waiting(user.partner)]


def test_an_open_review_waits_for_who_is_not_done(ana: Resident, ben: Resident) -> None:
    assert details(ana) == []
    review = begin(ana, ben)
    today = date_format(timezone.localdate(), "j F")
    waits = [f"Open since {today}. It takes ten minutes, or a week."]
    assert details(ana) == details(ben) == waits
    again(review).done(ana.partner, {})
    assert details(ana) == []
    assert details(ben) == waits
    again(review).done(ben.partner, {})
    assert details(ana) == details(ben) == ["Both of you are done. You can both read it now."]
    (line,) = waiting(ana.partner)
    assert (line.url, line.action) == (f"/reviews/{review.pk}/", "Read")


def test_nothing_waits_that_is_closed_stopped_or_of_others(
    ana: Resident, ben: Resident, cleo: Resident
) -> None:
    close(begin(ana, ben), ana, ben)
    assert details(ana) == []
    review = begin(ana, ben)
    assert details(cleo) == []
    review.stop()
    assert details(ana) == details(ben) == []


def test_nothing_waits_of_a_review_that_somebody_left(ana: Resident, ben: Resident) -> None:
    begin(ana, ben)
    ben.partner.leave()
    assert details(ana) == []


def beside(user: Resident) -> str:
    return "".join(
        render_to_string(part.template, {"here": part.context}) for part in aside(user.partner)
    )


def test_the_next_date_stands_beside(ana: Resident, ben: Resident) -> None:
    assert beside(ana) == ""
    day = timezone.localdate() + timedelta(weeks=2)
    review = close(begin(ana, ben), ana, ben, day)
    sentence = f"{date_format(day, 'l j F')}, when it is quiet. Either of you can move it."
    assert sentence in beside(ana)
    assert sentence in beside(ben)
    assert f"/reviews/{review.pk}/#review-end" in beside(ana)


def test_a_date_that_has_passed_is_described_and_not_graded(ana: Resident, ben: Resident) -> None:
    review = close(begin(ana, ben), ana, ben)
    day = timezone.localdate() - timedelta(days=1)
    Review.objects.filter(pk=review.pk).update(next_on=day)
    assert f"You planned to look back on {date_format(day, 'l j F')}." in beside(ana)


def test_no_date_stands_there_while_a_review_is_open(ana: Resident, ben: Resident) -> None:
    close(begin(ana, ben), ana, ben)
    review = begin(ana, ben)
    assert beside(ana) == ""
    reveal(review, ana, ben)
    assert beside(ana) == ""


def test_a_date_with_somebody_who_left_is_no_date(
    ana: Resident, ben: Resident, sol: Resident
) -> None:
    close(begin(ana, ben), ana, ben)
    ben.partner.leave()
    assert beside(ana) == ""
    Invitation.make(ana.partner).accept(sol).confirm()
    assert beside(anew(sol)) == ""
    assert beside(anew(ana)) == ""


def test_each_needs_one_query(ana: Resident, ben: Resident) -> None:
    close(begin(ana, ben), ana, ben)
    begin(ana, ben)
    partner = anew(ana).partner
    for part in (waiting, aside):
        with CaptureQueriesContext(connection) as captured:
            part(partner)
        assert len(captured) == 1
