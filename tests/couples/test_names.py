"""What people may be called, and how two of one name are told apart."""

import pytest
from django.test import Client
from django.urls import reverse

from couples.models import Acceptance, Invitation, User, Workspace
from couples.models.invitation import InvitationStatus, NotOpen
from couples.names import SameName, look_alike
from tests.people import PASSWORD, Resident, anew, at_home, make_user
from tests.races import while_another

pytestmark = pytest.mark.django_db

NAME = reverse("couples:us_name")
UNSEEN = "A sign in this name cannot be seen."
EMPTY = "A name needs a letter that can be seen."
REFUSED = [
    ("\u202enaB", UNSEEN),
    ("Ana\u2066", UNSEEN),
    ("Ana\u200e", UNSEEN),
    ("An\u200ba", UNSEEN),
    ("Ana\ufeff", UNSEEN),
    ("An\u0007a", UNSEEN),
    ("\u200d\u200d", EMPTY),
    ("\u3164\u3164", EMPTY),
    ("\u2800", EMPTY),
    ("\u0301", EMPTY),
    ("...", EMPTY),
]
FINE = ["Ana", "שרה", "علی‌رضا", "क्षमा", "José", "Zoë-Marie O’Neil", "👩‍🚀", "7", "李", "W" * 60]


@pytest.mark.parametrize(("name", "said"), REFUSED)
def test_a_name_that_cannot_be_seen_or_turns_others_is_refused(
    as_ana: Client, client: Client, ana: Resident, name: str, said: str
) -> None:
    response = as_ana.post(NAME, {"name": name})
    assert response.status_code == 422
    assert said in response.text
    ana.refresh_from_db()
    assert ana.name == "Ana"
    sent = {"name": name, "email": "kim@home.example", "password1": PASSWORD}
    assert said in client.post(reverse("account_signup"), sent).text
    assert not User.objects.filter(email="kim@home.example").exists()


@pytest.mark.parametrize("name", FINE)
def test_a_name_of_any_language_is_taken(as_ana: Client, ana: Resident, name: str) -> None:
    assert as_ana.post(NAME, {"name": name}).status_code == 302
    ana.refresh_from_db()
    assert ana.name == name


def test_a_name_is_kept_as_one_line_in_one_spelling(as_ana: Client, ana: Resident) -> None:
    as_ana.post(NAME, {"name": "  Jose\u0301   Mari\u0301a "})
    ana.refresh_from_db()
    assert ana.name == "José María"


@pytest.mark.parametrize("name", ["Ben", "ben", "B e n", "Ｂｅｎ", "Ben."])
def test_nobody_takes_the_name_of_the_other(as_ana: Client, ana: Resident, name: str) -> None:
    response = as_ana.post(NAME, {"name": name})
    assert response.status_code == 422
    assert "Ben is the other one of you." in response.text
    ana.refresh_from_db()
    assert ana.name == "Ana"


def test_one_may_spell_ones_own_name_anew(as_ana: Client, ana: Resident) -> None:
    assert as_ana.post(NAME, {"name": "ANA"}).status_code == 302


@pytest.mark.django_db(transaction=True)
def test_two_who_take_one_name_at_the_same_moment_do_not_both_get_it(
    ana: Resident, ben: Resident
) -> None:
    def take(person: Resident) -> None:
        User.objects.get(pk=person.pk).rename("Sam")

    answers = while_another(lambda: take(ana), lambda: take(ben))
    assert [type(answer) for answer in answers] == [type(None), SameName]


@pytest.fixture
def invitation(db: None) -> Invitation:
    sam = make_user("Sam")
    Workspace.begin(sam)
    return Invitation.make(at_home(sam).partner)


@pytest.fixture
def namesake(db: None) -> User:
    return User.objects.create_user("other-sam@home.example", "sam", PASSWORD)


def test_whoever_joins_somebody_of_their_name_chooses_another(
    invitation: Invitation, namesake: User
) -> None:
    client = Client()
    client.force_login(namesake)
    page = client.get(reverse("couples:invitation", args=[invitation.token]))
    assert page.status_code == 200
    assert "You are both called sam." in page.text
    accept = reverse("couples:invitation_accept", args=[invitation.token])
    assert client.post(accept)["Location"] == page.request["PATH_INFO"]
    for name, said in (
        ("SAM", "Sam is the other one of you."),
        ("\u202e", UNSEEN),
        ("", "required"),
    ):
        response = client.post(accept, {"name": name})
        assert response.status_code == 422, name
        assert said in response.text
    namesake.refresh_from_db()
    assert namesake.name == "sam"
    assert client.post(accept, {"name": "Sammy"})["Location"] == page.request["PATH_INFO"]
    Acceptance.objects.get().confirm()
    joined = anew(namesake)
    assert (joined.name, joined.partner.workspace) == ("Sammy", invitation.workspace)


def test_the_model_itself_seats_no_two_of_one_name(invitation: Invitation, namesake: User) -> None:
    with pytest.raises(NotOpen) as refused:
        invitation.accept(namesake)
    assert refused.value.status is InvitationStatus.SAME_NAME
    assert namesake.partner is None


def test_what_looks_alike() -> None:
    assert look_alike("Sam", " sam")
    assert look_alike("Ｓam", "S a m.")
    assert not look_alike("Sam", "Sami")
    assert not look_alike("Sam", "Säm")
