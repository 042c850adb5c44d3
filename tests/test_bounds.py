"""Whatever a person can make more and more of has a bound. Nobody ever meets it; whoever does is
told so in a sentence, and what they typed is still there."""

from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from couples.web.unsaved_input import whose
from letters.giving.models import opening as openings
from letters.giving.models import share as shares
from letters.letter.models import letter as letters
from letters.models import Letter, Note, Opening, Remark, Share, Version
from letters.notes.models import note as notes
from letters.versions import models as versions
from principles.agreements.models import own_principle as owns
from principles.models import OwnPrinciple
from principles.practices.models import decision as decisions
from principles.practices.models import repair as repairs
from tests.answers import Answer
from tests.letters.giving.steps import digest_of, letter_of
from tests.letters.writing import write
from tests.people import Resident
from tests.principles.practices.steps import again, give, ready, tell

pytestmark = pytest.mark.django_db

OURS = {"Origin": "http://testserver"}
HTMX = {"HX-Request": "true"}
WORDS = "We keep bees."


def is_full(answer: Answer, sentence: str, status: int = 409) -> None:
    assert answer.status_code == status
    assert sentence in answer.text


def test_letters_of_ones_own(
    as_ana: Client, ana: Resident, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(letters, "MOST_OWN", 2)
    begin = reverse("letters:letter_begin")
    for _ in range(2):
        assert as_ana.post(begin).status_code == 302
    is_full(as_ana.post(begin), "You have 2 letters of your own.")
    assert Letter.objects.filter(person=ana).count() == 2


def test_named_versions(as_ana: Client, ana: Resident, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(versions, "MOST_NAMED", 2)
    letter = letter_of(ana, "One.")
    where = reverse("letters:versions", args=[letter.pk])
    for number in range(2):
        assert as_ana.post(where, {"name": f"day {number}"}).status_code == 302
    answer = as_ana.post(where, {"name": WORDS})
    is_full(answer, "This letter has 2 versions with a name.", 422)
    assert f'value="{WORDS}"' in answer.text
    assert Version.objects.filter(letter=letter, kind=Version.Kind.NAMED).count() == 2
    # Those that nobody names are kept as ever.
    write(letter, ana, "Two.")
    assert Version.take(letter, Version.Kind.AUTOMATIC) is not None


def test_times_that_a_letter_is_given(
    as_ana: Client, ana: Resident, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shares, "MOST", 2)
    letter = letter_of(ana)
    where = reverse("letters:letter_share", args=[letter.pk])
    other = ana.partner.other()
    assert other
    reader = other.pk
    for number in range(3):
        write(letter, ana, f"Line {number}.")
        answer = as_ana.post(where, {"digest": digest_of(letter), "reader": reader})
    is_full(answer, "This letter was given 2 times.")
    assert Share.objects.count() == 2


def test_letters_that_wait(as_ana: Client, ana: Resident, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(openings, "MOST", 2)
    letter = letter_of(ana, "Later.")
    where = reverse("letters:letter_put_away", args=[letter.pk])
    other = ana.partner.other()
    assert other
    sent = {"digest": digest_of(letter), "reader": other.pk}
    sent |= {"audience": "other", "when": "hard"}
    for _ in range(2):
        assert as_ana.post(where, sent).status_code == 302
    is_full(as_ana.post(where, sent), "2 letters of yours are waiting.")
    first = Opening.objects.first()
    assert first
    first.take_back()
    assert as_ana.post(where, sent).status_code == 302


def test_notes_and_what_is_said_in_them(
    as_ana: Client, ana: Resident, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notes, "MOST", 2)
    monkeypatch.setattr(notes, "MOST_REMARKS", 2)
    letter = Letter.begin_joint(ana.partner)
    where = reverse("letters:note_leave", args=[letter.pk])

    def note(kind: str = "comment", **headers: str) -> Answer:
        sent = {"id": uuid4(), "kind": kind, "quote": "the kettle", "text": WORDS}
        return as_ana.post(where, sent, headers=headers)

    for _ in range(2):
        assert note().status_code == 302
    is_full(note(**HTMX), "There are 2 notes beside this letter.", 422)
    is_full(note("heart", **HTMX), "There are 2 notes beside this letter.", 422)
    page = note()
    is_full(page, "There are 2 notes beside this letter.", 422)
    assert WORDS in page.text
    assert Note.objects.count() == 2
    first = Note.objects.first()
    assert first
    reply = reverse("letters:note_reply", args=[first.pk])
    assert as_ana.post(reply, {"id": uuid4(), "text": "One."}).status_code == 302
    answer = as_ana.post(reply, {"id": uuid4(), "text": WORDS}, headers=HTMX)
    is_full(answer, "2 things were said here.", 422)
    assert Remark.objects.count() == 3


def test_ideas_and_rounds(
    as_ana: Client, ana: Resident, ben: Resident, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(decisions, "MOST_IDEAS", 2)
    monkeypatch.setattr(decisions, "MOST_ROUNDS", 1)
    needs, question = give(ana, "ws"), give(ana, "joint-decisions")
    for person in (ana, ben):
        ready(needs, person, "")
        ready(question, person, "not-yet")
    where = reverse("principles:idea_add", args=[needs.pk])
    for number in range(2):
        assert as_ana.post(where, {"text": f"Idea {number}."}).status_code == 302
    answer = as_ana.post(where, {"text": WORDS, "whose": whose(ana)}, headers=OURS)
    is_full(answer, "2 ideas are here.")
    assert WORDS in answer.text
    where = reverse("principles:decision_again", args=[question.pk])
    answer = as_ana.post(where, {"text": WORDS, "whose": whose(ana)}, headers=OURS)
    is_full(answer, "This was asked 1 times.")
    assert WORDS in answer.text


def test_sides_of_a_repair(as_ana: Client, ana: Resident, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(repairs, "MOST_SIDES", 1)
    repair = give(ana, "repair")
    tell(repair, ana)
    where = reverse("principles:side_tell", args=[repair.pk])
    form = {"story": WORDS, "revision": 0, "whose": whose(ana)}
    answer = as_ana.post(where, form, headers=OURS)
    is_full(answer, "1 things were told here.")
    assert WORDS in answer.text
    assert len(again(repair).told) == 1


def test_principles_of_ones_own(
    as_ana: Client, ana: Resident, ben: Resident, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(owns, "MOST_EVER", 2)
    for number in range(2):
        own = OwnPrinciple.propose(ana.partner, f"We do {number}.")
        own.agree(ben.partner)
        own.retire()
    answer = as_ana.post(reverse("principles:own"), {"name": WORDS})
    is_full(answer, "You have named 2 of your own.", 422)
    assert WORDS in answer.text
