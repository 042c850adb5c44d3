from django.urls import include, path

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
    path("account/", include("allauth.urls")),
]
