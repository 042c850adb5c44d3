"""I need you now as a weapon: it takes both, either ends it unseen, and there is a bound."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from couples.models import OutgoingMail
from couples.nudges import hub
from couples.refusals import NotTogether
from principles.catalog.kinds import State
from principles.models import Call, CallSwitch, Moment, Sending
from principles.practices.models import call as calls
from principles.practices.models.call import SwitchedOff, TooOften
from tests.people import Resident
from tests.principles.practices.steps import again, call_out, switch_on
from tests.races import while_another

PAGE = reverse("principles:practice", args=["emergency"])
NEEDS = "Ana needs you now."


@pytest.fixture(autouse=True)
def timers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calls, "send_after", lambda pk, seconds: None)


@pytest.fixture
def frames(monkeypatch: pytest.MonkeyPatch, ana: Resident) -> Any:
    """What the socket of a page of Ana's is sent."""
    sent: list[tuple[Any, str]] = []
    monkeypatch.setattr(hub, "send", lambda whose, topic: sent.append((whose, topic)))
    hers = {ana.partner.pk, ana.partner.workspace_id}
    return lambda: [topic for whose, topic in sent if whose in hers]


def turn(client: Client, **what: str) -> None:
    assert client.post(reverse("principles:call_switch"), what).status_code == 302


def press(client: Client) -> Call:
    client.post(reverse("principles:call"))
    call = Call.objects.get(closed_at=None)
    calls.send(call.pk)
    return again(call)


def layer(client: Client) -> str:
    return client.get(reverse("principles:call_layer")).text


def later(by: timedelta) -> None:
    for sending in Sending.objects.all():
        Sending.objects.filter(pk=sending.pk).update(at=sending.at - by)


# -- It takes both -------------------------------------------------------------------------------


def test_it_is_off_until_each_has_switched_it_on(as_ana: Client, as_ben: Client) -> None:
    for client in (as_ana, as_ben):
        assert client.post(reverse("principles:call"))["Location"] == PAGE
        assert client.get(reverse("principles:call"))["Location"] == PAGE
        for page in (PAGE, "/home/", "/principles/emergency/"):
            assert 'action="/practices/now/"' not in client.get(page).text
    assert not Moment.objects.exists()


def test_one_alone_has_it_on_and_reaches_nobody(as_ana: Client, as_ben: Client) -> None:
    turn(as_ana, on="on")
    call = press(as_ana)
    assert NEEDS not in layer(as_ben)
    for page in ("/home/", PAGE, reverse("principles:history", args=["emergency"])):
        assert NEEDS not in as_ben.get(page).text
    assert as_ben.get(reverse("principles:moment", args=[call.pk])).status_code == 404
    assert not OutgoingMail.objects.exists()
    # Switched on afterwards, nothing old comes up.
    turn(as_ben, on="on")
    assert NEEDS not in layer(as_ben)


def test_it_comes_by_mail_to_whoever_wants_it_so(as_ana: Client, as_ben: Client) -> None:
    turn(as_ana, on="on", mail="on")
    turn(as_ben, on="on")
    again(press(as_ana)).end(Call.objects.get().giver)
    assert not OutgoingMail.objects.exists()
    turn(as_ben, mail="on")
    press(as_ana)
    assert OutgoingMail.objects.count() == 1


# -- Nobody is shown the other's -----------------------------------------------------------------


def seen(client: Client, call: Call) -> list[str]:
    """Every page on which a caller could read it."""
    asked = [client.get(page) for page in (PAGE, "/home/", "/principles/emergency/")]
    asked += [client.get(reverse("principles:moment", args=[call.pk])), client.get("/practices/")]
    asked += [client.get(reverse("principles:history", args=["emergency"]))]
    texts = [answer.text for answer in asked]
    assert [answer.status_code for answer in asked] == [200] * len(asked)
    # The head and the socket's address are others in each answer.
    return [text.split("<main")[1] for text in texts]


def without_tokens(texts: list[str]) -> list[str]:
    return [re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}|value=\"[^\"]{16,}\"", "", text) for text in texts]


@pytest.mark.parametrize("his", ["never touched", "off", "off meanwhile", "on"])
def test_the_caller_reads_and_hears_the_same_whatever_the_other_has(
    his: str,
    as_ana: Client,
    as_ben: Client,
    frames: Any,
    django_capture_on_commit_callbacks: Any,
) -> None:
    """Compared with a page that is known: each of the four is the same as that of `on`."""
    turn(as_ana, on="on")
    if his != "never touched":
        turn(as_ben, on="on", mail="on")
    if his == "off":
        turn(as_ben, on="off")
    with django_capture_on_commit_callbacks(execute=True):
        call = press(as_ana)
    heard = frames()
    with django_capture_on_commit_callbacks(execute=True):
        if his == "off meanwhile":
            turn(as_ben, on="off")
    assert heard == ["emergency", "moment-emergency", "home"]
    assert frames() == heard
    mine = as_ana.get(reverse("principles:moment", args=[call.pk])).text
    assert "where you have both switched this on" in mine
    assert "You called Ben" in mine
    assert again(call).state_for(call.giver) is State.GIVEN
    pages = without_tokens(seen(as_ana, call))
    CallSwitch.objects.exclude(partner=call.giver).delete()
    Call.objects.update(reached_at=None)
    assert without_tokens(seen(as_ana, call)) == pages
    Call.objects.update(reached_at=timezone.now())
    CallSwitch.set(call.receiver, on=True)
    assert without_tokens(seen(as_ana, call)) == pages


def test_every_page_of_a_caller_leads_to_other_help(as_ana: Client, as_ben: Client) -> None:
    turn(as_ana, on="on")
    call = press(as_ana)
    page = reverse("principles:moment", args=[call.pk])
    for where in (page, PAGE):
        text = as_ana.get(where).text
        assert "What else you can do" in text
        assert "tel:112" in text
        assert reverse("couples:safety") in text.split("<main")[1].split("</main")[0]
    again(call).end(call.giver)
    assert "What else you can do" in as_ana.get(page).text


# -- Off, at once and unseen ---------------------------------------------------------------------


def test_switched_off_what_stands_over_the_pages_is_gone_and_its_mail_too(
    ana: Resident, ben: Resident, as_ana: Client, as_ben: Client
) -> None:
    switch_on(ana, ben)
    call = press(as_ana)
    assert NEEDS in layer(as_ben)
    assert OutgoingMail.objects.count() == 1
    turn(as_ben, on="off")
    for page in ("/home/", PAGE):
        assert NEEDS not in as_ben.get(page).text
    assert NEEDS not in layer(as_ben)
    assert not OutgoingMail.objects.exists()
    # On again, that call does not come back by itself; a new one would.
    turn(as_ben, on="on")
    assert NEEDS not in layer(as_ben)
    again(call).end(ana.partner)
    press(as_ana)
    assert NEEDS in layer(as_ben)


def test_only_ones_own_pages_hear_of_it(
    ana: Resident,
    ben: Resident,
    as_ben: Client,
    frames: Any,
    django_capture_on_commit_callbacks: Any,
) -> None:
    call_out(ana)
    before = frames()
    with django_capture_on_commit_callbacks(execute=True):
        turn(as_ben, on="off")
    assert frames() == before


def test_whoever_switches_it_off_ends_their_own_call(
    ana: Resident, ben: Resident, as_ana: Client, as_ben: Client
) -> None:
    call = call_out(ana)
    turn(as_ana, on="off")
    assert again(call).state_for(ben.partner) is State.ENDED
    assert NEEDS not in layer(as_ben)
    assert as_ana.get(reverse("principles:moment", args=[call.pk])).status_code == 200


def test_switched_off_before_it_went_out_nothing_does(as_ana: Client, ben: Resident) -> None:
    switch_on(ben)
    turn(as_ana, on="on")
    as_ana.post(reverse("principles:call"))
    pk = Call.objects.get().pk
    turn(as_ana, on="off")
    assert not Call.objects.exists()
    assert not calls.send(pk)


def test_somebody_alone_switches_nothing(sol: Resident, as_sol: Client) -> None:
    turn(as_sol, on="on")
    turn(as_sol, on="off")
    assert not CallSwitch.objects.exists()
    with pytest.raises(NotTogether):
        CallSwitch.set(sol.partner, on=True)


# -- So often ------------------------------------------------------------------------------------


def test_a_second_real_call_goes_through_and_the_third_is_told_when(
    ana: Resident, ben: Resident, as_ana: Client
) -> None:
    switch_on(ana, ben)
    for _ in range(2):
        press(as_ana).end(ana.partner)
    assert OutgoingMail.objects.count() == 0
    answer = as_ana.post(reverse("principles:call"))
    assert answer.status_code == 429
    assert "Ring" in answer.text
    assert "tel:112" in answer.text
    assert Call.objects.filter(closed_at=None).count() == 0
    later(timedelta(minutes=15))
    press(as_ana).end(ana.partner)


def test_in_forty_seven_seconds_two_go_out_and_no_more(
    ana: Resident, ben: Resident, as_ana: Client
) -> None:
    switch_on(ana, ben)
    for _ in range(8):
        if as_ana.post(reverse("principles:call")).status_code == 302:
            call = Call.objects.get(closed_at=None)
            calls.send(call.pk)
            as_ana.post(reverse("principles:call_end", args=[call.pk]))
    assert Sending.objects.count() == 2


def test_sending_again_counts_as_well(ana: Resident, ben: Resident, as_ana: Client) -> None:
    call = call_out(ana)
    for _ in range(3):
        Call.objects.update(sent_at=timezone.now() - timedelta(minutes=2))
        answer = as_ana.post(reverse("principles:call_again", args=[call.pk]))
        calls.send(call.pk)
    assert answer.status_code == 429
    assert "What else you can do" in answer.text
    assert Sending.objects.count() == 2


def test_in_a_day_there_are_six(ana: Resident, ben: Resident, as_ana: Client) -> None:
    switch_on(ana, ben)
    for _ in range(6):
        press(as_ana).end(ana.partner)
        later(timedelta(minutes=16))
    with pytest.raises(TooOften):
        Call.start(ana.partner)
    # Of the day before nothing is kept.
    later(timedelta(days=1))
    press(as_ana)
    assert Sending.objects.count() == 1


def test_switching_off_and_on_does_not_begin_to_count_anew(
    ana: Resident, ben: Resident, as_ana: Client
) -> None:
    switch_on(ana, ben)
    for _ in range(2):
        press(as_ana).end(ana.partner)
    turn(as_ana, on="off")
    turn(as_ana, on="on")
    assert as_ana.post(reverse("principles:call")).status_code == 429


def test_what_was_undone_does_not_count(ana: Resident, ben: Resident, as_ana: Client) -> None:
    switch_on(ana, ben)
    for _ in range(3):
        as_ana.post(reverse("principles:call"))
        Call.objects.get().undo(ana.partner)
    press(as_ana)


# -- Two at once ---------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_switching_off_while_it_goes_out_leaves_nothing_standing(
    ana: Resident, ben: Resident, as_ben: Client
) -> None:
    switch_on(ana, ben)
    call = Call.start(ana.partner)
    his = ben.partner
    results = while_another(lambda: Call.switch_off(his), lambda: calls.send(call.pk))
    assert results == [None, True]
    assert again(call).reached_at is None
    other = Call.start(ana.partner)
    assert other == call
    assert NEEDS not in layer(as_ben)
    assert not OutgoingMail.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_going_out_while_it_is_switched_off_leaves_nothing_standing_either(
    ana: Resident, ben: Resident, as_ben: Client
) -> None:
    switch_on(ana, ben)
    call = Call.start(ana.partner)
    his = ben.partner
    results = while_another(lambda: calls.send(call.pk), lambda: Call.switch_off(his))
    assert results == [True, None]
    assert NEEDS not in layer(as_ben)
    assert not OutgoingMail.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_switching_off_and_calling_at_once_calls_nobody(ana: Resident, ben: Resident) -> None:
    switch_on(ana, ben)
    hers = ana.partner
    results = while_another(lambda: Call.switch_off(hers), lambda: Call.start(hers))
    assert isinstance(results[1], SwitchedOff), results
    assert not Moment.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_both_switching_on_at_once_have_two_switches(ana: Resident, ben: Resident) -> None:
    hers, his = ana.partner, ben.partner
    results = while_another(
        lambda: CallSwitch.set(hers, on=True), lambda: CallSwitch.set(his, on=True)
    )
    assert all(isinstance(each, CallSwitch) for each in results), results
    assert CallSwitch.objects.on().count() == 2


@pytest.mark.django_db(transaction=True)
def test_switching_while_the_other_leaves_is_an_answer(
    ana: Resident, ben: Resident, as_ben: Client
) -> None:
    seat, where = ana.partner, reverse("principles:call_switch")
    _left, answer = while_another(seat.leave, lambda: as_ben.post(where, {"on": "off"}))
    assert answer.status_code == 302
