"""What the server does not take: a body that does not come, or is too large, or one page too many.

These answers must cost nothing, as it may be an attack that they answer. So each is made once, when
the server starts, by Django with all its headers, and sent from memory without a thread.
"""

import io
from functools import cache
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings

from config.wsgi import application
from couples.web.not_taken import NOT_TAKEN

type Headers = list[tuple[bytes, bytes]]


class NotTaken(Exception):
    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


async def refuse(send: Any, status: int) -> None:
    headers, page = made(status)
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": page})


@cache
def made(status: int) -> tuple[Headers, bytes]:
    """The page for everybody, with the headers that every page has and no cookie."""
    base = urlsplit(settings.BASE_URL)
    environ = {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": "/",
        "SERVER_NAME": base.hostname,
        "SERVER_PORT": str(base.port or {"http": 80, "https": 443}[base.scheme]),
        "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_HOST": base.netloc,
        "HTTP_X_FORWARDED_PROTO": base.scheme,
        "wsgi.url_scheme": base.scheme,
        "wsgi.input": io.BytesIO(),
        NOT_TAKEN: status,
    }
    found: Headers = []

    def start(_status: str, headers: list[tuple[str, str]], _wrong: object = None) -> None:
        found.extend((name.lower().encode(), value.encode("latin-1")) for name, value in headers)

    answer = application(environ, start)  # type: ignore[arg-type]  # the stubs disagree on bytes
    page = b"".join(answer)
    answer.close()
    headers = [each for each in found if each[0] != b"set-cookie"]
    return [*headers, (b"connection", b"close")], page
