"""Where help is: the numbers of numbers.toml, with the words beside them.

The file has the facts and where each comes from; what has to be translated is here.
"""

import tomllib
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

FILE = Path(__file__).with_name("numbers.toml")
# Understood across Europe and in many other countries, on every mobile phone.
INTERNATIONAL = "112"

COUNTRIES = {
    "GB": _("United Kingdom"),
    "IE": _("Ireland"),
    "US": _("United States"),
    "CA": _("Canada"),
    "AU": _("Australia"),
    "NZ": _("New Zealand"),
    "DE": _("Germany"),
    "AT": _("Austria"),
    "FR": _("France"),
    "ES": _("Spain"),
    "IT": _("Italy"),
    "NL": _("Netherlands"),
    "FI": _("Finland"),
    "DK": _("Denmark"),
    "NO": _("Norway"),
    "PT": _("Portugal"),
    "ZA": _("South Africa"),
}
WHOM = {
    "everyone": _("for everyone"),
    "women": _("for women"),
    "men": _("for men"),
    "england": _("England"),
    "scotland": _("Scotland"),
    "wales": _("Wales"),
    "northern-ireland": _("Northern Ireland"),
    "near-you": _("the numbers near you"),
}
NOTES: dict[str, str | Promise] = {
    "": "",
    "silent-999": _("If you cannot speak: 999 from a mobile, then 55."),
    "text-88788": _("Or text START to 88788."),
}


@dataclass(frozen=True)
class Line:
    """A number to ring, or a site that has the numbers."""

    whom: str | Promise
    shown: str
    href: str

    @classmethod
    def read(cls, row: dict[str, Any]) -> "Line":
        if "site" in row:
            return cls(WHOM[row["whom"]], row["site"], row["source"])
        dial = row.get("dial", row["number"].replace(" ", ""))
        return cls(WHOM[row["whom"]], row["number"], f"tel:{dial}")


@dataclass(frozen=True)
class Country:
    name: str | Promise
    emergency: tuple[str, ...]
    lines: tuple[Line, ...]
    note: str | Promise


@dataclass(frozen=True)
class Help:
    checked: date
    countries: tuple[Country, ...]
    directory: Line

    @property
    def emergency(self) -> list[tuple[str, list[str | Promise]]]:
        """The international number, and each other one with where it is the usual one."""
        elsewhere: dict[str, list[str | Promise]] = {INTERNATIONAL: []}
        for country in self.countries:
            if country.emergency[0] != INTERNATIONAL:
                elsewhere.setdefault(country.emergency[0], []).append(country.name)
        return list(elsewhere.items())


@cache
def where_help_is() -> Help:
    read = tomllib.loads(FILE.read_text())
    countries = tuple(
        Country(
            COUNTRIES[row["code"]],
            tuple(row["emergency"]),
            tuple(Line.read(line) for line in row["lines"]),
            NOTES[row.get("note", "")],
        )
        for row in read["country"]
    )
    site = read["directory"]
    return Help(read["checked"], countries, Line("", site["site"], site["source"]))
