"""The inner blueprint: four private pages, a way in, and a page to print."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from letters.models import Reflection
from letters.reflection import blueprint, questions
from tests.people import Resident

pytestmark = pytest.mark.django_db

FRONT, WAY_IN = reverse("letters:blueprint"), reverse("letters:blueprint_way_in")
PAPER = reverse("letters:blueprint_paper")
PAGES = [reverse("letters:blueprint_page", args=[page.slug]) for page in blueprint.PAGES]
HTMX = {"HX-Request": "true"}
PROMPT = blueprint.PAGES[0].prompts[0].slug
ADDRESS = reverse("letters:answer", args=[PROMPT])


def test_four_pages_with_five_to_seven_prompts_each() -> None:
    assert [page.slug for page in blueprint.PAGES] == ["closeness", "reactions", "hopes", "fears"]
    assert all(5 <= len(page.prompts) <= 7 for page in blueprint.PAGES)
    slugs = [*blueprint.PROMPTS, *questions.BY_SLUG]
    assert len(set(slugs)) == len(slugs)


def test_its_words_are_plain() -> None:
    for page in blueprint.PAGES:
        for words in (page.title, page.lead, *(w for p in page.prompts for w in (p.text, p.help))):
            assert "!" not in str(words)
            assert not re.search(
                r"\b(should|journey|space|trigger|attachment|trauma|inner child|boundar)",
                str(words),
                re.IGNORECASE,
            ), words


def test_it_works_for_one(as_sol: Client) -> None:
    page = as_sol.get(FRONT).text
    assert all(address in page for address in PAGES)
    assert WAY_IN in page
    for address in PAGES:
        assert as_sol.get(address).status_code == 200


def test_what_is_typed_is_kept_and_found_again(as_sol: Client) -> None:
    response = as_sol.post(ADDRESS, {"text": "To the cellar.", "revision": 0}, headers=HTMX)
    assert response["X-Revision"] == "1"
    assert "To the cellar." in as_sol.get(PAGES[0]).text
    front = as_sol.get(FRONT).text
    assert front.count("You have written here.") == 1
    assert PAPER in front


def test_without_javascript_one_comes_back_to_the_same_place(as_sol: Client) -> None:
    said = {"text": "To the cellar.", "revision": 0}
    assert as_sol.post(ADDRESS, said)["Location"] == f"{PAGES[0]}#{PROMPT}"
    assert as_sol.get(ADDRESS)["Location"] == f"{PAGES[0]}#{PROMPT}"
    answer = reverse("letters:answer", args=["way-in"])
    assert as_sol.post(answer, said)["Location"] == WAY_IN


@pytest.mark.parametrize("headers", [HTMX, {}])
def test_a_second_window_loses_nothing(as_sol: Client, headers: dict[str, str]) -> None:
    as_sol.post(ADDRESS, {"text": "from the phone", "revision": 0}, headers=headers)
    response = as_sol.post(ADDRESS, {"text": "from the desk", "revision": 0}, headers=headers)
    assert response.status_code == 409
    assert "from the phone" in response.text
    assert "from the desk" in response.text


def test_a_first_line_is_offered_and_not_kept_by_itself(as_sol: Client) -> None:
    page = as_sol.get(WAY_IN).text
    assert "You may have been told that this is not your job" in page
    assert page.count("?start=") == len(blueprint.FIRST_LINES)
    page = as_sol.get(WAY_IN, {"start": "0"}).text
    assert "\nNobody has ever asked me about </textarea>" in page
    assert not Reflection.objects.exists()


def test_a_first_line_comes_after_what_is_there(as_sol: Client, sol: Resident) -> None:
    Reflection.answer(sol, blueprint.WAY_IN, "I have begun.", 0)
    page = as_sol.get(WAY_IN, {"start": "0"}).text
    assert "\nI have begun.\n\nNobody has ever asked me about </textarea>" in page


@pytest.mark.parametrize("start", ["", "-1", "4", "99999999999", "x", "²"])
def test_a_broken_start_starts_nothing(as_sol: Client, start: str) -> None:
    assert "\n</textarea>" in as_sol.get(WAY_IN, {"start": start}).text


def test_the_page_to_print_has_my_answers_and_nothing_else(as_sol: Client, sol: Resident) -> None:
    assert "Nothing here yet." in as_sol.get(PAPER).text
    Reflection.answer(sol, blueprint.PAGES[3].prompts[0], "That you are leaving.\nOr not.", 0)
    Reflection.answer(sol, questions.QUESTIONS[0], "an answer to one of the six", 0)
    Reflection.answer(sol, blueprint.PAGES[2].prompts[0], "   ", 0)
    page = as_sol.get(PAPER).text
    assert "Private. Written by Sol" in page
    assert "That you are leaving.<br>Or not." in page
    assert "an answer to one of the six" not in page
    assert str(blueprint.PAGES[2].title) not in page


def test_the_page_about_fears_knows_the_way_to_the_safety_page(as_sol: Client) -> None:
    assert f'<a href="{reverse("couples:safety")}">the safety page</a>' in as_sol.get(PAGES[3]).text


def test_it_is_not_counted_among_the_answers(as_sol: Client, sol: Resident) -> None:
    Reflection.answer(sol, blueprint.PAGES[0].prompts[0], "To the cellar.", 0)
    assert "You have answered" not in as_sol.get(reverse("letters:letters")).text


def test_nobody_else_reads_any_of_it(
    as_ana: Client, as_ben: Client, as_cleo: Client, as_eve: Client, client: Client, ana: Resident
) -> None:
    for prompt in blueprint.PROMPTS.values():
        Reflection.answer(ana, prompt, f"canary {prompt.slug}", 0)
    pages = [FRONT, WAY_IN, PAPER, *PAGES, reverse("letters:letters"), reverse("couples:home")]
    for visitor in (as_ben, as_cleo, as_eve, client):
        for address in pages:
            page = visitor.get(address, follow=True).text
            assert "canary" not in page, address
            assert "You have written here." not in page, address
    assert "canary" in as_ana.get(PAPER).text


@pytest.mark.parametrize("address", [FRONT, WAY_IN, PAPER, PAGES[0]])
def test_the_pages_are_only_read(as_ana: Client, address: str) -> None:
    assert as_ana.post(address).status_code == 405


def test_a_page_that_does_not_exist_is_not_found(as_ana: Client) -> None:
    address = reverse("letters:blueprint_page", args=["shoes"])
    assert as_ana.get(address).status_code == 404
