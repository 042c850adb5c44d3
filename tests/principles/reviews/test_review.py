"""The life of a review, as its rows tell it."""

from datetime import timedelta
from uuid import UUID

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from couples.crypto import keyring
from couples.models import Invitation, User
from couples.refusals import NotTogether
from principles.models import Agreement, Review, ReviewItem, ReviewMark
from principles.reviews.models.mark import OPEN, Said, revision
from principles.reviews.models.stage import NotYet, Refused, Stage
from tests.people import Resident, anew
from tests.principles.reviews.steps import again, agree, begin, close, reveal, said
from tests.races import while_another

HOLDS = Said("holding", "")
WOBBLES = Said("wobbling", "Some days the kettle wins.")


def marks_of(review: Review, user: Resident) -> list[tuple[str, str]]:
    marks = ReviewMark.objects.of(review).by(user.partner).order_by("item__position")
    return [(mark.answer, mark.note) for mark in marks]


# -- Beginning -----------------------------------------------------------------------------------


def test_a_review_looks_at_what_binds_when_it_begins(ana: Resident, ben: Resident) -> None:
    agree(ana, ben, "kindness", "We say it kindly.")
    repair = agree(ana, ben, "repair", "We come back within the hour.")
    only_proposed = Agreement.of(ana.partner, "backs").propose(ana.partner, "We stand together.")
    only_proposed.sign(ana.partner)
    review = Review.begin(ben.partner)
    assert [item.wording.text for item in review.items.with_words()] == [
        "We come back within the hour.",
        "We say it kindly.",
    ]
    # New words that are signed later change nothing in it.
    newer = Agreement.of(ana.partner, "repair").propose(ben.partner, "We come back.", repair.number)
    newer.sign(ana.partner)
    newer.sign(ben.partner)
    assert review.items.with_words()[0].wording.text == "We come back within the hour."


def test_beginning_again_finds_the_open_review(ana: Resident, ben: Resident) -> None:
    review = begin(ana, ben)
    assert Review.begin(ben.partner) == review
    assert Review.objects.count() == 1


def test_a_review_needs_something_that_both_signed(ana: Resident, ben: Resident) -> None:
    with pytest.raises(NotYet):
        Review.begin(ana.partner)


def test_a_review_needs_two(sol: Resident) -> None:
    with pytest.raises(NotTogether):
        Review.begin(sol.partner)


def test_the_database_refuses_a_second_open_review(ana: Resident, ben: Resident) -> None:
    first = begin(ana, ben)
    with pytest.raises(IntegrityError), transaction.atomic():
        Review.objects.create(couple=first.couple)
    first.stop()
    Review.objects.create(couple=first.couple)


def test_the_database_refuses_an_answer_that_does_not_exist(ana: Resident, ben: Resident) -> None:
    review = begin(ana, ben)
    with pytest.raises(IntegrityError), transaction.atomic():
        ReviewMark.objects.create(
            item=review.items.all()[0], partner=ana.partner, answer="failing", note=""
        )


@pytest.mark.parametrize("field", ["chosen", "next_on"])
def test_the_database_refuses_what_comes_before_the_reveal(
    ana: Resident, ben: Resident, field: str
) -> None:
    review = begin(ana, ben)
    early = {"chosen": review.items.all()[0], "next_on": timezone.localdate()}
    with pytest.raises(IntegrityError), transaction.atomic():
        Review.objects.filter(pk=review.pk).update(**{field: early[field]})


# -- Marking -------------------------------------------------------------------------------------


def test_marks_are_kept_and_changed(ana: Resident, ben: Resident) -> None:
    review = begin(ana, ben)
    review.mark(ana.partner, said(review, HOLDS, WOBBLES))
    review.mark(ana.partner, said(review, Said("reword", "Shorter.")))
    assert marks_of(review, ana) == [("reword", "Shorter."), tuple(WOBBLES)]
    review.mark(ana.partner, said(review, Said("", "")))
    assert marks_of(review, ana) == [("", ""), tuple(WOBBLES)]


def test_what_was_left_open_from_the_start_leaves_no_row(ana: Resident, ben: Resident) -> None:
    review = begin(ana, ben)
    review.mark(ana.partner, said(review, Said("", ""), HOLDS))
    assert ReviewMark.objects.count() == 1


def test_marks_touch_only_the_items_of_this_review(
    ana: Resident, ben: Resident, sol: Resident, cleo: Resident
) -> None:
    review = begin(ana, ben)
    Invitation.make(sol.partner).accept(User.objects.get(pk=cleo.pk)).confirm()
    cleo, sol = anew(cleo), anew(sol)
    elsewhere = begin(sol, cleo)
    review.mark(ana.partner, said(elsewhere, HOLDS))
    assert not ReviewMark.objects.exists()


def test_who_is_done_takes_that_back_before_changing_a_mark(ana: Resident, ben: Resident) -> None:
    review = begin(ana, ben)
    review.done(ana.partner, said(review, HOLDS))
    with pytest.raises(Refused) as refused:
        review.mark(ana.partner, said(review, WOBBLES))
    assert refused.value.stage is Stage.DONE
    review.take_back(ana.partner)
    review.mark(ana.partner, said(review, WOBBLES))
    assert marks_of(review, ana) == [tuple(WOBBLES)]


def test_another_window_of_the_same_person_loses_nothing(ana: Resident, ben: Resident) -> None:
    review = begin(ana, ben)

    phone, laptop = (0, "phone"), (0, "laptop")
    assert review.mark(ana.partner, said(review, WOBBLES, OPEN), phone)
    # The laptop knows nothing of that note, and adds to the other item.
    assert not review.mark(ana.partner, said(review, HOLDS, HOLDS), laptop)
    assert marks_of(review, ana) == [tuple(WOBBLES), tuple(HOLDS)]
    assert not review.done(ana.partner, said(review, OPEN, HOLDS), laptop)
    assert again(review).stage_for(ana.partner) is Stage.MARKING
    # Now it has seen everything.
    laptop = (revision(ReviewMark.objects.of(review).by(ana.partner)), "laptop")
    assert review.mark(ana.partner, said(review, HOLDS, OPEN), laptop)
    assert marks_of(review, ana) == [tuple(HOLDS), tuple(OPEN)]


def test_a_window_writes_over_its_own_words(ana: Resident, ben: Resident) -> None:
    review = begin(ana, ben)
    # The answer to the first save never arrives, so the page does not learn the new revision.
    tab = (0, "phone")
    assert review.mark(ana.partner, said(review, WOBBLES), tab)
    assert review.mark(ana.partner, said(review, HOLDS), tab)
    assert marks_of(review, ana) == [tuple(HOLDS)]
    # The next page of that tab goes on from it; what is late of the first does not go over it.
    went_on = (0, "tablet phone")
    assert review.mark(ana.partner, said(review, WOBBLES), went_on, thanks="The soup.")
    assert review.mark(ana.partner, {}, went_on, thanks="The soup, too.")
    assert not review.mark(ana.partner, said(review, HOLDS), tab, thanks="The")
    assert marks_of(review, ana) == [tuple(WOBBLES)]
    assert review.thanks_of(ana.partner).text == "The soup, too."


# -- Done, and the reveal ------------------------------------------------------------------------


def test_nothing_is_revealed_while_one_is_not_done(ana: Resident, ben: Resident) -> None:
    review = begin(ana, ben)
    review.done(ana.partner, said(review, HOLDS))
    assert again(review).stage_for(ana.partner) is Stage.DONE
    assert again(review).stage_for(ben.partner) is Stage.MARKING


def test_the_second_done_reveals_the_last_words_typed_too(ana: Resident, ben: Resident) -> None:
    review = begin(ana, ben)
    review.mark(ana.partner, said(review, HOLDS, HOLDS))
    again(review).done(ben.partner, {})
    again(review).done(ana.partner, said(review, WOBBLES))
    review = again(review)
    assert review.stage is Stage.REVEALED
    assert marks_of(review, ana) == [tuple(WOBBLES), tuple(HOLDS)]


def test_being_done_twice_is_being_done_once(ana: Resident, ben: Resident) -> None:
    review = begin(ana, ben)
    review.done(ana.partner, said(review, HOLDS))
    assert again(review).done(ana.partner, said(review, HOLDS))
    # What another window says by then is not dropped without a word.
    with pytest.raises(Refused):
        again(review).done(ana.partner, said(review, WOBBLES))
    assert again(review).stage is Stage.MARKING
    assert marks_of(review, ana) == [tuple(HOLDS)]


def test_taking_back_in_time_keeps_everything_hidden(ana: Resident, ben: Resident) -> None:
    review = begin(ana, ben)
    review.done(ana.partner, {})
    review.take_back(ana.partner)
    again(review).done(ben.partner, {})
    assert again(review).stage is Stage.MARKING


@pytest.mark.parametrize("late", ["mark", "take_back", "stop"])
def test_after_the_reveal_nothing_changes_any_more(ana: Resident, ben: Resident, late: str) -> None:
    review = reveal(begin(ana, ben), ana, ben)
    before = [marks_of(review, each) for each in (ana, ben)]
    acts = {
        "mark": lambda: review.mark(ana.partner, said(review, WOBBLES)),
        "take_back": lambda: review.take_back(ana.partner),
        "stop": review.stop,
    }
    with pytest.raises(Refused) as refused:
        acts[late]()
    assert refused.value.stage is Stage.REVEALED
    assert [marks_of(review, each) for each in (ana, ben)] == before


# -- Stopping ------------------------------------------------------------------------------------


def test_a_stopped_review_keeps_nothing(ana: Resident, ben: Resident) -> None:
    review = begin(ana, ben)
    review.done(ana.partner, said(review, WOBBLES))
    again(review).stop()
    review = again(review)
    assert review.stage is Stage.STOPPED
    assert not ReviewMark.objects.exists()
    assert not ReviewItem.objects.exists()
    assert not review.dones.exists()
    review.stop()
    with pytest.raises(Refused) as refused:
        review.mark(ana.partner, {})
    assert refused.value.stage is Stage.STOPPED
    with pytest.raises(Refused):
        review.done(ben.partner, {})
    with pytest.raises(Refused):
        review.close(timezone.localdate() + timedelta(days=1))
    assert begin(ana, ben) != review


# -- Choosing, closing, moving -------------------------------------------------------------------


def test_the_last_one_chosen_is_the_one_to_talk_about(ana: Resident, ben: Resident) -> None:
    review = begin(ana, ben)
    first, second = review.items.all()
    with pytest.raises(Refused):
        review.choose(first)
    review = reveal(review, ana, ben)
    review.choose(first)
    again(review).choose(second)
    assert again(review).chosen == second


def test_closing_twice_keeps_the_first_date(ana: Resident, ben: Resident) -> None:
    soon, later = (timezone.localdate() + timedelta(days=days) for days in (7, 30))
    review = begin(ana, ben)
    with pytest.raises(Refused):
        review.close(soon)
    review = reveal(review, ana, ben)
    review.close(soon)
    again(review).close(later)
    assert again(review).next_on == soon
    with pytest.raises(Refused):
        review.choose(review.items.all()[0])


def test_only_the_newest_review_carries_the_date(ana: Resident, ben: Resident) -> None:
    later = timezone.localdate() + timedelta(days=40)
    first = close(begin(ana, ben), ana, ben)
    first.move(later)
    assert again(first).next_on == later
    second = close(begin(ana, ben), ana, ben)
    with pytest.raises(Refused):
        first.move(later + timedelta(days=1))
    second.move(later)
    assert again(second).next_on == later


# -- Leaving -------------------------------------------------------------------------------------


def test_a_review_that_somebody_left_is_over_and_never_shown(ana: Resident, ben: Resident) -> None:
    review = begin(ana, ben)
    review.done(ana.partner, said(review, WOBBLES))
    ben.partner.leave()
    review = again(review)
    assert review.stage_for(ana.partner) is Stage.STOPPED
    assert not Review.objects.visible_to(ana.partner).open()
    assert not Review.objects.visible_to(ana.partner).past()
    assert not Review.objects.visible_to(ben.partner)
    with pytest.raises(Refused):
        review.done(ben.partner, {})


def test_a_review_that_somebody_left_is_over_and_with_what_both_keep(
    ana: Resident, ben: Resident
) -> None:
    review = reveal(begin(ana, ben), ana, ben)
    ben.partner.leave()
    assert again(review).stage is Stage.CLOSED
    assert not Review.objects.visible_to(ana.partner)
    with pytest.raises(Refused):
        again(review).choose(review.items.all()[0])


def test_who_moves_in_later_sees_nothing_from_before(
    ana: Resident, ben: Resident, sol: Resident
) -> None:
    left_open = begin(ana, ben)
    left_open.done(ana.partner, said(left_open, WOBBLES))
    ben.partner.leave()
    Invitation.make(ana.partner).accept(sol).confirm()
    ana, sol = anew(ana), anew(sol)
    assert not Review.objects.visible_to(sol.partner)
    # The one that was left open is not in the way, and what was marked in it is hers alone.
    review = begin(ana, sol)
    assert list(Review.objects.visible_to(sol.partner)) == [review]
    assert {mark.partner.user_id for mark in ReviewMark.objects.all()} == {ana.pk}


# -- Encrypted -----------------------------------------------------------------------------------


def column(query: str) -> list[bytes]:
    with connection.cursor() as cursor:
        cursor.execute(query)
        return [bytes(value) for (value,) in cursor.fetchall()]


def key_of(data: bytes) -> UUID:
    """The owner of the data key that encrypted a value; see crypto/keyring.py for its layout."""
    return keyring.DataKey.objects.get(pk=data[1:17].hex()).owner


def test_a_note_is_sealed_by_its_writer_and_after_the_reveal_by_the_home(
    ana: Resident, ben: Resident
) -> None:
    review = begin(ana, ben)
    again(review).done(ana.partner, said(review, Said("", "")))
    again(review).mark(ben.partner, said(review, WOBBLES))
    (before,) = column("SELECT note FROM principles_reviewmark")
    assert b"kettle" not in before
    assert key_of(before) == ben.pk
    again(review).done(ben.partner, {})
    (after,) = column("SELECT note FROM principles_reviewmark")
    assert b"kettle" not in after
    assert key_of(after) == review.couple.workspace_id
    assert marks_of(review, ben) == [tuple(WOBBLES)]


def test_a_note_does_not_open_in_another_row(ana: Resident, ben: Resident) -> None:
    review = begin(ana, ben)
    review.mark(ana.partner, said(review, HOLDS, WOBBLES))
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE principles_reviewmark SET note ="
            " (SELECT note FROM principles_reviewmark WHERE answer = 'wobbling')"
        )
    with pytest.raises(keyring.DecryptionError):
        marks_of(review, ana)


# -- Two at the same moment ----------------------------------------------------------------------


def fresh(user: Resident) -> Resident:
    return anew(user)


@pytest.mark.django_db(transaction=True)
def test_both_beginning_at_once_begin_the_same_review(ana: Resident, ben: Resident) -> None:
    agree(ana, ben, "repair", "We come back within the hour.")
    one, two = while_another(
        lambda: Review.begin(fresh(ana).partner), lambda: Review.begin(fresh(ben).partner)
    )
    assert isinstance(one, Review)
    assert one == two
    assert Review.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_both_done_at_once_reveals_once(ana: Resident, ben: Resident) -> None:
    review = begin(ana, ben)
    answers = while_another(
        lambda: again(review).done(fresh(ana).partner, said(review, WOBBLES)),
        lambda: again(review).done(fresh(ben).partner, said(review, WOBBLES)),
    )
    assert answers == [True, True]
    assert again(review).stage is Stage.REVEALED
    assert marks_of(review, ana) == marks_of(review, ben) == [tuple(WOBBLES)]


@pytest.mark.django_db(transaction=True)
def test_a_mark_that_races_with_the_reveal_is_refused(ana: Resident, ben: Resident) -> None:
    review = begin(ana, ben)
    review.done(ana.partner, said(review, HOLDS))
    in_time, late = while_another(
        lambda: again(review).done(fresh(ben).partner, said(review, HOLDS)),
        lambda: again(review).mark(fresh(ben).partner, said(review, WOBBLES)),
    )
    assert in_time is True
    assert isinstance(late, Refused)
    assert marks_of(review, ben) == [tuple(HOLDS)]


@pytest.mark.django_db(transaction=True)
def test_a_mark_that_comes_just_before_the_reveal_counts(ana: Resident, ben: Resident) -> None:
    review = begin(ana, ben)
    review.done(ana.partner, said(review, HOLDS))
    answers = while_another(
        lambda: again(review).mark(fresh(ben).partner, said(review, WOBBLES)),
        lambda: again(review).done(fresh(ben).partner, {}),
    )
    assert answers == [True, True]
    assert again(review).stage is Stage.REVEALED
    assert marks_of(review, ben) == [tuple(WOBBLES)]
    # It lies under the key of the home with everything else.
    encrypted = column("SELECT note FROM principles_reviewmark")
    assert {key_of(each) for each in encrypted} == {review.couple.workspace_id}


@pytest.mark.django_db(transaction=True)
def test_taking_back_while_the_other_gets_done_is_too_late_or_in_time(
    ana: Resident, ben: Resident
) -> None:
    review = begin(ana, ben)
    review.done(ana.partner, {})
    done, taken_back = while_another(
        lambda: again(review).done(fresh(ben).partner, {}),
        lambda: again(review).take_back(fresh(ana).partner),
    )
    assert done is True
    assert isinstance(taken_back, Refused)
    assert again(review).stage is Stage.REVEALED


@pytest.mark.django_db(transaction=True)
def test_who_leaves_while_the_other_gets_done_is_not_shown_anything(
    ana: Resident, ben: Resident
) -> None:
    review = begin(ana, ben)
    review.done(ben.partner, said(review, WOBBLES))
    left, done = while_another(
        lambda: fresh(ben).partner.leave(),
        lambda: again(review).done(fresh(ana).partner, {}),
    )
    assert left is None
    assert isinstance(done, Refused)
    assert again(review).revealed_at is None


@pytest.mark.django_db(transaction=True)
def test_stopping_while_the_other_gets_done_shows_nothing(ana: Resident, ben: Resident) -> None:
    review = begin(ana, ben)
    review.done(ana.partner, said(review, WOBBLES))
    stopped, done = while_another(
        lambda: again(review).stop(), lambda: again(review).done(fresh(ben).partner, {})
    )
    assert stopped is None
    assert isinstance(done, Refused)
    assert again(review).revealed_at is None


@pytest.mark.django_db(transaction=True)
def test_both_closing_at_once_is_fine(ana: Resident, ben: Resident) -> None:
    soon, later = (timezone.localdate() + timedelta(days=days) for days in (7, 30))
    review = reveal(begin(ana, ben), ana, ben)
    answers = while_another(lambda: again(review).close(soon), lambda: again(review).close(later))
    assert answers == [None, None]
    assert again(review).next_on == soon


@pytest.mark.django_db(transaction=True)
def test_both_choosing_at_once_leaves_one_chosen(ana: Resident, ben: Resident) -> None:
    review = reveal(begin(ana, ben), ana, ben)
    first, second = review.items.all()
    answers = while_another(
        lambda: again(review).choose(first), lambda: again(review).choose(second)
    )
    assert answers == [None, None]
    assert again(review).chosen == second
