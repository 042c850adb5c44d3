"""Pages of allauth where ours differ in what they do, not only in their words."""

from typing import Any

from allauth.account import views
from allauth.account.adapter import get_adapter
from allauth.account.decorators import reauthentication_required
from allauth.account.internal import flows, stagekit
from allauth.account.models import EmailAddress
from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from couples.account import confirmation
from couples.account.forms import SESSIONS_ENDED, OwnPasswordForm
from couples.account.sessions import DEVICE, SessionStore
from couples.models import Session, User
from couples.web.decorators import UserRequest, user_required


class ConfirmEmailView(views.ConfirmEmailView):
    """The page of the link in the mail."""

    object: Any

    @property
    def address(self) -> EmailAddress:
        return self.object.email_address

    @property
    def is_open(self) -> bool:
        """A change is for whoever is signed in there: a click of whoever reads that mail gives
        nobody else's account their address."""
        return not confirmation.is_change(self.address) or (
            self.request.user.pk == self.address.user_id
        )

    def logout_other_user(self, confirmation: Any) -> None:
        """Only what was confirmed signs anybody out; looking at the page does not."""
        if self.request.method == "POST":
            super().logout_other_user(confirmation)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        if self.object:
            context["can_confirm"] = not confirmation.is_taken(self.address)
            context["is_open"] = self.is_open
            context["form"] = kwargs.get("form") or self._form()
        return context

    def _form(self) -> OwnPasswordForm | None:
        """Where the password ends, the next one can be chosen."""
        person = self.address.user
        sent = self.request.POST if self.request.method == "POST" else None
        return OwnPasswordForm(person, sent) if confirmation.is_unclaimed(person) else None

    def post(self, *args: Any, **kwargs: Any) -> HttpResponse:
        self.object = self.get_object()
        form = self._form()
        if confirmation.is_taken(self.address):
            return self._page(409)
        if not self.is_open:
            return self._page(403)
        if form is not None and not form.is_valid():
            return self._page(422, form=form)
        password = form.cleaned_data["password1"] if form is not None else ""
        if not confirmation.confirm(self.request, self.address, password):
            return self._page(409)
        answer: HttpResponse | None = flows.email_verification.login_on_verification(
            self.request, self.address
        )
        if answer is not None:
            return answer
        self.logout_other_user(self.object)
        done: HttpResponse = self.respond(True)
        return done

    def _page(self, status: int, **context: Any) -> HttpResponse:
        context = self.get_context_data(**context)
        page: HttpResponse = self.render_to_response(context, status=status)
        return page


confirm_email = sensitive_post_parameters("password1")(ConfirmEmailView.as_view())


class ConfirmLoginCodeView(views.ConfirmLoginCodeView):
    """The page that asks for the code in the mail; whoever has it has the mailbox, too."""

    def _verify_form_valid(self, form: forms.Form) -> HttpResponse:
        person: User = self._process.user
        if not self._confirmed(person):
            stagekit.clear_login(self.request)
            words = get_adapter().error_messages["invalid_login"]
            messages.error(self.request, words)
            return redirect("account_login")
        # It may have another password by now.
        person.refresh_from_db()
        answer: HttpResponse = super()._verify_form_valid(form)
        stays = form.cleaned_data["remember"]
        self.request.session.set_expiry(settings.SESSION_COOKIE_AGE if stays else 0)
        return answer

    def _confirmed(self, person: User) -> bool:
        if self._process.state["email"].lower() != person.email.lower():
            return False
        address = confirmation.own_address(person)
        return address.verified or confirmation.confirm(self.request, address)


_stage_required = views.login_stage_required(
    stage=views.LoginByCodeStage.key, redirect_urlname="account_request_login_code"
)
confirm_login_code = _stage_required(ConfirmLoginCodeView.as_view())


class EmailView(views.EmailView):
    """Asking for another address, which takes the place of this one once it is confirmed."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        own = confirmation.own_address(self.request.user)
        waiting = EmailAddress.objects.filter(user=self.request.user).exclude(pk=own.pk)
        return context | {"current_emailaddress": own, "new_emailaddress": waiting.first()}

    def _action_primary(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        """There is one address here, and confirming is the one way to it."""


email = EmailView.as_view()


class LogoutView(views.LogoutView):
    """The browser forgets with us what it kept of ours: pages to go back to, and what our scripts
    put aside for the next page. Not its cookies: those of everything else under this domain would
    go with them, and ours opens nothing any more."""

    def post(self, *args: Any, **kwargs: Any) -> HttpResponse:
        answer: HttpResponse = super().post(*args, **kwargs)
        answer["Clear-Site-Data"] = '"cache", "storage"'
        return answer


logout = LogoutView.as_view()


@require_http_methods(["GET", "POST"])
@user_required
@reauthentication_required(allow_get=True)  # type: ignore[untyped-decorator]  # allauth has no types
def sessions(request: UserRequest) -> HttpResponse:
    """Every browser that is signed in; one of the others is ended, or all of them. What it had open
    closes within a second: see couples/realtime/socket_auth.py."""
    this = Session.objects.by_key(request.session.session_key or "").get().pk
    mine = Session.objects.of(request.user).open()
    if request.method == "POST":
        others = mine.exclude(pk=this)
        which = request.POST.get("session")
        ended, _rows = (others.filter(pk=which) if which else others).delete()
        if ended:
            get_adapter().send_notification_mail(SESSIONS_ENDED, request.user)
        messages.success(
            request,
            _("That browser is signed out.") if which else _("Every other browser is signed out."),
        )
        return redirect("usersessions_list")
    decode = SessionStore().decode
    listed = [
        {"row": row, "is_this": row.pk == this, "device": decode(row.data).get(DEVICE)}
        for row in mine.order_by("-began_at")
    ]
    return render(request, "usersessions/usersession_list.html", {"sessions": listed})
