"""How allauth meets our people: a name at sign-up, and where they land."""

from typing import Any
from urllib.parse import urlsplit

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.forms import SignupForm as AllauthSignupForm
from django import forms
from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from couples.mail.outbox import Kind, OutgoingMail
from couples.models import User


def on_base_url(url: str) -> str:
    base = urlsplit(settings.BASE_URL)
    return urlsplit(url)._replace(scheme=base.scheme, netloc=base.netloc).geturl()


class SignupForm(AllauthSignupForm):
    name = forms.CharField(
        label=_("Your name, as your partner says it"),
        max_length=60,
        widget=forms.TextInput(attrs={"autocomplete": "given-name"}),
    )
    field_order = ("name", "email", "password1")


class AccountAdapter(DefaultAccountAdapter):
    def save_user(
        self, request: HttpRequest, user: User, form: forms.Form, commit: bool = True
    ) -> User:
        user.name = form.cleaned_data["name"]
        saved: User = super().save_user(request, user, form, commit)
        return saved

    def get_signup_redirect_url(self, request: HttpRequest) -> str:
        return reverse("couples:begin")

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Into the outbox, with links to where people know us, whatever the request called us."""
        links = {key: on_base_url(url) for key, url in context.items() if key.endswith("_url")}
        mail = self.render_mail(template_prefix, email, context | links)
        kind = Kind.CODE if template_prefix.endswith("_code") else Kind.ACCOUNT
        OutgoingMail.put(kind, email, mail.subject, str(mail.body))

    def populate_username(self, request: HttpRequest, user: User) -> None:
        """There are no usernames here."""
