"""Two seats, one home per person, and an invitation that opens a door once."""

from datetime import timedelta

import pytest
from django.db import IntegrityError
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from couples.models import Invitation, Partner, User, Workspace
from couples.models.invitation import InvitationStatus, NotOpen
from letters.models import Reflection
from tests.conftest import Mailbox
from tests.people import Resident, anew
from tests.races import both_at_once

pytestmark = pytest.mark.django_db


def page(invitation: Invitation) -> str:
    return reverse("couples:invitation", args=[invitation.token])


@pytest.fixture
def invitation(sol: Resident) -> Invitation:
    return Invitation.make(sol.partner)


# -- What the database itself refuses ------------------------------------------------------------


def test_a_third_seat_does_not_exist(ana: Resident, cleo: Resident) -> None:
    cleo.partner.leave()
    with pytest.raises(IntegrityError):
        Partner.objects.create(workspace=ana.partner.workspace, user=cleo, seat=3)


def test_a_taken_seat_is_not_given_twice(ana: Resident, cleo: Resident) -> None:
    cleo.partner.leave()
    with pytest.raises(IntegrityError):
        Partner.objects.create(workspace=ana.partner.workspace, user=cleo, seat=2)


def test_nobody_lives_in_two_homes(sol: Resident) -> None:
    with pytest.raises(IntegrityError):
        Partner.objects.create(workspace=Workspace.objects.create(), user=sol, seat=1)


# -- The link ------------------------------------------------------------------------------------


def test_the_link_is_stored_as_a_hash_only(invitation: Invitation) -> None:
    values = Invitation.objects.values().get()
    assert invitation.token not in str(values)
    assert Invitation.objects.by_token(invitation.token) == invitation
    assert Invitation.objects.by_token(invitation.token_hash) is None


def test_accepting_seats_the_person(invitation: Invitation, cleo: Resident) -> None:
    partner = invitation.accept(cleo)
    assert partner.workspace_id == invitation.workspace_id
    assert {p.user_id for p in Partner.objects.active().filter(workspace=invitation.workspace)} == {
        invitation.inviter.user_id,
        cleo.pk,
    }


def test_who_was_alone_brings_their_private_pages_along(
    invitation: Invitation, cleo: Resident, as_cleo: Client, sol: Resident
) -> None:
    Reflection.objects.create(person=cleo, question="disagree", text="only mine")
    invitation.accept(cleo)
    assert "only mine" in as_cleo.get(reverse("letters:questions")).text
    as_sol = Client()
    as_sol.force_login(sol)
    assert "only mine" not in as_sol.get(reverse("letters:questions")).text


def test_an_invitation_works_once(invitation: Invitation, cleo: Resident, ben: Resident) -> None:
    invitation.accept(cleo)
    ben.partner.leave()
    cleo.partner.leave()
    with pytest.raises(NotOpen) as refused:
        invitation.accept(ben)
    assert refused.value.status is InvitationStatus.USED


def test_a_new_link_stops_the_old_one(invitation: Invitation, cleo: Resident) -> None:
    Invitation.make(invitation.inviter)
    with pytest.raises(NotOpen) as refused:
        invitation.accept(cleo)
    assert refused.value.status is InvitationStatus.REVOKED


def test_whoever_shares_a_home_must_leave_it_first(invitation: Invitation, ana: Resident) -> None:
    with pytest.raises(NotOpen) as refused:
        invitation.accept(ana)
    assert refused.value.status is InvitationStatus.SHARED_ALREADY


def test_an_inviter_who_moved_on_invites_nobody(invitation: Invitation, cleo: Resident) -> None:
    invitation.inviter.leave()
    with pytest.raises(NotOpen) as refused:
        invitation.accept(cleo)
    assert refused.value.status is InvitationStatus.REVOKED


# -- Two at the same moment ----------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("round", range(3))
def test_two_people_accepting_the_same_invitation_at_once(
    invitation: Invitation, cleo: Resident, ben: Resident, ana: Resident, round: int
) -> None:
    ana.partner.leave()
    ben.partner.leave()
    one, two = both_at_once(
        lambda: Invitation.objects.get(pk=invitation.pk).accept(User.objects.get(pk=cleo.pk)),
        lambda: Invitation.objects.get(pk=invitation.pk).accept(User.objects.get(pk=ben.pk)),
    )
    assert sorted(type(answer).__name__ for answer in (one, two)) == ["NotOpen", "Partner"]
    assert Partner.objects.active().filter(workspace=invitation.workspace).count() == 2


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("round", range(3))
def test_one_person_accepting_two_invitations_at_once(
    sol: Resident, cleo: Resident, eve: User, round: int
) -> None:
    first, second = Invitation.make(sol.partner), Invitation.make(cleo.partner)
    answers = both_at_once(
        lambda: Invitation.objects.get(pk=first.pk).accept(User.objects.get(pk=eve.pk)),
        lambda: Invitation.objects.get(pk=second.pk).accept(User.objects.get(pk=eve.pk)),
    )
    assert sorted(type(answer).__name__ for answer in answers) == ["NotOpen", "Partner"]
    assert Partner.objects.active().filter(user=eve).count() == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("round", range(3))
def test_two_people_who_invited_each_other_end_up_in_one_home(
    sol: Resident, cleo: Resident, round: int
) -> None:
    mine, theirs = Invitation.make(sol.partner), Invitation.make(cleo.partner)
    answers = both_at_once(
        lambda: Invitation.objects.get(pk=theirs.pk).accept(User.objects.get(pk=sol.pk)),
        lambda: Invitation.objects.get(pk=mine.pk).accept(User.objects.get(pk=cleo.pk)),
    )
    assert sorted(type(answer).__name__ for answer in answers) == ["NotOpen", "Partner"]
    homes = set(Partner.objects.active().values_list("workspace", flat=True))
    assert len(homes) == 1


# -- The pages -----------------------------------------------------------------------------------


def test_the_guest_sees_who_invites_before_deciding(client: Client, invitation: Invitation) -> None:
    response = client.get(page(invitation))
    assert response.status_code == 200
    assert "Sol would like to share a home with you here" in response.text
    assert response["Referrer-Policy"] == "same-origin"
    assert f"{reverse('account_signup')}?next={page(invitation)}" in response.text


def test_a_guest_accepts(as_cleo: Client, invitation: Invitation, cleo: Resident) -> None:
    response = as_cleo.post(reverse("couples:invitation_accept", args=[invitation.token]))
    assert response["Location"] == reverse("couples:home")
    assert anew(cleo).partner.workspace_id == invitation.workspace_id


def test_a_guest_without_a_home_or_account_is_sent_to_sign_in(
    client: Client, invitation: Invitation
) -> None:
    response = client.post(reverse("couples:invitation_accept", args=[invitation.token]))
    assert response["Location"].startswith(reverse("account_login"))


def test_a_guest_declines_without_an_account(client: Client, invitation: Invitation) -> None:
    client.post(reverse("couples:invitation_decline", args=[invitation.token]))
    assert "was declined" in client.get(page(invitation)).text


def test_accepting_by_get_does_nothing(as_cleo: Client, invitation: Invitation) -> None:
    assert (
        as_cleo.get(reverse("couples:invitation_accept", args=[invitation.token])).status_code
        == 405
    )


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"revoked_at": timezone.now()}, "was taken back"),
        ({"expires_at": timezone.now() - timedelta(seconds=1)}, "has run out"),
        ({"accepted_at": timezone.now()}, "has been used"),
        ({"declined_at": timezone.now()}, "was declined"),
    ],
)
def test_each_closed_invitation_has_its_page(
    as_cleo: Client, invitation: Invitation, change: dict[str, object], words: str
) -> None:
    Invitation.objects.update(**change)
    response = as_cleo.get(page(invitation))
    assert response.status_code == 410
    assert words in response.text
    as_cleo.post(reverse("couples:invitation_accept", args=[invitation.token]))
    assert Partner.objects.active().filter(workspace=invitation.workspace).count() == 1


def test_ones_own_invitation_has_its_page(invitation: Invitation, sol: Resident) -> None:
    client = Client()
    client.force_login(sol)
    assert "This is your own invitation" in client.get(page(invitation)).text


def test_a_couple_is_told_to_leave_their_home_first(as_ana: Client, invitation: Invitation) -> None:
    response = as_ana.get(page(invitation))
    assert "You share a home already" in response.text


def test_an_unknown_link_is_not_found(client: Client) -> None:
    assert client.get(reverse("couples:invitation", args=["guess"])).status_code == 404


@pytest.mark.parametrize("accepted", ["theirs", "mine"])
def test_of_two_who_invited_each_other_the_second_reads_that_they_are_together(
    as_sol: Client, as_cleo: Client, sol: Resident, cleo: Resident, accepted: str
) -> None:
    mine, theirs = Invitation.make(sol.partner), Invitation.make(cleo.partner)
    first, second = (as_sol, as_cleo) if accepted == "theirs" else (as_cleo, as_sol)
    opened, other = (theirs, mine) if accepted == "theirs" else (mine, theirs)
    first.post(reverse("couples:invitation_accept", args=[opened.token]))
    answer = second.post(reverse("couples:invitation_accept", args=[other.token]), follow=True)
    name = "Sol" if accepted == "theirs" else "Cleo"
    assert answer.status_code == 200
    assert f"You and {name} are together here already" in answer.text
    assert f'href="{reverse("couples:home")}"' in answer.text
    assert "taken back" not in answer.text


def test_the_page_says_who_is_signed_in_and_lets_them_be_somebody_else(
    as_cleo: Client, invitation: Invitation, cleo: Resident
) -> None:
    text = as_cleo.get(page(invitation)).text
    assert "You are signed in as <bdi>Cleo</bdi>, <bdi>cleo@home.example</bdi>." in text
    form = text.split('class="signed-in"')[1].split("</form>")[0]
    assert f'name="next" value="{page(invitation)}"' in form
    left = as_cleo.post(reverse("account_logout"), {"next": page(invitation)})
    assert left["Location"] == page(invitation)
    assert "Make an account first" in as_cleo.get(page(invitation)).text


# -- The inviter's page --------------------------------------------------------------------------


def test_the_inviter_sees_link_and_qr_code(as_sol: Client) -> None:
    assert "Make a link" in as_sol.get(reverse("couples:invite")).text
    as_sol.post(reverse("couples:invite"))
    invitation = Invitation.objects.get()
    text = as_sol.get(reverse("couples:invite")).text
    assert invitation.link in text
    assert "<svg" in text


def test_the_link_can_be_taken_back(as_sol: Client, invitation: Invitation) -> None:
    as_sol.post(reverse("couples:invite_revoke"))
    assert not Invitation.objects.open().exists()


def test_a_couple_makes_no_invitation(as_ana: Client) -> None:
    as_ana.post(reverse("couples:invite"))
    assert not Invitation.objects.open().exists()


def test_the_mail_has_the_link_and_no_name(
    as_sol: Client, invitation: Invitation, mailbox: Mailbox
) -> None:
    as_sol.post(reverse("couples:invite_mail"), {"email": "cleo@home.example"})
    (mail,) = mailbox()
    assert invitation.link in mail.body
    assert "Sol" not in f"{mail.subject}{mail.body}"


def test_a_wrong_address_is_said_beside_the_field_and_kept(
    as_sol: Client, invitation: Invitation, mailbox: Mailbox
) -> None:
    response = as_sol.post(reverse("couples:invite_mail"), {"email": "cleo at home"})
    assert response.status_code == 422
    assert "cleo at home" in response.text
    assert 'class="error"' in response.text
    assert mailbox() == []
