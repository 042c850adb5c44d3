from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from couples import autosave
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


class ValueForm(forms.Form):
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
    revision = forms.IntegerField(min_value=0, widget=forms.HiddenInput)
    window = forms.CharField(required=False, max_length=autosave.LONGEST, widget=forms.HiddenInput)

    def based_on(self, newer: Value) -> "ValueForm":
        """The same words, for a save that knows of the newer ones."""
        return ValueForm(self.cleaned_data | {"revision": newer.revision})

    @classmethod
    def of(cls, value: Value) -> "ValueForm":
        return cls(
            initial={
                "text": value.text,
                "meaning": value.meaning,
                "principles": value.slugs,
                "revision": value.revision,
                "window": autosave.new_name(),
            }
        )
