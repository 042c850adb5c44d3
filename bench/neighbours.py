"""A couple that restores and signs a long letter over and over; one process of bench/beside.py.

It is told who they are by one line of JSON, says "ready" when both have the letter open and have
gone around once, and goes on until the next line; then it tells how long each restore and each
signature took. They ask as a browser does: for the page first, then with the form that is on it.
"""

import asyncio
import http.client
import json
import os
import re
import sys
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any
from urllib.parse import urlencode

from bench.load import answer, fail
from tests.clients.socket import Page


class Unexpected(Exception):
    """The server answered with something else."""


@dataclass
class Person:
    """One of the two, with a browser's memory for cookies."""

    port: int
    cookie: str
    letter: str
    page: Page = field(init=False)

    def __post_init__(self) -> None:
        self.base = f"http://127.0.0.1:{self.port}"

    async def sit_down(self) -> None:
        self.page = await Page(self.base, self.letter, self.cookie).open()

    def ask(self, address: str, form: dict[str, str] | None = None) -> tuple[int, str]:
        """What the server answers: the status, and the page or where it leads."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        headers = {"Cookie": self.cookie, "Origin": self.base}
        body = None
        if form is not None:
            body = urlencode(form)
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        connection.request("GET" if form is None else "POST", address, body, headers)
        response = connection.getresponse()
        text = response.read().decode()
        for name, value in response.getheaders():
            if name.lower() == "set-cookie" and value.startswith("csrf="):
                kept = [c for c in self.cookie.split("; ") if not c.startswith("csrf=")]
                self.cookie = "; ".join([*kept, value.partition(";")[0]])
        connection.close()
        return response.status, response.headers.get("Location", "") or text

    def send(self, page: str, address: str) -> None:
        """The form of a page that leads to an address."""
        status, html = self.ask(page)
        found = re.search(rf'<form[^>]*action="{re.escape(address)}"[^>]*>(.*?)</form>', html, re.S)
        if status != 200 or found is None:
            raise Unexpected(f"{page} has no form for {address} ({status})")
        fields = [
            dict(re.findall(r'(name|value)="([^"]*)"', tag))
            for tag in re.findall(r"<input[^>]*>", found[1])
        ]
        form = {field["name"]: field.get("value", "") for field in fields if "name" in field}
        status, _ = self.ask(address, form)
        if status not in (302, 303):
            raise Unexpected(f"{address} answered with {status}")

    def restore(self, version: int) -> float:
        started = perf_counter()
        page = f"/letters/{self.letter}/versions/{version}/"
        self.send(page, f"{page}restore/")
        return perf_counter() - started

    def sign(self) -> float:
        started = perf_counter()
        page = f"/letters/{self.letter}/seal/"
        self.send(page, page)
        return perf_counter() - started


async def go_around(
    people: list[Person], versions: list[int], restoring: list[float], signing: list[float]
) -> None:
    """One brings back what was there before, and signs it; the other what was there after. No two
    sign the same words, so the letter stays open."""
    for person, version in zip(people, versions, strict=True):
        restoring.append(await asyncio.to_thread(person.restore, version))
        signing.append(await asyncio.to_thread(person.sign))
    for person in people:
        await person.page.saved()


async def live(told: dict[str, Any]) -> None:
    people = [Person(told["port"], cookie, told["letter"]) for cookie in told["cookies"]]
    for person in people:
        await person.sit_down()
    await go_around(people, told["versions"], [], [])
    answer(ready=True)
    enough = asyncio.create_task(asyncio.to_thread(sys.stdin.readline))
    restoring: list[float] = []
    signing: list[float] = []
    while not enough.done() or not restoring:
        await go_around(people, told["versions"], restoring, signing)
    one, two = (person.page for person in people)
    if one.shows() != two.shows() or len(one.shows()) < 2:
        raise Unexpected("the two do not see the same letter")
    for person in people:
        await person.page.close()
    answer(restoring=restoring, signing=signing)


def main() -> None:
    os.nice(5)  # whoever measures comes first
    told = json.loads(sys.stdin.readline())
    try:
        asyncio.run(live(told))
    except (Unexpected, OSError, TimeoutError) as error:
        fail(str(error) or type(error).__name__)


if __name__ == "__main__":
    main()
