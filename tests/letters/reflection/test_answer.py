"""Answers to the six questions: kept as they are typed, and nobody else's."""

import pytest
from django.test import Client
from django.urls import reverse

from letters.models import Reflection
from tests.people import Resident

pytestmark = pytest.mark.django_db

ADDRESS = reverse("letters:answer", args=["disagree"])
HTMX = {"HX-Request": "true"}


def test_an_answer_is_kept(as_ana: Client, ana: Resident) -> None:
    response = as_ana.post(ADDRESS, {"text": "Slower.", "revision": 0}, headers=HTMX)
    assert response.status_code == 200
    assert response["X-Revision"] == "1"
    assert Reflection.objects.get().text == "Slower."
    assert "Slower." in as_ana.get(reverse("letters:questions")).text


def test_without_javascript_the_page_comes_back(as_ana: Client) -> None:
    response = as_ana.post(ADDRESS, {"text": "Slower.", "revision": 0})
    assert response["Location"] == reverse("letters:questions") + "#disagree"


def test_an_answer_can_be_emptied(as_ana: Client) -> None:
    as_ana.post(ADDRESS, {"text": "Slower.", "revision": 0}, headers=HTMX)
    as_ana.post(ADDRESS, {"text": "", "revision": 1}, headers=HTMX)
    assert Reflection.objects.get().text == ""


def test_white_space_is_the_writers_own(as_ana: Client) -> None:
    as_ana.post(ADDRESS, {"text": "  one\n\n  two  ", "revision": 0}, headers=HTMX)
    assert Reflection.objects.get().text.replace("\r\n", "\n") == "  one\n\n  two  "


@pytest.mark.parametrize("headers", [HTMX, {}])
def test_a_second_window_loses_nothing(as_ana: Client, headers: dict[str, str]) -> None:
    as_ana.post(ADDRESS, {"text": "from the phone", "revision": 0}, headers=headers)
    response = as_ana.post(ADDRESS, {"text": "from the desk", "revision": 0}, headers=headers)
    assert response.status_code == 409
    assert "from the phone" in response.text
    assert "from the desk" in response.text
    assert Reflection.objects.get().text == "from the phone"
    # The page that was just answered knows of both: saving it now is a choice.
    assert 'value="1"' in response.text
    as_ana.post(ADDRESS, {"text": "from both", "revision": 1}, headers=headers)
    assert Reflection.objects.get().text == "from both"


def test_a_page_whose_answer_got_lost_saves_again_over_its_own_words(as_ana: Client) -> None:
    mine = {"revision": 0, "tab_id": "the phone"}
    as_ana.post(ADDRESS, {"text": "Slow", **mine}, headers=HTMX)
    response = as_ana.post(ADDRESS, {"text": "Slower.", **mine}, headers=HTMX)
    assert response["X-Revision"] == "2"
    assert Reflection.objects.get().text == "Slower."


def test_saving_the_same_words_again_is_no_conflict(as_ana: Client) -> None:
    as_ana.post(ADDRESS, {"text": "Slower.", "revision": 0}, headers=HTMX)
    response = as_ana.post(ADDRESS, {"text": "Slower.", "revision": 0}, headers=HTMX)
    assert response["X-Revision"] == "1"


def test_too_long_an_answer_is_said_and_kept_on_the_page(as_ana: Client) -> None:
    long = "kettle " * 3000
    response = as_ana.post(ADDRESS, {"text": long, "revision": 0}, headers=HTMX)
    assert response.status_code == 422
    assert "21000 characters; 20000 fit" in response.text
    assert long in response.text
    assert not Reflection.objects.exists()


@pytest.mark.parametrize("revision", ["", "x", "-1", "99999999999999999999"])
def test_a_broken_revision_breaks_nothing(as_ana: Client, revision: str) -> None:
    as_ana.post(ADDRESS, {"text": "Kinder.", "revision": 0}, headers=HTMX)
    response = as_ana.post(ADDRESS, {"text": "Slower.", "revision": revision}, headers=HTMX)
    assert response.status_code == 409
    assert "Slower." in response.text
    assert "Kinder." in response.text


def test_the_partner_sees_nothing_of_it(as_ana: Client, as_ben: Client) -> None:
    as_ana.post(ADDRESS, {"text": "canary", "revision": 0}, headers=HTMX)
    for address in ("letters:questions", "letters:letters", "couples:home"):
        response = as_ben.get(reverse(address))
        assert "canary" not in response.text
    assert "You have answered" not in as_ben.get(reverse("letters:letters")).text


def test_the_partner_writes_an_answer_of_their_own(
    as_ana: Client, as_ben: Client, ana: Resident
) -> None:
    as_ana.post(ADDRESS, {"text": "hers", "revision": 0}, headers=HTMX)
    as_ben.post(ADDRESS, {"text": "his", "revision": 0}, headers=HTMX)
    assert Reflection.objects.get(person=ana).text == "hers"


def test_a_question_that_does_not_exist_is_not_found(as_ana: Client) -> None:
    address = reverse("letters:answer", args=["why"])
    assert as_ana.post(address, {"text": "x", "revision": 0}).status_code == 404


def test_anonymous_visitors_are_asked_to_sign_in(client: Client) -> None:
    response = client.post(ADDRESS, {"text": "x", "revision": 0})
    assert response["Location"].startswith(reverse("account_login"))


def test_an_answer_is_neither_put_nor_deleted(as_ana: Client) -> None:
    assert as_ana.put(ADDRESS).status_code == as_ana.delete(ADDRESS).status_code == 405


# -- One at a time -------------------------------------------------------------------------------


def test_one_question_alone_with_the_way_to_its_neighbours(as_ana: Client) -> None:
    as_ana.post(ADDRESS, {"text": "Slower.", "revision": 0}, headers=HTMX)
    page = as_ana.get(reverse("letters:answer", args=["hard-day"])).text
    assert "On a hard day" in page
    assert page.count("<textarea") == 1
    assert f'rel="prev" href="{ADDRESS}"' in page
    assert 'rel="next" href="/letters/questions/after-an-evening/"' in page
    # The index says where there are words, and does not count them.
    assert page.count("You have written here.") == 1
    assert "Slower." not in page
    assert "Slower." in as_ana.get(ADDRESS).text


@pytest.mark.parametrize("slug", ["disagree", "years-from-now"])
def test_the_first_and_the_last_have_one_neighbour(as_ana: Client, slug: str) -> None:
    page = as_ana.get(reverse("letters:answer", args=[slug])).text
    assert ('rel="prev"' in page, 'rel="next"' in page) == (
        slug != "disagree",
        slug == "disagree",
    )


def test_without_javascript_one_at_a_time_stays_so(as_ana: Client) -> None:
    said = {"text": "Slower.", "revision": 0, "alone": "yes"}
    assert as_ana.post(ADDRESS, said)["Location"] == ADDRESS
    then = as_ana.post(ADDRESS, {**said, "revision": 1, "then": "hard-day"})
    assert then["Location"] == reverse("letters:answer", args=["hard-day"])


def test_an_answer_emptied_again_leaves_no_trace_in_the_index(as_ana: Client) -> None:
    as_ana.post(ADDRESS, {"text": "Slower.", "revision": 0}, headers=HTMX)
    as_ana.post(ADDRESS, {"text": "", "revision": 1}, headers=HTMX)
    assert "You have written here." not in as_ana.get(ADDRESS).text
