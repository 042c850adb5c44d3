"""How allauth meets our people: a name at sign-up, and where they land."""

from typing import Any, ClassVar
from urllib.parse import urlsplit

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.forms import ChangePasswordForm as AllauthChangePasswordForm
from allauth.account.forms import ConfirmLoginCodeForm as AllauthConfirmLoginCodeForm
from allauth.account.forms import ResetPasswordKeyForm as AllauthResetPasswordKeyForm
from allauth.account.forms import SetPasswordForm as AllauthSetPasswordForm
from allauth.account.forms import SignupForm as AllauthSignupForm
from django import forms
from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from couples.account import demo
from couples.mail.outbox import Kind, OutgoingMail
from couples.models import Submission, User
from couples.names import NameField
from couples.once import token_of


def on_base_url(url: str) -> str:
    base = urlsplit(settings.BASE_URL)
    return urlsplit(url)._replace(scheme=base.scheme, netloc=base.netloc).geturl()


class SignupForm(AllauthSignupForm):
    name = NameField(
        label=_("Your name, as your partner says it"),
        widget=forms.TextInput(attrs={"autocomplete": "given-name"}),
    )
    field_order = ("name", "email", "password1")


class OurWords:
    """What allauth's fields are called here."""

    LABELS: ClassVar[dict[str, Any]] = {
        "oldpassword": _("Your password until now"),
        "password1": _("The new one"),
        "password2": _("The new one, once more"),
        "code": _("The code"),
    }
    fields: dict[str, forms.Field]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, label in self.LABELS.items():
            if field := self.fields.get(name):
                field.label = label
                field.widget.attrs.pop("placeholder", None)


class ChangePasswordForm(OurWords, AllauthChangePasswordForm):
    """Changing it, knowing the old one."""


class SetPasswordForm(OurWords, AllauthSetPasswordForm):
    """Choosing the first one."""


class ResetPasswordKeyForm(OurWords, AllauthResetPasswordKeyForm):
    """Choosing another one, from the link in the mail."""


class ConfirmLoginCodeForm(OurWords, AllauthConfirmLoginCodeForm):
    """Signing in with the code from the mail."""


class AccountAdapter(DefaultAccountAdapter):
    error_messages: ClassVar[dict[str, Any]] = DefaultAccountAdapter.error_messages | {
        "account_inactive": _("This account is closed."),
        "email_password_mismatch": _("This address and password are not correct together."),
        "email_taken": _("There is an account with this address already. Sign in with it."),
        "enter_current_password": _("That is not your password until now."),
        "incorrect_code": _("That is not the code. Type it as it stands in the mail."),
        "incorrect_password": _("That is not your password."),
        "invalid_login": _("That link or code has run out. Begin again."),
        "invalid_or_expired_key": _("That link or code has run out. Begin again."),
        "invalid_password_reset": _("That link has run out. Have another one sent."),
        "rate_limited": _("That was a lot in a short time. Wait a minute, then try again."),
        "same_as_current": _("That is the one you have."),
        "too_many_login_attempts": _(
            "That did not work several times in a row. Wait a few minutes, then try again."
        ),
        "unknown_email": _("There is no account with this address."),
        "unverified_primary_email": _("Confirm your address first: the link is in your mail."),
    }

    def save_user(
        self, request: HttpRequest, user: User, form: forms.Form, commit: bool = True
    ) -> User:
        user.name = form.cleaned_data["name"]
        with transaction.atomic():
            saved: User = super().save_user(request, user, form, commit)
            if token := token_of(request):
                Submission.claim(saved, token)
        return saved

    def pre_login(self, request: HttpRequest, user: User, **how: Any) -> HttpResponse | None:
        """By whatever means somebody signs in."""
        if demo.is_closed(user):
            closed: HttpResponse = self.respond_user_inactive(request, user)
            return closed
        answer: HttpResponse | None = super().pre_login(request, user, **how)
        return answer

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
