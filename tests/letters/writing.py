"""Words put into a letter as the editor does it: an update of the CRDT, appended to its log."""

import pycrdt

from couples.models import User
from letters import document
from letters.models import Client, Letter
from letters.models.document import Entry, Update


def write(
    letter: Letter, person: User, text: str, kind: document.Kind = document.Kind.LINE
) -> None:
    doc = document.load(letter)
    Client.register(letter, doc.client_id, person.pk)
    before = doc.get_state()
    root = doc.get(document.ROOT, type=pycrdt.XmlFragment)
    root.children.append(pycrdt.XmlElement(kind, contents=[pycrdt.XmlText(text)]))
    Update.objects.append([Entry(letter.pk, letter.key_owner_id, [doc.get_update(before)])])
