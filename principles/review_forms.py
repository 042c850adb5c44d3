"""What is asked in a review: how each agreement is going, and when to look again."""

from calendar import monthrange
from datetime import date, timedelta
from secrets import token_hex
from typing import Any, Self
from uuid import UUID

from django import forms
from django.http import QueryDict
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from couples.models import Partner
from principles.models import Review, ReviewItem, ReviewMark
from principles.models.review_mark import OPEN, Said, Window, revision

LONGEST = 2000


def plain(words: str) -> str:
    """As typed, without the line ends of forms and without empty edges."""
    return words.replace("\r\n", "\n").strip()


class MarkForm(forms.Form):
    """One item. An answer is optional, and so is a note."""

    answer = forms.ChoiceField(
        choices=[*ReviewMark.Answer.choices, ("", _("Left open"))],
        required=False,
        widget=forms.RadioSelect,
    )
    note = forms.CharField(
        label=_("A note, if you like"),
        max_length=LONGEST,
        required=False,
        widget=forms.Textarea(attrs={"rows": 1, "dir": "auto"}),
        error_messages={
            "max_length": _(
                "This is longer than %(limit_value)d characters. Shorter will be easier to say."
            )
        },
    )

    def __init__(self, item: ReviewItem, mark: ReviewMark | None, data: Any = None) -> None:
        self.standing = mark.said if mark else OPEN
        super().__init__(data, prefix=str(item.pk), initial=self.standing._asdict())
        self.item = item
        self.elsewhere: ReviewMark | None = None
        # A browser would cut what is pasted, silently; here it stays, with a sentence beside it.
        del self.fields["note"].widget.attrs["maxlength"]

    def clean_note(self) -> str:
        return plain(self.cleaned_data["note"])

    def was_sent(self) -> bool:
        return any(self.add_prefix(name) in self.data for name in self.fields)

    @property
    def said(self) -> Said:
        return Said(self.cleaned_data["answer"], self.cleaned_data["note"])


class MarkSheet:
    """One person's marks of a whole review: a form for each item, sent together."""

    def __init__(self, review: Review, partner: Partner, data: QueryDict | None = None) -> None:
        self.review, self.partner, self.merged = review, partner, False
        self.marks = ReviewMark.objects.of(review).by(partner).by_item()
        sent = data if data is not None else QueryDict()
        self.window = Window(
            name=sent.get("window", "")[:32] or token_hex(8),
            seen=sent.get("revision") or revision(self.marks.values()),
        )
        self.forms = []
        for item in review.items.with_words():
            form = MarkForm(item, self.marks.get(item.pk), data)
            if data is not None and not form.was_sent():
                form = MarkForm(item, self.marks.get(item.pk))
            self.forms.append(form)

    def is_valid(self) -> bool:
        return not [form for form in self._sent if not form.is_valid()]

    @property
    def said(self) -> dict[UUID, Said]:
        return {form.item.pk: form.said for form in self._sent}

    @property
    def _sent(self) -> list[MarkForm]:
        return [form for form in self.forms if form.is_bound]

    def beside(self) -> Self:
        """The sheet again, with what another window of the same person says beside what this one
        says, where both say something; the next save counts as a decision between them."""
        sheet = type(self)(self.review, self.partner)
        sheet.merged, sheet.window = True, sheet.window._replace(name=self.window.name)
        for place, (mine, kept) in enumerate(zip(self.forms, sheet.forms, strict=True)):
            if mine.is_bound and mine.said not in (kept.standing, OPEN):
                mine.elsewhere = sheet.marks[mine.item.pk]
                sheet.forms[place] = mine
        return sheet


def months_after(day: date, months: int) -> date:
    """The same day some months later; the last of the month where that month has no such day."""
    year, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + year, month + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))


class NextDateForm(forms.Form):
    """When to look again: one of three suggestions, or another day from tomorrow on."""

    when = forms.ChoiceField(
        label=_("When would you like to look again?"),
        initial="month",
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose one of these.")},
    )
    day = forms.DateField(
        label=_("Which day?"),
        required=False,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        error_messages={"invalid": _("Write the day like this: 2027-01-31.")},
    )

    def __init__(self, data: Any = None, initial: dict[str, Any] | None = None) -> None:
        super().__init__(data, initial=initial)
        self.today = timezone.localdate()
        self.suggestions = {
            "week": self.today + timedelta(weeks=1),
            "month": months_after(self.today, 1),
            "quarter": months_after(self.today, 3),
        }
        names = {"week": _("In a week"), "month": _("In a month"), "quarter": _("In three months")}
        days = {name: date_format(day, "l j F") for name, day in self.suggestions.items()}
        self.fields["when"].choices = [  # type: ignore[attr-defined]
            *((name, f"{names[name]}, {days[name]}") for name in names),
            ("other", _("Another day")),
        ]
        self.fields["day"].widget.attrs["min"] = (self.today + timedelta(days=1)).isoformat()

    def clean_day(self) -> date | None:
        day: date | None = self.cleaned_data["day"]
        if self.data.get("when") == "other":
            if day is None:
                raise forms.ValidationError(_("Choose a day."))
            if day <= self.today:
                raise forms.ValidationError(_("Choose a day from tomorrow on."))
        return day

    @property
    def next_on(self) -> date:
        when: str = self.cleaned_data["when"]
        day: date = self.suggestions.get(when) or self.cleaned_data["day"]
        return day
