"""After five years of daily use no page asks the database more than twelve times."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from principles import catalog
from principles.catalog import practices
from principles.models import Moment, OwnPrinciple, Review
from principles.reviews.models.stage import Step
from tests.people import Resident
from tests.principles.reviews.steps import reveal
from tests.principles.years import live_through

MOST = 12

# Every page of the principles that is read; what a test of its own has for it follows the name.
PLAIN = (
    *("couples:home", "couples:us", "letters:letters", "principles:principles"),
    *("principles:ours", "principles:ours_text", "principles:own", "principles:days"),
    *("principles:picture", "principles:calendar"),
    *("principles:reviews", "principles:practices", "principles:decisions", "principles:reminder"),
)


@pytest.fixture
def lived_in(ana: Resident, ben: Resident) -> None:
    live_through(ana, ben)


def shown(ana: Resident, ben: Resident) -> Review:
    """A review that both can see, with one to talk about."""
    review = reveal(Review.begin(ana.partner), ana, ben)
    review.choose(review.items.all()[0])
    return review


@pytest.mark.slow
def test_no_page_asks_more_than_twelve_times(
    as_ana: Client,
    ana: Resident,
    ben: Resident,
    lived_in: None,
    django_assert_max_num_queries: Callable[..., Any],
) -> None:
    pages = [reverse(name) for name in PLAIN]
    paged = ("principles:days", "principles:reviews", "principles:picture")
    pages += [f"{reverse(name)}?page=3" for name in paged]
    own = OwnPrinciple.objects.first()
    assert own
    for slug in [*list(catalog.BY_SLUG)[:3], own.slug]:
        for name in ("principle", "propose", "wordings", "ways"):
            pages.append(reverse(f"principles:{name}", args=[slug]))
    for slug in practices.BY_SLUG:
        pages.append(reverse("principles:practice", args=[slug]))
        pages.append(reverse("principles:history", args=[slug]))
        moment = Moment.objects.filter(kind=slug).order_by("-given_at").first()
        if moment is not None:
            pages.append(reverse("principles:moment", args=[moment.pk]))
    newest_first = Review.objects.order_by("-began_at")
    pages += [reverse("principles:review", args=[each.pk]) for each in newest_first[:2]]
    # And one that is open, at each of its steps.
    running = reverse("principles:review", args=[shown(ana, ben).pk])
    pages += [running, *(f"{running}?step={step}" for step in Step)]
    too_many = []
    for page in pages:
        as_ana.get(page)  # what is read once in a process is not the page's
        try:
            with django_assert_max_num_queries(MOST):
                response = as_ana.get(page)
        except pytest.fail.Exception as error:
            too_many.append(f"{page}: {error}".split(" (add")[0])
            continue
        assert response.status_code == 200, page
        # Histories page: nobody is sent five years at once.
        assert len(response.content) < 200_000, page
    assert not too_many, "\n".join(too_many)
