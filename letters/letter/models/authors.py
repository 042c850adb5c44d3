"""Who wrote what in a letter, and the edits that the server makes as somebody."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from django.db import transaction

from couples.models import User
from letters.letter.changed import letter_changed
from letters.letter.hidden import hidden_now
from letters.letter.models.authorship import Attribution
from letters.letter.models.document import Document, Entry, Update
from letters.text import crdt, document, offload
from letters.text.document import Block
from letters.text.lib0 import NOTHING

if TYPE_CHECKING:
    from letters.letter.models.letter import Letter


def read(letter: "Letter", reader: User | None = None) -> list[Block]:
    """What the letter says now, and who wrote it: nobody who is known for what stands on the first
    page. For a reader as it reaches them."""
    doc = crdt.assemble(Document.read(letter.pk, reader=reader.pk if reader else None).updates)
    return document.blocks(doc, authors=Attribution.objects.authors(letter.pk))


def edit(letter: "Letter", person: User, change: Callable[..., None], *args: Any) -> None:
    """An edit from the server as this person, whose runs say who wrote them: `change(editor,
    *args)`. It is made of what is written now, as far as it reaches them, and without a lock: it
    merges with what is typed meanwhile, and reaches the open pages."""
    log = Document.read(letter.pk, reader=person.pk)
    made = offload.offload(offload.edit, log.updates, person.pk, change, *args)
    if made.update == NOTHING:
        return
    clients = [(made.client_id, person.pk)]
    hidden = None if letter.is_personal or person.shows_presence else hidden_now(person.pk)
    entry = Entry(letter.pk, letter.key_owner_id, [made.update], made.attributions, clients, hidden)
    with transaction.atomic():
        Update.objects.append([entry])
        letter_changed(letter.pk)
