"""Suggestions on the server: the letter reads as if nobody had made them."""

from typing import Any

import pycrdt
import pytest
from pycrdt import XmlElement, XmlText

from letters import document
from letters.document import Block, Kind, Run

MINE = {"insertion--a1b2c3d4": {"id": "1", "who": "one"}}
GOING = {"deletion--a1b2c3d4": {"id": "1", "who": "two"}}


def letter(*blocks: list[tuple[str, dict[str, Any]]]) -> Any:
    """Paragraphs of words with their marks; `/` alone is a break."""
    doc: Any = pycrdt.Doc()
    root = doc.get(document.ROOT, type=pycrdt.XmlFragment)
    for pieces in blocks:
        element = root.children.append(XmlElement("paragraph"))
        for words, marks in pieces:
            if words == "/":
                element.children.append(XmlElement("hard_break"))
            else:
                text = element.children.append(XmlText(words))
                text.format(0, len(words.encode()), marks)
    return doc


def read(*blocks: list[tuple[str, dict[str, Any]]]) -> list[Block]:
    return document.blocks(letter(*blocks))


def test_what_is_proposed_is_not_there_and_what_may_go_still_is() -> None:
    assert read([("We ", {}), ("often ", MINE), ("walk", GOING), (".", {})]) == [
        Block(Kind.PARAGRAPH, (Run("We walk."),))
    ]


def test_words_proposed_by_one_and_taken_out_by_the_other_are_not_there() -> None:
    assert read([("We walk.", {}), (" Fast.", MINE | GOING)]) == read([("We walk.", {})])


@pytest.mark.parametrize(
    "proposed",
    [[("new", MINE)], [("new", MINE), ("/", {}), ("words", MINE)], [("new", MINE), (" ", {})]],
)
def test_a_paragraph_of_proposals_alone_does_not_exist(
    proposed: list[tuple[str, dict[str, Any]]],
) -> None:
    assert [block.text for block in read([("one", {})], proposed, [("two", {})])] == ["one", "two"]


def test_a_paragraph_that_may_go_is_there_and_so_is_an_empty_one() -> None:
    blocks = read([("one", GOING)], [], [("two", {})])
    assert [block.text for block in blocks] == ["one", "", "two"]


def test_the_same_letter_has_the_same_digest_with_and_without_proposals() -> None:
    plain = read([("We walk.", {})])
    proposed = read([("We ", {}), ("often ", MINE), ("walk.", GOING)], [("And talk.", MINE)])
    assert document.digest(plain) == document.digest(proposed)
    assert document.to_html(plain) == document.to_html(proposed)
