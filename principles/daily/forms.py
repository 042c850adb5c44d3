"""The line of a day, small ways, and when to be reminded."""

from typing import Any

from django import forms
from django.forms.boundfield import BoundWidget
from django.utils.dates import WEEKDAYS, WEEKDAYS_ABBR
from django.utils.translation import gettext_lazy as _

from couples.autosave import AutosaveForm
from couples.forms import Words, too_long
from principles.daily.models import day
from principles.daily.models.reminder import Reminder


class DayLineForm(AutosaveForm):
    text = Words(required=False, validators=[too_long(day.LONGEST)])

    @classmethod
    def of(cls, kept: day.Day | None) -> "DayLineForm":
        text, revision = (kept.text, kept.revision) if kept else ("", 0)
        return cls.over(revision, {"text": text}, auto_id="today-%s")


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
