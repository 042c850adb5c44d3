from letters.models.authorship import Attribution
from letters.models.document import (
    Client,
    Document,
    Entry,
    ForeignClient,
    Hidden,
    Log,
    Row,
    Update,
    Written,
)
from letters.models.letter import Letter
from letters.models.note import Note, Remark
from letters.models.opening import OpenedBy, Opening
from letters.models.passage import Passage
from letters.models.reflection import Reflection
from letters.models.reveal import Choice, Reveal
from letters.models.seal import Seal, SealSignature, Unsealing
from letters.models.share import Share
from letters.models.value import SharedValues, Value
from letters.models.version import Version

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
