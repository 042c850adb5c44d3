"""The forms in the margin of a joint letter."""

from django import forms
from django.utils.translation import gettext_lazy as _

from couples.autosave import AutosaveForm
from letters.notes.models import note as notes
from letters.notes.models import passage as passages
from letters.notes.models.note import Note
from letters.notes.models.passage import Passage


class RemarkForm(forms.Form):
    """Words in a thread, with the id that their page gave them."""

    id = forms.UUIDField(widget=forms.HiddenInput)
    text = forms.CharField(
        max_length=notes.MAX_LENGTH,
        error_messages={
            "required": _("There are no words yet."),
            "max_length": _(
                "This note has %(show_value)d characters; %(limit_value)d fit. The longer text is"
                " still here. The letter itself has more room."
            ),
        },
        widget=forms.Textarea(attrs={"rows": 3, "dir": "auto"}),
    )


class NoteForm(forms.Form):
    """Which words a new note is about."""

    kind = forms.ChoiceField(choices=Note.Kind)
    quote = forms.CharField(required=False)


class PassageForm(AutosaveForm):
    text = forms.CharField(
        required=False,
        strip=False,
        max_length=passages.MAX_LENGTH,
        error_messages={
            "max_length": _(
                "This has %(show_value)d characters; %(limit_value)d fit. The longer text is still"
                " here: place a part of it, and go on with the rest."
            )
        },
        widget=forms.Textarea(attrs={"rows": 6, "dir": "auto"}),
    )

    @classmethod
    def of(cls, passage: Passage) -> "PassageForm":
        return cls.over(passage.revision, {"text": passage.text}, auto_id="passage-%s")
