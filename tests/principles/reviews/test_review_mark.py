"""Marking, and being done, as the page does it."""

import pytest
from django.test import Client
from django.urls import reverse

from principles.models import Review, ReviewMark
from principles.reviews.forms import LONGEST, MarkSheet
from principles.reviews.models.mark import OPEN, Said
from principles.reviews.models.stage import Stage
from tests.people import Resident
from tests.principles.reviews.steps import again, begin, said, sent

HTMX = {"HX-Request": "true"}
HOLDS = Said("holding", "")
WOBBLES = Said("wobbling", "Some days the kettle wins.")


@pytest.fixture
def review(ana: Resident, ben: Resident) -> Review:
    return begin(ana, ben)


def at(review: Review, name: str = "review") -> str:
    return reverse(f"principles:{name}", args=[review.pk])


def revision_on(page: str) -> str:
    return page.split('name="revision" value="')[1].split('"')[0]


def test_what_is_marked_stands_in_the_form_again(review: Review, as_ana: Client) -> None:
    as_ana.post(at(review, "review_mark"), sent(review, WOBBLES))
    page = as_ana.get(at(review)).text
    assert "Some days the kettle wins.</textarea>" in page
    assert 'value="wobbling"' in page.split("checked")[0].rpartition("<input")[2]


def test_notes_are_written_out_as_their_forms_would(
    review: Review, ana: Resident, as_ana: Client
) -> None:
    review.mark(ana.partner, said(review, Said("wobbling", "<b>\n “A & B”'s\n"), HOLDS))
    page = as_ana.get(at(review)).text
    for form in MarkSheet(review, ana.partner).forms:
        assert str(form["note"]) in page
    too_long = sent(review, Said("", "x" * LONGEST + "y"))
    assert 'aria-invalid="true"' in as_ana.post(at(review, "review_mark"), too_long).text


def test_without_javascript_saving_says_so_on_the_page(review: Review, as_ana: Client) -> None:
    response = as_ana.post(at(review, "review_mark"), sent(review, HOLDS), follow=True)
    assert "<p>Saved.</p>" in response.text


def test_saving_as_one_types_answers_with_the_revision(review: Review, as_ana: Client) -> None:
    page = as_ana.get(at(review)).text
    form = sent(review, HOLDS) | {"revision": revision_on(page), "tab_id": "phone"}
    saved = as_ana.post(at(review, "review_mark"), form, headers=HTMX)
    assert saved.status_code == 200
    again_ = as_ana.get(at(review)).text
    assert saved["X-Revision"] == revision_on(again_) != form["revision"]


@pytest.mark.parametrize("name", ["review_mark", "review_done"])
@pytest.mark.parametrize("headers", [{}, HTMX])
def test_a_note_that_is_too_long_stays_on_the_page(
    review: Review, as_ana: Client, name: str, headers: dict[str, str]
) -> None:
    words = "x" * LONGEST + "y"
    response = as_ana.post(at(review, name), sent(review, HOLDS, Said("", words)), headers=headers)
    assert response.status_code == 422
    assert f"This is longer than {LONGEST} characters." in response.text
    assert words in response.text
    assert 'aria-invalid="true"' in response.text
    assert ("<html" in response.text) == (not headers)
    assert not ReviewMark.objects.exists()
    assert again(review).stage is Stage.MARKING


def test_a_note_as_long_as_it_may_be_is_kept(review: Review, ana: Resident, as_ana: Client) -> None:
    as_ana.post(at(review, "review_mark"), sent(review, Said("", "x" * LONGEST)))
    assert len(ReviewMark.objects.of(review).get().note) == LONGEST


def test_an_answer_that_does_not_exist_is_refused(review: Review, as_ana: Client) -> None:
    response = as_ana.post(at(review, "review_mark"), sent(review, Said("failing", "Typed.")))
    assert response.status_code == 422
    assert "Typed.</textarea>" in response.text
    assert not ReviewMark.objects.exists()


def test_a_note_keeps_its_lines(review: Review, as_ana: Client) -> None:
    as_ana.post(at(review, "review_mark"), sent(review, Said("", "One.\r\n\r\nTwo. ")))
    assert ReviewMark.objects.of(review).get().note == "One.\n\nTwo."


def test_being_done_saves_what_was_typed_last(
    review: Review, ana: Resident, as_ana: Client
) -> None:
    as_ana.post(at(review, "review_mark"), sent(review, HOLDS))
    last = sent(review, WOBBLES) | {"revision": "1"}
    page = as_ana.post(at(review, "review_done"), last, follow=True)
    assert "You are done" in page.text
    assert "Not both of you are done." in page.text
    assert "Some days the kettle wins." in page.text
    assert ReviewMark.objects.of(review).get().said == WOBBLES


def test_being_done_by_htmx_answers_with_the_page_that_comes_next(
    review: Review, ben: Resident, as_ana: Client
) -> None:
    response = as_ana.post(at(review, "review_done"), sent(review, HOLDS), headers=HTMX)
    assert response.status_code == 200
    assert response.text.strip().startswith('<div id="review-body"')
    assert "You are done" in response.text


def test_the_second_to_be_done_sees_what_both_said(
    review: Review, ben: Resident, as_ana: Client
) -> None:
    again(review).done(ben.partner, said(review, WOBBLES))
    page = as_ana.post(at(review, "review_done"), sent(review, HOLDS), follow=True).text
    assert "What you each said" in page
    assert "Some days the kettle wins." in page
    assert page.count("Left open") == 2


def test_taking_back_brings_the_form_back(review: Review, as_ana: Client) -> None:
    as_ana.post(at(review, "review_done"), sent(review, WOBBLES))
    page = as_ana.post(at(review, "review_take_back"), follow=True).text
    assert "Some days the kettle wins.</textarea>" in page
    assert again(review).stage is Stage.MARKING


@pytest.mark.parametrize(("headers", "start"), [({}, "<!doctype"), (HTMX, '<div class="conflict')])
def test_a_mark_after_the_reveal_is_refused_and_comes_back_with_its_words(
    review: Review,
    ana: Resident,
    ben: Resident,
    as_ana: Client,
    headers: dict[str, str],
    start: str,
) -> None:
    again(review).done(ana.partner, said(review, WOBBLES))
    again(review).done(ben.partner, {})
    response = as_ana.post(
        at(review, "review_mark"),
        sent(review, Said("holding", "Too late."), Said("", WOBBLES.note)),
        headers=headers,
    )
    assert response.status_code == 409
    assert "Both of you are done, and what you each said stays as it is." in response.text
    assert response.text.strip().startswith(start)
    assert "<blockquote" in response.text
    assert "Too late.</blockquote>" in response.text
    assert ReviewMark.objects.of(review).by(ana.partner).get().said == WOBBLES


def test_a_mark_in_a_stopped_review_comes_back_with_its_words(
    review: Review, ana: Resident, as_ana: Client
) -> None:
    form = sent(review, Said("holding", "For nobody."))
    review.stop()
    response = as_ana.post(at(review, "review_mark"), form, headers=HTMX)
    assert response.status_code == 409
    assert "This review was stopped." in response.text
    assert "For nobody." in response.text
    assert not ReviewMark.objects.exists()


def test_a_second_window_is_shown_both_texts(review: Review, ana: Resident, as_ana: Client) -> None:
    opened = revision_on(as_ana.get(at(review)).text)
    as_ana.post(at(review, "review_mark"), sent(review, WOBBLES) | {"revision": opened})
    other_window = sent(review, Said("holding", "Most days."), HOLDS) | {"revision": opened}
    response = as_ana.post(at(review, "review_mark"), other_window, headers=HTMX)
    assert response.status_code == 409
    assert "In another window you said this." in response.text
    assert '<p class="noted" dir="auto">Some days the kettle wins.</p>' in response.text
    assert "Most days.</textarea>" in response.text
    # Saving once more is the decision.
    decided = other_window | {"revision": revision_on(response.text)}
    assert as_ana.post(at(review, "review_mark"), decided, headers=HTMX).status_code == 200
    kept = ReviewMark.objects.of(review).by(ana.partner).order_by("item__position")
    assert [mark.said for mark in kept] == [("holding", "Most days."), HOLDS]


def test_a_second_window_that_says_nothing_takes_over_what_the_first_says(
    review: Review, as_ana: Client
) -> None:
    opened = revision_on(as_ana.get(at(review)).text)
    as_ana.post(at(review, "review_mark"), sent(review, WOBBLES) | {"revision": opened})
    response = as_ana.post(
        at(review, "review_done"), sent(review, OPEN, HOLDS) | {"revision": opened}
    )
    assert response.status_code == 409
    assert "Some days the kettle wins.</textarea>" in response.text
    assert "In another window you said this." not in response.text
    assert again(review).stage is Stage.MARKING


def test_marking_in_a_window_where_one_is_done_elsewhere(
    review: Review, ana: Resident, as_ana: Client
) -> None:
    again(review).done(ana.partner, said(review, HOLDS))
    response = as_ana.post(at(review, "review_mark"), sent(review, WOBBLES), headers=HTMX)
    assert response.status_code == 409
    assert "In another window you said that you are done." in response.text
    assert "Some days the kettle wins." in response.text


@pytest.mark.parametrize("both", [False, True])
def test_being_done_in_a_second_window_loses_none_of_its_words(
    review: Review, ana: Resident, ben: Resident, as_ana: Client, both: bool
) -> None:
    as_ana.post(at(review, "review_done"), sent(review, HOLDS))
    if both:
        again(review).done(ben.partner, {})
    response = as_ana.post(at(review, "review_done"), sent(review, WOBBLES))
    assert response.status_code == 409
    assert "Some days the kettle wins.</blockquote>" in response.text
    # The same once more is the same.
    assert as_ana.post(at(review, "review_done"), sent(review, HOLDS)).status_code == 302


def test_a_review_that_ended_because_the_other_left_is_not_called_stopped(
    review: Review, ben: Resident, as_ana: Client
) -> None:
    """What she marked is kept for her: see principles/reviews/after_parting.py."""
    as_ana.post(at(review, "review_mark"), sent(review, WOBBLES))
    ben.partner.leave()
    late = as_ana.post(at(review, "review_mark"), sent(review, Said("", "Late.")), headers=HTMX)
    status = as_ana.get(f"{at(review)}?part=status", headers=HTMX)
    for response in (late, status, as_ana.get(at(review))):
        assert "It ended when Ben left." in response.text
        assert "nothing of it is kept" not in response.text
        assert "was stopped" not in response.text
