"""Two seats, one home per person, and an invitation that opens a door once."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import IntegrityError
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from couples.models import Acceptance, Couple, Invitation, Partner, User, Workspace
from couples.models.invitation import MOST, InvitationStatus, NotOpen
from letters.models import Reflection
from tests.conftest import Mailbox
from tests.people import Resident, anew, make_user
from tests.races import both_at_once, while_another

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
    partner = invitation.accept(cleo).confirm()
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
    invitation.accept(cleo).confirm()
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


def yes(came: Acceptance) -> Callable[[], Partner]:
    """As the page asks for it, which was there a moment ago."""
    return Acceptance.objects.get(pk=came.pk).confirm


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("round", range(3))
def test_a_yes_to_two_people_at_once_is_one(
    invitation: Invitation, cleo: Resident, eve: Resident, round: int
) -> None:
    both = [yes(invitation.accept(who)) for who in (cleo, eve)]
    answers = both_at_once(*both)
    assert sorted(type(answer).__name__ for answer in answers) == ["NotOpen", "Partner"]
    assert Partner.objects.active().filter(workspace=invitation.workspace).count() == 2
    assert not Acceptance.objects.exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("round", range(3))
def test_two_who_say_yes_to_one_person_at_once_are_one(
    sol: Resident, cleo: Resident, eve: User, round: int
) -> None:
    both = [yes(Invitation.make(who.partner).accept(anew(eve))) for who in (sol, cleo)]
    answers = both_at_once(*both)
    assert sorted(type(answer).__name__ for answer in answers) == ["NotOpen", "Partner"]
    assert Partner.objects.active().filter(user=eve).count() == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("round", range(3))
def test_two_people_who_invited_each_other_end_up_in_one_home(
    sol: Resident, cleo: Resident, round: int
) -> None:
    mine, theirs = Invitation.make(sol.partner), Invitation.make(cleo.partner)
    answers = both_at_once(yes(theirs.accept(anew(sol))), yes(mine.accept(anew(cleo))))
    assert sorted(type(answer).__name__ for answer in answers) == ["NotOpen", "Partner"]
    homes = set(Partner.objects.active().values_list("workspace", flat=True))
    assert len(homes) == 1
    assert not Acceptance.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_yes_twice_at_once_is_one(invitation: Invitation, cleo: Resident) -> None:
    def accept() -> Acceptance:
        return Invitation.objects.get(pk=invitation.pk).accept(anew(cleo))

    one, two = while_another(accept, accept)
    assert one == two
    assert Acceptance.objects.count() == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("first", ["taken back", "confirmed"])
def test_a_yes_taken_back_and_answered_at_once_is_one_of_both(
    invitation: Invitation, cleo: Resident, first: str
) -> None:
    pk = invitation.accept(cleo).pk
    back, confirm = (
        lambda: Acceptance.objects.get(pk=pk).withdraw(),
        lambda: Acceptance.objects.get(pk=pk).confirm(),
    )
    came = Acceptance.objects.get(pk=pk)
    if first == "taken back":
        _none, answer = while_another(back, came.confirm)
        assert isinstance(answer, NotOpen)
        assert anew(cleo).partner.is_alone
    else:
        _partner, answer = while_another(confirm, came.withdraw)
        assert isinstance(answer, NotOpen)
        assert not anew(cleo).partner.is_alone


@pytest.mark.django_db(transaction=True)
def test_a_link_taken_back_while_its_question_is_answered_seats_nobody(
    invitation: Invitation, cleo: Resident
) -> None:
    came = invitation.accept(cleo)
    revoke = Invitation.objects.get(pk=invitation.pk).revoke
    _none, answer = while_another(revoke, came.confirm)
    assert isinstance(answer, NotOpen)
    assert anew(cleo).partner.is_alone


@pytest.mark.django_db(transaction=True)
def test_the_inviter_who_leaves_meanwhile_lives_with_nobody(
    invitation: Invitation, cleo: Resident
) -> None:
    came = invitation.accept(cleo)
    leave = Partner.objects.get(pk=invitation.inviter.pk).leave
    _none, answer = while_another(leave, came.confirm)
    assert isinstance(answer, NotOpen)
    assert anew(cleo).partner.is_alone


# -- The yes to who came -------------------------------------------------------------------------


def test_until_both_have_said_yes_there_is_nothing_between_them(
    invitation: Invitation, sol: Resident, as_sol: Client, as_cleo: Client, cleo: Resident
) -> None:
    Reflection.objects.create(person=cleo, question="disagree", text="only mine")
    as_cleo.post(accepting(invitation))
    assert anew(cleo).partner.is_alone
    assert anew(sol).partner.is_alone
    assert not Couple.objects.exists()
    for page_ in ("/home/", "/letters/", "/home/us/", "/principles/", "/practices/", "/reviews/"):
        hers, his = (client.get(page_, follow=True).text for client in (as_cleo, as_sol))
        if page_ != "/home/":
            assert "Sol" not in hers, page_
            assert "Cleo" not in his, page_
        assert "sol@home.example" not in hers
        assert "cleo@home.example" not in his
        assert "only mine" not in his


def test_who_came_can_write_from_the_first_day(
    client: Client, invitation: Invitation, eve: User
) -> None:
    """Eve has no home when she comes."""
    client.force_login(eve)
    client.post(accepting(invitation))
    assert client.get("/home/").status_code == 200
    assert "You said yes to Sol" in client.get("/home/").text
    assert client.get(reverse("letters:questions")).status_code == 200


def test_the_inviter_is_asked_and_says_yes(
    invitation: Invitation, as_sol: Client, as_cleo: Client, cleo: Resident
) -> None:
    as_cleo.post(accepting(invitation))
    assert "Is this Cleo?" in as_sol.get("/home/").text
    asked = as_sol.get(reverse("couples:invite")).text
    assert "Is this Cleo?" in asked
    assert "cleo@home.example" in asked
    answer = as_sol.post(answering(yes=True), follow=True)
    assert "You share a home with Cleo now" in answer.text
    assert anew(cleo).partner.workspace_id == invitation.workspace_id
    assert "You are home already" in as_cleo.get(page(invitation)).text


def test_a_no_shows_nothing_and_leaves_the_link_for_who_was_meant(
    invitation: Invitation, as_sol: Client, as_cleo: Client, cleo: Resident, eve: User
) -> None:
    as_cleo.post(accepting(invitation))
    as_sol.post(answering(yes=False))
    assert "Is this Cleo?" not in as_sol.get("/home/").text
    refused = as_cleo.get(page(invitation))
    assert refused.status_code == 410
    assert "was for somebody else" in refused.text
    as_cleo.post(accepting(invitation))
    assert "Is this Cleo?" not in as_sol.get(reverse("couples:invite")).text
    assert anew(cleo).partner.is_alone
    invitation.accept(anew(eve))
    as_sol.post(answering(yes=True))
    assert anew(eve).partner.workspace_id == invitation.workspace_id


def test_only_the_one_who_invited_answers(
    invitation: Invitation, as_cleo: Client, as_ana: Client, cleo: Resident
) -> None:
    invitation.accept(cleo)
    for client in (as_cleo, as_ana):
        for answer in (True, False):
            client.post(answering(yes=answer))
    assert Acceptance.objects.get().is_open
    assert Client().post(answering(yes=True)).status_code == 302
    assert not Couple.objects.active().filter(workspace=invitation.workspace).exists()


def test_a_yes_can_be_taken_back_and_given_again(
    invitation: Invitation, as_sol: Client, as_cleo: Client
) -> None:
    as_cleo.post(accepting(invitation))
    assert "You said yes" in as_cleo.get(page(invitation)).text
    gone = answering(yes=True)
    as_cleo.post(declining(invitation))
    assert "Is this" not in as_sol.get("/home/").text
    assert "not open any more" in as_sol.post(gone, follow=True).text
    assert "was declined" not in as_cleo.get(page(invitation)).text
    as_cleo.post(accepting(invitation))
    assert "Is this Cleo?" in as_sol.get("/home/").text


def test_several_who_follow_one_link_are_asked_about_each(
    invitation: Invitation, as_sol: Client, cleo: Resident, eve: User
) -> None:
    for who in (cleo, anew(eve)):
        invitation.accept(who)
    asked = as_sol.get(reverse("couples:invite")).text
    assert "Is this Cleo?" in asked
    assert "Is this Eve?" in asked
    Acceptance.objects.get(user=eve).confirm()
    # Whoever was not meant is told of nothing but the link.
    left = Client()
    left.force_login(cleo)
    assert "This invitation has been used" in left.get(page(invitation)).text
    assert "Eve" not in left.get(page(invitation)).text


def test_a_link_that_goes_round_has_an_end(invitation: Invitation, as_cleo: Client) -> None:
    for number in range(MOST):
        invitation.accept(make_user(f"Visitor{number}"))
    answer = as_cleo.post(accepting(invitation), follow=True)
    assert "followed by several people" in answer.text
    assert Acceptance.objects.count() == MOST


def test_an_inviter_who_is_away_for_days_still_finds_the_question(
    invitation: Invitation, as_sol: Client, cleo: Resident
) -> None:
    Invitation.objects.update(expires_at=timezone.now() + timedelta(minutes=1))
    invitation.accept(cleo)
    Invitation.objects.update(expires_at=timezone.now() - timedelta(days=10))
    assert "Is this Cleo?" in as_sol.get("/home/").text
    as_sol.post(answering(yes=True))
    assert anew(cleo).partner.workspace_id == invitation.workspace_id


def test_an_old_yes_does_not_count_by_surprise(
    invitation: Invitation, as_sol: Client, as_cleo: Client, cleo: Resident
) -> None:
    invitation.accept(cleo)
    gone = answering(yes=True)
    Acceptance.objects.update(created_at=timezone.now() - timedelta(days=15))
    assert "Is this Cleo?" not in as_sol.get("/home/").text
    as_sol.post(gone)
    assert anew(cleo).partner.is_alone
    assert "You said yes" not in as_cleo.get("/home/").text


def test_taken_back_the_link_takes_the_question_with_it(
    invitation: Invitation, as_sol: Client, as_cleo: Client, cleo: Resident
) -> None:
    invitation.accept(cleo)
    as_sol.post(reverse("couples:invite_revoke"))
    assert "Is this Cleo?" not in as_sol.get("/home/").text
    assert "was taken back" in as_cleo.get(page(invitation)).text
    assert "You said yes" not in as_cleo.get("/home/").text


def test_a_stranger_who_declines_with_the_link_sends_nobody_away_who_waits(
    invitation: Invitation, as_sol: Client, as_cleo: Client, client: Client, cleo: Resident
) -> None:
    invitation.accept(cleo)
    client.post(declining(invitation))
    assert "You said yes" in as_cleo.get(page(invitation)).text
    as_sol.post(answering(yes=True))
    assert anew(cleo).partner.workspace_id == invitation.workspace_id


def test_who_has_moved_in_elsewhere_is_not_moved_out(
    invitation: Invitation, as_sol: Client, cleo: Resident, eve: User
) -> None:
    invitation.accept(cleo)
    gone = answering(yes=True)
    Invitation.make(anew(cleo).partner).accept(anew(eve)).confirm()
    assert "not open any more" in as_sol.post(gone, follow=True).text
    assert anew(cleo).partner.other().user == eve  # type: ignore[union-attr]


def test_two_who_took_one_name_meanwhile_are_told_apart_first(
    invitation: Invitation, as_sol: Client, cleo: Resident
) -> None:
    invitation.accept(cleo)
    cleo.rename("Sol")
    answer = as_sol.post(answering(yes=True), follow=True)
    assert "You are both called Sol." in answer.text
    assert anew(cleo).partner.is_alone
    anew(cleo).rename("Cleo")
    as_sol.post(answering(yes=True))
    assert not anew(cleo).partner.is_alone


def test_mails_go_to_whoever_wants_them_and_say_nothing(
    as_sol: Client, sol: Resident, as_cleo: Client, eve: User, mailbox: Mailbox
) -> None:
    as_sol.post(reverse("couples:invite"), {"mail": "on"})
    invitation = Invitation.objects.get(inviter=sol.partner)
    invitation.accept(anew(eve))
    as_cleo.post(accepting(invitation), {"mail": "on"})
    # One, however many come.
    (mail,) = mailbox()
    assert (mail.to, mail.subject) == ([sol.email], "Something new at home")
    as_sol.post(reverse("couples:invite_confirm", args=[_of("Cleo").pk]))
    _first, second = mailbox()
    assert second.to == ["cleo@home.example"]
    for name in ("Sol", "Cleo", "Eve"):
        assert name not in f"{mail.body}{second.body}"


def test_without_having_asked_for_mail_nobody_gets_any(
    invitation: Invitation, cleo: Resident, mailbox: Mailbox
) -> None:
    invitation.accept(cleo).confirm()
    assert mailbox() == []


def test_what_is_taken_back_before_its_mail_was_sent_is_not_mailed(
    as_sol: Client, cleo: Resident, mailbox: Mailbox
) -> None:
    as_sol.post(reverse("couples:invite"), {"mail": "on"})
    Invitation.objects.get().accept(cleo)
    as_sol.post(reverse("couples:invite_revoke"))
    assert mailbox() == []


def _of(name: str) -> Acceptance:
    return Acceptance.objects.get(user__name=name)


def accepting(invitation: Invitation) -> str:
    return reverse("couples:invitation_accept", args=[invitation.token])


def declining(invitation: Invitation) -> str:
    return reverse("couples:invitation_decline", args=[invitation.token])


def answering(*, yes: bool) -> str:
    """Where the newest question is answered."""
    newest = Acceptance.objects.order_by("-pk")[0]
    return reverse(f"couples:invite_{'confirm' if yes else 'refuse'}", args=[newest.pk])


# -- The pages -----------------------------------------------------------------------------------


def test_the_guest_sees_who_invites_before_deciding(client: Client, invitation: Invitation) -> None:
    response = client.get(page(invitation))
    assert response.status_code == 200
    assert "Sol would like to share a home with you here" in response.text
    assert response["Referrer-Policy"] == "same-origin"
    assert f"{reverse('account_signup')}?next={page(invitation)}" in response.text


def test_a_guest_accepts(as_cleo: Client, invitation: Invitation, cleo: Resident) -> None:
    response = as_cleo.post(accepting(invitation))
    assert response["Location"] == page(invitation)
    assert "You said yes" in as_cleo.get(page(invitation)).text
    assert Acceptance.objects.get().user == cleo


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
    second.post(answering(yes=True))
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
