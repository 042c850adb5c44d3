"""Who wrote what: by the pages that words came from, and through all that types words anew."""

from collections.abc import Callable

import pytest
from django.test import Client as Browser

from letters.letter.models import authors
from letters.models import Attribution, Document, Letter, Update
from letters.text import authored, crdt, document
from letters.text.document import Block, Run
from letters.text.model import Kind
from tests.clients.signs import base36
from tests.letters.sheets import Written
from tests.letters.writing import write
from tests.people import Resident

pytestmark = pytest.mark.django_db


class Page(Written):
    """Blocks count from 1, as the salutation is none of theirs; offsets count characters."""

    def edit(self, *actions: Callable[["Page"], object]) -> None:
        """What the others wrote arrives; then all this is done in one transaction."""
        with self.at_once():
            for action in actions:
                action(self)

    def at(self, block: int, offset: int) -> int:
        return self.marker(block) + 1 + offset


def block(at: int, words: str, kind: str = "paragraph") -> Callable[[Page], object]:
    """A new block in front of this one."""

    def action(page: Page) -> None:
        place = page.marker(at) if at < len(page.shows()) else len(page.signs())
        page.split(place, kind)
        page.write(words, place + 1)

    return action


def insert(at: int, offset: int, words: str) -> Callable[[Page], object]:
    return lambda page: page.write(words, page.at(at, offset))


def erase(at: int, start: int, end: int) -> Callable[[Page], object]:
    return lambda page: page.erase(page.at(at, start), end - start)


def remove(at: int) -> Callable[[Page], object]:
    """A block with its words."""
    return lambda page: page.erase(page.marker(at), 1 + len(page.shows()[at][1]))


@pytest.fixture
def hers(letter: Letter, ana: Resident) -> Page:
    return Page(letter, ana)


@pytest.fixture
def his(letter: Letter, ben: Resident) -> Page:
    return Page(letter, ben)


@pytest.fixture(params=[False, True], ids=["rows", "folded"])
def says(
    request: pytest.FixtureRequest, letter: Letter, ana: Resident, ben: Resident
) -> Callable[[], list[str]]:
    """The letter with the authors in it, below the salutation: from the rows, and after all of
    them went into a snapshot, which must come to the same."""
    signs = {ana.pk: "A", ben.pk: "B", None: "-"}

    def say() -> list[str]:
        if request.param:
            Document.compact(letter.pk)
            assert Document.objects.get(letter=letter).seq > 0
            assert not Update.objects.filter(letter=letter).exists()
        return [
            "".join(f"{signs[run.person_id]}:{run.text}|" for run in each.runs)
            for each in authors.read(letter)[1:]
        ]

    return say


type Says = Callable[[], list[str]]


# -- By the page ---------------------------------------------------------------------------------


def test_words_are_by_whoever_typed_them(hers: Page, his: Page, says: Says) -> None:
    hers.edit(block(1, "I walk 👍 home."))
    his.edit(insert(1, len("I walk "), "slowly 🏳️‍🌈 "))
    assert says() == ["A:I walk |B:slowly 🏳️‍🌈 |A:👍 home.|"]


def test_the_first_page_is_by_nobody(letter: Letter, hers: Page, ana: Resident) -> None:
    hers.edit(insert(0, 0, "My "))
    (first,) = authors.read(letter)
    assert [(run.text, run.person_id) for run in first.runs] == [
        ("My ", ana.pk),
        ("Dear Relationship,", None),
    ]


def test_what_is_read_is_what_the_letter_says(letter: Letter, hers: Page, his: Page) -> None:
    hers.edit(block(1, "a b \n c 👍 d"), block(2, "   "), block(1, "another"))
    his.edit(lambda page: page.mark(page.at(2, 1), 3, {"em": True, "strong": True}))
    his.edit(lambda page: page.suggest("proposed", page.at(2, 2)))
    his.edit(lambda page: page.suggest_split(page.at(2, 4)))
    assert authored.without_writers(authors.read(letter)) == document.blocks(letter.load())


# -- Made anew -----------------------------------------------------------------------------------


def test_splitting_a_paragraph_types_nothing(hers: Page, his: Page, says: Says) -> None:
    hers.edit(block(1, "I put the kettle on and listen."))
    his.edit(lambda page: page.split(page.at(1, 20)))
    assert says() == ["A:I put the kettle on |", "A:and listen.|"]
    assert not Attribution.objects.exists()


def test_both_authors_of_a_paragraph_stay_when_one_splits_it(
    hers: Page, his: Page, says: Says
) -> None:
    hers.edit(block(1, "x hello world, hello you"))
    his.edit(insert(1, 8, "worm "))
    hers.edit(lambda page: page.split(page.at(1, 2)))
    assert says() == ["A:x |", "A:hello |B:worm |A:world, hello you|"]


def test_joining_two_blocks_and_changing_their_kind_keeps_the_authors(
    hers: Page, his: Page, says: Says
) -> None:
    hers.edit(block(1, "Mine. "))
    his.edit(block(2, "His."))
    hers.edit(lambda page: page.erase(page.marker(2)))
    assert says() == ["A:Mine. |B:His.|"]
    for kind in ("line", "closing"):
        his.edit(lambda page: page.set_kind(1, kind))  # noqa: B023
        assert says() == ["A:Mine. |B:His.|"]
    assert not Attribution.objects.exists()


def test_marks_and_breaks_inside_do_not_matter(hers: Page, his: Page, says: Says) -> None:
    hers.edit(block(1, "one two three"))
    his.edit(
        lambda page: page.mark(page.at(1, 4), 3, {"em": True}),
        insert(1, 7, "\n"),
        lambda page: page.split(page.at(1, 8)),
    )
    assert says() == ["A:one |A:two|B:\n|", "A: three|"]


def test_both_authors_of_words_stay_when_they_are_dragged(
    hers: Page, his: Page, says: Says
) -> None:
    """One transaction, with the words of both in one string."""
    hers.edit(block(1, "The door 🚪 is open. Come in."), block(2, "So: "))
    his.edit(insert(1, 11, "here "))
    assert says()[0] == "A:The door 🚪 |B:here |A:is open. Come in.|"
    words = "The door 🚪 here is open. "
    hers.edit(erase(1, 0, len(words)), insert(2, 4, words))
    assert says() == ["A:Come in.|", "A:So: The door 🚪 |B:here |A:is open. |"]


def test_words_moved_within_the_letter_keep_their_author(hers: Page, his: Page, says: Says) -> None:
    hers.edit(block(1, "The door is open. Come in."))
    his.edit(block(2, "He said: "))
    his.edit(erase(1, 0, 18), insert(2, 9, "The door is open. "))  # dragged
    assert says() == ["A:Come in.|", "B:He said: |A:The door is open. |"]


def test_words_that_are_cut_and_pasted_keep_their_author(his: Page, hers: Page) -> None:
    """In the page of whoever does it, while the letter is open: see test_authorship.py as well."""
    hers.edit(block(1, "The door is open. Come in."))
    his.edit(block(2, "He said: "))
    his.erase(his.at(1, 0), 18)
    his.write("The door is open. ", his.at(2, 9))
    his.save()
    found = authors.read(his.letter)[2]
    assert [(run.text, run.person_id) for run in found.runs] == [
        ("He said: ", his.person.pk),
        ("The door is open. ", hers.person.pk),
    ]


def test_words_that_are_cut_and_pasted_after_the_server_began_anew(
    his: Page, hers: Page, says: Says
) -> None:
    hers.edit(block(1, "The door is open. Come in."))
    his.edit(block(2, "He said: "))
    his.edit(erase(1, 0, 18))
    his.edit(insert(2, 9, "The door is open. "))
    assert says() == ["A:Come in.|", "B:He said: |A:The door is open. |"]


@pytest.mark.parametrize("whose", ["one's own", "the other's"])
def test_an_erasure_taken_back_gives_the_words_back_to_their_author(
    letter: Letter, hers: Page, his: Page, ana: Resident, whose: str
) -> None:
    hers.edit(block(1, "Stay 👍 with me."))
    page = hers if whose == "one's own" else his
    page.catch_up()
    with page.taking_back():
        page.erase(page.at(1, 0), 7)
    assert page.shows()[1][1] == "Stay 👍 with me."
    page.save()
    last = authors.read(letter)[1]
    assert (last.text, {run.person_id for run in last.runs}) == ("Stay 👍 with me.", {ana.pk})


def test_an_erasure_of_both_taken_back_by_one(letter: Letter, hers: Page, his: Page) -> None:
    hers.edit(block(1, "Stay with me."))
    his.edit(insert(1, 5, "here "))
    before = authors.read(letter)
    his.catch_up()
    with his.taking_back():
        his.erase(his.marker(1), len("¶Stay here with"))
    his.save()
    assert authors.read(letter) == before


@pytest.mark.slow
@pytest.mark.parametrize("times", [1, 2, 3])
def test_a_page_that_was_away_may_have_taken_words_out_and_back(
    hers: Page, his: Page, says: Says, times: int
) -> None:
    """All that it did comes in one update: the words, and that they were erased."""
    hers.edit(block(1, "Yes."))
    his.edit(block(2, "Yes."))
    hers.edit(block(3, "Yes."))
    his.catch_up()
    for _ in range(times):
        with his.taking_back():
            for at in (1, 2, 3):
                his.erase(his.at(at, 0), 4)
    his.updates = crdt.merge(his.updates)
    his.save()
    assert says() == ["A:Yes.|", "B:Yes.|", "A:Yes.|"]


def test_typing_what_stood_there_before_is_writing(hers: Page, his: Page, says: Says) -> None:
    hers.edit(block(1, "hello "))
    his.edit(erase(1, 0, 6))
    for at, letter in enumerate("hello"):
        his.edit(insert(1, at, letter))
    his.edit(insert(1, 5, " hello"))  # a word, as telephones type them
    assert says() == ["B:hello hello|"]


def test_copying_is_quoting(hers: Page, his: Page, says: Says) -> None:
    """What still stands where it stood was not moved."""
    hers.edit(block(1, "The door is open for you."))
    his.edit(block(2, "The door is open for you."))
    assert says() == ["A:The door is open for you.|", "B:The door is open for you.|"]


def test_a_decision_makes_nobody_the_author(
    letter: Letter, hers: Page, his: Page, says: Says
) -> None:
    hers.edit(block(1, "We walk."))
    his.edit(lambda page: page.suggest(" often", page.at(1, 2)))
    name = "_".join((base36(his.client_id), base36(0)))
    hers.decide("accept", name)
    assert says() == ["A:We|B: often|A: walk.|"]


# -- Put back ------------------------------------------------------------------------------------


def test_words_put_back_keep_their_author(letter: Letter, ana: Resident, ben: Resident) -> None:
    write(letter, ana, "From Ana.")
    write(letter, ben, "From Ben.")
    words = authors.read(letter)
    assert authored.from_json(authored.to_json(words)) == words
    line = Block(Kind.LINE, (Run("And more.", (), (), ben.pk),))
    wanted = [words[0], words[2], words[1], line]
    authors.edit(letter, ben, lambda editor: editor.bring(wanted))
    for _ in range(2):
        assert authors.read(letter) == wanted
        Document.compact(letter.pk)


def test_nobody_is_named_whom_the_house_does_not_know(letter: Letter, ana: Resident) -> None:
    stranger = letter.pk  # an id of no person
    words = Block(Kind.LINE, (Run("Old words.", (), (), stranger),))
    authors.edit(letter, ana, lambda editor: editor.append(words))
    assert authors.read(letter)[-1].runs[0].person_id is None


def test_an_edit_that_changes_nothing_is_none(letter: Letter, ana: Resident) -> None:
    authors.edit(letter, ana, lambda editor: editor.bring(document.blocks(editor.doc)))
    assert Document.objects.get(pk=letter.pk).seq == 0


def test_what_is_known_of_words_goes_with_them(letter: Letter, hers: Page, his: Page) -> None:
    hers.edit(block(1, "I put the kettle on and listen."))
    his.edit(erase(1, 20, 31), block(2, "and listen."))
    Document.compact(letter.pk)
    assert Attribution.objects.filter(letter=letter).count() == 1
    hers.edit(remove(2))
    Document.compact(letter.pk)
    assert not Attribution.objects.filter(letter=letter).exists()


def test_leaving_takes_nobodys_name_from_their_words(
    letter: Letter, hers: Page, his: Page, says: Says, ben: Resident
) -> None:
    hers.edit(block(1, "Hers, to the end."))
    his.edit(erase(1, 6, 17), block(2, "to the end."), block(3, "His."))
    ben.partner.leave()
    assert says() == ["A:Hers, |", "A:to the end.|", "B:His.|"]


def test_whose_account_is_gone_is_nobody(
    letter: Letter, hers: Page, his: Page, ana: Resident
) -> None:
    """Attributions that arrive late name somebody who is no more."""
    from letters.text.authorship import Attribution as Attributed

    told = [Attributed(his.client_id, 0, 3, letter.pk), Attributed(his.client_id, 3, 2, ana.pk)]
    Attribution.objects.remember(letter.pk, told)
    Attribution.objects.remember(letter.pk, told)  # as two processes tell it
    kept = Attribution.objects.filter(letter=letter).order_by("clock")
    assert list(kept.values_list("clock", "length", "person")) == [(0, 3, None), (3, 2, ana.pk)]


# -- The page ------------------------------------------------------------------------------------


def test_the_page_names_the_author_of_each_passage(
    letter: Letter, hers: Page, his: Page, as_ben: Browser
) -> None:
    hers.edit(block(1, "I <b>walk</b> "))
    his.edit(insert(1, 14, "home."), block(2, "Yours", "closing"))
    html = as_ben.get(f"/letters/{letter.pk}/authors/").content.decode()
    assert '<span class="by one">I &lt;b&gt;walk&lt;/b&gt; </span>' in html
    assert '<span class="visually-hidden">Ben wrote: </span><span class="by two">home.' in html
    assert html.count("Ben wrote:") == 1  # the closing goes on with him
    assert '<p class="closing two" dir="auto">' in html
    assert '<span class="visually-hidden">There from the beginning: </span>' not in html


def test_a_letter_of_ones_own_has_no_such_page(as_ana: Browser, ana: Resident) -> None:
    letter = Letter.begin_personal(ana)
    assert as_ana.get(f"/letters/{letter.pk}/authors/").status_code == 404


def test_the_page_is_for_the_two_of_them(
    letter: Letter, as_ana: Browser, as_cleo: Browser, as_anonymous: Browser
) -> None:
    page = f"/letters/{letter.pk}/authors/"
    assert as_ana.get(page).status_code == 200
    assert as_ana.post(page).status_code == 405
    assert as_cleo.get(page).status_code == 404
    assert as_anonymous.get(page).status_code == 302
    link = f'href="{page}"'
    for where in ("", "read/"):
        assert link in as_ana.get(f"/letters/{letter.pk}/{where}").content.decode()
