"""Same, near, and apart: careful, explained, and without a number."""

import re

import pytest

from letters.values.models import Given
from letters.values.similarity import plainly, side_by_side, why_near
from letters.values.suggestions import GROUPS


def values(*texts: str) -> list[Given]:
    return [Given(text, "", ()) for text in texts]


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("Patience", "patience"),
        ("Patience.", "  patience "),
        ("Humor négro", "humor negro"),
        ("The family", "Family"),
        ("Being there", "there"),
        ("忍耐", "忍耐"),
        ("Don’t lie", "dont lie"),
    ],
)
def test_the_same_but_for_case_accents_and_small_words(one: str, two: str) -> None:
    assert plainly(one) == plainly(two)


def test_small_words_alone_are_words() -> None:
    assert plainly("To be") == "to be"


@pytest.mark.parametrize(
    ("one", "two", "why"),
    [
        ("Honesty", "Honest", "They share a word."),
        ("Kind", "Kindness", "They share a word."),
        ("Patience when it is late", "patient", "They share a word."),
        ("Trust", "Trustworthiness", "They share a word."),
        ("Care", "Being careful", "They share a word."),
        ("Attention", "Being attentive", "They share a word."),
        ("Reliable", "Reliability", "They share a word."),
        ("Silence", "silent", "They share a word."),
        ("Patience", "Calm", "Both belong to “Keeping calm” in the suggestions."),
        ("Gentle", "Calmness", "Both belong to “Keeping calm” in the suggestions."),
        ("Laughing, humour, all that", "Playful", "Both belong to “Play” in the suggestions."),
    ],
)
def test_near_with_a_reason_one_can_read(one: str, two: str, why: str) -> None:
    assert str(why_near(one, two)) == why
    assert str(why_near(two, one)) == why


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("Patience", "Courage"),
        ("Coming to the door", "Coming home late"),
        ("Not lying", "Lying"),
        ("No secrets", "Secrets"),
        ("Trust", "Never only trust"),
        ("Care", "Careless"),
        ("Hope", "Hopelessness"),
        ("忍耐", "勇気"),
        ("!!", "??"),
    ],
)
def test_what_only_looks_alike_stands_apart(one: str, two: str) -> None:
    assert not why_near(one, two)


def test_each_value_stands_in_one_place() -> None:
    mine = values("Patience", "Courage", "Calm", "Music")
    theirs = values("courage", "Gentleness", "Solitude")
    found = side_by_side(mine, theirs)
    assert [(one.text, two.text) for one, two in found.same] == [("Courage", "courage")]
    [row] = found.near
    assert [each.text for each in row.mine] == ["Patience", "Calm"]
    assert [each.text for each in row.theirs] == ["Gentleness"]
    assert [each.text for each in found.only_mine] == ["Music"]
    assert [each.text for each in found.only_theirs] == ["Solitude"]


def test_everything_that_was_given_is_somewhere() -> None:
    words = [str(word) for group in GROUPS for word in group.words]
    found = side_by_side(values(*words[::2], "Own words"), values(*words[1::3]))
    seen = [pair[0] for pair in found.same] + found.only_mine
    seen += [each for row in found.near for each in row.mine]
    assert sorted(each.text for each in seen) == sorted([*words[::2], "Own words"])
    seen = [pair[1] for pair in found.same] + found.only_theirs
    seen += [each for row in found.near for each in row.theirs]
    assert sorted(each.text for each in seen) == sorted(words[1::3])


def test_there_are_enough_suggestions_in_plain_words() -> None:
    words = [str(word) for group in GROUPS for word in group.words]
    assert len(words) >= 40
    assert len({plainly(word) for word in words}) == len(words)
    assert not any(re.search(r"[!]|\b(should|journey|space|hold)\b", word) for word in words)
