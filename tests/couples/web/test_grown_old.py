"""A page that is older than the last sign-in: its token is refused, and a new one is handed out to
the person whose page it is."""

import pytest
from django.test import Client
from django.urls import reverse

from couples.models import User
from tests.people import Resident

pytestmark = pytest.mark.django_db


def seat_of(user: User) -> str:
    assert user.partner is not None
    return str(user.partner.pk)


def new_token(user: User, seat: str) -> str | None:
    """What a page of that seat gets, while this person is signed in."""
    browser = Client(enforce_csrf_checks=True, headers={"X-Seat": seat})
    browser.force_login(user)
    response = browser.post("/letters/begin/")
    assert response.status_code == 403
    token: str | None = response.headers.get("X-CSRFToken")
    if token:
        again = browser.post("/letters/begin/", headers={"X-CSRFToken": token})
        assert again.status_code == 302
    return token


def test_who_signed_in_again_goes_on_with_a_new_token(ana: Resident) -> None:
    assert new_token(ana, seat_of(ana))


def test_somebody_else_at_the_same_browser_does_not_go_on_with_the_page(
    ana: Resident, ben: Resident
) -> None:
    assert new_token(ben, seat_of(ana)) is None
    assert new_token(ben, "") is None


def test_nobody_gets_no_token(ana: Resident) -> None:
    browser = Client(enforce_csrf_checks=True, headers={"X-Seat": seat_of(ana)})
    response = browser.post("/letters/begin/")
    assert response.status_code == 403
    assert "X-CSRFToken" not in response.headers


def test_who_signs_in_for_something_that_is_sent_comes_back_to_its_page() -> None:
    """An address that is only sent to would be an empty page."""
    where = reverse("principles:draft_give", args=["backs"])
    page = "http://testserver/practices/backs/?from=home"
    for referer, after in (
        (page, "/practices/backs/%3Ffrom%3Dhome"),
        ("https://elsewhere.example/", "/home/"),
        ("", "/home/"),
    ):
        answer = Client().post(where, {"text": "x"}, headers={"Referer": referer})
        assert answer["Location"] == f"/account/login/?next={after}"
