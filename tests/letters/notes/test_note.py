"""Notes beside a joint letter: of the two of it, about words that move."""

from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse

from letters.models import Document, Entry, Letter, Note, Remark, Update
from letters.notes.models.note import MAX_LENGTH, Taken, in_order
from letters.text import document
from tests.letters.sheets import Sheet, Written
from tests.letters.writing import write
from tests.people import Resident

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}
CANARY = "the kettle is a canary"


def mark(letter: Letter, person: Resident, words: str, *notes: Note) -> None:
    """Put the marks of these notes over words of the letter, as a page does."""
    page = Written(letter, person)
    with page.at_once():
        at = "".join(sign.text or "\n" for sign in page.signs()).index(words)
        page.mark(at, len(words), {f"note:{note.pk}": True for note in notes})


def leave(letter: Letter, person: Resident, text: str = "Slower?", kind: str = "comment") -> Note:
    return Note.leave(letter, person.partner, uuid4(), kind, "stay in the room", text)


def address(name: str, pk: UUID) -> str:
    return reverse(f"letters:{name}", args=[pk])


def said(**more: Any) -> dict[str, Any]:
    return {"id": uuid4(), "kind": "comment", "quote": "the room", "text": "Which?"} | more


def test_a_note_is_left_and_read_by_both(as_ana: Client, as_ben: Client, letter: Letter) -> None:
    response = as_ana.post(address("note_leave", letter.pk), said(), headers=HTMX)
    assert response.status_code == 200
    for client in (as_ana, as_ben):
        shown = client.get(address("notes", letter.pk), headers=HTMX).text
        assert "Which?" in shown
        assert "the room" in shown
        assert "Ana" in shown


def test_a_note_sent_twice_is_one(as_ana: Client, letter: Letter) -> None:
    what = said()
    for _ in range(2):
        as_ana.post(address("note_leave", letter.pk), what, headers=HTMX)
    assert Note.objects.count() == Remark.objects.count() == 1


def test_the_id_of_somebody_elses_note_is_not_taken_over(
    as_ben: Client, letter: Letter, ana: Resident
) -> None:
    note = leave(letter, ana)
    response = as_ben.post(address("note_leave", letter.pk), said(id=note.pk), headers=HTMX)
    assert response.status_code == 400
    assert Remark.objects.get().text == "Slower?"
    with pytest.raises(Taken):
        leave(letter, ana).reply(ana.partner, note.pk, "again")


@pytest.mark.parametrize("text", ["", "   ", "x" * (MAX_LENGTH + 1)])
def test_no_words_or_too_many_are_refused_in_a_sentence(
    as_ana: Client, letter: Letter, text: str
) -> None:
    response = as_ana.post(address("note_leave", letter.pk), said(text=text), headers=HTMX)
    assert response.status_code == 422
    assert response["Content-Type"].startswith("text/plain")
    page = as_ana.post(address("note_leave", letter.pk), said(text=text))
    assert page.status_code == 422
    assert text.strip() in page.text
    assert not Note.objects.exists()


@pytest.mark.parametrize("wrong", [{"kind": "star"}, {"id": "x"}])
def test_nonsense_is_refused(as_ana: Client, letter: Letter, wrong: dict[str, str]) -> None:
    response = as_ana.post(address("note_leave", letter.pk), said(**wrong), headers=HTMX)
    assert response.status_code in (400, 422)
    assert not Note.objects.exists()


def test_the_other_replies_and_both_read_it(as_ben: Client, letter: Letter, ana: Resident) -> None:
    note = leave(letter, ana)
    what = {"id": uuid4(), "text": "Yes, slower."}
    for _ in range(2):  # an answer that got lost
        response = as_ben.post(address("note_reply", note.pk), what, headers=HTMX)
        assert "Yes, slower." in response.text
    assert [remark.text for remark in Note.objects.of(letter)[0].remarks] == [
        "Slower?",
        "Yes, slower.",
    ]


@pytest.mark.parametrize("who", ["ana", "ben"])
def test_either_resolves_and_opens_again(
    letter: Letter, ana: Resident, who: str, request: Any
) -> None:
    client = request.getfixturevalue(f"as_{who}")
    note = leave(letter, ana)
    client.post(address("note_resolve", note.pk))
    note.refresh_from_db()
    assert note.resolved_by == request.getfixturevalue(who).partner
    assert "Slower?" in client.get(address("notes", letter.pk)).text
    client.post(address("note_reopen", note.pk))
    note.refresh_from_db()
    assert note.resolved_at is None


def test_one_changes_and_takes_away_ones_own_words_only(
    as_ana: Client, as_ben: Client, letter: Letter, ana: Resident, ben: Resident
) -> None:
    note = leave(letter, ana)
    note.reply(ben.partner, uuid4(), "his")
    first = Remark.objects.get(author=ana.partner)
    for name in ("remark_change", "remark_take_back"):
        assert as_ben.post(address(name, first.pk), {"text": "mine now"}).status_code == 404
    as_ana.post(address("remark_change", first.pk), {"text": "Slower, please."})
    assert Remark.objects.get(pk=first.pk).text == "Slower, please."
    as_ana.post(address("remark_take_back", first.pk))
    assert [remark.text for remark in Note.objects.of(letter)[0].remarks] == ["his"]
    as_ben.post(address("remark_take_back", Remark.objects.get().pk))
    assert not Note.objects.exists()


def test_a_reaction_has_no_words_and_goes_as_it_came(
    as_ana: Client, as_ben: Client, letter: Letter, ana: Resident
) -> None:
    as_ana.post(address("note_leave", letter.pk), said(kind="heart", text=""), headers=HTMX)
    heart = Note.objects.get()
    assert not Remark.objects.exists()
    assert as_ben.post(address("note_take_back", heart.pk)).status_code == 404
    for name in ("note_reply", "note_resolve"):
        assert as_ben.post(address(name, heart.pk), {"id": uuid4(), "text": "x"}).status_code == 404
    as_ana.post(address("note_take_back", heart.pk))
    assert not Note.objects.exists()
    assert as_ana.post(address("note_take_back", leave(letter, ana).pk)).status_code == 404


def test_the_database_keeps_reactions_from_being_resolved(letter: Letter, ana: Resident) -> None:
    heart = leave(letter, ana, "", "heart")
    with pytest.raises(IntegrityError), transaction.atomic():
        heart.resolve(ana.partner)


def test_what_is_said_lies_sealed(letter: Letter, ana: Resident) -> None:
    Note.leave(letter, ana.partner, uuid4(), "comment", CANARY, CANARY)
    with connection.cursor() as cursor:
        for table, column in (("letters_note", "quote"), ("letters_remark", "text")):
            cursor.execute(f"SELECT {column} FROM {table}")  # noqa: S608
            assert CANARY.encode() not in bytes(cursor.fetchone()[0])


@pytest.mark.parametrize("who", ["as_cleo", "as_eve", "as_anonymous"])
def test_others_find_nothing(who: str, letter: Letter, ana: Resident, request: Any) -> None:
    client = request.getfixturevalue(who)
    note = leave(letter, ana, CANARY)
    names = {
        "notes": letter.pk,
        "note_leave": letter.pk,
        "note_reply": note.pk,
        "note_resolve": note.pk,
        "note_reopen": note.pk,
        "note_take_back": note.pk,
        "remark_change": note.pk,
        "remark_take_back": note.pk,
    }
    for name, pk in names.items():
        response = client.post(address(name, pk), said(text="x"))
        assert response.status_code in (302, 404, 405), name
        assert CANARY not in response.text
    assert CANARY not in client.get(address("notes", letter.pk)).text
    assert Remark.objects.get().text == CANARY


def test_a_personal_letter_has_no_notes(as_ana: Client, ana: Resident) -> None:
    own = Letter.begin_personal(ana)
    assert as_ana.get(address("notes", own.pk)).status_code == 404
    assert as_ana.post(address("note_leave", own.pk), said()).status_code == 404


def test_after_one_left_nobody_changes_anything(
    as_ana: Client, as_ben: Client, letter: Letter, ana: Resident, ben: Resident
) -> None:
    note = leave(letter, ana)
    ben.partner.leave()
    assert as_ana.get(address("notes", letter.pk)).status_code == 404
    assert as_ana.post(address("note_resolve", note.pk)).status_code == 404
    assert as_ana.post(address("note_leave", letter.pk), said()).status_code == 404
    assert as_ben.get(address("notes", letter.pk)).status_code == 302
    kept = reverse("couples:kept_chapter", args=[letter.couple_id, "our-letter"])
    for client in (as_ana, as_ben):
        assert "Slower?" in client.get(kept).text


# -- What becomes of the letter ------------------------------------------------------------------


def test_notes_change_nothing_of_what_the_letter_says(letter: Letter, ana: Resident) -> None:
    write(letter, ana, "I want to stay in the room.")
    before = document.blocks(letter.load())
    mark(letter, ana, "stay in the room", leave(letter, ana), leave(letter, ana))
    after = document.blocks(letter.load())
    assert document.digest(after) == document.digest(before)
    assert (document.to_html(after), document.to_text(after)) == (
        document.to_html(before),
        document.to_text(before),
    )


def test_notes_come_in_the_order_of_the_text(letter: Letter, ana: Resident) -> None:
    write(letter, ana, "I want to stay in the room.")
    write(letter, ana, "I want to ask.")
    gone, asking, staying = (leave(letter, ana, text) for text in ("gone", "asking", "staying"))
    lost_heart, heart = (leave(letter, ana, "", "heart") for _ in range(2))
    done = leave(letter, ana, "done")
    done.resolve(ana.partner)
    mark(letter, ana, "to ask", asking, heart, done)
    mark(letter, ana, "stay", staying)
    blocks = document.blocks(letter.load(), noted=True)
    shown = in_order(Note.objects.of(letter), blocks)
    assert [note.number for note in shown] == [1, 2, 3, 4]
    assert shown[0] == staying
    assert set(shown[1:3]) == {asking, heart}
    assert shown[3] == gone
    assert not gone_is_here(shown, gone)
    assert lost_heart not in shown


def gone_is_here(shown: list[Note], gone: Note) -> bool:
    return next(note for note in shown if note == gone).is_here


def test_the_read_page_has_no_notes_unless_asked_for(
    as_ana: Client, as_ben: Client, letter: Letter, ana: Resident
) -> None:
    write(letter, ana, "I want to stay in the room.")
    mark(letter, ana, "stay", leave(letter, ana, CANARY))
    address_of_it = address("letter_read", letter.pk)
    plain = as_ben.get(address_of_it)
    assert CANARY not in plain.text
    assert "note-1" not in plain.text
    asked = as_ben.get(f"{address_of_it}?notes=1").text
    assert CANARY in asked
    assert 'stay<sup class="note-number"><a href="#note-1" id="words-1"' in asked
    assert 'id="note-1"' in asked
    assert 'href="#words-1"' in asked


def test_a_strangers_marks_neither_break_nor_show_anything(letter: Letter, ana: Resident) -> None:
    write(letter, ana, "I want to stay in the room.")
    page = Sheet(*Document.read(letter.pk).updates)
    marks = {"note:7": True, "note:<script>": True, "note:": True, f"note:{uuid4()}": 3.5}
    page.mark(page.marker(1) + 1, 6, marks | {f"note:{uuid4()}": True, "note": str(uuid4())})
    # No room lets most of this in; here it is written down all the same.
    Update.objects.append([Entry(letter.pk, letter.key_owner_id, page.sent())])
    blocks = document.blocks(letter.load(), noted=True)
    assert in_order(Note.objects.of(letter), blocks) == []
    assert "script" not in document.to_html_with_notes(blocks, {})


def test_many_notes_ask_no_more_often(
    as_ana: Client,
    letter: Letter,
    ana: Resident,
    ben: Resident,
    django_assert_max_num_queries: Callable[..., Any],
) -> None:
    for _ in range(6):
        leave(letter, ana).reply(ben.partner, uuid4(), "yes")
    for headers in ({}, HTMX):
        with django_assert_max_num_queries(8):
            as_ana.get(address("notes", letter.pk), headers=headers)
    with django_assert_max_num_queries(10):
        as_ana.get(address("letter_read", letter.pk) + "?notes=1")


def test_the_document_is_not_needed_for_the_list(
    as_ana: Client, letter: Letter, ana: Resident
) -> None:
    """The open letter asks for the list at each change, and knows its text itself."""
    leave(letter, ana)
    Document.objects.all().delete()
    assert as_ana.get(address("notes", letter.pk), headers=HTMX).status_code == 200
