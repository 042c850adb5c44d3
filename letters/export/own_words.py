"""What one person has written, to read and to take along: answers, values, blueprint, letters.

Only their own: nothing that the other gave is in it, and nothing that both share.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from couples.models import User
from letters.letter.models.letter import Letter
from letters.reflection import blueprint, questions
from letters.reflection.models import Asked, Reflection
from letters.text import document
from letters.values.models import Value

type Words = str | Promise


@dataclass(frozen=True)
class OwnWords:
    """Answers by the slug of what was asked, as they were written; and the values in order."""

    answers: dict[str, Reflection]
    values: list[Value]
    letters: list[tuple[Letter, str]]

    @classmethod
    def of(cls, person: User) -> "OwnWords":
        mine = Reflection.objects.filter(person=person)
        answers = {each.question: each for each in mine if each.text.strip()}
        personal = Letter.objects.personal().filter(person=person).order_by("created_at")
        letters = [(each, _letter(each, person)) for each in personal]
        values = Value.objects.filter(person=person).in_order()
        return cls(answers, list(values), [each for each in letters if each[1]])

    def text(self, asked: Asked) -> str:
        return "\n".join(self.answers[asked.slug].text.splitlines()).strip("\n")

    def chapters(self) -> list[tuple[Words, list[tuple[Words, str]]]]:
        """Each with a title and what stands under it; those without a word are left out."""
        asked: list[tuple[Words, Sequence[Any]]] = [(_("Six questions"), questions.QUESTIONS)]
        asked += [(page.title, page.prompts) for page in blueprint.PAGES]
        asked.append((_("A first line"), (blueprint.WAY_IN,)))
        chapters = [
            (title, [(one.text, self.text(one)) for one in each if one.slug in self.answers])
            for title, each in asked
        ]
        values = [(value.text, _value(value)) for value in self.values]
        chapters.insert(1, (_("Values"), values))
        letters = [(_begun(letter), text) for letter, text in self.letters]
        chapters.append((_("Letters"), letters))
        return [(title, entries) for title, entries in chapters if entries]


def _letter(letter: Letter, person: User) -> str:
    return document.to_text(document.blocks(letter.load(person))).strip("\n")


def _begun(letter: Letter) -> str:
    day = date_format(localtime(letter.created_at), "j F Y")
    return _("A letter begun on %(day)s") % {"day": day}


def _value(value: Value) -> str:
    parts = ["\n".join(value.meaning.splitlines()).strip("\n")] if value.meaning.strip() else []
    if value.principles:
        names = " · ".join(str(each.name) for each in value.principles)
        parts.append(_("Lived in: %(principles)s") % {"principles": names})
    return "\n\n".join(parts)


def _head(today: date) -> tuple[str, str]:
    day = date_format(today, "j F Y")
    return _("My own words"), _("Private. Taken along on %(day)s.") % {"day": day}


def to_markdown(own: OwnWords, today: date) -> str:
    title, intro = _head(today)
    blocks = [f"# {title}", intro]
    for chapter, entries in own.chapters():
        blocks.append(f"## {chapter}")
        for name, text in entries:
            blocks += [f"### {name}", _hard_breaks(text)]
    return "\n\n".join(block for block in blocks if block) + "\n"


def _hard_breaks(text: str) -> str:
    """Markdown joins lines; two spaces at the end keep them apart, as they were written."""
    lines = text.split("\n")
    return "\n".join(
        f"{line}  " if line.strip() and after.strip() else line
        for line, after in zip(lines, [*lines[1:], ""], strict=True)
    )


def to_text(own: OwnWords, today: date) -> str:
    title, intro = _head(today)
    blocks = [title.upper(), intro]
    for chapter, entries in own.chapters():
        blocks.append(f"\n{chapter}\n{'-' * len(str(chapter))}")
        for name, text in entries:
            blocks.append(f"{name}\n\n{text}" if text else str(name))
    return "\n\n".join(blocks) + "\n"


def to_json(own: OwnWords, today: date) -> str:
    def told(asked: Sequence[Any]) -> list[dict[str, str]]:
        return [
            {
                "slug": each.slug,
                "question": str(each.text),
                "text": own.text(each),
                "written_at": own.answers[each.slug].written_at.isoformat(),
            }
            for each in asked
            if each.slug in own.answers
        ]

    prompts = list(blueprint.PROMPTS.values())
    whole = {
        "taken_along_on": today.isoformat(),
        "answers": told(questions.QUESTIONS),
        "values": [
            {"text": each.text, "meaning": each.meaning, "principles": each.slugs}
            for each in own.values
        ],
        "blueprint": told(prompts),
        "letters": [
            {"begun_at": letter.created_at.isoformat(), "text": text}
            for letter, text in own.letters
        ],
    }
    return json.dumps(whole, ensure_ascii=False, indent=2) + "\n"


@dataclass(frozen=True)
class Form:
    """A kind of file."""

    ending: str
    content_type: str
    write: Callable[[OwnWords, date], str]


FORMS = {
    "markdown": Form("md", "text/markdown; charset=utf-8", to_markdown),
    "text": Form("txt", "text/plain; charset=utf-8", to_text),
    "json": Form("json", "application/json", to_json),
}
