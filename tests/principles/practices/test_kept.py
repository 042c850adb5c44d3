"""Leaving: each keeps a copy of what both signed, and nothing else of the other's."""

import pytest
from django.test import Client
from django.urls import reverse

from couples.models import Invitation
from principles.models import Agreement
from tests.people import Resident, anew

pytestmark = pytest.mark.django_db

KEPT = reverse("principles:kept")


def sign(one: Resident, two: Resident, slug: str, text: str, *, both: bool = True) -> None:
    wording = Agreement.of(one.partner, slug).propose(one.partner, text)
    wording.sign(one.partner)
    if both:
        wording.sign(two.partner)


@pytest.fixture
def parted(ana: Resident, ben: Resident) -> None:
    sign(ana, ben, "repair", "We come back within the hour.")
    sign(ana, ben, "backs", "We never signed this.", both=False)
    ben.partner.leave()


def test_each_keeps_a_copy_of_what_both_signed(
    parted: None, as_ana: Client, as_ben: Client
) -> None:
    for client in (as_ana, as_ben):
        text = client.get(KEPT).text
        assert "We come back within the hour." in text
        assert "We never signed this." not in text


def test_while_they_live_together_nothing_is_kept_apart(
    ana: Resident, ben: Resident, as_ana: Client
) -> None:
    sign(ana, ben, "repair", "We come back within the hour.")
    assert "We come back" not in as_ana.get(KEPT).text


def test_nobody_else_reads_it(
    parted: None, ana: Resident, cleo: Resident, as_cleo: Client, as_eve: Client, client: Client
) -> None:
    Invitation.make(anew(ana).partner).accept(cleo).confirm()
    for visitor in (as_cleo, as_eve):
        assert "We come back" not in visitor.get(KEPT).text
    assert client.get(KEPT)["Location"].startswith(reverse("account_login"))


def test_it_is_only_read(as_ana: Client) -> None:
    assert as_ana.post(KEPT).status_code == 405


def test_a_later_name_changes_nothing_that_was_signed(
    ana: Resident, ben: Resident, as_ana: Client, as_ben: Client
) -> None:
    """Neither the copies that they keep nor, for who still lives there, the history of it."""
    wording = Agreement.of(ben.partner, "repair").propose(ben.partner, "We come back.", mine="Tea.")
    for person in (ana, ben):
        wording.sign(person.partner)
    ben.partner.leave()
    ben.rename("Benedict")
    for client in (as_ana, as_ben):
        kept = main(client.get(KEPT).text)
        assert "<bdi>Ana</bdi>" in kept
        assert "<bdi>Ben</bdi>" in kept
        assert "Benedict" not in kept
    for name in ("wordings", "principle"):
        page = main(as_ana.get(reverse(f"principles:{name}", args=["repair"])).text)
        assert "Ben" in page
        assert "Benedict" not in page


def test_together_the_names_are_those_of_the_signing_as_well(
    ana: Resident, ben: Resident, as_ana: Client
) -> None:
    wording = Agreement.of(ben.partner, "repair").propose(ben.partner, "We come back.", mine="Tea.")
    wording.sign(ana.partner)
    ben.rename("Benedict")
    ben = anew(ben)
    wording.sign(ben.partner)
    ana.rename("Anastasia")
    text = as_ana.get(reverse("principles:ours_text")).text
    assert "Signed by Ana on" in text
    assert "Signed by Benedict on" in text
    assert "from Benedict: Tea." in text
    sheet = main(as_ana.get(reverse("principles:ours")).text)
    assert "Ana</bdi>" in sheet
    assert "Anastasia" not in sheet


def main(page: str) -> str:
    return page.partition("<main")[2].partition("</main")[0]
