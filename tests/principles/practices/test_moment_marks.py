"""Mutual marks, as the rows tell it: repairs, and the areas of a life."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from couples.autosave import EditConflict
from principles.catalog.kinds import State
from principles.models import Mark, Proposal, Repair, Side
from principles.practices import packed
from principles.practices.models.area import Area, Shares
from principles.practices.models.moment import NothingSaid, Refused
from tests.people import Resident
from tests.principles.practices.steps import again, give, tell
from tests.races import while_another

ALL = [what.value for what in Mark.What]
HERS = Shares("one", "both")
HIS = Shares("two", "both")


@pytest.fixture
def repair(ana: Resident) -> Repair:
    repair: Repair = give(ana, "repair", "Sunday")
    return repair


@pytest.fixture
def area(ana: Resident) -> Area:
    area: Area = give(ana, "share-power", "Money")
    return area


def held(area: Area) -> Proposal:
    """What both said."""
    assert area.holding
    return area.holding


def said_by(person: Resident, area: Area) -> Proposal:
    found = again(area).proposal_of(person.partner)
    assert found
    return found


def told(repair: Repair, *people: Resident) -> Repair:
    for person in people:
        tell(repair, person)
    return again(repair)


def mend(repair: Repair, ana: Resident, ben: Resident) -> Repair:
    told(repair, ana, ben)
    for person in (ana, ben):
        for what in ALL:
            again(repair).mark(person.partner, what, True)
    return again(repair)


# -- Repair --------------------------------------------------------------------------------------


def test_a_side_is_its_tellers_alone_until_it_is_told(
    repair: Repair, ana: Resident, ben: Resident
) -> None:
    repair.write(ana.partner, packed.pack({"story": "It was late."}), 0)
    (side,) = Side.objects.select_related("partner", "moment")
    assert side.key_owner_id == ana.pk
    assert again(repair).told == []
    assert again(repair).draft_of(ben.partner).text == ""
    again(repair).tell(ana.partner, packed.pack({"story": "It was late."}), 1)
    (side,) = again(repair).told
    assert side.key_owner_id == repair.couple.workspace_id
    assert side.parts == {"story": "It was late."}


def test_the_states_of_a_repair(repair: Repair, ana: Resident, ben: Resident) -> None:
    assert repair.state_for(ana.partner) is repair.state_for(ben.partner) is State.OPEN
    repair = told(repair, ana)
    assert repair.state_for(ana.partner) is State.TOLD
    assert repair.state_for(ben.partner) is State.OPEN
    repair = told(repair, ben)
    assert repair.state_for(ana.partner) is repair.state_for(ben.partner) is State.MARKING


def test_mended_when_both_marked_all_and_not_before(
    repair: Repair, ana: Resident, ben: Resident
) -> None:
    told(repair, ana, ben)
    for person, what in [(p, w) for p in (ana, ben) for w in ALL]:
        assert again(repair).state_for(ana.partner) is State.MARKING
        again(repair).mark(person.partner, what, True)
    assert again(repair).state_for(ben.partner) is State.MENDED


def test_a_mark_can_be_taken_away_until_it_is_mended(
    repair: Repair, ana: Resident, ben: Resident
) -> None:
    told(repair, ana, ben)
    again(repair).mark(ana.partner, "heard", True)
    again(repair).mark(ana.partner, "heard", True)
    again(repair).mark(ana.partner, "heard", False)
    assert again(repair).marked == set()
    mend(give(ana, "repair"), ana, ben)


def test_nobody_marks_for_the_other(repair: Repair, ana: Resident, ben: Resident) -> None:
    told(repair, ana, ben)
    again(repair).mark(ana.partner, "heard", True)
    again(repair).mark(ben.partner, "heard", False)
    assert again(repair).marked == {(ana.partner.pk, "heard")}


def test_what_is_mended_may_be_opened_again(repair: Repair, ana: Resident, ben: Resident) -> None:
    repair = mend(repair, ana, ben)
    verbs: list[Callable[[], object]] = [
        lambda: repair.mark(ana.partner, "heard", False),
        lambda: repair.tell(ana.partner, packed.pack({"story": "And"}), 0),
        lambda: repair.suspend(ana.partner),
    ]
    for verb in verbs:
        with pytest.raises(Refused):
            verb()
    again(repair).reopen(ben.partner)
    repair = again(repair)
    assert repair.state_for(ana.partner) is State.MARKING
    assert repair.marked == set()
    assert len(repair.told) == 2
    repair.reopen(ana.partner)  # as he did
    assert again(repair).state_for(ana.partner) is State.MARKING


def test_there_are_no_marks_before_both_have_told(
    repair: Repair, ana: Resident, ben: Resident
) -> None:
    told(repair, ana)
    with pytest.raises(Refused):
        again(repair).mark(ana.partner, "heard", True)
    with pytest.raises(NothingSaid):
        again(repair).tell(ben.partner, packed.pack({"story": " "}), 0)


def test_a_repair_rests_and_is_taken_up(repair: Repair, ana: Resident, ben: Resident) -> None:
    repair.suspend(ben.partner)
    assert again(repair).state_for(ana.partner) is State.SUSPENDED
    with pytest.raises(Refused):
        tell(repair, ana)
    again(repair).resume(ana.partner)
    assert again(repair).state_for(ben.partner) is State.OPEN


def test_a_late_save_does_not_bring_a_told_side_back(repair: Repair, ana: Resident) -> None:
    repair.tell(ana.partner, packed.pack({"story": "It was late."}), 0, "page")
    with pytest.raises(Refused):
        again(repair).write(ana.partner, packed.pack({"story": "It was late."}), 0, "page")
    assert Side.objects.count() == 1
    # More can be told from another page.
    again(repair).tell(ana.partner, packed.pack({"story": "And I was hungry."}), 0, "next")
    assert len(again(repair).told) == 2


def test_two_windows_of_one_teller_collide(repair: Repair, ana: Resident) -> None:
    repair.write(ana.partner, packed.pack({"story": "One"}), 0, "a")
    with pytest.raises(EditConflict):
        again(repair).write(ana.partner, packed.pack({"story": "Two"}), 0, "b")


@pytest.mark.django_db(transaction=True)
def test_the_last_two_marks_at_once_mend_it(repair: Repair, ana: Resident, ben: Resident) -> None:
    told(repair, ana, ben)
    for person in (ana, ben):
        for what in ALL[:2]:
            again(repair).mark(person.partner, what, True)
    hers, his = ana.partner, ben.partner
    results = while_another(
        lambda: again(repair).mark(hers, ALL[2], True),
        lambda: again(repair).mark(his, ALL[2], True),
    )
    assert results == [None, None]
    assert again(repair).state_for(hers) is State.MENDED


@pytest.mark.django_db(transaction=True)
def test_both_ending_a_repair_and_both_opening_it_again_at_once_is_fine(
    repair: Repair, ana: Resident, ben: Resident
) -> None:
    told(repair, ana, ben)
    hers, his = ana.partner, ben.partner

    def both(verb: str) -> list[object]:
        return while_another(
            lambda: getattr(again(repair), verb)(hers), lambda: getattr(again(repair), verb)(his)
        )

    for verb, state in (("suspend", State.SUSPENDED), ("resume", State.MARKING)):
        assert both(verb) == [None, None]
        assert again(repair).state_for(his) is state
    for person, what in [(p, w) for p in (ana, ben) for w in ALL]:
        again(repair).mark(person.partner, what, True)
    assert both("reopen") == [None, None]
    assert again(repair).state_for(hers) is State.MARKING


@pytest.mark.django_db(transaction=True)
def test_the_last_mark_and_ending_it_are_never_both(
    repair: Repair, ana: Resident, ben: Resident
) -> None:
    told(repair, ana, ben)
    for person, what in [(p, w) for p in (ana, ben) for w in ALL][:-1]:
        again(repair).mark(person.partner, what, True)
    hers, his = ana.partner, ben.partner
    results = while_another(
        lambda: again(repair).mark(his, ALL[-1], True), lambda: again(repair).suspend(hers)
    )
    assert isinstance(results[1], Refused), results
    assert again(repair).state_for(hers) is State.MENDED


# -- Who leads, who decides ----------------------------------------------------------------------


def test_it_holds_once_both_say_the_same(area: Area, ana: Resident, ben: Resident) -> None:
    assert area.state_for(ana.partner) is State.OPEN
    area.propose(ana.partner, HERS)
    assert again(area).state_for(ana.partner) is State.TOLD
    assert again(area).state_for(ben.partner) is State.OPEN
    again(area).propose(ben.partner, HIS)
    assert again(area).state_for(ana.partner) is State.DIFFERENT
    again(area).propose(ben.partner, HERS)
    area = again(area)
    assert area.state_for(ana.partner) is area.state_for(ben.partner) is State.AGREED
    assert held(area).shares == HERS
    assert (held(area).leader, held(area).decider) == ("Ana", "Both of us")


def test_agreeing_takes_exactly_what_was_seen(area: Area, ana: Resident, ben: Resident) -> None:
    area.propose(ana.partner, HERS)
    seen = said_by(ana, area).pk
    again(area).propose(ana.partner, HIS)
    with pytest.raises(Refused):
        again(area).agree(ben.partner, seen)
    seen = said_by(ana, area).pk
    with pytest.raises(Refused):
        again(area).agree(ana.partner, seen)  # nobody agrees with themselves
    again(area).agree(ben.partner, seen)
    again(area).agree(ben.partner, seen)  # twice is once
    assert held(again(area)).shares == HIS


def test_what_holds_stays_until_both_say_something_else(
    area: Area, ana: Resident, ben: Resident
) -> None:
    area.propose(ana.partner, HERS)
    again(area).propose(ben.partner, HERS)
    with pytest.raises(Refused):
        again(area).propose(ana.partner, HERS)
    again(area).propose(ben.partner, HIS)
    area = again(area)
    assert area.state_for(ana.partner) is State.OPEN
    assert held(area).shares == HERS
    area.take_back(ben.partner)
    assert again(area).state_for(ana.partner) is State.AGREED
    again(area).propose(ben.partner, HIS)
    again(area).propose(ana.partner, HIS)
    assert held(again(area)).shares == HIS


def test_the_day_to_look_again_is_part_of_it(area: Area, ana: Resident, ben: Resident) -> None:
    day = timezone.localdate() + timedelta(days=30)
    area.propose(ana.partner, HERS._replace(again_on=day))
    again(area).propose(ben.partner, HERS)
    assert again(area).state_for(ana.partner) is State.DIFFERENT


def test_what_is_off_the_list_can_be_put_back(area: Area, ana: Resident, ben: Resident) -> None:
    area.suspend(ana.partner)
    with pytest.raises(Refused):
        again(area).propose(ben.partner, HIS)
    again(area).resume(ben.partner)
    assert again(area).state_for(ana.partner) is State.OPEN


@pytest.mark.django_db(transaction=True)
def test_agreeing_while_the_other_says_something_else(
    area: Area, ana: Resident, ben: Resident
) -> None:
    area.propose(ana.partner, HERS)
    seen = said_by(ana, area).pk
    hers, his = ana.partner, ben.partner
    results = while_another(
        lambda: again(area).propose(hers, HIS), lambda: again(area).agree(his, seen)
    )
    assert isinstance(results[1], Refused), results
    assert not Proposal.objects.exclude(agreed_at=None).exists()


@pytest.mark.django_db(transaction=True)
def test_both_say_the_same_at_once(area: Area, ana: Resident, ben: Resident) -> None:
    hers, his = ana.partner, ben.partner
    results = while_another(
        lambda: again(area).propose(hers, HERS), lambda: again(area).propose(his, HERS)
    )
    assert results == [None, None]
    assert again(area).state_for(hers) is State.AGREED
