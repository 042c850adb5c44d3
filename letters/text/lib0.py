"""Numbers and bytes as lib0 writes them, which is what Yjs and its protocols are made of.

Source: lib0/encoding.js and lib0/decoding.js.
"""

NOTHING = b"\x00\x00"  # an update without insertions and deletions
MOST = 2**53 - 1  # the largest number that a browser reads


class Malformed(Exception):
    """Not something that an honest client sends."""


def uint(number: int) -> bytes:
    """A number as lib0 writes it: seven bits a byte, the lowest first."""
    encoded = bytearray()
    while number > 127:
        encoded.append(number & 127 | 128)
        number >>= 7
    encoded.append(number)
    return bytes(encoded)


class Reader:
    """Reads lib0's encoding; raises IndexError past the end and Malformed for nonsense."""

    __slots__ = ("at", "data")

    def __init__(self, data: bytes, at: int = 0) -> None:
        self.data = data
        self.at = at

    @property
    def ended(self) -> bool:
        return self.at == len(self.data)

    def byte(self) -> int:
        byte = self.data[self.at]
        self.at += 1
        return byte

    def uint(self) -> int:
        data, at = self.data, self.at
        byte = data[at]
        at += 1
        number = byte & 127
        shift = 7
        while byte > 127:
            byte = data[at]
            at += 1
            number |= (byte & 127) << shift
            shift += 7
            if shift > 56:
                raise Malformed("a number of more than 53 bits")
        if not byte and shift > 7:
            raise Malformed("a number in a longer spelling")
        if number > MOST:
            raise Malformed("a number of more than 53 bits")
        self.at = at
        return number

    def skip(self, length: int) -> None:
        self.at += length
        if self.at > len(self.data):
            raise IndexError

    def bytes(self) -> bytes:
        length = self.uint()
        start = self.at
        self.skip(length)
        return self.data[start : self.at]
