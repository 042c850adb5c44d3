from letters.models.document import Client, Document, Entry, ForeignClient, Log, Update
from letters.models.letter import Letter
from letters.models.reflection import Reflection
from letters.models.share import Share

__all__ = [
    "Client",
    "Document",
    "Entry",
    "ForeignClient",
    "Letter",
    "Log",
    "Reflection",
    "Share",
    "Update",
]
