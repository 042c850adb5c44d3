"""What may stand in a letter, and which suggestions are about which words."""

import json
from typing import Any

import pycrdt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from letters.text.model import (
    FORBIDDEN,
    SUGGESTION,
    Decisions,
    base36,
    in_text,
    is_about,
    is_of,
    items,
    plain,
)


@given(st.text())
def test_plain_words_have_nothing_that_is_refused(text: str) -> None:
    words = in_text(text)
    assert not FORBIDDEN.search(words)
    assert plain(words) == plain(text)
    assert in_text(plain(text)) == words
    assert not set(plain(text)) & set("\r\v\f\x85\u2028\u2029\t")


@given(st.text(st.characters(categories=["L", "M", "N", "P", "S", "Zs"])))
def test_words_of_any_script_stay_as_they_are(text: str) -> None:
    assert plain(text) == text.replace("\ufffc", "").replace("\ufffd", "\ufffd")


@given(st.integers(0, 2**53))
def test_numbers_in_base_36(number: int) -> None:
    assert int(base36(number), 36) == number


def test_proposed_words_are_those_that_the_page_typed_since() -> None:
    name = f"ins:{base36(7)}_{base36(40)}"
    assert SUGGESTION.fullmatch(name)
    assert [is_about(name, "one", (7, clock)) for clock in (39, 40, 5000)] == [False, True, True]
    assert not is_about(name, "one", (8, 40))
    assert is_of(name.partition(":")[2], 7)
    assert not is_of(name.partition(":")[2], 8)


def test_words_to_go_are_named_by_their_ids() -> None:
    name, value = "del:7_14", "two 5.a.3 k.0.1"
    about = [(5, 10), (5, 12), (20, 0)]
    others = [(5, 9), (5, 13), (20, 1), (7, 11)]
    assert all(is_about(name, value, id) for id in about)
    assert not any(is_about(name, value, id) for id in others)


def decided(**values: Any) -> Any:
    doc: Any = pycrdt.Doc()
    for name, value in values.items():
        doc.get("decided", type=pycrdt.Map)[name] = value
    return doc


def test_decisions_are_read() -> None:
    told = {"verdict": "accept", "n": 2, "ranges": [[7, 40, 3]]}
    decisions = Decisions(decided(a_1=json.dumps(told)))
    assert decisions
    assert "a_1" in decisions
    assert decisions.of("a_1")[:2] == ("accept", 2)
    assert decisions.covers("ins:a_1", (7, 42))
    assert decisions.covers("kind:a_1", (7, 40))
    assert not decisions.covers("ins:a_1", (7, 43))
    assert not decisions.covers("ins:b_1", (7, 42))
    assert decisions.of("b_1")[:2] == ("", 0)


@pytest.mark.parametrize(
    "value", ["", "{", "7", '"accept"', '{"verdict":"accept"}', "[1]", 7.5, None, {"n": "1"}, "[]"]
)
def test_what_is_no_decision_is_passed_over(value: Any) -> None:
    assert "a_1" not in Decisions(decided(a_1=value))


def test_a_root_of_another_type_has_no_entries() -> None:
    doc: Any = pycrdt.Doc()
    doc.get("decided", type=pycrdt.Text).insert(0, "words", {})
    assert items(doc, "decided") == []
    assert not Decisions(doc)
