from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from couples.models import Acceptance, Couple, Invitation, Partner, User, Workspace
from couples.models.invitation import NotOpen
from couples.refusals import NotTogether
from tests.people import Resident, anew
from tests.races import while_another

pytestmark = pytest.mark.django_db


def couple_of(user: User) -> Couple:
    couple = anew(user).partner.couple
    assert couple is not None
    return couple


# -- From the day that both were there to the day that one left ----------------------------------


def test_two_are_a_couple_from_the_moment_that_the_second_joins(
    sol: Resident, cleo: Resident
) -> None:
    assert sol.partner.couple is None
    joined = Invitation.make(sol.partner).accept(cleo).confirm()
    couple = couple_of(sol)
    assert couple == couple_of(cleo)
    assert couple.people == (sol.partner, joined)
    assert couple.workspace_id == joined.workspace_id
    assert couple.ended_at is None


def test_whoever_sits_in_the_first_seat_stands_first(
    ana: Resident, ben: Resident, cleo: Resident
) -> None:
    ana.partner.leave()
    joined = Invitation.make(anew(ben).partner).accept(cleo).confirm()
    assert joined.seat == 1
    assert couple_of(ben).people == (joined, ben.partner)


def test_it_ends_at_the_moment_at_which_one_leaves(ana: Resident, ben: Resident) -> None:
    couple = couple_of(ana)
    ben.partner.leave()
    couple.refresh_from_db()
    assert couple.ended_at == Partner.objects.get(pk=ben.partner.pk).left_at
    assert anew(ana).partner.couple is None
    assert anew(ana).partner.is_alone


def test_who_comes_back_begins_another_couple(ana: Resident, ben: Resident) -> None:
    before = couple_of(ana)
    ben.partner.leave()
    Invitation.make(anew(ana).partner).accept(anew(ben)).confirm()
    now = couple_of(ana)
    assert now != before
    assert now.workspace_id == before.workspace_id
    assert set(Couple.objects.of(ana.partner).active()) == {now}
    assert before in Couple.objects.of(ana.partner)


def test_whoever_leaves_a_second_time_parts_nobody_else(
    ana: Resident, ben: Resident, cleo: Resident
) -> None:
    left = anew(ben).partner
    ben.partner.leave()
    Invitation.make(anew(ana).partner).accept(cleo).confirm()
    left.leave()
    assert couple_of(ana) == couple_of(cleo)


def test_after_parting_both_find_the_couple_with_what_is_kept_only(
    ana: Resident, ben: Resident
) -> None:
    couple = couple_of(ben)
    assert set(Couple.objects.visible_to(ben.partner)) == {couple}
    ben.partner.leave()
    for person in (ana, ben):
        assert not Couple.objects.visible_to(person.partner).exists()
        assert set(Couple.objects.kept_by(person)) >= {couple}


def test_each_is_the_other_of_the_other(ana: Resident, ben: Resident) -> None:
    couple = couple_of(ana)
    assert couple.other_than(ana.partner) == ben.partner
    assert couple.other_than(ben.partner) == ana.partner
    assert couple.ids == {ana.partner.pk, ben.partner.pk}


def test_a_seat_comes_with_its_couple_in_one_query(
    ana: Resident,
    sol: Resident,
    django_assert_num_queries: Callable[..., Any],
) -> None:
    for user, name in ((anew(ana), "Ben"), (anew(sol), None)):
        with django_assert_num_queries(1):
            other = user.partner.other()
            assert (other.name if other else None) == name


# -- What the database refuses -------------------------------------------------------------------


def refused(workspace: Workspace, one: Partner, two: Partner) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Couple.objects.create(workspace=workspace, one=one, two=two)


def test_a_home_has_one_couple(ana: Resident, ben: Resident, eve: Resident) -> None:
    left = Partner.objects.get(user=eve, workspace=ana.partner.workspace)
    refused(ana.partner.workspace, ben.partner, left)
    ben.partner.leave()
    Couple.objects.create(workspace=ana.partner.workspace, one=ben.partner, two=left)


def test_nobody_is_a_couple_alone(sol: Resident) -> None:
    refused(sol.partner.workspace, sol.partner, sol.partner)


def test_two_seats_are_one_couple_for_ever(ana: Resident, ben: Resident) -> None:
    ben.partner.leave()
    refused(ana.partner.workspace, ana.partner, ben.partner)


# -- The lock ------------------------------------------------------------------------------------


def test_nobody_holds_what_has_ended(ana: Resident, ben: Resident) -> None:
    couple = couple_of(ana)
    with transaction.atomic():
        couple.lock()
        assert Couple.objects.of(ana.partner).lock() == couple
    ben.partner.leave()
    with transaction.atomic():
        for lock in (couple.lock, Couple.objects.of(ana.partner).lock):
            with pytest.raises(NotTogether):
                lock()
        couple.lock_row()
    assert couple.ended_at is not None


def test_only_the_two_hold_it(ana: Resident, cleo: Resident, sol: Resident) -> None:
    couple = couple_of(ana)
    with transaction.atomic():
        couple.lock(by=ana.partner)
        for stranger in (cleo, sol):
            with pytest.raises(NotTogether):
                couple.lock(by=stranger.partner)
            with pytest.raises(NotTogether):
                Couple.objects.of(stranger.partner).lock()


@pytest.mark.django_db(transaction=True)
def test_who_waits_for_somebody_who_is_leaving_waits_for_nothing(
    ana: Resident, ben: Resident
) -> None:
    couple = couple_of(ana)

    def hold() -> None:
        with transaction.atomic():
            couple.lock()

    _left, held = while_another(anew(ben).partner.leave, hold)
    assert isinstance(held, NotTogether)


@pytest.mark.django_db(transaction=True)
def test_nobody_leaves_while_both_are_held(ana: Resident, ben: Resident) -> None:
    couple = couple_of(ana)
    leaving = anew(ben).partner

    def hold() -> object:
        couple.lock()
        return timezone.now()

    held_at, failed = while_another(hold, leaving.leave)
    assert failed is None
    couple.refresh_from_db()
    assert held_at < couple.ended_at


@pytest.mark.django_db(transaction=True)
def test_rows_that_only_point_at_it_do_not_wait(ana: Resident, ben: Resident) -> None:
    """Or else whoever leaves, holding the home, and whoever gives something would wait for one
    another."""
    couple = couple_of(ana)
    rows = (ana.partner.workspace, ana, couple)

    def point() -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL lock_timeout = '100ms'")
            for row in rows:
                table = row._meta.db_table
                asked = f"SELECT 1 FROM {table} WHERE id = %s FOR KEY SHARE"  # noqa: S608  # ours
                cursor.execute(asked, [row.pk])

    def hold() -> None:
        for row in (ana, ana.partner.workspace, couple):
            row.lock()

    if connection.vendor == "postgresql":
        assert while_another(hold, point) == [None, None]


# -- Two at the same moment ----------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_both_leaving_at_once_end_it_once(ana: Resident, ben: Resident) -> None:
    couple = couple_of(ana)
    both = [anew(person).partner.leave for person in (ana, ben)]
    assert while_another(*both) == [None, None]
    couple.refresh_from_db()
    assert couple.ended_at == Partner.objects.get(pk=couple.one_id).left_at
    assert not Partner.objects.active().filter(workspace=couple.workspace_id).exists()


@pytest.mark.django_db(transaction=True)
def test_two_who_join_at_once_make_one_couple(sol: Resident, cleo: Resident, eve: Resident) -> None:
    invitation = Invitation.make(sol.partner)
    came = [invitation.accept(anew(user)).pk for user in (cleo, eve)]
    accepts = [lambda pk=pk: Acceptance.objects.get(pk=pk).confirm() for pk in came]
    joined, refusal = while_another(*accepts)
    assert isinstance(refusal, NotOpen)
    assert couple_of(sol).people == (sol.partner, joined)
    assert Couple.objects.filter(workspace=invitation.workspace).count() == 1


@pytest.mark.django_db(transaction=True)
def test_whoever_takes_another_name_while_they_move_does_not_block(
    sol: Resident, cleo: Resident
) -> None:
    """Both take the person first and their home second."""
    came = Invitation.make(cleo.partner).accept(anew(sol))
    renamed = anew(sol)
    renamed.partner  # noqa: B018  # looked for before they move
    joined, failed = while_another(
        lambda: Acceptance.objects.get(pk=came.pk).confirm(),
        lambda: renamed.rename("Soledad"),
    )
    assert isinstance(joined, Partner)
    assert failed is None
    assert anew(sol).name == "Soledad"
