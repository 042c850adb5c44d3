"""What was sent and could not be kept goes back to whoever typed it, and to nobody else."""

import re
from collections.abc import Mapping

import pytest
from django.http import HttpRequest
from django.test import Client, RequestFactory
from django.urls import reverse

from couples.web.error_pages import broken
from couples.web.unsaved_input import whose, words_of
from tests.people import Resident
from tests.principles.practices.steps import give

OURS = {"Origin": "http://testserver"}
WORDS = "I hid the box."


def sent(data: Mapping[str, object], **headers: str) -> HttpRequest:
    return RequestFactory().post("/", data, headers=OURS | headers)


@pytest.mark.parametrize(
    "words",
    [WORDS, "one\r\ntwo", "今夜は遅くなります", "سامحني", "“Now.”", "  a walk  "],
)
def test_words_are_what_a_person_typed(words: str) -> None:
    data = {
        "csrfmiddlewaretoken": "a" * 64,
        "text": words,
        "id": "0190b2e4-7a8e-7cc1-9d3e-0242ac120002",
        "digest": "f" * 64,
        "revision": "12",
        "until": "2026-12-01",
        "zone": "Asia/Kathmandu",
        "choice": "later",
        "password": "a walk after every dinner",
        "password1": "a walk after every dinner",
        "oldpassword": "a walk after every dinner",
    }
    assert words_of(sent(data)) == [words.replace("\r\n", "\n").strip()]


def test_all_words_of_a_form_in_their_order() -> None:
    data = {"feel": "left out", "about": "", "need": ["to be asked", "to be heard"]}
    assert words_of(sent(data)) == ["left out", "to be asked", "to be heard"]


@pytest.mark.parametrize("origin", ["https://elsewhere.example", "null", "", "http://testserver.x"])
def test_no_other_site_puts_words_on_a_page_of_ours(origin: str) -> None:
    assert words_of(sent({"text": WORDS}, Origin=origin)) == []


def test_too_much_to_read_gives_nothing_back() -> None:
    request = RequestFactory().post("/", {f"line-{n}": WORDS for n in range(2_000)}, headers=OURS)
    assert words_of(request) == []


def test_an_error_of_ours_gives_the_words_back_without_the_database() -> None:
    response = broken(sent({"text": f"<i>{WORDS}"}))
    assert response.status_code == 500
    assert f"&lt;i&gt;{WORDS}" in response.text
    assert "no-store" in response["Cache-Control"]
    assert "not kept" not in broken(RequestFactory().get("/")).text


@pytest.mark.django_db
def test_signed_out_the_words_are_on_the_page_that_says_so() -> None:
    where = reverse("principles:draft_give", args=["backs"])
    page = OURS | {"Referer": "http://testserver/practices/backs/"}
    answer = Client().post(where, {"text": WORDS}, headers=page)
    assert answer.status_code == 403
    assert WORDS in answer.text
    assert 'href="/account/login/?next=/practices/backs/"' in answer.text
    assert "no-store" in answer["Cache-Control"]
    # What a script sends has stayed on its page; from elsewhere, and where nothing was typed, there
    # is nothing to give back.
    for headers, data in (
        (page | {"HX-Request": "true"}, {"text": WORDS}),
        ({"Origin": "https://elsewhere.example"}, {"text": WORDS}),
        (page, {"choice": "later"}),
    ):
        assert Client().post(where, data, headers=headers).status_code == 302


@pytest.mark.django_db
def test_what_has_gone_gives_the_words_back(as_ana: Client, ana: Resident, ben: Resident) -> None:
    """Ben left while she was writing; the page does not tell that, or anything else of his."""
    decision = give(ana, "ws", "We get a dog.")
    ben.partner.leave()
    where = reverse("principles:idea_add", args=[decision.pk])
    form = {"text": WORDS, "whose": whose(ana)}
    answer = as_ana.post(where, form, headers=OURS)
    assert answer.status_code == 404
    assert WORDS in answer.text
    assert "no-store" in answer["Cache-Control"]
    assert "Ben" not in answer.text
    assert WORDS not in as_ana.post(where, form).text
    assert WORDS not in as_ana.get(where).text


@pytest.mark.django_db
def test_a_page_that_has_grown_old_gives_the_words_back(ana: Resident) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(ana)
    where = reverse("principles:draft_give", args=["backs"])
    form = {"text": WORDS, "whose": whose(ana)}
    answer = browser.post(where, form, headers=OURS)
    assert answer.status_code == 403
    assert WORDS in answer.text
    elsewhere = {"Origin": "https://elsewhere.example"}
    assert WORDS not in browser.post(where, form, headers=elsewhere).text


# -- Whoever sits there next -----------------------------------------------------------------------


def fields_of(client: Client, page: str) -> dict[str, str]:
    """What a form of this page sends beside what is typed."""
    return dict(
        re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', client.get(page).text)
    )


@pytest.mark.django_db
def test_words_do_not_go_back_to_who_signs_in_next(ana: Resident, ben: Resident) -> None:
    """She typed, was signed out, and went; he signs in, pages back, and has the page sent again."""
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(ana)
    where = reverse("couples:us_name")
    form = fields_of(browser, "/home/us/") | {"name": WORDS}
    assert form["whose"] not in (str(ana.pk), "")
    browser.logout()
    assert WORDS in browser.post(where, form, headers=OURS).text
    browser.force_login(ben)
    answer = browser.post(where, form, headers=OURS)
    assert answer.status_code == 403
    assert WORDS not in answer.text
    assert WORDS not in browser.post("/nothing/", form, headers=OURS).text
    # Herself, she is given them.
    browser.force_login(ana)
    assert WORDS in browser.post(where, form, headers=OURS).text


@pytest.mark.django_db
def test_a_form_of_nobody_says_nothing_of_whose_it_is(client: Client, as_ana: Client) -> None:
    assert 'name="whose"' not in client.get(reverse("account_login")).text
    assert 'name="whose"' in as_ana.get(reverse("account_change_password")).text


@pytest.mark.django_db
def test_what_a_page_says_once_is_in_no_cookie(as_ana: Client) -> None:
    answer = as_ana.post(reverse("couples:us_name"), {"name": "Anna"})
    assert set(answer.cookies) <= {"session", "csrf"}
    assert "Saved." in as_ana.get(reverse("couples:us")).text
    assert "Saved." not in as_ana.get(reverse("couples:us")).text
