from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from couples.models import User
from couples.names import NameField
from couples.zones import zones, zones_by_region


class InvitationMailForm(forms.Form):
    email = forms.EmailField(
        label=_("Their email address"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )


class NameForm(forms.Form):
    name = NameField(
        label=_("Your name"),
        help_text=_("As your partner says it. It stands beside your words."),
    )


class ZoneForm(forms.Form):
    zone = forms.CharField(
        label=_("Where your days begin"),
        error_messages={"required": _("Choose a place.")},
        widget=forms.Select,
    )

    def __init__(self, data: Any = None, *, now: str = "") -> None:
        super().__init__(data, initial={"zone": now})
        listed = any(now == name for _region, names in zones_by_region() for name, _place in names)
        self.fields["zone"].widget.choices = [
            ("", _("Not said yet")),
            *([] if listed or not now else [(now, now)]),
            *zones_by_region(),
        ]

    def clean_zone(self) -> str:
        zone: str = self.cleaned_data["zone"]
        if zone not in zones():
            raise forms.ValidationError(_("Choose a place from the list."))
        return zone


class DeletionForm(forms.Form):
    """One's own address, typed."""

    email = forms.CharField(
        label=_("Type your email address, to be sure"),
        widget=forms.EmailInput(attrs={"autocomplete": "off", "dir": "ltr"}),
    )

    def __init__(self, user: User, *args: Any) -> None:
        super().__init__(*args)
        self.user = user

    def clean_email(self) -> str:
        email: str = self.cleaned_data["email"]
        if email.strip().lower() != self.user.email.lower():
            raise forms.ValidationError(_("That is not the address of this account."))
        return email
