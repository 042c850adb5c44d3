"""Somebody who comes to a real server without a browser: requests, a socket, and a mailbox."""

import email
import email.policy
import io
from collections.abc import Callable
from contextlib import closing
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlencode

import pypdfium2

from tests.clients.websocket import WebSocket
from tests.server import Server


class Answer:
    """What came back, as it can be searched: with its headers, and a PDF as its text."""

    def __init__(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
        self.status_code = status
        self.headers = {name.title(): value for name, value in headers}
        text = body.decode(errors="replace")
        if body.startswith(b"%PDF"):
            sheets = pypdfium2.PdfDocument(io.BytesIO(body))
            text = "".join(sheet.get_textpage().get_text_range() for sheet in sheets)
        self.text = f"{headers}\n{text}"

    def __getitem__(self, header: str) -> str:
        return self.headers.get(header, "")


class HttpClient:
    """A browser without pages: one request after the other to a real server."""

    def __init__(self, server: Server, session: str = "") -> None:
        self.server = server
        self.cookie = f"session={session}; csrf={'a' * 32}" if session else f"csrf={'a' * 32}"

    def get(self, path: str, headers: dict[str, str] | None = None) -> Answer:
        return self._ask("GET", path, None, headers or {})

    def post(self, path: str, data: Any, headers: dict[str, str] | None = None) -> Answer:
        body = urlencode({**data, "csrfmiddlewaretoken": "a" * 32}, doseq=True)
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        return self._ask("POST", path, body, kind | (headers or {}))

    def _ask(self, method: str, path: str, body: str | None, headers: dict[str, str]) -> Answer:
        headers = headers | {"Cookie": self.cookie, "Origin": self.server.base_url}
        with closing(HTTPConnection("127.0.0.1", self.server.port, timeout=30)) as line:
            line.request(method, path, body, headers)
            response = line.getresponse()
            return Answer(response.status, response.getheaders(), response.read())


async def listen(server: Server, session: str, hear: Callable[[bytes], None]) -> WebSocket:
    """The socket for nudges, by somebody's session."""
    socket = WebSocket(hear)
    headers = {"Origin": server.base_url, "Cookie": f"session={session}"}
    await socket.open(server.base_url.replace("http", "ws", 1) + "/live", headers)
    return socket


def mails(server: Server) -> list[str]:
    """Every mail, with its headers, as it can be searched, once the worker has sent what is due."""
    server.shell("from django.core.management import call_command; call_command('work', once=True)")
    folder = server.folder / "mail"
    return [_read(path.read_bytes()) for path in sorted(folder.glob("*.eml"))]


def _read(raw: bytes) -> str:
    message = email.message_from_bytes(raw, policy=email.policy.default)
    parts = [part.get_content() for part in message.walk() if not part.is_multipart()]
    return f"{message.items()} {' '.join(map(str, parts))}"
