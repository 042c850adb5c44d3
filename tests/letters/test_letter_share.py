"""Giving a personal letter: exactly the words that were previewed, and to one person."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from couples.models import Invitation, User
from letters.models import Letter, Share
from tests.letters.writing import write

pytestmark = pytest.mark.django_db

CANARY = "the yellow canary"


@pytest.fixture
def letter(ana: User) -> Letter:
    letter = Letter.begin_personal(ana)
    write(letter, ana, "I want to stay.")
    return letter


def preview(client: Client, letter: Letter) -> str:
    """The digest of what the preview shows."""
    text = client.get(reverse("letters:letter_share", args=[letter.pk])).text
    assert "I want to stay." in text
    found = re.search(r'name="digest" value="(\w+)"', text)
    assert found
    return found[1]


def give(client: Client, letter: Letter, digest: str):
    return client.post(reverse("letters:letter_share", args=[letter.pk]), {"digest": digest})


def test_the_other_reads_exactly_what_was_previewed(as_ana: Client, as_ben: Client, letter: Letter):
    response = give(as_ana, letter, preview(as_ana, letter))
    share = Share.objects.get()
    assert response["Location"] == reverse("letters:share", args=[share.pk])
    assert "I want to stay." in as_ben.get(response["Location"]).text
    assert response["Location"] in as_ben.get(reverse("letters:letters")).text


def test_later_words_stay_private(as_ana: Client, as_ben: Client, letter: Letter, ana: User):
    address = give(as_ana, letter, preview(as_ana, letter))["Location"]
    write(letter, ana, CANARY)
    for page in (address, reverse("letters:letters"), reverse("couples:home")):
        assert CANARY not in as_ben.get(page).text


def test_words_written_after_the_preview_are_not_given(
    as_ana: Client, as_ben: Client, letter: Letter, ana: User
):
    digest = preview(as_ana, letter)
    write(letter, ana, CANARY)
    response = give(as_ana, letter, digest)
    assert response.status_code == 409
    assert "nothing has been shared yet" in response.text
    assert CANARY in response.text
    assert not Share.objects.exists()


def test_giving_the_same_words_twice_gives_them_once(as_ana: Client, letter: Letter):
    digest = preview(as_ana, letter)
    assert give(as_ana, letter, digest)["Location"] == give(as_ana, letter, digest)["Location"]
    assert Share.objects.count() == 1


def test_until_it_is_given_the_other_sees_nothing(as_ana: Client, as_ben: Client, letter: Letter):
    preview(as_ana, letter)
    for name in ("letter", "letter_read", "letter_share"):
        assert as_ben.get(reverse(f"letters:{name}", args=[letter.pk])).status_code == 404
    assert str(letter.pk) not in as_ben.get(reverse("letters:letters")).text
    assert give(as_ben, letter, "x").status_code == 404


def test_what_was_given_is_for_these_two(
    as_ana: Client, as_cleo: Client, client: Client, letter: Letter, ana: User, ben: User, eve: User
):
    address = give(as_ana, letter, preview(as_ana, letter))["Location"]
    assert as_cleo.get(address).status_code == 404
    assert client.get(address)["Location"].startswith(reverse("account_login"))
    # Ben leaves; neither he nor whoever moves in after him reads it.
    ben.partner.leave()
    Invitation.make(User.objects.get(pk=ana.pk).partner).accept(eve)
    for person in (ben, eve):
        visitor = Client()
        visitor.force_login(person)
        assert "I want to stay." not in visitor.get(address, follow=True).text
        assert visitor.get(reverse("letters:letters"), follow=True).status_code == 200
    assert "I want to stay." in as_ana.get(address).text


def test_alone_there_is_nobody_to_give_it_to(as_sol: Client, sol: User):
    letter = Letter.begin_personal(sol)
    response = as_sol.get(reverse("letters:letter_share", args=[letter.pk]))
    assert "nobody here to give it to" in response.text
    give(as_sol, letter, "x")
    assert not Share.objects.exists()


def test_a_joint_letter_is_not_given_by_one(as_ana: Client, ana: User):
    joint = Letter.begin_joint(ana.partner.workspace)
    assert as_ana.get(reverse("letters:letter_share", args=[joint.pk])).status_code == 404
