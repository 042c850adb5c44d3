"""From the CRDT to words: the closed list of what a letter can say."""

import json
from collections.abc import Callable
from typing import Any

import pycrdt
import pytest
from pycrdt import XmlElement, XmlText

from letters import document
from letters.document import Block, Kind, Run
from tests.letters.test_crdt import ROOT, struct


def letter(*nodes: XmlElement | XmlText) -> Any:
    doc: Any = pycrdt.Doc()
    root = doc.get("letter", type=pycrdt.XmlFragment)
    for node in nodes:
        root.children.append(node)
    return doc


def html(*nodes: XmlElement | XmlText) -> str:
    return document.to_html(document.blocks(letter(*nodes)))


def marked(doc: Any, *marks: tuple[int, int, dict[str, Any]]) -> Any:
    """The document with marks on the first block's text."""
    text = doc.get("letter", type=pycrdt.XmlFragment).children[0].children[0]
    for start, stop, attributes in marks:
        text.format(start, stop, attributes)
    return doc


# -- The first page ------------------------------------------------------------------------------


def test_a_letter_opens_with_the_salutation_and_room_to_write() -> None:
    doc: Any = pycrdt.Doc()
    doc.apply_update(document.first_page())
    assert document.blocks(doc) == [Block(Kind.SALUTATION, (Run("Dear Relationship,"),))]
    # This is what the editor finds, node for node.
    assert str(doc.get("letter", type=pycrdt.XmlFragment)) == (
        "<salutation>Dear Relationship,</salutation><paragraph></paragraph>"
    )


def test_lines_that_are_taken_over_stand_between() -> None:
    doc: Any = pycrdt.Doc()
    doc.apply_update(document.first_page(["I want to be patient.", "", "\x00"]))
    assert [(block.kind, block.text) for block in document.blocks(doc)] == [
        ("salutation", "Dear Relationship,"),
        ("line", "I want to be patient."),
    ]


def test_what_is_added_stands_before_the_paragraph_that_waits() -> None:
    doc: Any = pycrdt.Doc()
    doc.apply_update(document.first_page())
    somebody_types: Any = pycrdt.Doc()
    somebody_types.apply_update(doc.get_update())
    waiting = somebody_types.get("letter", type=pycrdt.XmlFragment).children[1]
    waiting.children.append(XmlText("meanwhile"))
    document.append(doc, Kind.LINE, "a line")
    document.append(doc, Kind.LINE, "\x00")
    doc.apply_update(somebody_types.get_update())
    document.append(doc, Kind.CLOSING, "the end")
    assert document.to_text(document.blocks(doc)).split("\n\n")[1:] == [
        "a line",
        "meanwhile",
        "the end",
    ]


def test_the_salutation_speaks_the_language_of_who_begins(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(document, "gettext", {"Dear Relationship,": "Liebe Beziehung,"}.get)
    doc: Any = pycrdt.Doc()
    doc.apply_update(document.first_page())
    assert document.to_text(document.blocks(doc)) == "Liebe Beziehung,"


# -- HTML ----------------------------------------------------------------------------------------


def test_each_block_is_a_paragraph_in_its_own_direction() -> None:
    blocks = [Block(kind, (Run(kind.value),)) for kind in Kind]
    assert document.to_html(blocks).splitlines() == [
        '<p class="dear" dir="auto">salutation</p>',
        '<p dir="auto">paragraph</p>',
        '<p class="line" dir="auto">line</p>',
        '<p class="closing" dir="auto">closing</p>',
        '<p class="signature" dir="auto">signature</p>',
    ]


def test_empty_blocks_count_between_words_and_not_after_them() -> None:
    nodes = ["", "one", "", "two", " ", ""]
    made = [XmlElement("paragraph", contents=[XmlText(text)] if text else []) for text in nodes]
    assert [block.text for block in document.blocks(letter(*made))] == ["", "one", "", "two"]


def test_marks_and_line_breaks() -> None:
    doc = marked(
        letter(XmlElement("paragraph", contents=[XmlText("one two three")])),
        (0, 7, {"em": {}}),
        (4, 13, {"strong": {}}),
    )
    children = doc.get("letter", type=pycrdt.XmlFragment).children[0].children
    children.append(XmlElement("hard_break"))
    children.append(XmlText("four"))
    assert document.to_html(document.blocks(doc)) == (
        '<p dir="auto"><em>one </em><em><strong>two</strong></em><strong> three</strong>'
        "<br>four</p>"
    )


def test_marks_by_the_longer_names_of_y_prosemirror() -> None:
    doc = marked(
        letter(XmlElement("line", contents=[XmlText("word")])), (0, 4, {"em--a1b2c3d4": {}})
    )
    assert document.to_html(document.blocks(doc)) == (
        '<p class="line" dir="auto"><em>word</em></p>'
    )


@pytest.mark.parametrize(
    "node",
    [
        pytest.param(
            XmlElement("paragraph", contents=[XmlText("<script>x()</script>")]), id="text"
        ),
        pytest.param(
            XmlElement("paragraph", {"onclick": "x()", "class": '"><script>'}, [XmlText("a")]),
            id="attributes",
        ),
        pytest.param(XmlElement("script", contents=[XmlText("x()")]), id="script"),
        pytest.param(
            XmlElement('p onclick="x()"', contents=[XmlText("a")]), id="a name that is more"
        ),
        pytest.param(XmlElement("img", {"src": "x", "onerror": "x()"}), id="image"),
        pytest.param(
            XmlElement(
                "paragraph", contents=[XmlElement("iframe", {"src": "//x"}, [XmlText("<b>")])]
            ),
            id="inside a block",
        ),
        pytest.param(XmlText("<style>*{}</style>"), id="text without a block"),
    ],
)
def test_nothing_but_the_closed_list_reaches_html(node: XmlElement | XmlText) -> None:
    rest = html(node).replace('<p dir="auto">', "").replace("</p>", "")
    assert "<" not in rest
    assert '"' not in rest


def test_marks_that_nobody_knows_are_dropped() -> None:
    hostile = {"script": {}, "em onclick=x": {}, "link": {"href": "javascript:x()"}, "strong": None}
    doc = marked(letter(XmlElement("paragraph", contents=[XmlText("word")])), (0, 4, hostile))
    assert document.to_html(document.blocks(doc)) == '<p dir="auto">word</p>'


def test_unknown_blocks_keep_their_text() -> None:
    assert html(XmlElement("heading", contents=[XmlText("Us")])) == '<p dir="auto">Us</p>'
    assert html(XmlElement("image", {"src": "x"})) == ""


def test_what_is_put_into_text_is_dropped() -> None:
    doc = letter(XmlElement("paragraph", contents=[XmlText("word")]))
    text = doc.get("letter", type=pycrdt.XmlFragment).children[0].children[0]
    for embedded in ({"a": 1}, pycrdt.Map({"a": 1}), pycrdt.Text("x"), XmlElement("img")):
        text.insert_embed(2, embedded)
    assert document.to_text(document.blocks(doc)) == "word"


def test_control_characters_are_dropped_and_emoji_are_not() -> None:
    assert html(XmlElement("paragraph", contents=[XmlText("a\x00\x1b[31m\x85b\tc 👩‍👩‍👧 é")])) == (
        '<p dir="auto">a[31mb\tc 👩‍👩‍👧 é</p>'
    )


def text_root(doc: Any) -> None:
    text = doc.get("letter", type=pycrdt.Text)
    text.insert(0, "hello")
    text.insert_embed(2, pycrdt.Map({"a": 1}))


def array_root(doc: Any) -> None:
    doc.get("letter", type=pycrdt.Array).extend([1, "a", pycrdt.Text("x"), pycrdt.Map({}), b"x"])


def map_root(doc: Any) -> None:
    doc.get("letter", type=pycrdt.Map)["a"] = pycrdt.Text("x")


@pytest.mark.parametrize("make", [text_root, array_root, map_root])
def test_a_letter_that_is_something_else_entirely_is_empty(make: Callable[[Any], None]) -> None:
    hostile: Any = pycrdt.Doc()
    make(hostile)
    doc: Any = pycrdt.Doc()
    doc.apply_update(hostile.get_update())
    assert document.to_html(document.blocks(doc)) in ("", '<p dir="auto">x</p>')


def test_a_letter_nested_a_thousand_deep_is_flat() -> None:
    node = b"\x03\x01p"
    inner = b"".join(
        b"\x07\x00\x05" + bytes((number & 127 | 128, number >> 7)) + node for number in range(1000)
    )
    update = b"\x01\xe9\x07\x05\x00\x07" + ROOT + node + inner + b"\x00"
    doc: Any = pycrdt.Doc()
    doc.apply_update(update)
    assert document.to_html(document.blocks(doc)) == ""


def test_an_element_without_a_name_is_no_error() -> None:
    doc: Any = pycrdt.Doc()
    doc.apply_update(struct(b"\x07" + ROOT + b"\x03\x00"))
    assert document.to_html(document.blocks(doc)) == ""


def test_a_letter_has_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(document, "MAX_CHARACTERS", 10)
    monkeypatch.setattr(document, "MAX_BLOCKS", 3)
    many = [XmlElement("paragraph", contents=[XmlText("abc")]) for _ in range(5)]
    assert len(document.blocks(letter(*many))) == 3
    long = [XmlElement("paragraph", contents=[XmlText("abcdefg")]) for _ in range(3)]
    assert document.to_text(document.blocks(letter(*long))) == "abcdefg\n\nabc"


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
    at_once = letter(XmlElement("paragraph", contents=[XmlText("one two")]))
    bit_by_bit = letter(XmlElement("paragraph", contents=[XmlText("one"), XmlText("o")]))
    second = bit_by_bit.get("letter", type=pycrdt.XmlFragment).children[0].children[1]
    second.insert(0, " tw")
    second.format(0, 3, {"em": {}})
    second.format(0, 3, {"em": None})
    assert document.digest(document.blocks(at_once)) == document.digest(document.blocks(bit_by_bit))
