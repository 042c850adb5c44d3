"""Every wording of an agreement, and what changed."""

from collections.abc import Callable
from typing import Any

from django.test import Client
from django.urls import reverse

from tests.people import Resident
from tests.principles.agreements.steps import hold, propose

URL = reverse("principles:wordings", args=["repair"])


def items(page: str) -> list[str]:
    return page.split('<li class="wording')[1:]


def test_every_wording_is_there_with_who_and_when(
    as_ana: Client, ana: Resident, ben: Resident
) -> None:
    old = hold(ana, ben)
    old.signatures.get(partner=ben.partner).withdraw()
    propose(ben, "We come back within a day.").take_back(ben.partner)
    propose(ana, "We come back tonight.")
    newest, taken_back, first = items(as_ana.get(URL).text)
    assert "You proposed these words on" in newest
    assert "These are the words now." in newest
    assert "Nobody signed them." in newest
    assert "Ben proposed these words on" in taken_back
    assert "Taken back on" in taken_back
    assert "These are the words now." not in taken_back
    assert "You signed on" in first
    assert "Ben signed on" in first
    assert "Ben withdrew it on" in first
    assert "You withdrew" not in first


def test_the_difference_can_be_heard_as_well_as_seen(as_ana: Client, ana: Resident) -> None:
    propose(ana, "We come back within the hour.")
    propose(ana, "We come back within a day.")
    newest, first = items(as_ana.get(URL).text)
    assert '<del><span class="visually-hidden">removed: </span>the hour' in newest
    assert '<ins><span class="visually-hidden">added: </span>a day' in newest
    assert "<ins>" not in first
    assert ">We come back within a day.</p>" in newest  # and once without the marks


def test_what_people_wrote_is_escaped(as_ana: Client, ana: Resident) -> None:
    propose(ana, "<b>We</b> come.")
    propose(ana, "<i>We</i> come.")
    page = as_ana.get(URL).text
    assert "<b>We" not in page
    assert "<i>We" not in page


def test_without_words_it_says_so(as_ana: Client, as_sol: Client) -> None:
    for client in (as_ana, as_sol):
        assert "There are no words yet." in client.get(URL).text


def test_it_shows_twenty_a_page(as_ana: Client, ana: Resident) -> None:
    for number in range(1, 26):
        propose(ana, f"We come back {number}.")
    first, second = as_ana.get(URL).text, as_ana.get(URL, {"page": 2}).text
    assert len(items(first)) == 20
    assert len(items(second)) == 5
    # The last one of a page is compared with the first one of the next.
    assert "</span>5<span" in items(first)[-1]
    assert "</span>6<span" in items(first)[-1]
    assert "?page=2" in first
    for nonsense in ("0", "99", "x"):
        assert as_ana.get(URL, {"page": nonsense}).status_code == 200


def test_it_asks_a_bounded_number_of_times(
    as_ana: Client, ana: Resident, ben: Resident, django_assert_max_num_queries: Callable[..., Any]
) -> None:
    for number in range(25):
        hold(ana, ben, f"We come back {number}.")
    with django_assert_max_num_queries(8):
        as_ana.get(URL)


def test_words_from_before_are_not_among_those_of_now(ana: Resident, ben: Resident) -> None:
    hold(ana, ben)
    ben.partner.leave()
    client = Client()
    client.force_login(ana)
    assert "Ben signed on" not in client.get(URL).text


def test_the_partner_reads_the_same(as_ben: Client, ana: Resident, ben: Resident) -> None:
    hold(ana, ben, "CANARY We come back.")
    assert "CANARY" in as_ben.get(URL).text


def test_outsiders_read_nothing(
    as_cleo: Client, as_sol: Client, ana: Resident, ben: Resident
) -> None:
    hold(ana, ben, "CANARY We come back.")
    for outsider in (as_cleo, as_sol):
        assert "CANARY" not in outsider.get(URL).text


def test_who_left_reads_nothing(as_eve: Client, ana: Resident, ben: Resident) -> None:
    hold(ana, ben)
    assert as_eve.get(URL)["Location"] == reverse("couples:begin")


def test_there_is_no_eleventh(as_ana: Client) -> None:
    assert as_ana.get(reverse("principles:wordings", args=["patience"])).status_code == 404


def test_anonymous_visitors_sign_in_first(as_anonymous: Client) -> None:
    assert as_anonymous.get(URL)["Location"] == f"/account/login/?next={URL}"


def test_nothing_is_posted_here(as_ana: Client) -> None:
    assert as_ana.post(URL).status_code == 405
