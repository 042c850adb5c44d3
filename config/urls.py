from django.urls import include, path, re_path

from couples.account import views as account
from couples.account.signup import signup

handler400 = "couples.web.error_pages.not_read"

handler404 = "couples.web.error_pages.nothing_here"
handler429 = "couples.web.error_pages.too_often"  # asked for by allauth
handler500 = "couples.web.error_pages.broken"
urlpatterns = [
    path("", include("couples.urls")),
    path("", include("principles.urls")),
    path("letters/", include("letters.urls")),
    path("account/signup/", signup, name="account_signup"),
    path("account/email/", account.email, name="account_email"),
    re_path(
        r"^account/confirm-email/(?P<key>[-:\w]+)/$",
        account.confirm_email,
        name="account_confirm_email",
    ),
    path(
        "account/login/code/confirm/", account.confirm_login_code, name="account_confirm_login_code"
    ),
    path("account/logout/", account.logout, name="account_logout"),
    path("account/sessions/", account.sessions, name="usersessions_list"),
    path("account/", include("allauth.urls")),
]
