"""Threads for the pages, and threads of their own for what takes long: nobody's page waits for
somebody else's PDF, or for passwords that are being hashed."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from config.refusals import NotTaken


class Lane:
    """So many threads, and so many requests that may wait for one of them."""

    def __init__(self, name: str, threads: int, waiting: int) -> None:
        self.executor = ThreadPoolExecutor(threads, thread_name_prefix=name)
        self.places = threads + waiting

    async def run[T](self, function: Callable[[], T]) -> T:
        """Raises NotTaken."""
        if not self.places:
            raise NotTaken(503)
        self.places -= 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self.executor, function)
        finally:
            self.places += 1


PAGES = Lane("pages", threads=4, waiting=400)
PASSWORDS = Lane("passwords", threads=2, waiting=40)
PDFS = Lane("pdfs", threads=2, waiting=10)


def lane_of(scope: dict[str, Any]) -> Lane:
    """Wherever a password is typed, and what is made into a PDF, see test_lanes.py."""
    if scope["method"] == "POST" and scope["path"].startswith("/account/"):
        return PASSWORDS
    return PDFS if scope["path"].endswith(".pdf") else PAGES
