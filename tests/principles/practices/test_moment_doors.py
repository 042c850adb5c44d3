"""What can be asked of the practices, and by whom; what is typed stays when something is wrong."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from principles.models import Draft, Kept, Moment
from principles.practices import packed
from tests.people import Resident
from tests.principles.practices.steps import again, give, ready, switch_on

HTMX = {"HX-Request": "true"}


def at(moment: Any, name: str = "moment") -> str:
    return reverse(f"principles:{name}", args=[moment.pk])


def give_at(kind: str) -> str:
    return reverse("principles:draft_give", args=[kind])


@pytest.mark.parametrize("verb", ["kept_take_up", "kept_discard"])
def test_what_somebody_kept_is_found_by_nobody_else(
    verb: str, ana: Resident, as_ben: Client, as_cleo: Client
) -> None:
    kept = Draft.keep(ana, "backs", packed.pack({"text": "x"}), 0)
    for client in (as_ben, as_cleo):
        assert client.post(at(kept, verb)).status_code == 404
    assert Kept.objects.get() == kept


def test_kept_words_are_taken_up_and_let_go(ana: Resident, as_ana: Client) -> None:
    kept = Draft.keep(ana, "backs", packed.pack({"text": "The exam."}), 0)
    as_ana.post(at(kept, "kept_take_up"))
    assert "The exam." in as_ana.get("/practices/backs/").text
    kept = Draft.keep(ana, "tell-first", packed.pack({"text": "News."}), 0)
    as_ana.post(at(kept, "kept_discard"))
    assert not Kept.objects.exists()


def test_an_unknown_practice_is_not_found(as_ana: Client) -> None:
    assert as_ana.get("/practices/revenge/").status_code == 404
    assert as_ana.post(give_at("revenge")).status_code == 404


def test_an_emergency_is_neither_given_nor_kept_like_words(as_ana: Client) -> None:
    for name in ("draft_give", "draft_keep"):
        address = reverse(f"principles:{name}", args=["emergency"])
        assert as_ana.post(address, {"text": "x", "revision": 0}).status_code == 404
    assert not Moment.objects.exists()


def test_what_is_missing_is_said_and_what_was_typed_stays(as_ana: Client) -> None:
    sent = {"feel": "cold", "about": "", "need": "", "revision": 0, "tab_id": "w"}
    response = as_ana.post(give_at("kindness"), sent)
    assert response.status_code == 422
    assert "Start with one line." in response.text
    assert "cold" in response.text
    assert not Moment.objects.exists()


def test_what_is_too_long_stays(as_ana: Client) -> None:
    sent = {"text": "x" * 4001, "revision": 0, "tab_id": "w"}
    response = as_ana.post(give_at("transparent"), sent)
    assert response.status_code == 422
    assert "x" * 4001 in response.text


def test_giving_after_the_other_has_left_keeps_the_words(ben: Resident, as_ana: Client) -> None:
    ben.partner.leave()
    sent = {"text": "I hid the box.", "revision": 0, "tab_id": "w"}
    response = as_ana.post(give_at("transparent"), sent)
    assert response.status_code == 409
    assert "I hid the box." in response.text
    assert not Moment.objects.exists()


def test_two_windows_see_both_texts(ana: Resident, as_ana: Client) -> None:
    Draft.write(ana, "transparent", packed.pack({"text": "Elsewhere."}), 0, "first")
    address = reverse("principles:draft_write", args=["transparent"])
    sent = {"text": "Here.", "revision": 0, "tab_id": "second"}
    response = as_ana.post(address, sent, headers=HTMX)
    assert response.status_code == 409
    for text in ("Elsewhere.", "Here."):
        assert text in response.text
    assert "<html" not in response.text
    # The next save is a decision between them.
    assert as_ana.post(address, sent | {"revision": 1}, headers=HTMX).status_code == 200


def test_an_answer_that_comes_too_late_says_why(
    ana: Resident, ben: Resident, as_ben: Client
) -> None:
    offer = give(ana, "backs")
    offer.withdraw(ana.partner)
    response = as_ben.post(at(offer, "moment_respond"), {"choice": "with"})
    assert response.status_code == 409
    assert "It was taken back in the meantime." in response.text
    assert as_ben.post(at(offer, "moment_respond"), {"choice": "no such"}).status_code == 404


def test_what_was_typed_comes_back_where_it_came_too_late(
    ana: Resident, ben: Resident, as_ana: Client, as_ben: Client
) -> None:
    backs, repair, question = (give(ana, kind) for kind in ("backs", "repair", "joint-decisions"))
    ws, area = give(ana, "ws"), give(ana, "share-power")
    for person in (ana, ben):
        ready(ws, person)
    backs.withdraw(ana.partner)
    again(question).stop(ben.partner)
    for each in (repair, ws, area):
        again(each).suspend(ben.partner)
    words, seen = "Typed in the tram.", {"revision": 0, "tab_id": "w"}
    for client, moment, verb, sent in (
        (as_ben, backs, "moment_respond", {"choice": "with", "text": words}),
        (as_ana, repair, "side_tell", seen | {"story": words}),
        (as_ana, question, "decision_ready", seen | {"choice": "yes", "text": words}),
        (as_ana, ws, "idea_add", {"text": words}),
        (as_ana, area, "area_propose", {"leads": "one", "decides": "both", "text": words}),
    ):
        response = client.post(at(moment, verb), sent)
        assert response.status_code == 409, verb
        assert f"{words}</blockquote>" in response.text, verb
    # Saving as one types takes the place of the form, and so do its words.
    for moment, verb in ((repair, "side_write"), (question, "decision_write")):
        sent = seen | {"story": words, "text": words}
        assert f"{words}</blockquote>" in as_ana.post(at(moment, verb), sent, headers=HTMX).text


def test_the_same_twice_is_the_same(ana: Resident, ben: Resident, as_ana: Client) -> None:
    repair, question, ws = (give(ana, kind) for kind in ("repair", "joint-decisions", "ws"))
    backs = give(ana, "backs")
    for person in (ana, ben):
        ready(ws, person)
    ready(question, ben)
    seen = {"revision": 0, "tab_id": "w"}
    for moment, verb, sent in (
        (repair, "side_tell", seen | {"story": "It was late."}),
        (question, "decision_ready", seen | {"choice": "yes", "text": "A small one."}),
        (ws, "idea_add", {"text": "A tent."}),
        (backs, "moment_follow", {"text": "They laughed."}),
    ):
        for _time in range(2):
            assert as_ana.post(at(moment, verb), sent).status_code == 302, verb
    assert again(ws).ideas.count() == 1
    assert again(repair).sides.count() == 1
    # Other words from another window are not dropped without a word.
    other = seen | {"choice": "yes", "text": "A big one."}
    assert "A big one.</blockquote>" in as_ana.post(at(question, "decision_ready"), other).text


def test_verbs_of_another_shape_are_not_found(ana: Resident, as_ana: Client) -> None:
    offer, repair = give(ana, "backs"), give(ana, "repair")
    for moment, verb in (
        (offer, "side_tell"),
        (offer, "decision_ready"),
        (offer, "area_propose"),
        (offer, "call_end"),
        (repair, "moment_withdraw"),
        (repair, "decision_stop"),
    ):
        assert as_ana.post(at(moment, verb)).status_code == 404, verb


def test_ready_without_an_answer_says_what_is_missing(ana: Resident, as_ana: Client) -> None:
    decision = give(ana, "joint-decisions")
    sent = {"text": "A fence.", "revision": 0, "tab_id": "w"}
    response = as_ana.post(at(decision, "decision_ready"), sent)
    assert response.status_code == 422
    assert "Yes, or not yet? One of the two." in response.text
    assert "A fence." in response.text


def test_a_chosen_idea_may_become_words_under_a_principle(
    ana: Resident, ben: Resident, as_ana: Client, as_ben: Client
) -> None:
    decision = give(ana, "ws")
    for person in (ana, ben):
        ready(decision, person, "", "Sleep.")
    as_ana.post(at(decision, "idea_add"), {"text": "We take the train."})
    idea = decision.ideas.get()
    mark = reverse("principles:idea_mark", args=[decision.pk, idea.pk])
    choose = reverse("principles:idea_choose", args=[decision.pk, idea.pk])
    as_ana.post(mark, {"works": "yes"})
    assert as_ana.post(choose).status_code == 409
    as_ben.post(mark, {"works": "yes"})
    assert as_ana.post(choose, {"principle": "revenge"}).status_code == 404
    response = as_ben.post(choose, {"principle": "ws"})
    assert response["Location"] == "/principles/ws/"
    assert "We take the train." in as_ana.get("/principles/ws/").text


def test_shares_are_asked_for_and_a_day_lies_ahead(ana: Resident, as_ana: Client) -> None:
    area = give(ana, "share-power", "Money")
    response = as_ana.post(at(area, "area_propose"), {"leads": "one", "again_on": "2020-01-01"})
    assert response.status_code == 422
    assert "Choose one of these." in response.text
    assert "Choose a day from tomorrow on." in response.text


def test_what_was_put_anew_stands_in_the_lists_as_it_was_put_last(
    ana: Resident, ben: Resident, as_ana: Client
) -> None:
    asked = give(ana, "joint-decisions", "We get a dog.")
    for person, choice in ((ana, "yes"), (ben, "not-yet")):
        ready(asked, person, choice, "x")
    again(asked).again(ben.partner, "We build a fence.")
    for page in ("/practices/joint-decisions/", "/practices/joint-decisions/history/"):
        text = as_ana.get(page).text
        assert "We build a fence." in text
        assert "We get a dog." not in text


def test_what_is_over_is_in_the_history_and_not_under_now(
    ana: Resident, ben: Resident, as_ana: Client
) -> None:
    backs = give(ana, "backs", "The interview.")
    backs.respond(ben.partner, "with")
    again(backs).follow(ana.partner, "It went well.")
    assert "The interview." not in as_ana.get("/practices/backs/").text
    assert "The interview." in as_ana.get("/practices/backs/history/").text


def test_each_principle_has_its_practice(ana: Resident, as_ana: Client, as_sol: Client) -> None:
    switch_on(ana)
    for client in (as_ana, as_sol):
        for slug in ("backs", "repair", "supporters"):
            assert f"/practices/{slug}/" in client.get(f"/principles/{slug}/").text
    assert 'action="/practices/now/"' in as_ana.get("/principles/emergency/").text
    assert 'action="/practices/now/"' in as_ana.get("/home/").text
    assert 'action="/practices/now/"' not in as_sol.get("/principles/emergency/").text


def test_the_log_has_what_was_decided(
    ana: Resident, ben: Resident, as_ana: Client, as_cleo: Client
) -> None:
    decision = give(ana, "joint-decisions", "We get a dog.")
    for person in (ana, ben):
        ready(decision, person, "yes", "")
    assert "We get a dog." in as_ana.get("/practices/decisions/").text
    assert "We get a dog." not in as_cleo.get("/practices/decisions/").text


def test_what_is_missing_is_said_beside_its_field(ana: Resident, as_ana: Client) -> None:
    seen = {"revision": 0, "tab_id": "w"}
    kinder = seen | {"feel": "left out", "about": "the plans", "need": ""}
    page = as_ana.post(give_at("kindness"), kinder)
    assert page.status_code == 422
    assert page.text.count('class="error"') == 1
    assert 'id="id_need_error"' in page.text
    nothing = as_ana.post(reverse("principles:draft_keep", args=["kindness"]), seen)
    assert 'id="id_feel_error"' in nothing.text
    question, repair = give(ana, "joint-decisions"), give(ana, "repair")
    for moment, verb, field in (
        (question, "decision_ready", "choice"),
        (repair, "side_tell", "story"),
    ):
        assert f'id="id_{field}_error"' in as_ana.post(at(moment, verb), seen).text


def test_an_idea_that_is_too_long_for_an_agreement_stays_an_idea(
    ana: Resident, ben: Resident, as_ana: Client
) -> None:
    ws = give(ana, "ws")
    for person in (ana, ben):
        ready(ws, person)
    idea = again(ws).add_idea(ana.partner, "A tent. " * 200)
    for person in (ana, ben):
        again(ws).mark(person.partner, idea, works=True)
    choose = reverse("principles:idea_choose", args=[ws.pk, idea.pk])
    answer = as_ana.post(choose, {"principle": "backs"})
    assert answer.status_code == 422
    assert "have at most 1000 characters" in answer.text
    assert again(ws).settled_at is None
    assert as_ana.post(choose, {"principle": ""}).status_code == 302


def test_where_there_are_more_than_a_page_shows_a_link_says_so(
    ana: Resident, as_ana: Client
) -> None:
    for number in range(8):
        give(ana, "share-power", f"Area {number}.")
    assert "All of them" not in as_ana.get("/practices/share-power/").text
    give(ana, "share-power", "The ninth.")
    page = as_ana.get("/practices/share-power/").text
    assert "Area 0." not in page
    assert f'<a href="{reverse("principles:history", args=["share-power"])}">All of them' in page
