"""Letters as plain text and as Markdown: the words that were written, whatever they look like."""

import html
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from couples.pdf.client import direction
from letters.export.keepsake import Aside, Keepsake
from letters.text.document import Block, Run
from letters.text.model import Kind

LETTER = [
    Block(Kind.SALUTATION, (Run("Dear Relationship,"),)),
    Block(Kind.PARAGRAPH, (Run("We are "), Run("slow", ("strong",)), Run("."))),
    Block(Kind.LINE, (Run("I want to stay,\nand to "), Run("ask", ("em",)), Run("."))),
    Block(Kind.PARAGRAPH),
    Block(Kind.CLOSING, (Run("Yours,"),)),
    Block(Kind.SIGNATURE, (Run("Ana"),)),
]

read = MarkdownIt("commonmark").render


def paragraphs(markdown: str) -> list[str]:
    """What a reader of Markdown shows, a string for each paragraph."""
    return [
        html.unescape(re.sub(r"</?(em|strong)>", "", words.replace("<br />\n", "\n")))
        for words in re.findall(r"<p>(.*?)</p>", read(markdown), re.DOTALL)
    ]


def test_a_letter_as_markdown() -> None:
    assert Keepsake(LETTER).to_markdown() == (
        "Dear Relationship,\n\n"
        "We are **slow**.\n\n"
        "> I want to stay,\\\n> and to *ask*.\n\n"
        "Yours,\n\n"
        "Ana\n"
    )


def test_a_letter_as_text() -> None:
    assert Keepsake(LETTER, "Signed by both.").to_text() == (
        "Dear Relationship,\n\nWe are slow.\n\nI want to stay,\nand to ask.\n\n"
        "Yours,\n\nAna\n\nSigned by both.\n"
    )


@pytest.mark.parametrize(
    "words",
    [
        "# not a title",
        "- not a list",
        "+ nor this",
        "1. nor this",
        "2) nor this",
        "> not a quotation",
        "    not code",
        "\tnot code",
        "```\nnot code",
        "~~~",
        "* * *",
        "---",
        "words\n---",
        "words\n===",
        "a*b*c _d_ **e** ***f***",
        "`code` [a](http://b.example) ![c](d) <http://e.example>",
        "<script>alert(1)</script> <!-- --> &amp; &#42; &nbsp;",
        "a \\ b \\* c\\",
        "| a | b |\n| - | - |",
        "[a]: http://b.example",
        "one\n\nthree",
        "snow ☃ שלום 😀",
    ],
)
def test_markdown_shows_what_was_written(words: str) -> None:
    written = Keepsake([Block(Kind.PARAGRAPH, (Run(words),))]).to_markdown()
    shown = [text.replace("\xa0", " ").strip() for text in paragraphs(written)]
    assert shown == [words.replace("\t", " ").strip()]
    assert not re.search(r"<(?!/?p>|br />)", read(written))


SIGNS = st.sampled_from("ab 1.,!#*_-+=>`~[]()<&|\\\"'“\n\t😀ש")
RUNS = st.lists(
    st.builds(
        Run,
        st.text(SIGNS, min_size=1, max_size=8),
        st.sampled_from([(), ("em",), ("strong",), ("strong", "em")]),
    ),
    max_size=6,
)
BLOCKS = st.builds(
    Block, st.sampled_from(Kind), RUNS.map(lambda runs: tuple(r for r in runs if r.text))
)


def emphasised(markdown: str) -> str:
    """The signs that a reader of Markdown shows as emphasised, without blanks."""
    shown, depth = "", 0
    for tag, text in re.findall(r"(<[^>]*>)|([^<]+)", read(markdown)):
        depth += {"<em>": 1, "<strong>": 1, "</em>": -1, "</strong>": -1}.get(tag, 0)
        shown += text if depth else ""
    return re.sub(r"\s", "", html.unescape(shown))


@given(st.lists(BLOCKS, max_size=4))
def test_markdown_loses_and_adds_nothing(blocks: list[Block]) -> None:
    written = Keepsake(blocks).to_markdown()
    tags = set(re.findall(r"<(/?\w+)", read(written)))
    assert tags <= {*("p", "em", "strong", "blockquote", "br")} | {
        *("/p", "/em", "/strong", "/blockquote")
    }
    said = "".join(block.text for block in blocks)
    assert re.sub(r"\s", "", "".join(paragraphs(written))) == re.sub(r"\s", "", said)
    marked = "".join(run.text for block in blocks for run in block.runs if run.marks)
    assert emphasised(written) == re.sub(r"\s", "", marked)


def test_what_stands_under_and_beside_comes_along() -> None:
    noted = Block(Kind.PARAGRAPH, (Run("We are "), Run("slow", (), ("n",)), Run(".")))
    note = Aside("n", 1, "slow", [("Ben", "How slow?"), ("Ana", "Ten minutes.")])
    kept = Keepsake([noted], "Signed by both.", [note])
    assert kept.to_text() == (
        "We are slow[1].\n\nSigned by both.\n\n[1] “slow”\nBen: How slow?\nAna: Ten minutes.\n"
    )
    assert paragraphs(kept.to_markdown()) == [
        "We are slow[1].",
        "Signed by both.",
        "[1] “slow”\nBen: How slow?\nAna: Ten minutes.",
    ]
    assert 'id="note-1"' in kept.to_html()


@pytest.mark.parametrize(
    ("text", "runs"),
    [
        ("(1) Hello", "ltr"),
        ("“שלום” hello", "rtl"),
        ("… مرحبا", "rtl"),
        ("123", "ltr"),
        ("", "ltr"),
    ],
)
def test_a_paragraph_runs_as_its_first_letter_does(text: str, runs: str) -> None:
    assert direction(text) == runs


def test_the_page_for_the_press_holds_text_and_no_markup_of_anybody_else() -> None:
    hostile = '</p><script src="//x"></script><style>@import "//x"</style><img src=x>'
    page = Keepsake([Block(Kind.PARAGRAPH, (Run(hostile),))], under=hostile).to_html()
    assert not re.search(r"<(script|style|img)", page)
    assert page.count("&lt;script") == 2
