"""Lines of one's own for a letter: taken apart, never made up."""

import pytest
from django.test import Client
from django.urls import reverse

from letters.models import Letter, Reflection, Value
from letters.reflection import blueprint, lines, questions
from tests.people import Resident

pytestmark = pytest.mark.django_db

LONG = (
    "When it gets loud I want to be the one who slows down, e.g. by sitting. "
    "I want to ask before I answer! Even “now?” And then I want to wait… "
    "Until you are done with it, and not only until you stop talking."
)


def test_line_breaks_part_lines() -> None:
    assert lines.apart("I want to stay. And to ask.\n\n  I want to wait. \n") == [
        "I want to stay. And to ask.",
        "I want to wait.",
    ]


def test_a_long_answer_is_parted_at_its_sentences() -> None:
    assert lines.apart(LONG) == [
        "When it gets loud I want to be the one who slows down, e.g. by sitting.",
        "I want to ask before I answer!",
        "Even “now?”",
        "And then I want to wait…",
        "Until you are done with it, and not only until you stop talking.",
    ]


def test_no_word_is_lost_or_added() -> None:
    for text in (LONG, LONG * 3, "忍耐。" * 80, "no end " * 60, "a.b." * 70, "Mr. Smith. " * 30):
        assert "".join("".join(lines.apart(text)).split()) == "".join(text.split())


@pytest.mark.parametrize(
    ("value", "line"),
    [
        ("Patience", "I want to be true to this: Patience."),
        ("coming to the door.", "I want to be true to this: coming to the door."),
    ],
)
def test_a_value_becomes_a_line_and_keeps_its_own_words(
    sol: Resident, value: str, line: str
) -> None:
    named, _new = Value.name(sol, value)
    named.keep(value, "You waited for me.\nTwice.", [], 0)
    assert lines.of_value(named) == [line, "You waited for me.", "Twice."]


def test_the_letter_offers_answers_and_values_and_nothing_else(
    as_ana: Client, ana: Resident
) -> None:
    Reflection.answer(ana, questions.QUESTIONS[0], "I want to be slower.", 0)
    Reflection.answer(ana, blueprint.PAGES[0].prompts[0], "A page of my own.", 0)
    Value.name(ana, "Patience")
    letter = Letter.begin_personal(ana)
    page = as_ana.get(reverse("letters:letter", args=[letter.pk])).text
    assert "data-insert-line" in page
    assert "I want to be slower." in page
    assert "I want to be true to this: Patience." in page
    assert "A page of my own." not in page


def test_in_the_joint_letter_only_i_see_my_lines(
    as_ana: Client, as_ben: Client, ana: Resident
) -> None:
    Reflection.answer(ana, questions.QUESTIONS[0], "canary answer", 0)
    Value.name(ana, "canary value")
    address = reverse("letters:letter", args=[Letter.begin_joint(ana.partner).pk])
    assert "canary answer" in as_ana.get(address).text
    assert "canary value" in as_ana.get(address).text
    assert "canary" not in as_ben.get(address).text
    assert "your values" in as_ben.get(address).text
