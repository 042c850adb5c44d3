"""The press: a page of HTML in, a PDF out, in a process of its own.

WeasyPrint stands on Pango, a library in C that is given whatever people wrote, and the process that
serves the pages also holds the letters that are open. So it is not loaded there: what goes wrong
here ends here, what takes too long is stopped, and its sixty megabytes go when the page is done.

Run as a script, by file name and without Django: `press.py FONTS` reads the HTML from its standard
input. It fetches nothing but the fonts in that folder.
"""

import os
import sys
from pathlib import Path

# How the process says why there is no PDF.
NO_LIBRARY = 3

MEMORY = 2 * 2**30
SECONDS = 60

# Font files of the web, each under a name of its own: WeasyPrint takes two files of one family and
# style for the same font, and sets the signs of one with the shapes of the other.
FACES = (
    ("Letter", "newsreader.woff2", "normal"),
    ("Letter", "newsreader-italic.woff2", "italic"),
    ("Letter more", "newsreader-latin-ext.woff2", "normal"),
    ("Letter more", "newsreader-italic-latin-ext.woff2", "italic"),
)

STYLE = """
@page {
  size: A4;
  margin: 27mm 27mm 30mm;
  @bottom-center { content: counter(page); font: 9pt Letter, serif; color: #776a60 }
}
@page :first { @bottom-center { content: none } }
html { color: #2b211b }
body { margin: 0; font: 400 12.5pt/1.6 Letter, "Letter more", serif; overflow-wrap: anywhere }
p { margin: 0; white-space: pre-wrap; orphans: 3; widows: 3 }
p + p { margin-block-start: 0.85em }
p:empty::before { content: "\\200b" }
strong { font-weight: 650 }
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
    """The @font-face rules for those of our fonts that were built."""
    return "".join(
        f'@font-face {{ font-family: "{family}"; font-style: {style}; font-weight: 400 700;'
        f' src: url("{(folder / file).as_uri()}") }}'
        for family, file, style in FACES
        if (folder / file).is_file()
    )


def limit() -> None:
    """The most this process may take, where the system lets itself be told."""
    try:
        import resource

        resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    except (ImportError, OSError, ValueError):
        pass


def main(folder: Path) -> int:
    # A library that is missing is announced with a print.
    out = os.dup(1)
    os.dup2(2, 1)
    limit()
    try:
        from weasyprint import CSS, HTML
        from weasyprint.text.fonts import FontConfiguration
        from weasyprint.urls import URLFetcher, URLFetcherResponse
    except (ImportError, OSError):
        return NO_LIBRARY

    ours = {path.as_uri(): path for path in folder.glob("*.woff2")}

    class Fetcher(URLFetcher):
        def fetch(self, url: str, headers: object = None) -> URLFetcherResponse:
            if url not in ours:
                raise ValueError("nothing is fetched but our own fonts")
            return URLFetcherResponse(url, ours[url].read_bytes())

    fetcher, fonts = Fetcher(), FontConfiguration()
    style = CSS(string=faces(folder) + STYLE, font_config=fonts, url_fetcher=fetcher)
    page = HTML(string=sys.stdin.buffer.read().decode(), url_fetcher=fetcher)
    pdf = page.write_pdf(stylesheets=[style], font_config=fonts)
    with os.fdopen(out, "wb") as file:
        file.write(pdf)
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
