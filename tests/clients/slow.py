"""Clients that hang: a head that does not end, a body that does not come, an answer not taken."""

import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from tests.server import Server

# Of the front end, the one that takes longest to send.
LARGE = "/static/dist/editor.js"
MANY = 30


def connect(server: Server, receive: int | None = None) -> socket.socket:
    line = socket.socket()
    if receive is not None:
        line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive)
    line.settimeout(60)
    line.connect(("127.0.0.1", server.port))
    return line


def head(server: Server, method: str, path: str, *lines: str) -> bytes:
    first = [f"{method} {path} HTTP/1.1", f"Host: 127.0.0.1:{server.port}", *lines]
    return "\r\n".join([*first, "", ""]).encode()


def without_head(server: Server) -> socket.socket:
    """Never comes to the end of its first line."""
    line = connect(server)
    line.sendall(b"GET /ab")
    return line


def without_body(server: Server) -> socket.socket:
    """Promises a form, and sends the first letter of it."""
    line = connect(server)
    kind = "Content-Type: application/x-www-form-urlencoded"
    line.sendall(head(server, "POST", "/account/login/", kind, "Content-Length: 100") + b"l")
    return line


def without_reading(server: Server) -> socket.socket:
    """Asks for much, and takes nothing of it."""
    line = connect(server, receive=4096)
    # More than the systems on both sides take off the server's hands.
    line.sendall(head(server, "GET", LARGE) * MANY)
    return line


@contextmanager
def hanging(server: Server, how_many: int) -> Iterator[list[socket.socket]]:
    """So many slow clients, some of each kind."""
    kinds = (without_head, without_body, without_body, without_reading)
    with ExitStack() as stack:
        yield [
            stack.enter_context(kinds[number % len(kinds)](server)) for number in range(how_many)
        ]


def rest(line: socket.socket) -> bytes:
    """Everything that still comes, until the server hangs up."""
    came = bytearray()
    try:
        while part := line.recv(65536):
            came += part
    except ConnectionResetError:
        pass
    return bytes(came)
