"""Leaving: each keeps a copy of what both signed, and nothing else of the other's."""

import pytest
from django.test import Client
from django.urls import reverse

from couples.models import Invitation, User
from principles.models import Agreement

pytestmark = pytest.mark.django_db

KEPT = reverse("principles:kept")


def sign(one: User, two: User, slug: str, text: str, *, both: bool = True) -> None:
    wording = Agreement.of(one.partner, slug).propose(one.partner, text)
    wording.sign(one.partner)
    if both:
        wording.sign(two.partner)


@pytest.fixture
def parted(ana: User, ben: User) -> None:
    sign(ana, ben, "repair", "We come back within the hour.")
    sign(ana, ben, "backs", "We never signed this.", both=False)
    ben.partner.leave()


def test_each_keeps_a_copy_of_what_both_signed(parted: None, as_ana: Client, as_ben: Client):
    for client in (as_ana, as_ben):
        text = client.get(KEPT).text
        assert "We come back within the hour." in text
        assert "We never signed this." not in text


def test_while_they_live_together_nothing_is_kept_apart(ana: User, ben: User, as_ana: Client):
    sign(ana, ben, "repair", "We come back within the hour.")
    assert "We come back" not in as_ana.get(KEPT).text


def test_nobody_else_reads_it(
    parted: None, ana: User, cleo: User, as_cleo: Client, as_eve: Client, client: Client
):
    Invitation.make(User.objects.get(pk=ana.pk).partner).accept(cleo)
    for visitor in (as_cleo, as_eve):
        assert "We come back" not in visitor.get(KEPT).text
    assert client.get(KEPT)["Location"].startswith(reverse("account_login"))


def test_it_is_only_read(as_ana: Client):
    assert as_ana.post(KEPT).status_code == 405
