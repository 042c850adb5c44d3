"""How allauth meets our people: a name at sign-up, and where they land."""

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.forms import SignupForm as AllauthSignupForm
from django import forms
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from couples.models import Submission, User
from couples.once import token_of

from django.db import transaction

class SignupForm(AllauthSignupForm):
    name = NameField(
        label=_("Your name, as your partner says it"),
from couples.names import NameField
        widget=forms.TextInput(attrs={"autocomplete": "given-name"}),
    )
    field_order = ("name", "email", "password1")


class AccountAdapter(DefaultAccountAdapter):
    def save_user(
        self, request: HttpRequest, user: User, form: forms.Form, commit: bool = True
    ) -> User:
        user.name = form.cleaned_data["name"]
        with transaction.atomic():
            saved: User = super().save_user(request, user, form, commit)
            if token := token_of(request):
                Submission.claim(saved, token)
        return saved

    def get_signup_redirect_url(self, request: HttpRequest) -> str:
        return reverse("couples:begin")

    def populate_username(self, request: HttpRequest, user: User) -> None:
        """There are no usernames here."""
