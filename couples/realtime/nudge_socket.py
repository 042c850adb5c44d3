"""The socket that every page holds open: nudges out, nothing in."""

import asyncio
import json
from typing import Any
from urllib.parse import parse_qs

from couples.nudges import hub
from couples.realtime import socket_auth

type Message = dict[str, Any]

# Something was said between the page and its socket: it asks for everything once.
MISSED = "missed"


async def endpoint(scope: Message, receive: Any, send: Any) -> None:
    """The WebSocket `/live?since=…`: sends `{"topic": …}` and reads nothing. A page that says what
    the last nudge was when it was made is told once, as `missed`, that there was another since."""
    await receive()
    socket_user = await socket_auth.enter(scope, send)
    if socket_user is None:
        return
    topics: asyncio.Queue[str] = asyncio.Queue(maxsize=32)
    hub.loop = asyncio.get_running_loop()
    heard = (socket_user.workspace_id, socket_user.partner_id)
    for whose in heard:
        hub.pages[whose].add(topics)
    since = parse_qs(scope["query_string"].decode("latin-1")).get("since", [""])[0]
    if since and since != hub.last(socket_user.workspace_id):
        topics.put_nowait(MISSED)

    async def write() -> None:
        while True:
            topic = await topics.get()
            await send({"type": "websocket.send", "text": json.dumps({"topic": topic})})

    writer = asyncio.create_task(write())
    try:
        async with socket_auth.monitor.watching(socket_user, send):
            while (await receive())["type"] != "websocket.disconnect":
                pass
    finally:
        writer.cancel()
        for whose in heard:
            hub.pages[whose].discard(topics)
            if not hub.pages[whose]:
                del hub.pages[whose]
