"""From the text to words: the closed list of what a letter can say."""

import json
from collections.abc import Callable
from typing import Any

import pycrdt
import pytest
from pycrdt import XmlElement

from letters.export.keepsake import Keepsake
from letters.text import difference, document
from letters.text.document import Block, Run
from letters.text.edit import Editor
from letters.text.model import Kind, plain
from tests.letters.sheets import Sheet, letter


def html(*blocks: Any) -> str:
    return document.to_html(document.blocks(letter(*blocks)))


def paragraph(*runs: Any) -> tuple[Any, ...]:
    return ("paragraph", *runs)


# -- The first page ------------------------------------------------------------------------------


def test_a_letter_opens_with_the_salutation_and_room_to_write() -> None:
    page = Sheet(document.first_page())
    assert document.blocks(page.doc) == [Block(Kind.SALUTATION, (Run("Dear Relationship,"),))]
    # This is what the editor finds, sign for sign.
    assert page.shows() == [("salutation", "Dear Relationship,"), ("paragraph", "")]
    assert all(not sign.marks for sign in page.signs())


def test_lines_that_are_taken_over_stand_between() -> None:
    page = Sheet(document.first_page(["I want to be patient.", "", "\x00", "One\nand\u2029two."]))
    assert [(block.kind, block.text) for block in document.blocks(page.doc)] == [
        ("salutation", "Dear Relationship,"),
        ("line", "I want to be patient."),
        ("line", "One\nand\ntwo."),
    ]
    assert page.shows()[-1] == ("paragraph", "")


def test_what_is_added_stands_before_the_paragraph_that_waits() -> None:
    server, page = Sheet(begun := document.first_page()), Sheet(begun)

    def append(kind: Kind, words: str) -> None:
        Editor(server.doc, None).append(Block(kind, (Run(words),)))

    append(Kind.LINE, "a line")
    page.type("meanwhile")
    server.hear(*page.sent())
    append(Kind.CLOSING, "the end")
    assert document.to_text(document.blocks(server.doc)).split("\n\n")[1:] == [
        "a line",
        "meanwhile",
        "the end",
    ]


def test_the_salutation_speaks_the_language_of_who_begins(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(document, "gettext", {"Dear Relationship,": "Liebe Beziehung,"}.get)
    page = Sheet(document.first_page())
    assert document.to_text(document.blocks(page.doc)) == "Liebe Beziehung,"


# -- HTML ----------------------------------------------------------------------------------------


def test_each_block_is_a_paragraph_in_its_own_direction() -> None:
    doc = letter(*((kind.value, kind.value) for kind in Kind))
    assert document.to_html(document.blocks(doc)).splitlines() == [
        '<p class="dear" dir="auto">salutation</p>',
        '<p dir="auto">paragraph</p>',
        '<p class="line" dir="auto">line</p>',
        '<p class="closing" dir="auto">closing</p>',
        '<p class="signature" dir="auto">signature</p>',
    ]


def test_empty_blocks_count_between_words_and_not_after_them() -> None:
    made = [paragraph(text) for text in ["", "one", "", "two", " ", ""]]
    assert [block.text for block in document.blocks(letter(*made))] == ["", "one", "", "two"]


def test_marks_and_line_breaks() -> None:
    page = Sheet(letter(paragraph("one two three\nfour")).get_update())
    page.mark(1, 7, {"em": True})
    page.mark(5, 9, {"strong": True})
    assert document.to_html(document.blocks(page.doc)) == (
        '<p dir="auto"><em>one </em><em><strong>two</strong></em><strong> three</strong>'
        "<br>four</p>"
    )


@pytest.mark.parametrize(
    "block",
    [
        pytest.param(paragraph("<script>x()</script>"), id="text"),
        pytest.param(('"><script>', "a"), id="a kind that is more"),
        pytest.param(("script", "x()"), id="script"),
        pytest.param(paragraph(("a", {'em onclick="x()"': True, "<b>": "<b>"})), id="marks"),
        pytest.param(paragraph(("a", {"strong": '" onclick="x()'})), id="the value of a mark"),
        pytest.param(paragraph(("a", {"note:<script>": True})), id="the name of a note"),
    ],
)
def test_nothing_but_the_closed_list_reaches_html(block: Any) -> None:
    blocks = document.blocks(letter(block), noted=True)
    rest = document.to_html_with_notes(blocks, {}).replace('<p dir="auto">', "")
    rest = rest.replace("</p>", "")
    assert "<" not in rest
    assert '"' not in rest


def test_marks_that_nobody_knows_are_dropped() -> None:
    hostile = {"script": True, "em onclick=x": True, "link": "javascript:x()", "strong": "yes"}
    assert html(paragraph(("word", hostile))) == '<p dir="auto">word</p>'


def test_unknown_kinds_of_block_read_as_paragraphs() -> None:
    assert html(("heading", "Us")) == '<p dir="auto">Us</p>'
    doc: Any = pycrdt.Doc()
    text = doc.get("letter", type=pycrdt.Text)
    odd: list[dict[str, Any]] = [{}, {"k": 7}, {"k": True, "x": ["y"]}, {"k": None}]
    for values in odd:
        text.insert_embed(len(text), pycrdt.Map(values), {})
        text.insert(len(text), "a", {})
    assert [block.kind for block in document.blocks(doc)] == [Kind.PARAGRAPH] * 4


def test_words_before_any_block_are_a_paragraph() -> None:
    doc: Any = pycrdt.Doc()
    doc.get("letter", type=pycrdt.Text).insert(0, "<b>alone", {})
    assert document.to_html(document.blocks(doc)) == '<p dir="auto">&lt;b&gt;alone</p>'


def test_what_else_is_put_into_the_text_is_dropped() -> None:
    doc = letter(paragraph("word"))
    text = doc.get("letter", type=pycrdt.Text)
    for embedded in ({"a": 1}, pycrdt.Text("x"), pycrdt.Array([1])):
        text.insert_embed(3, embedded, {})
    assert document.to_text(document.blocks(doc)) == "word"


def test_a_map_within_a_map_within_a_map_says_nothing() -> None:
    doc = letter(paragraph("word"))
    inner: Any = pycrdt.Map({"k": "line"})
    for _ in range(50):
        inner = pycrdt.Map({"x": inner})
    text = doc.get("letter", type=pycrdt.Text)
    text.insert_embed(len(text), pycrdt.Map({"k": inner}), {})
    text.insert(len(text), "more", {})
    assert document.to_html(document.blocks(doc)).splitlines() == [
        '<p dir="auto">word</p>',
        '<p dir="auto">more</p>',
    ]


def test_control_characters_are_dropped_and_emoji_are_not() -> None:
    words = "a\x00\x1b[31mb\tc 👩‍👩‍👧 é\ufffc\ue000\ufffe\U000f0000."
    assert html(paragraph(words)) == '<p dir="auto">a[31mb c 👩‍👩‍👧 é.</p>'


def xml_root(doc: Any) -> None:
    root = doc.get("letter", type=pycrdt.XmlFragment)
    root.children.append(XmlElement("paragraph", contents=[pycrdt.XmlText("x")]))


def array_root(doc: Any) -> None:
    doc.get("letter", type=pycrdt.Array).extend([1, "a", pycrdt.Text("x"), pycrdt.Map({}), b"x"])


def map_root(doc: Any) -> None:
    doc.get("letter", type=pycrdt.Map)["a"] = pycrdt.Text("x")


@pytest.mark.parametrize("make", [xml_root, array_root, map_root])
def test_a_letter_that_is_something_else_entirely_is_no_error(make: Callable[[Any], None]) -> None:
    hostile: Any = pycrdt.Doc()
    make(hostile)
    doc: Any = pycrdt.Doc()
    doc.apply_update(hostile.get_update())
    assert "<" not in document.to_html(document.blocks(doc)).replace('<p dir="auto">', "").replace(
        "</p>", ""
    )
    fresh: Any = pycrdt.Doc()
    make(fresh)
    assert document.blocks(fresh) == []
    assert not document.is_undecided(fresh)


def test_a_letter_has_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(document, "HARD_LIMIT", 10)
    long = letter(*[paragraph("abcdefg") for _ in range(3)])
    assert document.to_text(document.blocks(long)) == "abcdefg\n\nabc"


# -- Breaks in the line --------------------------------------------------------------------------

BREAKS = ["\n", "\r", "\r\n", "\v", "\f", "\x85", "\u2028", "\u2029"]


@pytest.mark.parametrize("sign", BREAKS)
def test_whatever_breaks_a_line_is_the_one_break_everywhere(sign: str) -> None:
    words = f"first line{sign}second line"
    assert plain(words) == "first line\nsecond line"
    doc: Any = pycrdt.Doc()
    text = doc.get("letter", type=pycrdt.Text)
    text.insert_embed(0, pycrdt.Map({"k": "line"}), {})
    text.insert(1, words, {})
    raw = document.blocks(doc)
    Editor(made := letter(("line", "x")), None).bring([Block(Kind.LINE, (Run(words),))])
    assert "".join(s.text for s in Sheet(made.get_update()).signs()) == (
        "first line\u2028second line"
    )
    broken = [Block(Kind.LINE, (Run("first line\nsecond line"),))]
    for blocks in (raw, document.blocks(made)):
        assert blocks == broken
        assert document.digest(blocks) == document.digest(broken)
        assert (
            document.to_html(blocks) == '<p class="line" dir="auto">first line<br>second line</p>'
        )
        assert document.to_text(blocks) == "first line\nsecond line"
        assert difference.blocks(blocks, broken).are_none
        assert "first line<br>second line" in difference.blocks([], blocks).html
        keepsake = Keepsake(blocks)
        assert "first line<br>second line</p>" in keepsake.to_html()
        assert keepsake.to_markdown() == "> first line\\\n> second line\n"
        assert keepsake.to_text() == "first line\nsecond line\n"


@pytest.mark.parametrize("sign", BREAKS)
def test_a_break_is_one_character_of_the_letter(sign: str) -> None:
    doc = letter(paragraph("a"))
    Editor(doc, None).bring([Block(Kind.PARAGRAPH, (Run(f"a{sign}b"),))])
    assert [s.text for s in Sheet(doc.get_update()).signs()][1:] == ["a", "\u2028", "b"]


# -- Plain text, and what is kept ----------------------------------------------------------------


def test_plain_text_has_an_empty_line_between_blocks() -> None:
    blocks = [
        Block(Kind.SALUTATION, (Run("Dear Relationship,"),)),
        Block(Kind.PARAGRAPH),
        Block(Kind.LINE, (Run("I want to be "), Run("kind", ("em",)), Run("."))),
        Block(Kind.CLOSING, (Run("Yours\nand mine"),)),
    ]
    assert document.to_text(blocks) == (
        "Dear Relationship,\n\nI want to be kind.\n\nYours\nand mine"
    )


BLOCKS = [
    Block(Kind.SALUTATION, (Run("Dear Relationship,"),)),
    Block(Kind.PARAGRAPH, (Run("a "), Run("b", ("strong", "em")), Run("\nc", ("em",)))),
    Block(Kind.SIGNATURE),
]


def test_kept_words_come_out_as_they_went_in() -> None:
    kept = json.dumps(document.to_json(BLOCKS))
    assert document.from_json(json.loads(kept)) == BLOCKS


def test_the_digest_names_exactly_these_words() -> None:
    digest = document.digest(BLOCKS)
    assert len(digest) == 64
    assert document.digest(document.from_json(document.to_json(BLOCKS))) == digest
    others = [
        BLOCKS[:2],
        [BLOCKS[0]._replace(kind=Kind.LINE), *BLOCKS[1:]],
        [BLOCKS[0]._replace(runs=(Run("Dear Relationship!"),)), *BLOCKS[1:]],
        [BLOCKS[0]._replace(runs=(Run("Dear Relationship,", ("em",)),)), *BLOCKS[1:]],
    ]
    assert digest not in [document.digest(other) for other in others]


def test_the_same_words_typed_another_way_have_the_same_digest() -> None:
    at_once = letter(paragraph("one two"))
    page = Sheet(letter(paragraph("oneo")).get_update())
    page.write(" tw", 4)
    page.mark(4, 3, {"em": True})
    page.mark(4, 3, {"em": None})
    assert document.digest(document.blocks(at_once)) == document.digest(document.blocks(page.doc))
