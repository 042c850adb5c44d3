"""A real server and clients that hang or send too much: no page waits for them."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from http.client import HTTPConnection
from urllib.parse import urlencode
from uuid import uuid4

import pytest

from config import bodies, protocol
from tests.clients import slow
from tests.clients.http import HttpClient
from tests.server import Server

pytestmark = pytest.mark.slow

FORM = "application/x-www-form-urlencoded"
# What a page may take beside everything that hangs, on a busy machine.
AT_ONCE = 2.0


@pytest.fixture(scope="module")
def server(start_server: Callable[..., Server]) -> Server:
    return start_server()


def took(visitor: HttpClient, path: str) -> float:
    began = time.monotonic()
    assert visitor.get(path).status_code in (200, 302)
    return time.monotonic() - began


def test_pages_answer_while_two_hundred_clients_hang(server: Server) -> None:
    visitor = HttpClient(server)
    with slow.hanging(server, 200) as lines:
        time.sleep(0.5)
        for path in ("/", "/account/login/", "/about/", slow.LARGE):
            assert took(visitor, path) < AT_ONCE, path
        # They do not hang for ever: who did not send is told so, on a page of ours.
        began = time.monotonic()
        answer = slow.rest(lines[1])
        assert time.monotonic() - began < bodies.GRACE + 15
        assert answer.startswith(b"HTTP/1.1 408 ")
        assert b"took too long" in answer
        assert b"Content-Security-Policy" in answer.title()
        assert b"set-cookie" not in answer.lower()
        assert slow.rest(lines[0]) == b""


def test_who_takes_nothing_is_hung_up_on(server: Server) -> None:
    with slow.without_reading(server) as line:
        time.sleep(protocol.READ_TIMEOUT + 3)
        assert slow.rest(line).count(b"HTTP/1.1 200 OK") < slow.MANY


def test_a_form_that_comes_in_pieces_is_a_form(server: Server) -> None:
    with closing(HTTPConnection("127.0.0.1", server.port, timeout=30)) as line:
        login = f"{uuid4().hex}@home.example"
        fields = {"login": login, "password": "x", "csrfmiddlewaretoken": "a" * 32}
        form = urlencode(fields).encode()
        headers = {"Content-Type": FORM, "Cookie": f"csrf={'a' * 32}", "Origin": server.base_url}
        pieces = (form[at : at + 7] for at in range(0, len(form), 7))
        line.request("POST", "/account/login/", pieces, headers, encode_chunked=True)
        answer = line.getresponse()
        assert answer.status == 200
        assert f'value="{login}"' in answer.read().decode()


@pytest.mark.parametrize("chunked", [False, True])
def test_more_than_anything_may_take_is_not_read(server: Server, chunked: bool) -> None:
    size = bodies.LARGEST + 1
    with closing(HTTPConnection("127.0.0.1", server.port, timeout=30)) as line:
        headers = {"Content-Type": FORM, "Origin": server.base_url}
        if chunked:
            pieces = (b"x" * 65536 for _ in range(size // 65536 + 1))
            line.request("POST", "/", pieces, headers, encode_chunked=True)
        else:
            line.request("POST", "/", b"x" * size, headers)
        answer = line.getresponse()
        assert answer.status == 413
        assert "too much at once" in answer.read().decode()


def test_a_head_that_never_ends_is_not_kept(server: Server) -> None:
    with slow.connect(server) as line:
        line.sendall(b"GET / HTTP/1.1\r\nX-Long: ")
        with pytest.raises((ConnectionResetError, BrokenPipeError)):
            line.sendall(b"x" * 100_000_000)


def test_no_header_passes_for_another(server: Server) -> None:
    """`content_length` is none, though the two look alike in a WSGI environment."""
    with slow.connect(server) as line:
        line.sendall(slow.head(server, "GET", "/home/", "x_seat: 1", "Connection: close"))
        assert slow.rest(line).startswith(b"HTTP/1.1 302 ")


# -- Long work -----------------------------------------------------------------------------------

MAKE = """
import json
from django.conf import settings
from django.test import Client
from couples.models import User, Workspace
from letters.models import Letter
from tests.letters.writing import write

ana = User.objects.create_user("ana@home.example", "Ana")
Workspace.begin(ana)
client = Client()
client.force_login(ana)
letter = Letter.begin_personal(ana)
for _line in range(20):
    write(letter, ana, "I want to be slow when it is loud, and say it before the door. " * 9)
print(json.dumps([client.cookies[settings.SESSION_COOKIE_NAME].value, str(letter.pk)]))
"""


@contextmanager
def meanwhile(work: Callable[[], object], times: int) -> Iterator[None]:
    """While somebody does this so many times at once."""
    threads = [threading.Thread(target=work) for _ in range(times)]
    for thread in threads:
        thread.start()
    time.sleep(0.3)
    try:
        yield
    finally:
        for thread in threads:
            thread.join()


def test_sign_ins_hold_up_no_page(server: Server) -> None:
    visitor = HttpClient(server)
    took(visitor, "/about/")
    wrong = {"login": "nobody@home.example", "password": "a guess"}
    with meanwhile(lambda: HttpClient(server).post("/account/login/", wrong), 12):
        assert took(visitor, "/about/") < AT_ONCE


def test_one_long_pdf_holds_up_no_page(server: Server) -> None:
    session, letter = json.loads(server.shell(MAKE).splitlines()[-1])
    visitor = HttpClient(server, session)
    address = f"/letters/{letter}/letter.pdf"
    with meanwhile(lambda: HttpClient(server, session).get(address), 4):
        for path in ("/", "/about/", "/home/", "/letters/"):
            assert took(visitor, path) < AT_ONCE, path
