"""Words that are saved as one types: which page goes on from which, for each that keeps them."""

from collections.abc import Callable

import pytest

from couples.autosave import EditConflict, is_same, new_tab_id, own_tab_id
from couples.models import User
from letters.models import Letter, Passage, Reflection, Value
from letters.reflection import questions
from principles.models import Pledge
from tests.people import Resident

pytestmark = pytest.mark.django_db

FIRST, NEXT, THIRD = "a" * 16, "b" * 16, "c" * 16

type Write = Callable[[str, int, str], str]


def answer(ana: Resident) -> Write:
    def write(text: str, base: int, tab_id: str) -> str:
        return Reflection.answer(ana, questions.QUESTIONS[0], text, base, tab_id).text

    return write


def passage(ana: Resident) -> Write:
    letter = Letter.begin_joint(ana.partner)

    def write(text: str, base: int, tab_id: str) -> str:
        return Passage.keep(letter, ana, text, base, tab_id).text

    return write


def value(ana: Resident) -> Write:
    kept, _ = Value.name(ana, "Patience")

    def write(text: str, base: int, tab_id: str) -> str:
        kept.keep("Patience", text, [], base, tab_id)
        return Value.objects.get(pk=kept.pk).meaning

    return write


def pledge(ana: Resident) -> Write:
    def write(text: str, base: int, tab_id: str) -> str:
        kept = Pledge.of(ana, "kindness")
        if kept.write(text, base, tab_id):
            raise EditConflict(kept)
        return kept.text

    return write


@pytest.mark.parametrize("late", [FIRST, NEXT, f"{NEXT} {FIRST}", "another", ""])
@pytest.mark.parametrize("kind", [answer, passage, value, pledge])
def test_a_page_goes_on_from_the_one_that_it_took_over_from_and_not_the_other_way_round(
    kind: Callable[[User], Write], late: str, ana: Resident, ben: Resident
) -> None:
    write = kind(ana)
    write("Slower", 0, FIRST)
    # The page was left before it knew of that; two more were, before they could say anything.
    names = f"{THIRD} {NEXT} {FIRST}"
    assert write("Slower than the kettle", 0, names) == "Slower than the kettle"
    assert write("Slower than the kettle.", 0, names) == "Slower than the kettle."
    with pytest.raises(EditConflict):
        write("Slower than", 0, late)


def test_what_a_page_says_of_itself() -> None:
    assert is_same(f"{NEXT} {FIRST}", FIRST)
    assert is_same(FIRST, FIRST)
    assert not is_same(FIRST, NEXT)
    assert not is_same("", "")
    assert not is_same(FIRST, "")
    assert own_tab_id(f"{NEXT} {FIRST}") == NEXT
    assert own_tab_id("") == ""
    assert len(own_tab_id("x" * 200)) <= 32
    assert new_tab_id() != new_tab_id()
