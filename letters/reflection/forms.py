from django import forms
from django.utils.translation import gettext_lazy as _

from couples import autosave
from letters.reflection.models import MAX_LENGTH, Asked, Reflection


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
