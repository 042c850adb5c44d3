"""Every review page and act: who gets in, and who does not."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from principles.models import Review
from principles.reviews.models.mark import Said
from principles.reviews.models.stage import Stage
from tests.answers import Answer
from tests.people import Resident
from tests.principles.reviews.steps import again, begin, close, reveal, said

OF_AN_ITEM = ["part_draft", "part", "wish"]
SHOWN = ["go", "choose", *OF_AN_ITEM, "sign", "close"]
ACTS = ["mark", "done", "take_back", "stop", *SHOWN, "move"]
TOMORROW = {"when": "other", "day": (timezone.localdate() + timedelta(days=1)).isoformat()}


@pytest.fixture
def review(ana: Resident, ben: Resident) -> Review:
    return begin(ana, ben)


def at(review: Review, name: str = "review") -> str:
    more = [review.items.all()[0].pk] if name.removeprefix("review_") in OF_AN_ITEM else []
    more = [review.items.all()[0].wording_id] if name == "review_sign" else more
    return reverse(f"principles:{name}", args=[review.pk, *more])


def act(client: Client, review: Review, name: str) -> Answer:
    """The act, with what a page sends for it."""
    data = TOMORROW if name in ("close", "move") else {}
    if name == "choose":
        data = {"item": str(review.items.all()[0].pk)}
    data |= {"go": {"step": "next"}, "wish": {"wish": "keep"}}.get(name, {})
    if name in ("part", "part_draft"):
        data = {"part-text": "I was late.", "revision": "0", "tab_id": "w"}
    return client.post(at(review, f"review_{name}"), data)


def made_ready(review: Review, name: str, ana: Resident, ben: Resident) -> Review:
    if name in SHOWN:
        return reveal(review, ana, ben)
    return close(review, ana, ben) if name == "move" else review


@pytest.mark.parametrize("name", ACTS)
def test_each_of_the_two_may_act(
    review: Review, ana: Resident, ben: Resident, as_ana: Client, as_ben: Client, name: str
) -> None:
    review = made_ready(review, name, ana, ben)
    for client in (as_ana, as_ben):
        response = act(client, review, name)
        assert response.status_code == 302
        assert response["Location"] == at(review)
        assert client.get(at(review)).status_code == 200
        assert client.get(f"{at(review)}?step=talk").status_code == 200


@pytest.mark.parametrize("name", ACTS)
def test_an_outsider_finds_nothing_to_act_on(
    review: Review, ana: Resident, ben: Resident, as_cleo: Client, as_sol: Client, name: str
) -> None:
    review = made_ready(review, name, ana, ben)
    before = again(review).stage, again(review).next_on, again(review).chosen_id
    for outsider in (as_cleo, as_sol):
        assert act(outsider, review, name).status_code == 404
    assert (again(review).stage, again(review).next_on, again(review).chosen_id) == before


@pytest.mark.parametrize("name", ACTS)
def test_who_left_is_not_let_in_and_changes_nothing(
    review: Review, ana: Resident, ben: Resident, as_ben: Client, as_eve: Client, name: str
) -> None:
    review = made_ready(review, name, ana, ben)
    assert act(as_eve, review, name)["Location"] == reverse("couples:begin")
    ben.partner.leave()
    assert act(as_ben, review, name)["Location"] == reverse("couples:begin")
    assert not again(review).dones.filter(partner=ben.partner, review__revealed_at=None)


@pytest.mark.parametrize("name", ACTS)
def test_a_signed_out_visitor_is_asked_to_sign_in(
    review: Review, as_anonymous: Client, name: str
) -> None:
    response = act(as_anonymous, review, name)
    # Not back to what is only sent to: see tests/couples/web/test_grown_old.py.
    assert response["Location"] == "/account/login/?next=/home/"
    assert again(review).stage is Stage.MARKING


@pytest.mark.parametrize("name", ["begin", *ACTS])
def test_what_changes_something_is_a_post(review: Review, as_ana: Client, name: str) -> None:
    where = reverse("principles:review_begin") if name == "begin" else at(review, f"review_{name}")
    assert as_ana.get(where).status_code == 405


def test_the_pages_are_not_posted_to(review: Review, as_ana: Client) -> None:
    assert as_ana.post(at(review)).status_code == 405
    assert as_ana.post(reverse("principles:reviews")).status_code == 405


@pytest.mark.parametrize("part", ["", "?part=body", "?part=status", "?part=where", "?step=talk"])
@pytest.mark.parametrize("stage", ["marking", "revealed", "closed"])
def test_outsiders_get_neither_the_page_nor_its_parts(
    review: Review,
    ana: Resident,
    ben: Resident,
    as_cleo: Client,
    as_eve: Client,
    as_anonymous: Client,
    part: str,
    stage: str,
) -> None:
    if stage != "marking":
        {"revealed": reveal, "closed": close}[stage](review, ana, ben)
    where = at(review) + part
    for headers in ({}, {"HX-Request": "true"}):
        assert as_cleo.get(where, headers=headers).status_code == 404
        assert as_eve.get(where, headers=headers)["Location"] == reverse("couples:begin")
        assert as_anonymous.get(where, headers=headers)["Location"].startswith("/account/login/")


def test_begin_belongs_to_two_who_signed_something(
    review: Review, as_sol: Client, as_anonymous: Client, as_eve: Client, as_ana: Client
) -> None:
    begin_ = reverse("principles:review_begin")
    assert as_ana.post(begin_)["Location"] == at(review)
    assert as_sol.post(begin_)["Location"] == reverse("principles:reviews")
    assert as_eve.post(begin_)["Location"] == reverse("couples:begin")
    assert as_anonymous.post(begin_)["Location"].startswith("/account/login/")
    assert list(Review.objects.all()) == [review]


def test_a_review_that_never_was_is_not_found(as_ana: Client) -> None:
    nowhere = reverse("principles:review", args=["00000000-0000-7000-8000-000000000000"])
    assert as_ana.get(nowhere).status_code == 404


@pytest.mark.parametrize("item", ["", "nonsense", "00000000-0000-7000-8000-000000000000"])
def test_only_what_was_looked_at_can_be_chosen(
    review: Review, ana: Resident, ben: Resident, as_ana: Client, item: str
) -> None:
    reveal(review, ana, ben)
    response = as_ana.post(at(review, "review_choose"), {"item": item})
    assert response.status_code == 404
    assert again(review).chosen is None


def test_what_the_other_said_cannot_be_changed_by_naming_their_items(
    review: Review, ana: Resident, ben: Resident, as_ben: Client
) -> None:
    review.mark(ana.partner, said(review, Said("holding", "Mine.")))
    item = review.items.all()[0]
    as_ben.post(at(review, "review_mark"), {f"{item.pk}-answer": "reword", f"{item.pk}-note": "x"})
    assert item.marks.get(partner=ana.partner).said == ("holding", "Mine.")
