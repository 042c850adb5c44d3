"""One breath before writing: on the way in, once in a sitting, and never in anybody's way."""

import pytest
from django.test import Client
from django.urls import reverse

from letters.models import Letter
from tests.people import Resident

pytestmark = pytest.mark.django_db

LETTERS, QUESTIONS = reverse("letters:letters"), reverse("letters:questions")
PAUSE = reverse("letters:pause")
FROM_HERE = {"Referer": f"http://testserver{LETTERS}"}


def test_it_lies_on_the_way_from_another_page(as_ana: Client) -> None:
    way = as_ana.get(QUESTIONS, headers=FROM_HERE)["Location"]
    assert way.startswith(PAUSE)
    page = as_ana.get(way).text
    assert "One breath first" in page
    assert page.count(f'href="{QUESTIONS}"') >= 2  # Begin, and Skip


def test_it_lies_before_a_letter_that_was_just_begun(as_sol: Client) -> None:
    begun = as_sol.post(reverse("letters:letter_begin"), headers=FROM_HERE)["Location"]
    way = as_sol.get(begun, headers=FROM_HERE)["Location"]
    assert f'href="{begun}"' in as_sol.get(way).text


def test_it_is_shown_once_in_a_sitting(as_ana: Client) -> None:
    way = as_ana.get(QUESTIONS, headers=FROM_HERE)["Location"]
    as_ana.get(way)
    assert as_ana.get(QUESTIONS, headers=FROM_HERE).status_code == 200
    # Nor by the way back.
    assert as_ana.get(way)["Location"] == QUESTIONS


def test_the_next_sitting_has_one_again(as_ana: Client) -> None:
    as_ana.get(as_ana.get(QUESTIONS, headers=FROM_HERE)["Location"])
    assert 0 < as_ana.cookies["pause"]["max-age"] <= 24 * 60 * 60
    del as_ana.cookies["pause"]
    assert as_ana.get(QUESTIONS, headers=FROM_HERE)["Location"].startswith(PAUSE)


@pytest.mark.parametrize("headers", [{}, {"Referer": "https://mail.example/inbox"}])
def test_who_comes_by_an_address_of_their_own_goes_straight_in(
    as_ana: Client, headers: dict[str, str]
) -> None:
    assert as_ana.get(QUESTIONS, headers=headers).status_code == 200
    # And is not stopped in the middle of it, on the way back from the next page.
    assert as_ana.get(QUESTIONS, headers=FROM_HERE).status_code == 200


def test_nobody_is_trapped_without_cookies(as_ana: Client) -> None:
    way = as_ana.get(QUESTIONS, headers=FROM_HERE)["Location"]
    as_ana.get(way)
    del as_ana.cookies["pause"]
    headers = {"Referer": f"http://testserver{way}"}
    assert as_ana.get(QUESTIONS, headers=headers).status_code == 200


def test_it_can_be_turned_off_with_one_click_and_brought_back(as_ana: Client) -> None:
    response = as_ana.post(PAUSE, {"off": "", "next": QUESTIONS})
    assert response["Location"] == QUESTIONS
    assert as_ana.cookies["pause"]["max-age"] > 300 * 24 * 60 * 60
    assert as_ana.get(QUESTIONS, headers=FROM_HERE).status_code == 200
    assert "The pause is off here" in as_ana.get(PAUSE).text
    as_ana.post(PAUSE, {"on": ""})
    assert "One breath first" in as_ana.get(PAUSE).text


@pytest.mark.parametrize(
    "elsewhere",
    ["https://elsewhere.example/", "//elsewhere.example", "/home/", "/letters/../account/", ""],
)
def test_it_leads_nowhere_but_into_the_letters(as_ana: Client, elsewhere: str) -> None:
    page = as_ana.get(PAUSE, {"next": elsewhere}).text
    assert f'<a class="btn" href="{LETTERS}"' in page
    assert as_ana.get(PAUSE, {"next": elsewhere})["Location"] == LETTERS


def test_it_says_nothing_about_a_letter_that_is_not_ones_own(as_ben: Client, ana: Resident) -> None:
    letter = Letter.begin_personal(ana)
    address = reverse("letters:letter", args=[letter.pk])
    assert as_ben.get(address, headers=FROM_HERE).status_code == 404


def test_what_is_saved_as_one_types_is_never_stopped(as_ana: Client) -> None:
    address = reverse("letters:answer", args=["disagree"])
    headers = FROM_HERE | {"HX-Request": "true"}
    said = {"text": "Slower.", "revision": 0}
    assert as_ana.post(address, said, headers=headers).status_code == 200


def test_the_browser_alone_keeps_it(as_ana: Client) -> None:
    way = as_ana.get(QUESTIONS, headers=FROM_HERE)["Location"]
    as_ana.get(way)
    assert as_ana.cookies["pause"].value == "taken"
    assert as_ana.cookies["pause"]["path"] == LETTERS
    assert "pause" not in str(dict(as_ana.session))
