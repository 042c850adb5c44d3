"""A WebSocket client of a hundred lines, because a load client must cost less than its server.

It speaks RFC 6455 over asyncio's transport: masked frames (with a mask of zeros, which is legal and
free), pings answered, closes echoed. Reading can be paused, and raw frames can be sent, as the
tests of hostile and slow pages need it.
"""

import asyncio
import base64
import os
import struct
from collections.abc import Callable
from typing import cast
from urllib.parse import urlsplit

TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10


class Refused(Exception):
    """The server did not answer the handshake with 101."""


class WebSocket(asyncio.Protocol):
    """One connection; `hear` is called with every message."""

    def __init__(self, hear: Callable[[bytes], None]) -> None:
        self.hear = hear
        self.closed: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self.reason = ""
        self._open: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._buffer = bytearray()
        self.transport: asyncio.Transport

    async def open(self, url: str, headers: dict[str, str]) -> None:
        """Connect to `ws://host:port/path?query`."""
        parts = urlsplit(url)
        loop = asyncio.get_running_loop()
        assert parts.hostname
        assert parts.port
        await loop.create_connection(lambda: self, parts.hostname, parts.port)
        lines = [
            f"GET {parts.path}{'?' if parts.query else ''}{parts.query} HTTP/1.1",
            f"Host: {parts.netloc}",
            "Upgrade: websocket",
            "Connection: Upgrade",
            f"Sec-WebSocket-Key: {base64.b64encode(os.urandom(16)).decode()}",
            "Sec-WebSocket-Version: 13",
            *(f"{name}: {value}" for name, value in headers.items()),
        ]
        self.transport.write("\r\n".join([*lines, "", ""]).encode())
        await self._open

    def send(self, data: bytes, opcode: int = BINARY) -> None:
        length = len(data)
        if length < 126:
            head = bytes((128 | opcode, 128 | length))
        elif length < 65536:
            head = struct.pack("!BBH", 128 | opcode, 128 | 126, length)
        else:
            head = struct.pack("!BBQ", 128 | opcode, 128 | 127, length)
        self.transport.write(b"%b\0\0\0\0%b" % (head, data))

    async def close(self) -> int:
        """Say goodbye; the code with which the connection ended."""
        if not self.closed.done():
            self.send(struct.pack("!H", 1000), CLOSE)
        return await self.closed

    def abort(self) -> None:
        """Vanish, as a laptop does whose lid is closed."""
        self.transport.abort()

    # -- asyncio.Protocol ------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)

    def connection_lost(self, error: Exception | None) -> None:
        if not self._open.done():
            self._open.set_exception(Refused("the connection was lost"))
        self._end(1006)

    def data_received(self, data: bytes) -> None:
        buffer = self._buffer
        buffer += data
        if not self._open.done() and not self._shaken():
            return
        at = 0
        while (frame := self._frame(at)) is not None:
            opcode, start, at = frame
            payload = bytes(buffer[start:at])
            if opcode in (TEXT, BINARY):
                self.hear(payload)
            elif opcode == PING:
                self.send(payload, PONG)
            elif opcode == CLOSE:
                self.reason = payload[2:].decode()
                self._end(struct.unpack("!H", payload[:2])[0] if payload else 1005)
                self.send(payload[:2], CLOSE)
                self.transport.close()
        del buffer[:at]

    def _shaken(self) -> bool:
        head, found, rest = bytes(self._buffer).partition(b"\r\n\r\n")
        if not found:
            return False
        if head.split(b" ", 2)[1] != b"101":
            self._open.set_exception(Refused(head.split(b"\r\n")[0].decode()))
            self.transport.close()
            return False
        self._buffer[:] = rest
        self._open.set_result(None)
        return True

    def _frame(self, at: int) -> tuple[int, int, int] | None:
        """The opcode, start and end of the next frame, if it is there completely."""
        buffer = self._buffer
        if len(buffer) - at < 2:
            return None
        opcode, length, start = buffer[at] & 15, buffer[at + 1], at + 2
        if length > 125:
            size = 2 if length == 126 else 8
            length = int.from_bytes(buffer[start : start + size])
            start += size
        return (opcode, start, start + length) if len(buffer) >= start + length else None

    def _end(self, code: int) -> None:
        if not self.closed.done():
            self.closed.set_result(code)
