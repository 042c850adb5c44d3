"""Pages describe and never point: “not both have signed”, and not “Ben has not”.

What is looked for are sentences in which a name, or “the other”, is the one who has not done
something yet, or is waited for. Whoever is under pressure reads such a sentence as a reproach, and
whoever presses shows it to them. It is a search through words: it finds the forms that English has
for this, and not every way to say it.
"""

import re
from pathlib import Path

import pytest
from django.conf import settings

ROOT = Path(settings.BASE_DIR)
SOURCES = [
    path
    for pattern in (
        "templates/**/*.html",
        "templates/**/*.txt",
        *(f"{app}/**/*.py" for app in ("couples", "principles", "letters")),
    )
    for path in sorted(ROOT.glob(pattern))
    if "migrations" not in path.parts
]
WHO = (
    r"(?:%\((?:name|other|inviter)\)s|[Tt]he other(?: one)?|"
    r"\{\{ *(?:name|inviter|other(?:\.name)?) *\}\})"
)
# Of these something is said that they are spared or not let see, which is a promise.
SPARED = r"(?!(?:told|asked|shown|the one|there)\b)"
POINTS = [
    rf"{WHO} (?:has|have|had)(?: not|n’t| still| yet to)\b",
    rf"{WHO} (?:is|was)(?: not|n’t) {SPARED}\w+",
    rf"{WHO} (?:did|does)(?: not|n’t) (?:sign|answer|say|agree|mark|reply|come|write|give|tell)\b",
    rf"{WHO} (?:still|never) \w+",
    rf"(?:[Ww]aiting|[Ww]ait) for {WHO}",
    rf"(?:[Uu]ntil|[Oo]nce|[Ww]hen) {WHO} (?:has(?: signed| agreed|,)|is,|signs|agrees|says)",
    rf"{WHO} is late\b",
]
# Comments and docstrings of Python speak to whoever reads the code.
WORDS = re.compile(r"_\(\s*((?:\"[^\"]*\"\s*)+)", re.S)


def words_of(path: Path) -> str:
    text = path.read_text()
    if path.suffix != ".py":
        return " ".join(text.split())
    return "\n".join("".join(re.findall(r'"([^"]*)"', found)) for found in WORDS.findall(text))


def pointing(text: str) -> list[str]:
    return [found.group() for each in POINTS for found in re.finditer(each, text)]


def test_no_page_no_mail_and_no_line_of_home_points_at_the_other() -> None:
    found = {
        f"{path.relative_to(ROOT)}: {sentence}"
        for path in SOURCES
        for sentence in pointing(words_of(path))
    }
    assert found == set()


@pytest.mark.parametrize(
    "sentence",
    [
        "%(name)s has not signed these words.",
        "{{ name }} is not done yet.",
        "{{ name }} has not given a list.",
        "Waiting for {{ name }}.",
        "It counts once {{ name }} has, too.",
        "You are ready. When %(name)s is, both open.",
        "The other has not answered.",
        "{{ name }} did not answer.",
    ],
)
def test_the_search_finds_what_it_is_for(sentence: str) -> None:
    assert pointing(sentence)


def test_a_promise_is_not_taken_for_a_reproach() -> None:
    for sentence in ("{{ name }} is not told that you were here.", "{{ name }} does not see this."):
        assert pointing(sentence) == []


def test_it_reads_all_words_there_are() -> None:
    read = "\n".join(words_of(path) for path in SOURCES)
    for sentence in ("They count once both have.", "You said yes", "Please open your home now"):
        assert sentence in read
