from datetime import date
from functools import cache
from itertools import groupby
from typing import Any

from django import forms
from django.core.validators import MaxLengthValidator
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from couples.names import NameField
from couples.zones import zones


def plain(words: str) -> str:
    """As typed, without the line ends of forms and without empty edges."""
    return words.replace("\r\n", "\n").strip()


# Further than that nobody plans, or remembers.
YEARS = 50


def near(day: date) -> date:
    """The same day; refused where it is further away than a life reaches. At the ends of the
    calendar a day has no neighbours, and in another place it would be none."""
    if abs(day.year - timezone.localdate().year) > YEARS:
        raise forms.ValidationError(
            _("Choose a day within the next %(years)d years."), params={"years": YEARS}
        )
    return day


class InvitationMailForm(forms.Form):
    email = forms.EmailField(
        label=_("Their email address"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )


class NameForm(forms.Form):
    name = NameField(
        label=_("Your name"),
        help_text=_("As your partner says it. It stands beside your words."),
    )


REGIONS = {
    *("Africa", "America", "Antarctica", "Arctic", "Asia"),
    *("Atlantic", "Australia", "Europe", "Indian", "Pacific"),
}


@cache
def zones_by_region() -> list[tuple[str, list[tuple[str, str]]]]:
    """Those named after a place, as groups of a list. Older names are understood, not offered."""
    named = sorted(name for name in zones() if name.partition("/")[0] in REGIONS)
    return [
        (region, [(name, name.partition("/")[2].replace("_", " ")) for name in names])
        for region, names in groupby(named, key=lambda name: name.partition("/")[0])
    ]


class ZoneForm(forms.Form):
    zone = forms.CharField(
        label=_("Where your days begin"),
        error_messages={"required": _("Choose a place.")},
        widget=forms.Select,
    )

    def __init__(self, data: Any = None, *, now: str = "") -> None:
        super().__init__(data, initial={"zone": now})
        listed = any(now == name for _region, names in zones_by_region() for name, _place in names)
        self.fields["zone"].widget.choices = [
            ("", _("Not said yet")),
            *([] if listed or not now else [(now, now)]),
            *zones_by_region(),
        ]

    def clean_zone(self) -> str:
        zone: str = self.cleaned_data["zone"]
        if zone not in zones():
            raise forms.ValidationError(_("Choose a place from the list."))
        return zone


# -- Fields --------------------------------------------------------------------------------------


class Words(forms.CharField):
    """A few sentences. A browser sends every line break as two characters; one is counted."""

    widget = forms.Textarea

    def to_python(self, value: Any) -> str:
        text = super().to_python(value) or ""
        return text.replace("\r\n", "\n").replace("\r", "\n")


def number(carried: str | None) -> int:
    """A number that the page carries for us; nonsense in it is as good as none."""
    return int(carried) if carried and carried.isdecimal() and len(carried) < 10 else 0


class Count(forms.Field):
    def to_python(self, value: object) -> int:
        return number(str(value))


def first_error(form: forms.Form, name: str) -> str:
    return str(form.errors[name][0]) if name in form.errors else ""


def too_long(limit: int) -> MaxLengthValidator:
    return MaxLengthValidator(
        limit,
        _("That is %(show_value)d characters; %(limit_value)d fit. Say it a little shorter."),
    )
