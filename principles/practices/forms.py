"""What is asked for a practice: its own fields, answers, and who leads an area of life."""

from collections.abc import Callable, Mapping
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from couples.autosave import AutosaveForm, EditConflict
from couples.forms import near, plain
from principles.catalog.kinds import Choice, Field, Kind
from principles.practices import packed
from principles.practices.models.area import Area, Proposal, Shares
from principles.practices.models.repair import Side

LONGEST = 4000
TOO_LONG = _("This is longer than %(limit_value)d characters. Shorter will be easier to hear.")
NOTHING = _("Nothing here yet. Start with one line.")


def words_field(label: Any, rows: int = 2) -> forms.CharField:
    field = forms.CharField(
        label=label,
        max_length=LONGEST,
        required=False,
        widget=forms.Textarea(attrs={"rows": rows, "dir": "auto"}),
        error_messages={"max_length": TOO_LONG},
    )
    # A browser would cut what is pasted, silently; here it stays, with a sentence beside it.
    field.widget.attrs.pop("maxlength", None)
    return field


class WordsForm(forms.Form):
    """Some fields whose values are kept together, as one text: see packed.py."""

    def __init__(self, asked: tuple[Field, ...], alone: bool, data: Any = None, **kept: str):
        super().__init__(data, initial=kept)
        for each in asked:
            if each.choices:
                # Whose life is not shared has nobody to sort it for.
                if not alone:
                    self.fields[each.name] = forms.ChoiceField(
                        label=each.label,
                        choices=[(choice.value, choice.label) for choice in each.choices],
                        required=False,
                        widget=forms.RadioSelect,
                    )
            else:
                label = each.alone if alone and each.alone else each.label
                self.fields[each.name] = words_field(label, each.rows)

    @property
    def packed(self) -> str:
        return packed.pack({name: plain(text) for name, text in self.cleaned_data.items()})


class Sheet:
    """A form that is saved as one types, with what tells its page from other open ones."""

    def __init__(
        self,
        asked: tuple[Field, ...],
        kept: Any,
        alone: bool = False,
        data: QueryDict | None = None,
    ) -> None:
        self.form = WordsForm(asked, alone, data, **packed.unpack(kept.text))
        self.page = AutosaveForm.beside(kept.revision, data)
        # What another window wrote meanwhile, when both are to be seen.
        self.elsewhere: Mapping[str, str] | None = None
        self.error: Any = ""
        self.written: Any = None

    def save(self, write: Callable[[str, int, str], object]) -> int:
        """Have `write` keep the words; what that made is `written`. Says with which status the page
        answers: 200, 422 where the form lacks something, 409 where another window wrote meanwhile
        and both texts are shown."""
        if not self.form.is_valid():
            return 422
        try:
            self.written = write(self.form.packed, *self.page.known)
        except EditConflict as changed:
            self.collide(changed.current)
            return 409
        return 200

    def collide(self, current: Any) -> None:
        """The next save is the person's choice, made with both texts in view."""
        self.page = self.page.based_on(current.revision)
        self.elsewhere = packed.unpack(current.text)

    def miss(self, *names: str, message: Any = NOTHING) -> None:
        """Say beside these fields that there is nothing in them."""
        for name in names:
            self.form.add_error(name, str(message))

    @property
    def elsewhere_text(self) -> str:
        return "\n".join((self.elsewhere or {}).values())


SIDE = (
    Field("story", _("How it was for me"), rows=4),
    Field("part", _("My part in it"), rows=2, required=False),
)


def side_sheet(side: Side, data: QueryDict | None = None) -> Sheet:
    return Sheet(SIDE, side, data=data)


def answer_fields(kind: Kind) -> tuple[Field, ...]:
    if kind.slug == "ws":
        return (Field("text", _("What I need, whatever the answer turns out to be"), rows=3),)
    choices = (Choice("yes", _("Yes")), Choice("not-yet", _("Not yet")))
    return (
        Field("choice", _("My answer"), choices=choices),
        Field("text", _("What I need, if it is not yet. Or what I like about it."), rows=3),
    )


class SharesForm(forms.Form):
    """Who leads an area, and who decides in it."""

    leads = forms.ChoiceField(
        label=_("Who keeps it going?"),
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose one of these.")},
    )
    decides = forms.ChoiceField(
        label=_("Who has the last word?"),
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose one of these.")},
    )
    text = words_field(_("Anything to add? Where it ends, or what you would like back."))
    again_on = forms.DateField(
        label=_("Look at it again on, if you like"),
        required=False,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        error_messages={"invalid": _("Write the day like this: 2027-01-31.")},
    )

    def __init__(self, area: Area, data: Any = None, initial: Any = None) -> None:
        super().__init__(data, initial=initial)
        one, two = area.couple.people
        names = {Proposal.Who.ONE: one.name, Proposal.Who.TWO: two.name}
        who = [(each.value, names.get(each, each.label)) for each in Proposal.Who]
        for name in ("leads", "decides"):
            self.fields[name].choices = who  # type: ignore[attr-defined]

    def clean_again_on(self) -> Any:
        day = self.cleaned_data["again_on"]
        if day is not None and day <= timezone.localdate():
            raise forms.ValidationError(_("Choose a day from tomorrow on."))
        return day and near(day)

    def clean_text(self) -> str:
        return plain(self.cleaned_data["text"])

    @property
    def shares(self) -> Shares:
        cleaned = self.cleaned_data
        return Shares(cleaned["leads"], cleaned["decides"], cleaned["again_on"])


class LineForm(forms.Form):
    """One text, of no more than LONGEST characters."""

    text = words_field("")

    def asking(self, label: Any) -> "LineForm":
        """The same form, under this question."""
        self["text"].label = label
        return self

    def clean_text(self) -> str:
        return plain(self.cleaned_data["text"])

    @property
    def words(self) -> str:
        text: str = self.cleaned_data["text"]
        return text
