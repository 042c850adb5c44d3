"""After parting each keeps what they wrote in what both did, and what both decided; no more."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from couples.models import Invitation
from principles.practices import packed
from principles.practices.models.area import Shares
from tests.people import Resident, anew
from tests.principles.practices.steps import again, answer, give, ready, tell

OWN = reverse("principles:own_words")


@pytest.fixture
def parted(ana: Resident, ben: Resident) -> None:
    """Both wrote in every shape, each with their name in it; then Ben left."""
    backs = give(ana, "backs", "Ana asks.")
    backs.respond(ben.partner, "with", "Ben responds.")
    again(backs).follow(ana.partner, "Ana says how it went.")
    give(ben, "transparent", "Ben tells.")
    give(ana, "kindness", "Ana takes this back.").withdraw(ana.partner)

    repair = give(ana, "repair", "Ana begins to mend.")
    tell(repair, ana, "Ana’s side.", "Ana’s part.")
    tell(repair, ben, "Ben’s side.", "Ben’s part.")
    again(repair).write(ben.partner, packed.pack({"story": "Ben has not told this."}), 0)

    asked = give(ana, "joint-decisions", "Ana asks: a dog?")
    ready(asked, ana, "yes", "Ana answers.")
    ready(asked, ben, "not-yet", "Ben answers.")
    decided = give(ben, "joint-decisions", "Both decided: a cat.")
    for person in (ana, ben):
        ready(decided, person, "yes", "")
    unseen = give(ben, "joint-decisions", "Ben asks: a car?")
    ready(unseen, ana, "yes", "Ana answers unseen.")

    needs = give(ben, "ws", "Ben begins.")
    for person in (ana, ben):
        ready(needs, person, "", f"{person.name} needs.")
    again(needs).add_idea(ana.partner, "An idea of Ana’s.")
    chosen = again(needs).add_idea(ben.partner, "Both decided: a tent.")
    for person in (ana, ben):
        again(needs).mark(person.partner, chosen, True)
    again(needs).choose(ana.partner, chosen)

    area = give(ana, "share-power", "Both agreed: money.")
    again(area).propose(ben.partner, Shares("one", "both"), "Both agreed on this.")
    again(area).agree(ana.partner, again(area).proposal_of(ben.partner).pk)
    again(area).propose(ben.partner, Shares("two", "two"), "Ben says it anew.")
    ben.partner.leave()


def words_on(page: str, name: str) -> set[str]:
    """The sentences on the page that begin with a name."""
    main = page.split("<main")[1].split("</main")[0].replace("&#x27;", "’")
    lines = [line.strip() for part in main.split(">") for line in part.split("<")]
    return {line for line in lines if line.startswith(name)}


def test_each_reads_their_own_words_and_what_both_decided(
    parted: None, as_ana: Client, as_ben: Client
) -> None:
    hers, his = as_ana.get(OWN).text, as_ben.get(OWN).text
    assert words_on(hers, "Ana") == {
        "Ana asks.",
        "Ana says how it went.",
        "Ana begins to mend.",
        "Ana’s side.",
        "Ana’s part.",
        "Ana asks: a dog?",
        "Ana answers.",
        "Ana answers unseen.",
        "Ana needs.",
    }
    assert "An idea of Ana’s." in hers
    assert words_on(hers, "Ben") == set()
    assert words_on(his, "Ben") == {
        "Ben responds.",
        "Ben tells.",
        "Ben’s side.",
        "Ben’s part.",
        "Ben has not told this.",
        "Ben answers.",
        "Ben asks: a car?",
        "Ben begins.",
        "Ben needs.",
        "Ben says it anew.",
    }
    assert words_on(his, "Ana") == set()
    assert "An idea of Ana’s." not in his
    assert "I’m with you" in his
    for page in (hers, his):
        assert words_on(page, "Both") >= {
            "Both decided: a cat.",
            "Both decided: a tent.",
            "Both agreed: money.",
            "Both agreed on this.",
        }
        assert "Keeps it going: Ana" in page


def test_both_find_the_way_there(parted: None, as_ana: Client, as_ben: Client) -> None:
    for client in (as_ana, as_ben):
        assert OWN in client.get(reverse("principles:kept")).text


def test_while_they_live_together_it_is_where_it_was(ana: Resident, as_ana: Client) -> None:
    give(ana, "backs", "Ana asks.")
    assert "Ana asks." not in as_ana.get(OWN).text
    assert OWN not in as_ana.get(reverse("principles:kept")).text


def test_nobody_else_reads_a_word(
    parted: None, ana: Resident, cleo: Resident, as_cleo: Client, as_eve: Client, client: Client
) -> None:
    Invitation.make(anew(ana).partner).accept(cleo).confirm()
    for visitor in (as_cleo, as_eve):
        page = visitor.get(OWN).text
        assert words_on(page, "Ana") | words_on(page, "Ben") | words_on(page, "Both") == set()
    assert client.get(OWN)["Location"].startswith(reverse("account_login"))
    assert as_cleo.post(OWN).status_code == 405


def test_who_only_looked_on_keeps_nothing(ana: Resident, ben: Resident, as_ben: Client) -> None:
    give(ana, "backs", "Ana asks.")
    decision = give(ana, "joint-decisions", "Ana asks: a dog?")
    decision.write(ana.partner, answer("yes", "Ana answers."), 0)
    ben.partner.leave()
    assert words_on(as_ben.get(OWN).text, "Ana") == set()
    assert OWN not in as_ben.get(reverse("principles:kept")).text


def test_a_page_of_it_asks_at_most_twelve_times(
    ana: Resident, ben: Resident, as_ana: Client, django_assert_max_num_queries: Callable[..., Any]
) -> None:
    for number in range(12):
        needs = give(ben, "ws", "The summer.")
        for person in (ana, ben):
            ready(needs, person, "", f"The sea, {number}.")
        again(needs).add_idea(ana.partner, "A tent.")
        tell(give(ana, "repair"), ana)
        give(ben, "backs").respond(ana.partner, "with", "Yes.")
        again(give(ana, "share-power")).propose(ana.partner, Shares("one", "two"), "x")
    ben.partner.leave()
    with django_assert_max_num_queries(12):
        assert "The sea" in as_ana.get(OWN).text
