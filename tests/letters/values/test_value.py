"""One person's values: naming, ordering, keeping; and the list that is given."""

import pytest
from django.db import IntegrityError, connection, transaction

from couples.autosave import EditConflict
from couples.models import Invitation, User
from couples.refusals import NotTogether
from letters.models import SharedValues, Value
from letters.values import models as kept
from tests.people import Resident, anew
from tests.races import while_another

pytestmark = pytest.mark.django_db

CANARY = "the yellow canary"


def named(person: Resident, *texts: str) -> list[Value]:
    return [Value.name(person, text)[0] for text in texts]


def order(person: Resident) -> list[str]:
    return [each.text for each in Value.objects.filter(person=person).in_order()]


def give(giver: Resident, reader: Resident) -> SharedValues:
    here = giver.partner
    mine = list(Value.objects.visible_to(here).in_order())
    chosen = [str(each.pk) for each in mine]
    return SharedValues.give(here, str(reader.partner.pk), kept.digest(mine), chosen)


def test_a_new_one_stands_at_the_end(sol: Resident) -> None:
    named(sol, "Patience", "Humour", "Coming to the door")
    assert order(sol) == ["Patience", "Humour", "Coming to the door"]


def test_the_same_word_twice_is_one_value(sol: Resident) -> None:
    first, new = Value.name(sol, "Patience")
    assert new
    assert Value.name(sol, "patience.") == (first, False)


def test_there_is_a_most_and_it_is_said(sol: Resident) -> None:
    named(sol, *(f"value {number}" for number in range(kept.MOST)))
    with pytest.raises(kept.Full):
        Value.name(sol, "one more")


def test_order_by_steps_and_by_dropping(sol: Resident) -> None:
    a, b, c = named(sol, "a", "b", "c")
    assert c.move(-1) == 2
    assert order(sol) == ["a", "c", "b"]
    assert a.move(-1) == 1
    assert b.move(1) == 3
    assert order(sol) == ["a", "c", "b"]
    assert b.put_before(a.pk) == 1
    assert order(sol) == ["b", "a", "c"]
    assert b.put_before(None) == 3
    assert order(sol) == ["a", "c", "b"]


def test_dropped_before_one_that_is_gone_it_stays(sol: Resident, cleo: Resident) -> None:
    a, b, c = named(sol, "a", "b", "c")
    [foreign] = named(cleo, "x")
    c.remove()
    assert b.put_before(foreign.pk) == 2
    assert order(sol) == ["a", "b"]
    with pytest.raises(Value.DoesNotExist):
        Value(pk=c.pk, person=sol, position=3).move(1)
    assert a.move(1) == 2


def test_words_of_two_windows_meet(sol: Resident) -> None:
    [value] = named(sol, "Patience")
    other = Value.objects.get()
    value.keep("Patience", "With the kettle.", ["repair"], 0, "phone")
    with pytest.raises(EditConflict) as caught:
        other.keep("Patience", "With you.", [], 0, "desk")
    assert caught.value.current.meaning == "With the kettle."
    # The page whose answer got lost saves again over its own words.
    value.keep("Patience", "With the kettle on.", ["repair"], 0, "phone")
    value.refresh_from_db()
    assert (value.meaning, value.revision) == ("With the kettle on.", 2)


def test_moving_in_one_window_and_writing_in_another_lose_nothing(sol: Resident) -> None:
    a, b = named(sol, "a", "b")
    stale = Value.objects.get(pk=b.pk)
    b.put_before(a.pk)
    stale.keep("b", "what it means", [], 0, "desk")
    assert order(sol) == ["b", "a"]
    assert Value.objects.get(pk=b.pk).meaning == "what it means"


def test_only_the_ten_are_linked_and_in_their_order(sol: Resident) -> None:
    [value] = named(sol, "Patience")
    value.keep("Patience", "", ["repair", "backs", "nonsense"], 0)
    assert value.slugs == ["backs", "repair"]


def test_everything_lies_sealed(sol: Resident) -> None:
    [value] = named(sol, CANARY)
    value.keep(CANARY, CANARY, ["repair"], 0)
    with connection.cursor() as cursor:
        cursor.execute("SELECT text, meaning, lived_in FROM letters_value")
        row = b" ".join(bytes(column) for column in cursor.fetchone())
    assert CANARY.encode() not in row
    assert b"repair" not in row


# -- Giving --------------------------------------------------------------------------------------


def test_nobody_reads_the_others_list_before_both_have_given(ana: Resident, ben: Resident) -> None:
    named(ana, "Patience")
    named(ben, "Humour")
    give(ana, ben)
    assert not SharedValues.objects.visible_to(ben.partner).exists()
    assert SharedValues.objects.waits_for(ben.partner)
    assert not SharedValues.objects.waits_for(ana.partner)
    give(ben, ana)
    for person in (ana, ben):
        assert SharedValues.objects.visible_to(person.partner).count() == 2


def test_taking_back_closes_both_lists(ana: Resident, ben: Resident) -> None:
    named(ana, "Patience")
    named(ben, "Humour")
    give(ana, ben).take_back()
    give(ben, ana)
    assert not SharedValues.objects.visible_to(ana.partner).exists()
    give(ana, ben)
    SharedValues.objects.get(giver=ben.partner).take_back()
    assert [each.giver for each in SharedValues.objects.visible_to(ana.partner)] == [ana.partner]
    assert not SharedValues.objects.visible_to(ben.partner).exists()


def test_a_list_is_given_exactly_as_it_was_previewed(ana: Resident, ben: Resident) -> None:
    first, second = named(ana, "Patience", "Humour")
    here, reader = ana.partner, str(ben.partner.pk)
    seen = kept.digest([first, second])
    shared = SharedValues.give(here, reader, seen, [str(second.pk)])
    assert [each.text for each in shared.values] == ["Humour"]
    first.keep("Patience", "Later words.", [], 0)
    assert "Later" not in SharedValues.objects.get().words
    for wrong in (seen, ""):
        with pytest.raises(kept.NotAsSeen):
            SharedValues.give(here, reader, wrong, [str(first.pk)])
    with pytest.raises(kept.NotAsSeen):
        SharedValues.give(here, str(here.pk), kept.digest([first, second]), [str(first.pk)])
    with pytest.raises(kept.NotAsSeen):
        SharedValues.give(here, reader, kept.digest([first, second]), [])
    assert [each.text for each in SharedValues.objects.get().values] == ["Humour"]


def test_the_order_is_part_of_what_was_previewed(ana: Resident, ben: Resident) -> None:
    first, second = named(ana, "Patience", "Humour")
    seen = kept.digest([first, second])
    second.move(-1)
    with pytest.raises(kept.NotAsSeen):
        SharedValues.give(ana.partner, str(ben.partner.pk), seen, [str(first.pk)])


def test_given_again_it_takes_the_place_of_the_first(ana: Resident, ben: Resident) -> None:
    named(ana, "Patience")
    give(ana, ben)
    named(ana, "Humour")
    give(ana, ben)
    assert [each.text for each in SharedValues.objects.get().values] == ["Patience", "Humour"]


def test_alone_there_is_nobody_to_give_it_to(sol: Resident) -> None:
    [value] = named(sol, "Patience")
    with pytest.raises(NotTogether):
        SharedValues.give(sol.partner, "", kept.digest([value]), [str(value.pk)])


def test_whoever_moves_in_later_was_given_nothing(ana: Resident, ben: Resident, eve: User) -> None:
    named(ana, CANARY)
    named(ben, "Humour")
    give(ana, ben)
    give(ben, ana)
    ben.partner.leave()
    Invitation.make(anew(ana).partner).accept(eve).confirm()
    for person in (ana, eve):
        here = User.objects.get(pk=person.pk).partner
        assert here is not None
        assert not SharedValues.objects.visible_to(here).exists()
        assert not SharedValues.objects.waits_for(here)


def test_a_list_is_given_to_somebody_else(ana: Resident) -> None:
    here = ana.partner
    with pytest.raises(IntegrityError), transaction.atomic():
        SharedValues.objects.create(workspace=here.workspace, giver=here, reader=here, words="[]")


# -- At the same moment --------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_two_windows_name_and_move_at_once(sol: Resident) -> None:
    a, b, c = named(sol, "a", "b", "c")
    while_another(lambda: c.put_before(a.pk), lambda: Value.name(sol, "d"))
    assert order(sol) == ["c", "a", "b", "d"]
    while_another(lambda: b.put_before(None), lambda: a.put_before(None))
    assert order(sol) == ["c", "d", "b", "a"]


@pytest.mark.django_db(transaction=True)
def test_the_list_is_given_once_from_two_windows(ana: Resident, ben: Resident) -> None:
    named(ana, "Patience")
    done = while_another(lambda: give(ana, ben), lambda: give(ana, ben))
    assert not [each for each in done if isinstance(each, Exception)]
    assert SharedValues.objects.count() == 1
