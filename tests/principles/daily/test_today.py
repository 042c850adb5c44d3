"""Every day: one principle, one small way, a word about it or none."""

import html
import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from couples import nudges
from couples.models import Invitation, User
from couples.refusals import NotTogether
from principles import catalog
from principles.daily.models.day import NotAsSeen
from principles.daily.today import look
from principles.models import Day, SharedDay, Way
from tests.people import Resident, anew
from tests.principles.agreements.steps import HTMX
from tests.races import while_another

HOME, DAYS = reverse("couples:home"), reverse("principles:days")
SAY, CHOOSE, LINE = (reverse(f"principles:today_{name}") for name in ("say", "choose", "line"))


def line(text: str, revision: int = 0, tab_id: str = "w") -> dict[str, object]:
    return {"text": text, "revision": revision, "tab_id": tab_id}


def test_done_not_today_and_neither_after_all(as_ana: Client, ana: Resident) -> None:
    for outcome in ("done", "not_today", ""):
        response = as_ana.post(SAY, {"outcome": outcome}, headers=HTMX)
        assert response.status_code == 200
        assert Day.objects.get(person=ana).outcome == outcome
    assert as_ana.post(SAY, {"outcome": "done"})["Location"] == f"{HOME}#today"
    assert as_ana.post(SAY, {"outcome": "perfect"}).status_code == 404


def test_what_one_does_is_not_shown_to_the_other(as_ana: Client, as_ben: Client) -> None:
    before = as_ben.get(HOME).text
    as_ana.post(SAY, {"outcome": "done"})
    as_ana.post(LINE, line("I asked twice."))
    as_ana.post(CHOOSE, {"principle": "ws"})
    after = as_ben.get(HOME).text
    assert "I asked twice." not in after
    assert len(after) == pytest.approx(len(before), abs=40)  # tokens differ, nothing else


def test_another_one_for_oneself(as_ana: Client, as_ben: Client) -> None:
    turn = as_ben.get(HOME).text.split("<h1>")[1].split("</h1>")[0]
    other = next(each for each in catalog.PRINCIPLES if str(each.name)[1:] not in turn)
    as_ana.post(SAY, {"outcome": "done"})
    as_ana.post(CHOOSE, {"principle": other.slug})
    mine = as_ana.get(HOME).text
    assert f"Today: {str(other.name)[:1].lower()}" in mine
    assert Day.objects.get().outcome == ""
    assert as_ben.get(HOME).text.split("<h1>")[1].split("</h1>")[0] == turn
    assert as_ana.post(CHOOSE, {"principle": "patience"}).status_code == 404


def test_the_line_is_kept_as_it_is_typed(as_ana: Client) -> None:
    response = as_ana.post(LINE, line("I as"), headers=HTMX)
    assert (response.status_code, response["X-Revision"]) == (200, "1")
    # The answer got lost: the same page saves again over its own words.
    as_ana.post(LINE, line("I asked", 0), headers=HTMX)
    assert Day.objects.get().text == "I asked"
    assert as_ana.post(LINE, line("I asked twice.", 2))["Location"] == HOME


def test_an_empty_line_makes_no_day(as_ana: Client) -> None:
    assert as_ana.post(LINE, line(""), headers=HTMX).status_code == 200
    assert not Day.objects.exists()


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_two_windows_lose_nothing(as_ana: Client, headers: dict[str, str]) -> None:
    as_ana.post(LINE, line("from the phone", 0, "phone"))
    response = as_ana.post(LINE, line("from the desk", 0, "desk"), headers=headers)
    assert response.status_code == 409
    assert "from the phone" in response.text
    assert "from the desk</textarea>" in response.text
    assert 'name="revision" value="1"' in response.text
    as_ana.post(LINE, line("from the desk", 1, "desk"))
    assert Day.objects.get().text == "from the desk"


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_too_long_a_line_is_said_and_stays(as_ana: Client, headers: dict[str, str]) -> None:
    response = as_ana.post(LINE, line("x" * 1001), headers=headers)
    assert response.status_code == 422
    assert "1000 fit" in response.text
    assert "x" * 1001 in response.text


# -- A page that was left open over midnight -----------------------------------------------------


def over_midnight(client: Client, person: Resident, headers: dict[str, str]) -> dict[str, str]:
    """Where the home page sends things that was opened a day ago: these two places are exactly
    that far apart."""
    person.live_in("Pacific/Honolulu")
    page = client.get(HOME).text
    person.live_in("Pacific/Kiritimati")
    found = {}
    for name, address in (("say", SAY), ("choose", CHOOSE), ("line", LINE)):
        asked = re.search(rf'action="({address}\?[^"]+)"', page)
        assert asked
        found[name] = html.unescape(asked[1])
    return found


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_done_is_said_of_the_day_and_the_principle_that_the_page_shows(
    as_ana: Client, ana: Resident, headers: dict[str, str]
) -> None:
    shown = over_midnight(as_ana, ana, headers)
    with timezone.override(ana.zone):
        yesterday = timezone.localdate() - timedelta(days=1)
    principle = look(ana.partner, yesterday).principle
    answer = as_ana.post(shown["say"], {"outcome": "done"}, headers=headers)
    day = Day.objects.get()
    assert (day.on, day.principle, day.outcome) == (yesterday, principle.slug, "done")
    if headers:
        assert 'aria-pressed="true"' in answer.text
        assert f"<h1>{principle.name}</h1>" in answer.text
        assert "This page is from" in answer.text
    else:
        assert "Kept with" in as_ana.get(HOME).text
    # Today is as it was: nothing said.
    assert 'aria-pressed="true"' not in as_ana.get(HOME).text


def test_the_line_is_kept_with_the_day_that_the_page_shows(as_ana: Client, ana: Resident) -> None:
    shown = over_midnight(as_ana, ana, HTMX)
    with timezone.override(ana.zone):
        today = timezone.localdate()
    as_ana.post(shown["line"], line("I asked twice."), headers=HTMX)
    as_ana.post(LINE, line("A new day."), headers=HTMX)
    said = {day.on: day.text for day in Day.objects.all()}
    assert said == {today - timedelta(days=1): "I asked twice.", today: "A new day."}


def test_another_one_is_taken_for_the_day_that_the_page_shows(
    as_ana: Client, ana: Resident
) -> None:
    shown = over_midnight(as_ana, ana, HTMX)
    as_ana.post(shown["choose"], {"principle": "ws"}, headers=HTMX)
    with timezone.override(ana.zone):
        assert Day.objects.get().on == timezone.localdate() - timedelta(days=1)


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_done_is_not_said_of_a_principle_that_was_taken_in_another_window(
    as_ana: Client, headers: dict[str, str]
) -> None:
    page = as_ana.get(HOME).text
    asked = re.search(rf'action="({SAY}\?[^"]+)"', page)
    assert asked
    address = html.unescape(asked[1])
    other = next(each.slug for each in catalog.PRINCIPLES if each.slug not in address)
    as_ana.post(CHOOSE, {"principle": other})
    answer = as_ana.post(address, {"outcome": "done"}, headers=headers)
    assert Day.objects.get().outcome == ""
    said = "You took another one for that day in another window."
    assert said in (answer.text if headers else as_ana.get(HOME).text)


@pytest.mark.parametrize("on", ["tomorrow", "2999-01-01", ""])
def test_no_day_is_said_of_before_it_is_there(as_ana: Client, on: str) -> None:
    answer = as_ana.post(f"{SAY}?on={on}", {"outcome": "done"})
    assert answer.status_code == (404 if "2999" in on else 302)
    assert all(day.on <= timezone.localdate() for day in Day.objects.all())


# -- Sharing -------------------------------------------------------------------------------------


def test_the_exact_line_is_given_and_taken_back(
    as_ana: Client, as_ben: Client, ana: Resident, ben: Resident
) -> None:
    as_ana.post(LINE, line("I asked twice."))
    day = Day.objects.get()
    url = reverse("principles:day_share", args=[day.pk])
    assert "I asked twice." in as_ana.get(url).text
    as_ana.post(url, {"revision": day.revision, "reader": ben.partner.pk})
    as_ana.post(LINE, line("What I say now is mine.", 1))
    shown = as_ben.get(HOME).text
    assert "I asked twice." in shown
    assert "is mine" not in shown
    assert "I asked twice." in as_ben.get(DAYS).text
    assert "as it was when you gave it" in as_ana.get(HOME).text
    as_ana.post(reverse("principles:day_take_back", args=[day.pk]))
    assert "I asked twice." not in as_ben.get(HOME).text + as_ben.get(DAYS).text
    assert not SharedDay.objects.exists()


def test_only_what_was_previewed_is_given(
    as_ana: Client, ana: Resident, ben: Resident, eve: User
) -> None:
    as_ana.post(LINE, line("I asked twice."))
    day = Day.objects.get()
    url = reverse("principles:day_share", args=[day.pk])
    for revision, reader in ((0, ben.partner.pk), (1, eve.seats.get().pk), (1, "")):
        assert as_ana.post(url, {"revision": revision, "reader": reader}).status_code == 409
    assert not SharedDay.objects.exists()
    with pytest.raises(NotAsSeen):
        day.share(ana.partner, eve.seats.get(), 1)


def test_leaving_ends_the_reading(
    as_ana: Client, as_ben: Client, ana: Resident, ben: Resident
) -> None:
    as_ana.post(LINE, line("I asked twice."))
    Day.objects.get().share(ana.partner, ben.partner, 1)
    ana.partner.leave()
    Invitation.make(anew(ben).partner).accept(User.objects.get(name="Eve")).confirm()
    assert "I asked twice." not in as_ben.get(HOME).text + as_ben.get(DAYS).text


def test_the_partner_does_not_find_the_day(as_ana: Client, as_ben: Client, as_cleo: Client) -> None:
    as_ana.post(LINE, line("I asked twice."))
    day = Day.objects.get()
    for client in (as_ben, as_cleo):
        for name in ("day_share", "day_take_back"):
            assert client.post(reverse(f"principles:{name}", args=[day.pk])).status_code == 404
        assert "I asked twice." not in client.get(DAYS).text


# -- The record, and ways of one's own -----------------------------------------------------------


def test_the_record_pages_and_counts_nothing(as_ana: Client, ana: Resident) -> None:
    today = timezone.localdate()
    for ago in range(1, 131):
        day = Day.of(ana, today - timedelta(days=ago), "repair", f"way number {ago} back")
        day.say("done" if ago % 3 else "not_today")
    first, last = as_ana.get(DAYS).text, as_ana.get(DAYS, {"page": 3}).text
    assert "way number 1 back" in first
    assert "way number 61 back" not in first
    assert "way number 130 back" in last
    for word in ("streak", "130", "%", "in a row"):
        assert word not in first.split("<main")[1].replace("way number 130 back", "")


def test_empty_it_invites(as_sol: Client) -> None:
    assert "Nothing here yet." in as_sol.get(DAYS).text


def test_ways_of_two_come_round_for_both(
    as_ana: Client, as_ben: Client, as_cleo: Client, ana: Resident
) -> None:
    url = reverse("principles:ways", args=["repair"])
    as_ana.post(url, {"text": "Walk to the bridge and back."})
    assert "the bridge" in as_ben.get(url).text
    assert "the bridge" not in as_cleo.get(url).text
    way = Way.objects.get()
    remove = reverse("principles:way_remove", args=["repair", way.pk])
    assert as_cleo.post(remove).status_code == 404
    from principles.daily.today import way_for

    start = timezone.localdate()
    met = {
        str(way_for(ana.partner, catalog.BY_SLUG["repair"], start + timedelta(days=day)))
        for day in range(13 * 10)
    }
    assert "Walk to the bridge and back." in met
    assert len(met) == 13
    as_ben.post(remove)
    assert not Way.objects.exists()


def test_ways_of_one_alone_stay_private(sol: Resident, as_sol: Client, eve: User) -> None:
    as_sol.post(reverse("principles:ways", args=["repair"]), {"text": "Breathe on the stairs."})
    Invitation.make(sol.partner).accept(eve).confirm()
    newcomer = anew(eve)
    sol = anew(sol)
    assert not Way.objects.visible_to(newcomer.partner).exists()
    assert Way.objects.visible_to(sol.partner).get().text == "Breathe on the stairs."


def test_a_way_needs_words(as_ana: Client) -> None:
    url = reverse("principles:ways", args=["repair"])
    for text in ("", "x" * 301):
        response = as_ana.post(url, {"text": text})
        assert response.status_code == 422
        assert 'class="error"' in response.text


class Desk:
    """In the place of the loop on which the open pages are: notes what is there when it is told."""

    def __init__(self) -> None:
        self.told: list[tuple[str, int]] = []

    def is_closed(self) -> bool:
        return False

    def call_soon_threadsafe(self, deliver: object, home: object, topic: str) -> None:
        self.told.append((topic, Way.objects.count()))


@pytest.mark.django_db(transaction=True)
def test_pages_are_told_of_a_way_once_it_is_there(
    ana: Resident, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = Desk()
    monkeypatch.setattr(nudges.hub, "loop", desk)
    Way.add(ana.partner, "repair", "Walk to the bridge and back.")
    assert desk.told == [("today", 1)]


@pytest.mark.django_db(transaction=True)
def test_a_way_is_for_those_who_were_there_when_it_was_written(
    ana: Resident, ben: Resident
) -> None:
    hers, his = ana.partner, ben.partner
    assert hers.other() == his
    _left, refused = while_another(his.leave, lambda: Way.add(hers, "repair", "Walk."))
    assert isinstance(refused, NotTogether)
    assert not Way.objects.exists()
