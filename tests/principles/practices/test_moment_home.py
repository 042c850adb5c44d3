"""What the home page says of the practices that wait."""

from django.test import Client
from django.utils import timezone

from principles.practices.dashboard import MOST
from principles.practices.models.area import Shares
from tests.people import Resident
from tests.principles.practices.steps import again, give


def test_home_says_when_an_area_is_to_be_looked_at_again(
    ana: Resident, ben: Resident, as_ana: Client
) -> None:
    area = give(ana, "share-power", "Money")
    day = timezone.localdate()
    area.propose(ana.partner, Shares("one", "both", day))
    assert "Ana says how it could be." not in as_ana.get("/home/").text
    again(area).propose(ben.partner, Shares("one", "both", day))
    assert "You wanted to look at this again." in as_ana.get("/home/").text
    again(area).propose(ben.partner, Shares("two", "both"))
    assert "Ben says how it could be." in as_ana.get("/home/").text
    again(area).propose(ana.partner, Shares("two", "both"))
    assert "Money" not in as_ana.get("/home/").text


def test_home_says_what_waits_and_no_content(as_ana: Client, as_ben: Client, ben: Resident) -> None:
    give(ben, "transparent", "I hid the box.")
    give(ben, "joint-decisions", "We get a dog.")
    give(ben, "supporters", "The soup.")
    page = as_ana.get("/home/").text
    assert "Ben wants you to know something." in page
    assert "We get a dog." in page
    assert "I hid the box." not in page
    # The jar waits for nobody.
    assert "The soup." not in page
    assert "Ben wants you" not in as_ben.get("/home/").text


def test_the_newest_are_at_home_and_the_rest_is_where_home_says(
    as_ana: Client, as_ben: Client, ben: Resident
) -> None:
    there = "Something waits for you there."
    give(ben, "tell-first", "We got the flat.")
    for number in range(MOST):
        assert "And more" not in as_ana.get("/home/").text
        give(ben, "joint-decisions", f"Question {number}?")
    page = as_ana.get("/home/").text
    assert page.count("Question ") >= MOST
    assert "Ben has news" not in page
    assert "And more" in page
    assert "And more" not in as_ben.get("/home/").text
    everything = as_ana.get("/practices/").text
    assert everything.count(there) == 2
    # Ben has put the questions, and not answered them either.
    assert as_ben.get("/practices/").text.count(there) == 1
