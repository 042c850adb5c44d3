"""A mail server of our own, which can be told to refuse, to hold still, and to be away."""

import re
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes
from email.message import Message
from email.policy import default


class MailServer(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Session)
        self.received: list[Message] = []
        # How often somebody came to it, and how often with a mail for somebody.
        self.visits = self.offers = 0
        # What it answers to mail for an address, or for anybody (""), instead of taking it.
        self.refusals: dict[str, str] = {}
        # Cleared: it takes calls, and says nothing.
        self.greeting = threading.Event()
        self.greeting.set()
        # Cleared: it takes mail, and does not answer to goodbye.
        self.leaving = threading.Event()
        self.leaving.set()
        # Set: a message has arrived whole. Cleared: it is not yet answered.
        self.arrived = threading.Event()
        self.answering = threading.Event()
        self.answering.set()

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    @property
    def mailer(self) -> dict[str, object]:
        """The entry of MAILERS that sends to it."""
        return {
            "BACKEND": "django.core.mail.backends.smtp.EmailBackend",
            "OPTIONS": {"host": "127.0.0.1", "port": self.port, "timeout": 5},
        }

    def handle_error(self, request: object, client_address: object) -> None:
        """Whoever was killed in the middle of a sentence says no goodbye."""


class Session(socketserver.StreamRequestHandler):
    server: MailServer

    def handle(self) -> None:
        self.server.visits += 1
        self.server.greeting.wait(60)
        self.say("220 here")
        for line in self.rfile:
            match line[:4].upper():
                case b"RCPT":
                    self.server.offers += 1
                    self.say(self.refusal(line.decode()) or "250 fine")
                case b"DATA":
                    self.say("354 go on")
                    self.take()
                case b"QUIT":
                    self.server.leaving.wait(60)
                    self.say("221 bye")
                    return
                case _:
                    self.say("250 fine")

    def refusal(self, line: str) -> str | None:
        [address] = re.findall("<(.*?)>", line)
        refusals = self.server.refusals
        said = refusals.get(address, refusals.get(""))
        # As real ones do, it says whom it means.
        return said and f"{said} <{address}> is not to be reached"

    def take(self) -> None:
        lines: list[bytes] = []
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(line)
        self.server.received.append(message_from_bytes(b"".join(lines), policy=default))
        self.server.arrived.set()
        self.server.answering.wait(30)
        self.say("250 kept")

    def say(self, words: str) -> None:
        try:
            self.wfile.write(words.encode() + b"\r\n")
        except OSError:
            pass  # whoever sent it is dead


@contextmanager
def mail_server() -> Iterator[MailServer]:
    with MailServer() as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            for held in (server.greeting, server.leaving, server.answering):
                held.set()
            server.shutdown()
