"""Everything that one person writes and has not given, each under words of its own.

It is written as the pages write it, by a client of Django's tests or by one of a real server.
"""

import re
from collections.abc import Callable
from datetime import date
from typing import Any, Protocol
from uuid import uuid4

from django.urls import reverse

from letters.reflection import blueprint, questions

UUID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
# Practices whose first field is called `text`, beside those that tests/test_routes.py writes in.
PRACTICES = ("supporters", "emergency", "ws")


class Browser(Protocol):
    def get(self, path: str) -> Any: ...

    def post(self, path: str, data: Any) -> Any: ...


class Diary:
    """`canaries` has the words of each place, `found_at` the page where their author reads them."""

    def __init__(self, browser: Browser, write: Callable[[str, str], None]) -> None:
        self.browser = browser
        self.write = write
        self.canaries: dict[str, str] = {}
        self.found_at: dict[str, str] = {}
        self.letters: list[str] = []
        self.values: list[str] = []
        self.shares: list[str] = []
        self.openings: list[str] = []

    def alone(self, joint: str) -> None:
        """What nobody is told of, not even that it is there."""
        self._answers()
        self._values()
        self._letter_with_a_version()
        self._kept("a quiet passage", reverse("letters:passage", args=[joint]))
        pledge = reverse("principles:pledge", args=["kindness"])
        shown = reverse("principles:principle", args=["kindness"])
        self._kept("a pledge", shown, pledge)
        line = reverse("principles:today_line")
        self._kept("the line of a day", reverse("couples:home"), line)
        for kind in PRACTICES:
            page = reverse("principles:practice", args=[kind])
            kept = reverse("principles:kept_words", args=[kind])
            if kind != "emergency":
                keep = reverse("principles:draft_keep", args=[kind])
                self._kept(f"put by: {kind}", kept, keep, page)
            self._kept(
                f"a draft: {kind}", page, reverse("principles:draft_write", args=[kind]), page
            )

    def given(self, reveal: str) -> None:
        """What the other knows to be there, and may not read yet, or not any more."""
        written_on = self._letter("written on after sharing", "What Ben was given. ")
        self.shares.append(self._give("letter_share", [written_on]))
        self.write(written_on, self.canaries["written on after sharing"])
        back = self._letter("a share that was taken back")
        self.shares.append(self._give("letter_share", [back]))
        self.browser.post(reverse("letters:share_take_back", args=self.shares[-1:]), {})
        ready = self._letter("ready in a reveal")
        self._give("reveal_ready", [reveal, ready])
        self.found_at["ready in a reveal"] = reverse("letters:reveal", args=[reveal])
        day = date(2050, 5, 3).isoformat()
        for audience, when in (("other", "day"), ("other", "hard"), ("both", "day")):
            place = f"a letter that waits: {audience}, {when}"
            letter = self._letter(place)
            asked = {"audience": audience, "when": when, "day": day}
            self.openings.append(self._give("letter_put_away", [letter], **asked))
            if audience == "other":
                self.found_at[place] = reverse("letters:opening", args=self.openings[-1:])
        page = self._page(reverse("letters:values_share"))
        said = {"reader": self._hidden(page, "reader"), "seen": self._hidden(page, "seen")}
        done = self.browser.post(reverse("letters:values_share"), said | {"value": self.values})
        assert done["Location"] == reverse("letters:our_values")

    def everything(self) -> list[str]:
        """The names of all that has one."""
        return [*self.letters, *self.values, *self.shares, *self.openings]

    def missing(self) -> list[str]:
        """Places whose words their author does not find."""
        return [
            place
            for place, address in self.found_at.items()
            if self.canaries[place] not in self._page(address)
        ]

    # -- How it is written -----------------------------------------------------------------------

    def _canary(self, place: str) -> str:
        self.canaries[place] = canary = f"canary-{uuid4().hex}"
        return canary

    def _page(self, address: str) -> str:
        response = self.browser.get(address)
        assert response.status_code == 200, address
        text: str = response.text
        return text

    def _hidden(self, page: str, name: str) -> str:
        found = re.search(rf'name="{name}" value="([^"]*)"', page)
        assert found, name
        return found[1]

    def _sent(self, address: str, **fields: str) -> Any:
        response = self.browser.post(address, fields)
        assert response.status_code in (200, 302), address
        return response

    def _kept(self, place: str, shown: str, to: str = "", form: str = "") -> None:
        page = self._page(form or shown)
        before = re.search(r'name="revision" value="(\d+)"', page)
        text, revision = self._canary(place), before[1] if before else "0"
        self._sent(to or shown, text=text, revision=revision, tab_id="a" * 32)
        self.found_at[place] = shown

    def _answers(self) -> None:
        pages = {
            each.slug: reverse("letters:answer", args=[each.slug]) for each in questions.QUESTIONS
        }
        for page in blueprint.PAGES:
            for prompt in page.prompts:
                pages[prompt.slug] = reverse("letters:blueprint_page", args=[page.slug])
        pages[blueprint.WAY_IN.slug] = reverse("letters:blueprint_way_in")
        for slug, shown in pages.items():
            html = self._page(shown)
            form = html[html.index(reverse("letters:answer", args=[slug])) :]
            text, place = self._canary(slug), reverse("letters:answer", args=[slug])
            self._sent(place, text=text, revision=self._hidden(form, "revision"))
            self.found_at[slug] = shown

    def _values(self) -> None:
        named = self._sent(reverse("letters:values"), text=self._canary("a value"))["Location"]
        value = re.search(UUID, named)
        assert value
        self.values.append(value[0])
        page = reverse("letters:value", args=self.values)
        words, meaning = self.canaries["a value"], self._canary("what a value means")
        self._sent(page, text=words, meaning=meaning, revision="0", principles="repair")
        self.found_at |= {"a value": reverse("letters:values"), "what a value means": page}

    def _letter(self, place: str, before: str = "") -> str:
        begun = self.browser.post(reverse("letters:letter_begin"), {})["Location"]
        letter = re.search(UUID, begun)
        assert letter
        self.letters.append(letter[0])
        self.write(letter[0], before or self._canary(place))
        if before:
            self._canary(place)
        self.found_at[place] = reverse("letters:letter_read", args=[letter[0]])
        return letter[0]

    def _letter_with_a_version(self) -> None:
        letter = self._letter("a letter")
        page = reverse("letters:versions", args=[letter])
        self._sent(page, name=self._canary("the name of a version"))
        self.found_at["the name of a version"] = page
        self.found_at["a version"] = reverse("letters:version", args=[letter, 1])
        self.canaries["a version"] = self.canaries["a letter"]

    def _give(self, name: str, args: list[str], **fields: str) -> str:
        address = reverse(f"letters:{name}", args=args)
        page = self._page(address)
        fields["digest"] = self._hidden(page, "digest")
        if 'name="reader"' in page:
            fields["reader"] = self._hidden(page, "reader")
        given = self._sent(address, **fields)
        found = re.search(UUID, given["Location"])
        assert found, address
        return found[0]
