"""Decisions about suggestions: one fact each, about exactly what somebody had seen."""

import json
import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from letters.text import document
from letters.text.decisions import MOST, MOST_SPANS, Decision
from letters.text.ids import Id, Ranges
from letters.text.lib0 import Malformed
from letters.text.updates import parse
from tests.clients import signs
from tests.letters.sheets import Desk, Sheet
from tests.letters.text.test_runs import three_who_write

type Two = tuple[Desk, Sheet, Sheet]


@pytest.fixture
def two() -> Two:
    """A letter in which Ana wrote two paragraphs."""
    desk = Desk(sheets=2)
    ana, ben = desk.sheets
    ana.type("We walk at dusk.")
    ana.split()
    ana.type("We call.")
    desk.take()
    return desk, ana, ben


def said(desk: Desk) -> list[str]:
    pages = [[text for _, text in page.says()][1:] for page in desk.sheets]
    server = [block.text for block in desk.blocks][1:]
    for page in pages:
        while page and not page[-1]:
            page.pop()
        assert page == server
    return server


def shown(page: Sheet) -> list[str]:
    return [text for _, text in page.shows()][1:]


# -- Words ---------------------------------------------------------------------------------------


def test_proposed_words_are_not_there_until_they_are_accepted(two: Two) -> None:
    desk, ana, ben = two
    name = ana.suggest(" often", ana.marker(1) + 3)
    desk.take()
    assert said(desk) == ["We walk at dusk.", "We call."]
    assert document.is_undecided(desk.replica.doc)
    desk.decide("two", ben.asked("accept", name))
    assert said(desk) == ["We often walk at dusk.", "We call."]
    assert not document.is_undecided(desk.replica.doc)
    assert ana.decided.verdicts == {name: "accept"}
    assert ana.decided.counts == {name: 1}


@pytest.mark.parametrize("seat", ["one", "two"])
def test_proposed_words_that_are_declined_or_taken_back_are_gone(two: Two, seat: str) -> None:
    desk, ana, ben = two
    name = ana.suggest(" often 👍", ana.marker(1) + 3)
    desk.take()
    desk.decide(seat, (ana if seat == "one" else ben).asked("decline", name))
    assert said(desk) == ["We walk at dusk.", "We call."]
    for page in desk.sheets:
        assert shown(page) == ["We walk at dusk.", "We call."]
    assert not document.is_undecided(desk.replica.doc)


@pytest.mark.parametrize(
    ("verdict", "left"), [("accept", "We at dusk."), ("decline", "We walk at dusk.")]
)
def test_words_that_would_go_stay_until_then(two: Two, verdict: str, left: str) -> None:
    desk, ana, ben = two
    name = ben.suggest_without(ben.marker(1) + 4, 5)
    desk.take()
    assert said(desk)[0] == "We walk at dusk."
    desk.decide("one", ana.asked(verdict, name))
    assert said(desk)[0] == left
    assert shown(ben)[0] == left
    assert not document.is_undecided(desk.replica.doc)


def test_an_exchange_of_words_is_one_suggestion(two: Two) -> None:
    desk, ana, ben = two
    for verdict, left in (("decline", "We walk at dusk."), ("accept", "We run at dusk.")):
        name = ben.name()
        ben.suggest_without(ben.marker(1) + 4, 4, name)
        ben.suggest("run", ben.marker(1) + 8, name)
        desk.take()
        desk.decide("one", ana.asked(verdict, name))
        assert said(desk)[0] == left
        assert shown(ana)[0] == left


def test_words_proposed_by_one_that_the_other_would_take_out(two: Two) -> None:
    desk, ana, ben = two
    hers = ana.suggest(" Fast.", ana.marker(2))
    desk.take()
    his = ben.suggest_without(ben.marker(2) - 6, 6)
    desk.take()
    desk.decide("two", ben.asked("accept", hers))
    assert said(desk)[0] == "We walk at dusk. Fast."
    desk.decide("one", ana.asked("accept", his))
    assert said(desk)[0] == "We walk at dusk."


def test_characters_of_two_units_go_and_come_whole(two: Two) -> None:
    desk, ana, ben = two
    name = ana.suggest("👩‍👩‍👧🏳️‍🌈", ana.marker(1) + 1)
    desk.take()
    desk.decide("two", ben.asked("accept", name))
    his = ben.suggest_without(ben.marker(1) + 1, len("👩‍👩‍👧"))
    desk.take()
    desk.decide("one", ana.asked("accept", his))
    assert said(desk)[0] == "🏳️‍🌈We walk at dusk."


@pytest.mark.parametrize("verdict", ["accept", "decline"])
def test_a_letter_from_which_such_characters_went_can_be_read(two: Two, verdict: str) -> None:
    desk, ana, ben = two
    name = ana.suggest("👍👍", ana.marker(1) + 1)
    desk.take()
    if verdict == "accept":
        desk.decide("two", ben.asked("accept", name))
        name = ana.suggest_without(ana.marker(1) + 1, 2)
        desk.take()
    desk.decide("two", ben.asked(verdict, name))
    desk.reopen()
    desk.compact()
    parse(desk.replica.doc.get_update())
    assert said(desk)[0] == "We walk at dusk."


def test_half_a_character_is_not_decided_about(two: Two) -> None:
    desk, ana, ben = two
    name = ana.suggest("👍", ana.marker(1) + 1)
    desk.take()
    asked = ben.asked("decline", name)
    (about,) = asked.of
    ((client, start, _),) = about.spans
    half = about._replace(spans=[(client, start, start + 1)])
    desk.decide("two", asked._replace(of=[half]))
    assert said(desk)[0] == "We walk at dusk."
    desk.decide("two", asked)
    parse(desk.replica.doc.get_update())
    assert said(desk)[0] == "We walk at dusk."


# -- Blocks --------------------------------------------------------------------------------------


@pytest.mark.parametrize("verdict", ["accept", "decline"])
def test_a_proposed_paragraph(two: Two, verdict: str) -> None:
    desk, ana, ben = two
    name = ana.name()
    ana.suggest_split(ana.marker(2), "line", name)
    ana.suggest("We wait.", ana.marker(3), name)
    desk.take()
    assert said(desk) == ["We walk at dusk.", "We call."]
    desk.decide("two", ben.asked(verdict, name))
    more = ["We wait."] if verdict == "accept" else []
    assert said(desk) == ["We walk at dusk.", *more, "We call."]
    assert [kind for kind, _ in ana.shows()][2:-1] == ["line"] * len(more)


@pytest.mark.parametrize("verdict", ["accept", "decline"])
def test_a_paragraph_that_would_be_parted(two: Two, verdict: str) -> None:
    desk, ana, ben = two
    name = ana.suggest_split(ana.marker(1) + 9)
    desk.take()
    assert said(desk)[0] == "We walk at dusk."
    assert shown(ben)[:2] == ["We walk ", "at dusk."]
    desk.decide("two", ben.asked(verdict, name))
    parts = ["We walk ", "at dusk."] if verdict == "accept" else ["We walk at dusk."]
    assert said(desk)[:-1] == parts
    assert shown(ben)[:-1] == parts


@pytest.mark.parametrize("verdict", ["accept", "decline"])
def test_paragraphs_that_would_be_joined(two: Two, verdict: str) -> None:
    desk, ana, ben = two
    name = ben.suggest_without(ben.marker(2))
    desk.take()
    assert said(desk) == ["We walk at dusk.", "We call."]
    desk.decide("one", ana.asked(verdict, name))
    joined = ["We walk at dusk.We call."]
    assert said(desk) == (joined if verdict == "accept" else ["We walk at dusk.", "We call."])


@pytest.mark.parametrize("verdict", ["accept", "decline"])
def test_a_proposed_kind(two: Two, verdict: str) -> None:
    desk, ana, ben = two
    name = ben.suggest_kind(1, "line")
    desk.take()
    assert desk.says[1][0] == "paragraph"
    desk.decide("one", ana.asked(verdict, name))
    assert desk.says[1][0] == ("line" if verdict == "accept" else "paragraph")
    assert ben.says()[1][0] == desk.says[1][0]
    assert not document.is_undecided(desk.replica.doc)


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
@pytest.mark.parametrize("how", ["as it is", "reopen", "compact"])
def test_a_kind_is_accepted_whoever_gave_kinds_at_once(order: tuple[int, int], how: str) -> None:
    """The value that arrived last is not the one that stands."""
    desk = Desk("One.", sheets=2)
    ana, ben = desk.sheets
    ana.set_kind(1, "closing")
    ben.set_kind(1, "signature")
    desk.take(*(desk.sheets[place] for place in order))
    name = ben.suggest_kind(1, "line")
    desk.take()
    if how != "as it is":
        getattr(desk, how)()
    desk.decide("one", ana.asked("accept", name))
    assert desk.says[1][0] == "line"
    assert ana.says()[1][0] == ben.says()[1][0] == "line"


def test_a_kind_proposed_twice_is_the_last_one(two: Two) -> None:
    desk, ana, ben = two
    name = ben.suggest_kind(1, "line")
    ben.suggest_kind(1, "closing", name)
    desk.take()
    desk.compact()
    desk.decide("one", ana.asked("accept", name))
    assert desk.says[1][0] == "closing"


def test_the_first_block_does_not_go(two: Two) -> None:
    """Nobody can propose it; a decision that claims it is harmless as well."""
    desk, ana, ben = two
    name = ben.suggest_without(1, 3)
    desk.take()
    asked = ana.asked("accept", name)
    first = desk.replica.first
    assert first is not None
    asked.of[0].spans.append((*first, first.clock + 1))
    desk.decide("one", asked)
    assert desk.says[0] == ("salutation", "r Relationship,")


# -- Who may, and what was seen ------------------------------------------------------------------


def test_nobody_accepts_their_own_for_the_other(two: Two) -> None:
    desk, ana, ben = two
    own = ana.suggest(" often", ana.marker(1) + 3)
    his = ben.suggest(" soon", ben.marker(2) - 1)
    desk.take()
    before = said(desk)
    with pytest.raises(Malformed):
        desk.decide("one", ana.asked("accept", own))
    with pytest.raises(Malformed):  # nor among others
        desk.decide("one", ana.asked("accept", his, own))
    assert said(desk) == before
    assert not ana.decided.counts


def test_what_nobody_had_seen_is_not_accepted(two: Two) -> None:
    desk, ana, ben = two
    name = ana.suggest(" often", ana.marker(1) + 3)
    desk.take()
    asked = ben.asked("accept", name)
    ana.suggest(" and gladly", ana.marker(1) + 9, name)
    desk.take()
    desk.decide("two", asked)
    assert said(desk)[0] == "We often walk at dusk."
    assert document.is_undecided(desk.replica.doc)
    desk.decide("two", ben.asked("decline", name))
    assert said(desk)[0] == "We often walk at dusk."
    assert shown(ana)[0] == "We often walk at dusk."
    assert ana.decided.counts == {name: 2}


def test_words_typed_within_by_the_other_are_theirs_and_not_proposed(two: Two) -> None:
    desk, ana, ben = two
    name = ana.suggest(" often", ana.marker(1) + 3)
    desk.take()
    ben.write("XY", ben.marker(1) + 5, {f"ins:{name}": "one"})  # as if a page stretched the mark
    desk.take()
    assert said(desk)[0] == "WeXY walk at dusk."
    desk.decide("one", ana.asked("decline", name))
    assert said(desk)[0] == "WeXY walk at dusk."


def test_a_mark_that_is_stretched_takes_nothing_else_out(two: Two) -> None:
    desk, ana, ben = two
    name = ben.suggest_without(ben.marker(1) + 4, 4)
    desk.take()
    value = next(s.marks[f"del:{name}"] for s in ben.signs() if f"del:{name}" in s.marks)
    ana.mark(ana.marker(1) + 1, 16, {f"del:{name}": value})
    desk.take()
    desk.decide("one", ana.asked("accept", name))
    assert said(desk)[0] == "We  at dusk."


# -- Contradictions ------------------------------------------------------------------------------


@pytest.mark.parametrize("first", ["accept", "decline"])
def test_the_first_of_two_that_contradict_each_other_wins_whole(two: Two, first: str) -> None:
    desk, ana, ben = two
    name = ana.name()
    ana.suggest_without(ana.marker(1) + 4, 4, name)
    ana.suggest("run", ana.marker(1) + 8, name)
    ana.suggest_kind(2, "line", name)
    ana.suggest_split(ana.marker(2) + 3, "paragraph", name)
    desk.take()
    takes_back, accepts = ana.asked("decline", name), ben.asked("accept", name)
    decisions = [("two", accepts), ("one", takes_back)]
    for seat, asked in decisions if first == "accept" else reversed(decisions):
        desk.decide(seat, asked)
    if first == "accept":
        assert desk.says[1:] == [
            ("paragraph", "We run at dusk."),
            ("line", "We"),
            ("paragraph", " call."),
        ]
    else:
        assert desk.says[1:] == [("paragraph", "We walk at dusk."), ("paragraph", "We call.")]
    assert ana.decided.counts == {name: 1}
    assert not document.is_undecided(desk.replica.doc)
    said(desk)


def test_a_decision_that_arrives_twice_is_one(two: Two) -> None:
    desk, ana, ben = two
    name = ana.suggest(" often", ana.marker(1) + 3)
    desk.take()
    asked = ben.asked("accept", name)
    assert desk.decide("two", asked) is not None
    assert desk.decide("two", asked) is None
    assert ana.decided.counts == {name: 1}


def test_two_who_decide_the_same_agree(two: Two) -> None:
    desk, ana, ben = two
    name = ana.suggest(" often", ana.marker(1) + 3)
    desk.take()
    both = [("one", ana.asked("decline", name)), ("two", ben.asked("decline", name))]
    for seat, asked in both:
        desk.decide(seat, asked)
    assert said(desk)[0] == "We walk at dusk."
    assert ana.decided.counts == {name: 1}


def test_suggestions_that_nobody_knows_are_passed_over(two: Two) -> None:
    desk, ana, _ben = two
    assert desk.decide("one", ana.asked("accept", "zz_1", "zz_2")) is None


def test_several_at_once_are_decided_at_once(two: Two) -> None:
    desk, ana, ben = two
    names = [ana.suggest(word, ana.marker(1) + at) for at, word in ((3, " often"), (1, "Yes: "))]
    desk.take()
    desk.decide("two", ben.asked("accept", *names))
    assert said(desk)[0] == "Yes: We often walk at dusk."


def test_a_letter_made_anew_holds_the_decisions(two: Two) -> None:
    desk, ana, ben = two
    name = ana.suggest(" often", ana.marker(1) + 3)
    desk.take()
    desk.decide("two", ben.asked("accept", name))
    for number, again in enumerate((desk.reopen, desk.compact)):
        again()
        assert said(desk)[0] == f"We often{' now' * number} walk at dusk."
        ana.suggest(" now", ana.marker(1) + 9, name)
        desk.take()
        desk.decide("two", ben.asked("accept", name))
    assert said(desk)[0] == "We often now now walk at dusk."
    assert ana.decided.counts == {name: 3}


@pytest.mark.slow
@settings(max_examples=80, deadline=None)
@given(st.integers(0, 2**32))
def test_decisions_do_what_they_say_whatever_else_is_there(seed: int) -> None:
    """Three who write, suggest and decide: what is decided becomes plain, nothing else changes."""
    dice = random.Random(seed)
    desk = three_who_write(seed, 10)
    open_: dict[str, set[Id | None]] = {}
    for page in desk.sheets:
        for sign in page.signs(named=True):
            for name in sign.open(page.decided):
                open_.setdefault(name.partition(":")[2], set()).add(sign.id)
    for suggestion in dice.sample(sorted(open_), min(4, len(open_))):
        page = dice.choice(desk.sheets)
        owner = desk.replica.suggested[suggestion]
        verdict = dice.choice(["accept", "decline"])
        seat = dice.choice(["one", "two"]) if verdict == "decline" else other(owner)
        decided = page.decided
        before = page.signs(named=True)
        desk.decide(seat, page.asked(verdict, suggestion))
        gone = "del:" if verdict == "accept" else "ins:"
        kinds = {
            sign.id: value.partition(" ")[2]
            for sign in before
            for name, value in sign.marks.items()
            if name == f"kind:{suggestion}" and name in sign.open(decided)
        }
        expected = [
            sign._replace(kind=kinds.get(sign.id, sign.kind) if verdict == "accept" else sign.kind)
            for sign in before
            if f"{gone}{suggestion}" not in sign.open(decided)
        ]
        after = desk.sheets[0].signs(named=True)
        assert [(s.id, s.text, s.kind) for s in after] == [(s.id, s.text, s.kind) for s in expected]
        still = {name for s in after for name in s.open(desk.sheets[0].decided)}
        assert suggestion not in {name.partition(":")[2] for name in still}
    for page in desk.sheets:
        assert page.signs(named=True) == signs.signs(desk.replica.doc, named=True)


def other(seat: str) -> str:
    return "two" if seat == "one" else "one"


# -- The message ---------------------------------------------------------------------------------


def message(**changes: Any) -> bytes:
    about = {"id": "2s_1", "seen": 0, "ranges": [[5, 3, 2]]} | changes.pop("of", {})
    return json.dumps({"n": 1, "verdict": "accept", "of": [about]} | changes).encode()


def test_a_decision_is_read() -> None:
    decision = Decision.read(message())
    assert (decision.number, decision.verdict) == (1, "accept")
    (about,) = decision.of
    assert (about.suggestion, about.seen) == ("2s_1", 0)
    assert list(Ranges(about.spans)) == [(5, 3, 5)]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{",
        b"7",
        b"[]",
        b'{"of": 7}',
        b"\xff",
        b"[" * 100_000,
        message(verdict="maybe"),
        message(n=-1),
        message(n=True),
        message(n=1.5),
        message(n=2**31),
        message(of={"id": "x"}),
        message(of={"id": 7}),
        message(of={"id": "2s_1\n"}),
        message(of={"seen": "0"}),
        message(of={"seen": None}),
        message(of={"ranges": {}}),
        message(of={"ranges": [[1, 2]]}),
        message(of={"ranges": [[1, 2, "3"]]}),
        message(of={"ranges": [[1, 2, -3]]}),
        message(of={"ranges": [[1, 2, 2**60]]}),
        message(of={"ranges": [[1, 2, True]]}),
        message(of={"ranges": [7]}),
        json.dumps({"n": 1, "verdict": "accept", "of": [7]}).encode(),
    ],
)
def test_what_is_no_decision_is_refused(data: bytes) -> None:
    with pytest.raises(Malformed):
        Decision.read(data)


def test_a_decision_has_an_end() -> None:
    about = {"id": "2s_1", "seen": 0, "ranges": []}
    many = {"n": 1, "verdict": "accept", "of": [about] * (MOST + 1)}
    with pytest.raises(Malformed):
        Decision.read(json.dumps(many).encode())
    with pytest.raises(Malformed):
        Decision.read(message(of={"ranges": [[1, 2, 3]] * (MOST_SPANS + 1)}))


def test_a_range_without_end_costs_nothing(two: Two) -> None:
    desk, ana, _ben = two
    name = ana.suggest(" often", ana.marker(1) + 3)
    desk.take()
    whole = message(of={"id": name, "ranges": [[100, 0, 2**52], [7, 0, 2**52]]})
    desk.decide("two", Decision.read(whole))
    assert said(desk)[0] == "We often walk at dusk."
    assert sum(n for _, _, n in ana.decided.ranges[name]) == len(" often")
