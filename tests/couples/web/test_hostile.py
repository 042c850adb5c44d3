"""Requests that no browser of ours sends: every one has an answer, and so have the pages that say
what went wrong."""

import pytest
from django.http import HttpRequest
from django.test import Client, RequestFactory
from django.urls import reverse

from couples.models import User
from couples.realtime.socket_auth import same_site
from couples.web.addresses import split
from couples.web.error_pages import broken
from couples.web.unsaved_input import whose
from tests.answers import Answer

OURS = {"Origin": "http://testserver"}
WORDS = "I hid the box."
NO_ADDRESS = ["http://[", "http://[::", "//[", "http://\u2100.example", "http://x]y"]
# One that can be written in UTF-7 alone, and in no page.
HALF_A_CHARACTER = b"+2AA-"
BOUNDARY = "multipart/form-data; boundary=b; charset=utf-7"


def part(name: str, value: bytes) -> bytes:
    return b'--b\r\nContent-Disposition: form-data; name="%b"\r\n\r\n%b\r\n' % (
        name.encode(),
        value,
    )


@pytest.mark.parametrize("address", NO_ADDRESS)
def test_what_is_no_address_has_no_parts(address: str) -> None:
    assert not any(split(address))
    assert not same_site(address, "testserver")


@pytest.mark.django_db
@pytest.mark.parametrize("header", ["Origin", "Referer", "HX-Current-URL"])
@pytest.mark.parametrize("address", NO_ADDRESS[:2])
@pytest.mark.parametrize("htmx", [False, True])
def test_every_page_answers_to_what_is_no_address(
    as_ana: Client, header: str, address: str, htmx: bool
) -> None:
    headers = {header: address} | ({"HX-Request": "true"} if htmx else {})
    for client in (as_ana, Client()):
        for page in ("/", "/home/", "/letters/", "/letters/questions/", "/account/login/"):
            assert client.get(page, headers=headers).status_code in (200, 302), page
        assert client.get("/nothing/", headers=headers).status_code == 404
        for page in ("/principles/repair/pledge/", "/practices/backs/give/", "/nothing/"):
            answer = client.post(page, {"text": WORDS}, headers=headers)
            assert answer.status_code < 500, page
    assert broken(RequestFactory().post("/", {"text": WORDS}, headers=headers)).status_code == 500


@pytest.mark.django_db
def test_a_page_that_has_grown_old_answers_to_what_is_no_address(ana: User) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(ana)
    answer = browser.post("/home/us/name/", {"name": WORDS}, headers={"Origin": "http://["})
    assert answer.status_code == 403
    assert "grown old" in answer.text


@pytest.mark.django_db
@pytest.mark.each_database
@pytest.mark.parametrize(
    "address",
    [
        *("/i/%00/", "/reminder/off/%00/", "/calendar/%00.ics", "/principles/a%00/", "/%00"),
        *("/i/%00/accept/", "/i/%00/decline/", "/principles/repair%00/pledge/"),
        "/account/confirm-email/%00/",
    ],
)
def test_no_address_has_a_nul_in_it(as_ana: Client, address: str) -> None:
    for answer in (as_ana.get(address), as_ana.post(address, {"text": WORDS})):
        assert answer.status_code in (404, 405)


@pytest.mark.django_db
@pytest.mark.each_database
@pytest.mark.parametrize("act", ["action_remove", "action_primary", "action_send", "action_add"])
def test_no_mail_address_has_a_nul_in_it(as_ana: Client, act: str) -> None:
    assert as_ana.post("/account/email/", {"email": "a\0@home.example", act: ""}).status_code in (
        302,
        404,
    )
    assert Client().post("/account/login/", {"login": "\0", "password": "\0"}).status_code == 404


@pytest.mark.django_db
@pytest.mark.each_database
@pytest.mark.parametrize("cookie", ['session="\\000"', 'csrf="\\000"', 'pause="a\\000"'])
def test_a_cookie_with_a_nul_in_it_is_none(cookie: str) -> None:
    for page in ("/", "/account/login/", "/nothing/"):
        assert Client().get(page, headers={"Cookie": cookie}).status_code in (200, 404)
    assert Client().get("/home/", headers={"Cookie": cookie}).status_code == 302


# -- What was sent cannot be read ----------------------------------------------------------------


def post(client: Client, page: str, body: bytes, content_type: str) -> Answer:
    """As it stands: the client's own `post` writes in the charset that it is told."""
    return client.generic("POST", page, body, content_type, headers=OURS)


@pytest.mark.django_db
@pytest.mark.parametrize("charset", ["utf-7", "utf-16", "cp037", "no-such", "idna"])
def test_words_are_read_as_our_pages_send_them(as_ana: Client, charset: str) -> None:
    """Whatever somebody says that they are."""
    where = reverse("principles:pledge", args=["repair"])
    kind = f"application/x-www-form-urlencoded; charset={charset}"
    assert post(as_ana, where, b"text=We+walk.&revision=0", kind).status_code == 302
    assert "We walk." in as_ana.get("/principles/repair/").text


@pytest.mark.django_db
def test_half_a_character_breaks_no_page(as_ana: Client) -> None:
    body = part("text", HALF_A_CHARACTER + b" and more") + b"--b--\r\n"
    for page in ("/nothing/", "/principles/repair/pledge/", "/practices/backs/give/"):
        for client in (as_ana, Client()):
            answer = post(client, page, body, BOUNDARY)
            assert answer.status_code < 500, page


def half_read() -> HttpRequest:
    body = part("text", HALF_A_CHARACTER + b" and more") + b"--b--\r\n"
    return RequestFactory().generic("POST", "/", body, BOUNDARY, headers=OURS)


def test_the_error_page_itself_shows_what_can_be_shown() -> None:
    answer = broken(half_read())
    assert answer.status_code == 500
    assert "and more" in answer.text
    body = b"--b\r\nContent-Disposition: form-data; name*=x''y\r\n\r\nz\r\n--b--\r\n"
    request = RequestFactory().generic("POST", "/", body, BOUNDARY, headers=OURS)
    assert broken(request).status_code == 500


@pytest.mark.django_db
@pytest.mark.parametrize("kind", ["form", "parts"])
def test_a_form_that_is_too_large_is_answered_on_a_page_of_ours(
    as_ana: Client, ana: User, kind: str
) -> None:
    long = f"{WORDS} " + "x" * 3_000_000
    where = reverse("principles:pledge", args=["repair"])
    if kind == "form":
        form = "application/x-www-form-urlencoded"
        body = f"whose={whose(ana)}&text=" + long.replace(" ", "+")
        answer = as_ana.post(where, body, content_type=form, headers=OURS)
        assert WORDS in answer.text, "the words are still there"
    else:
        answer = as_ana.post(where, {"text": long}, headers=OURS)
    assert answer.status_code == 413
    assert "too much at once" in answer.text
    assert "no-store" in answer["Cache-Control"]
    elsewhere = {"Origin": "https://elsewhere.example"}
    assert WORDS not in as_ana.post(where, {"text": long}, headers=elsewhere).text


@pytest.mark.django_db
def test_more_fields_than_a_form_has_are_answered_on_a_page_of_ours(as_ana: Client) -> None:
    where = reverse("principles:pledge", args=["repair"])
    answer = as_ana.post(where, {f"line-{n}": WORDS for n in range(2_000)}, headers=OURS)
    assert answer.status_code == 413
    assert "too much at once" in answer.text


@pytest.mark.django_db
def test_what_makes_no_sense_is_answered_on_a_page_of_ours(as_ana: Client) -> None:
    where = reverse("principles:pledge", args=["repair"])
    answer = post(as_ana, where, b"--b", "multipart/form-data; boundary=\xff")
    assert answer.status_code == 400
    assert "could not be read" in answer.text
