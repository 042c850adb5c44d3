"""One's own words as a file: all of them, nobody else's, and after a fresh sign-in."""

import json

import pytest
from django.test import Client
from django.urls import reverse

from letters.models import Reflection, Value
from letters.reflection import blueprint, questions
from tests.people import PASSWORD, Resident

pytestmark = pytest.mark.django_db

EXPORT = reverse("letters:words_export")


def sign_in_again(client: Client) -> None:
    said = {"password": PASSWORD, "next": EXPORT}
    assert client.post(reverse("account_reauthenticate"), said)["Location"] == EXPORT


@pytest.fixture
def words(ana: Resident, ben: Resident) -> None:
    Reflection.answer(ana, questions.QUESTIONS[1], "A lift home.\r\nNo questions.", 0)
    Reflection.answer(ana, questions.QUESTIONS[2], "  ", 0)
    Reflection.answer(ana, blueprint.PAGES[0].prompts[0], "To the cellar.", 0)
    Reflection.answer(ana, blueprint.WAY_IN, "What I know is this.", 0)
    value, _new = Value.name(ana, "Patience")
    value.keep("Patience", "With the kettle on.", ["repair", "backs"], 0)
    Reflection.answer(ben, questions.QUESTIONS[0], "canary of Ben", 0)
    Value.name(ben, "canary of Ben")


@pytest.mark.parametrize("query", ["", "?as=text", "?as=json"])
def test_it_asks_for_a_fresh_sign_in(as_ana: Client, words: None, query: str) -> None:
    response = as_ana.get(EXPORT + query)
    assert response["Location"].startswith(reverse("account_reauthenticate"))


@pytest.mark.parametrize(
    ("form", "ending"), [("text", "txt"), ("markdown", "md"), ("json", "json")]
)
def test_everything_of_mine_and_nothing_of_the_others(
    as_ana: Client, words: None, form: str, ending: str
) -> None:
    sign_in_again(as_ana)
    assert f"?as={form}" in as_ana.get(EXPORT).text
    response = as_ana.get(EXPORT, {"as": form})
    assert response["Content-Disposition"].endswith(f'.{ending}"')
    assert "no-store" in response["Cache-Control"]
    for mine in ("A lift home.", "To the cellar.", "What I know is this.", "With the kettle on."):
        assert mine in response.text
    assert "canary" not in response.text
    assert "\r" not in response.text


def test_markdown_keeps_lines_apart(as_ana: Client, words: None) -> None:
    sign_in_again(as_ana)
    text = as_ana.get(EXPORT, {"as": "markdown"}).text
    assert (
        "### On a hard day, what can you count on from me?\n\nA lift home.  \nNo questions." in text
    )
    assert "## Values\n\n### Patience\n\nWith the kettle on." in text
    assert str(questions.QUESTIONS[2].text) not in text


def test_json_is_complete(as_ana: Client, words: None) -> None:
    sign_in_again(as_ana)
    whole = json.loads(as_ana.get(EXPORT, {"as": "json"}).text)
    assert whole["values"] == [
        {
            "text": "Patience",
            "meaning": "With the kettle on.",
            "principles": ["backs", "repair"],
        }
    ]
    assert [each["slug"] for each in whole["answers"]] == ["hard-day"]
    assert [each["slug"] for each in whole["blueprint"]] == ["closeness-first", "way-in"]
    assert whole["answers"][0]["text"] == "A lift home.\nNo questions."


def test_an_empty_export_is_no_error(as_sol: Client) -> None:
    sign_in_again(as_sol)
    for form in ("text", "markdown", "json"):
        assert as_sol.get(EXPORT, {"as": form}).status_code == 200


def test_another_kind_of_file_is_not_found(as_ana: Client) -> None:
    sign_in_again(as_ana)
    assert as_ana.get(EXPORT, {"as": "exe"}).status_code == 404


def test_anonymous_visitors_get_nothing(client: Client) -> None:
    assert client.get(EXPORT)["Location"].startswith(reverse("account_login"))
    assert client.post(EXPORT).status_code == 405
