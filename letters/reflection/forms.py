from django import forms
from django.utils.translation import gettext_lazy as _

from couples.autosave import AutosaveForm
from letters.reflection.models import MAX_LENGTH, Asked, Reflection


class AnswerForm(AutosaveForm):
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

    @classmethod
    def for_question(cls, question: Asked, kept: Reflection | None) -> "AnswerForm":
        text, revision = (kept.text, kept.revision) if kept else ("", 0)
        return cls.over(revision, {"text": text}, auto_id=f"{question.slug}-%s")
