"""Pages: Django as WSGI, in threads that wait for nobody.

A thread has the whole body before it begins, and hands its answer over in pieces: it is free again
after each, and asked for the next one when the reader has taken that one. Only files are so large
that they come in more than one; whatever asks the database ends in the thread it began in.
"""

import io
from collections.abc import Iterator
from typing import Any

from a2wsgi.wsgi import build_environ

from config.bodies import Bodies, Gone
from config.lanes import lane_of
from config.refusals import NotTaken, refuse
from config.wsgi import application
from couples.web.logs import note

PIECE = 64 * 1024
bodies = Bodies()


async def pages(scope: dict[str, Any], receive: Any, send: Any) -> None:
    try:
        async with bodies.read(receive) as body:
            page = Page(environ_of(scope, body))
            lane = lane_of(scope)
            piece, more = await lane.run(page.begin)
        await send({"type": "http.response.start", **page.head})
        await send({"type": "http.response.body", "body": piece, "more_body": more})
        while more:
            piece, more = await lane.run(page.more)
            await send({"type": "http.response.body", "body": piece, "more_body": more})
    except NotTaken as refused:
        note("request refused", status=refused.status)
        await refuse(send, refused.status)
    except Gone:
        pass


def environ_of(scope: dict[str, Any], body: bytes) -> dict[str, Any]:
    # In an environment an underscore and a dash are one: nobody is to write the header of a proxy.
    headers = [(name, value) for name, value in scope["headers"] if b"_" not in name]
    theirs: Any = scope | {"headers": headers}
    environ: Any = build_environ(theirs, io.BytesIO(body))  # type: ignore[arg-type]  # their own class
    # Also of one that came in pieces, without a length.
    made: dict[str, Any] = environ | {"CONTENT_LENGTH": str(len(body))}
    return made


class Page:
    """One answer of the application, made piece by piece in whatever thread asks for it."""

    def __init__(self, environ: dict[str, Any]) -> None:
        self.environ = environ
        self.head: dict[str, Any] = {}
        self.answer: Any
        self.chunks: Iterator[bytes]
        self.next: bytes | None

    def begin(self) -> tuple[bytes, bool]:
        self.answer = application(self.environ, self._start)  # type: ignore[arg-type]  # the stubs disagree on bytes
        self.chunks = iter(self.answer)
        self.next = next(self.chunks, None)
        return self.more()

    def more(self) -> tuple[bytes, bool]:
        """The next piece, and whether there is another one. One chunk is read ahead, so that the
        last piece ends the request here and now."""
        chunks, size = [], 0
        while self.next is not None and size < PIECE:
            chunks.append(self.next)
            size += len(self.next)
            self.next = next(self.chunks, None)
        if self.next is None:
            self.answer.close()
        return b"".join(chunks), self.next is not None

    def _start(self, status: str, headers: list[tuple[str, str]], _wrong: object = None) -> None:
        self.head = {
            "status": int(status.split(" ", 1)[0]),
            "headers": [
                (name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers
            ],
        }
