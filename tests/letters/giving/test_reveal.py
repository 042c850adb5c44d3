"""Two letters that open at the same moment, as their rows tell it."""

import pytest
from django.db import IntegrityError, connection, transaction

from couples.models import Invitation, User
from couples.refusals import NotTogether
from letters.giving.models.reveal import Refused, Stage
from letters.giving.models.share import Changed
from letters.models import Choice, Reveal, Share
from tests.letters.giving.steps import again, letter_of, ready, words_of
from tests.letters.writing import write
from tests.people import Resident, anew
from tests.races import while_another


@pytest.fixture
def reveal(ana: Resident, ben: Resident) -> Reveal:
    return Reveal.propose(ana.partner)


# -- Proposing -----------------------------------------------------------------------------------


def test_either_proposes_and_finds_the_same(ana: Resident, ben: Resident, reveal: Reveal) -> None:
    assert Reveal.propose(ben.partner) == reveal
    assert reveal.proposer == ana.partner
    assert Reveal.objects.count() == 1


def test_it_takes_two(sol: Resident) -> None:
    with pytest.raises(NotTogether):
        Reveal.propose(sol.partner)


def test_the_database_refuses_a_second_open_one(reveal: Reveal) -> None:
    row = {"couple": reveal.couple, "proposer": reveal.couple.two}
    with pytest.raises(IntegrityError), transaction.atomic():
        Reveal.objects.create(**row)
    reveal.withdraw()
    Reveal.objects.create(**row)


def test_two_who_propose_at_the_same_moment_propose_one(
    transactional_db: None, ana: Resident, ben: Resident
) -> None:
    one, two = while_another(
        lambda: Reveal.propose(ana.partner), lambda: Reveal.propose(ben.partner)
    )
    assert one == two
    assert Reveal.objects.count() == 1


# -- Being ready ---------------------------------------------------------------------------------


def test_both_open_when_both_are_ready(ana: Resident, ben: Resident, reveal: Reveal) -> None:
    ready(reveal, ana, "I want to stay.")
    assert again(reveal).stage_for(ana.partner) is Stage.READY
    assert again(reveal).stage_for(ben.partner) is Stage.CHOOSING
    assert not Share.objects.exists()
    ready(reveal, ben, "I want to ask.")
    opened = again(reveal)
    assert opened.stage is Stage.OPENED
    one, two = opened.shares.order_by("giver__seat")
    assert words_of(one) == ["Dear Relationship,", "I want to stay."]
    assert words_of(two) == ["Dear Relationship,", "I want to ask."]
    assert one.shared_at == two.shared_at == opened.opened_at
    assert (one.giver, one.recipient) == (two.recipient, two.giver) == (ana.partner, ben.partner)
    assert not Choice.objects.exists()


def test_the_words_are_those_of_the_moment_of_being_ready(
    ana: Resident, ben: Resident, reveal: Reveal
) -> None:
    letter = ready(reveal, ana, "I want to stay.")
    write(letter, ana, "Written later.")
    ready(reveal, ben, "I want to ask.")
    assert "Written later." not in str([words_of(share) for share in Share.objects.all()])


def test_words_that_were_not_previewed_are_not_chosen(ana: Resident, reveal: Reveal) -> None:
    letter = letter_of(ana, "I want to stay.")
    with pytest.raises(Changed):
        reveal.ready(ana.partner, letter, "a digest of other words")
    assert not Choice.objects.exists()


def test_until_both_are_ready_one_changes_ones_mind(
    ana: Resident, ben: Resident, reveal: Reveal
) -> None:
    ready(reveal, ana, "I want to stay.")
    ready(reveal, ana, "I want to go slowly.")
    assert Choice.objects.count() == 1
    again(reveal).unready(ana.partner)
    assert not Choice.objects.exists()
    ready(reveal, ben, "I want to ask.")
    assert again(reveal).stage is Stage.CHOOSING
    ready(reveal, ana, "Third words.")
    assert "Third words." in words_of(Share.objects.get(giver=ana.partner))


def test_what_is_chosen_lies_under_ones_own_key(ana: Resident, reveal: Reveal) -> None:
    ready(reveal, ana, "I want to stay.")
    assert Choice.objects.get().key_owner_id == ana.pk
    with connection.cursor() as cursor:
        cursor.execute("SELECT words FROM letters_choice")
        assert b"I want to stay." not in bytes(cursor.fetchone()[0])


def test_what_is_open_is_open(ana: Resident, ben: Resident, reveal: Reveal) -> None:
    ready(reveal, ana, "I want to stay.")
    letter = ready(reveal, ben, "I want to ask.")
    for act in (
        lambda: again(reveal).withdraw(),
        lambda: again(reveal).unready(ana.partner),
        lambda: ready(reveal, ana, "Others."),
    ):
        with pytest.raises(Refused):
            act()
    assert Share.objects.count() == 2
    # It is a letter given like any other: its author may take it back.
    Share.objects.get(letter=letter).take_back()
    assert again(reveal).stage is Stage.OPENED
    assert Reveal.propose(ana.partner) != reveal


# -- Ending it -----------------------------------------------------------------------------------


@pytest.mark.parametrize("somebody_is_ready", [False, True])
def test_withdrawing_leaves_nothing(
    ana: Resident, ben: Resident, reveal: Reveal, somebody_is_ready: bool
) -> None:
    if somebody_is_ready:
        ready(reveal, ben, "I want to ask.")
    again(reveal).withdraw()
    again(reveal).withdraw()
    assert again(reveal).stage is Stage.WITHDRAWN
    assert not Choice.objects.exists()
    with pytest.raises(Refused):
        ready(reveal, ana, "I want to stay.")
    assert not Share.objects.exists()


def test_after_leaving_nothing_opens(ana: Resident, ben: Resident, reveal: Reveal) -> None:
    ready(reveal, ben, "I want to ask.")
    ben.partner.leave()
    assert again(reveal).stage is Stage.ENDED
    with pytest.raises(Refused):
        ready(reveal, ana, "I want to stay.")
    assert not Share.objects.exists()


def test_whoever_moves_in_later_finds_nothing_of_it(
    ana: Resident, ben: Resident, eve: User, reveal: Reveal
) -> None:
    ben.partner.leave()
    Invitation.make(anew(ana).partner).accept(eve).confirm()
    newcomer = anew(eve)
    assert not Reveal.objects.visible_to(newcomer.partner).exists()
    assert Reveal.propose(newcomer.partner) != reveal


# -- At the same moment --------------------------------------------------------------------------


def test_both_are_ready_at_the_same_moment(
    transactional_db: None, ana: Resident, ben: Resident, reveal: Reveal
) -> None:
    mine, yours = letter_of(ana, "I want to stay."), letter_of(ben, "I want to ask.")
    assert while_another(
        lambda: ready(reveal, ana, letter=mine), lambda: ready(reveal, ben, letter=yours)
    ) == [mine, yours]
    assert again(reveal).stage is Stage.OPENED
    assert Share.objects.count() == 2


def test_one_is_ready_while_the_other_withdraws(
    transactional_db: None, ana: Resident, ben: Resident, reveal: Reveal
) -> None:
    ready(reveal, ben, "I want to ask.")
    mine = letter_of(ana, "I want to stay.")
    _, refused = while_another(
        lambda: again(reveal).withdraw(), lambda: ready(reveal, ana, letter=mine)
    )
    assert isinstance(refused, Refused)
    assert not Share.objects.exists()


def test_one_withdraws_while_the_other_is_ready(
    transactional_db: None, ana: Resident, ben: Resident, reveal: Reveal
) -> None:
    ready(reveal, ben, "I want to ask.")
    mine = letter_of(ana, "I want to stay.")
    _, refused = while_another(
        lambda: ready(reveal, ana, letter=mine), lambda: again(reveal).withdraw()
    )
    assert isinstance(refused, Refused)
    assert again(reveal).stage is Stage.OPENED
    assert Share.objects.count() == 2


def test_one_leaves_while_the_other_is_ready(
    transactional_db: None, ana: Resident, ben: Resident, reveal: Reveal
) -> None:
    ready(reveal, ben, "I want to ask.")
    mine = letter_of(ana, "I want to stay.")
    _, refused = while_another(lambda: ben.partner.leave(), lambda: ready(reveal, ana, letter=mine))
    assert isinstance(refused, Refused)
    assert not Share.objects.exists()
