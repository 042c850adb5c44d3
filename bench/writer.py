"""One of two people who type in a letter: their connection, what they send, and what they hear."""

import socket
import struct
from dataclasses import dataclass
from time import perf_counter
from typing import Any

from bench.strokes import Strokes, reach
from letters.live import protocol
from letters.text import lib0, model

PATIENCE = 20.0
BINARY, CLOSE, PING, PONG = 2, 8, 9, 10
APPLIED = 8  # what Hocuspocus says for each update that it has applied
MASK = b"\x5a\x17\xc3\x88"


@dataclass
class Plan:
    """What one load process is to do."""

    speaks: str  # "dear" or "hocuspocus"
    port: int
    letters: list[dict[str, Any]]  # {"id": …, "cookies": [one, two]}
    clients: list[int]  # the Yjs ids of the two writers, in every letter
    page: str  # what each letter begins with, as base64
    mode: str  # "open", "closed" or "hold"
    edits: int  # at most so many of each writer
    server: list[int]  # process ids whose CPU time is counted
    seconds: float = 0.0
    warm: float = 0.0  # so long at the beginning nothing is counted
    rate: float = 0.0  # open: edits a second of all writers together
    window: int = 1  # closed: so many edits of each writer are on their way
    spin: bool = True  # open: never sleep, so that edits leave on time; takes a core
    seed: int = 0


class Lost(Exception):
    """The server closed a connection, or does not answer."""


def frame(payload: bytes, opcode: int = BINARY) -> bytes:
    """A masked WebSocket frame."""
    length = len(payload)
    if length < 126:
        head = bytes((128 | opcode, 128 | length))
    elif length < 65536:
        head = struct.pack("!BBH", 128 | opcode, 128 | 126, length)
    else:
        head = struct.pack("!BBQ", 128 | opcode, 128 | 127, length)
    mask = (MASK * (length // 4 + 1))[:length]
    masked = int.from_bytes(payload) ^ int.from_bytes(mask)
    return head + MASK + masked.to_bytes(length)


def barrier(number: int) -> bytes:
    return bytes((protocol.BARRIER,)) + lib0.uint(number)


class Writer:
    """One of the two people in a letter, and their connection."""

    other: "Writer"

    def __init__(self, plan: Plan, letter: dict[str, Any], seat: int, words: Strokes) -> None:
        self.letter = letter["id"]
        self.client = words.client
        self.base = words.base
        self.edits = words.edits
        self.dear = plan.speaks == "dear"
        # Hocuspocus carries many documents on one socket and names them in each message.
        name = self.letter.encode()
        self.prefix = b"" if self.dear else lib0.uint(len(name)) + name
        self.cookie = letter["cookies"][seat]
        self.port = plan.port
        self.typed = self.arrived = self.saved = self.asked = 0
        self.asked_at = 0.0
        self.sent: list[float] = []
        self.arriving: list[float] = []
        self.saving: list[float] = []
        self.live = False  # from now on it counts
        self.state: bytes | None = None
        self.rest = b""
        with_barrier = self.dear and plan.mode == "open"
        self.frames = [
            self.update(edit) + (frame(barrier(number)) if with_barrier else b"")
            for number, edit in enumerate(words.edits, start=1)
        ]

    # -- Saying ----------------------------------------------------------------------------------

    def say(self, message: bytes) -> bytes:
        return frame(self.prefix + message)

    def update(self, update: bytes) -> bytes:
        return self.say(protocol.sync(protocol.UPDATE, update))

    def connect(self) -> None:
        self.sock = socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE)
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        query = f"client={self.client}&schema={model.SCHEMA}"
        path = f"/letters/{self.letter}/sync?{query}" if self.dear else "/"
        self.sock.sendall(
            f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\n"
            f"Origin: http://127.0.0.1:{self.port}\r\nCookie: {self.cookie}\r\n"
            "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
            "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n".encode()
        )
        head = b""
        while b"\r\n\r\n" not in head:
            part = self.sock.recv(4096)
            if not part:
                raise Lost("the handshake was not answered")
            head += part
        head, _, self.rest = head.partition(b"\r\n\r\n")
        if b" 101 " not in head.split(b"\r\n")[0]:
            raise Lost(f"the handshake was answered with {head[:40]!r}")
        if not self.dear:
            self.sock.sendall(self.say(b"\x02\x00\x00"))  # a token, which is empty
        self.ask_state()

    def ask_state(self) -> None:
        self.state = None
        self.sock.sendall(self.say(protocol.sync(protocol.STEP_1, b"\x00")))

    def type(self, now: float) -> None:
        edit = self.frames[self.typed]
        self.typed += 1
        self.sent.append(now)
        self.sock.sendall(edit)

    def ask(self, now: float) -> None:
        """Is everything saved? Hocuspocus tells by itself."""
        if self.dear and self.asked < self.typed:
            self.asked, self.asked_at = self.typed, now
            self.sock.sendall(frame(barrier(self.typed)))

    # -- Hearing ---------------------------------------------------------------------------------

    def read(self) -> float:
        """Take in what has arrived; the time when it did."""
        data = self.sock.recv(262_144)
        now = perf_counter()
        if not data:
            raise Lost("the server hung up")
        if self.rest:
            data = self.rest + data
        at, size = 0, len(data)
        while at + 2 <= size:
            length, start = data[at + 1], at + 2
            if length > 125:
                width = 2 if length == 126 else 8
                if start + width > size:
                    break
                length = int.from_bytes(data[start : start + width])
                start += width
            end = start + length
            if end > size:
                break
            opcode = data[at] & 15
            if opcode == BINARY:
                self.hear(data, start + len(self.prefix), now)
            elif opcode == PING:
                self.sock.sendall(frame(data[start:end], PONG))
            elif opcode == CLOSE:
                raise Lost(f"the server closed with {int.from_bytes(data[start : start + 2])}")
            at = end
        self.rest = data[at:]
        return now

    def hear(self, data: bytes, at: int, now: float) -> None:
        kind = data[at]
        if kind == protocol.SYNC:
            if data[at + 1] == protocol.UPDATE:
                self.hear_update(data, at + 2, now)
            elif data[at + 1] == protocol.STEP_2:
                self.state = lib0.Reader(data, at + 2).bytes()  # perhaps with a receipt after it
        elif kind == protocol.BARRIER:
            self.confirm(lib0.Reader(data, at + 1).uint(), now)
        elif kind == APPLIED and self.live:
            self.confirm(self.saved + 1, now)

    def hear_update(self, data: bytes, at: int, now: float) -> None:
        other = self.other
        heard = other.arrived
        if heard == other.typed:
            return  # nothing is on its way: this can only be what I wrote myself
        # Nearly always it is the very next edit of the other, alone; ours has a receipt after it.
        if data[at + 1 : at + 1 + data[at]] == other.edits[heard]:
            reached = heard + 1
        elif self.dear:
            return
        else:
            reached = reach(lib0.Reader(data, at).bytes(), other.client) - other.base
        if reached > heard:
            sent = other.sent
            other.arriving.extend(now - sent[number] for number in range(heard, reached))
            other.arrived = reached

    def confirm(self, upto: int, now: float) -> None:
        sent = self.sent
        self.saving.extend(now - sent[number] for number in range(self.saved, upto))
        self.saved = upto
