"""Words that are saved as one types: which page goes on from which, for each that keeps them."""

import re
from collections.abc import Callable

import pytest
from django.utils import timezone

from couples.autosave import LONGEST, AutosaveForm, EditConflict
from letters.models import Letter, Passage, Reflection, Value
from letters.reflection import questions
from principles.models import Day, Draft, Pledge, Review, ReviewMark
from principles.reviews.models.mark import Said
from tests.people import Resident, at_home
from tests.principles.reviews.steps import again, begin, said

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
        kept.write(text, base, tab_id)
        return kept.text

    return write


def line(ana: Resident) -> Write:
    day = Day.of(ana, timezone.localdate(), "kindness", "Listen.")

    def write(text: str, base: int, tab_id: str) -> str:
        day.keep(text, base, tab_id)
        return Day.objects.get(pk=day.pk).text

    return write


def draft(ana: Resident) -> Write:
    def write(text: str, base: int, tab_id: str) -> str:
        return Draft.write(ana, "repair", text, base, tab_id).text

    return write


def marking(ana: Resident) -> Review:
    other = ana.partner.other()
    assert other
    return begin(ana, at_home(other.user))


def mark(ana: Resident) -> Write:
    review = marking(ana)

    def write(text: str, base: int, tab_id: str) -> str:
        if not again(review).mark(ana.partner, said(review, Said("", text)), (base, tab_id)):
            raise EditConflict(review)
        return ReviewMark.objects.of(review).by(ana.partner).get().note

    return write


def thanks(ana: Resident) -> Write:
    review = marking(ana)

    def write(text: str, base: int, tab_id: str) -> str:
        if not again(review).mark(ana.partner, {}, (base, tab_id), text):
            raise EditConflict(review)
        return again(review).thanks_of(ana.partner).text

    return write


@pytest.fixture(params=[answer, passage, value, pledge, line, draft, mark, thanks])
def write(request: pytest.FixtureRequest, ana: Resident, ben: Resident) -> Write:
    kind: Callable[[Resident], Write] = request.param
    return kind(ana)


@pytest.mark.parametrize("late", [f"{FIRST}:9", f"{NEXT}:9", f"{NEXT}:9 {FIRST}:9", "another", ""])
def test_a_page_goes_on_from_the_one_that_it_took_over_from_and_not_the_other_way_round(
    write: Write, late: str
) -> None:
    write("Slower", 0, f"{FIRST}:1")
    # The page was left before it knew of that; two more were, before they could say anything.
    names = f"{NEXT}:2 {FIRST}:1"
    assert write("Slower than the kettle", 0, f"{THIRD}:1 {names}") == "Slower than the kettle"
    assert write("Slower than the kettle.", 0, f"{THIRD}:2 {names}") == "Slower than the kettle."
    with pytest.raises(EditConflict):
        write("Slower than", 0, late)


def test_what_a_page_sent_first_and_arrives_last_is_not_written_over_what_it_sent_last(
    write: Write,
) -> None:
    assert write("Slower than", 0, f"{FIRST}:2") == "Slower than"
    with pytest.raises(EditConflict):
        write("Slower", 0, f"{FIRST}:1")
    # Nor where the last words were those that stood there before.
    assert write("Slower than", 1, f"{FIRST}:4") == "Slower than"
    with pytest.raises(EditConflict):
        write("Slower than the kettle", 1, f"{FIRST}:3")
    assert write("Slower than tea", 0, f"{FIRST}:5") == "Slower than tea"


def test_a_page_takes_over_no_more_than_was_there_when_it_came(write: Write) -> None:
    """One that came back whole goes on writing after another took over from it."""
    write("Slower", 0, f"{FIRST}:1")
    write("Slower than tea", 0, f"{FIRST}:3")
    with pytest.raises(EditConflict):
        write("Slower than the kettle", 0, f"{NEXT}:1 {FIRST}:1")
    assert write("Slower than both", 0, f"{NEXT}:2 {FIRST}:3") == "Slower than both"


def test_whoever_has_seen_the_newest_revision_goes_on_from_it(write: Write) -> None:
    write("Slower", 0, f"{FIRST}:1")
    assert write("Slower than", 1, f"{NEXT}:1") == "Slower than"
    with pytest.raises(EditConflict):
        write("Slower, and kinder", 1, f"{FIRST}:2")


@pytest.mark.parametrize("nonsense", [":", ":5", "a:b", "a:-1", "a:²", "a:" + "9" * 99, " : "])
def test_nonsense_in_what_a_page_says_of_itself_is_as_good_as_none(
    write: Write, nonsense: str
) -> None:
    write("Slower", 0, nonsense)
    write("Slower than", 1, nonsense)
    with pytest.raises(EditConflict):
        write("Slower than tea", 1, f"{NEXT}:1")


def test_each_form_that_is_shown_is_a_page_and_goes_on_from_the_one_that_it_answers() -> None:
    said = f"{NEXT}:2 {FIRST}:1"
    opened, sent = AutosaveForm.over(0, {}), AutosaveForm({"tab_id": said, "revision": "x"})
    names = [re.findall('value="(.*?)"', str(each["tab_id"]))[0] for each in (opened, sent, sent)]
    assert len(set(names)) == 3
    assert re.fullmatch(r"\w{16}", names[0])
    assert all(re.fullmatch(rf"\w{{16}} {said}", each) for each in names[1:])
    assert AutosaveForm.beside(1, {"tab_id": "\0" + "w" * 4000}).known == (0, "w" * LONGEST)
    assert sent.is_valid()
    assert sent.known == (0, said)
