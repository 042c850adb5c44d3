"""The names under what both signed are those of the signing. What is kept: couples/kept/."""

import pytest
from django.test import Client
from django.urls import reverse

from principles.models import Agreement
from tests.people import Resident, anew

pytestmark = pytest.mark.django_db


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
