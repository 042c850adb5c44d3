"""Edits by the server: what stays keeps its ids, and so does whoever types there."""

import random
from time import perf_counter
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from letters.text import document
from letters.text.authorship import Authors
from letters.text.document import Block, Run
from letters.text.edit import Editor
from letters.text.lib0 import NOTHING
from letters.text.model import Kind
from letters.text.updates import ANY, ERASED, FORMAT, STRING, TYPE, parse
from tests.clients.signs import Sign
from tests.letters.sheets import Sheet, letter
from tests.letters.text.test_difference import BLOCKS
from tests.letters.text.test_runs import three_who_write

DEAR = ("salutation", "Dear Relationship,")
ONE = ("paragraph", "We walk after dinner, 🫖 every day.")
TWO = ("paragraph", "We call when one of us is late.")
THREE = ("line", "I want to stay in the room.")
WAITING = ("paragraph",)


def block(kind: str, *runs: Any) -> Block:
    return Block(
        Kind(kind), tuple(Run(r) if isinstance(r, str) else Run(r[0], r[1:]) for r in runs)
    )


def page(*blocks: Any) -> Sheet:
    return Sheet(letter(*blocks).get_update())


def bring(page: Sheet, *blocks: Any) -> Any:
    """What of the update there is, after the letter says these blocks."""
    wanted = [each if isinstance(each, Block) else block(*each) for each in blocks]
    editor = Editor(page.doc, None)
    editor.bring(wanted)
    assert document.blocks(page.doc) == wanted
    return parse(editor.update)


def ids(page: Sheet, text: str = "") -> set[object]:
    """Of all signs, or of these words."""
    found = page.signs(named=True)
    if not text:
        return {sign.id for sign in found}
    at = "".join(sign.text or "¶" for sign in found).index(text)
    return {sign.id for sign in found[at : at + len(text)]}


def inserted(contents: Any) -> str:
    return "".join(str(text.content) for text in contents.texts)


# -- As little as possible -----------------------------------------------------------------------


def test_nothing_to_do_is_nothing_done() -> None:
    sheet = page(DEAR, ONE, THREE, WAITING)
    editor = Editor(sheet.doc, None)
    editor.bring(document.blocks(sheet.doc))
    assert editor.update == NOTHING
    assert editor.attributions == []


def test_only_words_that_differ_are_typed() -> None:
    sheet = page(DEAR, ONE, TWO, WAITING)
    before = ids(sheet)
    contents = bring(sheet, DEAR, ("paragraph", "We walk before dinner, 🫖 every day."), TWO)
    assert inserted(contents) == "before"
    assert len(before - ids(sheet)) == len("after")
    assert all(struct.kind in (STRING, FORMAT) for struct in contents.structs)


def test_a_kind_is_changed_in_its_place() -> None:
    sheet = page(DEAR, ONE, TWO, WAITING)
    before = ids(sheet)
    contents = bring(sheet, DEAR, ("line", ONE[1]), TWO)
    assert [(struct.kind, struct.content) for struct in contents.structs] == [(ANY, "line")]
    assert ids(sheet) == before


def test_a_kind_and_words_are_changed_in_their_place() -> None:
    sheet = page(DEAR, ONE, TWO, WAITING)
    contents = bring(sheet, DEAR, ("closing", ONE[1].replace("dinner", "tea")), TWO)
    assert inserted(contents) == "tea"
    assert not [struct for struct in contents.structs if struct.kind == TYPE]


def test_marks_are_changed_by_format_only() -> None:
    sheet = page(DEAR, ("paragraph", "I ", ("stay", {"strong": True}), " and ask 👍."), WAITING)
    before = ids(sheet)
    marked = block("paragraph", "I stay and ", ("ask 👍", "em"), ".")
    contents = bring(sheet, DEAR, marked)
    assert {struct.kind for struct in contents.structs} <= {FORMAT, ERASED}
    assert any(struct.kind == FORMAT for struct in contents.structs)
    assert ids(sheet) == before
    bring(sheet, DEAR, block("paragraph", "I stay and ask 👍."))
    bring(sheet, DEAR, block("paragraph", ("I stay and ask 👍.", "strong", "em")))
    assert ids(sheet) == before


def test_many_marks_are_few_signs() -> None:
    words = "word " * 1000
    sheet = page(DEAR, ("paragraph", words), WAITING)
    started = perf_counter()
    contents = bring(sheet, DEAR, block("paragraph", (words, "strong")))
    assert len(contents.structs) <= 4
    assert perf_counter() - started < 5


def test_blocks_come_and_go_around_those_that_stay() -> None:
    sheet = page(DEAR, ONE, THREE, WAITING)
    stay = ids(sheet, ONE[1])
    contents = bring(sheet, DEAR, TWO, ONE)
    assert inserted(contents) == TWO[1]
    assert stay <= ids(sheet)
    assert sheet.shows()[-1] == ("paragraph", "")


def test_empty_blocks_at_the_end_stay() -> None:
    sheet = page(DEAR, ONE, WAITING, ("line", " "), WAITING)
    end = ids(sheet, "¶¶ ¶")
    bring(sheet, DEAR)
    assert end <= ids(sheet)
    assert [text for _, text in sheet.shows()] == [DEAR[1], "", " ", ""]


# -- The first block -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "after", "typed"),
    [
        pytest.param([ONE, TWO], [DEAR, ONE, TWO], DEAR[1], id="one comes before it"),
        pytest.param([ONE, TWO], [DEAR, THREE, ONE], DEAR[1] + THREE[1], id="two come before it"),
        pytest.param([DEAR, ONE, TWO], [ONE, TWO], "", id="it goes"),
        pytest.param([DEAR, THREE, ONE], [ONE], "", id="two go"),
        pytest.param([DEAR, ONE], [TWO, ONE], TWO[1], id="it becomes another"),
        pytest.param([DEAR], [TWO], TWO[1], id="all becomes another"),
        pytest.param([DEAR, ONE], [THREE, TWO, ONE], THREE[1] + TWO[1], id="it becomes two"),
        pytest.param([DEAR, ONE, TWO], [], "", id="all goes"),
    ],
)
def test_the_first_marker_stays_and_so_do_all_words_that_stay(
    before: list[Any], after: list[Any], typed: str
) -> None:
    sheet = page(*before, WAITING)
    first = sheet.signs(named=True)[0].name
    words = {each[1]: ids(sheet, each[1]) for each in before if each in after}
    contents = bring(sheet, *after)
    assert sheet.signs(named=True)[0].id == first
    assert sorted(inserted(contents)) == sorted(typed)
    for text, stay in words.items():
        assert ids(sheet, text) == stay
    # The server's own edits keep to the rule that it has for others.
    assert not any(
        client == first.client and start <= first.clock < end
        for client, start, end in contents.erased
    )


@settings(max_examples=150, deadline=None)
@given(BLOCKS, BLOCKS)
def test_any_letter_becomes_any_other(before: list[Block], after: list[Block]) -> None:
    sheet = Sheet(document.first_page())
    first = sheet.signs(named=True)[0].name
    for wanted in (before, after, before):
        Editor(sheet.doc, None).bring(wanted)
        expected = [Block(each.kind, document.joined(each.runs)) for each in wanted]
        while expected and not expected[-1].text.strip():
            expected.pop()
        assert document.blocks(sheet.doc) == expected
        assert sheet.signs(named=True)[0].id == first
        assert sheet.shows() == Sheet(sheet.doc.get_update()).shows()


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32))
def test_a_letter_goes_back_to_what_it_said_whatever_was_suggested(seed: int) -> None:
    desk = three_who_write(seed, 8)
    (sheet, *_), dice = desk.sheets, random.Random(seed)
    now = desk.blocks
    wanted = [each for each in now if dice.random() < 0.7] or now[:1]
    proposed = proposed_text(sheet)
    editor = Editor(sheet.doc, None)
    editor.bring(wanted)
    while wanted and not wanted[-1].text.strip():
        wanted.pop()
    assert document.blocks(sheet.doc) == wanted
    assert proposed_text(sheet) == proposed
    assert not editor.attributions or wanted


def proposed_text(sheet: Sheet) -> list[Sign]:
    decided = sheet.decided
    return [
        sign._replace(marks={n: sign.marks[n] for n in sign.open(decided) if n[:3] == "ins"})
        for sign in sheet.signs(named=True)
        if sign.text and any(name.startswith("ins:") for name in sign.open(decided))
    ]


# -- While others write --------------------------------------------------------------------------


def test_it_merges_with_what_is_typed_meanwhile() -> None:
    server = page(DEAR, ("paragraph", "We never walk after dinner."), WAITING)
    theirs = Sheet(server.doc.get_update())
    theirs.write(" Every day.", theirs.marker(2))
    theirs.type("And more.")
    Editor(server.doc, None).bring([block(*DEAR), block("paragraph", "We walk after dinner.")])
    server.hear(*theirs.sent())
    assert server.says()[1:] == [
        ("paragraph", "We walk after dinner. Every day."),
        ("paragraph", "And more."),
    ]


def test_words_that_are_proposed_stay_proposed_where_they_are() -> None:
    sheet = page(DEAR, ONE, TWO, WAITING)
    name = sheet.suggest(" often", sheet.marker(1) + 3)
    proposed = ids(sheet, " often")
    assert bring(sheet, DEAR, ONE, TWO).structs == []
    bring(sheet, DEAR, ("line", "We run after dinner, 🫖 every day."), TWO)
    assert sheet.shows()[1] == ("line", "We often run after dinner, 🫖 every day.")
    assert ids(sheet, " often") == proposed
    assert all(
        sign.marks == {f"ins:{name}": "one"} for sign in sheet.signs() if sign.text and sign.marks
    )


def test_what_is_proposed_in_a_paragraph_that_goes_goes_on_in_the_one_before() -> None:
    sheet = page(DEAR, ONE, TWO, WAITING)
    sheet.suggest(" Even at four.", sheet.marker(2))
    sheet.suggest("always ", sheet.marker(1) + 4)
    sheet.suggest_split(sheet.marker(1) + 4)
    bring(sheet, DEAR, TWO)
    assert [text for _, text in sheet.shows()] == [
        f"{DEAR[1]}",
        "always  Even at four.",
        TWO[1],
        "",
    ]
    assert sheet.says()[:2] == [DEAR, TWO]


def test_new_words_in_the_midst_of_a_suggestion_are_not_part_of_it() -> None:
    sheet = page(DEAR, ("paragraph", "one two"), WAITING)
    sheet.suggest("x", sheet.marker(1) + 4)
    sheet.suggest_without(sheet.marker(1) + 6, 4)
    sheet.mark(sheet.marker(1) + 1, 3, {"note:0b2f9a52-65c1-4a0e-9d2b-6f2f8f2b7a11": True})
    bring(sheet, DEAR, ("paragraph", "one and two"))
    new = [sign for sign in sheet.signs() if sign.text in set("and")]
    assert [sign.text for sign in new if not sign.marks].count("d") >= 1
    typed = "".join(sign.text for sign in sheet.signs()[sheet.marker(1) :] if not sign.marks)
    assert "and " in typed.replace("¶", "")


# -- One more block ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("here", "place"),
    [
        ([DEAR, WAITING], 1),
        ([DEAR], 1),
        ([DEAR, ONE, WAITING], 2),
        ([DEAR, ONE, ("line",)], 3),
        ([WAITING], 1),
    ],
)
def test_one_more_block_stands_before_the_paragraph_that_waits(here: list[Any], place: int) -> None:
    sheet = page(*here)
    before = ids(sheet)
    Editor(sheet.doc, None).append(block("line", "a\nline"))
    assert sheet.shows()[place] == ("line", "a\nline")
    assert before <= ids(sheet)


@pytest.mark.parametrize(
    ("here", "place"),
    [
        ([DEAR, ONE, ("closing", "Yours,"), ("signature", "Ana"), WAITING], 2),
        ([DEAR, WAITING, ("signature", "Ana")], 1),
        ([DEAR, ("line", "x"), WAITING, WAITING], 2),
        ([("signature", "Ana"), WAITING], 1),
        ([DEAR, ("closing", "Yours,"), ONE], 3),
    ],
)
def test_what_is_added_stands_before_the_goodbyes(here: list[Any], place: int) -> None:
    sheet = page(*here)
    before = ids(sheet)
    Editor(sheet.doc, None).add(block("line", "a line"))
    assert sheet.shows()[place] == ("line", "a line")
    assert before <= ids(sheet)


# -- Whose it is ---------------------------------------------------------------------------------


def test_words_brought_back_are_their_authors() -> None:
    ana, ben = uuid4(), uuid4()
    sheet = page(DEAR, WAITING)
    runs = (
        Run("Ana's 👍 ", (), (), ana),
        Run("Ben's ", ("em",), (), ben),
        Run("old", (), (), None),
    )
    editor = Editor(sheet.doc, ben)
    editor.bring([block(*DEAR), Block(Kind.LINE, runs), Block(Kind.CLOSING, runs[:1])])
    authors = Authors({sheet.client_id: ben})
    for told in editor.attributions:
        authors.add(*told)
    found = document.blocks(sheet.doc, authors=authors)[1:]
    assert [(run.text, run.person_id) for each in found for run in each.runs] == [
        ("Ana's 👍 ", ana),
        ("Ben's ", ben),
        ("old", None),
        ("Ana's 👍 ", ana),
    ]
    # Only what is somebody else's is told, and together.
    assert {told.person_id for told in editor.attributions} == {ana, None}
    assert len(editor.attributions) == 3


def test_words_that_stay_are_not_told_of_anew() -> None:
    ana, ben = uuid4(), uuid4()
    sheet = page(DEAR, ONE, WAITING)
    editor = Editor(sheet.doc, ben)
    changed = ONE[1].replace("day", "evening")
    editor.bring([block(*DEAR), Block(Kind.PARAGRAPH, (Run(changed, (), (), ana),))])
    assert sum(told.length for told in editor.attributions) == len("evening")
