"""What people type on a principle's page, and what the page has to know beside it."""

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from couples.forms import Count, Words, near, too_long
from couples.models import Partner
from principles.agreements.models import own_principle, wording
from principles.agreements.models.agreement import Words as WordsOfBoth
from principles.agreements.models.agreement import line_of
from principles.agreements.models.wording import Wording


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
    hardest_when = _part(_("Hardest when"))
    missed_named_by = _part(_("Who names it, and how"))
    repaired_how = _part(_("How it is put right"))
    repaired_by = _part(_("By when"), rows=1)
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
        rest = [name for name in self.fields if name not in ("text", "base", "reader", "kept")]
        return any(self[name].value() or name in self.errors for name in rest)

    def words_over(self, current: Wording | None, partner: Partner, is_one: bool) -> WordsOfBoth:
        """The whole agreement that this would make, with the other's line as it stands."""
        cleaned = dict(self.cleaned_data)
        before = current.words if current else WordsOfBoth("")
        parts = {name: cleaned[name] for name in WordsOfBoth._fields if name in cleaned}
        return before._replace(**parts, **{line_of(is_one): cleaned["mine"]})


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
