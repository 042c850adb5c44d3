"""Blind → reveal, as the rows tell it."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from couples.autosave import EditConflict
from couples.refusals import NotTogether
from principles.catalog.kinds import State
from principles.models import Agreement, Answer, Decision, Idea, Moment, Round
from principles.practices.models.decision import NotForBoth
from principles.practices.models.moment import NothingSaid, Refused
from tests.people import Resident
from tests.principles.practices.steps import again, answer, give, ready
from tests.races import while_another

BLIND = ["joint-decisions", "ws"]


def decide(ana: Resident, ben: Resident) -> Decision:
    decision: Decision = give(ana, "joint-decisions", "We get a dog.")
    ready(decision, ana)
    ready(decision, ben)
    return again(decision)


def needs(ana: Resident, ben: Resident) -> Decision:
    decision: Decision = give(ana, "ws", "The summer.")
    ready(decision, ana, "", "The sea.")
    ready(decision, ben, "", "No aeroplane.")
    return again(decision)


def test_two_yeses_decide(ana: Resident, ben: Resident) -> None:
    decision = decide(ana, ben)
    assert decision.state_for(ana.partner) is decision.state_for(ben.partner) is State.DECIDED
    assert decision.decided_text == "We get a dog."


@pytest.mark.parametrize(("hers", "his"), [("yes", "not-yet"), ("not-yet", "not-yet")])
def test_anything_else_goes_back_to_the_table(
    ana: Resident, ben: Resident, hers: str, his: str
) -> None:
    decision = give(ana, "joint-decisions")
    ready(decision, ana, hers)
    ready(decision, ben, his, "A fence first.")
    decision = again(decision)
    assert decision.state_for(ana.partner) is State.TABLE
    assert decision.settled_at is None
    assert decision.round.answer_of(ben.partner).words == "A fence first."


def test_a_new_round_asks_anew_and_keeps_the_old_one(ana: Resident, ben: Resident) -> None:
    decision = give(ana, "joint-decisions", "We get a dog.")
    ready(decision, ana)
    ready(decision, ben, "not-yet", "A fence first.")
    again(decision).again(ben.partner, "We build a fence, then a dog.")
    decision = again(decision)
    assert decision.state_for(ana.partner) is decision.state_for(ben.partner) is State.OPEN
    ready(decision, ben)
    ready(decision, ana)
    decision = again(decision)
    assert decision.state_for(ben.partner) is State.DECIDED
    assert decision.decided_text == "We build a fence, then a dog."
    assert decision.rounds_so_far[0].text == "We get a dog."


@pytest.mark.parametrize("kind", BLIND)
def test_an_answer_lies_under_its_writers_key_until_the_reveal(
    ana: Resident, ben: Resident, kind: str
) -> None:
    decision = give(ana, kind)
    ready(decision, ana, "yes", "A coat.")
    mine = again(decision).round.answer_of(ana.partner)
    assert mine.key_owner_id == ana.pk
    ready(decision, ben, "yes", "A hat.")
    for each in Answer.objects.select_related("round__moment"):
        assert each.key_owner_id == decision.couple.workspace_id
        assert each.words in ("A coat.", "A hat.")


@pytest.mark.parametrize("kind", BLIND)
def test_stopping_deletes_what_was_not_shown(ana: Resident, ben: Resident, kind: str) -> None:
    decision = give(ana, kind)
    ready(decision, ana)
    again(decision).stop(ben.partner)
    assert not Answer.objects.exists()
    assert again(decision).state_for(ana.partner) is State.STOPPED
    again(decision).stop(ana.partner)  # both at once are fine
    with pytest.raises(Refused):
        ready(decision, ben)


def test_stopping_a_later_round_keeps_what_was_on_the_table(ana: Resident, ben: Resident) -> None:
    decision = give(ana, "joint-decisions")
    ready(decision, ana)
    ready(decision, ben, "not-yet", "A fence.")
    again(decision).again(ana.partner, "With a fence.")
    ready(decision, ana)
    again(decision).stop(ben.partner)
    decision = again(decision)
    assert decision.state_for(ana.partner) is State.TABLE
    assert decision.round.answer_of(ben.partner).words == "A fence."


def test_who_is_ready_takes_that_back_to_change_the_answer(ana: Resident, ben: Resident) -> None:
    decision = give(ana, "joint-decisions")
    ready(decision, ana)
    ready(decision, ana)  # twice is once
    with pytest.raises(Refused):
        again(decision).write(ana.partner, answer("not-yet"), 1)
    again(decision).unready(ana.partner)
    again(decision).write(ana.partner, answer("not-yet"), 1)
    again(decision).unready(ana.partner)
    assert again(decision).state_for(ana.partner) is State.OPEN


@pytest.mark.parametrize("kind", BLIND)
def test_ready_takes_an_answer(ana: Resident, kind: str) -> None:
    decision = give(ana, kind)
    with pytest.raises(NothingSaid):
        ready(decision, ana, "", "")
    assert not Answer.objects.exists()


def test_two_windows_of_one_person_collide(ana: Resident) -> None:
    decision = give(ana, "joint-decisions")
    decision.write(ana.partner, answer("yes"), 0, "first")
    with pytest.raises(EditConflict):
        again(decision).write(ana.partner, answer("not-yet"), 0, "second")


@pytest.mark.parametrize("opened", [decide, needs])
def test_what_is_open_stays_as_it_is(ana: Resident, ben: Resident, opened: Any) -> None:
    decision, person = opened(ana, ben), ana.partner
    verbs: list[Callable[[], object]] = [
        lambda: decision.write(person, answer("yes"), 1),
        lambda: decision.ready(person, answer("yes", "x"), 1),
        lambda: decision.unready(person),
        lambda: decision.stop(person),
        lambda: decision.again(person, "Once more."),
    ]
    for verb in verbs:
        with pytest.raises(Refused):
            verb()


def test_before_the_reveal_there_are_no_ideas_and_no_choice(ana: Resident, ben: Resident) -> None:
    decision = give(ana, "ws")
    verbs: list[Callable[[], object]] = [
        lambda: decision.add_idea(ana.partner, "A tent."),
        lambda: decision.again(ana.partner, "Once more."),
        lambda: decision.suspend(ana.partner),
        lambda: decision.resume(ana.partner),
    ]
    for verb in verbs:
        with pytest.raises(Refused):
            verb()


def test_only_what_works_for_both_is_chosen(ana: Resident, ben: Resident) -> None:
    decision = needs(ana, ben)
    assert decision.state_for(ana.partner) is State.NEEDS
    tent = decision.add_idea(ben.partner, "A tent by the lake.")
    decision.mark(ana.partner, tent, True)
    with pytest.raises(NotForBoth):
        decision.choose(ana.partner, tent)
    decision.mark(ben.partner, tent, True)
    decision.mark(ben.partner, tent, False)
    with pytest.raises(NotForBoth):
        decision.choose(ana.partner, tent)
    decision.mark(ben.partner, tent, True)
    decision.choose(ana.partner, tent)
    decision = again(decision)
    assert decision.state_for(ben.partner) is State.DECIDED
    assert decision.decided_text == "A tent by the lake."
    decision.choose(ben.partner, tent)
    with pytest.raises(Refused):
        decision.choose(ben.partner, tent, "ws")
    with pytest.raises(Refused):
        decision.mark(ben.partner, tent, False)


def test_an_idea_of_another_decision_is_not_chosen(ana: Resident, ben: Resident) -> None:
    here, there = needs(ana, ben), needs(ana, ben)
    tent = there.add_idea(ana.partner, "A tent.")
    for person in (ana, ben):
        there.mark(person.partner, tent, True)
    with pytest.raises(NotForBoth):
        here.choose(ana.partner, tent)


def test_what_works_can_be_proposed_as_an_agreement(ana: Resident, ben: Resident) -> None:
    decision = needs(ana, ben)
    idea = decision.add_idea(ana.partner, "We take the train.")
    for person in (ana, ben):
        decision.mark(person.partner, idea, True)
    wording = decision.choose(ben.partner, idea, "ws")
    assert wording
    assert wording.text == "We take the train."
    assert Agreement.of(ana.partner, "ws").newest() == wording
    assert wording.signature_of(ben.partner) is None


def test_only_ones_own_idea_is_taken_back(ana: Resident, ben: Resident) -> None:
    decision = needs(ana, ben)
    idea = decision.add_idea(ana.partner, "A tent.")
    decision.take_back(ben.partner, idea)
    assert decision.ideas.count() == 1
    decision.take_back(ana.partner, idea)
    assert decision.ideas.count() == 0


def test_it_can_rest_and_be_taken_up_again(ana: Resident, ben: Resident) -> None:
    decision = needs(ana, ben)
    decision.suspend(ben.partner)
    assert again(decision).state_for(ana.partner) is State.SUSPENDED
    with pytest.raises(Refused):
        again(decision).add_idea(ana.partner, "A tent.")
    again(decision).resume(ana.partner)
    assert again(decision).state_for(ana.partner) is State.NEEDS


def test_the_database_keeps_to_one_round_at_a_time(ana: Resident) -> None:
    decision = give(ana, "ws")
    with pytest.raises(IntegrityError), transaction.atomic():
        Round.objects.create(moment=decision, number=2, text="")


def test_the_database_refuses_a_kind_that_nobody_knows(ana: Resident) -> None:
    decision = give(ana, "ws")
    with pytest.raises(IntegrityError), transaction.atomic():
        Moment.objects.filter(pk=decision.pk).update(kind="revenge")


# -- At the same moment --------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("kind", BLIND)
def test_both_ready_at_once_are_revealed_once(ana: Resident, ben: Resident, kind: str) -> None:
    decision = give(ana, kind)
    hers, his = ana.partner, ben.partner
    results = while_another(
        lambda: again(decision).ready(hers, answer("yes", "A coat."), 0),
        lambda: again(decision).ready(his, answer("yes", "A hat."), 0),
    )
    assert results == [None, None]
    decision = again(decision)
    assert decision.round.revealed_at is not None
    assert {each.words for each in decision.round.answers.all()} == {"A coat.", "A hat."}


@pytest.mark.django_db(transaction=True)
def test_the_reveal_and_taking_it_back_are_never_both(ana: Resident, ben: Resident) -> None:
    decision = give(ana, "joint-decisions")
    ready(decision, ana)
    hers, his = ana.partner, ben.partner
    results = while_another(
        lambda: again(decision).ready(his, answer("yes"), 0),
        lambda: again(decision).unready(hers),
    )
    assert isinstance(results[1], Refused), results
    assert again(decision).state_for(hers) is State.DECIDED
    decision = give(ana, "joint-decisions")
    ready(decision, ana)
    while_another(
        lambda: again(decision).unready(hers),
        lambda: again(decision).ready(his, answer("yes"), 0),
    )
    assert again(decision).round.revealed_at is None


@pytest.mark.django_db(transaction=True)
def test_stopping_and_the_reveal_are_never_both(ana: Resident, ben: Resident) -> None:
    decision = give(ana, "ws")
    ready(decision, ana, "", "The sea.")
    hers, his = ana.partner, ben.partner
    results = while_another(
        lambda: again(decision).stop(hers),
        lambda: again(decision).ready(his, answer("", "x"), 0),
    )
    assert isinstance(results[1], Refused), results
    assert not Answer.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_the_reveal_and_leaving_are_never_both(ana: Resident, ben: Resident) -> None:
    decision = give(ana, "ws")
    ready(decision, ana, "", "The sea.")
    hers, his = ana.partner, ben.partner
    results = while_another(hers.leave, lambda: again(decision).ready(his, answer("", "Hills."), 0))
    assert isinstance(results[1], NotTogether), results
    assert Answer.objects.get().key_owner_id == ana.pk


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("edit_comes_first", [False, True])
def test_an_edit_that_races_with_the_reveal_counts_or_is_refused(
    ana: Resident, ben: Resident, edit_comes_first: bool
) -> None:
    """Another window of his own saves what he types, while this one says that he is ready."""
    decision = give(ana, "ws")
    ready(decision, ana, "", "The sea.")
    his, typed = ben.partner, answer("", "Hills.")
    again(decision).write(his, typed, 0, "one")

    def edit() -> object:
        return again(decision).write(his, answer("", "Hills, and no car."), 1, "two")

    def reveal() -> object:
        return again(decision).ready(his, typed, 1, "one")

    first, second = while_another(*((edit, reveal) if edit_comes_first else (reveal, edit)))
    now = again(decision).round
    if edit_comes_first:
        # What he has not seen is not given: both texts are shown to him.
        assert isinstance(first, Answer)
        assert isinstance(second, EditConflict)
        assert now.revealed_at is None
        assert now.answer_of(his).words == "Hills, and no car."
        assert now.answer_of(his).key_owner_id == ben.pk
    else:
        assert first is None
        assert isinstance(second, Refused)
        assert now.answer_of(his).words == "Hills."
        assert now.answer_of(his).key_owner_id == decision.couple.workspace_id


def idea_that_works(decision: Decision, text: str) -> Idea:
    """An idea that works for both."""
    idea = again(decision).add_idea(decision.couple.one, text)
    for partner in decision.couple.people:
        again(decision).mark(partner, idea, True)
    return idea


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("same", [True, False])
def test_both_choosing_at_once_choose_one(ana: Resident, ben: Resident, same: bool) -> None:
    decision = needs(ana, ben)
    tent = idea_that_works(decision, "A tent.")
    other = tent if same else idea_that_works(decision, "A boat.")
    hers, his = ana.partner, ben.partner
    results = while_another(
        lambda: again(decision).choose(hers, tent), lambda: again(decision).choose(his, other)
    )
    assert results[0] is None
    assert results[1] is None if same else isinstance(results[1], Refused), results
    assert [idea.pk for idea in Idea.objects.exclude(chosen_at=None)] == [tent.pk]
    assert again(decision).decided_text == "A tent."


@pytest.mark.django_db(transaction=True)
def test_choosing_while_the_other_says_that_it_does_not_work_after_all(
    ana: Resident, ben: Resident
) -> None:
    decision = needs(ana, ben)
    tent = idea_that_works(decision, "A tent.")
    hers, his = ana.partner, ben.partner
    results = while_another(
        lambda: again(decision).mark(his, tent, False), lambda: again(decision).choose(hers, tent)
    )
    assert isinstance(results[1], NotForBoth), results
    assert again(decision).state_for(hers) is State.NEEDS


@pytest.mark.django_db(transaction=True)
def test_both_laying_it_to_rest_and_taking_it_up_at_once_is_fine(
    ana: Resident, ben: Resident
) -> None:
    decision = needs(ana, ben)
    hers, his = ana.partner, ben.partner
    for verb, state in (("suspend", State.SUSPENDED), ("resume", State.NEEDS)):
        results = while_another(
            lambda: getattr(again(decision), verb)(hers),  # noqa: B023
            lambda: getattr(again(decision), verb)(his),  # noqa: B023
        )
        assert results == [None, None]
        assert again(decision).state_for(hers) is state


@pytest.mark.django_db(transaction=True)
def test_two_new_rounds_at_once_are_one(ana: Resident, ben: Resident) -> None:
    decision = give(ana, "joint-decisions")
    ready(decision, ana)
    ready(decision, ben, "not-yet")
    hers, his = ana.partner, ben.partner
    results = while_another(
        lambda: again(decision).again(hers, "With a fence."),
        lambda: again(decision).again(his, "A cat."),
    )
    assert isinstance(results[1], Refused), results
    assert again(decision).rounds.count() == 2
