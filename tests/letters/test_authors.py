"""Who wrote what: by the pages that words came from, and through all that makes words anew."""

import random
from collections.abc import Callable
from typing import Any

import pycrdt
import pytest
from django.test import Client as Browser

from couples.models import User
from letters import authors, crdt, document, ledger, structs
from letters.authors import AuthoredBlock
from letters.models import Attribution, Client, Document, Entry, Letter, Update
from tests.letters.writing import write

pytestmark = pytest.mark.django_db


class Page:
    """An open page of a person, as far as the log can tell."""

    def __init__(self, letter: Letter, person: User) -> None:
        self.letter = letter
        self.doc: Any = pycrdt.Doc()
        Client.register(letter, self.doc.client_id, person.pk)

    @property
    def blocks(self) -> Any:
        return self.doc.get("letter", type=pycrdt.XmlFragment).children

    def edit(self, *actions: Callable[[Any], object]) -> None:
        """What the others wrote arrives; then all this is done in one transaction."""
        for update in Document.read(self.letter.pk).updates:
            self.doc.apply_update(update)
        updates: list[bytes] = []
        watching = self.doc.observe(lambda event: updates.append(event.update))
        with self.doc.transaction():
            for action in actions:
                action(self.blocks)
        self.doc.unobserve(watching)
        Update.objects.append([Entry(self.letter.pk, self.letter.key_owner_id, updates)])


def block(at: int, words: str, kind: str = "paragraph") -> Callable[[Any], object]:
    return lambda blocks: blocks.insert(
        at, pycrdt.XmlElement(kind, contents=[pycrdt.XmlText(words)])
    )


def insert(at: int, offset: int, words: str) -> Callable[[Any], object]:
    return lambda blocks: blocks[at].children[0].insert(offset, words)


def erase(at: int, start: int, end: int) -> Callable[[Any], object]:
    def action(blocks: Any) -> None:
        del blocks[at].children[0][start:end]

    return action


def remove(at: int) -> Callable[[Any], object]:
    return lambda blocks: blocks.__delitem__(at)


@pytest.fixture
def hers(letter: Letter, ana: User) -> Page:
    return Page(letter, ana)


@pytest.fixture
def his(letter: Letter, ben: User) -> Page:
    return Page(letter, ben)


@pytest.fixture(params=[False, True], ids=["rows", "folded"])
def says(
    request: pytest.FixtureRequest, letter: Letter, ana: User, ben: User
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
    his.edit(insert(1, len(b"I walk "), "slowly 🏳️‍🌈 "))
    assert says() == ["A:I walk |B:slowly 🏳️‍🌈 |A:👍 home.|"]


def test_the_first_page_is_by_nobody(letter: Letter, hers: Page, ana: User) -> None:
    hers.edit(insert(0, 0, "My "))
    (first,) = authors.read(letter)
    assert [(run.text, run.person_id) for run in first.runs] == [
        ("My ", ana.pk),
        ("Dear Relationship,", None),
    ]


def test_what_is_read_is_what_the_letter_says(letter: Letter, hers: Page, his: Page) -> None:
    hers.edit(block(1, "a\x00b \r\n c"), block(2, "   "))
    his.edit(lambda blocks: blocks[1].children[0].format(1, 3, {"em": {}, "strong": {}}))
    his.edit(lambda blocks: blocks[1].children[0].insert(2, "proposed", {"insertion": {"id": 1}}))
    plain = [
        document.Block(each.kind, tuple(document.Run(run.text, run.marks) for run in each.runs))
        for each in authors.read(letter)
    ]
    assert plain == document.blocks(document.load(letter))


# -- Made anew -----------------------------------------------------------------------------------


def test_splitting_a_paragraph_does_not_make_its_end_mine(
    hers: Page, his: Page, says: Says
) -> None:
    hers.edit(block(1, "I put the kettle on and listen."))
    his.edit(erase(1, 20, 31), block(2, "and listen."))
    assert says() == ["A:I put the kettle on |", "A:and listen.|"]


def test_both_authors_of_a_paragraph_stay_when_one_splits_it(
    hers: Page, his: Page, says: Says
) -> None:
    """The ids do not tell the order: Ben's words stand in the midst of Ana's, and are alike."""
    hers.edit(block(1, "x hello world, hello you"))
    his.edit(insert(1, 8, "worm "))
    hers.edit(erase(1, 2, 29), block(2, "hello worm world, hello you"))
    assert says() == ["A:x |", "A:hello |B:worm |A:world, hello you|"]


def test_joining_two_blocks_and_changing_their_kind_keeps_the_authors(
    hers: Page, his: Page, says: Says
) -> None:
    hers.edit(block(1, "Mine. "))
    his.edit(block(2, "His."))
    hers.edit(remove(2), insert(1, 6, "His."))
    assert says() == ["A:Mine. |B:His.|"]
    his.edit(remove(1), block(1, "Mine. His.", "line"))
    assert says() == ["A:Mine. |B:His.|"]
    his.edit(remove(1), block(1, "Mine. His.", "closing"))
    assert says() == ["A:Mine. |B:His.|"]


def test_marks_and_breaks_inside_do_not_matter(hers: Page, his: Page, says: Says) -> None:
    hers.edit(block(1, "one two three"))

    def again(blocks: Any) -> None:
        del blocks[1]
        blocks.insert(1, pycrdt.XmlElement("line", contents=[pycrdt.XmlText("one ")]))
        blocks[1].children[0].insert(4, "two", {"em": {}})
        blocks[1].children.append(pycrdt.XmlElement("hard_break"))
        blocks[1].children.append(pycrdt.XmlText(" three"))

    his.edit(again)
    assert says() == ["A:one |A:two|A:\n three|".replace("A:\n three", "-:\n|A: three")]


def test_words_moved_within_the_letter_keep_their_author(hers: Page, his: Page, says: Says) -> None:
    hers.edit(block(1, "The door is open. Come in."))
    his.edit(block(2, "He said: "))
    his.edit(erase(1, 0, 18), insert(2, 9, "The door is open. "))  # dragged
    assert says() == ["A:Come in.|", "B:He said: |A:The door is open. |"]
    his.edit(erase(2, 9, 27))
    his.edit(insert(1, 0, "The door is open. "))  # cut, and pasted later
    assert says()[0].endswith("A:The door is open. Come in.|") or says()[0].startswith("B:")


def test_an_erasure_taken_back_gives_the_words_back_to_their_author(
    letter: Letter, hers: Page, his: Page, ana: User
) -> None:
    hers.edit(block(1, "Stay with me."))
    his.edit()
    root = his.doc.get("letter", type=pycrdt.XmlFragment)
    manager = pycrdt.UndoManager(scopes=[root], capture_timeout_millis=0)
    his.edit(erase(1, 0, 5))
    updates: list[bytes] = []
    his.doc.observe(lambda event: updates.append(event.update))
    manager.undo()
    Update.objects.append([Entry(letter.pk, letter.key_owner_id, updates)])
    last = authors.read(letter)[1]
    assert (last.text, {run.person_id for run in last.runs}) == ("Stay with me.", {ana.pk})


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


# -- Put back ------------------------------------------------------------------------------------


def test_words_put_back_keep_their_author(letter: Letter, ana: User, ben: User) -> None:
    write(letter, ana, "From Ana.")
    write(letter, ben, "From Ben.")
    words = authors.read(letter)
    assert authors.from_json(authors.to_json(words)) == words

    def again(doc: crdt.Doc) -> None:
        del doc.get("letter", type=pycrdt.XmlFragment).children[1]
        document.append(doc, document.Kind.LINE, "From Ana.")
        document.append(doc, document.Kind.LINE, "And more.")

    authors.write(letter, ben, again, words)

    def said() -> list[tuple[str, object]]:
        return [(each.text, each.runs[0].person_id) for each in authors.read(letter)[1:]]

    expected = [("From Ben.", ben.pk), ("From Ana.", ana.pk), ("And more.", ben.pk)]
    assert said() == expected
    Document.compact(letter.pk)
    assert said() == expected


def test_nobody_is_named_whom_the_house_does_not_know(letter: Letter, ana: User) -> None:
    stranger = letter.pk  # an id of no person
    words = [AuthoredBlock(document.Kind.LINE, (authors.AuthoredRun("Old words.", (), stranger),))]
    authors.write(
        letter, ana, lambda doc: document.append(doc, document.Kind.LINE, "Old words."), words
    )
    assert authors.read(letter)[-1].runs[0].person_id is None


def test_what_is_known_of_words_goes_with_them(letter: Letter, hers: Page, his: Page) -> None:
    hers.edit(block(1, "I put the kettle on and listen."))
    his.edit(erase(1, 20, 31), block(2, "and listen."))
    Document.compact(letter.pk)
    assert Attribution.objects.filter(letter=letter).count() == 1
    hers.edit(remove(2))
    Document.compact(letter.pk)
    assert not Attribution.objects.filter(letter=letter).exists()


def test_leaving_takes_nobodys_name_from_their_words(
    letter: Letter, hers: Page, his: Page, says: Says, ben: User
) -> None:
    hers.edit(block(1, "Hers, to the end."))
    his.edit(erase(1, 6, 17), block(2, "to the end."), block(3, "His."))
    ben.partner.leave()
    assert says() == ["A:Hers, |", "A:to the end.|", "B:His.|"]


# -- The ledger ----------------------------------------------------------------------------------


def test_what_was_told_first_stays(ana: User, ben: User) -> None:
    known = ledger.Ledger({1: ana.pk})
    known.add(1, 10, 5, ben.pk)
    known.add(1, 8, 10, None)
    assert list(known.split(1, 0, 30)) == [
        (8, ana.pk),
        (2, None),
        (5, ben.pk),
        (3, None),
        (12, ana.pk),
    ]
    assert list(known.split(1, 11, 2)) == [(2, ben.pk)]
    assert list(known.split(1, 12, 7)) == [(3, ben.pk), (3, None), (1, ana.pk)]
    assert list(known.split(2, 0, 3)) == [(3, None)]


def test_while_people_only_type_the_snapshot_is_not_walked_through(
    letter: Letter, hers: Page, his: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    """That is what a long letter consists of, and it is folded again and again."""
    hers.edit(block(1, "I put the kettle on."))
    Document.compact(letter.pk)
    walked: list[bytes] = []
    contents = structs.contents
    monkeypatch.setattr(structs, "contents", lambda it: (walked.append(it), contents(it))[1])
    his.edit(insert(1, 5, " x"))
    hers.edit(erase(1, 0, 1))
    updates = Document.read(letter.pk).updates
    ledger.replay(Attribution.objects.ledger(letter.pk), updates)
    assert walked == updates[1:]


@pytest.mark.parametrize("seed", range(8))
def test_the_twins_know_where_every_id_stands(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(structs, "SIGNS", 200)  # so that they begin anew all the time
    monkeypatch.setattr(structs, "_ALL_SIGNS", structs._ALL_SIGNS[:200])
    dice = random.Random(seed)
    docs: list[Any] = [pycrdt.Doc(client_id=number) for number in (1, 2, 3)]
    twins = structs.Twins()
    for number in range(150):
        doc = dice.choice(docs)
        before = doc.get_state()
        blocks = doc.get("letter", type=pycrdt.XmlFragment).children
        if len(blocks) < 2 or dice.random() < 0.05:
            block(dice.randint(0, len(blocks)), f"words {number} 👍 and more")(blocks)
        elif dice.random() < 0.3:
            place = dice.randrange(len(blocks))
            if len(blocks[place].children[0]) > 40:
                erase(place, 0, dice.randint(1, 4))(blocks)
        else:
            insert(dice.randrange(len(blocks)), 0, dice.choice(["a", "two ", "x" * 70]))(blocks)
        update = doc.get_update(before)
        twins.apply(update, structs.contents(update).texts)
        for other in docs:
            other.apply_update(update)
    standing = [piece for strand in structs.pieces(docs[0]) for piece in strand]
    everything = {client: [(0, 10_000)] for client in (1, 2, 3)}
    found = [
        (client, each) for client, at, end in twins.standing(everything) for each in range(at, end)
    ]
    assert found == [
        (piece.client, piece.clock + at) for piece in standing for at in range(len(piece.units))
    ]
    some = [each for each in found if each[1] % 7 == 0]
    wanted = {c: [(at, at + 1) for each, at in sorted(some) if each == c] for c in (1, 2, 3)}
    spans = twins.standing(wanted)
    told = [(client, each) for client, at, end in spans for each in range(at, end)]
    assert [each for each in told if each in some] == some


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


def test_a_letter_of_ones_own_has_no_such_page(as_ana: Browser, ana: User) -> None:
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
