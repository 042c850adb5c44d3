"""The numbers: one file, of one form, and no other number on any page."""

import re
import tomllib
from datetime import date
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from couples import safety
from tests.people import Resident
from tests.principles.practices.steps import call_out

READ = tomllib.loads(safety.FILE.read_text())
BY_CODE = {country["code"]: country for country in READ["country"]}
LINES = [(code, line) for code, country in BY_CODE.items() for line in country["lines"]]


def test_each_country_is_there_once_and_has_its_words() -> None:
    assert len(BY_CODE) == len(READ["country"])
    assert set(BY_CODE) == set(safety.COUNTRIES)
    assert all(re.fullmatch(r"[A-Z]{2}", code) for code in BY_CODE)


def test_the_file_says_when_it_was_checked() -> None:
    assert isinstance(READ["checked"], date)
    assert date(2026, 1, 1) < READ["checked"] <= timezone.localdate()


@pytest.mark.parametrize("code", BY_CODE)
def test_a_country_has_an_emergency_number_and_somewhere_to_turn(code: str) -> None:
    country = BY_CODE[code]
    known = {"code", "emergency", "emergency_source", "note", "lines"}
    assert set(country) <= known
    assert all(re.fullmatch(r"\d{2,5}", number) for number in country["emergency"])
    assert urlsplit(country["emergency_source"]).scheme == "https"
    assert country["lines"]
    assert country.get("note", "") in safety.NOTES


@pytest.mark.parametrize(("code", "line"), LINES, ids=str)
def test_a_line_says_for_whom_it_is_how_to_reach_it_and_where_it_comes_from(
    code: str, line: dict[str, str]
) -> None:
    assert set(line) <= {"whom", "number", "site", "dial", "source"}
    assert line["whom"] in safety.WHOM
    assert ("number" in line) != ("site" in line)
    if "number" in line:
        assert re.fullmatch(r"[0-9][0-9 -]{1,15}[0-9]", line["number"])
        dialled = line.get("dial", line["number"].replace(" ", ""))
        assert re.fullmatch(r"\+?\d{3,15}", dialled)
        assert dialled.lstrip("+") == re.sub(r"\D", "", line["number"])
    source = urlsplit(line["source"])
    assert source.scheme == "https"
    assert source.netloc


def test_the_safety_page_names_them_all(client: Client, db: None) -> None:
    page = client.get(reverse("couples:safety")).text
    for code, line in LINES:
        assert line.get("number", line.get("site", "")) in page, code
    for country in BY_CODE.values():
        first = country["emergency"][0]
        assert f'<a href="tel:{first}">{first}</a>' in page
    assert READ["directory"]["source"] in page


def test_a_call_and_its_page_name_the_same_emergency_numbers(ana: Resident, as_ana: Client) -> None:
    call = call_out(ana)
    for address in (reverse("principles:moment", args=[call.pk]), "/practices/emergency/"):
        page = as_ana.get(address).text
        for number, _where in safety.where_help_is().emergency:
            assert f'<a href="tel:{number}">{number}</a>' in page


def test_no_page_has_a_number_of_its_own() -> None:
    root = Path(settings.BASE_DIR)
    pages = [*root.glob("templates/**/*.html"), *root.glob("templates/**/*.txt")]
    told = {page.name for page in pages if re.search(r"tel:[+\d]", page.read_text())}
    assert told == set()
