"""People at an open letter, in real browsers."""

import re
from typing import NamedTuple

from playwright.sync_api import CDPSession, Locator, Page, expect

# What a browser says by itself about a line that was cut, or a server that died over an answer.
CUT = r"WebSocket connection|ERR_(CONNECTION|CONTENT|EMPTY|INCOMPLETE|INTERNET|NETWORK|SOCKET)"

BLOCKS = """letter => [...letter.querySelectorAll(":scope > p")].map((block) => {
  const kind = ["dear", "line", "closing", "signature"].find((name) => block.matches(`.${name}`));
  return `${kind ?? "p"}: ${block.textContent}`;
})"""

PICK = """(letter, [block, words, edge]) => {
  const paragraph = letter.querySelectorAll(":scope > p")[block];
  const walker = document.createTreeWalker(paragraph, NodeFilter.SHOW_TEXT);
  const places = [];
  while (walker.nextNode()) {
    for (let i = 0; i < walker.currentNode.length; i += 1) places.push([walker.currentNode, i]);
  }
  const from = paragraph.textContent.indexOf(words);
  const start = places[from];
  const [node, offset] = places[from + words.length - 1];
  const range = [start, [node, offset + 1]];
  const [anchor, head] = { both: range, before: [start, start], after: [range[1], range[1]] }[edge];
  letter.focus();
  getSelection().setBaseAndExtent(...anchor, ...head);
}"""

PASTE = """(letter, [html, text]) => {
  const data = new DataTransfer();
  if (html) data.setData("text/html", html);
  if (text) data.setData("text/plain", text);
  letter.dispatchEvent(
    new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }),
  );
}"""


class Writer:
    """One person at the open letter."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.letter = page.locator("[data-letter]")
        self.status = page.locator("[data-status]")
        self.notice = page.locator("[data-notice]")
        self.spoken = page.locator("[data-announce]")
        self.other = page.locator("[data-other-name]")
        self.caret_of_other = self.letter.locator(".caret")

    def open(self, url: str) -> None:
        self.page.goto(url)
        self.is_saved()

    def hears(self, words: str) -> None:
        """A screen reader is given these words, whatever else is said at that moment."""
        expect(self.spoken.get_by_text(words).first).to_be_attached()

    def block(self, index: int) -> Locator:
        return self.letter.locator("> p").nth(index)

    def at(self, index: int, key: str = "End") -> None:
        self.block(index).click()
        self.press(key)

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def type(self, words: str) -> None:
        self.page.keyboard.type(words)

    def paste(self, *, html: str = "", text: str = "") -> None:
        self.letter.evaluate(PASTE, [html, text])

    def tool(self, name: str) -> Locator:
        return self.page.get_by_role("toolbar").get_by_role("button", name=name, exact=True)

    @property
    def blocks(self) -> list[str]:
        found: list[str] = self.letter.evaluate(BLOCKS)
        return found

    def sees(self, *blocks: str) -> None:
        """The letter, without the salutation that a new one begins with."""
        wanted = ["dear: Dear Relationship,", *blocks]
        for _ in range(300):  # what is written unseen takes its time
            if self.blocks == wanted:
                return
            self.page.wait_for_timeout(50)
        assert self.blocks == wanted

    def is_saved(self) -> None:
        expect(self.status).to_have_text("Saved", timeout=20_000)

    def is_offline(self, timeout: float = 5_000) -> None:
        words = re.compile("^Offline. Your words are kept")
        expect(self.status).to_have_text(words, timeout=timeout)


class Letter(NamedTuple):
    ana: Writer
    ben: Writer
    url: str

    def sees(self, *blocks: str) -> None:
        self.ana.sees(*blocks)
        self.ben.sees(*blocks)

    def is_saved(self) -> None:
        self.ana.is_saved()
        self.ben.is_saved()

    def as_read(self) -> list[str]:
        """The letter's paragraphs as the server shows them."""
        page = self.ana.page.context.new_page()
        page.goto(f"{self.url}read/")
        texts = page.locator(".letter p").all_text_contents()
        page.close()
        return texts


def pick(writer: Writer, block: int, words: str, edge: str = "both") -> None:
    """Choose these words, or put the caret before or after them."""
    writer.letter.evaluate(PICK, [block, words, edge])
    writer.page.wait_for_timeout(50)


def compose(keyboard: CDPSession, steps: list[str], **where: int) -> None:
    for step in steps:
        place = {"selectionStart": len(step), "selectionEnd": len(step)}
        keyboard.send("Input.imeSetComposition", {"text": step} | place | where)
