"""A letter of one's own, or a version of it, is deleted; what was given of it stays."""

import pytest
from django.test import Client
from django.urls import reverse

from letters.models import Choice, Letter, Reveal, Share, Version
from tests.letters.giving.steps import again, digest_of, letter_of, ready
from tests.letters.writing import write
from tests.people import Resident

pytestmark = pytest.mark.django_db


@pytest.fixture
def letter(ana: Resident) -> Letter:
    letter = letter_of(ana, "I want to be early.")
    Version.take(letter, Version.Kind.NAMED, by=ana, name="First")
    return letter


def delete(letter: Letter) -> str:
    return reverse("letters:letter_delete", args=[letter.pk])


def test_a_letter_goes_with_its_versions(letter: Letter, as_ana: Client) -> None:
    assert delete(letter) in as_ana.get(reverse("letters:letter_read", args=[letter.pk])).text
    assert as_ana.post(delete(letter))["Location"] == reverse("letters:letters")
    assert not Letter.objects.filter(pk=letter.pk).exists()
    assert not Version.objects.exists()
    assert as_ana.post(delete(letter)).status_code == 404


def test_what_was_given_of_it_stays_and_can_be_taken_back(
    letter: Letter, ana: Resident, as_ana: Client, as_ben: Client
) -> None:
    share = Share.give(letter, ana.partner, digest_of(letter))
    other = letter_of(ana, "I want to be late.")
    kept = Share.give(other, ana.partner, digest_of(other))
    as_ana.post(delete(letter))
    as_ana.post(delete(other))
    page = reverse("letters:share", args=[share.pk])
    for client in (as_ana, as_ben):
        assert "I want to be early." in client.get(page).text
    assert page in as_ben.get(reverse("letters:letters")).text
    as_ana.post(reverse("letters:share_take_back", args=[share.pk]))
    assert "I want to be early." not in as_ben.get(page).text
    kept.refresh_from_db()
    assert kept.taken_back_at is None


def test_a_letter_that_was_chosen_for_a_reveal_is_so_no_more(
    letter: Letter, ana: Resident, ben: Resident, as_ana: Client
) -> None:
    reveal = Reveal.propose(ana.partner)
    ready(reveal, ana, letter=letter)
    as_ana.post(delete(letter))
    assert not Choice.objects.exists()
    assert not again(reveal).ready_ids()


def test_a_version_goes_and_the_letter_stays(letter: Letter, as_ana: Client) -> None:
    page = reverse("letters:version_delete", args=[letter.pk, 1])
    as_ana.post(page)
    assert not Version.objects.exists()
    assert Letter.objects.filter(pk=letter.pk).exists()
    assert as_ana.post(page).status_code == 404


def test_nobody_deletes_a_letter_of_both_or_a_version_of_it(
    ana: Resident, as_ana: Client, as_ben: Client
) -> None:
    joint = Letter.begin_joint(ana.partner)
    write(joint, ana, "Ours.")
    Version.take(joint, Version.Kind.NAMED, by=ana, name="First")
    for client in (as_ana, as_ben):
        assert client.post(delete(joint)).status_code == 404
        page = reverse("letters:version_delete", args=[joint.pk, 1])
        assert client.post(page).status_code == 404
    assert Version.objects.count() == 1


def test_nobody_else_deletes_it(letter: Letter, as_ben: Client, as_eve: Client) -> None:
    for client in (as_ben, as_eve):
        client.post(delete(letter))
        client.post(reverse("letters:version_delete", args=[letter.pk, 1]))
    assert Version.objects.filter(letter=letter).count() == 1
