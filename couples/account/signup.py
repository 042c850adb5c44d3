"""Making an account, with allauth; sent twice, the form makes one, and whoever sent it is in."""

from allauth.account import views
from allauth.account.internal import flows
from allauth.account.models import Login
from allauth.account.utils import get_next_redirect_url
from django.db import IntegrityError
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.debug import sensitive_post_parameters

from couples.models import Submission, User
from couples.web.once import token_of


@sensitive_post_parameters("password1")
def signup(request: HttpRequest) -> HttpResponse:
    if person := _made_by(request):
        return _sign_in(request, person)
    try:
        answer: HttpResponse | None = views.signup(request)
    except IntegrityError:
        answer = None
    # The other press was quicker; or somebody else with this address, which the form says.
    if (answer is None or answer.status_code == 200) and (person := _made_by(request)):
        return _sign_in(request, person)
    return answer or views.signup(request)


def _made_by(request: HttpRequest) -> User | None:
    """Who was made by this very form, where the password is theirs, too."""
    token = token_of(request)
    if not token or request.user.is_authenticated:
        return None
    sent = Submission.objects.filter(
        token=token, person__email__iexact=request.POST.get("email", "").strip()
    )
    made = sent.select_related("person").first()
    if made is None or not made.person.check_password(request.POST.get("password1", "")):
        return None
    return made.person


def _sign_in(request: HttpRequest, person: User) -> HttpResponse:
    place = get_next_redirect_url(request) or reverse("couples:begin")
    login = Login(user=person, redirect_url=place, email=person.email)
    answer: HttpResponse = flows.login.perform_password_login(
        request, {"email": person.email}, login
    )
    return answer
