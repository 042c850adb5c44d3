"""One process for everything: pages as WSGI in a few threads, the two sockets as plain ASGI.

Pages run as WSGI rather than through Django's own ASGI handler because that is quicker and keeps
database connections open between requests; the figures are in docs/performance.md.
"""

import gc
import os
import re
import sys
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.urls import get_resolver
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

try:
    from config.pages import pages
except ImproperlyConfigured as error:
    sys.exit(f"Dear Relationship cannot start: {error}")

from config import refusals
from couples.crypto import keyring
from couples.realtime import nudge_socket, socket_auth
from letters.live import socket as sync
from principles.practices.models import call

LETTER = re.compile(r"^/letters/(?P<letter>[0-9a-f-]{36})/sync$")


async def served(scope: dict[str, Any], receive: Any, send: Any) -> None:
    match scope["type"]:
        case "http":
            await pages(scope, receive, send)
        case "websocket":
            await socket(scope, receive, send)
        case "lifespan":
            await lifespan(receive, send)


# The addresses that limits count, and https, are those of the connection; or what the proxy says.
application: Any = (
    ProxyHeadersMiddleware(served, settings.TRUSTED_PROXIES)  # type: ignore[arg-type]  # stricter
    if settings.TRUSTED_PROXIES
    else served
)


async def socket(scope: dict[str, Any], receive: Any, send: Any) -> None:
    if scope["path"] == "/live":
        await nudge_socket.endpoint(scope, receive, send)
    elif match := LETTER.match(scope["path"]):
        await sync.endpoint(scope, receive, send, match["letter"])
    else:
        await receive()
        await send({"type": "websocket.accept"})
        await socket_auth.close(send, socket_auth.NOT_FOUND)


def settle_in() -> None:
    """Load the pages now rather than with the first request, and take what is loaded out of the
    collector's sight: nothing of it ever goes, and to look through all of it stops every thread
    for a tenth of a second at a time."""
    get_resolver().url_patterns  # noqa: B018 # imports all views
    for status in (408, 413, 503):
        refusals.made(status)
    gc.collect()
    gc.freeze()


async def lifespan(receive: Any, send: Any) -> None:
    await receive()
    try:
        await socket_auth.in_thread(keyring.ring().check)
    except ImproperlyConfigured as error:
        await send({"type": "lifespan.startup.failed", "message": str(error)})
        return
    await sync.start()
    await socket_auth.in_thread(call.catch_up)
    await socket_auth.in_thread(settle_in)
    await send({"type": "lifespan.startup.complete"})
    await receive()
    # Every letter is written down before the process goes.
    await sync.stop()
    await send({"type": "lifespan.shutdown.complete"})
