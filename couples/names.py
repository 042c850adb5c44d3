"""What a person may be called: something that can be seen, that turns nothing around it, and that
the other of the two is not called already. A name stands beside words, in sentences and in choices
such as who leads, so it has to tell the two apart."""

import unicodedata
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

LONGEST = 60

# They shape letters of Persian, Indic languages and emoji, and turn nothing.
JOINERS = "\u200c\u200d"
# Controls, what turns the direction of writing, what has no width, half characters, private ones.
UNSEEN = ("Cc", "Cf", "Cs", "Co", "Zl", "Zp")
# Letters and signs by their class, and blank all the same.
BLANK = "\u115f\u1160\u2800\u3164\uffa0"


class SameName(Exception):
    """The other of the two is called that, or something that looks like it."""

    def __init__(self, name: str) -> None:
        super().__init__("The other of the two has this name.")
        self.name = name


def plainly(name: str) -> str:
    """What is left of a name for somebody who only glances at it."""
    letters = unicodedata.normalize("NFKC", name).casefold()
    return "".join(each for each in letters if unicodedata.category(each)[0] in "LNS")


def look_alike(one: str, two: str) -> bool:
    return plainly(one) == plainly(two)


class NameField(forms.CharField):
    def __init__(self, **how: Any) -> None:
        super().__init__(**{"max_length": LONGEST} | how)

    def to_python(self, value: Any) -> str:
        typed: str = super().to_python(value) or ""
        return " ".join(unicodedata.normalize("NFC", typed).split())

    def validate(self, value: str) -> None:
        super().validate(value)
        if any(unicodedata.category(each) in UNSEEN and each not in JOINERS for each in value):
            raise forms.ValidationError(
                _("A sign in this name cannot be seen. Type the name anew, without it.")
            )
        if not any(unicodedata.category(each)[0] in "LNS" and each not in BLANK for each in value):
            raise forms.ValidationError(_("A name needs a letter that can be seen."))


def is_taken(name: str) -> str:
    """The sentence for a name that the other has."""
    text = _("%(name)s is the other one of you. Add a letter or a second name, to tell you apart.")
    return str(text) % {"name": name}
