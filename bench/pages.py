"""`bin/bench pages`: how long pages take, against "hello" behind the same middleware, and how
heavy the first visit is.

With one client, all pages take turns. With eight, each page has its turn in bursts of eight
connections that ask again as soon as they are answered.
"""

import gzip
import http.client
import re
import socket
import threading
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from time import perf_counter
from urllib.parse import urljoin

import _bootstrap as house

from bench import machine, servers
from bench.figures import Budget, milliseconds, percentile, significant, table, times

HELLO = "hello"
CROWD = 8


@dataclass(frozen=True)
class Extent:
    """How much is measured."""

    alone: int = 200  # requests for each page, one after the other
    bursts: int = 3
    each: int = 12  # requests of each of eight connections, in a burst


QUICK = Extent(alone=40, bursts=1, each=8)
SMOKE = Extent(alone=1, bursts=1, each=1)


@dataclass
class Measured:
    """One database: what each page showed, in seconds."""

    queries: dict[str, int]
    alone: defaultdict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    crowded: defaultdict[str, list[float]] = field(default_factory=lambda: defaultdict(list))

    def ratio(self, page: str, crowded: bool = False) -> float:
        found = self.crowded if crowded else self.alone
        return median(found[page]) / median(found[HELLO])


@dataclass
class Weight:
    """What a browser with an empty cache loads for a page, in bytes."""

    html: int = 0
    html_zipped: int = 0
    css: int = 0
    script: int = 0
    fonts: int = 0


@dataclass
class Result:
    databases: dict[str, Measured]
    front: Weight
    letter: Weight
    disturbed: str


# -- Time ----------------------------------------------------------------------------------------


def measure(databases: Sequence[str], extent: Extent, place: Path) -> Result:
    found: dict[str, Measured] = {}
    front = letter = None
    others = machine.Others()
    for database in databases:
        house.say(f"Starting the application on {database} …")
        with servers.app(database, place) as server:
            made = server.people("home")
            pages = {name: address for name, (address, _) in made["pages"].items()}
            queries = {name: count for name, (_, count) in made["pages"].items()}
            measured = found[server.name] = Measured(queries)
            if front is None or letter is None:
                front = weigh(server.port, "/")
                letter = weigh(server.port, pages["a letter, to write"], made["cookie"])
            with machine.pinned(machine.client_cores()), others.watched(server.pids):
                house.say(f"{server.name}: one client …")
                measure_alone(server.port, made["cookie"], pages, extent, measured)
                house.say(f"{server.name}: {CROWD} clients …")
                measure_crowded(server.port, made["cookie"], pages, extent, measured)
    assert front
    assert letter
    return Result(found, front, letter, others.sentence())


class Visitor:
    """A connection that stays open and asks for pages; it costs next to nothing."""

    def __init__(self, port: int, cookie: str) -> None:
        self.rest = (
            f" HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nCookie: {cookie}\r\n"
            "Accept: text/html\r\nAccept-Language: en\r\nAccept-Encoding: gzip, br\r\n\r\n"
        )
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=30)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def get(self, address: str) -> float:
        """How long the page took, until its last byte."""
        request = f"GET {address}{self.rest}".encode()
        started = perf_counter()
        self.socket.sendall(request)
        data = self.socket.recv(262_144)
        while (end := data.find(b"\r\n\r\n")) < 0:
            data += self._more()
        length = re.search(rb"\r\ncontent-length: *(\d+)", data[: end + 2], re.IGNORECASE)
        if not data.startswith(b"HTTP/1.1 200") or length is None:
            raise house.Problem(f"{address} answered with {data[:end].decode()!r}.")
        left = end + 4 + int(length[1]) - len(data)
        while left > 0:
            left -= len(self._more())
        return perf_counter() - started

    def _more(self) -> bytes:
        part = self.socket.recv(262_144)
        if not part:
            raise house.Problem("the server hung up in the middle of a page.")
        return part


def measure_alone(
    port: int, cookie: str, pages: dict[str, str], extent: Extent, measured: Measured
) -> None:
    visitor = Visitor(port, cookie)
    # One connection of the application's four threads each: have all of them filled and warm.
    for _ in range(10):
        for address in pages.values():
            visitor.get(address)
    for _ in range(extent.alone):
        for name, address in pages.items():
            measured.alone[name].append(visitor.get(address))


def measure_crowded(
    port: int, cookie: str, pages: dict[str, str], extent: Extent, measured: Measured
) -> None:
    visitors = [Visitor(port, cookie) for _ in range(CROWD)]

    def burst(address: str, times: int) -> list[float]:
        found: list[float] = []
        failed: list[BaseException] = []

        def ask(visitor: Visitor) -> None:
            try:
                for _ in range(times):
                    found.append(visitor.get(address))
            except BaseException as error:
                failed.append(error)

        threads = [threading.Thread(target=ask, args=(visitor,)) for visitor in visitors]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if failed:
            raise failed[0]
        return found

    for address in pages.values():
        burst(address, 2)
    for _ in range(extent.bursts):
        for name, address in pages.items():
            measured.crowded[name] += burst(address, extent.each)


# -- Weight --------------------------------------------------------------------------------------


def weigh(port: int, address: str, cookie: str = "") -> Weight:
    """What a page brings along, as compressed as the server sends it. HTML is also counted as gzip
    would make it: the application leaves that to the proxy in front of it."""
    weight = Weight()
    html = fetch(port, address, cookie)[0]
    weight.html, weight.html_zipped = len(html), len(gzip.compress(html, 6))
    text = html.decode()
    for tag in re.findall(r"<(?:link|script)\b[^>]*>", text):
        found = re.search(r'(?:href|src)="([^"]+)"', tag)
        if found is None:
            continue
        if tag.startswith("<script"):
            weight.script += fetch(port, found[1])[1]
        elif 'rel="stylesheet"' in tag:
            css, size = fetch(port, found[1])
            weight.css += size
            fonts = set(re.findall(rb'url\("?([^")]+\.woff2)"?\)', css))
            latin = {font.decode() for font in fonts if b"latin" in font and b"-ext" not in font}
            weight.fonts += sum(fetch(port, urljoin(found[1], font))[1] for font in latin)
    return weight


def fetch(port: int, address: str, cookie: str = "") -> tuple[bytes, int]:
    """The content, and how many bytes of it travelled."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("GET", address, headers={"Accept-Encoding": "gzip", "Cookie": cookie})
    response = connection.getresponse()
    body = response.read()
    connection.close()
    if response.status != 200:
        raise house.Problem(f"{address} answered with {response.status}.")
    zipped = response.headers["Content-Encoding"] == "gzip"
    return gzip.decompress(body) if zipped else body, len(body)


# -- Showing -------------------------------------------------------------------------------------


def report(result: Result) -> str:
    parts = []
    for name, measured in result.databases.items():
        rows = [
            (
                page,
                str(measured.queries[page]),
                *both(measured.alone[page]),
                times(measured.ratio(page)),
                *both(measured.crowded[page]),
                times(measured.ratio(page, crowded=True)),
            )
            for page in measured.alone
        ]
        header = (
            f"{name}: page",
            "queries",
            *("1 client, p50 ms", "p99 ms", "of hello"),
            *(f"{CROWD} clients, p50 ms", "p99 ms", "of hello"),
        )
        parts.append(table(header, rows))
    weights = [
        (
            name,
            kilobytes(weight.html),
            kilobytes(weight.html_zipped),
            kilobytes(weight.css),
            kilobytes(weight.script),
            kilobytes(weight.fonts),
        )
        for name, weight in (("front page", result.front), ("a letter, to write", result.letter))
    ]
    loaded = ("KB", "HTML as sent", "HTML, gzip", "CSS, gzip", "JavaScript, gzip", "fonts, at most")
    parts.append(table(loaded, weights))
    if result.disturbed:
        parts.append(result.disturbed)
    return "\n\n".join(parts)


def both(values: list[float]) -> tuple[str, str]:
    return milliseconds(percentile(values, 50)), milliseconds(percentile(values, 99))


def kilobytes(size: int) -> str:
    return significant(size / 1000)


def budgets(result: Result) -> list[Budget]:
    kept = []
    for name, measured in result.databases.items():
        pages = [page for page in measured.alone if page != HELLO]
        for crowded, clients, most in ((False, "1 client", 5), (True, f"{CROWD} clients", 6)):
            slowest = max(pages, key=lambda page: measured.ratio(page, crowded))
            what = f"slowest page ({slowest}), {clients}, {name}"
            kept.append(Budget(what, measured.ratio(slowest, crowded), most))
    front = result.front
    visit = (front.html_zipped + front.css) / 1000
    kept.append(Budget("first visit, HTML and CSS compressed", visit, 20, " KB"))
    kept.append(Budget("first visit, JavaScript", front.script / 1000, 25, " KB"))
    kept.append(Budget("letter page, JavaScript", result.letter.script / 1000, 110, " KB"))
    return kept
