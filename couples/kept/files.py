"""What somebody keeps of a time, as one file to take along."""

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from couples.kept.book import Book, Entry, Text

# At these Markdown sees more than the sign; at the beginning of a line also at those after.
_SIGNS = re.compile(r"([\\`*_\[\]<>&~|])")
_OPENING = re.compile(r"^([ \t]*)(?:([#+\-=:])|(\d{1,9})([.)]))", re.MULTILINE)

type Told = Sequence[tuple[str, Sequence[Entry]]]


def _told(book: Book) -> Told:
    return [(str(each.title), list(each.entries())) for each in book.chapters()]


def _title(book: Book) -> str:
    names = {"one": book.couple.one.name, "two": book.couple.two.name}
    return _("What %(one)s and %(two)s shared") % names


def _span(book: Book) -> str:
    assert book.couple.ended_at is not None, "nothing is kept before it ends"  # noqa: S101
    days = (localtime(book.couple.began_at), localtime(book.couple.ended_at))
    return " – ".join(date_format(day, "j F Y") for day in days)


def to_text(book: Book) -> str:
    parts = [_title(book).upper(), _span(book)]
    for chapter, entries in _told(book):
        parts.append(f"\n{chapter}\n{'=' * len(chapter)}")
        for entry in entries:
            parts.append(f"{entry.title}\n{'-' * len(str(entry.title))}")
            parts += [f"{text.label}\n{text.words}".strip() for text in entry.texts]
    return "\n\n".join(parts) + "\n"


def to_markdown(book: Book) -> str:
    parts = [f"# {_plain(_title(book))}", _span(book)]
    for chapter, entries in _told(book):
        parts.append(f"## {_plain(chapter)}")
        for entry in entries:
            parts.append(f"### {_plain(str(entry.title))}")
            parts += [_marked(text) for text in entry.texts]
    return "\n\n".join(parts) + "\n"


def _marked(text: Text) -> str:
    words = text.markdown.strip("\n") or _hard_breaks(_plain(text.words))
    return "\n\n".join(part for part in (_bold(str(text.label)), words) if part)


def _bold(label: str) -> str:
    return f"**{_plain(label)}**" if label else ""


def _plain(words: str) -> str:
    return _OPENING.sub(
        lambda m: m[1] + (f"\\{m[2]}" if m[2] else f"{m[3]}\\{m[4]}"), _SIGNS.sub(r"\\\1", words)
    )


def _hard_breaks(words: str) -> str:
    """Markdown joins lines; a stroke at the end of one keeps it apart from the next."""
    return re.sub(r"(?<=[^\n])\n(?=[^\n])", "\\\\\n", words)


def to_json(book: Book) -> str:
    couple = book.couple
    assert couple.ended_at is not None, "nothing is kept before it ends"  # noqa: S101
    whole = {
        "people": [couple.one.name, couple.two.name],
        "from": couple.began_at.isoformat(),
        "until": couple.ended_at.isoformat(),
        "chapters": [
            {
                "title": chapter,
                "entries": [
                    {
                        "title": str(entry.title),
                        "texts": [{"label": str(t.label), "words": t.words} for t in entry.texts],
                    }
                    for entry in entries
                ],
            }
            for chapter, entries in _told(book)
        ],
    }
    return json.dumps(whole, ensure_ascii=False, indent=2) + "\n"


@dataclass(frozen=True)
class Form:
    """A kind of file."""

    content_type: str
    write: Callable[[Book], str]


FORMS = {
    "md": Form("text/markdown; charset=utf-8", to_markdown),
    "txt": Form("text/plain; charset=utf-8", to_text),
    "json": Form("application/json", to_json),
}
