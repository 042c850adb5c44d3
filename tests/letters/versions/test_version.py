"""Versions: taken, named, compared and brought back; nothing is lost on the way."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from letters.letter.models import authors
from letters.models import Document, Letter, Version
from letters.text import document
from letters.text.crdt import assemble
from letters.text.edit import Editor
from letters.versions.models import Closed
from tests.letters.sheets import Sheet, Written
from tests.letters.text.test_difference import paragraph
from tests.letters.writing import write
from tests.people import Resident
from tests.races import while_another

pytestmark = pytest.mark.django_db

AUTOMATIC, NAMED = Version.Kind.AUTOMATIC, Version.Kind.NAMED


def text(letter: Letter) -> list[str]:
    return [block.text for block in document.blocks(letter.load())][1:]


def take(letter: Letter, kind: Version.Kind = AUTOMATIC, **more: Any) -> Version:
    version = Version.take(letter, kind, **more)
    assert version is not None
    return version


# -- Taking one ----------------------------------------------------------------------------------


def test_a_version_holds_the_words_and_who_wrote_since(
    letter: Letter, ana: Resident, ben: Resident
) -> None:
    write(letter, ana, "From Ana.")
    one = take(letter)
    write(letter, ben, "From Ben.")
    two = take(letter)
    assert [block.text for block in one.blocks][1:] == ["From Ana."]
    assert list(one.writers.all()) == [ana]
    assert list(two.writers.all()) == [ben]
    assert (one.number, two.number) == (1, 2)
    assert {run.person_id for block in two.authored[1:] for run in block.runs} == {ana.pk, ben.pk}
    assert document.blocks(assemble([two.state])) == two.blocks


def test_the_same_words_make_no_second_automatic_version(letter: Letter, ana: Resident) -> None:
    write(letter, ana, "Once.")
    take(letter)
    assert Version.take(letter, AUTOMATIC) is None
    assert take(letter, NAMED, name="before the holidays").number == 2


@pytest.mark.django_db(transaction=True)
def test_two_takings_at_once_make_one_version(letter: Letter, ana: Resident) -> None:
    write(letter, ana, "Once.")
    results = while_another(
        lambda: Version.take(letter, AUTOMATIC), lambda: Version.take(letter, AUTOMATIC)
    )
    assert [type(result) for result in results] == [Version, type(None)]
    assert letter.versions.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_names_at_once_are_two_versions(letter: Letter, ana: Resident, ben: Resident) -> None:
    results = while_another(
        lambda: Version.take(letter, NAMED, by=ana, name="one"),
        lambda: Version.take(letter, NAMED, by=ben, name="two"),
    )
    assert [type(result) for result in results] == [Version, Version]
    assert sorted(letter.versions.values_list("number", flat=True)) == [1, 2]


def test_old_automatic_versions_are_thinned_and_others_stay(letter: Letter, ana: Resident) -> None:
    for number in range(12):
        write(letter, ana, f"Line {number}.")
        take(letter, NAMED if number == 1 else AUTOMATIC, name="kept" if number == 1 else "")
    three_days_ago = timezone.now().replace(hour=12) - timedelta(days=3)
    for number in range(1, 7):
        at = three_days_ago + timedelta(minutes=10 * number)
        letter.versions.filter(number=number).update(at=at)
    for number in (7, 8, 9):
        at = timezone.now() - timedelta(days=100 if number < 9 else 200)
        letter.versions.filter(number=number).update(at=at)
    write(letter, ana, "The last.")
    take(letter)
    left = sorted(letter.versions.values_list("number", flat=True))
    assert left == [2, 6, 8, 9, 10, 11, 12, 13]


# -- Bringing one back ---------------------------------------------------------------------------


def test_what_is_brought_back_keeps_its_authors_and_the_present_is_kept(
    letter: Letter, ana: Resident, ben: Resident
) -> None:
    write(letter, ana, "From Ana, and it stays.")
    write(letter, ben, "From Ben, and it goes.")
    old = take(letter, NAMED, by=ana, name="both")
    page = Written(letter, ana)
    with page.at_once():
        page.erase(page.marker(2), len("¶From Ben, and it goes."))
    write(letter, ana, "New since then.")
    assert text(letter) == ["From Ana, and it stays.", "New since then."]
    restored = old.restore(ben)
    assert restored is not None
    assert text(letter) == ["From Ana, and it stays.", "From Ben, and it goes."]
    whose = [[run.person_id for run in block.runs] for block in authors.read(letter)[1:]]
    assert whose == [[ana.pk], [ben.pk]]
    kinds = list(letter.versions.order_by("number").values_list("kind", flat=True))
    assert kinds == ["named", "automatic", "restored"]
    present = letter.versions.get(number=2)
    assert [block.text for block in present.blocks][1:] == [
        "From Ana, and it stays.",
        "New since then.",
    ]
    assert old.restore(ana) is None


def test_what_stays_in_a_restore_keeps_its_ids_and_its_author(
    letter: Letter, ana: Resident, ben: Resident
) -> None:
    """So the caret of whoever writes there stays, and their words."""
    write(letter, ana, "We walk after dinner.")
    old = take(letter)
    page = Written(letter, ben)
    with page.at_once():
        page.write("never ", page.marker(1) + 4)
        page.set_kind(1, "closing")
    away = Written(letter, ana)
    away.catch_up()
    stays = {sign.id for sign in away.signs(named=True)} - _ids(away, "never ")
    away.write(" Every day.", away.marker(2))
    assert old.restore(ben) is not None
    away.save()
    away.catch_up()
    assert away.says()[1:] == [("line", "We walk after dinner. Every day."), ("paragraph", "")]
    assert stays <= {sign.id for sign in away.signs(named=True)}
    assert {run.person_id for run in authors.read(letter)[1].runs} == {ana.pk}


def _ids(page: Sheet, words: str) -> set[object]:
    found = page.signs(named=True)
    at = "".join(sign.text or "¶" for sign in found).index(words)
    return {sign.id for sign in found[at : at + len(words)]}


def test_what_comes_back_for_the_other_is_theirs(
    letter: Letter, ana: Resident, ben: Resident
) -> None:
    """Word for word, in a paragraph of both, in emoji and after a compaction."""
    write(letter, ana, "Ana 👍 walks.")
    page = Written(letter, ben)
    with page.at_once():
        page.write("(Ben 🫖) ", page.marker(1) + 7)
    old = take(letter)
    whose = old.authored
    with page.at_once():
        page.erase(page.marker(1), len("¶Ana 👍 (Ben 🫖) walks."))
    old.restore(ben)
    assert authors.read(letter) == whose
    assert [run.person_id for run in whose[1].runs] == [ana.pk, ben.pk, ana.pk]
    Document.compact(letter.pk)
    assert authors.read(letter) == whose


def test_a_restore_merges_with_what_is_typed_meanwhile(letter: Letter, ana: Resident) -> None:
    write(letter, ana, "We walk after dinner.")
    old = take(letter)
    server, page = (Sheet(letter.load().get_update()) for _ in range(2))
    page.write(" Every day.", page.marker(2))
    server.write("never ", server.marker(1) + 4)
    Editor(server.doc, None).bring(old.blocks)
    server.hear(*page.sent())
    assert server.says()[1] == ("line", "We walk after dinner. Every day.")


def test_a_restore_leaves_proposals_and_equal_blocks_alone(
    letter: Letter, ana: Resident, ben: Resident
) -> None:
    write(letter, ana, "We walk after dinner.")
    old = take(letter)
    write(letter, ana, "We call.")
    page = Written(letter, ben)
    with page.at_once():
        name = page.suggest("often ", page.marker(1) + 4)
    assert old.restore(ana) is not None
    assert text(letter) == ["We walk after dinner."]
    page.catch_up()
    assert page.shows()[1] == ("line", "We often walk after dinner.")
    assert document.is_undecided(letter.load())
    Document.decide(letter, "one", page.asked("accept", name))
    assert text(letter) == ["We often walk after dinner."]


def test_what_is_proposed_in_a_paragraph_that_goes_stays_a_proposal(
    letter: Letter, ana: Resident, ben: Resident
) -> None:
    old = take(letter)
    write(letter, ana, "We cäll 🫖 when one is late.")
    page = Written(letter, ben)
    with page.at_once():
        page.suggest(" Even at four.", page.marker(2))
        page.suggest("always ", page.marker(1) + 4)
    assert old.restore(ana) is not None
    assert document.blocks(letter.load()) == old.blocks
    assert old.restore(ana) is None
    page.catch_up()
    assert "always  Even at four." in "".join(words for _, words in page.shows())
    # And where the paragraph becomes one of another shape.
    write(letter, ana, "I want to call.\nLate.")
    assert text(letter) == ["I want to call.\nLate."]
    page.catch_up()
    assert "always  Even at four." in "".join(words for _, words in page.shows())


def test_emphasis_comes_back(letter: Letter, ana: Resident) -> None:
    doc = letter.load()
    bring = Editor(doc, None).bring
    wanted = [paragraph("I ", ("stay", "strong"), " and ", ("ask", "em", "strong"), ".")]
    bring([*document.blocks(doc), *wanted])
    plain = [*document.blocks(doc)[:1], paragraph("I stay and ask.")]
    bring(plain)
    assert document.blocks(doc) == plain
    bring([*plain[:1], *wanted])
    assert [set(run.marks) for run in document.blocks(doc)[1].runs] == [
        set(),
        {"strong"},
        set(),
        {"em", "strong"},
        set(),
    ]


def test_a_letter_that_somebody_left_is_not_changed_any_more(
    letter: Letter, ana: Resident, ben: Resident
) -> None:
    write(letter, ana, "Then.")
    old = take(letter)
    write(letter, ana, "Now.")
    ben.partner.leave()
    with pytest.raises(Closed):
        old.restore(ana)
    assert text(letter) == ["Then.", "Now."]


# -- The pages -----------------------------------------------------------------------------------


def address(letter: Letter, name: str = "versions", *more: int) -> str:
    return reverse(f"letters:{name}", args=[letter.pk, *more])


def test_a_version_is_named_looked_at_and_brought_back(
    as_ana: Client, as_ben: Client, letter: Letter, ana: Resident
) -> None:
    write(letter, ana, "We walk after dinner.")
    assert as_ana.post(address(letter), {"name": " before  June "}).status_code == 302
    write(letter, ana, "And on Sundays.")
    page = as_ben.get(address(letter)).text
    assert "before June" in page
    assert "Named by Ana." in page
    one = address(letter, "version", 1)
    assert "And on Sundays." not in as_ben.get(one).text
    assert "</span>And on Sundays.<span" in as_ben.get(f"{one}?against=now").text
    assert as_ben.post(address(letter, "version_restore", 1)).status_code == 302
    assert text(letter) == ["We walk after dinner."]
    page = as_ana.get(address(letter)).text
    assert "Brought back by Ben." in page
    before = as_ana.get(f"{address(letter, 'version', 3)}?against=before").text
    assert "<del>" in before


def test_a_name_that_is_missing_or_too_long_is_said_beside_the_field(
    as_ana: Client, letter: Letter
) -> None:
    for name in ("", "x" * 81):
        response = as_ana.post(address(letter), {"name": name})
        assert response.status_code == 422
        assert 'aria-describedby="name-error"' in response.text
        assert f'value="{name}"' in response.text
    assert not letter.versions.exists()


def test_versions_are_for_those_who_may_read_the_letter(
    as_ben: Client, as_cleo: Client, as_eve: Client, as_anonymous: Client, ana: Resident
) -> None:
    mine = Letter.begin_personal(ana)
    write(mine, ana, "a canary")
    take(mine, NAMED, name="a canary")
    addresses = [address(mine), address(mine, "version", 1), address(mine, "version_restore", 1)]
    for client in (as_ben, as_cleo, as_eve, as_anonymous):
        for each in addresses:
            for response in (client.get(each), client.post(each)):
                assert response.status_code in (302, 404, 405)
                assert "canary" not in response.text
    assert mine.versions.count() == 1


def test_hundreds_of_versions_are_paged_and_asked_for_frugally(
    as_ana: Client,
    letter: Letter,
    ana: Resident,
    django_assert_max_num_queries: Callable[..., Any],
) -> None:
    write(letter, ana, "Words.")
    for number in range(70):
        take(letter, NAMED, by=ana, name=f"name {number}")
    with django_assert_max_num_queries(8):
        page = as_ana.get(address(letter)).text
    assert page.count("Named by Ana.") == 30
    assert "name 69" in page
    assert "name 9<" in as_ana.get(f"{address(letter)}?page=3").text
    with django_assert_max_num_queries(12):
        as_ana.get(f"{address(letter, 'version', 5)}?against=now")
