"""Receipts for what the server tells a page.

A server may die between passing an edit on and writing it down, and the page that made it may be
gone by then. The other's page still has it, and brings it back; the receipt that came with it shows
that it went through here, word for word, so nobody can bring what somebody else never wrote.
"""

from hashlib import sha256
from hmac import compare_digest, digest
from uuid import UUID

from django.conf import settings

LENGTH = 16


class Receipts:
    """Those of one letter."""

    __slots__ = ("_key",)

    def __init__(self, letter_id: UUID) -> None:
        secret = sha256(b"letters.receipts" + settings.SECRET_KEY.encode()).digest()
        self._key = digest(secret, letter_id.bytes, "sha256")

    def of(self, update: bytes) -> bytes:
        return digest(self._key, update, "sha256")[:LENGTH]

    def fits(self, update: bytes, receipt: bytes) -> bool:
        return compare_digest(self.of(update), receipt)
