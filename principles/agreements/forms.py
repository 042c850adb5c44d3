"""What people type on a principle's page, and what the page has to know beside it."""

from datetime import date
from typing import Any

from django import forms
from django.core.validators import MaxLengthValidator
from django.forms.boundfield import BoundWidget
from django.utils.dates import WEEKDAYS, WEEKDAYS_ABBR
from django.utils.translation import gettext_lazy as _

from couples import autosave
from couples.forms import near
from couples.models import Partner
from principles.agreements.models import own_principle, wording
from principles.daily.models import day
from principles.models import Reminder, Wording
from principles.models import Words as WordsOfBoth
from principles.pledges import models as pledge


class Words(forms.CharField):
    """A few sentences. A browser sends every line break as two characters; one is counted."""

    widget = forms.Textarea

    def to_python(self, value: Any) -> str:
        text = super().to_python(value) or ""
        return text.replace("\r\n", "\n").replace("\r", "\n")


def number(carried: str | None) -> int:
    """A number that the page carries for us; nonsense in it is as good as none."""
    return int(carried) if carried and carried.isdecimal() and len(carried) < 10 else 0


class Count(forms.Field):
    def to_python(self, value: str | None) -> int:
        return number(value)


def first_error(form: forms.Form, name: str) -> str:
    return str(form.errors[name][0]) if name in form.errors else ""


def too_long(limit: int) -> MaxLengthValidator:
    return MaxLengthValidator(
        limit,
        _("That is %(show_value)d characters; %(limit_value)d fit. Say it a little shorter."),
    )


def _part(label: Any, rows: int = 2) -> Words:
    return Words(
        required=False,
        label=label,
        validators=[too_long(wording.LONGEST)],
        widget=forms.Textarea(attrs={"rows": rows, "dir": "auto"}),
    )


class ProposalForm(forms.Form):
    """An agreement as one of the two words it; the other's own line is not in it."""

    text = Words(
        validators=[too_long(wording.LONGEST)],
        error_messages={"required": _("Write a sentence first. It can be a short one.")},
    )
    mine = _part(_("It looks like this, from me"))
    hardest = _part(_("Hardest when"))
    named = _part(_("Who names it, and how"))
    repaired = _part(_("How it is put right"))
    by = _part(_("By when"), rows=1)
    again_on = forms.DateField(
        required=False,
        label=_("Look again on"),
        widget=forms.DateInput(attrs={"type": "date"}),
        error_messages={"invalid": _("That is not a date. It looks like 2027-03-01.")},
    )
    # The number of the wording that was on the page, and the seat of who would read the new one.
    base = Count(required=False)
    reader = forms.CharField(required=False)
    # The words that a hint was shown for: proposed again as they are, they are meant so.
    kept = forms.CharField(required=False)

    def clean_again_on(self) -> date | None:
        day: date | None = self.cleaned_data["again_on"]
        return near(day) if day else None

    @classmethod
    def start_from(cls, current: Wording | None, partner: Partner) -> "ProposalForm":
        initial: dict[str, Any] = {}
        if current is not None:
            initial = current.words._asdict() | {"mine": current.own_line(partner)}
        return cls(initial=initial)

    @property
    def rest_is_filled(self) -> bool:
        """Whether more stands in it than the sentence: then it is open."""
        rest = ("mine", "hardest", "named", "repaired", "by", "again_on")
        return any(self[name].value() for name in rest) or any(name in self.errors for name in rest)

    def words_over(self, current: Wording | None, partner: Partner, is_one: bool) -> WordsOfBoth:
        """The whole agreement that this would make, with the other's line as it stands."""
        said = dict(self.cleaned_data)
        before = current.words if current else WordsOfBoth("")
        parts = {name: said[name] for name in WordsOfBoth._fields if name in said}
        return before._replace(**parts, **{"one" if is_one else "two": said["mine"]})


class PledgeForm(forms.Form):
    text = Words(required=False, validators=[too_long(pledge.LONGEST)])
    revision = Count(required=False)
    window = forms.CharField(required=False, max_length=autosave.LONGEST)


class OwnPrincipleForm(forms.Form):
    name = forms.CharField(
        label=_("What it is called"),
        help_text=_("A short sentence that begins with “We”, like the ten."),
        error_messages={"required": _("Give it a name first. It can be a short one.")},
        validators=[too_long(own_principle.LONGEST_NAME)],
        widget=forms.TextInput(attrs={"dir": "auto"}),
    )
    essence = Words(
        required=False,
        label=_("What it means to you"),
        validators=[too_long(own_principle.LONGEST_ESSENCE)],
        widget=forms.Textarea(attrs={"rows": 3, "dir": "auto"}),
    )


class DayLineForm(forms.Form):
    text = Words(required=False, validators=[too_long(day.LONGEST)])
    revision = Count(required=False)
    window = forms.CharField(required=False, max_length=autosave.LONGEST)


class WayForm(forms.Form):
    text = Words(
        label=_("A small way of your own"),
        validators=[too_long(300)],
        error_messages={"required": _("Write one first: something small enough for a Tuesday.")},
        widget=forms.Textarea(attrs={"rows": 2, "dir": "auto"}),
    )


class ReminderForm(forms.Form):
    at = forms.TimeField(
        label=_("At"),
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        error_messages={
            "required": _("Choose a time of day."),
            "invalid": _("That is not a time. It looks like 07:30."),
        },
    )
    days = forms.MultipleChoiceField(
        label=_("On"),
        choices=[(str(day), name) for day, name in WEEKDAYS.items()],
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose a day, or turn the reminder off.")},
    )

    @classmethod
    def of(cls, reminder: Reminder | None) -> "ReminderForm":
        mine = reminder or Reminder()
        days = [str(day) for day in WEEKDAYS if mine.weekdays >> day & 1]
        return cls(initial={"at": mine.at, "days": days})

    @property
    def week(self) -> list[tuple[BoundWidget, Any]]:
        """Each day's box, with the short name that has room under it."""
        return [(box, WEEKDAYS_ABBR[int(box.data["value"])]) for box in self["days"]]

    @property
    def weekdays(self) -> int:
        return sum(1 << int(day) for day in self.cleaned_data["days"])
