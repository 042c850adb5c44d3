"""Closing a review with a date for the next one, and moving that date."""

import re
from datetime import date, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from principles.models import Review
from principles.reviews.forms import months_after
from principles.reviews.models.stage import Stage
from tests.people import Resident
from tests.principles.reviews.steps import again, begin, close, reveal

HTMX = {"HX-Request": "true"}
TODAY = timezone.localdate()


@pytest.fixture
def review(ana: Resident, ben: Resident) -> Review:
    return reveal(begin(ana, ben), ana, ben)


def at(review: Review, name: str = "review") -> str:
    return reverse(f"principles:{name}", args=[review.pk])


@pytest.mark.parametrize(
    ("day", "months", "later"),
    [
        (date(2026, 11, 22), 1, date(2026, 12, 22)),
        (date(2026, 12, 22), 1, date(2027, 1, 22)),
        (date(2026, 11, 30), 3, date(2027, 2, 28)),
        (date(2027, 11, 30), 3, date(2028, 2, 29)),
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2026, 9, 15), 3, date(2026, 12, 15)),
    ],
)
def test_months_after_a_day(day: date, months: int, later: date) -> None:
    assert months_after(day, months) == later


@pytest.mark.parametrize("when", ["week", "month", "quarter"])
def test_a_suggested_day_closes_the_review(review: Review, as_ana: Client, when: str) -> None:
    page = as_ana.post(at(review, "review_close"), {"when": when, "day": ""}, follow=True)
    today = timezone.localdate()
    days = {
        "week": today + timedelta(days=7),
        "month": months_after(today, 1),
        "quarter": months_after(today, 3),
    }
    assert again(review).stage is Stage.CLOSED
    assert again(review).next_on == days[when]
    assert "when it is quiet. Either of you can move it." in page.text


@pytest.mark.parametrize(
    ("when", "rhythm"),
    [("week", "week"), ("quarter", "quarter"), ("other", ""), ("open", "")],
)
def test_the_next_time_is_asked_as_it_was_chosen_before(
    review: Review, ana: Resident, ben: Resident, as_ana: Client, when: str, rhythm: str
) -> None:
    day = (TODAY + timedelta(days=9)).isoformat() if when == "other" else ""
    as_ana.post(at(review, "review_close"), {"when": when, "day": day})
    assert again(review).rhythm == rhythm
    following = reveal(begin(ana, ben), ana, ben)
    page = as_ana.get(f"{at(following)}?step=next").text
    chosen = re.search(r'name="when" value="(\w+)"[^>]*checked', page)
    # One day chosen by hand says nothing of how often.
    assert chosen
    assert chosen[1] == {"other": "month"}.get(when, when)


def test_two_may_look_again_when_they_like(review: Review, as_ana: Client, as_ben: Client) -> None:
    page = as_ana.post(at(review, "review_close"), {"when": "open"}, follow=True).text
    assert "When you like. Either of you can set a day." in page
    assert again(review).stage is Stage.CLOSED
    assert again(review).next_on is None
    for where in ("/home/", "/reviews/"):
        assert "Move the date" not in as_ben.get(where).text
    day = (TODAY + timedelta(days=2)).isoformat()
    as_ben.post(at(review, "review_move"), {"when": "other", "day": day})
    assert again(review).next_on == TODAY + timedelta(days=2)
    as_ana.post(at(review, "review_move"), {"when": "open"})
    assert again(review).next_on is None


def test_another_day_closes_the_review(review: Review, as_ben: Client) -> None:
    day = timezone.localdate() + timedelta(days=1)
    as_ben.post(at(review, "review_close"), {"when": "other", "day": day.isoformat()})
    assert again(review).next_on == day


@pytest.mark.parametrize(
    ("when", "day", "sentence"),
    [
        ("other", TODAY.isoformat(), "Choose a day from tomorrow on."),
        ("other", "2020-02-29", "Choose a day from tomorrow on."),
        ("other", "", "Choose a day."),
        ("other", "tomorrow", "Write the day like this: 2027-01-31."),
        ("other", "2027-02-30", "Write the day like this: 2027-01-31."),
        ("", "", "Choose one of these."),
        ("never", "", "Select a valid choice."),
    ],
)
@pytest.mark.parametrize("name", ["review_close", "review_move"])
def test_a_day_that_will_not_do_is_said_beside_the_field(
    review: Review,
    ana: Resident,
    ben: Resident,
    as_ana: Client,
    name: str,
    when: str,
    day: str,
    sentence: str,
) -> None:
    before = None
    if name == "review_move":
        review.close(TODAY + timedelta(days=3))
        before = TODAY + timedelta(days=3)
    response = as_ana.post(at(review, name), {"when": when, "day": day})
    assert response.status_code == 422
    assert sentence in response.text
    assert f'value="{day}"' in response.text
    assert again(review).next_on == before


def test_closing_before_the_reveal_is_refused(ana: Resident, ben: Resident, as_ana: Client) -> None:
    review = begin(ana, ben)
    response = as_ana.post(at(review, "review_close"), {"when": "week"})
    assert response.status_code == 409
    assert "Nothing is shown before both of you are done." in response.text
    assert again(review).stage is Stage.MARKING


def test_the_second_to_close_finds_it_closed(
    review: Review, as_ana: Client, as_ben: Client
) -> None:
    as_ana.post(at(review, "review_close"), {"when": "week"})
    response = as_ben.post(at(review, "review_close"), {"when": "quarter"}, follow=True)
    assert response.status_code == 200
    assert again(review).next_on == timezone.localdate() + timedelta(days=7)


def test_either_moves_the_date(review: Review, as_ana: Client, as_ben: Client) -> None:
    as_ana.post(at(review, "review_close"), {"when": "week"})
    as_ben.post(at(review, "review_move"), {"when": "quarter"})
    assert again(review).next_on == months_after(timezone.localdate(), 3)
    as_ana.post(at(review, "review_move"), {"when": "week"})
    assert again(review).next_on == timezone.localdate() + timedelta(days=7)


def test_the_date_of_an_earlier_review_stays_as_it_was(
    review: Review, ana: Resident, ben: Resident, as_ana: Client
) -> None:
    day = timezone.localdate() + timedelta(days=7)
    review.close(day)
    close(begin(ana, ben), ana, ben)
    assert as_ana.post(at(review, "review_move"), {"when": "quarter"}).status_code == 409
    assert again(review).next_on == day
    page = as_ana.get(at(review)).text
    assert "You wanted to look again on" in page
    assert "Move the date" not in page


# -- Choosing, and pages that are open meanwhile -------------------------------------------------


def test_what_is_chosen_is_said_on_both_pages(
    review: Review, as_ana: Client, as_ben: Client
) -> None:
    second = review.items.all()[1]
    as_ana.post(at(review, "review_choose"), {"item": str(second.pk)})
    for client in (as_ana, as_ben):
        page = client.get(at(review)).text
        assert page.count("The one to talk about") == 1
        assert "We look after emergency." in page
        assert "We look after backs." not in page
        assert "We look after backs." in client.get(f"{at(review)}?step=said").text


def test_choosing_by_htmx_answers_with_the_next_step(review: Review, as_ana: Client) -> None:
    form = {"item": str(review.items.all()[0].pk)}
    response = as_ana.post(at(review, "review_choose"), form, headers=HTMX)
    assert response.text.strip().startswith('<div id="review-body"')
    assert "The one to talk about" in response.text


def test_choosing_once_it_is_closed_says_so(review: Review, as_ana: Client) -> None:
    review.close(timezone.localdate() + timedelta(days=7))
    form = {"item": str(review.items.all()[0].pk)}
    for headers in ({}, HTMX):
        response = as_ana.post(at(review, "review_choose"), form, headers=headers)
        assert response.status_code == 409
        assert response.text.count("This review is closed") == 1
        assert "Talk about this one" not in response.text


def test_both_pages_show_both_in_the_same_order(
    review: Review, as_ana: Client, as_ben: Client
) -> None:
    pages = [
        client.get(f"{at(review)}?part=body", headers=HTMX).text for client in (as_ana, as_ben)
    ]
    for page in pages:
        assert page.index("<h3>Ana</h3>") < page.index("<h3>Ben</h3>")
        assert page.index("We look after backs.") < page.index("We look after emergency.")


@pytest.mark.parametrize("part", ["now", "changed"])
def test_an_open_page_keeps_what_is_being_chosen(review: Review, as_ana: Client, part: str) -> None:
    here = f"{at(review)}?part=where&at=next"
    again(review).close(timezone.localdate() + timedelta(days=7))
    assert as_ana.get(f"{at(review)}?part={part}&step=next", headers=HTMX).status_code == 204
    assert "This review is closed now." in as_ana.get(here, headers=HTMX).text


def test_an_open_page_keeps_the_marks_that_are_being_written(
    ana: Resident, ben: Resident, as_ana: Client
) -> None:
    review = begin(ana, ben)
    part = f"{at(review)}?part=status"
    for reach, words in {
        "begun": "Not both of you are done.",
        "done": "Ben is done.",
        "mine": "Read what you each said",
    }.items():
        if reach != "begun":
            again(review).done({"done": ben, "mine": ana}[reach].partner, {})
        page = as_ana.get(part, headers=HTMX).text
        assert words in page
        assert page.strip().startswith('<section id="review-status"')
        assert "<textarea" not in page
