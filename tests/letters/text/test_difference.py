"""What changed between two letters."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from letters.text import difference
from letters.text.document import Block, Run
from letters.text.model import Kind


def paragraph(*runs: str | tuple[str, ...], kind: Kind = Kind.PARAGRAPH) -> Block:
    made = (Run(run) if isinstance(run, str) else Run(run[0], run[1:]) for run in runs)
    return Block(kind, tuple(made))


DEAR = paragraph("Dear Relationship,", kind=Kind.SALUTATION)


def shown(before: list[Block], after: list[Block]) -> list[str]:
    """The paragraphs as HTML, with the words for who listens left out."""
    html = difference.blocks(before, after).html
    return re.sub(r'<span class="visually-hidden">.*?</span>', "", html).split("\n")


def test_words_that_changed_are_marked_inside_their_paragraph() -> None:
    before = [DEAR, paragraph("I want to stay in the room.")]
    after = [DEAR, paragraph("I want to stay in the kitchen.")]
    assert shown(before, after) == [
        '<p class="dear" dir="auto">Dear Relationship,</p>',
        '<p dir="auto">I want to stay in the <del>room</del><ins>kitchen</ins>.</p>',
    ]


def test_who_listens_is_told_in_words() -> None:
    html = difference.blocks([paragraph("One two three")], [paragraph("One three four")]).html
    spoken = re.sub(r"<[^>]+>", "", html)
    assert spoken == "One removed: two  (end)threeadded:  four (end)"


def test_blocks_come_and_go_as_a_whole() -> None:
    one, two = paragraph("We walk after dinner."), paragraph("Nobody slams doors.")
    three = paragraph("Tea at four.", kind=Kind.LINE)
    assert shown([one, two], [one, three]) == [
        '<p dir="auto">We walk after dinner.</p>',
        '<p dir="auto"><del>Nobody slams doors.</del></p>',
        '<p class="line" dir="auto"><ins>Tea at four.</ins></p>',
    ]
    assert shown([one, two], [two]) == [
        '<p dir="auto"><del>We walk after dinner.</del></p>',
        '<p dir="auto">Nobody slams doors.</p>',
    ]


def test_a_block_of_another_kind_is_another_block() -> None:
    one, two = paragraph("I want to stay."), paragraph("I want to stay.", kind=Kind.LINE)
    assert shown([one], [two]) == [
        '<p dir="auto"><del>I want to stay.</del></p>',
        '<p class="line" dir="auto"><ins>I want to stay.</ins></p>',
    ]


def test_emphasis_is_a_change_and_is_shown_with_it() -> None:
    before = [paragraph("I stay ", ("here", "em"), ".")]
    after = [paragraph("I ", ("stay ", "strong"), ("here", "em"), ".")]
    assert shown(before, after) == [
        '<p dir="auto">I <del>stay </del><ins><strong>stay </strong></ins><em>here</em>.</p>'
    ]


def test_nothing_that_was_written_becomes_markup() -> None:
    html = difference.blocks([paragraph("<b>one</b>")], [paragraph("<b>one</b> <i>two</i>")]).html
    assert "<b>" not in html
    assert "&lt;i" in html


def test_notes_beside_the_words_are_no_change() -> None:
    noted = Block(Kind.PARAGRAPH, (Run("Tea", (), ("a note",)), Run(" at four.")))
    assert difference.blocks([noted], [paragraph("Tea at four.")]).are_none


@pytest.mark.parametrize("size", [400, 9_000])
def test_letters_that_have_nothing_in_common_do_not_take_long(size: int) -> None:
    before = [paragraph(" ".join(f"one{n}" for n in range(m, m + 20))) for m in range(0, size, 20)]
    after = [paragraph(" ".join(f"two{n}" for n in range(m, m + 20))) for m in range(0, size, 20)]
    assert len(difference.blocks(before, after)) == len(before) + len(after)


WORDS = st.text("ab .\n", max_size=12)
MARKS = st.sampled_from([(), ("strong",), ("strong", "em")])
RUNS = st.lists(st.builds(Run, WORDS, MARKS, st.just(()), st.none()), max_size=4)
BLOCKS = st.lists(st.builds(Block, st.sampled_from(Kind), RUNS.map(tuple)), max_size=6)


def characters(blocks: list[Block]) -> list[tuple[Kind, list[tuple[str, tuple[str, ...]]]]]:
    """Blocks that say something, character by character with their marks."""
    return [
        (block.kind, [(character, run.marks) for run in block.runs for character in run.text])
        for block in blocks
        if block.text
    ]


@given(BLOCKS, BLOCKS)
@settings(max_examples=200, deadline=None)
def test_both_letters_can_be_read_from_the_difference(
    before: list[Block], after: list[Block]
) -> None:
    changes = difference.blocks(before, after)

    def without(kind: str) -> list[Block]:
        return [
            Block(
                changed.block.kind,
                tuple(part.run for part in changed.segments if part.kind != kind),
            )
            for changed in changes
        ]

    assert characters(without("added")) == characters(before)
    assert characters(without("removed")) == characters(after)
