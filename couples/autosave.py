"""Private words that are kept as they are typed, and that two open pages may type at once.

Each page that is loaded has a name, its `tab_id`. Where one was left in mid-sentence and another
took its place in the same tab, the later one says the names of both, its own first: words of the
earlier one are its own, in whichever order they arrive, and never the other way round.
"""

from collections.abc import Mapping
from secrets import token_hex
from typing import Any, Self

from django import forms
from django.db import models
from django.http import HttpResponse
from django.utils import timezone

from couples.crypto.fields import EncryptedTextField
from couples.refusals import Refusal

# The characters of all names that one page says.
LONGEST = 200


def new_tab_id() -> str:
    return token_hex(8)


def tab_id_in(sent: Mapping[str, str]) -> str:
    """The names that a page says; a new one where none came."""
    return sent.get("tab_id", "")[:LONGEST] or new_tab_id()


def own_tab_id(tab_id: str) -> str:
    """What is remembered with the words: of the names that a page says, its own."""
    return tab_id.partition(" ")[0][:32]


def is_same(tab_id: str, last: str) -> bool:
    """Whether the page that says these names made the last change, or took over from the one that
    did."""
    return bool(last) and last in tab_id.split(" ")


class EditConflict(Refusal):
    """The words were saved elsewhere since they were opened; `current` is what stands there now."""

    def __init__(self, current: Any) -> None:
        super().__init__("The words were saved elsewhere in the meantime.")
        self.current = current


class AutosavedText(models.Model):
    """What belongs to one person and is saved while they type."""

    text = EncryptedTextField()
    # Counts the changes; `tab_id` names the open page that made the last one. A page whose answer
    # got lost on the way saves again over its own words, and that is no collision.
    revision = models.PositiveIntegerField(default=0)
    tab_id = models.CharField(max_length=32, blank=True)
    written_at = models.DateTimeField(default=timezone.now)

    class Meta:
        abstract = True

    def save_revision(self, text: str, base: int, tab_id: str = "") -> None:
        """Keep the text, if `base` is still the newest revision or the newest came from the same
        open page. Raises EditConflict otherwise. The caller holds the lock of the row, or of the
        person's where there is none yet."""
        if self.text == text:
            return
        if self.revision != base and not is_same(tab_id, self.tab_id):
            raise EditConflict(self)
        self.text, self.tab_id = text, own_tab_id(tab_id)
        self.revision += 1
        self.written_at = timezone.now()
        self.save()


class AutosaveForm(forms.Form):
    """Words with what tells their page from other open ones: the revision that it knows of, and its
    tab."""

    revision: forms.Field = forms.IntegerField(min_value=0, widget=forms.HiddenInput)
    tab_id = forms.CharField(required=False, max_length=LONGEST, widget=forms.HiddenInput)

    @classmethod
    def over(cls, revision: int, words: Mapping[str, Any], auto_id: str = "id_%s") -> Self:
        """The form of a page that is being opened on these words."""
        known = {"revision": revision, "tab_id": new_tab_id()}
        return cls(initial={**words, **known}, auto_id=auto_id)

    @property
    def known(self) -> tuple[int, str]:
        """The revision and the tab of a valid form, as `AutosavedText.save_revision` takes them."""
        return self.cleaned_data["revision"], self.cleaned_data["tab_id"]

    def based_on(self, newer: int) -> Self:
        """The same words over the newer revision: the next save is a choice, made with both texts
        in view."""
        return type(self)(self.cleaned_data | {"revision": newer}, auto_id=self.auto_id)


def saved(revision: int | str) -> HttpResponse:
    """What the script of such a form is answered."""
    return HttpResponse(headers={"X-Revision": str(revision)})
