"""The words of the letter's socket: y-protocols as y-websocket speaks them, and our barrier.

A frame holds one message: `[0, 0|1|2, length, bytes]` syncs the document, `[1, length, bytes]`
says who is here and where their cursor is, `[3]` asks for that, and `[100, n]` is the barrier: the
server sends it back once everything that came before it is written down. `[101, 0|1]` tells a page
whether it is seen by the other, and sees them.

Updates from the server that may not be written down yet end with a receipt (receipts.py), which
y-websocket does not read. A page that comes back after a break returns what it was told with
`[102, length, bytes, receipt]`. What it decides about suggestions is `[103, length, JSON]`, which
is answered with `[103, n]`.
"""

import json
from typing import Any, NamedTuple

from letters.text.lib0 import Malformed, Reader, uint

SYNC, AWARENESS, QUERY_AWARENESS = 0, 1, 3
BARRIER, PRESENCE, RETURNED, DECISION = 100, 101, 102, 103
STEP_1, STEP_2, UPDATE = 0, 1, 2
# Why a connection is closed; socket.py says what each means to a page.
BROKEN, TRY_AGAIN = 1011, 1013
MALFORMED, CLOSED = 4400, 4404

MAX_PRESENCE = 4096


def payload(frame: bytes, at: int) -> bytes:
    """The bytes, their length first, that fill the frame from `at` to its end."""
    # Nearly every frame is a keystroke, whose length is one byte.
    try:
        if frame[at] == len(frame) - at - 1 < 128:
            return frame[at + 1 :]
        reader = Reader(frame, at)
        data = reader.bytes()
    except IndexError:
        raise Malformed("the frame is cut short") from None
    if not reader.ended:
        raise Malformed("the frame holds more than one message")
    return data


def returned(frame: bytes, length: int) -> tuple[bytes, bytes]:
    """The update, and the receipt of this length that came with it."""
    reader = Reader(frame, 1)
    try:
        update = reader.bytes()
    except IndexError:
        raise Malformed("the frame is cut short") from None
    if len(frame) - reader.at != length:
        raise Malformed("a receipt of another length")
    return update, frame[reader.at :]


def decided(number: int) -> bytes:
    return bytes((DECISION,)) + uint(number)


def sync(step: int, data: bytes) -> bytes:
    if len(data) < 128:
        return bytes((SYNC, step, len(data))) + data
    return b"".join((bytes((SYNC, step)), uint(len(data)), data))


class Presence(NamedTuple):
    """What one client says of itself; `state` is JSON, `null` when it is gone."""

    client_id: int
    clock: int
    state: str


GONE = "null"


def awareness(presences: list[Presence]) -> bytes:
    parts = [uint(len(presences))]
    for client_id, clock, state in presences:
        encoded = state.encode()
        parts += (uint(client_id), uint(clock), uint(len(encoded)), encoded)
    body = b"".join(parts)
    return b"".join((bytes((AWARENESS,)), uint(len(body)), body))


def presence_of(client_id: int, data: bytes, user: dict[str, str]) -> Presence | None:
    """What `client_id` says of itself in an awareness message: where its cursor is. Who that is, is
    not for the page to say.

    y-websocket repeats what it heard of others, too: that is passed over, so that nobody can speak
    for somebody else. The state is parsed and written anew, because the other browser will parse
    it with less patience than Python.
    """
    reader = Reader(data)
    found = None
    try:
        for _ in range(reader.uint()):
            who, clock, state = reader.uint(), reader.uint(), reader.bytes()
            if who == client_id:
                found = Presence(who, clock, _clean(state, user))
    except IndexError:
        raise Malformed("the awareness message is cut short") from None
    if not reader.ended:
        raise Malformed("the awareness message goes on after its end")
    return found


def _clean(state: bytes, user: dict[str, str]) -> str:
    if len(state) > MAX_PRESENCE:
        raise Malformed("an awareness state of that size")
    try:
        parsed = json.loads(state, parse_constant=_no_constant)
        if not isinstance(parsed, dict | None):
            raise Malformed("an awareness state is an object or null")
        if parsed is None:
            return GONE
        told = {"user": user, "cursor": parsed.get("cursor")}
        return json.dumps(told, separators=(",", ":"))
    except (ValueError, RecursionError) as error:
        raise Malformed("an awareness state that is not JSON") from error


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")
