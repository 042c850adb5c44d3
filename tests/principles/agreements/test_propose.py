"""Proposing words for an agreement."""

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.html import escape

from couples.models import User
from principles.models import Agreement, Wording
from tests.answers import Answer
from tests.people import Resident
from tests.principles.agreements.steps import HTMX, WORDS, page, propose

URL = reverse("principles:propose", args=["repair"])
PAGE = reverse("principles:principle", args=["repair"])


def sent(reader: Resident, text: str = WORDS, base: object = 0) -> dict[str, object]:
    return {"text": text, "base": base, "reader": reader.partner.pk}


def form(response: Answer) -> str:
    """The form for words, as it came back."""
    return response.text.split('id="propose"')[1].split("</section>")[0]


def test_words_are_proposed(as_ana: Client, ana: Resident, ben: Resident) -> None:
    assert as_ana.post(URL, sent(ben))["Location"] == f"{PAGE}#agreement"
    wording = Wording.objects.get()
    assert (wording.text, wording.proposer, wording.number) == (WORDS, ana.partner, 1)
    assert not wording.signatures.exists()


def test_htmx_gets_the_closed_form_and_the_new_words(as_ana: Client, ben: Resident) -> None:
    response = as_ana.post(URL, sent(ben), headers=HTMX)
    assert response.status_code == 200
    assert "<textarea" not in form(response)
    assert WORDS in response.text
    assert "<html" not in response.text


def test_the_open_form_starts_from_the_newest_words(
    as_ana: Client, ana: Resident, ben: Resident
) -> None:
    propose(ana)
    propose(ben, "We come back tonight.")
    for headers in ({}, HTMX):
        opened = form(as_ana.get(URL, headers=headers))
        assert ">We come back tonight.</textarea>" in opened
        assert 'name="base" id="proposal-base" value="2"' in opened


def test_the_form_is_put_away_again(as_ana: Client, ana: Resident, ben: Resident) -> None:
    propose(ana)
    closed = form(as_ana.get(f"{URL}?close", headers=HTMX))
    assert "<textarea" not in closed
    assert "Propose other words" in closed


def test_line_breaks_are_counted_once(as_ana: Client, ben: Resident) -> None:
    text = "We\n" * 333 + "!"
    assert as_ana.post(URL, sent(ben, text.replace("\n", "\r\n"))).status_code == 302
    assert Wording.objects.get().text == text


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_both_texts_are_shown_when_the_other_was_faster(
    as_ana: Client, ana: Resident, ben: Resident, headers: dict[str, str]
) -> None:
    propose(ana)
    propose(ben, "We come back the same day.")
    response = as_ana.post(URL, sent(ben, "We come back tonight.", base=1), headers=headers)
    assert response.status_code == 409
    shown = form(response)
    assert "Ben changed these words while you were writing." in shown
    assert "Both versions are here; nothing is lost. Keep one, or write a third." in shown
    assert "We come back the same day." in shown
    assert ">We come back tonight.</textarea>" in shown
    assert '<ins><span class="visually-hidden">added: </span>tonight' in shown
    assert Wording.objects.count() == 2
    # Having seen both, Ana may have her way, or write a third.
    assert 'name="base" id="proposal-base" value="2"' in shown
    as_ana.post(URL, sent(ben, "We come back tonight.", base=2))
    assert Wording.objects.get(number=3).text == "We come back tonight."


def test_who_is_overtaken_by_the_first_words_sees_both(
    as_ben: Client, ana: Resident, ben: Resident
) -> None:
    propose(ana)
    response = as_ben.post(URL, sent(ana, "We return."), headers=HTMX)
    assert response.status_code == 409
    assert "Ana proposed words while you were writing." in form(response)


def test_another_window_of_ones_own_is_called_so(
    as_ana: Client, ana: Resident, ben: Resident
) -> None:
    propose(ana)
    response = as_ana.post(URL, sent(ben, "We return."), headers=HTMX)
    assert response.status_code == 409
    assert "You changed these words in another window" in form(response)


def test_words_that_were_taken_back_meanwhile(as_ana: Client, ana: Resident, ben: Resident) -> None:
    propose(ana)
    propose(ben, "We come back the same day.").take_back(ben.partner)
    response = as_ana.post(URL, sent(ben, "We come back the same evening.", base=2), headers=HTMX)
    assert response.status_code == 409
    assert "have been taken back meanwhile" in form(response)
    assert WORDS in form(response)


def test_a_proposal_on_words_that_are_gone_is_the_first(
    as_ana: Client, ana: Resident, ben: Resident
) -> None:
    propose(ben).take_back(ben.partner)
    assert as_ana.post(URL, sent(ben, base=1)).status_code == 302
    assert Wording.objects.get(number=2).text == WORDS


@pytest.mark.parametrize("base", [1, 0, "", "nonsense", "-1", 10**40])
def test_the_same_words_again_get_a_sentence(
    as_ana: Client, ana: Resident, ben: Resident, base: object
) -> None:
    propose(ana)
    response = as_ana.post(URL, sent(ben, f"  {WORDS}\r\n", base))
    assert response.status_code == 422
    assert "These are the words as they stand." in form(response)
    assert Wording.objects.count() == 1


@pytest.mark.parametrize("headers", [{}, HTMX])
@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "Write a sentence first."),
        (" \n ", "Write a sentence first."),
        ("We " * 334, "That is 1001 characters; 1000 fit."),
        ("We\0", "Null characters are not allowed."),
    ],
)
def test_what_cannot_be_proposed_gets_a_sentence_and_stays(
    as_ana: Client, ben: Resident, text: str, sentence: str, headers: dict[str, str]
) -> None:
    response = as_ana.post(URL, sent(ben, text), headers=headers)
    assert response.status_code == 422
    shown = form(response)
    assert sentence in shown
    assert 'aria-invalid="true"' in shown
    assert f">{escape(text)}</textarea>" in shown
    assert not Agreement.objects.exists()


def test_somebody_else_living_here_by_now_stops_it(
    as_ana: Client, ana: Resident, eve: User
) -> None:
    """The page was opened while another person would have read the words."""
    data = {"text": WORDS, "base": 0, "reader": eve.seats.get().pk}
    response = as_ana.post(URL, data, headers=HTMX)
    assert response.status_code == 422
    assert "who lives here has changed" in form(response)
    assert WORDS in form(response)
    assert not Wording.objects.exists()


def test_alone_nothing_is_proposed(as_sol: Client, sol: Resident) -> None:
    for headers in ({}, HTMX):
        assert as_sol.get(URL, headers=headers).status_code == 200
        response = as_sol.post(URL, sent(sol), headers=headers)
        assert response.status_code == 422
    assert not Agreement.objects.exists()


def test_the_partner_reads_the_words(
    as_ana: Client, as_ben: Client, ana: Resident, ben: Resident
) -> None:
    as_ana.post(URL, sent(ben))
    assert WORDS in page(as_ben)


def test_an_outsider_proposes_nothing_here(as_cleo: Client, ana: Resident, ben: Resident) -> None:
    assert as_cleo.post(URL, sent(ben)).status_code == 422
    assert not Wording.objects.exists()


def test_there_is_no_eleventh(as_ana: Client, ben: Resident) -> None:
    url = reverse("principles:propose", args=["patience"])
    assert as_ana.post(url, sent(ben)).status_code == 404
    assert as_ana.get(url).status_code == 404


def test_anonymous_visitors_sign_in_first(as_anonymous: Client, ben: Resident) -> None:
    assert as_anonymous.post(URL, sent(ben))["Location"].startswith("/account/login/")
    assert not Wording.objects.exists()


def test_other_methods_are_refused(as_ana: Client) -> None:
    assert as_ana.put(URL).status_code == 405
    assert as_ana.delete(URL).status_code == 405
