"""Suggestions on the server: the letter reads as if nobody had made them, until one is decided."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client as Browser
from django.urls import reverse

from letters.models import Attribution, Client, Document, Entry, Letter, Update
from letters.text import crdt, document
from letters.text.document import Block, Run
from letters.text.lib0 import Malformed
from letters.text.model import Kind
from tests.letters.sheets import Sheet, Written, letter
from tests.people import Resident
from tests.races import while_another

# -- As it reads ---------------------------------------------------------------------------------


def read(*blocks: list[tuple[str, str]]) -> list[Block]:
    """Paragraphs of words, each with what is proposed about them: `come`, `go`, both or nothing;
    `|` is a break that is proposed to come or to go."""
    page = Sheet(letter(("paragraph",)).get_update())
    other = Sheet(seat="two")
    going: list[tuple[int, int]] = []
    for number, pieces in enumerate(blocks):
        if number:
            page.split()
        for words, proposed in pieces:
            at = len(page.signs())
            if words == "|":
                page.suggest_split() if "come" in proposed else page.split()
            elif "come" in proposed:
                page.suggest(words)
            else:
                page.write(words)
            if "go" in proposed:
                going.append((at, len(page.signs()) - at))
    other.hear(page.doc.get_update())
    for at, length in going:
        other.suggest_without(at, length)
    assert other.says() == [
        (block.kind, block.text) for block in _with_empty_end(document.blocks(other.doc), other)
    ]
    return document.blocks(other.doc)


def _with_empty_end(blocks: list[Block], page: Sheet) -> list[Block]:
    return blocks + [Block(Kind.PARAGRAPH)] * (len(page.says()) - len(blocks))


def test_what_is_proposed_is_not_there_and_what_may_go_still_is() -> None:
    assert read([("We ", ""), ("often ", "come"), ("walk", "go"), (".", "")]) == [
        Block(Kind.PARAGRAPH, (Run("We walk."),))
    ]


def test_words_proposed_by_one_and_taken_out_by_the_other_are_not_there() -> None:
    assert read([("We walk.", ""), (" Fast.", "come go")]) == read([("We walk.", "")])


@pytest.mark.parametrize(
    "proposed", [["new"], ["new", "|", "words"], ["", ""], ["|", "|", "new 👍"]]
)
def test_a_paragraph_that_is_proposed_does_not_exist(proposed: list[str]) -> None:
    more = [("|", "come"), *((words, "come") for words in proposed if words)]
    blocks = read([("one", ""), *more], [("two", "")])
    assert [block.text for block in blocks] == ["one", "two"]


def test_a_paragraph_that_may_go_is_there_and_so_is_an_empty_one() -> None:
    blocks = read([("one", "go")], [], [("two", "")])
    assert [block.text for block in blocks] == ["one", "", "two"]


def test_a_break_that_may_go_is_there() -> None:
    blocks = read([("one", ""), ("|", "go"), ("two", "")])
    assert [block.text for block in blocks] == ["one", "two"]


@pytest.mark.parametrize("kind", list(Kind))
def test_a_kind_that_is_proposed_is_not_given(kind: Kind) -> None:
    page = Sheet(letter(("paragraph", "words")).get_update())
    page.suggest_kind(0, kind)
    assert document.blocks(page.doc) == [Block(Kind.PARAGRAPH, (Run("words"),))]
    assert document.is_undecided(page.doc)


def test_the_same_letter_has_the_same_digest_with_and_without_proposals() -> None:
    plain = read([("We walk.", "")], [], [("Yours", "")])
    proposed = read(
        [("We ", ""), ("often ", "come"), ("walk.", "go"), ("|", "come"), ("And talk.", "come")],
        [("In the empty one.", "come")],
        [("Yours", "")],
    )
    assert document.digest(plain) == document.digest(proposed)
    assert document.to_html(plain) == document.to_html(proposed)


# -- Decided, and written down -------------------------------------------------------------------


@pytest.fixture
def hers(letter: Letter, ana: Resident) -> Written:
    page = Written(letter, ana)
    with page.at_once():
        page.type("We walk.")
    return page


@pytest.fixture
def his(letter: Letter, ben: Resident, hers: Written) -> Written:
    page = Written(letter, ben)
    page.catch_up()
    return page


def proposed(page: Written, suggest: Callable[[Written], str]) -> str:
    with page.at_once():
        return suggest(page)


def text(letter: Letter) -> list[str]:
    return [block.text for block in document.blocks(letter.load())][1:]


def often(page: Sheet) -> str:
    return page.suggest(" often", page.marker(1) + 3)


@pytest.mark.django_db
@pytest.mark.parametrize("verdict", ["accept", "decline"])
def test_a_decision_is_one_row_more(
    letter: Letter, hers: Written, his: Written, verdict: str
) -> None:
    name = proposed(hers, often)
    before = Document.objects.get(pk=letter.pk)
    his.decide(verdict, name)
    after = Document.objects.get(pk=letter.pk)
    assert (after.seq, after.decided) == (before.seq + 1, before.decided + 1)
    assert text(letter) == ["We often walk." if verdict == "accept" else "We walk."]
    hers.catch_up()
    assert hers.decided.verdicts == {name: verdict}
    # It is nobody's page, and nobody's words.
    assert not Attribution.objects.exists()
    assert Client.objects.filter(letter=letter).count() == 2
    Document.compact(letter.pk)
    assert text(letter) == ["We often walk." if verdict == "accept" else "We walk."]


@pytest.mark.django_db
def test_a_decision_that_comes_again_is_no_row(letter: Letter, hers: Written, his: Written) -> None:
    name = proposed(hers, often)
    his.catch_up()
    asked = his.asked("accept", name)
    Document.decide(letter, "two", asked)
    seq = Document.objects.get(pk=letter.pk).seq
    Document.decide(letter, "two", asked)
    Document.decide(letter, "one", asked._replace(verdict="decline"))
    assert Document.objects.get(pk=letter.pk).seq == seq
    assert text(letter) == ["We often walk."]


@pytest.mark.django_db
def test_nobody_accepts_their_own(letter: Letter, hers: Written) -> None:
    name = proposed(hers, often)
    before = Document.objects.get(pk=letter.pk)
    with pytest.raises(Malformed):
        hers.decide("accept", name)
    assert Document.objects.get(pk=letter.pk).seq == before.seq
    hers.decide("decline", name)
    assert text(letter) == ["We walk."]
    hers.catch_up()
    assert hers.shows()[1] == ("paragraph", "We walk.")


@pytest.mark.django_db
def test_words_that_were_not_seen_stay_open(letter: Letter, hers: Written, his: Written) -> None:
    name = proposed(hers, often)
    his.catch_up()
    asked = his.asked("accept", name)
    proposed(hers, lambda page: page.suggest(" and gladly", page.marker(1) + 9, name))
    Document.decide(letter, "two", asked)
    assert text(letter) == ["We often walk."]
    assert document.is_undecided(letter.load())
    his.decide("accept", name)
    assert text(letter) == ["We often and gladly walk."]


@pytest.mark.django_db
def test_an_accepted_suggestion_stays_its_writers(
    letter: Letter, hers: Written, his: Written, ana: Resident, ben: Resident
) -> None:
    from letters.letter.models import authors

    hers.decide("accept", proposed(his, often))
    found = authors.read(letter)[1].runs
    assert [(run.text, run.person_id) for run in found] == [
        ("We", ana.pk),
        (" often", ben.pk),
        (" walk.", ana.pk),
    ]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("first", ["accept", "decline"])
def test_of_two_at_the_same_moment_the_first_wins_whole(
    letter: Letter, ana: Resident, ben: Resident, hers: Written, his: Written, first: str
) -> None:
    """In two processes, each of which has read what was there before the other's."""

    def exchange(page: Written) -> str:
        name = page.name()
        page.suggest_without(page.marker(1) + 4, 4, name)
        page.suggest("run", page.marker(1) + 8, name)
        page.suggest_kind(1, "line", name)
        return name

    name = proposed(hers, exchange)
    his.catch_up()
    accept = ("two", his.asked("accept", name))
    decline = ("one", hers.asked("decline", name))
    one, two = (accept, decline) if first == "accept" else (decline, accept)
    results = while_another(
        lambda: Document.decide(letter, *one), lambda: Document.decide(letter, *two)
    )
    assert results == [None, None]
    (_, block, *rest) = document.blocks(letter.load())
    assert not rest
    expected = ("line", "We run.") if first == "accept" else ("paragraph", "We walk.")
    assert (block.kind, block.text) == expected
    assert Document.objects.get(pk=letter.pk).decided == 1
    for page in (hers, his):
        page.catch_up()
        assert page.says()[1] == expected
        assert page.decided.verdicts == {name: first}


@pytest.mark.django_db(transaction=True)
def test_a_decision_and_an_edit_at_the_same_moment_both_count(
    letter: Letter, ana: Resident, ben: Resident, hers: Written, his: Written
) -> None:
    name = proposed(hers, often)
    his.catch_up()
    asked = his.asked("accept", name)
    hers.write(" Far.", hers.marker(1) + 15)
    entry = Entry(letter.pk, letter.key_owner_id, hers.sent())
    while_another(
        lambda: Document.decide(letter, "two", asked), lambda: Update.objects.append([entry])
    )
    assert text(letter) == ["We often walk. Far."]
    assert len(Document.read(letter.pk).rows) == 4


@pytest.mark.django_db
def test_the_read_page_has_what_was_decided_and_nothing_else(
    letter: Letter, hers: Written, his: Written, as_ben: Browser
) -> None:
    page: Any = reverse("letters:letter_read", args=[letter.pk])
    name = proposed(hers, often)
    assert "We walk." in as_ben.get(page).text
    his.decide("accept", name)
    assert "We often walk." in as_ben.get(page).text


@pytest.mark.django_db
def test_pages_and_server_hold_the_same_after_all_of_it(
    letter: Letter, hers: Written, his: Written
) -> None:
    names = [
        proposed(hers, often),
        proposed(his, lambda page: page.suggest_split(page.marker(1) + 4)),
        proposed(his, lambda page: page.suggest_without(page.marker(1) + 1, 2)),
    ]
    his.decide("decline", names[0])
    hers.decide("accept", names[1])
    hers.decide("accept", names[2])
    for page in (hers, his):
        page.catch_up()
    state = crdt.state(letter.load().get_state())
    assert crdt.state(hers.doc.get_state()) == crdt.state(his.doc.get_state()) == state
    assert hers.shows() == his.shows()
    assert text(letter) == [text for _, text in hers.says()][1:]
