"""The two fonts of the product, cut down to what it sets: static/fonts/, for esbuild to take in;
and the one of letters whole, for couples/pdf/worker.py: static/dist/press/.

They come from npm whole, with weights and signs that no page uses. What stays: Latin for the
languages of Europe, in two parts, the second of which a page brings only where it is needed; the
weights 400 to 700. `faces.css` names them, and with them a stand-in of the same measure for the
moment before they are there: a font of the reader's own machine, stretched to the average width of
ours and given our line height, so that nothing jumps when ours comes.

Runs with the application's Python, which has fontTools; see build_front_end in _bootstrap.py.
"""

from __future__ import annotations

import hashlib
import io
import re
import shutil
from pathlib import Path
from typing import Any

from fontTools import subset
from fontTools.ttLib import TTFont
from fontTools.varLib import instancer

ROOT = Path(__file__).resolve().parent.parent
FROM = ROOT / "node_modules" / "@fontsource-variable"
TO = ROOT / "static" / "fonts"
WHOLE = ROOT / "node_modules" / "@expo-google-fonts" / "newsreader"
PRESS = ROOT / "static" / "dist" / "press"

WEIGHTS = (400, 700)
FEATURES = ["ccmp", "locl", "kern", "liga", "clig", "calt", "rvrn", "mark", "mkmk"]
PARTS = {
    # ASCII, Western Europe, quotes and dashes, the euro, arrows.
    "latin": [
        *range(0x20, 0x7F),
        *range(0xA0, 0x100),
        *(0x131, 0x152, 0x153, 0x2C6, 0x2DA, 0x2DC, 0x20AC, 0x2122, 0x2212, 0xFFFD),
        *range(0x2000, 0x2070),
        *range(0x2190, 0x2194),
    ],
    # The rest of Latin Extended-A, Romanian, Welsh, the capital ß, spacing accents.
    "latin-ext": [
        *(sign for sign in range(0x100, 0x180) if sign not in (0x131, 0x152, 0x153)),
        *(0x1E9E, 0x2C7, *range(0x218, 0x21C), *range(0x1E80, 0x1E86)),
        *(0x2D8, 0x2D9, 0x2DB, 0x2DD),
    ],
}
FACES = (
    # file, package, family in CSS, style
    ("newsreader", "newsreader", "Letter", "normal"),
    ("newsreader-italic", "newsreader", "Letter", "italic"),
    ("atkinson", "atkinson-hyperlegible-next", "Plain", "normal"),
)

# How wide a letter of running English is on average in fonts that machines have, in em: the widths
# of the signs in LETTERS by how often they come. Measured on fonts made to the same measure where
# the original is not free: Gelasio for Georgia, Liberation for Times and Arial.
STAND_INS = {
    ("Letter", "normal"): (
        ("Georgia", 0.4343, ("Georgia", "Gelasio")),
        ("Times", 0.3955, ("Times New Roman", "Liberation Serif", "Tinos")),
        ("Noto", 0.4725, ("Noto Serif",)),
    ),
    ("Letter", "italic"): (
        ("Georgia", 0.4429, ("Georgia Italic", "Gelasio Italic")),
        ("Times", 0.3973, ("Times New Roman Italic", "Liberation Serif Italic", "Tinos Italic")),
        ("Noto", 0.4589, ("Noto Serif Italic",)),
    ),
    ("Plain", "normal"): (
        ("Arial", 0.4368, ("Arial", "Liberation Sans", "Arimo")),
        ("Roboto", 0.4373, ("Roboto",)),
    ),
}
# How often each comes in a thousand signs of English.
LETTERS = {
    **{"e": 102, "t": 75, "a": 65, "o": 62, "i": 57, "n": 57, "s": 53, "h": 50, "r": 49, "d": 33},
    **{"l": 33, "c": 23, "u": 23, "m": 20, "w": 17, "f": 18, "g": 16, "y": 14, "p": 15, "b": 12},
    **{"v": 8, "k": 6, " ": 185, ",": 8, ".": 9},
}


def main() -> None:
    """Cutting takes some seconds; it is done anew only when this file or the packages changed."""
    bring_whole()
    made_of = hashlib.sha256(Path(__file__).read_bytes())
    made_of.update((ROOT / "package-lock.json").read_bytes())
    stamp = TO / ".made-of"
    if stamp.is_file() and stamp.read_text() == made_of.hexdigest():
        return
    TO.mkdir(parents=True, exist_ok=True)
    rules = ["/* Made by bin/_fonts.py. */"]
    for name, package, family, style in FACES:
        for part, signs in PARTS.items():
            source = FROM / package / "files" / f"{package}-{part}-wght-{style}.woff2"
            font = cut(source, signs)
            sign(font, (FROM / package / "LICENSE").read_text())
            file = f"{name}.woff2" if part == "latin" else f"{name}-{part}.woff2"
            (TO / file).write_bytes(packed(font))
            rules.append(face(family, style, file, font))
            if part == "latin":
                rules += stand_ins(family, style, font)
    (TO / "faces.css").write_text("\n".join(rules) + "\n")
    stamp.write_text(made_of.hexdigest())


def bring_whole() -> None:
    PRESS.mkdir(parents=True, exist_ok=True)
    for name in ("400Regular", "400Regular_Italic", "600SemiBold", "600SemiBold_Italic"):
        shutil.copyfile(WHOLE / name / f"Newsreader_{name}.ttf", PRESS / f"Newsreader_{name}.ttf")


def cut(source: Path, signs: list[int]) -> Any:
    options = subset.Options()
    options.layout_features = FEATURES
    options.hinting = False
    options.notdef_outline = True
    options.name_IDs = [1, 2, 4, 6]
    font = TTFont(source, recalcTimestamp=False)
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=signs)
    cutter.subset(font)
    instancer.instantiateVariableFont(font, {"wght": WEIGHTS}, inplace=True)
    return font


def sign(font: Any, licence: str) -> None:
    """Say in the font itself whose it is and how it may be used: npm has it beside the files."""
    makers = re.search(r"Copyright .*?\)", licence)
    terms = re.search(r"This Font Software is licensed under .*\.", licence)
    if makers is None or terms is None:
        raise SystemExit("The licence of a font is not where it was; see bin/_fonts.py.")
    for number, words in ((0, makers[0]), (13, terms[0]), (14, "https://openfontlicense.org")):
        font["name"].setName(words, number, 3, 1, 0x409)


def packed(font: Any) -> bytes:
    file = io.BytesIO()
    font.flavor = "woff2"
    font.save(file)
    return file.getvalue()


def face(family: str, style: str, file: str, font: Any) -> str:
    return rule(
        family,
        style,
        f'src: url("./{file}") format("woff2");',
        f"font-weight: {WEIGHTS[0]} {WEIGHTS[1]};",
        "font-display: swap;",
        f"unicode-range: {ranges(font.getBestCmap())};",
    )


def stand_ins(family: str, style: str, font: Any) -> list[str]:
    """size-adjust = our average width / theirs; the heights of the line are ours, and are given as
    a share of the size after that."""
    em, line = font["head"].unitsPerEm, font["hhea"]
    cmap, widths = font.getBestCmap(), font["hmtx"]
    ours = sum(widths[cmap[ord(sign)]][0] * often for sign, often in LETTERS.items())
    ours /= sum(LETTERS.values()) * em
    rules = []
    for name, theirs, places in STAND_INS[family, style]:
        size = ours / theirs
        rules.append(
            rule(
                f"{family} {name}",
                style,
                "src: " + ", ".join(f'local("{place}")' for place in places) + ";",
                f"size-adjust: {size:.2%};",
                f"ascent-override: {line.ascent / em / size:.2%};",
                f"descent-override: {-line.descent / em / size:.2%};",
                f"line-gap-override: {line.lineGap / em / size:.2%};",
            )
        )
    return rules


def rule(family: str, style: str, *descriptors: str) -> str:
    lines = [f'font-family: "{family}";', f"font-style: {style};", *descriptors]
    return "@font-face {\n" + "".join(f"  {line}\n" for line in lines) + "}"


def ranges(signs: Any) -> str:
    """As CSS writes it: U+20-7E, U+A0 …"""
    spans: list[list[int]] = []
    for sign in sorted(signs):
        if spans and spans[-1][1] == sign - 1:
            spans[-1][1] = sign
        else:
            spans.append([sign, sign])
    return ", ".join(f"U+{a:X}" if a == b else f"U+{a:X}-{b:X}" for a, b in spans)


if __name__ == "__main__":
    main()
