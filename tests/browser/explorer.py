"""Somebody who looks at everything there is: follows every link, and presses every button.

What a page looks like is told apart by its *parts*: the kinds of elements on it, each with what it
is in, and without the words. A page is only drawn if it is the first of its route with this
status, or has a part that nobody has seen anywhere, or a heading where none was on its route.
"""

import json
import re
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.urls import Resolver404, resolve
from playwright.sync_api import Page

# Asks for a page, or sends form number `form` of it by its button number `button`, and tells what
# came back. `how`: "well" fills in what is empty, "badly" writes far too much into every field,
# "late" says what is fine, but about something that has changed meanwhile. A form is sent from the
# page as it came last, where nothing has changed since.
ASK = """
async ({at, form = null, button = 0, how = "well"}) => {
  const parsed = async (answer) => {
    // Far too much is answered with all of it; a few lines of it are enough to draw.
    const html = (await answer.text()).replace(/(too long ){100,}/g, "too long ".repeat(100));
    return [html, new DOMParser().parseFromString(html, "text/html")];
  };
  const {href} = new URL(at, location.href);
  let answer;
  if (form === null) answer = await fetch(at);
  else {
    if (window.last?.at !== href) {
      window.last = {at: href, page: (await parsed(await fetch(at)))[1]};
    }
    const found = window.last.page.cloneNode(true).forms[form];
    if (!found) return null;
    const pressed = found.querySelectorAll("button")[button];
    const words = "input:not([type]), input[type=text], input[type=email], input[type=password]," +
      "input[type=url], input[type=search], textarea";
    for (const each of found.querySelectorAll(words)) {
      if (how === "badly") each.value = "too long ".repeat(20_000);
      else if (!each.value.trim()) each.value = "A line by someone who tries everything.";
    }
    for (const each of found.querySelectorAll("input[type=radio]")) {
      const same = [...found.elements].filter((other) => other.name === each.name);
      if (!same.some((other) => other.checked)) each.checked = true;
    }
    if (how === "late") {
      for (const each of found.querySelectorAll("input[type=hidden]")) {
        if (/revision|seen|base|version|digest/.test(each.name)) {
          each.value = /^\\d*$/.test(each.value) ? "99" : "0".repeat(each.value.length);
        }
      }
    }
    const sent = new URLSearchParams(new FormData(found));
    if (pressed?.name) sent.append(pressed.name, pressed.value);
    const to = pressed?.getAttribute("formaction") || found.getAttribute("action") || at;
    answer = await fetch(to, {method: "POST", body: sent});
    // What was refused has changed nothing.
    if (answer.status < 400) window.last = null;
  }
  const kind = answer.headers.get("Content-Type") || "";
  const {status, url, redirected} = answer;
  const may_be_asked = form === null || redirected;
  const said = {status, at: url, may_be_asked, html: "", parts: [], links: [], forms: []};
  if (!kind.startsWith("text/html")) return JSON.stringify(said);
  const [html, page] = await parsed(answer);
  if (may_be_asked && status === 200) window.last = {at: url, page};
  const name = ({tagName, className}) => `${tagName} ${className.baseVal ?? className}`;
  const parts = new Set();
  for (const each of page.body.querySelectorAll("*")) {
    const [role, wrong] = [each.getAttribute("role"), each.getAttribute("aria-invalid")];
    const kind = [name(each.parentElement), name(each), each.type, each.hidden, role, wrong];
    parts.add(kind.join(" | "));
  }
  said.html = html;
  said.parts = [...parts];
  said.links = [...page.querySelectorAll("a[href]")].map((each) => each.getAttribute("href"));
  said.forms = [...page.forms].map((each) => ({
    method: each.method,
    action: each.getAttribute("action") || "",
    words: each.querySelectorAll("textarea, input:not([type=hidden])").length,
    hidden: [...each.querySelectorAll("input[type=hidden]")].map((one) => one.name),
    buttons: [...each.querySelectorAll("button")].map((one) => [
      one.getAttribute("formaction") || "", one.name ? `${one.name}=${one.value}` : ""]),
  }));
  return JSON.stringify(said);
}
"""
LATE = re.compile("revision|seen|base|version|digest")


@dataclass
class Seen:
    """What came back."""

    status: int
    at: str
    # Whether asking for this address again may show the same.
    may_be_asked: bool
    html: str
    parts: list[str]
    links: list[str]
    forms: list[dict[str, Any]]

    @property
    def route(self) -> str:
        return route_of(self.at)

    @property
    def path(self) -> str:
        return re.sub(r"^https?://[^/]+", "", self.at)

    @property
    def is_a_page(self) -> bool:
        return bool(re.search("<html", self.html))


def route_of(address: str) -> str:
    path = re.sub(r"^https?://[^/]+", "", address).partition("?")[0].partition("#")[0]
    try:
        return resolve(path).view_name
    except Resolver404:
        return ""


HEADING = re.compile(r" \| H[1-6] ")


@dataclass
class Parts:
    """What has been seen by anybody; and on which route, of what has to fit into a whole page."""

    seen: set[tuple[str, int, str]] = field(default_factory=set)

    def are_new(self, seen: Seen) -> bool:
        """Whether there is one that has not been seen, or not on a page of this route."""
        before = len(self.seen)
        self.seen.add((seen.route, seen.status, ""))
        for part in seen.parts:
            whole = seen.status == 200 and HEADING.search(part)
            self.seen.add((seen.route if whole else "", 0, part))
        return len(self.seen) > before


@dataclass
class Explorer:
    """One person, who yields each page with a part that nobody has seen there."""

    page: Page
    parts: Parts
    # Routes to which nothing is sent: what ends the exploring.
    last: frozenset[str] = frozenset()
    # Routes that are not asked for: what is no page.
    files: frozenset[str] = frozenset()
    # How many addresses of one route are looked at.
    enough: int = 12
    pages: dict[str, Seen] = field(default_factory=dict)
    pressed: set[tuple[str, ...]] = field(default_factory=set)
    wrong: list[str] = field(default_factory=list)

    def ask(self, at: str, **how: Any) -> Seen | None:
        said = self.page.evaluate(ASK, {"at": at} | how)
        if said is None:
            return None
        # As one text: Playwright takes long over a list of many.
        seen = Seen(**json.loads(said))
        if seen.status >= 500:
            self.wrong.append(f"{seen.status} {at} {how} {seen.at}")
        return seen

    def new(self, seen: Seen | None) -> Iterator[Seen]:
        """This, if there is something new on it."""
        if seen is not None and seen.is_a_page and self.parts.are_new(seen):
            yield seen

    def look(self, *addresses: str) -> Iterator[Seen]:
        """Follow every link from here; each page with something new."""
        queue = deque(at for at in addresses if route_of(at) not in self.files)
        known = set(addresses)
        of_route: dict[str, int] = {}
        while queue:
            at = queue.popleft()
            route = route_of(at)
            of_route[route] = of_route.get(route, 0) + 1
            if of_route[route] > self.enough:
                continue
            seen = self.ask(at)
            assert seen is not None
            self.pages[at] = seen
            yield from self.new(seen)
            for link in seen.links:
                to = link.partition("#")[0]
                if to.startswith("/") and to not in known and route_of(to) not in self.files:
                    known.add(to)
                    queue.append(to)

    def send_badly(self) -> Iterator[Seen]:
        """What every form says to far too much, and to what comes too late."""
        tried: set[tuple[str, str]] = set()
        for at, seen in list(self.pages.items()):
            for number, form in enumerate(seen.forms):
                route = route_of(form["action"] or at)
                if form["method"] != "post" or route in self.last or not form["words"]:
                    continue
                ways = ["badly"]
                if any(LATE.search(name) for name in form["hidden"]):
                    ways.append("late")
                for how in ways:
                    if (route, how) not in tried:
                        tried.add((route, how))
                        yield from self.new(self.ask(at, form=number, how=how))

    def press(self, most: int) -> Iterator[Seen]:
        """Press buttons that were not pressed on such a page, at most so many; what came of it."""
        done = 0
        for at in list(self.pages):
            seen = self.ask(at)
            if seen is None or not seen.is_a_page:
                continue
            yield from self.new(seen)
            for number, form in enumerate(seen.forms):
                for button, (action, value) in enumerate(form["buttons"] or [("", "")]):
                    route = route_of(action or form["action"] or at)
                    key = (route, value, seen.route)
                    if form["method"] != "post" or route in self.last or key in self.pressed:
                        continue
                    self.pressed.add(key)
                    done += 1
                    came = self.ask(at, form=number, button=button)
                    if came is not None and came.is_a_page and came.at not in self.pages:
                        self.pages[came.at] = came
                    yield from self.new(came)
                    # What has become of the page on which it was pressed.
                    if came is None or came.status != 200 or came.path != seen.path:
                        yield from self.new(self.ask(at))
            if done >= most:
                return
