"""The pages of a letter: for its writer, for the two of a joint one, and for nobody else."""

import pytest
from django.test import Client
from django.urls import reverse

from couples.models import Invitation, User
from couples.refusals import NotTogether
from letters.models import Letter
from tests.letters.writing import write
from tests.people import Resident, anew

pytestmark = pytest.mark.django_db

PAGES = ("letter", "letter_read")


def pages(letter: Letter) -> list[str]:
    return [reverse(f"letters:{name}", args=[letter.pk]) for name in PAGES]


@pytest.fixture
def joint(ana: Resident) -> Letter:
    joint = Letter.begin_joint(ana.partner)
    write(joint, ana, "When it is loud, we are slow.")
    return joint


def test_a_personal_letter_opens_with_the_salutation(as_sol: Client, sol: Resident) -> None:
    response = as_sol.post(reverse("letters:letter_begin"))
    letter = Letter.objects.get()
    assert response["Location"] == reverse("letters:letter", args=[letter.pk])
    for page in pages(letter):
        assert '<p class="dear" dir="auto">Dear Relationship,</p>' in as_sol.get(page).text


def test_both_read_the_joint_letter_without_javascript(
    as_ana: Client, as_ben: Client, joint: Letter
) -> None:
    for client in (as_ana, as_ben):
        for page in pages(joint):
            assert "When it is loud, we are slow." in client.get(page).text


def test_the_other_begins_the_same_joint_letter(as_ben: Client, joint: Letter) -> None:
    response = as_ben.post(reverse("letters:letter_begin_joint"))
    assert response["Location"] == reverse("letters:letter", args=[joint.pk])
    assert Letter.objects.count() == 1


def test_alone_there_is_no_joint_letter(as_sol: Client, sol: Resident) -> None:
    as_sol.post(reverse("letters:letter_begin_joint"))
    assert not Letter.objects.exists()
    with pytest.raises(NotTogether):
        Letter.begin_joint(sol.partner)


def test_an_outsider_finds_no_letter(as_cleo: Client, joint: Letter) -> None:
    assert [as_cleo.get(page).status_code for page in pages(joint)] == [404, 404]


def test_an_anonymous_visitor_is_asked_to_sign_in(client: Client, joint: Letter) -> None:
    for page in pages(joint):
        assert client.get(page)["Location"].startswith(reverse("account_login"))


def test_once_one_has_left_both_are_led_to_what_they_keep_and_nobody_writes(
    as_ana: Client, as_ben: Client, joint: Letter, ben: Resident
) -> None:
    ben.partner.leave()
    kept = reverse("couples:kept_chapter", args=[joint.couple_id, "our-letter"])
    for client in (as_ana, as_ben):
        assert [client.get(page)["Location"] for page in pages(joint)] == [kept, kept]
        assert "When it is loud" in client.get(kept).text


def test_who_moves_in_later_finds_nothing_of_it(
    as_ana: Client, joint: Letter, ana: Resident, ben: Resident, eve: User
) -> None:
    ben.partner.leave()
    Invitation.make(anew(ana).partner).accept(eve).confirm()
    as_eve = Client()
    as_eve.force_login(eve)
    assert [as_eve.get(page).status_code for page in pages(joint)] == [404, 404]
    new = as_eve.post(reverse("letters:letter_begin_joint"))["Location"]
    assert "When it is loud" not in as_eve.get(new).text


def test_lines_from_ones_own_answers_are_offered_and_nobody_elses(
    as_ana: Client, as_ben: Client, joint: Letter
) -> None:
    answer = {"text": "I want to ask once more.", "revision": 0}
    as_ana.post(reverse("letters:answer", args=["disagree"]), answer)
    page, _ = pages(joint)
    assert "I want to ask once more." in as_ana.get(page).text
    assert "I want to ask once more." not in as_ben.get(page).text


@pytest.mark.parametrize("name", ["letter_begin", "letter_begin_joint"])
def test_a_letter_is_begun_by_post(as_ana: Client, name: str) -> None:
    assert as_ana.get(reverse(f"letters:{name}")).status_code == 405
