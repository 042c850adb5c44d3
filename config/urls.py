from django.urls import include, path

from couples.account.signup import signup

handler400 = "couples.unsaved_input.not_read"

handler404 = "couples.unsaved_input.nothing_here"
handler429 = "couples.unsaved_input.too_often"  # asked for by allauth
handler500 = "couples.unsaved_input.broken"
urlpatterns = [
    path("", include("couples.urls")),
    path("", include("principles.urls")),
    path("letters/", include("letters.urls")),
    path("account/signup/", signup, name="account_signup"),
    path("account/", include("allauth.urls")),
]
