"""The page that reviews begin from and where past ones are found; for one it is a look back."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from principles.models import Agreement, Pledge, Review
from tests.people import Resident
from tests.principles.reviews.steps import again, agree, begin, close, reveal, said

REVIEWS = "/reviews/"


def test_two_with_something_signed_can_begin(ana: Resident, ben: Resident, as_ana: Client) -> None:
    agree(ana, ben, "repair", "We come back within the hour.")
    page = as_ana.get(REVIEWS)
    assert "Begin a review" in page.text
    assert "We come back within the hour." in page.text
    response = as_ana.post(reverse("principles:review_begin"))
    assert response["Location"] == reverse("principles:review", args=[Review.objects.get().pk])


def test_the_gentle_line_stands_only_where_a_review_can_begin(
    ana: Resident, ben: Resident, as_ana: Client
) -> None:
    line = "Best when neither of you is tired or hungry."
    assert line not in as_ana.get(REVIEWS).text
    agree(ana, ben, "repair", "We come back within the hour.")
    page = as_ana.get(REVIEWS)
    assert page.text.index(line) < page.text.index("Begin a review")
    begin(ana, ben)
    assert line not in as_ana.get(REVIEWS).text


def test_two_without_anything_signed_are_shown_the_way(ana: Resident, as_ana: Client) -> None:
    Agreement.of(ana.partner, "backs").propose(ana.partner, "Only proposed.")
    page = as_ana.get(REVIEWS)
    assert "There is nothing signed to look at yet." in page.text
    assert 'href="/principles/"' in page.text
    assert "Begin a review" not in page.text
    assert as_ana.post(reverse("principles:review_begin"))["Location"] == REVIEWS
    assert not Review.objects.exists()


def test_one_looks_back_at_their_own_pledges(sol: Resident, ana: Resident, as_sol: Client) -> None:
    Pledge.of(sol, "repair").write("I say it first.", 0)
    Pledge.of(sol, "backs").write("I do not laugh along.", 0)
    Pledge.of(ana, "repair").write("Somebody else's.", 0)
    page = as_sol.get(REVIEWS)
    assert page.text.index("I do not laugh along.") < page.text.index("I say it first.")
    assert "Somebody else" not in page.text
    assert 'href="/principles/repair/"' in page.text
    assert "When there are two" in page.text
    assert "Begin a review" not in page.text


def test_one_without_pledges_is_invited_to_write_one(as_sol: Client) -> None:
    assert "Nothing here yet. Start with one line" in as_sol.get(REVIEWS).text


def test_the_open_review_is_one_step_away(
    ana: Resident, ben: Resident, as_ana: Client, as_ben: Client
) -> None:
    review = begin(ana, ben)
    where = reverse("principles:review", args=[review.pk])
    assert where in as_ana.get(REVIEWS).text
    again(review).done(ana.partner, {})
    assert "You are done. Not both of you are." in as_ana.get(REVIEWS).text
    assert "A review is open since" in as_ben.get(REVIEWS).text
    again(review).done(ben.partner, {})
    assert "What you each said is there to read." in as_ben.get(REVIEWS).text


def test_past_reviews_can_be_read_as_they_were(
    ana: Resident, ben: Resident, as_ben: Client
) -> None:
    review = begin(ana, ben)
    reveal(review, ana, ben).choose(review.items.all()[1])
    again(review).close(timezone.localdate() + timedelta(days=3))
    where = reverse("principles:review", args=[review.pk])
    page = as_ben.get(REVIEWS)
    assert where in page.text
    assert "We drop everything in an emergency" in page.text
    past = as_ben.get(where)
    assert "Some days the kettle wins." in past.text
    assert "We look after backs." in past.text
    assert "Talk about this one" not in past.text


def test_a_stopped_review_is_not_listed(ana: Resident, ben: Resident, as_ana: Client) -> None:
    review = begin(ana, ben)
    review.stop()
    assert str(review.pk) not in as_ana.get(REVIEWS).text
    page = as_ana.get(reverse("principles:review", args=[review.pk]))
    assert "This review was stopped" in page.text


def test_after_parting_what_was_shown_is_with_what_both_keep(
    ana: Resident, ben: Resident, as_ana: Client
) -> None:
    shown = close(begin(ana, ben), ana, ben)
    ben.partner.leave()
    assert str(shown.pk) not in as_ana.get(REVIEWS).text
    kept = reverse("couples:kept_chapter", args=[shown.couple_id, "reviews"])
    assert as_ana.get(reverse("principles:review", args=[shown.pk]))["Location"] == kept


def test_the_list_is_paged(ana: Resident, ben: Resident, as_ana: Client) -> None:
    reviews = [close(begin(ana, ben, 1), ana, ben) for _ in range(21)]
    first, second = as_ana.get(REVIEWS), as_ana.get(f"{REVIEWS}?page=2")
    assert str(reviews[0].pk) not in first.text
    assert "Older" in first.text
    assert str(reviews[0].pk) in second.text
    assert "Newer" in second.text


def test_the_part_that_is_asked_for_again_is_only_a_part(
    ana: Resident, ben: Resident, as_ana: Client
) -> None:
    begin(ana, ben)
    part = as_ana.get(REVIEWS, headers={"HX-Request": "true"})
    assert part.text.strip().startswith('<div id="review-now"')
    assert "<html" not in part.text


def test_an_outsider_sees_their_own_page(ana: Resident, ben: Resident, as_cleo: Client) -> None:
    review = close(begin(ana, ben), ana, ben)
    page = as_cleo.get(REVIEWS)
    assert page.status_code == 200
    assert str(review.pk) not in page.text


def test_a_signed_out_visitor_is_asked_to_sign_in(as_anonymous: Client) -> None:
    assert as_anonymous.get(REVIEWS)["Location"] == f"/account/login/?next={REVIEWS}"


def test_somebody_without_a_home_is_asked_how_to_begin(as_eve: Client) -> None:
    assert as_eve.get(REVIEWS)["Location"] == reverse("couples:begin")


# -- Queries -------------------------------------------------------------------------------------


def queries(client: Client, where: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert client.get(where).status_code == 200
    return len(captured)


@pytest.mark.parametrize("how_many", [1, 10])
def test_no_page_needs_more_than_twelve_queries(
    ana: Resident, ben: Resident, as_ana: Client, how_many: int
) -> None:
    at = [REVIEWS]
    review = begin(ana, ben, how_many)
    counts = {"to begin": queries(as_ana, REVIEWS)}
    at.append(reverse("principles:review", args=[review.pk]))
    stages: dict[str, Callable[[], object]] = {
        "marking": lambda: again(review).mark(ana.partner, said(review)),
        "done": lambda: again(review).done(ana.partner, said(review)),
        "revealed": lambda: again(review).done(ben.partner, said(review)),
        "closed": lambda: again(review).close(timezone.localdate() + timedelta(days=3)),
    }
    for stage, reach in stages.items():
        reach()
        counts |= {f"{stage} {where}": queries(as_ana, where) for where in at}
    assert max(counts.values()) <= 12, counts


def test_many_reviews_need_no_more_queries_than_one(
    ana: Resident, ben: Resident, as_ana: Client
) -> None:
    review = close(begin(ana, ben), ana, ben)
    where = reverse("principles:review", args=[review.pk])
    one = queries(as_ana, REVIEWS), queries(as_ana, where)
    for _ in range(24):
        review = close(begin(ana, ben), ana, ben)
    where = reverse("principles:review", args=[review.pk])
    assert (queries(as_ana, REVIEWS), queries(as_ana, where)) == one
