"""What two people keep of their letters, once one of them has left; see couples/kept/book.py."""

from collections.abc import Sequence
from typing import Any

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from couples.kept.book import Chapter, Entry, Text
from couples.models import Couple, Partner
from letters.export.keepsake import Keepsake
from letters.giving.models.opening import Opening
from letters.giving.models.share import Share, read
from letters.letter.models import authors
from letters.letter.models.letter import Letter
from letters.notes.models.note import Note, in_order
from letters.notes.models.passage import Passage
from letters.pages.authors import People, paragraphs
from letters.sealing.models import Seal
from letters.text import document
from letters.text.document import Block
from letters.values.models import Given, SharedValues
from letters.versions.models import Version


def of_both(couple: Couple) -> list[Chapter[Any]]:
    ours = Letter.objects.filter(couple=couple).order_by("-created_at")
    seals = Seal.objects.sealed().filter(letter__couple=couple).order_by("-sealed_at")
    given = Share.objects.given().between(couple).order_by("-shared_at", "-pk")
    waited = Opening.objects.kept_of(couple).order_by("-put_away_at", "-pk")
    values = SharedValues.objects.kept_of(couple).order_by("giver__seat")
    versions = Version.objects.filter(letter__couple=couple).order_by("-letter", "-number")
    names = {each.pk: each.name for each in couple.people}
    return [
        Chapter(
            "sealed",
            _("Letters that both sealed"),
            seals.with_signatures(),
            lambda seal: _sealed(names, seal),
        ),
        Chapter(
            "our-letter",
            _("The letter of both"),
            ours.filter(closed_at=None),
            lambda letter: _joint(couple, letter),
        ),
        Chapter(
            "given",
            _("Letters that one gave the other"),
            given,
            lambda share: _given(names[share.giver_id], share),
        ),
        Chapter(
            "waited",
            _("Letters that waited"),
            waited.select_related("workspace"),
            lambda opening: _waited(names[opening.giver_id], opening),
        ),
        Chapter(
            "values",
            _("Values that both gave"),
            values,
            lambda shared: _values(names[shared.giver_id], shared),
        ),
        Chapter(
            "versions",
            _("What the letter of both said before"),
            versions.select_related("letter__couple"),
            _version,
        ),
    ]


def of_one(couple: Couple, me: Partner) -> list[Chapter[Any]]:
    mine = Passage.objects.filter(letter__couple=couple, person=me.user_id).exclude(revision=0)
    return [
        Chapter(
            "own-passages",
            _("Yours alone: written quietly, and not placed"),
            mine.select_related("letter").order_by("-pk"),
            lambda passage: Entry(_day(passage.letter.created_at), [Text("", passage.text)]),
        )
    ]


def _day(moment: Any) -> str:
    return date_format(localtime(moment), "j F Y")


def _letter(blocks: Sequence[Block]) -> Text:
    return Text(
        "",
        document.to_text(blocks),
        document.to_html(blocks),
        Keepsake(blocks).to_markdown(),
    )


def _sealed(people: dict[Any, str], seal: Seal) -> Entry:
    names = [signature.name for signature in seal.signatures.all()]
    under = _("Sealed by %(one)s and %(two)s on %(date)s.") % {
        "one": names[0],
        "two": names[1],
        "date": _day(seal.sealed_at),
    }
    url = reverse("letters:sealed", args=[seal.letter_id])
    noted = document.blocks(seal.letter.load(), noted=True)
    beside = _beside(seal.letter, noted, people)
    return Entry(_day(seal.sealed_at), [_letter(seal.blocks), Text("", under), *beside], url)


def _joint(couple: Couple, letter: Letter) -> Entry:
    """As it stood: who wrote what, what stood beside it, and what was suggested in it."""
    letter.couple = couple
    people: People = {each.user_id: each for each in couple.people}
    names = {each.pk: each.name for each in couple.people}
    doc = letter.load()
    said = _letter(document.blocks(doc))
    one, two = (each.name for each in couple.people)
    by = _("Underlined: %(one)s. With dashes: %(two)s.") % {"one": one, "two": two}
    texts = [Text(by, said.words, paragraphs(authors.read(letter), people), said.markdown)]
    texts += _beside(letter, document.blocks(doc, noted=True), names)
    for comes, words in document.suggested(doc):
        texts.append(Text(_("Suggested to come") if comes else _("Suggested to go"), words))
    title = _("Begun on %(day)s") % {"day": _day(letter.created_at)}
    return Entry(title, texts, again=reverse("letters:letter_again", args=[letter.pk]))


def _beside(letter: Letter, blocks: Sequence[Block], names: dict[Any, str]) -> list[Text]:
    """Open notes in the order of the text, and then those that were settled."""
    notes = Note.objects.of(letter)
    notes = in_order(notes, blocks) + [each for each in notes if each.resolved_at is not None]
    label = _("Beside it: “%(words)s”")
    return [Text(label % {"words": note.quote}, _note(note, names)) for note in notes]


def _note(note: Note, names: dict[Any, str]) -> str:
    if not note.is_thread:
        kind = _("a heart") if note.kind == Note.Kind.HEART else _("tell me more")
        return f"{names[note.author_id]}: {kind}"
    return "\n".join(f"{names[each.author_id]}: {each.text}" for each in note.remarks)


def _given(name: str, share: Share) -> Entry:
    title = _("Given by %(name)s on %(date)s") % {"name": name, "date": _day(share.shared_at)}
    return Entry(title, [_letter(share.blocks)])


def _waited(name: str, opening: Opening) -> Entry:
    title = _("Put away by %(name)s on %(date)s") % {
        "name": name,
        "date": _day(opening.put_away_at),
    }
    return Entry(title, [_letter(read(opening.words))])


def _values(name: str, shared: SharedValues) -> Entry:
    return Entry(name, [Text(each.text, _value(each)) for each in shared.values])


def _value(given: Given) -> str:
    lived = " · ".join(str(each.name) for each in given.principles)
    parts = [given.meaning, _("Lived in: %(principles)s") % {"principles": lived} if lived else ""]
    return "\n".join(part for part in parts if part)


def _version(version: Version) -> Entry:
    at = _day(version.at) if version.is_quiet else date_format(localtime(version.at), "j F Y, H:i")
    title = " · ".join(part for part in (version.name, at) if part)
    return Entry(title, [_letter(version.blocks)])
