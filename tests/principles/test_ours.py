"""Everything that two people hold to, on one sheet."""

from django.test import Client
from django.urls import reverse

from couples.models import User
from principles.models import Agreement, Rest
from tests.principles.agreeing import hold, propose

OURS, TEXT = reverse("principles:ours"), reverse("principles:ours_text")


def test_what_both_signed_stands_there_with_both_names(
    as_ana: Client, as_ben: Client, ana: User, ben: User
) -> None:
    hold(ana, ben)
    propose(ana, "We have not signed this.", "kindness")
    paused = hold(ana, ben, "We rest now.", "ws")
    Rest.begin(paused.agreement, ben.partner, Rest.Kind.PAUSED)
    for client in (as_ana, as_ben):
        for url in (OURS, TEXT):
            shown = client.get(url).text
            assert "We come back within the hour." in shown
            assert "not signed this" not in shown
            assert "We rest now" not in shown
            assert "Ana" in shown
            assert "Ben" in shown


def test_the_text_has_all_of_it(as_ana: Client, ana: User, ben: User) -> None:
    wording = Agreement.of(ana.partner, "repair").propose(
        ana.partner, "We come back.", mine="I put the kettle on.", hardest="it rains."
    )
    for user in (ana, ben):
        wording.sign(user.partner)
    response = as_ana.get(TEXT)
    assert response["Content-Disposition"] == 'attachment; filename="ours.txt"'
    assert "no-store" in response["Cache-Control"]
    assert "It looks like this, from Ana: I put the kettle on." in response.text
    assert "Hardest when: it rains." in response.text


def test_empty_and_alone_it_says_so(as_ana: Client, as_sol: Client, ben: User) -> None:
    assert "Nothing here yet." in as_ana.get(OURS).text
    assert "An agreement takes two." in as_sol.get(OURS).text


def test_nobody_elses_stand_there(as_cleo: Client, ana: User, ben: User) -> None:
    hold(ana, ben)
    assert "come back" not in as_cleo.get(OURS).text
    assert "come back" not in as_cleo.get(TEXT).text
