"""Marks of suggestions that come over other words than they were made for, and marks that come
again after they had left the letter."""

import pytest

from letters.live.loading import in_thread
from letters.live.registry import Rooms
from letters.models import Document, Letter
from letters.text import document
from letters.text.updates import FORMAT, parse, write
from tests.clients.socket import agree
from tests.letters.live.inprocess import LocalPage, empty
from tests.people import Resident

pytestmark = pytest.mark.django_db(transaction=True)


async def said(letter: Letter) -> str:
    return (await in_thread(lambda: document.blocks(letter.load())))[-1].text


async def scene(
    rooms: Rooms, letter: Letter, ana: Resident, ben: Resident
) -> tuple[LocalPage, LocalPage]:
    hers = await LocalPage(rooms, letter, ana).open()
    his = await LocalPage(rooms, letter, ben).open()
    hers.type("We walk. ")
    await hers.saved()
    await agree(hers, his)
    return hers, his


async def test_nobody_hides_the_others_words_under_a_suggestion_of_theirs(
    rooms: Rooms, letter: Letter, ana: Resident, ben: Resident
) -> None:
    """Ana has proposed a word and then written on, from the same page; Ben draws her mark over what
    she wrote on. It soon means nothing: her words stay in the letter, proposed by nobody."""
    hers, his = await scene(rooms, letter, ana, ben)
    name = hers.suggest("Daily. ")
    hers.type("We talk.")
    await hers.saved()
    await agree(hers, his)
    assert await said(letter) == "We walk. We talk."
    last = len(his.signs())
    his.mark(last - 8, 8, {f"ins:{name}": "one"})
    await his.saved()
    await hers.until(lambda: hers.says()[-1][1] == "We walk. We talk.")
    await his.until(lambda: his.says()[-1][1] == "We walk. We talk.")
    assert await said(letter) == "We walk. We talk."
    # What she proposed is proposed still.
    await his.settled("accept", name)
    assert await said(letter) == "We walk. Daily. We talk."


async def test_taking_the_end_of_a_mark_away_hides_nothing_either(
    rooms: Rooms, letter: Letter, ana: Resident, ben: Resident
) -> None:
    hers, his = await scene(rooms, letter, ana, ben)
    hers.suggest("Daily. ")
    hers.type("We talk.")
    await hers.saved()
    await agree(hers, his)
    client = hers.client_id
    # The end of the mark is the last sign of hers.
    signs = [s.clock for s in parse(his.doc.get_update()).structs if s.kind == FORMAT]
    his.doc.apply_update(write(his.client_id, 0, [], [(client, max(signs), max(signs) + 1)]))
    await his.saved()
    await hers.until(lambda: hers.says()[-1][1] == "We walk. We talk.")
    assert await said(letter) == "We walk. We talk."


async def test_a_mark_that_left_the_letter_may_come_again_around_words_typed_in_it(
    rooms: Rooms, letter: Letter, ana: Resident, ben: Resident
) -> None:
    """Ben, away, types within what Ana proposes; meanwhile it is declined, and the letter folded.
    His page writes her mark anew behind his words, and they arrive."""
    hers, his = await scene(rooms, letter, ana, ben)
    name = hers.suggest("every day")
    await hers.saved()
    await agree(hers, his)
    await his.leave()
    his.write("X", len(his.signs()) - 3, {})
    assert f"ins:{name}" in str(his.ytext.diff())
    await hers.settled("decline", name)
    # Browsers tidy signs away that have nothing between them any more.
    signs = [s for s in parse(hers.doc.get_update()).structs if s.kind == FORMAT]
    spans = [(each.client, each.clock, each.clock + 1) for each in signs]
    hers.doc.apply_update(write(hers.client_id, 0, [], spans))
    await hers.saved()
    await hers.leave()
    await empty(rooms)
    await in_thread(Document.compact, letter.pk)
    await his.open()
    await his.saved()
    assert "X" in await said(letter)
