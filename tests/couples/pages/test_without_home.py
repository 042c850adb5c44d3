"""Somebody without a home has an account all the same, and their own words."""

import pytest
from django.test import Client
from django.urls import reverse

from couples.models import User
from letters.models import Letter, Reflection, Value
from letters.reflection import questions
from tests.letters.writing import write
from tests.people import PASSWORD, Resident

pytestmark = pytest.mark.django_db

BEGIN, US = reverse("couples:begin"), reverse("couples:us")
WORDS = reverse("letters:words_export")


def test_the_first_question_leads_to_what_is_ones_own(as_eve: Client) -> None:
    page = as_eve.get(BEGIN).text
    assert f'href="{US}"' in page.split("<main")[1].split("</main>")[0]
    assert f'href="{WORDS}"' in page
    assert f'href="{US}"' in page.split('<footer class="foot">')[1]


def test_every_way_of_the_account_is_there(as_eve: Client) -> None:
    page = as_eve.get(US).text
    for name in (
        "account_logout",
        "account_change_password",
        "account_email",
        "usersessions_list",
        "letters:words_export",
        "couples:begin",
    ):
        address = reverse(name)
        assert f'href="{address}"' in page, name
        assert as_eve.get(address, follow=True).status_code == 200, name
    for none in ("couples:leave", "couples:us_presence", "couples:invite"):
        assert reverse(none) not in page


def test_name_and_place_can_be_changed(as_eve: Client, eve: User) -> None:
    assert as_eve.post(reverse("couples:us_name"), {"name": "Eva"})["Location"] == US
    assert as_eve.post(reverse("couples:us_zone"), {"zone": "Europe/Lisbon"})["Location"] == US
    eve.refresh_from_db()
    assert (eve.name, eve.time_zone) == ("Eva", "Europe/Lisbon")


def test_signing_out(as_eve: Client) -> None:
    as_eve.post(reverse("account_logout"))
    assert as_eve.get(BEGIN)["Location"].startswith(reverse("account_login"))


def test_ones_own_words_are_read_and_taken_along(as_eve: Client, eve: User, ana: Resident) -> None:
    Reflection.answer(eve, questions.QUESTIONS[0], "Slower than the kettle.", 0)
    Value.name(eve, "Patience")
    write(Letter.begin_personal(eve), eve, "I want to be somebody who stays.")
    Reflection.answer(ana, questions.QUESTIONS[0], "canary of Ana", 0)
    write(Letter.begin_personal(ana), ana, "canary of Ana")
    again = as_eve.get(WORDS)["Location"]
    assert again.startswith(reverse("account_reauthenticate"))
    as_eve.post(again, {"password": PASSWORD})
    for query in ("", "?as=text", "?as=markdown", "?as=json"):
        text = as_eve.get(WORDS + query).text
        for mine in ("Slower than the kettle.", "Patience", "somebody who stays."):
            assert mine in text, (query, mine)
        assert "canary" not in text
