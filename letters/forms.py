from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from couples import autosave
from letters.models import Reflection, Value
from letters.reflection.models import MAX_LENGTH, Asked
from letters.values.models import LONGEST, LONGEST_MEANING
from principles import catalog
from principles.agreements.forms import Words, too_long


class AnswerForm(forms.Form):
    text = forms.CharField(
        required=False,
        strip=False,
        max_length=MAX_LENGTH,
        error_messages={
            "max_length": _(
                "This answer has %(show_value)d characters; %(limit_value)d fit. The longer text is"
                " still here: shorten it, or take a part of it into a letter."
            )
        },
        widget=forms.Textarea(attrs={"rows": 4, "dir": "auto"}),
    )
    revision = forms.IntegerField(min_value=0, widget=forms.HiddenInput)
    window = forms.CharField(required=False, max_length=autosave.LONGEST, widget=forms.HiddenInput)

    def based_on(self, newer: Reflection) -> "AnswerForm":
        """The same words, for a save that knows of the newer ones."""
        data = self.cleaned_data | {"revision": newer.revision}
        return AnswerForm(data, auto_id=self.auto_id)

    @classmethod
    def for_question(cls, question: Asked, kept: Reflection | None) -> "AnswerForm":
        initial = {
            "text": kept.text if kept else "",
            "revision": kept.revision if kept else 0,
            "window": autosave.new_name(),
        }
        return cls(initial=initial, auto_id=f"{question.slug}-%s")


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
