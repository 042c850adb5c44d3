"""Letters to keep, as a browser shows and prints them; the fonts on the way; growing a letter."""

import re
from collections.abc import Callable

import pypdfium2
import pytest
from playwright.sync_api import Page, Response, Route, expect

from tests.browser.conftest import Couple, OpenBrowser
from tests.browser.writing import Letter, Writer
from tests.server import Server

pytestmark = pytest.mark.one_database

LINE = "I want to be slow when it is loud."
BENS = "I want to ask once more."

GIVE = """
from couples.models import User
from letters.text import document
from letters.models import Letter, Share
for email, line in {lines!r}.items():
    person = User.objects.get(email=email)
    letter = Letter.begin_personal(person)
    letter.add(person, document.Kind.LINE, line)
    Share.give(letter, person.partner, document.digest(document.blocks(letter.load())))
"""

# -- Printing ------------------------------------------------------------------------------------


def printed(page: Page) -> tuple[list[str], bytes]:
    """The text of each page on paper, and the paper itself."""
    pdf = page.pdf(format="A4", print_background=True, prefer_css_page_size=True)
    return [sheet.get_textpage().get_text_range() for sheet in pypdfium2.PdfDocument(pdf)], pdf


def words(sheets: list[str]) -> str:
    return " ".join("".join(sheets).split())


def test_a_letter_is_printed_and_nothing_of_the_page_around_it(letter: Letter) -> None:
    ana = letter.ana
    ana.at(1)
    ana.type(f"{LINE} ")
    letter.sees(f"line: {LINE} ")
    letter.ben.at(1)
    letter.ben.type("And kind.")
    letter.is_saved()
    letter.sees(f"line: {LINE} And kind.")
    read = ana.page.context.new_page()
    read.emulate_media(color_scheme="dark")
    read.goto(f"{letter.url}read/")
    for page in (read, ana.page):
        sheets, pdf = printed(page)
        assert words(sheets) == f"Dear Relationship, {LINE} And kind."
        picture = pypdfium2.PdfDocument(pdf)[0].render(scale=0.5).to_pil().convert("L")
        assert picture.getpixel((5, 5)) == 255  # white paper, also at night
        assert picture.getextrema()[0] < 90  # and dark ink


def test_a_long_letter_is_printed_whole(letter: Letter) -> None:
    ana = letter.ana
    ana.at(1)
    count = 120
    ana.paste(text="\n\n".join(f"Number {n}. " + "We stay in the room. " * 9 for n in range(count)))
    ana.is_saved()
    for url in (letter.url, f"{letter.url}read/"):
        ana.page.goto(url)
        expect(ana.page.locator(".letter p").last).to_contain_text(f"Number {count - 1}.")
        sheets, _ = printed(ana.page)
        assert 5 < len(sheets) < 40
        found = [int(n) for n in re.findall(r"Number (\d+)\.", words(sheets))]
        assert found == list(range(count))
        assert words(sheets).count("We stay in the room.") == 9 * count


def test_questions_are_printed_with_the_whole_answers(couple: Couple) -> None:
    page = couple.ana
    page.goto("/letters/questions/?all")
    if not page.locator("textarea").count():
        pytest.skip("no page with all answers")
    answer = "\n".join(f"Row {n}." for n in range(40))
    page.locator("textarea").first.fill(answer)
    sheets, _ = printed(page)
    assert "Row 39." in words(sheets)
    for chrome in ("Leave this page", "Home", "Who can read what"):
        assert chrome not in words(sheets)


# -- Fonts ---------------------------------------------------------------------------------------


def fonts_of(page: Page, *addresses: str) -> dict[str, int]:
    """The font files that a page brought, with their sizes."""
    brought: dict[str, int] = {}

    def note(response: Response) -> None:
        if response.url.endswith(".woff2"):
            brought[response.url] = len(response.body())

    page.on("response", note)
    for address in addresses:
        page.goto(address)
        page.evaluate("document.fonts.ready.then(() => null)")
        page.wait_for_load_state("networkidle")
    page.remove_listener("response", note)
    return brought


def test_a_first_visit_brings_few_fonts(letter: Letter, open_browser: OpenBrowser) -> None:
    assert 0 < sum(fonts_of(open_browser(), "/").values()) <= 100_000
    ana = open_browser(storage_state=letter.ana.page.context.storage_state())
    brought = fonts_of(ana, letter.url)
    assert 0 < sum(brought.values()) <= 100_000
    letter.ana.at(1)
    letter.ana.type("Zoë, Łódź")
    letter.is_saved()
    brought |= fonts_of(open_browser(storage_state=ana.context.storage_state()), letter.url, "/")
    assert any("latin-ext" in name for name in brought)
    assert sum(brought.values()) <= 160_000


WIDTH = """family => {
  const canvas = document.createElement("canvas").getContext("2d");
  const wide = font => (canvas.font = font, canvas.measureText("When it is loud").width);
  return wide(`40px "${family}", monospace`) !== wide("40px monospace");
}"""
SHIFTS = """() => {
  window.shifted = 0;
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) window.shifted += entry.value;
  }).observe({ type: "layout-shift", buffered: true });
}"""


def hold(held: list[Route]) -> Callable[[Route], None]:
    def keep(route: Route) -> None:
        held.append(route)

    return keep


@pytest.mark.parametrize("size", [(1280, 860), (390, 844)])
def test_nothing_jumps_when_the_fonts_come(
    letter: Letter, open_browser: OpenBrowser, size: tuple[int, int]
) -> None:
    letter.ana.at(1)
    letter.ana.paste(text="\n\n".join(["When one of us is frightened, the other comes. " * 6] * 4))
    letter.is_saved()
    viewport = {"width": size[0], "height": size[1]}
    storage = letter.ana.page.context.storage_state()
    for place in ("/about/", f"{letter.url}read/"):
        page = open_browser(storage_state=storage, viewport=viewport)
        held: list[Route] = []
        page.route("**/*.woff2", hold(held))
        page.add_init_script(f"({SHIFTS})()")
        page.goto(place, wait_until="domcontentloaded")
        page.wait_for_timeout(300)
        here = [page.evaluate(WIDTH, name) for name in ("Newsreader Georgia", "Newsreader Times")]
        if not any(here) or not page.evaluate(WIDTH, "Atkinson Arial"):
            pytest.skip("this machine has none of the fonts that stand in")
        assert held
        before = page.evaluate("document.documentElement.scrollHeight")
        for route in held:
            route.continue_()
        page.evaluate("document.fonts.ready.then(() => null)")
        page.wait_for_timeout(300)
        assert page.evaluate("[...document.fonts].some(font => font.status === 'loaded')")
        after = page.evaluate("document.documentElement.scrollHeight")
        assert abs(after - before) <= 0.04 * before, place
        assert page.evaluate("window.shifted") <= 0.05, place


# -- Growing -------------------------------------------------------------------------------------


@pytest.fixture
def given(couple: Couple, server: Server) -> Couple:
    server.shell(GIVE.format(lines={couple.ana_email: LINE, couple.ben_email: BENS}))
    return couple


@pytest.mark.each_database
def test_a_line_that_is_taken_over_stands_in_the_open_letter(
    given: Couple, letter: Letter, open_browser: OpenBrowser
) -> None:
    ana, ben = letter.ana, letter.ben
    phone = {"viewport": {"width": 390, "height": 844}}
    third = Writer(open_browser(storage_state=ben.page.context.storage_state(), **phone))
    third.open(letter.url)
    ana.page.goto("/letters/grow/")
    ours = ana.page.get_by_role("region", name="From Ben")
    ours.get_by_role("button", name="Take it into our letter").click()
    said = ana.page.get_by_role("status")
    expect(said.filter(has_text="The line is in our letter.")).to_be_visible()
    expect(ours.get_by_role("button", name="In our letter")).to_be_focused()
    ben.sees(f"line: {BENS}", "p: ")
    # In another tab, by the other one, and by keyboard; what is typed meanwhile stays.
    ben.at(2)
    ben.type("And so on.")
    tab = ben.page.context.new_page()
    tab.goto("/letters/grow/")
    tab.get_by_role("region", name="From Ana").get_by_role("button").press("Enter")
    ben.sees(f"line: {BENS}", "p: And so on.", f"line: {LINE}")
    expect(ana.page.get_by_role("region", name="What you gave").get_by_role("button")).to_have_text(
        "In our letter"
    )
    ours.get_by_role("button", name="In our letter").press("Enter")
    expect(said.filter(has_text="already")).to_be_visible()
    for writer in (ben, third):
        writer.sees(f"line: {BENS}", "p: And so on.", f"line: {LINE}")


def test_growing_works_without_javascript(given: Couple, open_browser: OpenBrowser) -> None:
    storage = given.ana.context.storage_state()
    page = open_browser(java_script_enabled=False, storage_state=storage)
    page.goto("/letters/")
    page.get_by_role("link", name="Begin it from what you gave each other").click()
    for who in ("From Ben", "What you gave"):
        page.get_by_role("region", name=who).get_by_role("button").click()
        expect(page.get_by_text("The line is in our letter.")).to_be_visible()
    page.get_by_role("link", name="Open our letter").click()
    expect(page.locator(".letter p.line")).to_have_text([BENS, LINE])


# -- Everyone ------------------------------------------------------------------------------------


def test_the_files_come_down_under_a_name_that_says_nothing(letter: Letter) -> None:
    ana = letter.ana
    ana.at(1)
    ana.type("Only for us.")
    ana.is_saved()
    ana.page.goto(f"{letter.url}read/")
    for name, form in (("Plain text", "txt"), ("Markdown", "md")):
        with ana.page.expect_download() as download:
            ana.page.get_by_role("link", name=name).click()
        assert download.value.suggested_filename == f"letter.{form}"
        with open(download.value.path()) as file:
            assert "Only for us." in file.read()
