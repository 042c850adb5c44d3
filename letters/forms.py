from secrets import token_hex

from django import forms
from django.utils.translation import gettext_lazy as _

from letters.models import Reflection
from letters.models.reflection import MAX_LENGTH
from letters.questions import Question


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
    window = forms.CharField(required=False, max_length=32, widget=forms.HiddenInput)

    def based_on(self, newer: Reflection) -> "AnswerForm":
        """The same words, for a save that knows of the newer ones."""
        data = self.cleaned_data | {"revision": newer.revision}
        return AnswerForm(data, auto_id=self.auto_id)

    @classmethod
    def for_question(cls, question: Question, kept: Reflection | None) -> "AnswerForm":
        initial = {
            "text": kept.text if kept else "",
            "revision": kept.revision if kept else 0,
            "window": token_hex(8),
        }
        return cls(initial=initial, auto_id=f"{question.slug}-%s")
