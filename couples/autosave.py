"""Private words that are kept as they are typed, and that two open pages may type at once.

Each page that is loaded has a name and counts what it sends; together they are its `tab_id`, as in
`3f0c:7`. Where a page was left in mid-sentence and another took its place in the same tab, the
later one says both, its own first, as in `9b1e:2 3f0c:7`: a version vector. So requests may arrive
in any order: words that the vector knows of are written over, and where words stand that were sent
later, or elsewhere, both are shown.
"""

from collections.abc import Mapping
from secrets import token_hex
from typing import Any, Self

from django import forms
from django.db import models
from django.http import HttpResponse

from couples.crypto.fields import EncryptedTextField
from couples.forms import Count, number
from couples.refusals import Refusal

# The characters of all that one page says of itself.
LONGEST = 400


def own_tab_id(tab_id: str) -> str:
    """What is remembered with the words: of all that a page says, its own part."""
    return tab_id.partition(" ")[0][:32]


def counts(tab_id: str) -> dict[str, int]:
    """How far each page is known, by its name."""
    parts = [each.partition(":") for each in tab_id.split()]
    return {name: number(count) for name, _colon, count in parts}


class EditConflict(Refusal):
    """The words were saved elsewhere since they were opened; `current` is what stands there now."""

    def __init__(self, current: Any) -> None:
        super().__init__("The words were saved elsewhere in the meantime.")
        self.current = current


class Autosaved(models.Model):
    """What belongs to one person and is saved while they type."""

    # Counts the changes; `tab_id` is the own part of what the page said that made the last one.
    revision = models.PositiveIntegerField(default=0)
    tab_id = models.CharField(max_length=32, blank=True)

    class Meta:
        abstract = True

    def put(self, base: int, tab_id: str = "", *, revision: int = 0, **words: str) -> bool:
        """Put these words here, by the names of their fields, as the next revision or the given
        one; whether there is something to save. The caller holds the lock of the row, or of the
        person's where there is none yet.

        Raises EditConflict where other words stand here that the page does not know of: it knows
        revision `base`, and what the pages in its `tab_id` sent, whose answer may have been lost.
        """
        is_unknown = self._is_unknown(base, tab_id)
        if all(getattr(self, name) == value for name, value in words.items()):
            if is_unknown or self._state.adding or self.tab_id == own_tab_id(tab_id):
                return False
            # An older request of the same page may still be on its way.
            self.tab_id = own_tab_id(tab_id)
            return True
        if is_unknown:
            raise EditConflict(self)
        for name, value in words.items():
            setattr(self, name, value)
        self.revision, self.tab_id = revision or self.revision + 1, own_tab_id(tab_id)
        return True

    def _is_unknown(self, base: int, tab_id: str) -> bool:
        known = counts(tab_id)
        for name, count in counts(self.tab_id).items():
            if name in known:
                return known[name] < count
        return self.revision > base


class AutosavedText(Autosaved):
    text = EncryptedTextField()

    class Meta:
        abstract = True

    def save_revision(self, text: str, base: int, tab_id: str = "") -> None:
        """Keep the text, under the conditions of `put`. Raises EditConflict."""
        if self.put(base, tab_id, text=text):
            self.save()


class PageInput(forms.HiddenInput):
    """A form that is shown is a page of its own, and goes on from the one that it answers."""

    def format_value(self, value: Any) -> str:
        return f"{token_hex(8)} {value or ''}".strip()


class PageField(forms.Field):
    widget = PageInput

    def to_python(self, value: object) -> str:
        return str(value or "").replace("\0", "")[:LONGEST]


class AutosaveForm(forms.Form):
    """Words with what tells their page from other open ones: the revision that it knows of, and its
    tab. Nonsense in these is as good as none: the words go beside what stands there."""

    revision = Count(required=False, widget=forms.HiddenInput)
    tab_id = PageField(required=False)

    @classmethod
    def over(cls, revision: int, words: Mapping[str, Any], auto_id: str = "id_%s") -> Self:
        """The form of a page that is being opened on these words."""
        return cls(initial={**words, "revision": revision}, auto_id=auto_id)

    @classmethod
    def beside(cls, revision: int, sent: Mapping[str, Any] | None) -> Self:
        """Only what tells the pages apart, for words that stand in forms of another kind: of what
        was sent, or of a page that is being opened on this revision."""
        form = cls(sent, auto_id=False, initial={"revision": revision})
        form.is_valid()
        return form

    @property
    def known(self) -> tuple[int, str]:
        """The revision and the tab, as `Autosaved.put` takes them."""
        return self.cleaned_data["revision"], self.cleaned_data["tab_id"]

    def based_on(self, newer: int) -> Self:
        """The same words over the newer revision: the next save is a choice, made with both texts
        in view."""
        return type(self)(self.cleaned_data | {"revision": newer}, auto_id=self.auto_id)


def saved(revision: int) -> HttpResponse:
    """What the script of such a form is answered."""
    return HttpResponse(headers={"X-Revision": str(revision)})
