from letters.giving.models.opening import OpenedBy, Opening
from letters.giving.models.reveal import Choice, Reveal
from letters.giving.models.share import Share
from letters.letter.hidden import Hidden
from letters.letter.models.authorship import Attribution
from letters.letter.models.client import Client, ForeignClient
from letters.letter.models.document import (
    Document,
    Entry,
    Log,
    Row,
    Update,
    Written,
)
from letters.letter.models.letter import Letter
from letters.notes.models.note import Note, Remark
from letters.notes.models.passage import Passage
from letters.reflection.models import Reflection
from letters.sealing.models import Seal, SealSignature, Unsealing
from letters.values.models import SharedValues, Value
from letters.versions.models import Version

__all__ = [
    "Attribution",
    "Choice",
    "Client",
    "Document",
    "Entry",
    "ForeignClient",
    "Hidden",
    "Letter",
    "Log",
    "Note",
    "OpenedBy",
    "Opening",
    "Passage",
    "Reflection",
    "Remark",
    "Reveal",
    "Row",
    "Seal",
    "SealSignature",
    "Share",
    "SharedValues",
    "Unsealing",
    "Update",
    "Value",
    "Version",
    "Written",
]
