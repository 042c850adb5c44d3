"""docs/architecture.md says what is where and what it knows; the imports say whether that is so."""

import re
from collections import defaultdict
from pathlib import Path

import grimp
import pytest

APPS = ("couples", "principles", "letters")
ROOT = Path(__file__).resolve().parents[2]
ROW = re.compile(r"^\| `(\w+)` \| (.+) \| (.+) \|$", re.MULTILINE)
PLACE = re.compile(r"`((?:[\w.]+/)+[\w.]+\.(?:py|js|md|html|css))`")
# What Django or Python asks for by name, and what only gathers.
BY_NAME = {
    *("__init__", "__pycache__", "apps", "migrations", "management", "templatetags"),
    *("models", "urls", "editor"),
}


def told(app: str) -> dict[str, set[str]]:
    """What the document says each capability of an app knows."""
    text = (ROOT / "docs" / "architecture.md").read_text()
    part = text.split(f"### {app}\n")[1].split("\n### ")[0]
    return {name: set(re.findall(r"`([\w/]+)`", knows)) for name, _, knows in ROW.findall(part)}


def known(app: str) -> dict[str, set[str]]:
    """The same of the imports; `couples` is known to all and told only of itself."""
    graph = grimp.build_graph(*APPS, exclude_type_checking_imports=True)
    found: dict[str, set[str]] = defaultdict(set)
    for module in graph.modules:
        its_app, _, rest = module.partition(".")
        mine = rest.partition(".")[0]
        if its_app != app or not mine:
            continue
        found[mine]  # also where it knows nothing
        for other in graph.find_modules_directly_imported_by(module):
            other_app, name = other.split(".")[:2]
            if other_app == app and name != mine:
                found[mine].add(name)
            elif other_app not in {app, "couples"}:
                found[mine].add(f"{other_app}/{name}")
    hidden = BY_NAME - {"models"} if app == "couples" else BY_NAME
    return {name: knows for name, knows in found.items() if name not in hidden}


@pytest.mark.parametrize("app", APPS)
def test_the_map_says_what_the_imports_say(app: str) -> None:
    assert told(app) == known(app)


@pytest.mark.parametrize("app", APPS)
def test_everything_is_on_the_map(app: str) -> None:
    there = {path.stem for path in (ROOT / app).iterdir()} - BY_NAME
    if app == "couples":
        there |= {"models"}
    assert there == set(told(app))


def test_every_place_that_the_documents_name_is_there() -> None:
    for document in [*(ROOT / "docs").glob("*.md"), *ROOT.glob("*.md")]:
        for name in re.findall(
            r"`((?:[\w.]+/)+[\w.]+\.(?:py|js|md|html|css))`", document.read_text()
        ):
            assert (ROOT / name).exists(), f"{document.name}: {name}"
