import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from couples.account.demo import ANA, BEN, PASSWORD
from couples.models import User
from letters.models import Client as Writer
from letters.models import Letter

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def asked_for(settings: Settings) -> None:
    settings.DEMO = True


def test_the_demo_couple_has_a_home_to_look_around_in(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("create_demo")
    said = capsys.readouterr().out
    assert all(word in said for word in (ANA, BEN, PASSWORD))
    for email, shown in ((ANA, "We put the phone down"), (BEN, "Our letter")):
        client = Client()
        response = client.post(reverse("account_login"), {"login": email, "password": PASSWORD})
        assert response["Location"] == reverse("couples:home")
        assert shown in client.get(reverse("couples:home")).text
    joint = Letter.objects.joint().get(closed_at=None)
    assert "two sofas" in client.get(reverse("letters:letter_read", args=[joint.pk])).text
    assert Writer.objects.filter(letter=joint).values("person").distinct().count() == 2


def test_asking_for_the_demo_twice_makes_one_couple() -> None:
    call_command("create_demo", verbosity=0)
    call_command("create_demo", verbosity=0)
    assert User.objects.count() == 2


def test_the_published_password_opens_nothing_unless_the_demo_was_asked_for(
    settings: Settings,
) -> None:
    call_command("create_demo", verbosity=0)
    answer = {"login": ANA, "password": PASSWORD}
    page = Client().get(reverse("account_login")).text
    assert PASSWORD in page
    assert "anybody can sign in here" in page
    inside = Client()
    assert inside.post(reverse("account_login"), answer)["Location"] == reverse("couples:home")
    settings.DEMO = False
    assert PASSWORD not in Client().get(reverse("account_login")).text
    assert "anybody can sign in here" not in Client().get("/").text
    assert inside.get(reverse("couples:home"))["Location"].startswith(reverse("account_login"))
    other = Client()
    other.post(reverse("account_login"), answer)
    assert "_auth_user_id" not in other.session
