from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from couples.autosave import AutosaveForm
from couples.forms import Words, too_long
from letters.values.models import LONGEST, LONGEST_MEANING, Value
from principles import catalog


class OneLine(Words):
    """A few words; where they came in several lines, they are one."""

    def to_python(self, value: Any) -> str:
        return " ".join(super().to_python(value).split())


class NewValueForm(forms.Form):
    text = OneLine(
        validators=[too_long(LONGEST)],
        error_messages={
            "required": _("Write a word first. Your own is better than the right one.")
        },
    )


class ValueForm(AutosaveForm):
    text = OneLine(
        validators=[too_long(LONGEST)],
        error_messages={
            "required": _("A value needs a word. To let go of it, use the button below.")
        },
    )
    meaning = Words(required=False, strip=False, validators=[too_long(LONGEST_MEANING)])
    principles = forms.MultipleChoiceField(
        required=False, choices=[(each.slug, each.name) for each in catalog.PRINCIPLES]
    )

    @classmethod
    def of(cls, value: Value) -> "ValueForm":
        words = {"text": value.text, "meaning": value.meaning, "principles": value.slugs}
        return cls.over(value.revision, words)
