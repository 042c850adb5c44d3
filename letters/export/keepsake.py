"""A letter to take along: as plain text, as Markdown, as a PDF.

All three are made of blocks, never of HTML that somebody sent. What people wrote stays what it is:
a star is a star in Markdown, and a tag is five characters in a PDF.
"""

import re
import unicodedata
from collections.abc import Sequence
from typing import NamedTuple

from django.conf import settings
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from couples.pdf import client as pdf
from couples.pdf.client import direction
from letters.text import document
from letters.text.document import Block, Run
from letters.text.model import Kind

# A word without an end takes the press a time that grows with its square.
_LONG = re.compile(r"[^\s\u2e80-\U0010ffff]{200,}")


class Aside(NamedTuple):
    """A note beside the letter: its number there, the words it is about, who said what."""

    id: str
    number: int
    about: str
    remarks: Sequence[tuple[str, str]]


class Keepsake(NamedTuple):
    """A letter, and what stands under it."""

    blocks: Sequence[Block]
    under: str = ""
    notes: Sequence[Aside] = ()

    # -- Plain text ------------------------------------------------------------------------------

    def to_text(self) -> str:
        parts = [document.to_text(self._numbered()), self.under, *map(_aside, self.notes)]
        return "\n\n".join(filter(None, parts)) + "\n"

    def _numbers(self) -> dict[str, int]:
        return {note.id: note.number for note in self.notes}

    def _numbered(self) -> Sequence[Block]:
        """The blocks, with the number of each note after the last of its words."""
        numbers = self._numbers()
        last = {
            note: (b, r)
            for b, block in enumerate(self.blocks)
            for r, run in enumerate(block.runs)
            for note in run.notes
            if note in numbers
        }
        numbered = [list(block.runs) for block in self.blocks]
        for (b, r), number in sorted(((last[n], numbers[n]) for n in last), reverse=True):
            numbered[b].insert(r + 1, Run(f"[{number}]"))
        return [
            Block(block.kind, tuple(runs))
            for block, runs in zip(self.blocks, numbered, strict=True)
        ]

    # -- Markdown --------------------------------------------------------------------------------

    def to_markdown(self) -> str:
        parts = [part for block in self._numbered() if (part := _markdown(block))]
        if self.under or self.notes:
            parts.append("* * *")
        if self.under:
            parts.append(_marked_down((Run(self.under, ("em",)),)))
        parts += [_marked_down((Run(_aside(note)),)) for note in self.notes]
        return "\n\n".join(parts) + "\n"

    # -- PDF -------------------------------------------------------------------------------------

    def to_html(self) -> SafeString:
        """The page that the press sets. It knows no `dir=auto`, so each paragraph is told which
        way it runs."""
        blocks = [
            Block(
                block.kind,
                tuple(r._replace(text=_LONG.sub(_breakable, r.text)) for r in block.runs),
            )
            for block in self.blocks
        ]
        paragraphs = document.to_html_with_notes(blocks, self._numbers()).split("\n")
        return format_html(
            '<!doctype html><html lang="{}"><meta charset="utf-8"><title>{}</title>'
            "<body>{}{}{}</body></html>",
            settings.LANGUAGE_CODE,
            _("Dear Relationship"),
            mark_safe(  # noqa: S308 # escaped by document
                "".join(
                    html.replace('dir="auto"', f'dir="{direction(block.text)}"', 1)
                    for block, html in zip(self.blocks, paragraphs, strict=bool(self.blocks))
                )
            ),
            format_html('<p class="under" dir="{}">{}</p>', direction(self.under), self.under)
            if self.under
            else "",
            format_html_join(
                "",
                '<p class="aside" id="note-{}">{}</p>',
                ((note.number, _aside(note)) for note in self.notes),
            ),
        )

    def to_pdf(self) -> bytes:
        """Raises NoPdf (couples.pdf.client)."""
        return pdf.to_pdf(self.to_html())


def _breakable(word: re.Match[str]) -> str:
    """With a place of no width, where a line may end, after every forty signs."""
    return re.sub(r".{40}", "\\g<0>\u200b", word[0])


def _aside(note: Aside) -> str:
    about = _("[%(number)s] “%(passage)s”") % {"number": note.number, "passage": note.about}
    remarks = [
        _("%(name)s: %(words)s") % {"name": name, "words": words} for name, words in note.remarks
    ]
    return "\n".join([about, *remarks])


# -- Markdown, so that every reader of it shows the words that were written ------------------------

_SIGNS = re.compile(r"([\\`*_\[\]<>&~|])")
# At the beginning of a line these would make a heading, a list, a quotation, a rule.
_OPENING = re.compile(r"^(?:([#+\-=:])|(\d{1,9})([.)]))")
_STARS = {"em": "*", "strong": "**"}


def _markdown(block: Block) -> str:
    words = _marked_down(block.runs)
    if block.kind is Kind.LINE and words:
        return "\n".join(f"> {row}" for row in words.split("\n"))
    return words


def _marked_down(runs: Sequence[Run]) -> str:
    rows: list[list[Run]] = [[]]
    for run in runs:
        first, *more = run.text.split("\n")
        rows[-1].append(Run(first, run.marks))
        rows += [[Run(text, run.marks)] for text in more]
    written = [_row([run for run in row if run.text]) for row in rows]
    while written and not written[-1]:
        written.pop()
    while written and not written[0]:
        del written[0]
    return "\\\n".join(written)


def _row(runs: Sequence[Run]) -> str:
    """One line: spaces at its beginning would make it code, those at its end are not seen."""
    around: list[Run | None] = [None, *runs, None]
    row = "".join(
        _words(run, around[index], around[index + 2]) for index, run in enumerate(runs)
    ).rstrip(" \t")
    words = row.lstrip(" \t")
    opening = _OPENING.sub(lambda m: f"\\{m[1]}" if m[1] else f"{m[2]}\\{m[3]}", words)
    return "&nbsp;" * (len(row) - len(words)) + opening


def _words(run: Run, before: Run | None, after: Run | None) -> str:
    core = run.text.strip()
    if not run.marks or not core:
        return _SIGNS.sub(r"\\\1", run.text)
    lead, _, trail = run.text.partition(core)
    words = _SIGNS.sub(r"\\\1", core)
    # Within a word, and star to star, Markdown is not sure to see emphasis; with tags it is.
    if (lead or _apart(before, -1)) and (trail or _apart(after, 0)):
        stars = "".join(_STARS[mark] for mark in run.marks)
        return f"{lead}{stars}{words}{stars}{trail}"
    for mark in run.marks:
        words = f"<{mark}>{words}</{mark}>"
    return f"{lead}{words}{trail}"


def _apart(neighbour: Run | None, side: int) -> bool:
    if neighbour is None:
        return True
    sign = neighbour.text[side]
    return sign.isspace() or (not neighbour.marks and unicodedata.category(sign).startswith("P"))
