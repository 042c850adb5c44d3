"""Everything that two people hold to, on one sheet."""

from pathlib import Path

import pypdfium2
import pytest
from django.test import Client
from django.urls import reverse

from couples.pdf import client as pdf
from couples.pdf import worker
from principles import catalog
from principles.models import Agreement, Suspension
from tests.people import Resident
from tests.principles.agreements.steps import hold, propose


def can_print() -> bool:
    try:
        pdf.to_pdf("<p>x")
    except pdf.NoPdf:
        return False
    return True


OURS, TEXT = reverse("principles:ours"), reverse("principles:ours_text")


def test_what_both_signed_stands_there_with_both_names(
    as_ana: Client, as_ben: Client, ana: Resident, ben: Resident
) -> None:
    hold(ana, ben)
    propose(ana, "We have not signed this.", "kindness")
    paused = hold(ana, ben, "We rest now.", "ws")
    Suspension.begin(paused.agreement, ben.partner, Suspension.Kind.PAUSED)
    for client in (as_ana, as_ben):
        for url in (OURS, TEXT):
            shown = client.get(url).text
            assert "We come back within the hour." in shown
            assert "not signed this" not in shown
            assert "We rest now" not in shown
            assert "Ana" in shown
            assert "Ben" in shown


def test_the_text_has_all_of_it(as_ana: Client, ana: Resident, ben: Resident) -> None:
    wording = Agreement.of(ana.partner, "repair").propose(
        ana.partner, "We come back.", mine="I put the kettle on.", hardest_when="it rains."
    )
    for user in (ana, ben):
        wording.sign(user.partner)
    response = as_ana.get(TEXT)
    assert response["Content-Disposition"] == 'attachment; filename="ours.txt"'
    assert "no-store" in response["Cache-Control"]
    assert "It looks like this, from Ana: I put the kettle on." in response.text
    assert "Hardest when: it rains." in response.text


def test_empty_and_alone_it_says_so(as_ana: Client, as_sol: Client, ben: Resident) -> None:
    assert "Nothing here yet." in as_ana.get(OURS).text
    assert "An agreement takes two." in as_sol.get(OURS).text


def test_nobody_elses_stand_there(as_cleo: Client, ana: Resident, ben: Resident) -> None:
    hold(ana, ben)
    assert "come back" not in as_cleo.get(OURS).text
    assert "come back" not in as_cleo.get(TEXT).text


@pytest.mark.skipif(not can_print(), reason="needs Pango")
def test_ten_agreements_make_one_sheet(as_ana: Client, ana: Resident, ben: Resident) -> None:
    for number, slug in enumerate(catalog.BY_SLUG):
        wording = Agreement.of(ana.partner, slug).propose(
            ana.partner,
            f"We do this, number {number}, and we do it in more than one line of words.",
            mine="I put the kettle on.",
            hardest_when="one of us has to be up at five.",
        )
        for user in (ana, ben):
            wording.sign(user.partner)
    response = as_ana.get(reverse("principles:ours_pdf"))
    assert response["Content-Type"] == "application/pdf"
    sheet = pypdfium2.PdfDocument(response.content)
    assert len(sheet) == 1
    text = sheet[0].get_textpage().get_text_range()
    for number in range(10):
        assert f"number {number}" in text


@pytest.mark.skipif(not can_print(), reason="needs Pango")
def test_signs_that_no_font_has_are_named_beside_the_file(
    as_ana: Client, ana: Resident, ben: Resident
) -> None:
    hold(ana, ben, "We come back, też później.")
    assert "has no font" not in as_ana.get(OURS).text
    hold(ana, ben, "We see \U000f1234.", "ws")
    assert "<bdi>\U000f1234</bdi>" in as_ana.get(OURS).text


def test_without_a_press_the_page_says_how_else(
    as_ana: Client, ana: Resident, ben: Resident, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = tmp_path / "worker.py"
    script.write_text(f"import sys; sys.exit({worker.NO_LIBRARY})")
    monkeypatch.setattr(pdf, "WORKER", str(script))
    hold(ana, ben)
    response = as_ana.get(reverse("principles:ours_pdf"))
    assert response.status_code == 503
    assert "choose Print" in response.text
    assert TEXT in response.text
