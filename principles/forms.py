"""What people type on a principle's page, and what the page has to know beside it."""

from typing import Any

from django import forms
from django.core.validators import MaxLengthValidator
from django.utils.translation import gettext_lazy as _

from principles.models import agreement, pledge


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
    def to_python(self, value: str | None) -> int:
        return number(value)


def first_error(form: forms.Form, name: str) -> str:
    return str(form.errors[name][0]) if name in form.errors else ""


def too_long(limit: int) -> MaxLengthValidator:
    return MaxLengthValidator(
        limit,
        _("That is %(show_value)d characters; %(limit_value)d fit. Say it a little shorter."),
    )


class ProposalForm(forms.Form):
    text = Words(
        validators=[too_long(agreement.LONGEST)],
        error_messages={"required": _("Write a sentence first. It can be a short one.")},
    )
    # The number of the wording that was on the page, and the seat of who would read the new one.
    base = Count(required=False)
    reader = forms.CharField(required=False)


class PledgeForm(forms.Form):
    text = Words(required=False, validators=[too_long(pledge.LONGEST)])
    revision = Count(required=False)
    window = forms.CharField(required=False, max_length=32)
