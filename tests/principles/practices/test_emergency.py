"""I need you now: out after a few seconds unless undone, once, whatever happens to the page."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from couples.crypto import keyring
from couples.mail.outbox import KEY_OWNER
from couples.models import Invitation, Partner
from couples.nudges import hub
from couples.refusals import NotTogether
from principles.catalog.kinds import State
from principles.models import Call, CallSwitch, Draft, Moment, Response
from principles.practices import packed
from principles.practices.models import call as calls
from principles.practices.models.moment import Refused
from tests.conftest import Mailbox
from tests.people import Resident, anew
from tests.principles.practices.steps import again, call_out, switch_on
from tests.races import while_another

HTMX = {"HX-Request": "true"}
NEEDS = "Ana needs you now."
PAGE = "/practices/emergency/"


@pytest.fixture(autouse=True)
def switched_on(request: pytest.FixtureRequest) -> None:
    """Both, and by mail, in whatever test both are in."""
    if "household" in request.fixturenames:
        both = request.getfixturevalue("household")
        switch_on(both.ana, both.ben)


@pytest.fixture
def nudges(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    heard: list[str] = []
    monkeypatch.setattr(hub, "send", lambda home, topic: heard.append(topic))
    return heard


@pytest.fixture
def timers(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, float]]:
    """What would go out, and after how many seconds."""
    set_: list[tuple[Any, float]] = []
    monkeypatch.setattr(calls, "send_after", lambda pk, seconds: set_.append((pk, seconds)))
    return set_


@pytest.fixture
def letters(mailbox: Mailbox) -> Any:
    """The mails that went."""
    return lambda: [(each.subject, each.to, str(each.body)) for each in mailbox()]


def at(call: Moment, name: str) -> str:
    return reverse(f"principles:{name}", args=[call.pk])


def layer(client: Client) -> str:
    return client.get(reverse("principles:call_layer")).text


def test_it_is_recorded_at_once_and_seen_by_nobody_else_yet(
    ana: Resident, as_ana: Client, as_ben: Client, timers: Any, letters: Any
) -> None:
    response = as_ana.post(reverse("principles:call"))
    call = again(Call.objects.get())
    assert response["Location"] == at(call, "moment")
    assert "Undo" in as_ana.get(at(call, "moment")).text
    assert as_ben.get(at(call, "moment")).status_code == 404
    assert NEEDS not in as_ben.get("/home/").text
    assert NEEDS not in layer(as_ben)
    assert as_ben.post(at(call, "call_answer"), {"choice": "here"}).status_code == 404
    assert letters() == []


def test_it_goes_out_by_itself_after_the_few_seconds(
    as_ana: Client, timers: Any, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        as_ana.post(reverse("principles:call"))
        as_ana.post(reverse("principles:call"))
    assert [seconds for _pk, seconds in timers] == [5]


def test_undone_it_leaves_nothing(
    as_ana: Client,
    as_ben: Client,
    timers: Any,
    letters: Any,
    nudges: list[str],
    django_capture_on_commit_callbacks: Any,
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        as_ana.post(reverse("principles:call"))
        call = Call.objects.get()
        as_ana.post(at(call, "call_say"), {"text": "Never mind."})
        as_ana.post(at(call, "call_undo"))
    assert nudges == []
    assert not Moment.objects.exists()
    assert not calls.send(call.pk)
    assert NEEDS not in layer(as_ben)
    assert letters() == []


def test_out_it_stands_on_every_page_and_a_mail_goes(
    ana: Resident,
    ben: Resident,
    as_ben: Client,
    nudges: list[str],
    letters: Any,
    django_capture_on_commit_callbacks: Any,
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        call = call_out(ana)
    assert "emergency" in nudges
    for page in ("/home/", "/letters/", "/principles/repair/", "/reviews/"):
        assert NEEDS in as_ben.get(page, follow=True).text, page
    assert NEEDS in layer(as_ben)
    ((subject, to, body),) = letters()
    assert (subject, to) == ("Please open your home now", [ben.email])
    for never in ("Ana", "Ben", "need", str(call.pk)):
        assert never not in body, never


def test_it_goes_out_once_however_often_it_is_tried(ana: Resident, letters: Any) -> None:
    call = Call.start(ana.partner)
    assert [calls.send(call.pk) for _ in range(3)] == [True, False, False]
    assert len(letters()) == 1


def test_it_goes_out_with_its_mail_or_not_at_all(
    ana: Resident, timers: Any, letters: Any, nudges: list[str]
) -> None:
    call = Call.start(ana.partner)
    with transaction.atomic():
        assert calls.send(call.pk)
        transaction.set_rollback(True)  # as if the power went
    assert letters() == []
    assert again(call).sent_at is None
    assert calls.send(call.pk)
    assert len(letters()) == 1


@pytest.mark.django_db(transaction=True)
def test_what_could_not_go_out_is_tried_again(
    ana: Resident, timers: Any, letters: Any, caplog: pytest.LogCaptureFixture
) -> None:
    call = Call.start(ana.partner)
    keyring.encrypt(KEY_OWNER, keyring.Binding("a table", "a row", "a field"), b"")
    # The key that is there now cannot be opened for a moment.
    ring, keyring._ring = keyring._ring, keyring.KeyRing({"other": b"0" * 32})
    timers.clear()
    calls._send_from_a_thread(call.pk)
    assert timers == [(call.pk, 5.0)]
    assert "It is tried again in 5 s." in caplog.text
    assert again(call).sent_at is None
    keyring._ring = ring
    calls._send_from_a_thread(call.pk)
    assert len(letters()) == 1


def test_over_before_the_mail_was_sent_no_mail_is(ana: Resident, letters: Any) -> None:
    call = call_out(ana)
    again(call).end(ana.partner)
    assert letters() == []


@pytest.mark.parametrize("who", ["ana", "ben"])
def test_whoever_leaves_before_the_mail_was_sent_leaves_no_mail(
    who: str, ana: Resident, ben: Resident, letters: Any
) -> None:
    call_out(ana)
    {"ana": ana, "ben": ben}[who].partner.leave()
    assert letters() == []


def test_an_old_one_stands_on_the_pages_and_goes_by_no_mail(
    ana: Resident, as_ben: Client, timers: Any, letters: Any
) -> None:
    call = Call.start(ana.partner)
    Moment.objects.update(given_at=timezone.now() - timedelta(hours=1))
    assert calls.send(call.pk)
    assert NEEDS in layer(as_ben)
    assert letters() == []


def test_what_was_on_its_way_goes_out_when_the_process_starts(ana: Resident, timers: Any) -> None:
    call = Call.start(ana.partner)
    timers.clear()
    calls.catch_up()
    ((pk, seconds),) = timers
    assert pk == call.pk
    assert 0 <= seconds <= 5
    Moment.objects.update(given_at=timezone.now() - timedelta(hours=1))
    timers.clear()
    calls.catch_up()
    assert timers[0][1] == 0


def test_im_here_and_the_caller_ends_it(ana: Resident, as_ana: Client, as_ben: Client) -> None:
    call = call_out(ana)
    answer = as_ben.post(at(call, "call_answer"), {"choice": "here"}, headers=HTMX)
    assert "You said that you are here." in answer.text
    assert "Ben says: I’m here." in as_ana.get(at(call, "moment")).text
    assert as_ben.post(at(call, "call_end")).status_code == 409
    as_ana.post(at(call, "call_end"))
    as_ana.post(at(call, "call_end"))
    assert again(call).state_for(ana.partner) is State.ENDED
    assert NEEDS not in layer(as_ben)


def test_cannot_come_is_an_answer_and_may_change(
    ana: Resident, as_ana: Client, as_ben: Client
) -> None:
    call = call_out(ana)
    as_ben.post(at(call, "call_answer"), {"choice": "later"})
    page = as_ana.get(at(call, "moment")).text
    assert "Ben cannot come now." in page
    assert "What else you can do" in page
    as_ben.post(at(call, "call_answer"), {"choice": "here"})
    assert "Ben says: I’m here." in as_ana.get(at(call, "moment")).text
    assert Response.objects.count() == 1


def test_without_an_answer_there_is_what_else_to_do_and_no_clock(
    ana: Resident, as_ana: Client, as_ben: Client
) -> None:
    as_ana.post(
        reverse("principles:draft_write", args=["emergency"]),
        {"text": "Mara 0170", "revision": 0, "tab_id": "w"},
    )
    call = call_out(ana)
    page = as_ana.get(at(call, "moment")).text
    for words in ("Ring Ben.", "tel:112", reverse("couples:safety"), "Mara 0170"):
        assert words in page
    assert "ago" not in page.split("What else")[1].split("</section>")[0]
    assert "Mara 0170" not in as_ben.get(at(call, "moment")).text


def test_looking_at_it_tells_the_caller_nothing(
    ana: Resident, as_ana: Client, as_ben: Client
) -> None:
    call = call_out(ana)
    before = layer(as_ana)
    as_ben.get(at(call, "moment"))
    as_ben.post(at(call, "call_hush"), {"back": "/home/"})
    after = layer(as_ana)
    assert before == after
    assert not Response.objects.exists()


def test_put_aside_it_is_a_thin_line_until_it_is_sent_again(
    ana: Resident,
    as_ana: Client,
    as_ben: Client,
    timers: Any,
    letters: Any,
    django_capture_on_commit_callbacks: Any,
) -> None:
    call = call_out(ana)
    as_ben.post(at(call, "call_hush"), {"back": "https://evil.example/"})
    assert "urgent-layer" not in layer(as_ben)
    assert NEEDS in layer(as_ben)
    # Once a minute at most: ten help nobody.
    assert as_ana.post(at(call, "call_again")).status_code == 409
    long_ago = timezone.now() - timedelta(hours=2)
    Moment.objects.update(given_at=long_ago, sent_at=long_ago)
    with django_capture_on_commit_callbacks(execute=True):
        as_ana.post(at(call, "call_again"))
    assert timers[-1] == (call.pk, 0)
    assert calls.send(call.pk)
    assert "urgent-layer" in layer(as_ben)
    assert len(letters()) == 2


def test_putting_aside_leads_to_no_other_site(ana: Resident, as_ben: Client) -> None:
    call = call_out(ana)
    response = as_ben.post(at(call, "call_hush"), {"back": "https://evil.example/"})
    assert response["Location"] == "/home/"


def test_words_can_be_added_and_are_never_asked_for(
    ana: Resident, as_ana: Client, as_ben: Client
) -> None:
    call = call_out(ana)
    as_ana.post(at(call, "call_say"), {"text": "At the station."})
    # On the page that is opened, and nowhere that opens by itself.
    assert "At the station." in as_ben.get(at(call, "moment")).text
    assert "At the station." not in layer(as_ben)
    assert as_ben.post(at(call, "call_say"), {"text": "x"}).status_code == 409


def test_every_transition_that_is_not_there_is_refused(ana: Resident, ben: Resident) -> None:
    call = Call.start(ana.partner)
    hers, his = ana.partner, ben.partner

    def refused(verb: Any) -> None:
        with pytest.raises(Refused):
            verb()

    for verb in (
        lambda: again(call).respond(his, "here"),
        lambda: again(call).undo(his),
        lambda: again(call).again(hers),
        lambda: again(call).withdraw(hers),
        lambda: again(call).end(his),
    ):
        refused(verb)
    calls.send(call.pk)
    for verb in (
        lambda: again(call).undo(hers),
        lambda: again(call).respond(hers, "here"),
        lambda: again(call).withdraw(hers),
        lambda: again(call).follow(hers, "Well."),
        lambda: again(call).suspend(hers),
    ):
        refused(verb)
    again(call).end(hers)
    for verb in (
        lambda: again(call).respond(his, "here"),
        lambda: again(call).say(hers, "x"),
        lambda: again(call).again(hers),
    ):
        refused(verb)


def test_whoever_leaves_ends_the_call(
    ana: Resident,
    ben: Resident,
    as_ana: Client,
    as_ben: Client,
    nudges: list[str],
    django_capture_on_commit_callbacks: Any,
) -> None:
    call = call_out(ana)
    nudges.clear()
    with django_capture_on_commit_callbacks(execute=True):
        ben.partner.leave()
    assert nudges == ["emergency"]
    call = again(call)
    assert call.closed_at == Partner.objects.get(pk=call.receiver.pk).left_at
    assert as_ben.get(at(call, "moment")).status_code in (302, 404)
    for client in (as_ana, as_ben):
        assert NEEDS not in client.get("/home/", follow=True).text
    assert not calls.send(call.pk)


def test_the_caller_who_leaves_ends_it_too(ana: Resident, ben: Resident, as_ben: Client) -> None:
    call = call_out(ana)
    ana.partner.leave()
    assert again(call).closed_at is not None
    kept = reverse("couples:kept_chapter", args=[call.couple_id, "practices"])
    assert as_ben.get(at(call, "moment"))["Location"] == kept


def test_what_has_not_gone_out_when_the_other_leaves_never_does(
    ana: Resident, ben: Resident, timers: Any, letters: Any
) -> None:
    call = Call.start(ana.partner)
    ben.partner.leave()
    timers.clear()
    calls.catch_up()
    assert timers == []
    assert not calls.send(call.pk)
    assert letters() == []


ACTS = ["call_undo", "call_again", "call_say", "call_answer", "call_end", "call_hush"]


def test_the_caller_whom_the_other_leaves_keeps_their_page(
    ana: Resident, ben: Resident, as_ana: Client, sol: Resident
) -> None:
    Draft.write(ana, "emergency", packed.pack({"text": "Cleo, two doors down"}), 0)
    call = call_out(ana)
    ben.partner.leave()
    for part in ("", "?part=now"):
        page = as_ana.get(at(call, "moment") + part, headers=HTMX if part else {})
        assert page.status_code == 200
        assert "Ben has left" in page.text
        assert "Ring Ben" not in page.text
        assert "What else you can do" in page.text
        assert "Cleo, two doors down" in page.text
        assert reverse("couples:safety") in page.text.partition("What else you can do")[2]
    for act in ACTS:
        answer = as_ana.post(at(call, act), {"choice": "here", "text": "Please."}, follow=True)
        assert answer.status_code in (200, 409), act
        assert "What else you can do" in answer.text or act == "call_hush", act
    # It is in no list, and whoever joins later hears nothing of it.
    Invitation.make(anew(ana).partner).accept(sol).confirm()
    history = reverse("principles:history", args=["emergency"])
    assert str(call.pk) not in as_ana.get(history).text
    as_sol = Client()
    as_sol.force_login(sol)
    assert as_sol.get(at(call, "moment")).status_code == 404


def test_the_button_pressed_when_the_other_has_just_left_says_what_else(
    ana: Resident, ben: Resident, as_ana: Client
) -> None:
    ben.partner.leave()
    page = as_ana.post(reverse("principles:call"), follow=True).text
    assert "What else you can do" in page
    assert reverse("couples:safety") in page.partition("What else you can do")[2]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("act", ["call_again", "call_say", "call_end"])
def test_the_page_stays_when_the_other_leaves_at_that_very_moment(
    ana: Resident, ben: Resident, as_ana: Client, act: str
) -> None:
    call = call_out(ana)
    seat, where = ben.partner, at(call, act)
    Call.objects.update(sent_at=timezone.now() - timedelta(minutes=2))
    _left, answer = while_another(seat.leave, lambda: as_ana.post(where, {"text": "Please."}))
    assert answer.status_code == 409
    assert "What else you can do" in answer.text
    assert reverse("couples:safety") in answer.text


def test_somebody_alone_has_no_button(sol: Resident, as_sol: Client) -> None:
    with pytest.raises(NotTogether):
        Call.start(sol.partner)
    as_sol.post(reverse("principles:call"))
    assert not Moment.objects.exists()
    page = as_sol.get(reverse("principles:practice", args=["emergency"])).text
    assert "Who would come" in page
    assert reverse("principles:call") not in page.split("<main")[1].split("</main")[0]


def test_without_javascript_there_is_a_page_that_asks_once(as_ana: Client) -> None:
    page = as_ana.get(reverse("principles:call")).text
    assert "I need you now" in page
    assert not Moment.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_two_answers_from_two_devices_are_one(ana: Resident, ben: Resident) -> None:
    call = call_out(ana)
    his = ben.partner
    results = while_another(
        lambda: again(call).respond(his, "here"), lambda: again(call).respond(his, "here")
    )
    assert all(isinstance(each, Response) for each in results), results
    assert Response.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_different_answers_at_once_are_one_and_the_later_counts(
    ana: Resident, ben: Resident
) -> None:
    call = call_out(ana)
    his = ben.partner
    results = while_another(
        lambda: again(call).respond(his, "later"), lambda: again(call).respond(his, "here")
    )
    assert all(isinstance(each, Response) for each in results), results
    assert Response.objects.get().choice == "here"
    assert again(call).state_for(ana.partner) is State.ANSWERED


@pytest.mark.django_db(transaction=True)
def test_answering_what_is_just_being_ended_is_refused(ana: Resident, ben: Resident) -> None:
    call = call_out(ana)
    hers, his = ana.partner, ben.partner
    results = while_another(lambda: again(call).end(hers), lambda: again(call).respond(his, "here"))
    assert isinstance(results[1], Refused), results
    assert not Response.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_two_buttons_at_once_are_one_call(ana: Resident, ben: Resident, timers: Any) -> None:
    hers = ana.partner
    results = while_another(lambda: Call.start(hers), lambda: Call.start(hers))
    assert results[0] == results[1], results
    assert Moment.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_undoing_and_going_out_are_never_both(
    ana: Resident, ben: Resident, timers: Any, letters: Any
) -> None:
    call = Call.start(ana.partner)
    hers = ana.partner
    results = while_another(lambda: again(call).undo(hers), lambda: calls.send(call.pk))
    assert results == [None, False]
    assert letters() == []


def test_what_was_open_when_somebody_left_does_not_stand_in_the_way_of_the_next(
    ana: Resident, ben: Resident, sol: Resident, as_ana: Client, timers: Any
) -> None:
    before = call_out(ana)
    ben.partner.leave()
    Invitation.make(anew(ana).partner).accept(sol).confirm()
    # With somebody else it is off, until it is switched on.
    assert as_ana.post(reverse("principles:call"))["Location"] == PAGE
    CallSwitch.set(anew(ana).partner, on=True)
    answer = as_ana.post(reverse("principles:call"))
    started = Call.objects.get(closed_at=None)
    assert answer["Location"] == at(started, "moment")
    assert started.pk != before.pk
    assert started.receiver.user == sol
