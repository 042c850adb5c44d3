"""Which ids stand where: the twin against what every page did."""

import random
from itertools import pairwise
from typing import Any

import pycrdt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from letters.text import runs as runs_module
from letters.text.ids import Id
from letters.text.runs import Marker, Stretch, Unknown, runs, settled
from letters.text.updates import to_units
from tests.clients import signs
from tests.letters.sheets import Desk, Sheet

WORDS = ["a", "two ", "ünï", "👍", "👩‍👩‍👧", "\n", "x" * 70, "é👍é"]


def scribble(dice: random.Random, page: Sheet) -> None:
    """Something that an editor does, anywhere."""
    found = page.signs()
    at = dice.randrange(1, len(found) + 1)
    match dice.randrange(8):
        case 0:
            page.split(at, dice.choice(["line", "paragraph", "closing"]))
        case 1 if len(found) > 30:
            page.erase(min(at, len(found) - 1), dice.randint(1, 3))
        case 2 if at < len(found):
            marks = {dice.choice(["strong", "em"]): dice.choice([True, None])}
            page.mark(at, dice.randint(1, 9), marks)
        case 3:
            blocks = sum(1 for sign in found if sign.kind)
            page.set_kind(dice.randrange(blocks), dice.choice(["line", "signature"]))
        case 4:
            page.suggest(dice.choice(WORDS), at)
        case 5 if at < len(found):
            page.suggest_without(at, dice.randint(1, 4))
        case _:
            page.write(dice.choice(WORDS), at, dice.choice([{}, {"em": True}]))


def three_who_write(seed: int, acts: int) -> Desk:
    dice = random.Random(seed)
    desk = Desk("A line 👍 to begin with.", sheets=3)
    for _ in range(acts):
        for page in desk.sheets:
            if dice.random() < 0.6:
                scribble(dice, page)
        if dice.random() < 0.5:
            desk.take()
    desk.take()
    return desk


def ids_of(doc: Any) -> list[tuple[str, Id]]:
    """Each unit of text and each marker with its id."""
    found: list[tuple[str, Id]] = []
    for run in runs(doc, ids=True):
        assert isinstance(run, Stretch | Marker)
        assert run.id is not None
        units = to_units(run.text) if isinstance(run, Stretch) else "¶"
        found += [(unit, Id(run.id.client, run.id.clock + at)) for at, unit in enumerate(units)]
    return found


@pytest.mark.parametrize("seed", range(6))
def test_every_id_is_where_the_pages_put_it(seed: int) -> None:
    desk = three_who_write(seed, 25)
    doc = desk.replica.doc
    # Held against a reading that shares nothing with it, and against the tape of what arrived.
    third = [
        (unit, Id(sign.name.client, sign.name.clock + at))
        for sign in signs.signs(doc, named=True)
        for at, unit in enumerate(to_units(sign.text) or "¶")
    ]
    mine = ids_of(doc)
    assert mine == third
    for unit, id in mine:
        assert unit == (desk.replica.tape.unit(*id) or "¶")
        assert (id in desk.replica.markers) == (unit == "¶")
    # The runs say the same with and without ids.
    joined = [
        run if isinstance(run, Unknown) else run._replace(id=None) for run in runs(doc, ids=True)
    ]
    words = "".join(run.text if isinstance(run, Stretch) else "¶" for run in joined)
    assert words == "".join(run.text if isinstance(run, Stretch) else "¶" for run in runs(doc))


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 2**32))
def test_few_signs_are_as_good_as_many(seed: int) -> None:
    """Beyond as many strings as there are signs, each is told by two."""
    desk = three_who_write(seed, 12)
    expected = ids_of(desk.replica.doc)
    few = pytest.MonkeyPatch()
    few.setattr(runs_module, "SIGNS", 7)
    try:
        assert ids_of(desk.replica.doc) == expected
    finally:
        few.undo()


@pytest.mark.slow
def test_a_letter_of_more_strings_than_signs() -> None:
    doc: Any = pycrdt.Doc(client_id=5)
    text = doc.get("letter", type=pycrdt.Text)
    text.insert_embed(0, pycrdt.Map({"k": "paragraph"}), {})
    with doc.transaction():
        for _ in range(runs_module.SIGNS + 1000):
            text.insert(1, "ab", {})  # each in front of the one before, so none are joined
    found = ids_of(doc)
    assert len(found) == 1 + 2 * (runs_module.SIGNS + 1000)
    clocks = [id.clock for _, id in found[1:]]
    assert clocks[0] == max(clocks) - 1
    assert all(
        two == one + 1 if place % 2 == 0 else two == one - 3
        for place, (one, two) in enumerate(pairwise(clocks))
    )


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32))
def test_readers_get_of_suggestions_what_is_open(seed: int) -> None:
    """The same as the plain third reading, sign by sign, some decided."""
    dice = random.Random(seed)
    desk = three_who_write(seed, 8)
    for page in desk.sheets:
        names = sorted({n.partition(":")[2] for s in page.signs() for n in s.marks if ":" in n})
        if names:
            seat = "two" if page.seat == "one" else "one"
            owners = {n: desk.replica.suggested[n] for n in names}
            theirs = [n for n in names if owners[n] != seat][:3]
            desk.decide(seat, page.asked(dice.choice(["accept", "decline"]), *theirs))
    doc = desk.replica.doc
    decided = signs.Decided(doc)
    third = [(sign.text or "¶", sign.open(decided)) for sign in signs.signs(doc, named=True)]
    for with_ids in (True, False):
        assert open_signs(doc, with_ids) == third


def open_signs(doc: Any, with_ids: bool) -> list[tuple[str, set[str]]]:
    mine: list[tuple[str, set[str]]] = []
    for run in settled(doc, ids=with_ids):
        assert isinstance(run, Stretch | Marker)
        names = run.attributes if isinstance(run, Stretch) else run.values
        open_ = {n for n in names if n[:4] in ("ins:", "del:", "kind")}
        for character in run.text if isinstance(run, Stretch) else "¶":
            mine.append((character, open_))
    return mine
