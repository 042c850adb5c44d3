"""How allauth meets our people: a name at sign-up, and where they land."""

from typing import Any, ClassVar
from urllib.parse import urlsplit

from allauth.account.adapter import DefaultAccountAdapter, get_adapter
from allauth.account.fields import PasswordField
from allauth.account.forms import AddEmailForm as AllauthAddEmailForm
from allauth.account.forms import ChangePasswordForm as AllauthChangePasswordForm
from allauth.account.forms import ConfirmLoginCodeForm as AllauthConfirmLoginCodeForm
from allauth.account.forms import LoginForm as AllauthLoginForm
from allauth.account.forms import RequestLoginCodeForm as AllauthRequestLoginCodeForm
from allauth.account.forms import ResetPasswordForm as AllauthResetPasswordForm
from allauth.account.forms import ResetPasswordKeyForm as AllauthResetPasswordKeyForm
from allauth.account.forms import SetPasswordForm as AllauthSetPasswordForm
from allauth.account.forms import SignupForm as AllauthSignupForm
from allauth.account.internal import flows
from allauth.account.models import EmailAddress
from allauth.core import context as allauth_context
from allauth.core import ratelimit
from allauth.core.internal.ratelimit import get_ip
from django import forms
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from couples.account import confirmation, demo
from couples.account.events import source
from couples.account.sessions import DEVICE
from couples.mail.outbox import Kind, OutgoingMail
from couples.models import Session, Submission, User
from couples.names import NameField
from couples.web import limits
from couples.web.logs import note
from couples.web.once import token_of

EVERYWHERE = "login_failed_everywhere"
# What is worth a mail to whoever did not do it, of all that allauth tells.
SESSIONS_ENDED = "account/email/sessions_ended"
CHANGED = (
    "account/email/email_changed",
    "account/email/password_changed",
    "account/email/password_reset",
    "account/email/password_set",
    SESSIONS_ENDED,
)


def _login(credentials: dict[str, Any]) -> str:
    return str(credentials.get("email", "")).lower()


def on_base_url(url: str) -> str:
    base = urlsplit(settings.BASE_URL)
    return urlsplit(url)._replace(scheme=base.scheme, netloc=base.netloc).geturl()


class SignupForm(AllauthSignupForm):
    name = NameField(
        label=_("Your name, as your partner says it"),
        widget=forms.TextInput(attrs={"autocomplete": "given-name"}),
    )
    field_order = ("name", "email", "password1")

    def validate_unique_email(self, value: str) -> str:
        """That it waits to become the address of some account keeps nobody from it."""
        if User.objects.by_address(value) is None:
            return value
        email: str = super().validate_unique_email(value)
        return email

    def try_save(self, request: HttpRequest) -> tuple[User | None, HttpResponse | None]:
        if self.account_already_exists:
            # It takes as long as making one, or that would tell.
            make_password(self.cleaned_data["password1"])
        made: tuple[User | None, HttpResponse | None] = super().try_save(request)
        return made


class OurWords:
    """What allauth's fields are called here."""

    LABELS: ClassVar[dict[str, Any]] = {
        "oldpassword": _("Your password until now"),
        "password1": _("The new one"),
        "password2": _("The new one, once more"),
        "code": _("The code"),
        "remember": _("Stay signed in on this device"),
    }
    fields: dict[str, forms.Field]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, label in self.LABELS.items():
            if field := self.fields.get(name):
                field.label = label
                field.widget.attrs.pop("placeholder", None)
        if remember := self.fields.get("remember"):
            remember.help_text = _(
                "For 90 days, or until it is unused for 30. Otherwise until the browser closes or"
                " four hours pass unused, and no longer than a day."
            )


class ChangePasswordForm(OurWords, AllauthChangePasswordForm):
    """For who is signed in and has a password: asks for the old one first."""


class SetPasswordForm(OurWords, AllauthSetPasswordForm):
    """For who signs in by code alone so far: there is no old one to ask for."""


class OwnPasswordForm(OurWords, forms.Form):
    """Beside the confirmation of an address, for an account that was nobody's until then."""

    password1 = PasswordField(
        required=False,
        autocomplete="new-password",
        help_text=_(
            "A password from before no longer works, whoever chose it. Type the one that you want,"
            " or none: then a code in your mail leads in."
        ),
    )

    def __init__(self, person: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.person = person
        self.fields["password1"].label = _("Your password from now on")

    def clean_password1(self) -> str:
        password: str = self.cleaned_data["password1"]
        return password and get_adapter().clean_password(password, user=self.person)


class ResetPasswordForm(AllauthResetPasswordForm):
    """Asking for the link in the mail."""

    def clean_email(self) -> str:
        email: str = super().clean_email().lower()
        person = User.objects.by_address(email)
        self.users = [person] if person is not None and person.is_active else []
        return email


class ResetPasswordKeyForm(OurWords, AllauthResetPasswordKeyForm):
    """Choosing another one, from the link in the mail; whoever has that has the mailbox, too."""

    user: User

    def save(self) -> None:
        address = confirmation.own_address(self.user)
        if address.verified:
            super().save()
        else:
            password = self.cleaned_data["password1"]
            confirmation.confirm(allauth_context.request, address, password)


class RequestLoginCodeForm(AllauthRequestLoginCodeForm):
    """Asking for a code in the mail."""

    def clean_email(self) -> str:
        email: str = super().clean_email().lower()
        person = User.objects.by_address(email)
        self._user = person if person is not None and person.is_active else None
        return email


class AddEmailForm(AllauthAddEmailForm):
    """Asking for another address. The one until now stays what it is, confirmed or not."""

    user: User

    def clean_email(self) -> str:
        email: str = self.cleaned_data["email"].lower()
        if email == self.user.email.lower():
            raise get_adapter().validation_error("same_as_current")
        return email

    def save(self, request: HttpRequest) -> EmailAddress:
        with transaction.atomic():
            self.user.lock()
            own = confirmation.own_address(self.user)
            EmailAddress.objects.filter(user=self.user).exclude(pk=own.pk).delete()
            email = self.cleaned_data["email"]
            address: EmailAddress = EmailAddress.objects.create(user=self.user, email=email)
        flows.email_verification.send_verification_email_to_address(request, address)
        return address


class LoginForm(OurWords, AllauthLoginForm):
    """Signing in with a password."""


class ConfirmLoginCodeForm(OurWords, AllauthConfirmLoginCodeForm):
    """Signing in with the code from the mail."""

    remember = forms.BooleanField(required=False)


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
            "That did not work several times in a row. Have a code sent to you instead, or wait a"
            " few minutes."
        ),
        "unknown_email": _("There is no account with this address."),
        "unverified_primary_email": _("Confirm your address first: the link is in your mail."),
    }

    def save_user(
        self, request: HttpRequest, user: User, form: forms.Form, commit: bool = True
    ) -> User:
        user.name = form.cleaned_data["name"]
        # The password is hashed before the database is held: that takes half a second.
        new: User = super().save_user(request, user, form, commit=False)
        if commit:
            with transaction.atomic():
                new.save()
                if token := token_of(request):
                    Submission.claim(new, token)
        return new

    def login(self, request: HttpRequest, user: User) -> None:
        super().login(request, user)
        # For the page that lists where one is signed in, and for nobody else.
        agent = self.get_http_user_agent(request)[:200]
        request.session[DEVICE] = {"agent": agent, "ip": self.get_client_ip(request)}

    def set_password(self, user: User, password: str) -> None:
        """Every browser is signed out; the one that asked goes on under a new key."""
        super().set_password(user, password)
        Session.objects.of(user).delete()

    def can_delete_email(self, email_address: EmailAddress) -> bool:
        return confirmation.is_change(email_address)

    def confirm_email(self, request: HttpRequest, email_address: EmailAddress) -> bool:
        return confirmation.confirm(request, email_address)

    def pre_login(self, request: HttpRequest, user: User, **how: Any) -> HttpResponse | None:
        """By whatever means somebody signs in."""
        if demo.is_closed(user):
            closed: HttpResponse = self.respond_user_inactive(request, user)
            return closed
        answer: HttpResponse | None = super().pre_login(request, user, **how)
        return answer

    # A stranger who guesses locks out whoever is where the stranger is, and nobody else. From
    # everywhere together there is an end to guessing, too; a code in the mail leads in even then.

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        """In allauth without where it comes from, and with whatever the request calls us."""
        return f"{_login(credentials)} from {get_ip(request)}"

    def _delete_login_attempts_cached_email(self, request: HttpRequest, **credentials: Any) -> None:
        super()._delete_login_attempts_cached_email(request, **credentials)
        ratelimit.clear(request, action=EVERYWHERE, key=_login(credentials))

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        if not limits.allows(request, EVERYWHERE, _login(credentials), only_ask=True):
            raise self.validation_error("too_many_login_attempts")
        super().pre_authenticate(request, **credentials)

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        limits.allows(request, EVERYWHERE, _login(credentials))

    def validation_error(self, code: str, *words: Any) -> ValidationError:
        if code in ("too_many_login_attempts", "rate_limited"):
            note("limit reached", what="sign-in", source=source(allauth_context.request))
        error: ValidationError = super().validation_error(code, *words)
        return error

    def get_signup_redirect_url(self, request: HttpRequest) -> str:
        return reverse("couples:begin")

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Into the outbox, with links to where people know us, whatever the request called us.
        No address is sent more in an hour than anybody needs, whoever asks for it."""
        if not limits.allows(allauth_context.request, "mail", email.lower()):
            return
        links = {key: on_base_url(url) for key, url in context.items() if key.endswith("_url")}
        mail = self.render_mail(template_prefix, email, context | links)
        kind = Kind.CODE if template_prefix.endswith("_code") else Kind.ACCOUNT
        OutgoingMail.put(kind, email, mail.subject, str(mail.body))

    def send_notification_mail(
        self,
        template_prefix: str,
        user: User,
        context: dict[str, Any] | None = None,
        email: str | None = None,
    ) -> None:
        """That something changed about how one signs in: one mail for all, to the address that
        held until then. It says what can be done, and not what it was, or from where."""
        if template_prefix not in CHANGED:
            return
        links = {"reset_url": on_base_url(reverse("account_reset_password"))}
        links["sessions_url"] = on_base_url(reverse("usersessions_list"))
        self.send_mail("account/email/changed", email or user.email, links)

    def populate_username(self, request: HttpRequest, user: User) -> None:
        """There are no usernames here."""
