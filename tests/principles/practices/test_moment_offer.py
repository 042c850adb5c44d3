"""Offer → response, as the rows tell it."""

from collections.abc import Callable

import pytest

from couples.autosave import EditConflict
from couples.models import Invitation, User
from couples.refusals import NotTogether
from principles.catalog import practices
from principles.catalog.kinds import State
from principles.models import Draft, Kept, Moment, Offer, Response
from principles.practices import packed
from principles.practices.models.moment import NothingSaid, Refused
from principles.practices.models.offer import Drawn, draw
from tests.people import Resident, anew
from tests.principles.practices.steps import OFFERS, again, give, words
from tests.races import while_another


def first_response(kind: str) -> str:
    return practices.BY_SLUG[kind].responses[0].value


@pytest.mark.parametrize("kind", OFFERS)
def test_every_kind_is_given_and_answered_once(ana: Resident, ben: Resident, kind: str) -> None:
    offer = give(ana, kind)
    assert offer.state_for(ana.partner) is offer.state_for(ben.partner) is State.GIVEN
    offer.respond(ben.partner, first_response(kind), "Thank you.")
    offer = again(offer)
    assert offer.state_for(ana.partner) is State.ANSWERED
    assert offer.answer.text == "Thank you."
    assert offer.answer.label == str(practices.BY_SLUG[kind].responses[0].label)


@pytest.mark.parametrize("kind", OFFERS)
def test_nothing_can_be_done_with_what_was_taken_back(
    ana: Resident, ben: Resident, kind: str
) -> None:
    offer = give(ana, kind)
    again(offer).withdraw(ana.partner)
    assert again(offer).state_for(ben.partner) is State.WITHDRAWN
    assert again(offer).parts == {}
    verbs: list[Callable[[], object]] = [
        lambda: again(offer).respond(ben.partner, first_response(kind)),
        lambda: again(offer).withdraw(ana.partner),
        lambda: again(offer).follow(ana.partner, "Well."),
        lambda: again(offer).suspend(ana.partner),
        lambda: again(offer).resume(ana.partner),
    ]
    for verb in verbs:
        with pytest.raises(Refused):
            verb()


def test_what_was_taken_back_is_with_its_writer_again(ana: Resident, ben: Resident) -> None:
    give(ana, "transparent", "I hid the box.").withdraw(ana.partner)
    (kept,) = Kept.objects.of(ana)
    assert kept.parts == {"text": "I hid the box."}
    assert not Kept.objects.of(ben).exists()


@pytest.mark.parametrize("kind", OFFERS)
def test_what_is_not_ones_own_cannot_be_done(ana: Resident, ben: Resident, kind: str) -> None:
    offer = give(ana, kind)
    verbs: list[Callable[[], object]] = [
        lambda: again(offer).withdraw(ben.partner),
        lambda: again(offer).respond(ana.partner, first_response(kind)),
        lambda: again(offer).follow(ben.partner, "Well."),
        lambda: again(offer).respond(ben.partner, "no such answer"),
    ]
    for verb in verbs:
        with pytest.raises(Refused):
            verb()
    assert not Response.objects.exists()


def test_who_answered_cannot_answer_otherwise_but_a_not_now_may_change(
    ana: Resident, ben: Resident
) -> None:
    offer = give(ana, "backs")
    offer.respond(ben.partner, "later")
    assert again(offer).state_for(ana.partner) is State.LATER
    with pytest.raises(Refused):
        again(offer).withdraw(ana.partner)
    again(offer).respond(ben.partner, "with", "After all.")
    assert again(offer).state_for(ben.partner) is State.ANSWERED
    with pytest.raises(Refused):
        again(offer).respond(ben.partner, "later")
    assert Response.objects.count() == 1


def test_how_it_went_is_told_once_and_by_the_one_who_asked(ana: Resident, ben: Resident) -> None:
    offer = give(ana, "backs")
    offer.respond(ben.partner, "with")
    again(offer).follow(ana.partner, "They laughed at my second slide.")
    assert again(offer).state_for(ben.partner) is State.FOLLOWED
    assert again(offer).afterwards == "They laughed at my second slide."
    with pytest.raises(Refused):
        again(offer).follow(ana.partner, "Otherwise.")


def test_only_kinds_with_a_question_for_afterwards_have_one(ana: Resident, ben: Resident) -> None:
    offer = give(ana, "tell-first")
    offer.respond(ben.partner, "glad")
    with pytest.raises(Refused):
        again(offer).follow(ana.partner, "Well.")


def test_nothing_is_given_without_words(ana: Resident) -> None:
    with pytest.raises(NothingSaid):
        Offer.begin(ana.partner, "backs", packed.pack({"text": "  "}))
    assert not Moment.objects.exists()


def test_nothing_is_given_by_somebody_who_is_alone(sol: Resident) -> None:
    with pytest.raises(NotTogether):
        Offer.begin(sol.partner, "backs", packed.pack({"text": "An exam."}))


def test_giving_takes_the_words_from_the_desk(ana: Resident) -> None:
    text = packed.pack(words("backs", "An exam."))
    Draft.write(ana, "backs", text, 0, "w")
    Offer.begin(ana.partner, "backs", text, 1, "w")
    draft = Draft.on_desk(ana, "backs")
    assert draft.text == ""
    # A page that saves a moment late is behind, and nothing of it comes back.
    with pytest.raises(EditConflict):
        Draft.write(ana, "backs", text, 0, "w")
    with pytest.raises(EditConflict):
        Draft.write(ana, "backs", text, 1, "w")


def test_words_of_another_window_are_not_given_unseen(ana: Resident) -> None:
    Draft.write(ana, "backs", packed.pack({"text": "One."}), 0, "first")
    Draft.write(ana, "backs", packed.pack({"text": "Two."}), 1, "second")
    with pytest.raises(EditConflict):
        Offer.begin(ana.partner, "backs", packed.pack({"text": "One."}), 1, "first")
    assert not Moment.objects.exists()


def test_kept_words_can_be_taken_up_unless_something_lies_there(ana: Resident) -> None:
    kept = Draft.keep(ana, "kindness", packed.pack({"feel": "tired"}), 0)
    Draft.write(ana, "kindness", packed.pack({"feel": "warm"}), 2)
    assert not kept.take_up()
    Draft.write(ana, "kindness", "", 3)
    assert kept.take_up()
    assert Draft.on_desk(ana, "kindness").parts == {"feel": "tired"}
    assert not Kept.objects.exists()


def test_after_leaving_it_is_on_no_page_of_the_home(ana: Resident, ben: Resident) -> None:
    offer = give(ana, "tell-first", "We got the flat.")
    offer.respond(ben.partner, "glad", "At last.")
    ben.partner.leave()
    for person in (ana, ben):
        assert not Moment.objects.visible_to(User.objects.get(pk=person.pk).partner or ben.partner)
    with pytest.raises(NotTogether):
        again(offer).withdraw(ana.partner)


def test_who_moves_in_later_finds_nothing(ana: Resident, ben: Resident, sol: Resident) -> None:
    give(ana, "backs")
    Draft.write(ana, "backs", packed.pack({"text": "alone"}), 2)
    ben.partner.leave()
    Invitation.make(anew(ana).partner).accept(sol).confirm()
    sol = anew(sol)
    assert not Moment.objects.visible_to(sol.partner)
    assert not Draft.objects.of(sol)


# -- The jar -------------------------------------------------------------------------------------


def test_nothing_is_drawn_twice_before_everything_was(ana: Resident, ben: Resident) -> None:
    for number in range(4):
        give(ana, "supporters", f"Note {number}")
    give(ben, "supporters", "Mine, from me")
    taken = give(ana, "supporters", "Taken back")
    taken.withdraw(ana.partner)
    for _round in range(2):
        drawn = [offer.subject for offer in (draw(ben.partner) for _ in range(4)) if offer]
        assert sorted(drawn) == [f"Note {number}" for number in range(4)]
    assert not Drawn.objects.filter(partner=ana.partner).exists()


def test_an_empty_jar_says_so(ana: Resident) -> None:
    assert draw(ana.partner) is None


def test_a_jar_of_ones_own(sol: Resident) -> None:
    for number in range(3):
        Draft.keep(sol, "supporters", packed.pack({"text": f"Good {number}"}), number * 2)
    drawn = {
        kept.parts["text"] for kept in (Kept.draw(sol, "supporters") for _ in range(3)) if kept
    }
    assert len(drawn) == 3


# -- At the same moment --------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_two_answers_at_once_are_one(ana: Resident, ben: Resident) -> None:
    offer = give(ana, "backs")
    partner = ben.partner

    def respond() -> object:
        return again(offer).respond(partner, "with")

    results = while_another(respond, respond)
    assert all(isinstance(each, Response) for each in results), results
    assert Response.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_an_answer_and_taking_back_are_never_both(ana: Resident, ben: Resident) -> None:
    offer = give(ana, "backs")
    hers, his = ana.partner, ben.partner
    results = while_another(
        lambda: again(offer).withdraw(hers), lambda: again(offer).respond(his, "with")
    )
    assert isinstance(results[1], Refused), results
    assert not Response.objects.exists()
    offer = give(ana, "backs")
    results = while_another(
        lambda: again(offer).respond(his, "with"), lambda: again(offer).withdraw(hers)
    )
    assert isinstance(results[1], Refused), results
    assert again(offer).withdrawn_at is None


@pytest.mark.django_db(transaction=True)
def test_giving_and_leaving_are_never_both(ana: Resident, ben: Resident) -> None:
    hers, his = ana.partner, ben.partner
    text = packed.pack({"text": "An exam."})
    results = while_another(his.leave, lambda: Offer.begin(hers, "backs", text))
    assert isinstance(results[1], NotTogether), results
