"""The fonts as they are built: small enough, whole enough, and with their licence."""

import re

import _bootstrap as house
import pytest
from fontTools.ttLib import TTFont

from couples.pdf import worker

FONTS = house.ROOT / "static" / "dist" / "fonts"
ALL = 160_000
FIRST_VISIT = 100_000
# What people write with in the languages of Europe that use these letters.
LETTERS = (
    "ABCXYZabcxyz 0123456789 .,;:!?'\"()[]{}@#%&*+-=/<>|\\^~_`"
    "“”„‘’‚«»‹›–—…•·°€£©½×÷−\u00a0"
    "ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÐÑÒÓÔÕÖØÙÚÛÜÝÞßàáâãäåæçèéêëìíîïðñòóôõöøùúûüýþÿŒœ¡¿"
    "ĀāĂăĄąĆćČčĎďĐđĒēĖėĘęĚěĞğĢģĪīĮįİıĶķĹĺĻļĽľŁłŃńŅņŇňŐőŔŕŘřŚśŞşŠšȘșȚțŤťŪūŮůŰűŲųŴŵŶŷŸŹźŻżŽž"
)


@pytest.fixture(scope="module", autouse=True)
def built() -> None:
    house.build_front_end()


def faces() -> list[dict[str, str]]:
    """The @font-face rules of the built style sheet."""
    css = (house.DIST / "app.css").read_text()
    rules = re.findall(r"@font-face\s*{([^}]*)}", css)
    return [
        {
            name.strip(): value.strip().strip('"')
            for name, _, value in (line.partition(":") for line in rule.split(";") if line.strip())
        }
        for rule in rules
    ]


def files(family: str, style: str = "normal") -> list[str]:
    return [
        found[1]
        for face in faces()
        if face["font-family"] == family and face.get("font-style", "normal") == style
        if (found := re.search(r"fonts/([\w-]+\.woff2)", face["src"]))
    ]


def test_all_fonts_together_are_small_and_nothing_else_is_built() -> None:
    sizes = {path.name: path.stat().st_size for path in FONTS.iterdir()}
    used = [*files("Letter"), *files("Letter", "italic"), *files("Plain")]
    assert sum(sizes[name] for name in used) <= ALL
    assert len(used) == 6
    first = [name for name in used if "latin-ext" not in name]
    assert sum(sizes[name] for name in first) <= FIRST_VISIT


@pytest.mark.parametrize(
    ("family", "style"), [("Letter", "normal"), ("Letter", "italic"), ("Plain", "normal")]
)
def test_each_face_has_the_letters_of_europe_and_its_licence(family: str, style: str) -> None:
    has: set[int] = set()
    for name in files(family, style):
        font = TTFont(FONTS / name)
        assert not has & set(font.getBestCmap()), "two parts have the same sign"
        has |= set(font.getBestCmap())
        assert "Open Font License" in font["name"].getDebugName(13)
        (weight,) = font["fvar"].axes
        assert (weight.axisTag, weight.minValue, weight.maxValue) == ("wght", 400, 700)
    missing = {sign for sign in LETTERS if ord(sign) not in has}
    # Atkinson Hyperlegible Next does not have these; another font of the machine steps in.
    assert missing <= (set("ĹĺŔŕȘșȚțĻļĽľĢģĶķŅņ") if family == "Plain" else set()), missing


def test_the_press_has_a_whole_font_of_each_style_with_its_licence() -> None:
    for name, style, weight in worker.FACES:
        font = TTFont(house.DIST / "press" / name)
        signs = {ord(sign) for sign in LETTERS + "ởẠ"} | {*range(0x300, 0x305), 0x308, 0x323}
        assert signs - set(font.getBestCmap()) <= {0x2010}
        assert font["OS/2"].usWeightClass == weight
        assert bool(font["post"].italicAngle) == (style == "italic")
        assert "Open Font License" in font["name"].getDebugName(13)


def test_the_style_sheet_asks_for_no_weight_that_was_cut_away() -> None:
    for path in (house.ROOT / "static" / "css").rglob("*.css"):
        for weight in re.findall(r"font(?:-weight)?:[^;{}]*?\b([1-9]\d\d)\b", path.read_text()):
            assert 400 <= int(weight) <= 700, path.name


def test_every_face_of_ours_has_a_stand_in_of_the_same_measure() -> None:
    adjusted = {face["font-family"] for face in faces() if "size-adjust" in face}
    for variable in ("serif", "sans"):
        tokens = (house.ROOT / "static" / "css" / "tokens.css").read_text()
        found = re.search(rf"--{variable}: (.*);", tokens)
        assert found
        names = [name.strip(' "') for name in found[1].split(",")]
        stand_ins = [name for name in names if name in adjusted]
        assert names[1 : 1 + len(stand_ins)] == stand_ins
        assert len(stand_ins) >= 2
