"""The home page, the first question, and the page about oneself and the home."""

import pytest
from django.test import Client
from django.urls import reverse

from couples.models import Invitation, Partner, User
from tests.people import PASSWORD, Resident

pytestmark = pytest.mark.django_db

HOME, BEGIN, US, LEAVE = (reverse(f"couples:{name}") for name in ("home", "begin", "us", "leave"))


def test_whoever_has_no_home_is_asked_how_to_begin(as_eve: Client) -> None:
    assert as_eve.get(HOME)["Location"] == BEGIN
    assert "On my own first" in as_eve.get(BEGIN).text


@pytest.mark.parametrize(
    ("how", "leads_to"), [("together", "couples:invite"), ("alone", "couples:home")]
)
def test_beginning(as_eve: Client, eve: User, how: str, leads_to: str) -> None:
    assert as_eve.post(BEGIN, {"how": how})["Location"] == reverse(leads_to)
    assert Partner.objects.active().get(user=eve).is_alone


def test_beginning_twice_makes_one_home(as_eve: Client, eve: User) -> None:
    as_eve.post(BEGIN, {"how": "alone"})
    as_eve.post(BEGIN, {"how": "alone"})
    assert Partner.objects.active().filter(user=eve).count() == 1


def test_whoever_has_a_home_is_not_asked_again(as_ana: Client) -> None:
    assert as_ana.get(BEGIN)["Location"] == HOME


def test_the_front_page_leads_home(as_ana: Client, client: Client) -> None:
    assert as_ana.get("/")["Location"] == HOME
    assert "Dear Relationship," in client.get("/").text


def test_home_alone_is_complete(as_sol: Client) -> None:
    text = as_sol.get(HOME).text
    assert "Today" in text
    assert "Every page works for one" in text
    assert "Six questions" in text


def test_home_of_two_names_both(as_ana: Client) -> None:
    text = as_ana.get(HOME).text
    assert "Who lives here" in text
    assert "Ben" in text


def test_home_alone_shows_the_invitation_that_is_out(as_sol: Client, sol: Resident) -> None:
    Invitation.make(sol.partner)
    assert "Your invitation" in as_sol.get(HOME).text


def test_a_nudged_page_fetches_its_part_only(as_ana: Client) -> None:
    text = as_ana.get(HOME, headers={"HX-Request": "true"}).text
    assert text.strip().startswith('<div id="waiting"')


def test_a_name_can_be_changed(as_ana: Client, ana: Resident) -> None:
    as_ana.post(reverse("couples:us_name"), {"name": "Anna"})
    ana.refresh_from_db()
    assert ana.name == "Anna"


@pytest.mark.parametrize("name", ["", " ", "A" * 61])
def test_a_name_that_is_none_is_refused_beside_the_field(
    as_ana: Client, ana: Resident, name: str
) -> None:
    response = as_ana.post(reverse("couples:us_name"), {"name": name})
    assert response.status_code == 422
    assert 'class="error"' in response.text
    ana.refresh_from_db()
    assert ana.name == "Ana"


# -- Leaving -------------------------------------------------------------------------------------


def sign_in_again(client: Client) -> None:
    """The password once more, as leaving asks for it."""
    response = client.post(reverse("account_reauthenticate"), {"password": PASSWORD, "next": LEAVE})
    assert response["Location"] == LEAVE


def test_leaving_asks_for_a_fresh_sign_in(as_ben: Client, ben: Resident) -> None:
    assert as_ben.post(LEAVE)["Location"].startswith(reverse("account_reauthenticate"))
    assert Partner.objects.active().filter(user=ben).exists()


def test_leaving_takes_one_person_and_happens_now(
    as_ben: Client, as_ana: Client, ben: Resident
) -> None:
    sign_in_again(as_ben)
    assert "It happens now" in as_ben.get(LEAVE).text
    assert as_ben.post(LEAVE)["Location"] == BEGIN
    assert not Partner.objects.active().filter(user=ben).exists()
    assert as_ben.get(HOME)["Location"] == BEGIN
    assert "Here on your own" in as_ana.get(HOME).text


def test_leaving_takes_the_open_invitation_back(as_sol: Client, sol: Resident) -> None:
    invitation = Invitation.make(sol.partner)
    sol.partner.leave()
    assert not Invitation.objects.open().filter(pk=invitation.pk).exists()
