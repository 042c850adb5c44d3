"""The six questions: complete, in our own voice, each with a way to begin."""

import dataclasses
import re

import pytest
from django.utils.functional import Promise

from letters.reflection import questions
from letters.reflection.questions import QUESTIONS, Question

SLUGS = ["disagree", "hard-day", "after-an-evening", "known-for", "true-of-us", "years-from-now"]
FIELDS = ("text", "help", "line_start")

every_question = pytest.mark.parametrize("question", QUESTIONS, ids=SLUGS)


def test_there_are_six_in_their_order() -> None:
    assert [question.slug for question in QUESTIONS] == SLUGS


def test_each_is_found_by_its_slug() -> None:
    assert [questions.get(slug) for slug in SLUGS] == list(QUESTIONS)


@pytest.mark.parametrize("slug", ["", "Disagree", "hard_day", "seventh"])
def test_nothing_else_is_found(slug: str) -> None:
    assert questions.get(slug) is None


@every_question
def test_every_word_is_there_and_translated_when_it_is_read(question: Question) -> None:
    for field in FIELDS:
        words = getattr(question, field)
        assert isinstance(words, Promise), field
        assert str(words).strip() == str(words) != ""


@every_question
def test_it_asks_one_question_in_the_first_person(question: Question) -> None:
    text = str(question.text)
    assert text.endswith("?")
    assert text.count("?") == 1
    assert re.search(r"\b(I|me)\b", text)


@every_question
def test_the_help_is_quiet(question: Question) -> None:
    assert len(str(question.help)) <= 140
    assert 1 <= len(re.findall(r"[.?](?= |$)", str(question.help))) <= 2


@every_question
def test_a_line_begins_and_is_left_open(question: Question) -> None:
    line = str(question.line_start)
    assert re.search(r"\bI want\b", line)
    assert line.endswith(" …")


def test_no_two_lines_begin_alike() -> None:
    assert len({str(question.line_start) for question in QUESTIONS}) == 6


@every_question
def test_nobody_is_shouted_at_lectured_or_assumed(question: Question) -> None:
    for field in FIELDS:
        words = str(getattr(question, field))
        assert "!" not in words
        assert not re.search(
            r"\b(journey|space|hold|holding|trigger|should|he|she|him|her|his)\b",
            words,
            re.IGNORECASE,
        ), words
        assert not set(words) & {'"', "'", "‘"}, words


def test_a_question_cannot_be_reworded_at_run_time() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(QUESTIONS[0], "slug", "agree")  # noqa: B010  (mypy refuses the plain assignment)
