"""Whose words they are, traced when they arrive: undo, drag, and the clipboard."""

import random
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from letters.text import document
from letters.text.authorship import RECENT, Authors, Tape
from tests.letters.sheets import Desk, Sheet

ANA, BEN = uuid4(), uuid4()
SIGNS = {ANA: "A", BEN: "B", None: "-"}


@pytest.fixture
def desk() -> Desk:
    desk = Desk(sheets=2)
    desk.replica.authors.owners |= {100: ANA, 101: BEN}
    return desk


def says(desk: Desk) -> list[str]:
    """The letter below the salutation, with the authors in it."""
    found = document.blocks(desk.replica.doc, authors=desk.replica.authors)
    return [
        "".join(f"{SIGNS[run.person_id]}:{run.text}|" for run in block.runs) for block in found[1:]
    ]


# -- What is known -------------------------------------------------------------------------------


def test_what_was_told_first_stays() -> None:
    known = Authors({1: ANA})
    known.add(1, 10, 5, BEN)
    known.add(1, 8, 10, None)
    assert list(known.split(1, 0, 30)) == [(8, ANA), (2, None), (5, BEN), (3, None), (12, ANA)]
    assert list(known.split(1, 11, 2)) == [(2, BEN)]
    assert list(known.split(1, 12, 7)) == [(3, BEN), (3, None), (1, ANA)]
    assert list(known.split(2, 0, 3)) == [(3, None)]


def test_news_is_told_once_and_together() -> None:
    known = Authors({1: ANA})
    for clock in range(5):
        known.tell(1, clock, 1, BEN)
    known.tell(1, 5, 3, ANA)  # as anybody would think
    (told,) = known.take_news()
    assert told == (1, 0, 5, BEN)
    assert known.take_news() == []
    assert list(known.ranges()) == [(1, clock, 1, BEN) for clock in range(5)]


RANGES = st.lists(
    st.tuples(st.integers(0, 40), st.integers(1, 9), st.sampled_from([ANA, BEN, None])),
    max_size=12,
)


@given(RANGES)
def test_authors_are_a_map_from_ids(told: list[tuple[int, int, UUID | None]]) -> None:
    known = Authors({1: ANA})
    plain: dict[int, UUID | None] = {}
    for clock, length, person in told:
        known.add(1, clock, length, person)
        for at in range(clock, clock + length):
            plain.setdefault(at, person)
    found = [person for length, person in known.split(1, 0, 60) for _ in range(length)]
    assert found == [plain.get(at, ANA) for at in range(60)]
    news = Authors({1: ANA})
    for each in known.take_news():
        news.add(*each)
    assert found == [person for length, person in news.split(1, 0, 60) for _ in range(length)]


@given(st.lists(st.tuples(st.integers(0, 30), st.text("ab👍", min_size=1, max_size=4)), max_size=9))
def test_the_tape_has_the_text_of_each_id(parts: list[tuple[int, str]]) -> None:
    tape, plain = Tape(), dict[int, str]()
    for clock, units in parts:
        if not any(at in plain for at in range(clock, clock + len(units))):
            tape.add(1, clock, units)
            plain |= {clock + at: unit for at, unit in enumerate(units)}
    for at in range(40):
        assert tape.unit(1, at) == plain.get(at, "")
    found = {
        piece.clock + at: unit
        for piece in tape.pieces(1, 3, 25)
        for at, unit in enumerate(piece.units)
    }
    assert found == {at: unit for at, unit in plain.items() if 3 <= at < 25}


# -- Undo ----------------------------------------------------------------------------------------


def test_an_undo_gives_back_what_was_mixed(desk: Desk) -> None:
    ana, ben = desk.sheets
    ana.type("Ana 👍 and ")
    desk.take()
    ben.type("Ben 🫖.")
    desk.take()
    before = says(desk)
    for page in (ana, ben):
        with page.taking_back():
            page.rub_out(2, 13)
        desk.take()
        assert says(desk) == before


def test_an_undo_long_afterwards_and_of_a_paragraph(desk: Desk) -> None:
    ana, ben = desk.sheets
    ana.type("The kettle is on.")
    desk.take()
    with ben.taking_back():
        ben.erase(ben.marker(-1), len("¶The kettle is on."))
        desk.take()
        for number in range(RECENT + 5):
            ana.write(str(number % 10), 3)
            ana.erase(3)
            desk.take()
    desk.take()
    assert says(desk) == ["A:The kettle is on.|"]


def test_an_undo_after_the_server_began_anew(desk: Desk) -> None:
    ana, ben = desk.sheets
    ana.type("The kettle is on.")
    desk.take()
    with ben.taking_back():
        ben.rub_out(4, 10)
        desk.take()
        desk.reopen()
    desk.take()
    assert says(desk) == ["A:The kettle is on.|"]


def test_an_undo_of_an_undo(desk: Desk) -> None:
    ana, ben = desk.sheets
    ana.type("The kettle is on.")
    desk.take()
    with ana.taking_back(), ben.taking_back():
        ben.rub_out(0, 11)
        desk.take()
    desk.take()
    assert set("".join(says(desk))) & set("AB-") == {"A"}


# -- Drag, and the clipboard ---------------------------------------------------------------------

WORDS = "Come in whenever you like."


def drag(page: Sheet, start: int, stop: int, to: int) -> None:
    """Within the last block."""
    words = page.text[start:stop]
    with page.doc.transaction():
        page.rub_out(start, stop)
        page.type(words, to)


def test_dragged_words_of_one_letter_keep_their_author(desk: Desk) -> None:
    ana, ben = desk.sheets
    ana.type(WORDS)
    desk.take()
    drag(ben, 0, 1, 6)
    desk.take()
    assert says(desk) == ["A:ome inC whenever you like.|"]


def test_a_character_is_not_taken_for_half_of_another(desk: Desk) -> None:
    """The two have their first unit in common."""
    ana, ben = desk.sheets
    ana.type("abc\U0002000a and more")
    desk.take()
    with ben.doc.transaction():
        ben.rub_out(0, 4)
        ben.type("abc\U00020003", 9)
    desk.take()
    assert says(desk) == ["A: and moreabc|B:\U00020003|"]


def test_a_character_has_one_author_whatever_is_known_of_its_halves(desk: Desk) -> None:
    ana, _ = desk.sheets
    ana.type("a\U0002000ab")
    desk.take()
    (clock,) = {clock for clock in range(40) if desk.replica.tape.unit(100, clock) == "a"}
    desk.replica.authors.add(100, clock, 2, BEN)
    assert says(desk) == ["B:a\U0002000a|A:b|"]


def test_words_that_are_dragged_again_and_again(desk: Desk) -> None:
    """Letters that both have, in one piece with others, may be taken for each other's."""
    ana, ben = desk.sheets
    ana.type("one 👍 two ")
    desk.take()
    ben.type("three four")
    desk.take()
    dice = random.Random(7)
    for _ in range(20):
        page = dice.choice(desk.sheets)
        start = dice.randrange(12)
        drag(page, start, start + 8, dice.randrange(10))
        desk.take()
    counted = dict.fromkeys(SIGNS, 0)
    for block in document.blocks(desk.replica.doc, authors=desk.replica.authors)[1:]:
        for run in block.runs:
            counted[run.person_id] += len(run.text)
    assert abs(counted[ANA] - len("one 👍 two ")) <= 1
    assert abs(counted[BEN] - len("three four")) <= 1
    assert counted[None] == 0


def test_what_was_cut_is_pasted_with_its_authors(desk: Desk) -> None:
    ana, ben = desk.sheets
    ana.type(WORDS)
    desk.take()
    ben.type(" Ben says so.")
    desk.take()
    ben.rub_out(5, 31)
    desk.take()
    ben.type(f"({WORDS[5:]} Ben)", 0)
    desk.take()
    assert says(desk) == ["B:(|A:in whenever you like.|B: Ben)|A:Come |B:says so.|"]


def test_new_words_around_old_ones_are_ones_own(desk: Desk) -> None:
    ana, ben = desk.sheets
    ana.type("like")
    desk.take()
    ben.rub_out(0, 4)
    desk.take()
    ben.type("Whatever it is that you like about this it is mine.")
    desk.take()
    assert says(desk) == ["B:Whatever it is that you like about this it is mine.|"]


def test_what_the_other_cut_is_not_mine_to_paste(desk: Desk) -> None:
    """Each page has a clipboard of its own."""
    ana, ben = desk.sheets
    ana.type(WORDS)
    desk.take()
    ana.rub_out(0, len(WORDS))
    desk.take()
    ben.type(WORDS)
    desk.take()
    assert says(desk) == [f"B:{WORDS}|"]


@pytest.mark.parametrize("act", ["split", "join", "kind", "mark"])
def test_what_changes_the_shape_types_nothing(desk: Desk, act: str) -> None:
    ana, ben = desk.sheets
    ana.type("one ")
    desk.take()
    ben.type("two")
    desk.take()
    typed = desk.replica.size
    if act == "split":
        ben.split(ben.marker(-1) + 3)
    elif act == "join":
        ben.erase(ben.marker(-1))
    elif act == "kind":
        ben.set_kind(-1, "line")
    else:
        ben.mark(ben.marker(-1) + 2, 4, {"em": True})
    desk.take()
    assert desk.attributions == []
    assert desk.replica.size - typed == (1 if act == "split" else 0)
    found = document.blocks(desk.replica.doc, authors=desk.replica.authors)
    whose = "".join(SIGNS[r.person_id] * len(r.text) for block in found for r in block.runs)
    assert whose == "-" * len("Dear Relationship,") + "AAAABBB"
