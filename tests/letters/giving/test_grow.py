"""Growing the letter of both from what each gave the other: line by line, as its giver's words."""

import json
import re

import pytest
from django.test import Client
from django.urls import reverse

from couples.models import Invitation, User
from couples.refusals import NotTogether
from letters.giving import excerpts
from letters.letter.models import authors
from letters.models import Letter, Share
from letters.text import document
from letters.text.document import Block, Run
from letters.text.model import Kind
from tests.answers import Answer
from tests.letters.writing import write
from tests.people import Resident, anew
from tests.races import while_another

pytestmark = pytest.mark.django_db

GROW = reverse("letters:grow")
ANAS, BENS = "I want to stay in the room.", "I want to ask once more."
DRAFT = "a line that nobody was given"


def give(person: Resident, *lines: str) -> Share:
    person = anew(person)
    letter = Letter.begin_personal(person)
    for line in lines:
        write(letter, person, line)
    digest = document.digest(document.blocks(letter.load()))
    return Share.give(letter, person.partner, digest)


def take(client: Client, share: Share, line: int, **headers: str) -> Answer:
    return client.post(reverse("letters:grow_take", args=[share.pk, line]), headers=headers)


def joint() -> Letter:
    return Letter.objects.joint().get()


def said(letter: Letter) -> list[tuple[str, str]]:
    return [(block.kind, block.text) for block in document.blocks(letter.load())[1:]]


@pytest.fixture
def anas(ana: Resident) -> Share:
    return give(ana, ANAS)


@pytest.fixture
def bens(ben: Resident) -> Share:
    return give(ben, BENS)


def test_both_given_letters_stand_side_by_side_and_no_draft(
    as_ana: Client, as_ben: Client, anas: Share, bens: Share, ana: Resident, ben: Resident
) -> None:
    assert anas.letter is not None
    write(anas.letter, ana, DRAFT)
    write(Letter.begin_personal(ben), ben, DRAFT)
    for client in (as_ana, as_ben):
        page = client.get(GROW).text
        assert ANAS in page
        assert BENS in page
        assert DRAFT not in page
        assert "Dear Relationship,</p>" not in page  # a salutation is no line


def test_only_the_newest_that_each_gave_is_here(as_ana: Client, bens: Share, ben: Resident) -> None:
    give(ben, "I want to be newer.")
    page = as_ana.get(GROW).text
    assert "I want to be newer." in page
    assert BENS not in page


def test_a_line_comes_over_as_its_givers_words(
    as_ana: Client, anas: Share, bens: Share, ana: Resident, ben: Resident
) -> None:
    for share in (bens, anas):
        assert take(as_ana, share, 1)["Location"] == GROW
    assert said(joint()) == [("line", BENS), ("line", ANAS)]
    wrote = {block.text: {run.person_id for run in block.runs} for block in authors.read(joint())}
    assert wrote[BENS] == {ben.pk}
    assert wrote[ANAS] == {ana.pk}


def test_the_letter_is_begun_with_the_first_line_and_there_is_one(
    as_ana: Client, as_ben: Client, anas: Share, bens: Share
) -> None:
    assert not Letter.objects.joint().exists()
    take(as_ana, bens, 1)
    take(as_ben, anas, 1)
    assert said(joint()) == [("line", BENS), ("line", ANAS)]


def test_emphasis_and_line_breaks_come_along(ana: Resident, ben: Resident, as_ben: Client) -> None:
    runs = (Run("We are "), Run("slow,\nvery ", ("em",)), Run("slow", ("strong", "em")), Run(".\n"))
    share = give(ana, "x")
    share.words = json.dumps(document.to_json([Block(Kind.PARAGRAPH, runs)]))
    share.save()
    take(as_ben, share, 0)
    assert document.blocks(joint().load())[1:] == [
        Block(
            Kind.PARAGRAPH,
            (
                Run("We are "),
                Run("slow,\nvery ", ("em",)),
                Run("slow", ("strong", "em")),
                Run(".\n"),
            ),
        )
    ]
    assert {run.person_id for run in authors.read(joint())[1].runs if run.text.strip()} == {ana.pk}


def test_lines_stand_before_the_goodbyes(as_ana: Client, bens: Share, ana: Resident) -> None:
    letter = Letter.begin_joint(ana.partner)
    write(letter, ana, ANAS)
    letter.add(ana, Kind.CLOSING, "With love,")
    letter.add(ana, Kind.SIGNATURE, "Ana")
    take(as_ana, bens, 1)
    assert [text for _, text in said(letter)] == [ANAS, BENS, "With love,", "Ana"]


def test_a_line_that_stands_there_is_not_put_in_twice(
    as_ana: Client, as_ben: Client, bens: Share, ana: Resident
) -> None:
    take(as_ana, bens, 1)
    assert "stands in our letter already" in take(as_ben, bens, 1, **{"HX-Request": "true"}).text
    response = as_ana.post(reverse("letters:grow_take", args=[bens.pk, 1]), follow=True)
    assert "stands in our letter already" in response.text
    assert said(joint()) == [("line", BENS)]


def test_taken_lines_are_marked_for_both(as_ana: Client, as_ben: Client, bens: Share) -> None:
    shown = take(as_ana, bens, 1, **{"HX-Request": "true"}).text
    assert "The line is in our letter." in shown
    assert not shown.lstrip().startswith("<!doctype")
    for client in (as_ana, as_ben):
        assert re.search(r'aria-disabled="true">In our letter<', client.get(GROW).text)


def test_what_was_taken_back_is_gone_and_what_was_taken_over_stays(
    as_ana: Client, anas: Share, bens: Share
) -> None:
    take(as_ana, bens, 1)
    bens.take_back()
    page = as_ana.get(GROW).text
    assert BENS not in page
    assert ANAS in page
    assert take(as_ana, bens, 1).status_code == 404
    assert "not given any more" in take(as_ana, bens, 1, **{"HX-Request": "true"}).text
    assert said(joint()) == [("line", BENS)]


@pytest.mark.parametrize("line", [0, 2, 10**6])
def test_only_lines_are_taken_over(as_ana: Client, bens: Share, line: int) -> None:
    assert take(as_ana, bens, line).status_code == 404
    assert not Letter.objects.joint().exists()


def test_alone_it_takes_two(as_sol: Client, sol: Resident) -> None:
    assert "takes two" in as_sol.get(GROW).text


def test_before_anything_is_given_the_page_says_so(as_ana: Client) -> None:
    assert "Nothing is given yet." in as_ana.get(GROW).text


def test_whoever_stays_alone_takes_nothing_more(
    as_ana: Client, anas: Share, bens: Share, ana: Resident, ben: Resident, eve: User
) -> None:
    ben.partner.leave()
    page = as_ana.get(GROW).text
    assert ANAS not in page
    assert take(as_ana, bens, 1).status_code == 404
    with pytest.raises(NotTogether):
        excerpts.take_over(bens, 1, anew(ana).partner)
    # With whoever moves in later nothing of Ben is shared, and nothing of what Ben was given.
    Invitation.make(anew(ana).partner).accept(eve).confirm()
    as_eve = Client()
    as_eve.force_login(eve)
    for client in (as_ana, as_eve):
        page = client.get(GROW).text
        assert ANAS not in page
        assert BENS not in page
    for share in (anas, bens):
        assert take(as_eve, share, 1).status_code == 404
    assert take(as_ana, bens, 1).status_code == 404
    assert take(as_ana, anas, 1).status_code == 404
    assert not Letter.objects.joint().exists()


def test_nobody_else_sees_or_takes_it(
    as_cleo: Client, as_eve: Client, client: Client, anas: Share, bens: Share
) -> None:
    for visitor in (as_cleo, as_eve, client):
        page = visitor.get(GROW, follow=True).text
        assert ANAS not in page
        assert BENS not in page
    assert take(as_cleo, anas, 1).status_code == 404
    assert take(as_eve, anas, 1)["Location"] == reverse("couples:begin")
    assert take(client, anas, 1)["Location"].startswith(reverse("account_login"))
    assert not Letter.objects.joint().exists()


def test_looking_is_a_get_and_taking_a_post(as_ana: Client, bens: Share) -> None:
    assert as_ana.post(GROW).status_code == 405
    assert as_ana.get(reverse("letters:grow_take", args=[bens.pk, 1])).status_code == 405


@pytest.mark.django_db(transaction=True)
def test_both_take_the_same_line_at_the_same_moment_and_it_stands_there_once(
    ana: Resident, ben: Resident, bens: Share
) -> None:
    one, two = while_another(
        lambda: excerpts.take_over(bens, 1, ana.partner),
        lambda: excerpts.take_over(bens, 1, ben.partner),
    )
    assert isinstance(one, Letter)
    assert isinstance(two, excerpts.AlreadyThere)
    assert said(joint()) == [("line", BENS)]
