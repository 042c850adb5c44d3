"""Taking a letter along: for whom, in which form, and what happens where there is no press."""

import io
import re
import subprocess
import sys
import unicodedata
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from uuid import uuid4

import _bootstrap as house
import pypdfium2
import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from couples.pdf import client as pdf
from couples.pdf import worker
from couples.pdf.client import NoPdf
from letters.export.keepsake import Keepsake
from letters.models import Letter, Note, Opening, Share
from letters.text import document
from letters.text.document import Block, Run
from letters.text.model import LIMIT, Kind
from tests.letters.sheets import Written
from tests.letters.writing import write
from tests.people import Resident

pytestmark = pytest.mark.django_db

WORDS = "I want to be slow when it is loud."
FORMS = ("pdf", "md", "txt")


@pytest.fixture(scope="session")
def with_worker() -> None:
    """For tests that make a PDF."""
    script = "import sys; from pathlib import Path; import weasyprint"
    if subprocess.run([sys.executable, "-c", script], capture_output=True).returncode:
        pytest.skip("this machine has no Pango")


@pytest.fixture
def joint(ana: Resident) -> Letter:
    joint = Letter.begin_joint(ana.partner)
    write(joint, ana, WORDS)
    return joint


@pytest.fixture
def personal(ana: Resident) -> Letter:
    letter = Letter.begin_personal(ana)
    write(letter, ana, WORDS)
    return letter


@pytest.fixture
def share(personal: Letter, ana: Resident) -> Share:
    digest = document.digest(document.blocks(personal.load()))
    return Share.give(personal, ana.partner, digest)


def address(thing: Letter | Share | Opening, form: str) -> str:
    name = f"letters:{type(thing).__name__.lower()}_keep"
    return reverse(name, args=[thing.pk, form])


def text_of(pdf: bytes) -> list[str]:
    """The text of each page."""
    pages = pypdfium2.PdfDocument(io.BytesIO(pdf))
    return [page.get_textpage().get_text_range() for page in pages]


# -- For whom ------------------------------------------------------------------------------------


def test_both_take_their_letter_along(as_ana: Client, as_ben: Client, joint: Letter) -> None:
    for client in (as_ana, as_ben):
        for form in ("md", "txt"):
            response = client.get(address(joint, form))
            assert WORDS in response.text
            assert response["Content-Disposition"] == f'attachment; filename="letter.{form}"'
            assert "no-store" in response["Cache-Control"]
            assert "private" in response["Cache-Control"]


def test_a_personal_letter_is_its_writers(as_ana: Client, as_ben: Client, personal: Letter) -> None:
    assert WORDS in as_ana.get(address(personal, "txt")).text
    for form in FORMS:
        assert as_ben.get(address(personal, form)).status_code == 404


def test_what_was_given_is_for_both_and_only_as_it_was_given(
    as_ana: Client, as_ben: Client, share: Share, personal: Letter, ana: Resident
) -> None:
    write(personal, ana, "a later line")
    for client in (as_ana, as_ben):
        text = client.get(address(share, "txt")).text
        assert WORDS in text
        assert "a later line" not in text
        assert re.search(r"\nGiven by Ana on \d+ \w+ \d{4}\.\n$", text)


def test_what_was_taken_back_is_not_taken_along(
    as_ana: Client, as_ben: Client, share: Share
) -> None:
    share.take_back()
    for client in (as_ana, as_ben):
        assert client.get(address(share, "txt")).status_code == 404


def test_a_letter_that_waits_is_taken_along_once_it_is_open(
    as_ana: Client, as_ben: Client, ana: Resident, ben: Resident, personal: Letter
) -> None:
    digest = document.digest(document.blocks(personal.load()))
    for_ben = Opening.Audience.OTHER
    opening = Opening.put_away(personal, ana.partner, digest, for_ben, None)
    for client in (as_ana, as_ben):
        assert client.get(address(opening, "txt")).status_code == 404
    opening.open(ben.partner, timezone.now())
    assert WORDS in as_ben.get(address(opening, "txt")).text
    # That Ben has opened it is nothing that Ana can find out.
    assert as_ana.get(address(opening, "txt")).status_code == 404


def test_nobody_else_takes_it_along(
    as_cleo: Client, as_eve: Client, client: Client, joint: Letter, share: Share
) -> None:
    for thing in (joint, share):
        for form in FORMS:
            assert as_cleo.get(address(thing, form)).status_code == 404
            assert as_eve.get(address(thing, form))["Location"] == reverse("couples:begin")
            assert client.get(address(thing, form))["Location"].startswith(reverse("account_login"))


def test_there_are_three_forms_and_it_is_only_read(
    as_ana: Client, joint: Letter, share: Share
) -> None:
    for thing in (joint, share):
        assert as_ana.get(address(thing, "exe")).status_code == 404
        assert as_ana.post(address(thing, "txt")).status_code == 405
    assert as_ana.get(reverse("letters:letter_keep", args=[uuid4(), "txt"])).status_code == 404


def test_the_pages_lead_to_the_files(
    as_ana: Client, as_ben: Client, joint: Letter, share: Share
) -> None:
    read = as_ana.get(reverse("letters:letter_read", args=[joint.pk])).text
    given = as_ben.get(reverse("letters:share", args=[share.pk])).text
    for form in FORMS:
        assert f'href="{address(joint, form)}"' in read
        assert f'href="{address(share, form)}"' in given


# -- Notes ---------------------------------------------------------------------------------------


@pytest.fixture
def noted(joint: Letter, ana: Resident, ben: Resident) -> Letter:
    note = Note.leave(joint, ben.partner, uuid4(), "comment", "slow", "How slow is slow?")
    page = Written(joint, ben)
    with page.at_once():
        page.mark(page.marker(1) + 14, 4, {f"note:{note.pk}": True})
    return joint


def test_notes_stay_behind_unless_they_are_asked_for(as_ana: Client, noted: Letter) -> None:
    for form in ("md", "txt"):
        assert "How slow" not in as_ana.get(address(noted, form)).text
        assert "[1]" not in as_ana.get(address(noted, form)).text
    asked = as_ana.get(address(noted, "txt") + "?notes=1").text
    assert "slow[1] when it is loud." in asked
    assert asked.endswith("[1] “slow”\nBen: How slow is slow?\n")


def test_the_read_page_shows_notes_when_they_are_asked_for(as_ana: Client, noted: Letter) -> None:
    read = reverse("letters:letter_read", args=[noted.pk])
    assert "How slow" not in as_ana.get(read).text
    shown = as_ana.get(read + "?notes=1").text
    assert "How slow is slow?" in shown
    assert f"{address(noted, 'pdf')}?notes=1" in shown


# -- PDF -----------------------------------------------------------------------------------------


def test_a_letter_as_pdf(as_ana: Client, joint: Letter, with_worker: None) -> None:
    response = as_ana.get(address(joint, "pdf"))
    assert response["Content-Type"] == "application/pdf"
    assert response["Content-Disposition"] == 'attachment; filename="letter.pdf"'
    (page,) = text_of(response.content)
    assert page.split("\r\n") == ["Dear Relationship,", WORDS]


def test_the_pdf_says_nothing_about_who_and_when(with_worker: None) -> None:
    pdf = Keepsake([Block(Kind.PARAGRAPH, (Run("Hello"),))]).to_pdf()
    told = pypdfium2.PdfDocument(io.BytesIO(pdf)).get_metadata_dict()
    assert {name: value for name, value in told.items() if value} == {
        "Title": "Dear Relationship",
        "Producer": told["Producer"],
    }


def test_the_pdf_is_set_in_our_font_with_every_letter_of_europe(
    with_worker: None,
) -> None:
    house.build_front_end()
    runs = (Run("Łódź, "), Run("Zoë", ("em",)), Run(" Şule", ("strong",)), Run(" Ő", ("em",)))
    (text,) = text_of(Keepsake([Block(Kind.PARAGRAPH, runs)]).to_pdf())
    assert text.strip() == "Łódź, Zoë Şule Ő"
    pdf = pypdfium2.PdfDocument(io.BytesIO(Keepsake([Block(Kind.PARAGRAPH, runs)]).to_pdf()))
    fonts = {text.get_font().get_base_name() for text in pdf[0].get_objects()}
    assert {font.partition("+")[2].partition("-")[0] for font in fonts} == {"Letter"}


SPACED = ("są śliczne", "să știi că știu", "hoş şeker", "ở đây", "ĺ\u00a0ĺ", "ł\u2009ł", "я ą я")
MARKED = (
    *("Zoe\u0308", "ą\u0301", "e\u0323\u0301", "q\u0301", "x\u030c"),
    *("за\u0301мок", "и\u0306", "R&D\u0301"),
)


@pytest.mark.parametrize("marks", [(), ("em",), ("strong",)])
def test_a_space_is_a_space_and_a_mark_is_on_its_letter(
    marks: tuple[str, ...], with_worker: None
) -> None:
    house.build_front_end()
    texts = [unicodedata.normalize("NFC", text) for text in (*SPACED, *MARKED)]
    blocks = [Block(Kind.PARAGRAPH, (Run(text, marks),)) for text in (*SPACED, *MARKED)]
    page = pypdfium2.PdfDocument(io.BytesIO(Keepsake(blocks).to_pdf()))[0].get_textpage()
    set_as = [page.get_text_range(i, 1) for i in range(page.count_chars())]
    assert unicodedata.normalize("NFC", "".join(set_as)).split() == "\n".join(texts).split()
    # Left, bottom, right and top of the ink, in points.
    ink = [page.get_charbox(i) for i in range(page.count_chars())]
    for i, (sign, (_left, bottom, _right, top)) in enumerate(zip(set_as, ink, strict=True)):
        assert (top - bottom < 0.5) == sign.isspace(), f"ink for {sign!r}"
        if unicodedata.category(sign) == "Mn":
            middle = (ink[i][0] + ink[i][2]) / 2
            assert ink[i - 1][0] <= middle <= ink[i - 1][2] + 1, f"beside {set_as[i - 1]!r}"
            assert 0 < bottom - ink[i - 1][3] < 2, f"not above {set_as[i - 1]!r}"


def test_hebrew_arabic_and_emoji_are_in_the_pdf(with_worker: None) -> None:
    texts = ["שלום עולם", "مرحبا بالعالم", "😀 and ❤"]
    blocks = [Block(Kind.PARAGRAPH, (Run(text),)) for text in texts]
    assert re.findall('dir="(...)"', Keepsake(blocks).to_html()) == ["rtl", "rtl", "ltr"]
    (page,) = text_of(Keepsake(blocks).to_pdf())
    assert "שלום עולם" in page
    assert "and" in page


# -- What no font of this machine has -------------------------------------------------------------

NOWHERE = "\U0003f234"  # no script has come that far


def test_signs_that_no_font_has_are_named_beside_the_file(
    as_ana: Client, joint: Letter, ana: Resident, with_worker: None
) -> None:
    read = reverse("letters:letter_read", args=[joint.pk])
    write(joint, ana, "Zoë, Łódź, ở đây, “Ana” … 3 € — שלום 😀 ❤\ufe0f\u200d")
    assert "has no font" not in as_ana.get(read).text
    write(joint, ana, f"so {NOWHERE} and {NOWHERE}")
    shown = as_ana.get(read).text
    assert shown.count(f"<bdi>{NOWHERE}</bdi>") == 1
    assert "In the PDF they are empty boxes." in shown
    assert as_ana.get(address(joint, "pdf")).status_code == 200
    assert NOWHERE in as_ana.get(address(joint, "txt")).text


def test_of_many_such_signs_some_are_named(as_ana: Client, personal: Letter, ana: Resident) -> None:
    write(personal, ana, "".join(chr(0x3F200 + n) for n in range(20)))
    shown = as_ana.get(reverse("letters:letter_read", args=[personal.pk])).text
    assert "and 12 other signs." in shown


def test_what_is_said_of_a_sign_is_what_the_file_shows(with_worker: None) -> None:
    """Whichever fonts this machine has: a sign is named if, and only if, it comes out as a box."""
    house.build_front_end()
    signs = "ąởшωאعहक語한ภა😀❤☎∞→ꙮ𐎀" + NOWHERE
    page = Keepsake([Block(Kind.PARAGRAPH, (Run(" ".join(signs)),))]).to_html()
    code = (
        "import logging, sys; from pathlib import Path; sys.path.insert(0, sys.argv[2]);"
        "from couples.pdf import worker; logging.basicConfig();"
        "worker.pdf(sys.stdin.buffer.read().decode(), Path(sys.argv[1]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(pdf.FONTS), str(house.ROOT)],
        input=page.encode(),
        capture_output=True,
    )
    boxes = {chr(int(code, 16)) for code in re.findall(r"U\+([0-9A-F]+)", done.stderr.decode())}
    assert NOWHERE in boxes
    assert set(pdf.unset(page)) == boxes


def test_the_press_is_asked_once_about_each_sign(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def tell(given: str, *task: str, patience: float) -> bytes:
        asked.append(given)
        return "語".encode()

    monkeypatch.setattr(pdf, "_told", {})
    monkeypatch.setattr(pdf, "_run_worker", tell)
    assert pdf.unset("a 語 ą 語\u00a0\n") == ["語"]
    assert pdf.unset("ą and 語") == ["語"]
    assert pdf.unset("plain") == []
    assert asked == ["語ą"]


HOSTILE = (
    '<link rel=stylesheet href="{0}"><style>@import "{0}"; p{{background:url({0})}}</style>'
    '<img src="{0}"><object data="{0}"></object> url({0}) file:///etc/passwd'
)


def test_what_looks_like_a_page_is_set_as_text_and_fetches_nothing(
    with_worker: None, listener: tuple[str, list[bytes]]
) -> None:
    url, heard = listener
    (page,) = text_of(Keepsake([Block(Kind.LINE, (Run(HOSTILE.format(url)),))]).to_pdf())
    assert "<img" in re.sub(r"\s", "", page)
    assert "root:" not in page
    assert heard == []


def test_the_press_fetches_nothing_even_when_it_is_told_to(
    with_worker: None, listener: tuple[str, list[bytes]], tmp_path: Path
) -> None:
    url, heard = listener
    secret = tmp_path / "secret.txt"
    secret.write_text("the secret")
    page = (
        f'<link rel="stylesheet" href="{url}"><img src="{url}"><p>words</p>'
        f'<link rel="attachment" href="{secret.as_uri()}"><embed src="{secret.as_uri()}">'
    )
    done = subprocess.run(
        [sys.executable, "-I", pdf.WORKER, str(pdf.FONTS)],
        input=page.encode(),
        capture_output=True,
    )
    assert text_of(done.stdout) == ["words"]
    assert b"the secret" not in done.stdout
    assert heard == []


@pytest.fixture
def listener() -> Iterator[tuple[str, list[bytes]]]:
    """An address that answers, and what it was asked."""
    heard: list[bytes] = []

    class Handler(BaseHTTPRequestHandler):
        def handle(self) -> None:
            heard.append(self.rfile.readline())

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/x", heard
        server.shutdown()


LONG = "When one of us is frightened, the other comes. "


@pytest.mark.parametrize("characters", [50_000, LIMIT])
def test_a_long_letter_is_set_whole(
    characters: int, with_worker: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pdf, "PATIENCE", 600.0)  # however busy this machine is
    blocks = [Block(Kind.PARAGRAPH, (Run(LONG * 10),))] * (characters // (10 * len(LONG)))
    pages = text_of(Keepsake([*blocks, Block(Kind.SIGNATURE, (Run("The end"),))]).to_pdf())
    assert 15 < len(pages) < 150
    assert "The end" in pages[-1]
    assert pages[1].rstrip().endswith("2")  # the number of the page


def test_one_endless_word_and_hundreds_of_lines_are_set(with_worker: None) -> None:
    for blocks in (
        [Block(Kind.PARAGRAPH, (Run("x" * 50_000),))],
        [Block(Kind.LINE, (Run("x"),))] * 500,
    ):
        assert Keepsake(blocks).to_pdf().startswith(b"%PDF-")


# -- Where there is no worker ---------------------------------------------------------------------


@pytest.fixture
def without_pango(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The dynamic loader finds a broken file in the place of each library."""
    for name in ("libpango-1.0.so.0", "libpango-1.0-0", "libpango-1.0.dylib"):
        (tmp_path / name).write_bytes(b"")
    for name in ("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH"):
        monkeypatch.setenv(name, str(tmp_path))


@pytest.mark.skipif(sys.platform != "linux", reason="other loaders look elsewhere")
def test_without_its_library_the_page_says_so_and_offers_the_other_ways(
    as_ana: Client, joint: Letter, without_pango: None
) -> None:
    response = as_ana.get(address(joint, "pdf"))
    assert response.status_code == 503
    assert "The server lacks Pango" in response.text
    for there in (address(joint, "txt"), address(joint, "md")):
        assert f'href="{there}"' in response.text
    assert WORDS in as_ana.get(address(joint, "txt")).text


def test_serving_loads_no_worker() -> None:
    """Nothing that bin/serve starts needs Pango, nor the memory that it takes."""
    code = (
        "import sys, django; django.setup(); import config.asgi;"
        "sys.exit('weasyprint' in sys.modules or 'fontTools' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_a_press_that_takes_too_long_is_stopped(
    as_ana: Client, joint: Letter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pdf, "PATIENCE", 0.01)
    response = as_ana.get(address(joint, "pdf"))
    assert response.status_code == 503
    assert "Try again" in response.text
    assert "Pango" not in response.text


@pytest.mark.parametrize("ending", ["sys.exit(1)", "os.abort()", "print('no pdf')"])
def test_a_press_that_breaks_breaks_nothing_else(
    ending: str, joint: Letter, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = tmp_path / "worker.py"
    script.write_text(f"import os, sys; {ending}")
    monkeypatch.setattr(pdf, "WORKER", str(script))
    with pytest.raises(NoPdf, match="busy"):
        Keepsake([]).to_pdf()


def test_the_press_learns_no_secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script = tmp_path / "worker.py"
    script.write_text("import os, sys; sys.exit(3 if 'MASTER_KEYS' in os.environ else 1)")
    monkeypatch.setattr(pdf, "WORKER", str(script))
    with pytest.raises(NoPdf) as refused:
        Keepsake([]).to_pdf()
    assert refused.value.later


def test_a_third_does_not_wait_for_long(monkeypatch: pytest.MonkeyPatch) -> None:
    class Full:
        def acquire(self, timeout: float) -> bool:
            assert timeout < 5
            return False

    monkeypatch.setattr(pdf, "_workers", Full())
    with pytest.raises(NoPdf) as refused:
        Keepsake([]).to_pdf()
    assert refused.value.later


def test_the_press_knows_the_fonts_that_are_built() -> None:
    house.build_front_end()
    assert {file for file, *_ in worker.FACES} <= {p.name for p in pdf.FONTS.iterdir()}
