from itertools import pairwise
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from couples.difference import Segment, difference

WORDS = st.lists(st.sampled_from(["we", "come", "back", "now", ",", ".", " ", "  ", "\n"]))


def marked(before: str, after: str) -> str:
    signs = {"same": "{}", "removed": "[-{}-]", "added": "[+{}+]"}
    return "".join(signs[each.kind].format(each.text) for each in difference(before, after))


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("We come back.", "We come back.", "We come back."),
        ("", "We come.", "[+We come.+]"),
        ("We come.", "", "[-We come.-]"),
        ("within the hour", "within a day", "within [-the hour-][+a day+]"),
        ("We put it down.", "We put both down.", "We put [-it-][+both+] down."),
        ("We come.", "We come, and stay.", "We come[+, and stay+]."),
        ("don’t sigh", "don’t shout", "don’t [-sigh-][+shout+]"),
        ("one\ntwo", "one\n\ntwo", "one[-\n-][+\n\n+]two"),
    ],
)
def test_what_changed_is_marked_by_whole_words(before: str, after: str, expected: str) -> None:
    assert marked(before, after) == expected


def test_the_same_text_is_one_segment() -> None:
    assert difference("We come back.", "We come back.") == [Segment("same", "We come back.")]
    assert difference("", "") == []


@given(WORDS, WORDS)
def test_both_texts_can_be_put_together_again(one: list[str], two: list[str]) -> None:
    before, after = "".join(one), "".join(two)
    segments = difference(before, after)
    assert "".join(s.text for s in segments if s.kind != "added") == before
    assert "".join(s.text for s in segments if s.kind != "removed") == after
    assert all(one.kind != two.kind for one, two in pairwise(segments))


def test_a_long_repetitive_text_takes_no_time() -> None:
    started = process_time()
    difference("we " * 3000 + "come", "stay " + "we " * 2990)
    difference(
        " ".join("abc"[i % 3] for i in range(500)), " ".join("acb"[i % 3] for i in range(499))
    )
    assert process_time() - started < 1
