"""A page of HTML in, a PDF out, in a process of its own.

WeasyPrint stands on Pango, a library in C that is given whatever people wrote, and the process that
serves the pages also holds the letters that are open. So it is not loaded there: what goes wrong
here ends here, what takes too long is stopped, and its sixty megabytes go when the page is done.

Run as a script, by file name and without Django: `worker.py FONTS` reads the HTML from its standard
input, and `worker.py FONTS unset` reads signs there and says which of them no font of this machine
has. It fetches nothing but the fonts in that folder.
"""

import ctypes
import os
import re
import sys
import unicodedata
from collections.abc import Iterator
from html import escape, unescape
from pathlib import Path
from typing import Any

# How the process says why there is no PDF.
NO_LIBRARY = 3


class NoLibrary(Exception):
    """This machine has no Pango, or a broken one."""


MEMORY = 2 * 2**30
SECONDS = 60

# The whole font, where pages bring it in parts. Pango sets a space in the font of the sign before
# it and looks for each mark by itself: in a part without them a space is a box, and the mark of a
# letter from another part stands beside it.
FACES = (
    ("Newsreader_400Regular.ttf", "normal", 400),
    ("Newsreader_400Regular_Italic.ttf", "italic", 400),
    ("Newsreader_600SemiBold.ttf", "normal", 600),
    ("Newsreader_600SemiBold_Italic.ttf", "italic", 600),
)

STYLE = """
@page {
  size: A4;
  margin: 27mm 27mm 30mm;
  @bottom-center { content: counter(page); font: 9pt Letter, serif; color: #776a60 }
}
@page :first { @bottom-center { content: none } }
html { color: #2b211b }
body { margin: 0; font: 400 12.5pt/1.6 Letter, serif; overflow-wrap: anywhere }
p { margin: 0; white-space: pre-wrap; orphans: 3; widows: 3 }
p + p { margin-block-start: 0.85em }
p:empty::before { content: "\\200b" }
.marked { font-family: serif }
/* Hebrew and Arabic have no italics; slanted by force, WeasyPrint mixes up the fonts they share. */
:is([dir="rtl"], [dir="rtl"] em) { font-style: normal }
strong { font-weight: 600 }
.dear { font-size: 15.5pt; font-style: italic; line-height: 1.3; break-after: avoid }
.line { padding-inline-start: 5mm; border-inline-start: 0.6pt solid #b3a79d; break-inside: avoid }
.line + .line { margin-block-start: 0.6em }
.closing { margin-block-start: 1.7em; break-after: avoid }
.signature { font-size: 14.5pt; font-style: italic; line-height: 1.35 }
.closing + .signature { margin-block-start: 0.3em }
:is(.dear, .signature) em { font-style: normal }
.under { margin-block-start: 2.4em; font-size: 10.5pt; font-style: italic; break-inside: avoid }
a { color: inherit; text-decoration: none }
.note-number { font-size: 0.65em; line-height: 0 }
.aside { font-size: 10.5pt; break-inside: avoid }
:not(.aside) + .aside { margin-block-start: 2.4em }
.ours { columns: 2; column-gap: 9mm; font-size: 9.5pt; line-height: 1.4 }
.ours h1 { margin: 0 0 6mm; column-span: all; font-weight: 400; font-size: 21pt }
.held { margin-block-end: 5mm; break-inside: avoid }
.held h2 { margin: 0; font-weight: 400; font-style: italic; font-size: 8.5pt; color: #776a60 }
.held .words { font-size: 11.5pt; line-height: 1.3 }
.held p + p { margin-block-start: 0.25em }
.held .part { font-size: 9pt }
.held .signed { font-style: italic; color: #776a60 }
"""


def faces(folder: Path) -> str:
    """The @font-face rules for those of our fonts that are there."""
    return "".join(
        f'@font-face {{ font-family: "Letter"; font-style: {style}; font-weight: {weight};'
        f' src: url("{(folder / file).as_uri()}") }}'
        for file, style, weight in FACES
        if (folder / file).is_file()
    )


class Letter:
    """What our font can set by itself."""

    def __init__(self, folder: Path) -> None:
        from fontTools.ttLib import TTFont

        self.signs: dict[int, str] = {}
        self.anchored: set[tuple[str, str]] = set()
        file = folder / FACES[0][0]
        if file.is_file():
            with TTFont(file) as font:
                self.signs = font.getBestCmap()
                self.anchored = set(_anchored(font["GPOS"].table))

    def sets(self, word: str) -> bool:
        """Whether no mark in the word is torn from its letter: both are set in this font, which
        knows where the mark goes, or both are left to another."""
        on: str | None = None
        for sign in word:
            glyph = self.signs.get(ord(sign))
            if is_mark(sign) and (on, glyph) != (None, None) and (on, glyph) not in self.anchored:
                return False
            on = glyph
        return True


def is_mark(sign: str) -> bool:
    return unicodedata.category(sign) in ("Mn", "Me") and not is_unseen(sign)


def is_unseen(sign: str) -> bool:
    """A space, a line end, or what only tells others how to look."""
    chooses_a_variant = "\ufe00" <= sign <= "\ufe0f" or "\U000e0100" <= sign <= "\U000e01ef"
    return chooses_a_variant or unicodedata.category(sign) in ("Cc", "Cf", "Cs", "Zl", "Zp", "Zs")


def _anchored(positions: Any) -> Iterator[tuple[str, str]]:
    """Each sign, or mark, with each mark that the font knows how to put on it."""
    for lookup in positions.LookupList.Lookup:
        for table in lookup.SubTable:
            table = getattr(table, "ExtSubTable", table)
            match table.LookupType:
                case 4:
                    on, marks, records = table.BaseCoverage, table.MarkCoverage, table.BaseArray
                    rows = [record.BaseAnchor for record in records.BaseRecord]
                    given = table.MarkArray.MarkRecord
                case 6:
                    on, marks, records = table.Mark2Coverage, table.Mark1Coverage, table.Mark2Array
                    rows = [record.Mark2Anchor for record in records.Mark2Record]
                    given = table.Mark1Array.MarkRecord
                case _:
                    continue
            for glyph, anchors in zip(on.glyphs, rows, strict=True):
                for mark, record in zip(marks.glyphs, given, strict=True):
                    if anchors[record.Class] is not None:
                        yield glyph, mark


_TAG = re.compile(r"(<[^>]*>)")
_WORD = re.compile(r"\S+")


def keep_marks_on(html: str, letter: Letter) -> str:
    """The page, with words whose marks our font would tear off left whole to another font."""

    def word(match: re.Match[str]) -> str:
        text = match[0]
        if not any(map(is_mark, text)):
            return escape(text)
        text = unicodedata.normalize("NFC", text)
        whole = escape(text)
        return whole if letter.sets(text) else f'<span class="marked">{whole}</span>'

    parts = _TAG.split(html)
    for index in range(0, len(parts), 2):
        if index == 0 or not parts[index - 1].startswith("<title"):
            parts[index] = _WORD.sub(word, unescape(parts[index]))
    return "".join(parts)


def unset(signs: str, letter: Letter) -> str:
    """Those that come out as a box: neither our font nor any that Pango finds here has them."""
    ask = [sign for sign in signs if ord(sign) not in letter.signs]
    if not ask:
        return ""
    pango, pangoft2, gobject = (_library(name) for name in LIBRARIES)
    for new in (
        *(pangoft2.pango_ft2_font_map_new, pango.pango_font_map_create_context),
        *(pango.pango_layout_new, pango.pango_font_description_from_string),
    ):
        new.restype = ctypes.c_void_p
    map_ = ctypes.c_void_p(pangoft2.pango_ft2_font_map_new())
    context = ctypes.c_void_p(pango.pango_font_map_create_context(map_))
    layout = ctypes.c_void_p(pango.pango_layout_new(context))
    serif = ctypes.c_void_p(pango.pango_font_description_from_string(b"serif 12"))
    pango.pango_layout_set_font_description(layout, serif)
    missing = []
    for sign in ask:
        text = sign.encode()
        pango.pango_layout_set_text(layout, text, len(text))
        if pango.pango_layout_get_unknown_glyphs_count(layout):
            missing.append(sign)
    pango.pango_font_description_free(serif)
    for thing in (layout, context, map_):
        gobject.g_object_unref(thing)
    return "".join(missing)


# As they are called on Linux, on a Mac and on Windows.
LIBRARIES = (
    ("libpango-1.0.so.0", "libpango-1.0.dylib", "libpango-1.0-0"),
    ("libpangoft2-1.0.so.0", "libpangoft2-1.0.dylib", "libpangoft2-1.0-0"),
    ("libgobject-2.0.so.0", "libgobject-2.0.dylib", "libgobject-2.0-0"),
)


def _library(names: tuple[str, ...]) -> ctypes.CDLL:
    for name in names[:-1]:
        try:
            return ctypes.CDLL(name)
        except OSError:
            continue
    try:
        return ctypes.CDLL(names[-1])
    except OSError:
        raise NoLibrary from None


def limit() -> None:
    """The most this process may take, where the system lets itself be told."""
    try:
        import resource

        resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    except (ImportError, OSError, ValueError):
        pass


def main(folder: Path, task: str = "") -> int:
    # A library that is missing is announced with a print.
    out = os.dup(1)
    os.dup2(2, 1)
    limit()
    given = sys.stdin.buffer.read().decode()
    try:
        made = unset(given, Letter(folder)).encode() if task == "unset" else pdf(given, folder)
    except NoLibrary:
        return NO_LIBRARY
    with os.fdopen(out, "wb") as file:
        file.write(made)
    return 0


def pdf(html: str, folder: Path) -> bytes:
    try:
        from weasyprint import CSS, HTML
        from weasyprint.text.fonts import FontConfiguration
        from weasyprint.urls import URLFetcher, URLFetcherResponse
    except (ImportError, OSError):
        raise NoLibrary from None

    ours = {path.as_uri(): path for path in folder.glob("*.ttf")}

    class Fetcher(URLFetcher):
        def fetch(self, url: str, headers: object = None) -> URLFetcherResponse:
            if url not in ours:
                raise ValueError("nothing is fetched but our own fonts")
            return URLFetcherResponse(url, ours[url].read_bytes())

    fetcher, fonts = Fetcher(), FontConfiguration()
    style = CSS(string=faces(folder) + STYLE, font_config=fonts, url_fetcher=fetcher)
    page = HTML(string=keep_marks_on(html, Letter(folder)), url_fetcher=fetcher)
    made: bytes = page.write_pdf(stylesheets=[style], font_config=fonts)
    return made


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), *sys.argv[2:]))
