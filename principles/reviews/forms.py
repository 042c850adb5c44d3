"""What is asked in a review: how each agreement is going, and when to look again."""

from calendar import monthrange
from datetime import date, timedelta
from typing import Any, Self
from uuid import UUID

from django import forms
from django.db.models import QuerySet
from django.http import QueryDict
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext, gettext_lazy, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from couples.autosave import AutosaveForm
from couples.forms import near, plain
from couples.models import Partner
from couples.prepared import prepared
from principles.practices.models.draft import Draft
from principles.reviews.models.mark import OPEN, Said, revision
from principles.reviews.models.part import desk
from principles.reviews.models.review import Review, ReviewItem, ReviewMark
from principles.reviews.models.stage import Rhythm

LONGEST = 2000
TOO_LONG = gettext_lazy(
    "This is longer than %(limit_value)d characters. Shorter will be easier to say."
)


ANSWERS = [*ReviewMark.Answer.choices, ("", _("Left open"))]


class MarkForm(forms.Form):
    """One item. An answer is optional, and so is a note."""

    answer = forms.ChoiceField(
        choices=ANSWERS,
        required=False,
        widget=forms.RadioSelect,
    )
    note = forms.CharField(
        label=_("A note, if you like"),
        max_length=LONGEST,
        required=False,
        widget=forms.Textarea(attrs={"rows": 1, "dir": "auto"}),
        error_messages={"max_length": TOO_LONG},
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
    def is_due(self) -> bool:
        return self.item.is_due

    @property
    def said(self) -> Said:
        return Said(self.cleaned_data["answer"], self.cleaned_data["note"])


class WordsForm(forms.Form):
    """Words of one's own in a review: thanks before the marks, and one's own part after them."""

    text = forms.CharField(
        max_length=LONGEST,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2, "dir": "auto"}),
        error_messages={"max_length": TOO_LONG},
    )

    def __init__(self, standing: str, label: Any, data: Any = None, prefix: str = "") -> None:
        self.standing = standing
        super().__init__(data, prefix=prefix, initial={"text": standing})
        self.fields["text"].label = label
        # What another window of the same person says.
        self.elsewhere = ""
        del self.fields["text"].widget.attrs["maxlength"]

    def clean_text(self) -> str:
        return plain(self.cleaned_data["text"])

    @property
    def said(self) -> str:
        text: str = self.cleaned_data["text"]
        return text


@prepared
def _marks(review: Review, partner: Partner) -> QuerySet[ReviewMark]:
    return ReviewMark.objects.of(review).by(partner)


@prepared
def _items(review: Review) -> QuerySet[ReviewItem]:
    return review.items.with_words()


class MarkSheet:
    """What one person says in a review before both are done: thanks, and a form for each item,
    sent together."""

    def __init__(self, review: Review, partner: Partner, data: QueryDict | None = None) -> None:
        self.review, self.partner, self.merged = review, partner, False
        self.marks = {mark.item_id: mark for mark in _marks(review, partner)}
        thanked = review.thanks_of(partner)
        self.revision = revision([*self.marks.values(), thanked])
        self.page = AutosaveForm.beside(self.revision, data)
        words = data if data and "thanks-text" in data else None
        self.thanks = WordsForm(thanked.text, self._thanks_label(), words, prefix="thanks")
        # The same for each item, and put into words once.
        self.answers = [(value, str(label)) for value, label in ANSWERS]
        self.forms = []
        for item in _items(review):
            form = MarkForm(item, self.marks.get(item.pk), data)
            if data is not None and not form.was_sent():
                form = MarkForm(item, self.marks.get(item.pk))
            self.forms.append(form)

    def _thanks_label(self) -> str:
        name = self.review.couple.other_than(self.partner).name
        return gettext("Something you would like to thank %(name)s for") % {"name": name}

    def is_valid(self) -> bool:
        right = self.thanks.is_valid() or not self.thanks.is_bound
        return not [form for form in self._sent if not form.is_valid()] and right

    @property
    def thanked(self) -> str | None:
        """None where the page did not send it."""
        return self.thanks.said if self.thanks.is_bound else None

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
        sheet.merged, sheet.page = True, self.page.based_on(sheet.revision)
        if self.thanked and self.thanked != sheet.thanks.standing:
            self.thanks.elsewhere = sheet.thanks.standing
            sheet.thanks = self.thanks
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


ONCE = {
    Rhythm.WEEK: _("In a week"),
    Rhythm.MONTH: _("In a month"),
    Rhythm.QUARTER: _("In three months"),
}


class NextDateForm(forms.Form):
    """When to look again: in the rhythm of the two, on another day from tomorrow on, or when they
    like."""

    when = forms.ChoiceField(
        label=_("When would you like to look again?"),
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose one of these.")},
    )
    day = forms.DateField(
        label=_("Which day?"),
        required=False,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        error_messages={"invalid": _("Write the day like this: 2027-01-31.")},
    )

    def __init__(
        self, data: Any = None, like: Review | None = None, *, moving: bool = False
    ) -> None:
        """`like` is the review before: what was chosen there is chosen here already. `moving` asks
        for another day, and not for a rhythm."""
        super().__init__(data, initial={"when": _as_before(like)})
        self.today = timezone.localdate()
        self.suggestions: dict[str, date] = {
            Rhythm.WEEK: self.today + timedelta(weeks=1),
            Rhythm.MONTH: months_after(self.today, 1),
            Rhythm.QUARTER: months_after(self.today, 3),
        }
        days = {name: date_format(day, "l j F") for name, day in self.suggestions.items()}
        names = ONCE if moving else {each: each.label for each in Rhythm}
        self.fields["when"].choices = [  # type: ignore[attr-defined]
            *((each.value, f"{names[each]}: {days[each]}") for each in Rhythm),
            ("other", _("Another day")),
            ("open", pgettext_lazy("when to look again", "When we like, without a day")),
        ]
        self.fields["day"].widget.attrs["min"] = (self.today + timedelta(days=1)).isoformat()

    def clean_day(self) -> date | None:
        day: date | None = self.cleaned_data["day"]
        if self.data.get("when") == "other":
            if day is None:
                raise forms.ValidationError(_("Choose a day."))
            if day <= self.today:
                raise forms.ValidationError(_("Choose a day from tomorrow on."))
            return near(day)
        return None

    @property
    def next_on(self) -> date | None:
        when: str = self.cleaned_data["when"]
        if when == "open":
            return None
        day: date = self.suggestions.get(when) or self.cleaned_data["day"]
        return day

    @property
    def rhythm(self) -> str:
        when: str = self.cleaned_data["when"]
        return when if when in Rhythm else ""


def _as_before(review: Review | None) -> str:
    if review is None or review.rhythm or review.next_on:
        return review.rhythm if review and review.rhythm else Rhythm.MONTH
    return "open"


class PartSheet:
    """One's own part in an item: the words on the desk, or those that were said."""

    def __init__(
        self, item: ReviewItem, partner: Partner, said: str, data: QueryDict | None = None
    ) -> None:
        self.item = item
        draft = Draft.on_desk(partner.user, desk(item))
        self.page = AutosaveForm.beside(draft.revision, data)
        self.unsaid = bool(draft.text) and draft.text != said
        self.form = WordsForm(draft.text or said, _("My part was …"), data, prefix="part")
        # Said as it stands here, and nothing else is being written.
        self.is_said = bool(said) and data is None and not self.unsaid
        # What another window of the same person wrote meanwhile.
        self.aside = ""

    def collide(self, draft: Draft) -> None:
        self.aside, self.page = draft.text, self.page.based_on(draft.revision)
