"""The ten principles: complete, in our own voice, and fair turns for every day."""

import dataclasses
import re
from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from django.utils.functional import Promise

from principles import catalog
from principles.catalog import PRINCIPLES, Principle

SLUGS = [
    "backs",
    "emergency",
    "tell-first",
    "transparent",
    "repair",
    "share-power",
    "kindness",
    "joint-decisions",
    "ws",
    "supporters",
]

PARAGRAPHS = ("name", "essence", "ordinary_day", "not_this", "invitation")

NOT_OUR_WORDS = re.compile(
    r"\b(journeys?|spaces?|hold(s|ing)?|trigger(s|ed|ing)?|should(n’t)?|boundar(y|ies)"
    r"|validat\w+|toxic|mindful\w*|vulnerab\w+|soulmates?|great job|well done)\b",
    re.IGNORECASE,
)
GENDERED = re.compile(
    r"\b(he|she|him|her|his|hers|husbands?|wife|wives|boyfriends?|girlfriends?)\b", re.IGNORECASE
)

FIRST_DAY = date(2026, 2, 23)


def words_of(principle: Principle) -> Iterator[str]:
    for field in PARAGRAPHS:
        yield str(getattr(principle, field))
    yield from map(str, principle.ways)


def days(count: int) -> list[date]:
    return [FIRST_DAY + timedelta(days=number) for number in range(count)]


every_principle = pytest.mark.parametrize("principle", PRINCIPLES, ids=SLUGS)


def test_there_are_ten_in_their_order() -> None:
    assert [principle.slug for principle in PRINCIPLES] == SLUGS


def test_each_is_found_by_its_slug() -> None:
    assert [catalog.get(slug) for slug in SLUGS] == list(PRINCIPLES)
    assert list(catalog.BY_SLUG) == SLUGS


@pytest.mark.parametrize("slug", ["", "Backs", "backs ", "loyalty", "../backs"])
def test_nothing_else_is_found(slug: str) -> None:
    assert catalog.get(slug) is None


def test_no_two_have_the_same_name() -> None:
    assert len({str(principle.name) for principle in PRINCIPLES}) == 10


@every_principle
def test_nothing_is_left_empty(principle: Principle) -> None:
    for words in words_of(principle):
        assert words.strip() == words
        assert words


@every_principle
def test_every_word_is_translated_when_it_is_read(principle: Principle) -> None:
    for field in PARAGRAPHS:
        assert isinstance(getattr(principle, field), Promise), field
    assert all(isinstance(way, Promise) for way in principle.ways)


@every_principle
def test_the_name_speaks_for_both(principle: Principle) -> None:
    assert str(principle.name).startswith("We ")


@every_principle
def test_there_are_twelve_different_ways(principle: Principle) -> None:
    assert len(principle.ways) == 12
    assert len({str(way) for way in principle.ways}) == 12


def test_no_way_is_used_twice() -> None:
    uses = Counter(str(way) for principle in PRINCIPLES for way in principle.ways)
    assert [way for way, count in uses.items() if count > 1] == []


@every_principle
def test_a_way_is_one_short_sentence(principle: Principle) -> None:
    for way in map(str, principle.ways):
        unquoted = re.sub(r"“[^”]*”", "", way)
        assert unquoted.endswith("."), way
        assert not re.search(r"[.?] ", unquoted), way
        assert len(way) <= 100, way


@every_principle
def test_the_essence_is_short(principle: Principle) -> None:
    assert 2 <= len(re.findall(r"[.?](?= |$)", str(principle.essence))) <= 4
    assert len(str(principle.essence)) <= 240


@every_principle
def test_nobody_is_shouted_at_lectured_or_assumed(principle: Principle) -> None:
    for words in words_of(principle):
        assert "!" not in words
        assert not NOT_OUR_WORDS.search(words), words
        assert not GENDERED.search(words), words


@every_principle
def test_quotation_marks_are_typeset(principle: Principle) -> None:
    for words in words_of(principle):
        assert not set(words) & {'"', "'", "‘"}, words
        assert words.count("“") == words.count("”"), words


@every_principle
def test_the_invitation_begins_a_sentence_to_finish(principle: Principle) -> None:
    beginning = re.search(r"“([A-Z][^”]*) ?…[^”]*”\.$", str(principle.invitation))
    assert beginning
    assert re.search(r"\b(I|me)\b", beginning[0])


@pytest.mark.parametrize("slug", ["tell-first", "transparent"])
def test_telling_is_offered_and_never_inspected(slug: str) -> None:
    principle = catalog.get(slug)
    assert principle is not None
    meaning = str(principle.not_this)
    assert meaning.startswith("Offered, never inspected.")
    assert "password" in meaning
    assert "location" in meaning


def test_a_principle_cannot_be_reworded_at_run_time() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(PRINCIPLES[0], "slug", "fronts")  # noqa: B010  (mypy refuses the plain assignment)


@pytest.mark.parametrize("offset", [0, 7, 123_456_789_012, -3])
def test_any_ten_days_bring_all_ten(offset: int) -> None:
    for start in range(25):
        seen = {catalog.for_day(day, offset)[0].slug for day in days(start + 10)[start:]}
        assert seen == set(SLUGS)


def test_a_principle_comes_back_after_exactly_ten_days() -> None:
    for day in days(30):
        assert catalog.for_day(day, 4)[0] is catalog.for_day(day + timedelta(days=10), 4)[0]


@pytest.mark.parametrize("offset", [0, 5, -11])
def test_a_hundred_and_twenty_days_bring_every_way_once(offset: int) -> None:
    seen = Counter(
        (principle.slug, str(way))
        for principle, way in (catalog.for_day(day, offset) for day in days(120))
    )
    assert len(seen) == 120
    assert set(seen.values()) == {1}


def test_a_way_belongs_to_the_principle_of_its_day() -> None:
    for day in days(120):
        principle, way = catalog.for_day(day, 31)
        assert way in principle.ways


def test_both_partners_meet_the_same_words_on_a_day() -> None:
    for day in days(15):
        assert catalog.for_day(day, 42) == catalog.for_day(day, 42)


def test_two_homes_need_not_be_on_the_same_principle() -> None:
    starts = {catalog.for_day(FIRST_DAY, offset)[0].slug for offset in range(10)}
    assert starts == set(SLUGS)


def test_a_weekday_is_not_tied_to_a_principle() -> None:
    mondays = [FIRST_DAY + timedelta(weeks=number) for number in range(10)]
    assert {catalog.for_day(day, 0)[0].slug for day in mondays} == set(SLUGS)
