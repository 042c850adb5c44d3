from datetime import date
from typing import Any
from uuid import UUID

from django import forms
from django.core.validators import MaxLengthValidator
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


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


class Words(forms.CharField):
    """A few sentences. A browser sends every line break as two characters; one is counted."""

    widget = forms.Textarea

    def to_python(self, value: Any) -> str:
        text = super().to_python(value) or ""
        return text.replace("\r\n", "\n").replace("\r", "\n")


def number(carried: str | None) -> int:
    """A number that the page carries for us; nonsense in it is as good as none."""
    return int(carried) if carried and carried.isdecimal() and len(carried) < 10 else 0


def uuid(carried: str | None) -> UUID | None:
    """The name of a row that the page carries for us; None where it is none."""
    try:
        return UUID(carried or "")
    except ValueError:
        return None


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
