"""Who may hold a socket open, and for how long.

A socket is let in by the session cookie of a signed-in person with a home, from a page of this
site. Once a second the watch asks again about everybody inside: whoever signed out, had their
session ended, changed their password or left the home is shown out.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie
from importlib import import_module
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY, get_user
from django.db import close_old_connections
from django.http import HttpRequest
from django.http.request import split_domain_port, validate_host
from django.utils.crypto import constant_time_compare

from couples.models.session import Session
from couples.models.user import User
from couples.models.workspace import Partner
from couples.web.addresses import is_ours
from couples.web.logs import note

SIGNED_OUT = 4401
FOREIGN_ORIGIN = 4403
NOT_FOUND = 4404
COME_BACK = 1012

logger = logging.getLogger(__name__)

# Sockets ask little of the database; two threads keep them from crowding out the pages.
threads = ThreadPoolExecutor(max_workers=2, thread_name_prefix="socket-auth")


@dataclass(frozen=True)
class SocketUser:
    """Who holds a socket: a person in their seat, by one session."""

    user_id: UUID
    partner_id: UUID
    workspace_id: UUID
    name: str
    who: str
    session: str  # the hash of its key
    shown: bool = True


async def in_thread[T](function: Callable[..., T], *args: Any) -> T:
    """Run a function that uses the database in one of two threads that are kept for this."""

    def call() -> T:
        close_old_connections()
        try:
            return function(*args)
        finally:
            close_old_connections()

    return await asyncio.get_running_loop().run_in_executor(threads, call)


async def enter(scope: dict[str, Any], send: Any) -> SocketUser | None:
    """Accept the socket and say who it is; or close it with a code that says why, and None.

    It is accepted before it is refused, because a browser does not show a page the status of a
    refused handshake.
    """
    await send({"type": "websocket.accept"})
    headers = {name: value.decode("latin-1") for name, value in scope["headers"]}
    if not same_site(headers.get(b"origin", ""), headers.get(b"host", "")):
        note("socket refused", why="foreign origin")
        await close(send, FOREIGN_ORIGIN)
        return None
    socket_user = await in_thread(identify, headers.get(b"cookie", ""))
    if socket_user is None:
        await close(send, SIGNED_OUT)
    return socket_user


async def close(send: Any, code: int, reason: str = "") -> None:
    # The other side may have gone first.
    with suppress(Exception):
        await send({"type": "websocket.close", "code": code, "reason": reason})


def same_site(origin: str, host: str) -> bool:
    """Whether the page that opened the socket came from this site."""
    domain, _port = split_domain_port(host)
    return is_ours(origin, host) and validate_host(domain, settings.ALLOWED_HOSTS)


def identify(cookie_header: str) -> SocketUser | None:
    """The person whose session cookie this is, if they are signed in and have a home."""
    try:
        cookie = SimpleCookie(cookie_header).get(settings.SESSION_COOKIE_NAME)
    except CookieError:
        return None
    if cookie is None:
        return None
    request = HttpRequest()
    request.session = session = sessions().SessionStore(cookie.value)
    user = get_user(request)
    if not isinstance(user, User) or user.partner is None or session.row is None:
        return None
    return SocketUser(
        user_id=user.pk,
        partner_id=user.partner.pk,
        workspace_id=user.partner.workspace_id,
        name=user.name,
        who=user.partner.who,
        session=session.row.pk,
        shown=user.shows_presence,
    )


def sessions() -> Any:
    """The module that `config` names."""
    return import_module(settings.SESSION_ENGINE)


@dataclass(frozen=True, eq=False)
class OpenSocket:
    """One socket inside. `seats` are those that must stay taken for it to stay open: the
    visitor's own, and for what belongs to two people the other's as well."""

    socket_user: SocketUser
    send: Any
    seats: frozenset[UUID]


def revoked(visits: Collection[OpenSocket], writing: Collection[str] = ()) -> dict[OpenSocket, int]:
    """Those that may not stay, each with the code that says why: three queries for all. The
    sessions in `writing` were used."""
    known = {visit.socket_user.session for visit in visits}
    decode = sessions().SessionStore().decode
    rows = Session.objects.open().in_bulk(known)
    for row in map(rows.get, writing):
        if row is not None:
            row.use()
    users = User.objects.in_bulk({visit.socket_user.user_id for visit in visits})
    taken = set(
        Partner.objects.active()
        .filter(pk__in=frozenset().union(*(visit.seats for visit in visits)))
        .values_list("pk", flat=True)
    )

    def signed_in(socket_user: SocketUser) -> bool:
        row = rows.get(socket_user.session)
        session = decode(row.data) if row is not None else {}
        user = users.get(socket_user.user_id)
        return (
            user is not None
            and user.is_active
            and session.get(SESSION_KEY) == str(socket_user.user_id)
            and constant_time_compare(
                session.get(HASH_SESSION_KEY, ""), user.get_session_auth_hash()
            )
        )

    def as_before(socket_user: SocketUser) -> bool:
        user = users.get(socket_user.user_id)
        return user is not None and user.shows_presence == socket_user.shown

    # Whoever begins or ceases to show that they are here comes in anew.
    changed = {visit: COME_BACK for visit in visits if not as_before(visit.socket_user)}
    refused = changed | {visit: NOT_FOUND for visit in visits if not visit.seats <= taken}
    return refused | {visit: SIGNED_OUT for visit in visits if not signed_in(visit.socket_user)}


class SessionMonitor:
    """Asks every second whether those inside may stay."""

    interval = 1.0

    def __init__(self) -> None:
        self.inside: set[OpenSocket] = set()
        # Sessions by which somebody wrote in a letter since the last round: that is no request,
        # and whoever is writing is not away.
        self.writing: set[str] = set()
        self.round: asyncio.Task[None] | None = None

    @asynccontextmanager
    async def watching(
        self, socket_user: SocketUser, send: Any, seats: Collection[UUID] = ()
    ) -> AsyncIterator[None]:
        """Look after a socket for as long as the block runs; `seats` besides the visitor's own must
        stay taken, too."""
        visit = OpenSocket(socket_user, send, frozenset({socket_user.partner_id, *seats}))
        self.inside.add(visit)
        if self.round is None or self.round.done():
            self.round = asyncio.create_task(self._walk())
        try:
            yield
        finally:
            self.inside.discard(visit)

    async def _walk(self) -> None:
        while self.inside:
            await asyncio.sleep(self.interval)
            try:
                writing, self.writing = self.writing, set()
                refused = await in_thread(revoked, list(self.inside), writing)
            except Exception:
                # A database that is away for a moment ends no one's visit, and nothing ends the
                # watch: without it nobody is shown out any more.
                logger.exception("Nobody could be asked whether they may stay; again in a second.")
                continue
            # A page that does not read keeps nobody but itself waiting.
            farewells = (close(visit.send, code) for visit, code in refused.items())
            await asyncio.gather(
                *(asyncio.wait_for(farewell, self.interval) for farewell in farewells),
                return_exceptions=True,
            )


monitor = SessionMonitor()
