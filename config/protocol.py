"""uvicorn's HTTP, with an end to waiting: for the head of a request, and for who reads no answer.

uvicorn by itself waits for ever for both, and takes heads of any length. Named in bin/serve with
`--http config.protocol:Protocol`.
"""

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

# In seconds, from the connection or the last answer to the end of the next head.
HEAD_TIMEOUT = 10.0
LARGEST_HEAD = 64 * 1024
# How long a reader may take for what lies in the buffer, 64 KiB: the slowest telephone line does.
READ_TIMEOUT = 20.0


class Protocol(HttpToolsProtocol):
    no_head: asyncio.TimerHandle | None = None
    not_read: asyncio.TimerHandle | None = None
    head_size = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._expect_head()

    def connection_lost(self, exc: Exception | None) -> None:
        for timer in (self.no_head, self.not_read):
            if timer is not None:
                timer.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self.no_head is not None:
            if self.head_size > LARGEST_HEAD:
                self.send_400_response("The head of this request is too long.")
                return
            self.head_size += len(data)
        # What comes before the answer to what came is not read on.
        early = self.cycle and not self.cycle.more_body and not self.cycle.response_complete
        super().data_received(data)
        if early:
            self.flow.pause_reading()

    def on_headers_complete(self) -> None:
        if self.no_head is not None:
            self.no_head.cancel()
            self.no_head = None
        super().on_headers_complete()

    def on_response_complete(self) -> None:
        another = bool(self.pipeline)
        super().on_response_complete()
        if not another:
            self._expect_head()

    def pause_writing(self) -> None:
        super().pause_writing()
        self.not_read = self.loop.call_later(READ_TIMEOUT, self.transport.abort)

    def resume_writing(self) -> None:
        super().resume_writing()
        if self.not_read is not None:
            self.not_read.cancel()
            self.not_read = None

    def _expect_head(self) -> None:
        self.head_size = 0
        self.no_head = self.loop.call_later(HEAD_TIMEOUT, self._hang_up)

    def _hang_up(self) -> None:
        """Whoever is still reading has a while for it."""
        self.transport.close()
        self.not_read = self.loop.call_later(READ_TIMEOUT, self.transport.abort)

    def send_400_response(self, msg: str, *rest: Any) -> None:
        super().send_400_response(msg, *rest)
        self.not_read = self.loop.call_later(READ_TIMEOUT, self.transport.abort)
