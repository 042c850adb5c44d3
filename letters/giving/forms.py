"""What is asked when a letter is put away: for whom it waits, and for when."""

from datetime import date, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from couples.forms import YEARS
from couples.models import Partner
from letters.giving.models.opening import Opening


class OpeningForm(forms.Form):
    audience = forms.ChoiceField(
        label=gettext_lazy("For whom is it?"),
        initial=Opening.Audience.OTHER,
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose one of these.")},
    )
    when = forms.ChoiceField(
        label=gettext_lazy("When may it be opened?"),
        choices=[
            ("day", gettext_lazy("On a day")),
            ("hard", gettext_lazy("On a hard day, whenever that is")),
        ],
        initial="day",
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose one of these.")},
    )
    day = forms.DateField(
        label=gettext_lazy("Which day?"),
        required=False,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        error_messages={"invalid": gettext_lazy("Write the day like this: 2027-01-31.")},
    )

    def __init__(self, other: Partner, data: Any = None) -> None:
        super().__init__(data)
        # The author's own calendar: the day where the other lives is not told by what is refused.
        self.today = timezone.localdate()
        self.latest = self.today + timedelta(days=365 * YEARS)
        names = Opening.Audience
        self.fields["audience"].choices = [  # type: ignore[attr-defined]
            (names.OTHER.value, _("For %(name)s") % {"name": other.name}),
            (names.BOTH.value, names.BOTH.label),
        ]
        self.fields["day"].widget.attrs |= {
            "min": (self.today + timedelta(days=1)).isoformat(),
            "max": self.latest.isoformat(),
        }

    def clean_day(self) -> date | None:
        day: date | None = self.cleaned_data["day"]
        if self.data.get("when") != "day":
            return None
        if day is None:
            raise forms.ValidationError(_("Choose a day."))
        if day <= self.today:
            raise forms.ValidationError(_("Choose a day from tomorrow on."))
        if day > self.latest:
            raise forms.ValidationError(
                _("Choose a day within the next %(years)d years.") % {"years": YEARS}
            )
        return day

    def add_error(self, field: str | None, error: Any) -> None:
        """The field stands below a whole letter: the page comes back with it in view."""
        super().add_error(field, error)
        if field == "day":
            self.fields["day"].widget.attrs["autofocus"] = True

    @property
    def for_whom(self) -> Opening.Audience:
        return Opening.Audience(self.cleaned_data["audience"])

    @property
    def opens_on(self) -> date | None:
        day: date | None = self.cleaned_data["day"]
        return day
