"""A review once both can see: a thank you, one to talk about, each one's part, what comes of it."""

import re
from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from couples.autosave import EditConflict
from principles.agreements.models.suspension import NotYours
from principles.models import (
    Agreement,
    Appreciation,
    Draft,
    Review,
    ReviewItem,
    ReviewPart,
    Suspension,
)
from principles.reviews.models.part import desk
from principles.reviews.models.stage import Refused, Stage, Step
from tests.answers import Answer
from tests.people import Resident
from tests.principles.reviews.steps import again, begin, close, reveal, said, sent
from tests.races import while_another

HTMX = {"HX-Request": "true"}
SOON = timezone.localdate() + timedelta(days=7)
PART = {"part-text": "I came home already angry.", "revision": "0", "tab_id": "a"}


@pytest.fixture
def review(ana: Resident, ben: Resident) -> Review:
    """Shown to both, and about the first of two they talk."""
    review = reveal(begin(ana, ben), ana, ben)
    review.choose(review.items.all()[0])
    return again(review)


def at(review: Review, name: str = "review", *more: object) -> str:
    return reverse(f"principles:{name}", args=[review.pk, *more])


def first(review: Review) -> ReviewItem:
    item = again(review).items.with_words().first()
    assert item
    item.review = again(review)
    return item


# -- The thank you -------------------------------------------------------------------------------


def test_a_thank_you_opens_to_both_at_the_same_moment(
    ana: Resident, ben: Resident, as_ana: Client
) -> None:
    review = begin(ana, ben)
    review.mark(ben.partner, {}, thanks="For the soup.")
    again(review).done(ana.partner, {}, thanks="For the quiet.")
    assert "For the soup." not in as_ana.get(at(review)).text
    again(review).done(ben.partner, {})
    page = as_ana.get(at(review)).text
    assert "First, a thank you" in page
    assert page.index("For the quiet.") < page.index("For the soup.")
    assert again(review).step == Step.THANKS


def test_where_nobody_thanked_the_marks_come_first(
    review: Review, ana: Resident, ben: Resident
) -> None:
    fresh = close(review, ana, ben) and reveal(begin(ana, ben), ana, ben)
    assert fresh.step == Step.SAID


def test_a_thank_you_belongs_to_both_once_it_is_shown(ana: Resident, ben: Resident) -> None:
    review = begin(ana, ben)
    review.mark(ben.partner, {}, thanks="For the soup.")
    assert Appreciation.objects.get().key_owner_id == ben.pk
    again(review).done(ben.partner, {})
    again(review).done(ana.partner, {})
    shown = Appreciation.objects.get()
    assert shown.key_owner_id == review.couple.workspace_id
    assert shown.text == "For the soup."


def test_stopping_deletes_the_thank_you(ana: Resident, ben: Resident) -> None:
    review = begin(ana, ben)
    review.mark(ben.partner, {}, thanks="For the soup.")
    again(review).stop()
    assert not Appreciation.objects.exists()


def test_a_thank_you_written_in_two_windows_is_not_lost(
    review: Review, ana: Resident, ben: Resident, as_ana: Client
) -> None:
    review.close(SOON)
    review = begin(ana, ben)
    page = as_ana.get(at(review)).text
    seen = re.search(r'name="revision" value="(\w+)"', page)
    assert seen
    phone = sent(review) | {"thanks-text": "From the phone.", "revision": seen[1]}
    phone |= {"tab_id": "phone"}
    assert as_ana.post(at(review, "review_mark"), phone, headers=HTMX).status_code == 200
    laptop = phone | {"thanks-text": "From the laptop.", "tab_id": "laptop"}
    answer = as_ana.post(at(review, "review_mark"), laptop, headers=HTMX)
    assert answer.status_code == 409
    assert "From the phone." in answer.text
    assert "From the laptop." in answer.text
    assert Appreciation.objects.get(review=review).text == "From the phone."


def test_thanks_too_long_are_said_beside_the_field(
    ana: Resident, ben: Resident, as_ana: Client
) -> None:
    review = begin(ana, ben)
    long = sent(review) | {"thanks-text": "x" * 2001}
    for name in ("review_mark", "review_done"):
        answer = as_ana.post(at(review, name), long, headers=HTMX)
        assert answer.status_code == 422
        assert "x" * 2001 in answer.text
        assert "longer than 2000" in answer.text


# -- Going on together ---------------------------------------------------------------------------


@pytest.mark.parametrize("step", ["thanks", "said", "talk", "next"])
def test_either_goes_on_and_comes_back(
    review: Review, as_ana: Client, as_ben: Client, step: str
) -> None:
    for client in (as_ana, as_ben):
        client.post(at(review, "review_go"), {"step": step})
        assert again(review).step == step
        for reader in (as_ana, as_ben):
            current = re.search(r'\?step=(\w+)" aria-current="step"', reader.get(at(review)).text)
            assert current
            assert current[1] == step


def test_there_is_no_other_step(review: Review, as_ana: Client) -> None:
    assert as_ana.post(at(review, "review_go"), {"step": "home"}).status_code == 404
    assert as_ana.get(f"{at(review)}?step=home").status_code == 200


def test_nobody_goes_on_before_both_can_see_or_after_it_is_closed(
    ana: Resident, ben: Resident
) -> None:
    review = begin(ana, ben)
    with pytest.raises(Refused):
        review.go(Step.SAID)
    close(review, ana, ben)
    with pytest.raises(Refused):
        again(review).go(Step.SAID)


def test_an_open_page_comes_along_or_is_told(
    review: Review, as_ana: Client, as_ben: Client
) -> None:
    def where(shown: str) -> str:
        return as_ben.get(f"{at(review)}?part=where&at={shown}", headers=HTMX).text

    found = re.search(r"part=where&amp;at=([\w-]+)", as_ben.get(at(review)).text)
    assert found
    here = found[1]
    assert where(here).strip() == ""
    as_ana.post(at(review, "review_go"), {"step": "next"})
    told = where(here)
    assert "<come-along" in told
    assert "Ana is at “Next time” now." in told
    # Whoever looks at another step by themselves stays there, and can go where both are.
    alone = where("thanks&alone")
    assert "<come-along" not in alone
    assert "Go there" in alone


def test_looking_at_another_step_by_oneself_moves_nobody(review: Review, as_ana: Client) -> None:
    page = as_ana.get(f"{at(review)}?step=said").text
    assert "You are looking at this by yourself. Together you are at “One to talk about”." in page
    assert again(review).step == Step.TALK


# -- One's own part ------------------------------------------------------------------------------


def test_what_is_being_written_is_seen_by_nobody_else(
    review: Review, ana: Resident, as_ana: Client, as_ben: Client
) -> None:
    draft = at(review, "review_part_draft", first(review).pk)
    answer = as_ana.post(draft, PART, headers=HTMX)
    assert answer.headers["X-Revision"] == "1"
    assert PART["part-text"] in as_ana.get(at(review)).text
    for part in ("", "?part=now&step=talk", "?part=body", "?step=said", "?step=next"):
        for headers in ({}, HTMX):
            assert PART["part-text"] not in as_ben.get(at(review) + part, headers=headers).text


def test_a_part_is_said_changed_and_taken_back(
    review: Review, as_ana: Client, as_ben: Client
) -> None:
    say = at(review, "review_part", first(review).pk)
    for words in ("I came home angry.", "I came home angry, and said so.", ""):
        page = as_ana.get(at(review)).text
        revision = re.search(r'name="revision" value="(\d+)"', page)
        assert revision
        sent = {"part-text": words, "revision": revision[1], "tab_id": "a"}
        assert as_ana.post(say, sent)["Location"] == at(review)
        shown = as_ben.get(f"{at(review)}?part=now&step=talk", headers=HTMX).text
        assert (words or "Nothing here yet") in shown
    assert "angry" not in shown


def test_a_part_written_in_two_windows_is_not_lost(review: Review, as_ana: Client) -> None:
    item = first(review).pk
    as_ana.post(at(review, "review_part_draft", item), PART, headers=HTMX)
    other = PART | {"part-text": "From the laptop.", "tab_id": "b"}
    for name in ("review_part_draft", "review_part"):
        answer = as_ana.post(at(review, name, item), other, headers=HTMX)
        assert answer.status_code == 409
        assert PART["part-text"] in answer.text
        assert "From the laptop." in answer.text
    assert not ReviewPart.objects.exists()


def test_a_part_too_long_stays_in_its_field(review: Review, as_ana: Client) -> None:
    for name in ("review_part_draft", "review_part"):
        where = at(review, name, first(review).pk)
        answer = as_ana.post(where, PART | {"part-text": "x" * 2001})
        assert answer.status_code == 422
        assert "x" * 2001 in answer.text
        assert "longer than 2000" in answer.text


def test_a_part_said_after_the_other_closed_is_given_back(review: Review, as_ana: Client) -> None:
    review.close(SOON)
    answer = as_ana.post(at(review, "review_part", first(review).pk), PART, headers=HTMX)
    assert answer.status_code == 409
    assert "This review is closed" in answer.text
    assert PART["part-text"] in answer.text
    assert not ReviewPart.objects.exists()


def test_what_was_never_said_is_read_by_its_writer_alone(
    review: Review, ana: Resident, as_ana: Client, as_ben: Client
) -> None:
    Draft.write(ana, desk(first(review)), "I was jealous.", 0)
    again(review).close(SOON)
    page = as_ana.get(at(review)).text
    assert "What you wrote and did not say" in page
    assert "I was jealous." in page
    assert "I was jealous." not in as_ben.get(at(review)).text


def test_two_windows_that_say_a_part_at_once_lose_none(review: Review, ana: Resident) -> None:
    item = first(review)
    ReviewPart.say(item, ana.partner, "One.", 0, "a")
    with pytest.raises(EditConflict):
        ReviewPart.say(item, ana.partner, "Two.", 0, "b")
    assert ReviewPart.objects.get().text == "One."


# -- What becomes of it --------------------------------------------------------------------------


def wish(client: Client, review: Review, what: str) -> Answer:
    return client.post(at(review, "review_wish", first(review).pk), {"wish": what}, headers=HTMX)


def test_nothing_happens_because_one_of_them_wants_it(
    review: Review, as_ana: Client, as_ben: Client
) -> None:
    assert "You have said it. Nothing changes until both" in wish(as_ana, review, "retire").text
    assert "Ana has said it." in as_ben.get(at(review)).text
    assert "You would each do something else." in wish(as_ben, review, "pause").text
    assert first(review).outcome == ""
    assert not Suspension.objects.exists()
    # Either thinks again.
    assert "Nothing changes until you both say" not in wish(as_ana, review, "").text
    assert "Nothing changes until you both say" in wish(as_ben, review, "").text


@pytest.mark.parametrize(
    ("what", "sentence"),
    [
        ("keep", "You both keep it as it is."),
        ("reword", "You both want other words for it."),
        ("pause", "You paused it together."),
        ("retire", "You retired it together."),
    ],
)
def test_what_both_say_is_decided(
    review: Review, as_ana: Client, as_ben: Client, what: str, sentence: str
) -> None:
    wish(as_ana, review, what)
    assert sentence in wish(as_ben, review, what).text
    assert first(review).outcome == what
    suspension = Agreement.objects.get(principle="backs").suspension
    kind = {"pause": "paused", "retire": "retired"}.get(what, "")
    assert (suspension.kind if suspension else "") == kind
    # It is decided: another wish comes too late, the same one changes nothing.
    assert wish(as_ana, review, "keep" if what != "keep" else "pause").status_code == 409
    assert wish(as_ana, review, what).status_code == 200
    again(review).close(SOON)
    assert sentence in as_ana.get(at(review)).text


@pytest.mark.parametrize("who", ["ana", "ben"])
def test_what_both_paused_either_takes_up(
    review: Review, as_ana: Client, as_ben: Client, ana: Resident, ben: Resident, who: str
) -> None:
    for client in (as_ana, as_ben):
        wish(client, review, "pause")
    client = {"ana": as_ana, "ben": as_ben}[who]
    page = client.get(reverse("principles:principle", args=["backs"])).text
    assert "Take it up again" in page
    client.post(reverse("principles:agreement_take_up", args=["backs"]))
    assert Agreement.objects.get(principle="backs").suspension is None


def test_a_pause_of_one_becomes_a_pause_of_both(
    review: Review, ana: Resident, ben: Resident, as_ana: Client, as_ben: Client
) -> None:
    agreement = Agreement.objects.get(principle="backs")
    suspension = Suspension.begin(agreement, ana.partner, Suspension.Kind.PAUSED)
    with pytest.raises(NotYours):
        suspension.take_up(ben.partner)
    for client in (as_ana, as_ben):
        wish(client, review, "pause")
    theirs = Agreement.objects.get(principle="backs").suspension
    assert theirs
    theirs.take_up(ben.partner)
    assert not Suspension.objects.open().exists()


def test_a_wish_that_is_none_is_not_found(review: Review, as_ana: Client) -> None:
    assert wish(as_ana, review, "divorce").status_code == 404


def test_a_wish_about_one_that_both_left_shows_that_one(
    review: Review, as_ana: Client, ana: Resident
) -> None:
    second = review.items.all()[1]
    again(review).choose(second)
    page = wish(as_ana, review, "keep").text
    assert str(first(review).pk) in page
    assert str(second.pk) not in page


@pytest.mark.django_db(transaction=True)
def test_two_who_say_the_same_at_once_decide(
    transactional_db: None, ana: Resident, ben: Resident
) -> None:
    review = reveal(begin(ana, ben), ana, ben)

    def say(person: Resident) -> Callable[[], object]:
        return lambda: ReviewPart.wish_for(first(review), person.partner, "pause")

    assert while_another(say(ana), say(ben)) == [None, None]
    assert first(review).outcome == "pause"
    assert Suspension.objects.open().count() == 1


@pytest.mark.django_db(transaction=True)
def test_closing_races_with_what_is_still_said(
    transactional_db: None, ana: Resident, ben: Resident
) -> None:
    review = reveal(begin(ana, ben), ana, ben)
    item = first(review)
    done = while_another(
        lambda: again(review).close(SOON),
        lambda: ReviewPart.say(item, ben.partner, "Late.", 0),
    )
    assert isinstance(done[1], Refused)
    assert not ReviewPart.objects.exists()


# -- Sign only what changed ----------------------------------------------------------------------


def decide_on_other_words(review: Review, ana: Resident, ben: Resident) -> None:
    for person in (ana, ben):
        ReviewPart.wish_for(first(review), person.partner, "reword")


def test_what_did_not_change_is_not_signed_again(review: Review, as_ana: Client) -> None:
    page = as_ana.get(f"{at(review)}?step=next").text
    assert "there is nothing to sign" in page
    assert "Sign these words" not in page


def test_other_words_are_written_signed_and_hold(
    review: Review, ana: Resident, ben: Resident, as_ana: Client, as_ben: Client
) -> None:
    decide_on_other_words(review, ana, ben)
    page = as_ana.get(f"{at(review)}?step=next").text
    write = reverse("principles:propose", args=["backs"]) + f"?review={review.pk}"
    assert f'href="{write}#propose"' in page
    form = as_ana.get(write).text
    base, reader = (
        re.findall(rf'name="{name}"[^>]*value="([\w-]+)"', form)[0] for name in ("base", "reader")
    )
    assert f'name="review" value="{review.pk}"' in form
    words = {"text": "We stand beside each other.", "base": base, "reader": reader}
    answer = as_ana.post(write.split("?")[0], words | {"review": str(review.pk)}, headers=HTMX)
    assert answer.headers["HX-Redirect"] == at(review)
    wording = Agreement.objects.get(principle="backs").newest()
    assert wording
    sign = at(review, "review_sign", wording.pk)
    for client, said_ in ((as_ana, "It counts once both have."), (as_ben, "both signed these")):
        page = client.get(f"{at(review)}?step=next").text
        assert "We stand beside each other." in page
        assert "We look after emergency." not in page
        assert said_ in client.post(sign, headers=HTMX).text
    newest = Agreement.objects.get(principle="backs").newest()
    assert newest
    assert newest.held_since


def test_another_review_is_not_where_one_goes_back_to(
    as_ana: Client, review: Review, cleo: Resident
) -> None:
    form = as_ana.get(reverse("principles:propose", args=["backs"]) + f"?review={uuid4()}").text
    assert 'name="review"' not in form


def test_signing_while_the_words_change_signs_nothing(
    review: Review, ana: Resident, ben: Resident, as_ana: Client
) -> None:
    decide_on_other_words(review, ana, ben)
    agreement = Agreement.objects.get(principle="backs")
    seen = agreement.propose(ana.partner, "We stand beside each other.", 1)
    agreement.propose(ben.partner, "We stand together.", 2)
    answer = as_ana.post(at(review, "review_sign", seen.pk), headers=HTMX)
    assert answer.status_code == 409
    assert "Nothing is signed: read the new ones." in answer.text
    assert "We stand together." in answer.text
    assert not seen.signatures.exists()


def test_a_page_that_is_open_when_the_other_closes_still_signs(
    review: Review, ana: Resident, ben: Resident, as_ana: Client
) -> None:
    decide_on_other_words(review, ana, ben)
    seen = Agreement.objects.get(principle="backs").propose(ana.partner, "We stand together.", 1)
    again(review).close(SOON)
    answer = as_ana.post(at(review, "review_sign", seen.pk), headers=HTMX)
    assert "It counts once both have." in answer.text
    assert seen.signatures.active().count() == 1


def test_a_wish_after_it_was_closed_shows_that_it_is_closed(review: Review, as_ana: Client) -> None:
    again(review).close(SOON)
    answer = wish(as_ana, review, "keep")
    assert answer.status_code == 409
    assert "This review is closed" in answer.text
    # All of the page, in the place of all of it.
    assert answer.headers["HX-Retarget"] == "#review-body"
    assert answer.text.strip().startswith('<div id="review-body"')


def test_only_what_was_looked_at_is_signed_here(
    review: Review, ana: Resident, as_ana: Client
) -> None:
    elsewhere = Agreement.of(ana.partner, "kindness").propose(ana.partner, "We are kind.")
    assert as_ana.post(at(review, "review_sign", elsewhere.pk)).status_code == 404
    assert not elsewhere.signatures.exists()


# -- Read again ----------------------------------------------------------------------------------


def test_a_closed_review_reads_as_it_was(
    review: Review, ana: Resident, ben: Resident, as_ana: Client, as_ben: Client
) -> None:
    ReviewPart.say(first(review), ben.partner, "I did not ask.", 0)
    decide_on_other_words(review, ana, ben)
    agreement = Agreement.objects.get(principle="backs")
    wording = agreement.propose(ana.partner, "We stand beside each other.", 1)
    for person in (ana, ben):
        wording.sign(person.partner)
    again(review).close(SOON)
    for client in (as_ana, as_ben):
        page = client.get(at(review)).text
        for words in ("We look after backs.", "Some days the kettle wins.", "I did not ask."):
            assert words in page
        assert "You both want other words for it." in page
        assert "We stand beside each other." not in page


def test_what_wanted_another_look_says_so(ana: Resident, ben: Resident, as_ana: Client) -> None:
    agreement = Agreement.of(ana.partner, "repair")
    wording = agreement.propose(ana.partner, "We repair.", again_on=timezone.localdate())
    for person in (ana, ben):
        wording.sign(person.partner)
    assert "You wanted to look at this again on" in as_ana.get(reverse("principles:reviews")).text
    review = Review.begin(ana.partner)
    assert "You wanted to look at this again on" in as_ana.get(at(review)).text
    later = timezone.localdate() + timedelta(days=1)
    moved = agreement.propose(ana.partner, "We repair.", 1, again_on=later)
    assert moved.again_on == later
    assert review.stage is Stage.MARKING


def test_nothing_of_a_review_lies_in_plain_text(review: Review, ben: Resident) -> None:
    ReviewPart.say(first(review), ben.partner, "plain-canary-99", 0)
    with connection.cursor() as cursor:
        cursor.execute("select text from principles_reviewpart")
        (stored,) = cursor.fetchone()
    assert b"plain-canary-99" not in bytes(stored)


def test_being_done_with_a_thank_you_counts_the_last_words(
    ana: Resident, ben: Resident, as_ana: Client
) -> None:
    review = begin(ana, ben)
    as_ana.post(at(review, "review_done"), sent(review) | {"thanks-text": "For the soup."})
    assert Appreciation.objects.get().text == "For the soup."
    assert again(review).done_ids == {ana.partner.pk}
    assert said(review) == {}


# -- What one of them did with an agreement in the middle -----------------------------------------


def test_what_one_of_them_put_aside_in_the_middle_is_said(
    review: Review, ana: Resident, ben: Resident, as_ana: Client
) -> None:
    """Nothing claims that everything stays as it was signed."""
    signed, paused = (item.wording for item in review.items.with_words())
    signed.signatures.get(partner=ben.partner).withdraw()
    Suspension.begin(paused.agreement, ben.partner, Suspension.Kind.PAUSED)
    talk = as_ana.get(at(review)).text
    assert "You signed these words. They count once both have." in talk
    page = as_ana.get(f"{at(review)}?step=next").text
    assert "What you both signed stays as it is" not in page
    assert "You signed these words. They count once both have." in page
    assert "Paused since" in page
    # That page hears of each of them, also of what has not changed so far.
    assert page.count("nudge:agreement-") == 2


def test_what_one_retired_and_both_would_rather_pause_is_paused(
    review: Review, ana: Resident, ben: Resident, as_ana: Client, as_ben: Client
) -> None:
    agreement = Agreement.objects.get(principle="backs")
    Suspension.begin(agreement, ben.partner, Suspension.Kind.RETIRED)
    # One of them alone makes nothing of it.
    assert Suspension.begin(agreement, ana.partner, Suspension.Kind.PAUSED).is_for_good
    for client in (as_ana, as_ben):
        wish(client, review, "pause")
    suspension = Suspension.objects.open().get(agreement=agreement)
    assert (suspension.kind, suspension.partner) == ("paused", None)
    page = as_ana.get(f"{at(review)}?step=next").text
    assert "You paused it together." in page
    assert "Paused since" not in page


def test_other_words_beside_those_that_are_talked_about_are_named(
    review: Review, ben: Resident, as_ana: Client
) -> None:
    assert "by now" not in as_ana.get(at(review)).text
    Agreement.objects.get(principle="backs").propose(ben.partner, "We stand together.", 1)
    assert "Other words stand beside these by now." in as_ana.get(at(review)).text


def test_who_has_talked_about_one_goes_on_to_what_changed(review: Review, as_ana: Client) -> None:
    assert "On, without talking about one" not in as_ana.get(f"{at(review)}?step=said").text
