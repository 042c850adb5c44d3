"""The WebSocket `/letters/<id>/sync?client=<Yjs client id>&schema=<n>`: from frames to a room.

Whoever may write the letter is let in as long as their session lasts. A frame that no honest
page sends closes the connection it came on, and nothing else. Codes from 4400 to 4499 tell
y-websocket not to come back; after any other it does.

    4400 malformed frame            4404 no such letter for you
    4401 signed out                 4413 frame or letter too large
    4403 foreign Origin or client   4426 a page from before an update, which would delete what it
    1011 1012 1013 come back: trouble, restart, too slow                       does not know
    4423 both have sealed the letter
    1008 come back, and begin by telling what you know
"""

import asyncio
import logging
from typing import Any
from urllib.parse import parse_qs
from uuid import UUID

from django.core.exceptions import ObjectDoesNotExist
from django.db import DatabaseError

from couples.models import Partner
from couples.realtime import socket_auth
from letters.letter.models.client import Client, ForeignClient
from letters.letter.models.letter import Letter
from letters.live import protocol
from letters.live.connection import Connection
from letters.live.group_commit import Overloaded
from letters.live.protocol import BROKEN, MALFORMED, TRY_AGAIN
from letters.live.registry import RESTART, SEALED, Rooms
from letters.live.room import Room
from letters.text import lib0
from letters.text.ids import PAGES
from letters.text.model import SCHEMA
from letters.text.validity import Ahead, Foreign, TooLarge
from letters.versions.models import Closed

log = logging.getLogger(__name__)

# Less than uvicorn takes in (bin/_serve.py), which closes with a code that pages come back
# after; and more than a letter weighs (replica.py), which a page may bring back in one piece.
MAX_FRAME = 7 * 2**18

TOO_LARGE, OUTDATED = 4413, 4426
# An edit that follows something unknown, or under another client id than the page came with: Yjs
# takes a new one where it meets its own in the document.
ANEW = 1008

# What a page says first that has nothing of the letter.
COLD = protocol.sync(protocol.STEP_1, b"\x00")

# What somebody writes, of all that pages say.
WRITING = bytes([protocol.SYNC, protocol.UPDATE])

rooms: Rooms | None = None


async def start() -> None:
    """Open for writing, on the running loop."""
    global rooms
    rooms = Rooms()


async def stop() -> None:
    """Show everybody out and write down what was typed."""
    global rooms
    if rooms is not None:
        await rooms.close()
        rooms = None


async def endpoint(scope: dict[str, Any], receive: Any, send: Any, letter_id: str) -> None:
    await receive()
    visitor = await socket_auth.enter(scope, send)
    if visitor is None:
        return
    asked = parse_qs(scope["query_string"].decode("latin-1"))
    client_id = _client_id(asked.get("client", [""])[0])
    if client_id is None:
        await socket_auth.close(send, MALFORMED, "client id")
        return
    if asked.get("schema") != [str(SCHEMA)]:
        await socket_auth.close(send, OUTDATED, "load the page again")
        return
    try:
        letter = await socket_auth.in_thread(admit, visitor, UUID(letter_id), client_id)
    except (ObjectDoesNotExist, ValueError):
        await socket_auth.close(send, socket_auth.NOT_FOUND, "not found")
        return
    except Closed:
        await socket_auth.close(send, SEALED, "sealed")
        return
    except ForeignClient:
        await socket_auth.close(send, socket_auth.FOREIGN_ORIGIN, "client id")
        return
    except DatabaseError as error:
        log.warning("Somebody cannot be let into a letter: %s", error)
        await socket_auth.close(send, TRY_AGAIN, "try again")
        return
    if rooms is None:
        await socket_auth.close(send, RESTART, "restart")
        return
    page = Connection(
        client_id,
        send,
        person_id=visitor.user_id,
        name=visitor.name,
        seat=None if letter.is_personal else visitor.who,
        shown=visitor.shown or letter.is_personal,
        quiet=letter.is_quiet,
    )
    seats = letter.couple.ids if letter.couple else ()

    async def hear_writing() -> dict[str, Any]:
        message: dict[str, Any] = await receive()
        if (message.get("bytes") or b"")[:2] == WRITING:
            socket_auth.monitor.writing.add(visitor.session)
        return message

    async with socket_auth.monitor.watching(visitor, page.dismiss, seats):
        await serve(page, rooms, letter.pk, letter.key_owner_id, hear_writing)


def _client_id(given: str) -> int | None:
    if not (given.isascii() and given.isdecimal() and len(given) <= 16):
        return None
    return int(given) if 0 < int(given) < PAGES else None


def admit(visitor: socket_auth.SocketUser, letter_id: UUID, client_id: int) -> Letter:
    """In a thread: the letter, if this visitor may write it with this client.

    Raises ObjectDoesNotExist, Closed where both sealed it, and ForeignClient.
    """
    partner = Partner.objects.get(pk=visitor.partner_id)
    letter = Letter.objects.visible_to(partner).with_people().get(pk=letter_id)
    if letter.closed_at is not None:
        raise Closed
    if not letter.is_writable:
        raise Letter.DoesNotExist
    Client.register(letter, client_id, visitor.user_id)
    return letter


async def serve(
    page: Connection, rooms: Rooms, letter_id: UUID, owner_id: UUID, receive: Any
) -> None:
    """Carry frames between a page and its room until one of them goes."""
    writer = asyncio.create_task(page.write())
    room = rooms.enter(letter_id, owner_id, page)
    try:
        if room is not None:
            page.send(bytes((protocol.PRESENCE, page.shown)))
            first = None
            # Where one of the two does not show themselves, an answer that comes in another order
            # would tell whether the room was open, and so whether somebody is here.
            if room.loading is not None and not page.quiet:
                first = await hear(receive)
                if first.get("bytes") == COLD and await room.serve_cold(page):
                    first = None
            if await room.ready():
                await room.greet(page)
                await listen(page, room, receive, first)
    except asyncio.CancelledError:
        # The farewell has been waited for in vain; anything else that cancels is not ours.
        if page.closed is None:
            raise
    except Exception:
        log.exception("A letter's connection failed.")
        page.close(BROKEN, "reload")
    finally:
        if room is not None:
            room.leave(page)
        await page.part(writer)


async def hear(receive: Any) -> dict[str, Any]:
    try:
        message: dict[str, Any] = await receive()
    except RuntimeError:  # uvloop, where a page vanished while it was not read from
        message = {"type": "websocket.disconnect"}
    return message


async def listen(
    page: Connection, room: Room, receive: Any, first: dict[str, Any] | None = None
) -> None:
    """`first` is what the page has said already."""
    while page.closed is None:
        message = first or await hear(receive)
        first = None
        if message["type"] != "websocket.receive":
            page.gone()
            return
        if room.loading is not None:
            there = await room.ready()
            if not there:
                return
        try:
            await handle(message.get("bytes") or b"", page, room)
        except (lib0.Malformed, IndexError) as error:
            log.info("A connection is closed for a malformed frame: %s", error)
            page.close(MALFORMED, "malformed")
        except (Ahead, Foreign) as error:
            log.info("A connection is closed to synchronise anew: %s", type(error).__name__)
            page.close(ANEW, "anew")
        except TooLarge:
            page.close(TOO_LARGE, "the letter is full")
        except Overloaded:
            page.close(TRY_AGAIN, "overloaded")


async def handle(frame: bytes, page: Connection, room: Room) -> None:
    """One frame. Raises Malformed (or IndexError for a cut one), Ahead, Foreign, TooLarge and
    Overloaded."""
    if len(frame) > MAX_FRAME:
        page.close(TOO_LARGE, "the frame is too large")
        return
    match frame[0]:
        case protocol.SYNC:
            step, data = frame[1], protocol.payload(frame, 2)
            if step == protocol.UPDATE:
                room.edit(data, page)
            elif step == protocol.STEP_1:
                await room.answer(data, page)
            elif step == protocol.STEP_2:
                room.reconcile(data, page)
            else:
                raise lib0.Malformed("a step that y-protocols does not know")
        case protocol.AWARENESS:
            room.present(protocol.payload(frame, 1), page)
        case protocol.QUERY_AWARENESS:
            room.introduce(page)
        case protocol.BARRIER:
            reader = lib0.Reader(frame, 1)
            reader.uint()
            if not reader.ended:
                raise lib0.Malformed("a barrier is one number")
            room.confirm(frame, page)
        case protocol.RETURNED:
            room.returned(frame, page)
        case protocol.DECISION:
            await room.suggestions.decide(protocol.payload(frame, 1), page)
        case kind:
            raise lib0.Malformed(f"a message of kind {kind}")
