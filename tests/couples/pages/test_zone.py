"""Days and hours are those of whoever looks; and the switch that shows one in a letter or not."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from couples.models import Invitation
from couples.zones import zones_by_region
from letters.models import Letter, Share
from tests.letters.giving.steps import digest_of, letter_of
from tests.people import Resident, anew

pytestmark = pytest.mark.django_db

US, ZONE, PRESENCE = (reverse(f"couples:{name}") for name in ("us", "us_zone", "us_presence"))
# Still the second of May in Lisbon an hour before, and in São Paulo three hours after.
MIDNIGHT = datetime(2027, 5, 3, 0, 30, tzinfo=UTC)


def test_a_place_can_be_chosen(as_ana: Client, ana: Resident) -> None:
    page = as_ana.get(US).text
    assert '<option value="" selected>' in page
    assert "Not said yet" in page
    assert as_ana.post(ZONE, {"zone": "Asia/Kathmandu"})["Location"] == US
    ana.refresh_from_db()
    assert ana.time_zone == "Asia/Kathmandu"
    assert '<option value="Asia/Kathmandu" selected>' in as_ana.get(US).text


@pytest.mark.parametrize("zone", ["", "Mars/Olympus_Mons", "../../etc/passwd", "x" * 300])
def test_a_place_that_is_none_is_refused_beside_the_field(
    as_ana: Client, ana: Resident, zone: str
) -> None:
    response = as_ana.post(ZONE, {"zone": zone})
    assert response.status_code == 422
    assert 'class="error"' in response.text
    assert f'value="{ana.name}"' in response.text
    ana.refresh_from_db()
    assert ana.time_zone == ""


def test_an_older_name_is_understood_and_stays(as_ana: Client, ana: Resident) -> None:
    as_ana.post(ZONE, {"zone": "US/Eastern"})
    ana.refresh_from_db()
    assert ana.time_zone == "US/Eastern"
    assert '<option value="US/Eastern" selected>' in as_ana.get(US).text


def test_the_list_holds_places_only() -> None:
    named = [name for _region, names in zones_by_region() for name, _place in names]
    assert len(named) > 300
    assert "Europe/Lisbon" in named
    assert not [name for name in named if name.startswith(("Etc/", "US/"))]


@pytest.mark.parametrize(
    ("zone", "day"),
    [("", "3 May"), ("America/Sao_Paulo", "2 May"), ("Pacific/Kiritimati", "3 May")],
)
def test_days_are_those_of_whoever_looks(
    as_ana: Client, as_ben: Client, ana: Resident, ben: Resident, zone: str, day: str
) -> None:
    """On every page, whether a template or Python writes the date; and only for that person."""
    letter = letter_of(ana, "I want to stay.")
    share = Share.give(letter, ana.partner, digest_of(letter))
    Share.objects.update(shared_at=MIDNIGHT)
    Letter.objects.update(created_at=MIDNIGHT)
    if zone:
        ana.live_in(zone)
    page = reverse("letters:share", args=[share.pk])
    for where in (page, "/letters/", "/home/"):
        assert f"on {day}" in as_ana.get(where).text, where
    assert "on 3 May" in as_ben.get(page).text


def test_the_day_of_an_invitation_is_that_of_whoever_looks(as_sol: Client, sol: Resident) -> None:
    Invitation.make(sol.partner)
    Invitation.objects.update(expires_at=MIDNIGHT.replace(year=2050))
    assert "until 3 May" in as_sol.get("/home/").text
    sol.live_in("America/Sao_Paulo")
    assert "until 2 May" in as_sol.get("/home/").text


def test_the_next_visitor_has_their_own_days_again(
    as_ana: Client, ana: Resident, client: Client
) -> None:
    ana.live_in("Pacific/Kiritimati")
    as_ana.get(US)
    assert timezone.get_current_timezone_name() == "UTC"
    client.get("/")
    assert timezone.get_current_timezone_name() == "UTC"


def test_the_other_is_not_shown_where_one_lives(
    as_ana: Client, as_ben: Client, ben: Resident
) -> None:
    ben.live_in("Asia/Kathmandu")
    for page in (US, "/home/", "/letters/"):
        text = as_ana.get(page).text
        assert 'value="Asia/Kathmandu" selected' not in text
        assert page == US or "Kathmandu" not in text
    assert 'value="Asia/Kathmandu" selected' in as_ben.get(US).text


def test_it_costs_no_query(
    as_ana: Client, ana: Resident, django_assert_num_queries: Callable[..., Any]
) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            as_ana.get(US)
        return len(captured)

    before = queries()
    ana.live_in("Asia/Kathmandu")
    assert queries() == before
    with django_assert_num_queries(0):
        Client().get("/safety/")


def test_the_switch_says_what_it_does(as_ana: Client, ana: Resident) -> None:
    page = as_ana.get(US).text
    assert "Show that you are in our letter" in page
    assert "Whoever does not show themselves does not see the other either." in page
    assert as_ana.post(PRESENCE, {"shown": "off"})["Location"] == US
    ana.refresh_from_db()
    assert not ana.shows_presence
    assert "Show that I am there" in as_ana.get(US).text
    as_ana.post(PRESENCE, {"shown": "on"})
    assert anew(ana).shows_presence
    assert as_ana.post(PRESENCE, {"shown": "on"}, headers={"HX-Request": "true"}).status_code == 204


def test_alone_there_is_nobody_to_be_shown_to(as_sol: Client) -> None:
    assert "Show that you are in our letter" not in as_sol.get(US).text


def test_whether_one_shows_oneself_is_not_told(
    as_ana: Client, as_ben: Client, ben: Resident
) -> None:
    before = len(as_ana.get(US).content)
    ben.show_presence(False)
    assert len(as_ana.get(US).content) == before


@pytest.mark.parametrize("address", [ZONE, PRESENCE])
def test_both_are_changed_by_post_and_by_whom_they_concern(
    as_ana: Client, as_eve: Client, client: Client, address: str
) -> None:
    assert as_ana.get(address).status_code == 405
    assert client.post(address)["Location"].startswith(reverse("account_login"))
    # A place is a person's own; to be seen in a letter takes a home.
    if address == PRESENCE:
        assert as_eve.post(address)["Location"] == reverse("couples:begin")
    else:
        assert as_eve.post(address).status_code == 422


@pytest.mark.parametrize("zone", ["localtime", "Factory"])
def test_what_a_computer_is_set_to_is_no_place(as_ana: Client, ana: Resident, zone: str) -> None:
    """Both stand in the database of zones, the first of them where the system keeps it there."""
    assert as_ana.post(ZONE, {"zone": zone}).status_code == 422
    with pytest.raises(ValueError, match=zone):
        ana.live_in(zone)
    # And from before they were refused:
    ana.time_zone = zone
    assert ana.zone == timezone.get_default_timezone()
