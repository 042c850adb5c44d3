"""Giving a personal letter: exactly the words that were previewed, and to one person."""

import re
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse

from couples.models import Invitation, User
from couples.refusals import NotTogether
from letters.models import Letter, Share
from tests.answers import Answer
from tests.letters.writing import write
from tests.people import Resident, anew, at_home
from tests.races import while_another
from tests.responses import without_tokens

pytestmark = pytest.mark.django_db

CANARY = "the yellow canary"


@pytest.fixture
def letter(ana: Resident) -> Letter:
    letter = Letter.begin_personal(ana)
    write(letter, ana, "I want to stay.")
    return letter


def preview(client: Client, letter: Letter) -> str:
    """The digest of what the preview shows."""
    text = client.get(reverse("letters:letter_share", args=[letter.pk])).text
    assert "I want to stay." in text
    found = re.search(r'name="digest" value="(\w+)"', text)
    assert found
    return found[1]


def give(client: Client, letter: Letter, digest: str, **more: str) -> Answer:
    """As the page sends it, to the one who lives here now."""
    me = at_home(User.objects.get(pk=client.session["_auth_user_id"]))
    other = me.partner.other()
    sent = {"digest": digest, "reader": str(other.pk) if other else "", **more}
    return client.post(reverse("letters:letter_share", args=[letter.pk]), sent)


def test_the_other_reads_exactly_what_was_previewed(
    as_ana: Client, as_ben: Client, letter: Letter
) -> None:
    response = give(as_ana, letter, preview(as_ana, letter))
    share = Share.objects.get()
    assert response["Location"] == reverse("letters:share", args=[share.pk])
    assert "I want to stay." in as_ben.get(response["Location"]).text
    assert response["Location"] in as_ben.get(reverse("letters:letters")).text


def test_later_words_stay_private(
    as_ana: Client, as_ben: Client, letter: Letter, ana: Resident
) -> None:
    address = give(as_ana, letter, preview(as_ana, letter))["Location"]
    write(letter, ana, CANARY)
    for page in (address, reverse("letters:letters"), reverse("couples:home")):
        assert CANARY not in as_ben.get(page).text


def test_words_written_after_the_preview_are_not_given(
    as_ana: Client, as_ben: Client, letter: Letter, ana: Resident
) -> None:
    digest = preview(as_ana, letter)
    write(letter, ana, CANARY)
    response = give(as_ana, letter, digest)
    assert response.status_code == 409
    assert "nothing has been shared yet" in response.text
    assert CANARY in response.text
    assert not Share.objects.exists()


def test_giving_the_same_words_twice_gives_them_once(as_ana: Client, letter: Letter) -> None:
    digest = preview(as_ana, letter)
    assert give(as_ana, letter, digest)["Location"] == give(as_ana, letter, digest)["Location"]
    assert Share.objects.count() == 1


def test_until_it_is_given_the_other_sees_nothing(
    as_ana: Client, as_ben: Client, letter: Letter
) -> None:
    preview(as_ana, letter)
    for name in ("letter", "letter_read", "letter_share"):
        assert as_ben.get(reverse(f"letters:{name}", args=[letter.pk])).status_code == 404
    assert str(letter.pk) not in as_ben.get(reverse("letters:letters")).text
    assert give(as_ben, letter, "x").status_code == 404


def test_what_was_given_is_for_these_two(
    as_ana: Client,
    as_cleo: Client,
    client: Client,
    letter: Letter,
    ana: Resident,
    ben: Resident,
    eve: User,
) -> None:
    address = give(as_ana, letter, preview(as_ana, letter))["Location"]
    assert as_cleo.get(address).status_code == 404
    assert client.get(address)["Location"].startswith(reverse("account_login"))
    # Ben leaves. It is with what he and Ana keep, and whoever moves in after him does not read it.
    ben.partner.leave()
    Invitation.make(anew(ana).partner).accept(eve).confirm()
    for person in (ana, ben, eve):
        visitor = Client()
        visitor.force_login(person)
        found = "I want to stay." in visitor.get(address, follow=True).text
        assert found == (person != eve)
        assert visitor.get(reverse("letters:letters"), follow=True).status_code == 200


def test_alone_there_is_nobody_to_give_it_to(as_sol: Client, sol: Resident) -> None:
    letter = Letter.begin_personal(sol)
    response = as_sol.get(reverse("letters:letter_share", args=[letter.pk]))
    assert "nobody here to give it to" in response.text
    give(as_sol, letter, "x")
    assert not Share.objects.exists()


def test_a_joint_letter_is_not_given_by_one(as_ana: Client, ana: Resident) -> None:
    joint = Letter.begin_joint(ana.partner)
    assert as_ana.get(reverse("letters:letter_share", args=[joint.pk])).status_code == 404


def test_words_are_given_to_whom_the_preview_named(
    as_ana: Client, letter: Letter, ana: Resident
) -> None:
    digest = preview(as_ana, letter)
    elsewhere = {"digest": digest, "reader": str(ana.partner.pk)}
    response = as_ana.post(reverse("letters:letter_share", args=[letter.pk]), elsewhere)
    assert response.status_code == 409
    assert not Share.objects.exists()


def test_two_who_give_at_the_same_moment_give_once(
    transactional_db: None, as_ana: Client, letter: Letter, ana: Resident
) -> None:
    digest = preview(as_ana, letter)
    one, two = while_another(
        lambda: Share.give(letter, ana.partner, digest),
        lambda: Share.give(letter, anew(ana).partner, digest),
    )
    assert one == two
    assert Share.objects.count() == 1


def test_giving_and_leaving_at_the_same_moment(
    transactional_db: None, as_ana: Client, letter: Letter, ana: Resident, ben: Resident
) -> None:
    digest = preview(as_ana, letter)
    _, given = while_another(
        lambda: ben.partner.leave(),
        lambda: Share.give(letter, ana.partner, digest),
    )
    assert isinstance(given, NotTogether)
    assert not Share.objects.exists()


# -- What changed --------------------------------------------------------------------------------


@pytest.fixture
def given(as_ana: Client, letter: Letter) -> Share:
    give(as_ana, letter, preview(as_ana, letter))
    return Share.objects.get()


def give_again(client: Client, letter: Letter, person: Resident, text: str, **more: str) -> str:
    write(letter, person, text)
    return give(client, letter, preview(client, letter), **more)["Location"]


def test_what_changed_is_shown_only_if_the_author_chose_so(
    as_ana: Client, as_ben: Client, letter: Letter, ana: Resident, given: Share
) -> None:
    quiet = give_again(as_ana, letter, ana, "And to ask.")
    page = as_ben.get(quiet).text
    assert "And to ask." in page
    assert "<ins" not in page
    assert "underlined" not in page
    # Nor can the reader ask for it.
    assert "<ins" not in as_ben.get(quiet, {"since": str(given.pk)}).text
    shown = as_ben.get(give_again(as_ana, letter, ana, "Once more.", show_changes="on")).text
    assert "<ins" in shown
    assert "What is underlined came after" in shown
    assert "Once more." in shown.split("<ins")[1]
    assert "And to ask." not in shown.split("<ins")[1].split("</ins>")[0]


def test_the_reader_chooses_since_which_words(
    as_ana: Client, as_ben: Client, letter: Letter, ana: Resident, given: Share
) -> None:
    """Nobody writes down what was read; who reads knows it."""
    give_again(as_ana, letter, ana, "And to ask.", show_changes="on")
    newest = give_again(as_ana, letter, ana, "Once more.", show_changes="on")
    since_the_first = as_ben.get(newest, {"since": str(given.pk)}).text
    marked = "".join(part.split("</ins>")[0] for part in since_the_first.split("<ins")[1:])
    assert "And to ask." in marked
    assert "Once more." in marked
    assert "<ins" not in as_ben.get(newest, {"since": "nothing"}).text


def test_changes_are_offered_only_where_there_is_something_before(
    as_ana: Client, letter: Letter, ana: Resident
) -> None:
    page = reverse("letters:letter_share", args=[letter.pk])
    assert "show_changes" not in as_ana.get(page).text
    Share.give(letter, ana.partner, preview(as_ana, letter))
    assert "show_changes" in as_ana.get(page).text


def test_reading_leaves_nothing_that_the_author_could_see(
    as_ana: Client, as_ben: Client, given: Share
) -> None:
    def all_she_sees() -> list[str]:
        pages = [reverse("letters:share", args=[given.pk]), reverse("letters:letters"), "/home/"]
        return [without_tokens(as_ana.get(page).text) for page in pages]

    before = all_she_sees()
    rows = list(Share.objects.values())
    for _ in range(3):
        as_ben.get(reverse("letters:share", args=[given.pk]))
    assert all_she_sees() == before
    assert list(Share.objects.values()) == rows


def test_who_reads_old_words_is_led_to_the_newer_ones(
    as_ana: Client, as_ben: Client, letter: Letter, ana: Resident, given: Share
) -> None:
    newer = give_again(as_ana, letter, ana, "And to ask.")
    assert newer in as_ben.get(reverse("letters:share", args=[given.pk])).text


# -- Taking back ---------------------------------------------------------------------------------


def take_back(client: Client, share: Share) -> Answer:
    return client.post(reverse("letters:share_take_back", args=[share.pk]))


def test_what_was_taken_back_is_read_nowhere_any_more(
    as_ana: Client, as_ben: Client, letter: Letter, ana: Resident, given: Share
) -> None:
    newer = give_again(as_ana, letter, ana, "And to ask.", show_changes="on")
    older = reverse("letters:share", args=[given.pk])
    # The part that is brought again has the copies that can be kept: they go with the words.
    assert "letter.pdf" in as_ben.get(newer, headers={"HX-Request": "true"}).text
    last = Share.objects.last_given()
    assert last
    assert take_back(as_ana, last)["Location"] == newer
    for page in (newer, older, f"{newer}?since={given.pk}", "/letters/", "/home/"):
        for headers in ({}, {"HX-Request": "true"}):
            text = as_ben.get(page, headers=headers).text
            assert "I want to stay." not in text
            assert "And to ask." not in text
            assert "letter.pdf" not in text
    assert "Ana took this letter back" in as_ben.get(newer).text
    assert "Ana took this letter back" in as_ben.get(older).text
    assert newer not in as_ben.get("/letters/").text
    assert newer not in as_ben.get("/home/").text


def test_the_words_of_what_was_taken_back_are_erased(
    as_ana: Client, given: Share, letter: Letter
) -> None:
    take_back(as_ana, given)
    with connection.cursor() as cursor:
        cursor.execute("SELECT words FROM letters_share")
        assert cursor.fetchall() == [(None,)]
    with pytest.raises(IntegrityError), transaction.atomic():
        Share.objects.update(taken_back_at=None)
    # The letter is its author's, as it was.
    assert "I want to stay." in as_ana.get(reverse("letters:letter_read", args=[letter.pk])).text


def test_the_page_says_plainly_that_what_was_read_was_read(as_ana: Client, given: Share) -> None:
    page = reverse("letters:share", args=[given.pk])
    assert "What Ben has read was read" in as_ana.get(page).text
    take_back(as_ana, given)
    assert "What Ben had read by then was read." in as_ana.get(page).text


def test_only_the_author_takes_back(
    as_ben: Client, as_cleo: Client, client: Client, given: Share
) -> None:
    for visitor in (as_ben, as_cleo):
        assert take_back(visitor, given).status_code == 404
    assert take_back(client, given)["Location"].startswith(reverse("account_login"))
    assert as_ben.get(reverse("letters:share_take_back", args=[given.pk])).status_code == 405
    given.refresh_from_db()
    assert given.taken_back_at is None


def test_a_letter_can_be_given_again(
    as_ana: Client, as_ben: Client, letter: Letter, given: Share
) -> None:
    take_back(as_ana, given)
    take_back(as_ana, given)
    page = as_ana.get(reverse("letters:letter_share", args=[letter.pk])).text
    assert "show_changes" not in page
    address = give(as_ana, letter, preview(as_ana, letter), show_changes="on")["Location"]
    assert "I want to stay." in as_ben.get(address).text
    assert "took this letter back" in as_ben.get(reverse("letters:share", args=[given.pk])).text


def test_the_readers_open_page_loses_the_words_at_once(
    as_ana: Client, given: Share, nudges: list[str], django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        take_back(as_ana, given)
    assert nudges == ["letters", "home"]


def test_giving_and_taking_back_at_the_same_moment(
    transactional_db: None, letter: Letter, ana: Resident, as_ana: Client, given: Share
) -> None:
    """Whichever comes second is what stands, and nothing lies between."""
    write(letter, ana, "And to ask.")
    digest = preview(as_ana, letter)
    _, share = while_another(
        lambda: Share.objects.get(pk=given.pk).take_back(),
        lambda: Share.give(letter, ana.partner, digest, show_changes=True),
    )
    assert isinstance(share, Share)
    assert share.taken_back_at is None
    assert share.since is None
