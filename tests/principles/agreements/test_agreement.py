"""What an agreement is and is not: the rules on the models, and two people at the same moment."""

from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import RestrictedError

from couples import nudges
from couples.models import Invitation, Partner, User
from couples.refusals import NotTogether
from principles.agreements.models.agreement import Changed, Signed, Unchanged
from principles.models import Agreement, Signature, Wording
from tests.people import Resident, anew, at_home
from tests.principles.agreements.steps import WORDS, hold, propose
from tests.races import while_another

TOGETHER = pytest.mark.django_db(transaction=True)


def fresh(wording: Wording) -> Wording:
    return Wording.objects.with_signatures().get(pk=wording.pk)


def binding(who: Resident) -> list[str]:
    return [wording.text for wording in Wording.objects.in_force(who.partner.couple)]


# -- Proposing -----------------------------------------------------------------------------------


def test_proposed_words_carry_no_signature(ana: Resident, ben: Resident) -> None:
    wording = propose(ana)
    assert wording.text == WORDS
    assert [line.signature for line in fresh(wording).lines()] == [None, None]
    assert binding(ben) == []


def test_it_binds_when_both_signed_that_exact_text(ana: Resident, ben: Resident) -> None:
    wording = propose(ben)
    wording.sign(ana.partner)
    assert fresh(wording).held_since is None
    second = wording.sign(ben.partner)
    assert fresh(wording).held_since == second.signed_at
    assert binding(ana) == binding(ben) == [WORDS]


def test_any_change_is_a_new_wording_without_signatures(ana: Resident, ben: Resident) -> None:
    old = hold(ana, ben)
    new = propose(ben, "We come back the same day.")
    assert (old.number, new.number) == (1, 2)
    assert not new.signatures.exists()
    assert old.signatures.count() == 2
    assert binding(ana) == []


def test_the_later_of_two_changes_is_told_the_newest_words(ana: Resident, ben: Resident) -> None:
    agreement = propose(ana).agreement
    theirs = agreement.propose(ben.partner, "We come back the same day.", base=1)
    with pytest.raises(Changed) as told:
        agreement.propose(ana.partner, "We come back tonight.", base=1)
    assert told.value.newest == theirs
    assert told.value.newest.text == "We come back the same day."
    assert agreement.wordings.count() == 2


def test_the_same_words_again_are_no_new_wording(ana: Resident, ben: Resident) -> None:
    wording = hold(ana, ben)
    with pytest.raises(Unchanged):
        wording.agreement.propose(ben.partner, WORDS, base=1)
    assert binding(ana) == [WORDS]


def test_earlier_words_can_be_proposed_again(ana: Resident, ben: Resident) -> None:
    propose(ana)
    propose(ben, "We come back the same day.")
    assert propose(ana).number == 3


def test_nobody_agrees_alone(sol: Resident) -> None:
    with pytest.raises(NotTogether):
        Agreement.of(sol.partner, "repair")


def test_nobody_agrees_with_a_person_who_has_left(ana: Resident, ben: Resident) -> None:
    wording = propose(ana)
    wording.sign(ben.partner)
    ben.partner.leave()
    with pytest.raises(NotTogether):
        wording.sign(ana.partner)
    with pytest.raises(NotTogether):
        wording.agreement.propose(ana.partner, "We.", base=1)
    with pytest.raises(NotTogether):
        wording.take_back(ana.partner)


def test_an_outsider_has_no_part_in_it(ana: Resident, ben: Resident, cleo: Resident) -> None:
    wording = propose(ana)
    with pytest.raises(NotTogether):
        wording.sign(cleo.partner)
    with pytest.raises(NotTogether):
        wording.agreement.propose(cleo.partner, "We.", base=1)


# -- Immutable -----------------------------------------------------------------------------------


def test_a_wording_never_changes(ana: Resident, ben: Resident) -> None:
    wording = propose(ana)
    wording.text = "We never come back."
    for attempt in (
        wording.save,
        lambda: wording.save(update_fields=["text"]),
        lambda: wording.save(update_fields=["text", "taken_back_at"]),
        lambda: Wording.objects.update(number=7),
        lambda: Wording.objects.bulk_update([wording], ["text"]),
    ):
        with pytest.raises(TypeError), transaction.atomic():
            attempt()
    assert fresh(wording).text == WORDS


def test_what_must_never_happen_is_a_constraint(ana: Resident, ben: Resident) -> None:
    wording = hold(ana, ben)
    agreement = wording.agreement
    for row in (
        Agreement(couple=agreement.couple, principle=agreement.principle),
        Wording(agreement=agreement, number=1, proposer=ben.partner, text="We."),
        Signature(wording=wording, partner=ben.partner),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            row.save(force_insert=True)


def test_nobody_erases_what_both_signed(ana: Resident, ben: Resident) -> None:
    hold(ana, ben)
    with pytest.raises(RestrictedError):
        ben.delete()


# -- Signing, withdrawing, taking back -----------------------------------------------------------


def test_signing_twice_is_one_signature(ana: Resident, ben: Resident) -> None:
    wording = propose(ana)
    assert wording.sign(ana.partner) == wording.sign(ana.partner)


def test_words_that_are_not_the_newest_cannot_be_signed(ana: Resident, ben: Resident) -> None:
    old = propose(ana)
    new = propose(ben, "We come back the same day.")
    with pytest.raises(Changed) as told:
        old.sign(ana.partner)
    assert told.value.newest == new
    assert not Signature.objects.exists()


def test_either_withdraws_at_any_time_and_may_sign_again(ana: Resident, ben: Resident) -> None:
    wording = hold(ana, ben)
    signature = wording.signatures.get(partner=ben.partner)
    signature.withdraw()
    withdrawn_at = signature.withdrawn_at
    assert withdrawn_at is not None
    assert binding(ana) == []
    assert fresh(wording).signature_of(ben.partner) is None
    signature.withdraw()
    assert signature.withdrawn_at == withdrawn_at
    wording.sign(ben.partner)
    assert binding(ana) == [WORDS]
    assert wording.signatures.count() == 3


def test_words_that_nobody_signed_can_be_taken_back(ana: Resident, ben: Resident) -> None:
    old = hold(ana, ben)
    new = propose(ben, "We come back the same day.")
    new.take_back(ben.partner)
    assert new.agreement.newest() == old
    assert binding(ana) == [WORDS]
    assert fresh(new).taken_back_at is not None
    assert propose(ben, "We come back tonight.").number == 3


def test_only_the_proposer_takes_words_back(ana: Resident, ben: Resident) -> None:
    wording = propose(ben)
    with pytest.raises(Signed):
        wording.take_back(ana.partner)


def test_words_that_were_ever_signed_stay(ana: Resident, ben: Resident) -> None:
    hold(ana, ben)
    new = propose(ben, "We come back the same day.")
    new.sign(ana.partner).withdraw()
    with pytest.raises(Signed):
        new.take_back(ben.partner)


def test_words_that_were_overtaken_stay(ana: Resident, ben: Resident) -> None:
    old = propose(ben)
    propose(ana, "We come back the same day.")
    with pytest.raises(Changed):
        old.take_back(ben.partner)


# -- Whose it is ---------------------------------------------------------------------------------


def test_who_moves_in_later_has_no_part_in_earlier_agreements(ana: Resident, eve: User) -> None:
    """Ana lived with Eve before; here Ben has left, too, and Cleo moves in."""
    other = ana.partner.other()
    assert other
    ben = at_home(other.user)
    hold(ana, ben)
    ben.partner.leave()
    cleo = User.objects.create_user("cleo@home.example", "Cleo")
    Invitation.make(Partner.objects.get(pk=ana.partner.pk)).accept(cleo).confirm()
    ana = anew(ana)
    assert not Wording.objects.visible_to(at_home(cleo).partner).exists()
    assert binding(ana) == []
    assert propose(at_home(cleo), "We begin again.").number == 1
    assert Wording.objects.visible_to(ana.partner).count() == 1
    assert not Wording.objects.visible_to(Partner.objects.get(user=ben)).exists()
    assert not Agreement.objects.visible_to(Partner.objects.get(user=ben)).exists()


def test_outsiders_see_nothing(ana: Resident, ben: Resident, cleo: Resident, sol: Resident) -> None:
    hold(ana, ben)
    for outsider in (cleo, sol):
        assert not Agreement.objects.visible_to(outsider.partner).exists()
        assert not Wording.objects.visible_to(outsider.partner).exists()


def test_what_binds_comes_in_the_order_of_the_principles(ana: Resident, ben: Resident) -> None:
    hold(ana, ben, "We cheer.", "supporters")
    hold(ana, ben, "We stand together.", "backs")
    propose(ana, "We decide.", "joint-decisions")
    assert binding(ana) == ["We stand together.", "We cheer."]


def test_words_lie_sealed(ana: Resident, ben: Resident) -> None:
    wording = propose(ana, "CANARY we come back.")
    with connection.cursor() as cursor:
        cursor.execute("SELECT text FROM principles_wording")
        [(stored,)] = cursor.fetchall()
    assert b"CANARY" not in bytes(stored)
    assert fresh(wording).text == "CANARY we come back."


def test_the_pages_of_the_home_are_nudged(
    ana: Resident,
    ben: Resident,
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: Any,
) -> None:
    sent: list[tuple[object, str]] = []
    monkeypatch.setattr(nudges.hub, "send", lambda home, topic: sent.append((home, topic)))
    wordings: list[Wording] = []
    for act in (
        lambda: wordings.append(propose(ana)),
        lambda: wordings[0].sign(ben.partner),
        lambda: wordings[0].signatures.get().withdraw(),
        lambda: wordings.append(propose(ana, "We come back tonight.")),
        lambda: wordings[1].take_back(ana.partner),
    ):
        sent.clear()
        with django_capture_on_commit_callbacks(execute=True):
            act()
        home = ana.partner.workspace_id
        assert sent == [(home, "agreement-repair"), (home, "home")]


# -- Two at the same moment ----------------------------------------------------------------------


@TOGETHER
def test_signing_while_the_other_changes_the_words_signs_nothing(
    ana: Resident, ben: Resident
) -> None:
    wording = propose(ana)
    agreement = Agreement.objects.get()
    new, refused = while_another(
        lambda: agreement.propose(ben.partner, "We come back the same day.", base=1),
        lambda: wording.sign(ana.partner),
    )
    assert isinstance(refused, Changed)
    assert refused.newest == new
    assert not Signature.objects.exists()


@TOGETHER
def test_changing_words_while_the_other_signs_leaves_the_new_ones_unsigned(
    ana: Resident, ben: Resident
) -> None:
    wording = propose(ana)
    wording.sign(ana.partner)
    agreement = Agreement.objects.get()
    signature, new = while_another(
        lambda: wording.sign(ben.partner),
        lambda: agreement.propose(ana.partner, "We come back the same day.", base=1),
    )
    assert isinstance(signature, Signature)
    assert isinstance(new, Wording)
    assert not new.signatures.exists()
    assert binding(ana) == []


@TOGETHER
def test_of_two_proposals_at_once_neither_is_lost(ana: Resident, ben: Resident) -> None:
    propose(ana)
    one, two = Agreement.objects.get(), Agreement.objects.get()
    mine, refused = while_another(
        lambda: one.propose(ana.partner, "We come back tonight.", base=1),
        lambda: two.propose(ben.partner, "We come back the same day.", base=1),
    )
    assert isinstance(refused, Changed)
    assert refused.newest == mine
    assert refused.newest
    assert refused.newest.text == "We come back tonight."
    assert Agreement.objects.get().wordings.count() == 2


@TOGETHER
def test_the_first_words_of_both_at_once_make_one_agreement(ana: Resident, ben: Resident) -> None:
    mine, refused = while_another(
        lambda: Agreement.of(ana.partner, "repair").propose(ana.partner, "We come back."),
        lambda: Agreement.of(ben.partner, "repair").propose(ben.partner, "We return."),
    )
    assert isinstance(mine, Wording)
    assert isinstance(refused, Changed)
    assert Wording.objects.get() == mine


@TOGETHER
def test_two_clicks_are_one_signature(ana: Resident, ben: Resident) -> None:
    wording, again = propose(ana), Wording.objects.get()
    one, two = while_another(
        lambda: wording.sign(ben.partner),
        lambda: again.sign(ben.partner),
    )
    assert one == two == Signature.objects.get()


@TOGETHER
def test_nobody_signs_with_a_person_who_is_just_leaving(ana: Resident, ben: Resident) -> None:
    wording = propose(ana)
    _left, refused = while_another(ben.partner.leave, lambda: wording.sign(ana.partner))
    assert isinstance(refused, NotTogether)
    assert not Signature.objects.exists()


@TOGETHER
def test_words_that_are_just_being_signed_cannot_be_taken_back(
    ana: Resident, ben: Resident
) -> None:
    wording, same = propose(ana), Wording.objects.get()
    _signature, refused = while_another(
        lambda: wording.sign(ben.partner),
        lambda: same.take_back(ana.partner),
    )
    assert isinstance(refused, Signed)
    assert fresh(wording).taken_back_at is None
